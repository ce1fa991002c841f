"""Searching and answering by tags, as Search-R1 and verl-agent do: `<search>`, `<answer>`, `<information>`.

Rules and wording follow `search_r1/llm_agent/generation.py` of github.com/PeterGriffinJin/Search-R1 (Jin et
al., 2025, arXiv 2503.09516); the blank lines around its texts, which join them to a prompt, are left out.
"""

from __future__ import annotations

from collections.abc import Iterable

INVALID = (
    "My previous action is invalid. "
    "If I want to search, I should put the query between <search> and </search>. "
    "If I want to give the final answer, I should put the answer between <answer> and </answer>. "
    "Let me try again."
)
"""What is answered to an action without a complete block."""


def parse(action: str) -> tuple[str, str] | None:
    """The first complete block, as its tag ("search" or "answer") and its stripped content; None without one.

    Text around it is ignored, so a model may reason before it acts.
    """
    found: list[tuple[int, str, str]] = []
    for tag in ("search", "answer"):
        start = action.find(f"<{tag}>")
        end = action.find(f"</{tag}>", start)
        if 0 <= start < end:
            found.append((start, tag, action[start + len(tag) + 2 : end].strip()))
    return min(found)[1:] if found else None


def information(documents: Iterable[tuple[str, str]]) -> str:
    """Documents, as title and text, the way a search answers with them."""
    lines = (f"Doc {n}(Title: {title}) {text}\n" for n, (title, text) in enumerate(documents, start=1))
    return f"<information>{''.join(lines).strip()}</information>"

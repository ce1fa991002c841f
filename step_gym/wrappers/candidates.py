"""Candidate actions: a finite list to choose from at every step, also where the action set is open.

Random agents, the tiny policy and the numeric view act over `info["candidate_actions"]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from typing import Any

import gymnasium

from step_gym.envs.core import Snapshot, malformed_reason

MAX_CANDIDATES = 256
"""Default and largest number of candidate actions."""
PAGE_CHARS = 4_096
"""How much of an observation's text the general builder reads, in characters."""
MAX_NGRAM = 3
"""Longest word n-gram that becomes a query."""

_WORD = re.compile(r"[^\W_]+(?:['’.,-][^\W_]+)*")
_QUOTED = re.compile(r"\"([^\"\n]{0,80})\"|“([^”\n]{0,80})”|(?<!\w)'([^'\n]{0,80})'(?!\w)")
_STOP_WORDS = frozenset(
    """
    a an and any are as at be but by can did do does for from had has have he her his how i if in
    into is it its me my no nor not of on or our she should so than that the their them then there
    these they this those to under was we were what when where which who whom whose why will with
    would you your
    """.split()  # noqa: SIM905
)


class CandidateActions(gymnasium.Wrapper[Any, Any, Any, Any], gymnasium.utils.RecordConstructorArgs):
    """Adds a list of executable actions, `info["candidate_actions"]`, and `info["candidate_actions_cut"]`.

    - Where `info["admissible_actions"]` is present, the candidates are these, in the same order.
    - Otherwise, without `templates`, they come from the world's own `candidate_actions(observation, info)`.
    - Otherwise they are phrases of instruction and page, set into `templates` (see `template_actions`).

    They depend on nothing but observation and info. Actions beyond `limit` are cut from the end; how many
    these were is `info["candidate_actions_cut"]`.

    Args:
        env: An environment of this suite.
        limit: Largest number of candidates, 1 to 256.
        templates: Texts with one `{}` for the phrase, for example `("search[{}]", "finish[{}]")`.

    Raises:
        ValueError: For a limit or template out of range; at reset, for a world with an open action set and no
            builder of its own if no templates are given.
    """

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        limit: int = MAX_CANDIDATES,
        templates: Sequence[str] | None = None,
    ) -> None:
        if isinstance(templates, str):
            raise ValueError(f"templates={templates!r}: pass a list of texts, not one text")
        templates = None if templates is None else list(templates)
        gymnasium.utils.RecordConstructorArgs.__init__(self, limit=limit, templates=templates)
        gymnasium.Wrapper.__init__(self, env)
        if not isinstance(limit, int) or not 1 <= limit <= MAX_CANDIDATES:
            raise ValueError(f"limit={limit!r}: must be a whole number from 1 to {MAX_CANDIDATES}")
        for template in templates or ():
            if template.count("{}") != 1:
                raise ValueError(f"template {template!r}: needs exactly one {{}} where the phrase goes")
        self.limit, self.templates = limit, templates

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin an episode."""
        observation, info = self.env.reset(seed=seed, options=options)
        return observation, self._with_candidates(observation, info)

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Take one action."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        return observation, reward, terminated, truncated, self._with_candidates(observation, info)

    def restore(self, snapshot: Snapshot) -> tuple[Any, dict[str, Any]]:
        """Go back to a snapshot of the environment inside; see `TaskEnv.restore`."""
        observation, info = self.env.get_wrapper_attr("restore")(snapshot)
        return observation, self._with_candidates(observation, info)

    def _with_candidates(self, observation: Mapping[str, Any], info: dict[str, Any]) -> dict[str, Any]:
        failed = info.get("status") == "env_error"
        kept, cut = first_distinct(() if failed else self._candidates(observation, info), self.limit)
        return {**info, "candidate_actions": kept, "candidate_actions_cut": cut}

    def _candidates(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> Iterable[str]:
        if "admissible_actions" in info:
            return info["admissible_actions"]
        if self.templates is not None:
            return template_actions(observation["instruction"], observation["text"], self.templates)
        own = self.unwrapped.candidate_actions(observation, info)  # pyright: ignore[reportAttributeAccessIssue]
        if own is None:
            raise ValueError(
                f"{type(self.unwrapped).__name__} has an open action set and no candidates of its own: "
                "pass templates, for example templates=('search[{}]', 'finish[{}]')"
            )
        return own


def first_distinct(actions: Iterable[str], limit: int) -> tuple[list[str], int]:
    """The first `limit` distinct actions, and how many further distinct ones were cut."""
    distinct = list(dict.fromkeys(actions))
    return distinct[:limit], max(0, len(distinct) - limit)


def template_actions(instruction: str, page: str, templates: Sequence[str]) -> Iterator[str]:
    """Every template filled with every phrase, phrase by phrase, without repeating a phrase.

    Phrases are what the instruction quotes, its entities and n-grams, then the page's entities and n-grams;
    the sources take turns, so that a long page does not crowd out the others.

    Args:
        instruction: What is asked.
        page: What is shown; its first `PAGE_CHARS` characters are read.
        templates: Texts with one `{}`.
    """
    page = page[:PAGE_CHARS]
    sources = (quoted(instruction), entities(instruction), ngrams(instruction), entities(page), ngrams(page))
    for phrase in dict.fromkeys(phrase for phrase in chain.from_iterable(zip_longest(*sources)) if phrase):
        for template in templates:
            action = template.replace("{}", phrase)
            if malformed_reason(action) is None:
                yield action


def quoted(text: str) -> Iterator[str]:
    """What stands in quotation marks, in order, without the marks."""
    for match in _QUOTED.finditer(text):
        phrase = next(group for group in match.groups() if group is not None).strip()
        if phrase:
            yield phrase


def entities(text: str) -> Iterator[str]:
    """Capitalised spans in order; numbers may follow, small words may stand between.

    "Which river flows through the Duchy of Savoy?" gives "Duchy of Savoy".
    """
    for run in _runs(text):
        span: list[str] = []
        for word in [*run, ""]:
            small = word.lower() in _STOP_WORDS
            if word[:1].isupper() and not small or span and (small or word[:1].isdigit()):
                span.append(word)
            elif span:
                while span[-1].lower() in _STOP_WORDS:
                    span.pop()
                yield " ".join(span)
                span = []


def ngrams(text: str) -> Iterator[str]:
    """Runs of up to `MAX_NGRAM` words with no stop word at either end, in order, longest first."""
    for run in _runs(text):
        stop = [word.lower() in _STOP_WORDS for word in run]
        for start in range(len(run)):
            for end in range(min(len(run), start + MAX_NGRAM), start, -1):
                if not stop[start] and not stop[end - 1]:
                    yield " ".join(run[start:end])


def _runs(text: str) -> Iterator[list[str]]:
    """Words of the text, as runs that only spaces separate."""
    run: list[str] = []
    end = 0
    for match in _WORD.finditer(text):
        if run and text[end : match.start()].strip(" "):
            yield run
            run = []
        run.append(match[0])
        end = match.end()
    if run:
        yield run

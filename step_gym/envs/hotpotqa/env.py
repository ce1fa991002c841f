"""STEP-HotpotQA-v0: the Gymnasium face of multi-hop questions over an encyclopaedia, in two interfaces."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from step_gym.envs.core import Task, TaskEnv, View, digest, unknown_name_error
from step_gym.envs.hotpotqa import tags, wiki
from step_gym.envs.hotpotqa.candidates import react_candidates, search_candidates
from step_gym.envs.hotpotqa.encyclopaedia import encyclopaedia
from step_gym.envs.hotpotqa.files import read_questions
from step_gym.envs.hotpotqa.metrics import exact_match, f1
from step_gym.envs.hotpotqa.service import SearchService
from step_gym.envs.hotpotqa.tasks import MAX_STEPS, generated_tasks
from step_gym.envs.hotpotqa.wiki import Reading

INTERFACES = tuple(MAX_STEPS)

_SHOWN_ACTION_CHARS = 80


class HotpotqaEnv(TaskEnv):
    """A question that takes two or more pages to answer, and an encyclopaedia to find them in.

    With `interface="react"` the actions are those of ReAct's Wikipedia: `search[entity]` opens a page and
    shows its first five sentences, `lookup[string]` shows the next sentence of the page with that string,
    `finish[answer]` ends the episode, `think[thought]` does nothing. With `interface="search"` they are those
    of Search-R1: `<search>query</search>` shows the best `k` passages, `<answer>answer</answer>` ends the
    episode; text around the first complete block is ignored. Anything else costs a step and changes nothing.

    The score is 1 if the answer matches the gold answer exactly once both are normalised, else 0. When an
    answer was given, info also has `em`, `f1`, `answer` and `gt_answer`. Always it has `pages`, the list of
    titles that were opened or, by a search, shown so far; "react" also has `page`, the title of the open page
    or "".

    Args:
        split: Where a reset without options draws its task: "train", "validation", "test", or a split of
            `data`; None for all.
        interface: "react" or "search".
        data: HotpotQA's questions to be asked instead of generated ones, over the paragraphs they come with:
            a file or a folder of files, see `files.read_questions`.
        search_url: Address of a retrieval service that answers the searches instead of the local corpus, such
            as "http://127.0.0.1:8000/retrieve"; for `interface="search"`. `data` then needs no paragraphs.
        search_timeout: Seconds that one request to the service may take.
        k: Passages that a search shows.
        corpus_seed: Seed of the generated encyclopaedia and its questions.
        max_steps: Step budget; None for the interface's own, 7 in ReAct's script and 4 in verl-agent.
        render_mode: "ansi" or None.

    Raises:
        ValueError: For an unknown split, interface or render mode, for a number out of range, for a
            `search_url` without the search interface, and for `data` that cannot be used.
    """

    supports_snapshot = True

    def __init__(
        self,
        split: str | None = None,
        interface: str = "react",
        data: str | os.PathLike[str] | None = None,
        search_url: str | None = None,
        search_timeout: float = 10.0,
        k: int = 3,
        corpus_seed: int = 0,
        max_steps: int | None = None,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(default_split=split, render_mode=render_mode)
        if interface not in INTERFACES:
            raise unknown_name_error("interface", interface, INTERFACES)
        if search_url is not None and interface != "search":
            raise ValueError(f'search_url={search_url!r}: a search service needs interface="search"')
        if max_steps is None:
            max_steps = MAX_STEPS[interface]
        if max_steps < 1 or k < 1:
            raise ValueError(f"max_steps={max_steps}, k={k}: both must be at least 1")
        self.interface, self.k = interface, k
        self._service = None if search_url is None else SearchService(search_url, search_timeout)
        if data is None:
            self.tasks = generated_tasks(interface, max_steps, corpus_seed, k)
            self._corpus = encyclopaedia(corpus_seed).corpus
        else:
            self.tasks, self._corpus = read_questions(data, max_steps, needs_context=search_url is None)
        if split is not None:
            self.tasks.split(split)
        self._reading = Reading()

    # -- TaskEnv ---------------------------------------------------------------------------------------------

    def _begin(self, task: Task) -> View:
        self._reading = Reading()
        return self._view_of(f"Question: {task.instruction}")

    def _act(self, action: str) -> View:
        return self._act_react(action.strip()) if self.interface == "react" else self._act_search(action)

    def _act_react(self, action: str) -> View:
        for verb in ("search", "lookup", "finish", "think"):
            if action.startswith(verb + "[") and action.endswith("]"):
                break
        else:
            return self._invalid(f"Invalid action: {action}", action)
        argument = action[len(verb) + 1 : -1]
        if verb == "finish":
            score = self._score_of(argument)
            return self._answered(f"Episode finished, reward = {int(score)}\n", argument, score)
        if verb == "think":
            return self._view_of("Nice thought.")
        act = wiki.search if verb == "search" else wiki.lookup
        text, self._reading = act(self._corpus, self._reading, argument)
        return self._view_of(text)

    def _act_search(self, action: str) -> View:
        block = tags.parse(action)
        if block is None:
            return self._invalid(tags.INVALID, action)
        tag, content = block
        if tag == "answer":
            return self._answered("", content, self._score_of(content))
        if self._service is not None:
            documents = self._service.search(content, self.k)
        else:
            pages = self._corpus.search(content, self.k)
            documents = [(page.title, page.text.replace("\n", " ")) for page in pages]
        opened = dict.fromkeys((*self._reading.opened, *(title for title, _ in documents)))
        text = tags.information(documents)
        self._reading = Reading(opened=tuple(opened), miss=text)
        return self._view_of(text)

    def _score_of(self, answer: str) -> float:
        assert self._task is not None
        return float(exact_match(answer, self._task.params["answer"]))

    def _answered(self, text: str, answer: str, score: float) -> View:
        assert self._task is not None
        gold = self._task.params["answer"]
        view = self._view_of(text, score=score)
        extra = {"em": score, "f1": f1(answer, gold), "answer": answer, "gt_answer": gold}
        return replace(view, state_key=digest(view.state_key, answer), extra={**(view.extra or {}), **extra})

    def _view_of(self, text: str, error: str | None = None, score: float | None = None) -> View:
        assert self._task is not None
        reading = self._reading
        key = digest(
            self._task.id,
            reading.title,
            *sorted(reading.opened),
            repr(reading.keyword),
            str(reading.results),
            reading.miss,
        )
        extra: dict[str, Any] = {"pages": list(reading.opened)}
        if self.interface == "react":
            extra["page"] = reading.title
        return View(text, key, action_error=error, score=score, extra=extra)

    def _invalid(self, text: str, action: str) -> View:
        shown = action if len(action) <= _SHOWN_ACTION_CHARS else action[:_SHOWN_ACTION_CHARS] + "..."
        form = "search[...], lookup[...] or finish[...]" if self.interface == "react" else "a complete block"
        return self._view_of(text, f"{shown!r} is not {form}")

    def _rejected(self, reason: str) -> View:
        return self._view_of("Invalid action: " if self.interface == "react" else tags.INVALID, reason)

    def candidate_actions(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> Iterable[str]:
        """Searches, lookups and answers made of the question, the text and `info["pages"]`; at most 256."""
        candidates = react_candidates if self.interface == "react" else search_candidates
        return candidates(observation["instruction"], observation["text"], info.get("pages", ()))

    def _save(self) -> Reading:
        return self._reading

    def _load(self, task: Task, state: Any) -> None:
        self._reading = state

    def close(self) -> None:
        """Close the connection to the search service, if there is one."""
        if self._service is not None:
            self._service.close()

"""The generated task set: questions about the embedded encyclopaedia, in three splits."""

from __future__ import annotations

from functools import partial

from step_gym.envs.core import NumberedIds, Task, TaskSet
from step_gym.envs.hotpotqa.encyclopaedia import Encyclopaedia, encyclopaedia
from step_gym.envs.hotpotqa.questions import SPLITS, Question, questions
from step_gym.envs.hotpotqa.wiki import SHOWN_SENTENCES

MAX_STEPS = {"react": 7, "search": 4}
"""Step budget by interface: ReAct's script and verl-agent's search environment."""


def generated_tasks(interface: str, max_steps: int, seed: int = 0, k: int = 3) -> TaskSet:
    """All generated tasks: `train-0` to `train-7999`, `validation-0` to `-499`, `test-0` to `-499`.

    Args:
        interface: "react" or "search"; decides the difficulty, nothing else.
        max_steps: Step budget of every task.
        seed: Seed of the encyclopaedia.
        k: Pages that a search returns.
    """
    ids = {
        split: NumberedIds(split, bridges + comparisons)
        for split, (_, bridges, comparisons) in SPLITS.items()
    }
    return TaskSet(ids, partial(_build, interface=interface, max_steps=max_steps, seed=seed, k=k))


def _build(task_id: str, split: str, interface: str, max_steps: int, seed: int, k: int) -> Task:
    question = questions(seed)[split][int(task_id.rpartition("-")[2])]
    world = encyclopaedia(seed)
    steps = _react_steps(question, world) if interface == "react" else _search_steps(question, world, k)
    return Task(
        id=task_id,
        instruction=question.text,
        split=split,
        difficulty=float(min(steps, max_steps)),
        max_steps=max_steps,
        params={
            "answer": question.answer,
            "type": question.type,
            "supporting_titles": [title for title, _ in question.hops],
        },
    )


def _react_steps(question: Question, world: Encyclopaedia) -> int:
    """One search a page, one lookup where the fact stands below what is shown, and the answer."""
    below = sum(world.articles[title].positions[fact] >= SHOWN_SENTENCES for title, fact in question.hops)
    return len(question.hops) + below + 1


def _search_steps(question: Question, world: Encyclopaedia, k: int) -> int:
    """Searches with which all pages are read, several by one query where it finds them, and the answer.

    What the question names comes first; the described page can only be searched once its name was read.
    """
    *named, described = (title for title, _ in question.hops)
    steps = []
    for names in (named, [title.partition(" (")[0] for title in named]):
        found = {page.title for page in world.corpus.search(" ".join(names), k)}
        searches = 1 if found.issuperset(named) else len(named)
        steps.append(searches + (described not in found) + 1)
    return min(steps)

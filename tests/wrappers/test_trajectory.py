from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from step_gym.wrappers import journal
from step_gym.wrappers.prompt import PromptHistory
from step_gym.wrappers.storage import (
    EPISODES,
    STEPS,
    check_version,
    conform,
    episodes_from,
    rebuild_prompt,
    shared_prefix,
    storable,
    to_json,
)
from step_gym.wrappers.tables import tables_of
from step_gym.wrappers.trajectory import SCHEMA_VERSION, EpisodeRecord, StepRecord
from tests.wrappers.record_samples import comparable, episode, episode_records, step, step_records


def through_tables(episodes: list[EpisodeRecord]) -> list[EpisodeRecord]:
    data = journal.file_header() + b"".join(map(journal.episode_frame, episodes))
    frames, problem = journal.read_frames(data, "journal")
    assert problem is None
    tables = tables_of(frames)
    assert tables["steps"].schema == STEPS and tables["episodes"].schema == EPISODES
    tables["steps"].validate(full=True)
    tables["episodes"].validate(full=True)
    return list(episodes_from(tables["episodes"], tables["steps"]))


@settings(deadline=None, max_examples=25)
@given(st.lists(episode_records(), min_size=1, max_size=3))
def test_arbitrary_episodes_come_back_exactly(episodes: list[EpisodeRecord]) -> None:
    assert comparable(through_tables(episodes)) == comparable(episodes)


@settings(deadline=None, max_examples=25)
@given(st.lists(step_records(True), max_size=4))
def test_a_row_in_memory_reads_like_a_row_on_disk(steps: list[StepRecord]) -> None:
    cells = journal.cells_of(steps)
    assert len(cells) == len(journal.ROW) * len(steps)
    images = [step.image for step in steps]
    for position, (record, original) in enumerate(zip(journal.records_of(cells, images), steps, strict=True)):
        original.step, original.candidate_group, original.source = position, None, "on_policy"
        assert comparable(record) == comparable(original)


class WordFormat:
    def task(self, instruction: str) -> list[int]:
        return [len(word) for word in instruction.split()]

    def observation(
        self, text: str, actions: Sequence[str] | None = None, picture: np.ndarray | None = None
    ) -> list[int]:
        return [100 + len(word) for word in text.split()]

    answer_mark = ()


@pytest.mark.parametrize("mode", ["append", "window"])
@settings(deadline=None, max_examples=25)
@given(words=st.lists(st.integers(1, 12), min_size=1, max_size=30), room=st.integers(8, 60))
def test_prompts_of_both_histories_are_exact(mode: Any, words: list[int], room: int) -> None:
    history = PromptHistory(WordFormat(), mode, window=2, max_tokens=room)
    prompt = history.begin("put a cup away", "x " * words[0])
    steps = []
    for index, count in enumerate(words):
        ids = np.array([count, 9], dtype=np.int32)
        logprobs = np.zeros(2, dtype=np.float32)
        steps.append(
            StepRecord(
                step=index,
                observation="",
                state_key="",
                action="",
                prompt_ids=prompt,
                action_ids=ids,
                logprobs=logprobs,
            )
        )
        prompt = history.advance(ids, "x " * count)
    read = through_tables([episode("e", steps)])
    for one, other in zip(read[0].steps, steps, strict=True):
        np.testing.assert_array_equal(one.prompt_ids, other.prompt_ids)


def columns(steps: list[StepRecord]) -> dict[str, list[Any]]:
    frames, _ = journal.read_frames(
        journal.file_header() + journal.episode_frame(episode("e", steps)), "journal"
    )
    table = tables_of(frames)["steps"]
    return {name: table[name].to_pylist() for name in ("prefix_segment", "prefix_len", "prompt_delta_ids")}


def test_an_extension_shares_all_and_a_rewritten_history_opens_a_segment() -> None:
    # Every action is the two tokens 7 and 8.
    prompts = [[1, 2], [1, 2, 7, 8, 3], [1, 2, 7, 8, 3, 7, 8], [1, 2, 9], [5], [5, 7, 8, 6]]
    found = columns([step(i, prompt) for i, prompt in enumerate(prompts)])
    assert found["prefix_segment"] == [0, 0, 0, 1, 2, 2]
    assert found["prefix_len"] == [0, 4, 7, 2, 0, 3]
    assert found["prompt_delta_ids"] == [[1, 2], [3], [], [9], [5], [6]]


def test_a_step_without_tokens_is_passed_over_by_the_prefix() -> None:
    found = columns([step(0, [1]), step(1), step(2, [1, 7, 8, 2])])
    assert found["prompt_delta_ids"] == [[1], None, [2]]
    assert found["prefix_len"] == [0, 0, 3] and found["prefix_segment"] == [0, 0, 0]


def test_candidates_share_with_each_other_and_not_with_the_episode() -> None:
    candidates = [step(1, [1, 2, 3], is_executed=False), step(1, [1, 2, 3], is_executed=False)]
    record = episode("e", steps=2, candidates=candidates)
    frames, _ = journal.read_frames(journal.file_header() + journal.episode_frame(record), "journal")
    table = tables_of(frames)["steps"]
    assert table["prefix_len"].to_pylist()[2:] == [0, 3]
    assert comparable(through_tables([record])) == comparable([record])


@given(st.lists(st.integers(0, 3)), st.lists(st.integers(0, 3)))
def test_shared_prefix_counts_equal_leading_tokens(first: list[int], second: list[int]) -> None:
    expected = 0
    while expected < min(len(first), len(second)) and first[expected] == second[expected]:
        expected += 1
    a, b = (np.array(ids, dtype=np.int32).tobytes() for ids in (first, second))
    assert shared_prefix(a, b) == expected


def test_a_prompt_without_its_predecessor_is_refused() -> None:
    with pytest.raises(ValueError, match="shares 3 tokens .* only 2"):
        rebuild_prompt(np.array([1, 2], dtype=np.int32), 3, np.array([4], dtype=np.int32))


def test_steps_of_another_episode_are_noticed() -> None:
    frames, _ = journal.read_frames(
        journal.file_header() + journal.episode_frame(episode("a")) + journal.episode_frame(episode("b")),
        "journal",
    )
    tables = tables_of(frames)
    with pytest.raises(ValueError, match="steps of episode b"):
        list(episodes_from(tables["episodes"].slice(1), tables["steps"]))


def test_a_newer_major_version_is_refused_and_a_newer_minor_is_not() -> None:
    major, minor = SCHEMA_VERSION.split(".")
    check_version(f"{major}.{int(minor) + 5}", "here")
    with pytest.raises(
        ValueError, match=rf"here: schema version {int(major) + 1}\.0 is newer than {SCHEMA_VERSION}"
    ):
        check_version(f"{int(major) + 1}.0", "here")
    with pytest.raises(ValueError, match="'x' is not of the form"):
        check_version("x", "here")


def test_columns_that_an_older_version_lacked_are_filled() -> None:
    schema = pa.schema(
        [pa.field("a", pa.int32(), nullable=False), ("b", pa.string()), ("c", pa.list_(pa.int32()))]
    )
    schema = schema.append(pa.field("d", pa.string(), nullable=False)).append(
        pa.field("e", pa.bool_(), nullable=False)
    )
    table = conform(pa.table({"a": [1, 2], "unknown": [3, 4]}), schema)
    assert table.to_pylist() == [{"a": i, "b": None, "c": None, "d": "", "e": False} for i in (1, 2)]


def test_a_value_that_no_column_holds_is_refused_when_it_is_added() -> None:
    with pytest.raises(ValueError, match="does not fit in 64 bits"):
        journal.episode_frame(episode("e", seed=2**63))
    with pytest.raises(ValueError):
        journal.episode_frame(episode("e", score="high"))


def test_values_of_derived_types_become_plain() -> None:
    row = journal.cells_of([step(0)])
    names = ("action", "admissible_actions", "reward", "policy_version", "terminated")
    values = (np.str_("q"), [np.str_("a"), np.str_("b")], np.float64(1.5), np.int64(3), np.bool_(True))
    for name, value in zip(names, values, strict=True):
        row[journal.ROW.index(name)] = value
    at_hand = journal.AtHand(row, None, "{}")
    data = journal.file_header() + journal.episode_frame(episode("e"), at_hand)
    (frame,), problem = journal.read_frames(data, "journal")
    assert problem is None
    read = [frame.column(name)[0] for name in names]
    assert read == ["q", ["a", "b"], 1.5, 3, True]
    assert [type(value) for value in read] == [str, list, float, int, bool]
    assert type(read[1][0]) is str


def test_a_value_that_is_not_plain_is_named() -> None:
    row = [*journal.cells_of([step(0)])[:-1], object()]
    with pytest.raises(TypeError, match="of type object cannot be recorded: plain values are needed"):
        journal.episode_frame(episode("e"), journal.AtHand(row, None, "{}"))


class Evil:
    def __reduce__(self) -> Any:
        return (print, ("looked up",))


def test_a_journal_never_looks_a_class_up() -> None:
    with pytest.raises(pickle.UnpicklingError, match="plain values only"):
        journal.unpickled(pickle.dumps((Evil(),)))
    with pytest.raises(pickle.UnpicklingError):
        journal.unpickled(pickle.dumps(np.float64(1.0)))


def frames_of(*records: EpisodeRecord) -> list[bytes]:
    return [journal.episode_frame(record) for record in records]


def names(data: bytes) -> tuple[list[str], str | None]:
    frames, problem = journal.read_frames(journal.file_header() + data, "journal")
    return [frame.meta["episode_id"] for frame in frames], problem


def test_a_frame_cut_short_is_dropped_without_complaint() -> None:
    first, second = frames_of(episode("a"), episode("b"))
    for cut in range(len(second)):
        assert names(first + second[:cut]) == (["a"], None)
    for cut in range(len(journal.file_header())):
        assert journal.read_frames(journal.file_header()[:cut], "journal") == ([], None)


def test_damage_in_the_middle_costs_only_what_it_hit() -> None:
    first, second, third = frames_of(episode("a"), episode("b"), episode("c"))
    broken = bytearray(second)
    broken[len(broken) // 2] ^= 0xFF
    kept, problem = names(first + bytes(broken) + third)
    assert kept == ["a", "c"] and problem == f"damaged at byte {len(journal.file_header()) + len(first)}"
    kept, problem = names(first + second[:40] + third)
    assert kept == ["a", "c"] and problem is not None
    assert names(first + b"\0" * 100)[0] == ["a"]


def test_entries_of_an_older_format_are_named() -> None:
    (entry,) = frames_of(episode("a"))
    older = b"SGj\x03" + entry[4:]
    assert entry[:3] == older[:3] and entry[3] > older[3]
    kept, problem = names(older)
    assert kept == [] and problem == f"damaged at byte {len(journal.file_header())}"


@given(st.binary(max_size=200))
def test_garbage_is_no_journal(data: bytes) -> None:
    assert journal.read_frames(data, "journal")[0] == []
    assert journal.read_frames(journal.file_header() + data, "journal")[0] == []


def test_texts_and_infos_that_cannot_be_stored_are_escaped() -> None:
    assert storable("a\ud800b") == "a\\ud800b" and storable("ä\0") == "ä\0"
    assert to_json({"a": np.float32(0.5), "b": {2, 1}, "c": np.arange(2), "d": np.zeros((99, 99))}) == (
        '{"a":0.5,"b":[1,2],"c":[0,1],"d":"array(99, 99) of float64"}'
    )
    assert to_json({(1, 2): 3}) == '{"repr":"{(1, 2): 3}"}'


@pytest.mark.parametrize(
    "texts", [[], [""], ["", ""], ["look", "go north"], ["a\0b", "c"], ["\0"], ["\ud800"], [np.str_("q")]]
)
def test_joined_texts_come_apart_as_they_were(texts: list[str]) -> None:
    assert journal.separate(journal.joined(texts)) == texts

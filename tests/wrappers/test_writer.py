from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from step_gym.envs.core import Task
from step_gym.envs.machine import png
from step_gym.wrappers import journal, shards, writer
from step_gym.wrappers.reader import read_run
from step_gym.wrappers.screens import Screen, ScreenEncoder, screen_path
from step_gym.wrappers.trajectory import EpisodeRecord
from step_gym.wrappers.writer import TrajectoryWriter
from tests.wrappers.record_samples import comparable, episode, episode_records, step

ROOT = Path(writer.__file__).parents[2]


def ids(folder: Path, **which: Any) -> list[str]:
    return [record.episode_id for record in read_run(folder).episodes(**which)]


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "journal").iterdir())


# -- what is written is read ---------------------------------------------------------------------------------


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(episodes=st.lists(episode_records(), min_size=1, max_size=4), shard_episodes=st.integers(3, 5))
def test_arbitrary_episodes_survive_the_disk(
    tmp_path_factory: Any, episodes: list[EpisodeRecord], shard_episodes: int
) -> None:
    folder = tmp_path_factory.mktemp("run")
    writer = TrajectoryWriter(folder, "run", worker="w", shard_episodes=99)
    for record in episodes:
        writer.add(record)
    assert comparable(list(read_run(folder).episodes())) == comparable(episodes)
    writer.close()
    assert comparable(list(read_run(folder).episodes())) == comparable(episodes)
    assert leftovers(folder) == []


def test_full_shards_are_written_by_another_process_and_the_last_by_close(tmp_path: Path) -> None:
    with TrajectoryWriter(tmp_path, "run", worker="w", shard_episodes=2) as writer:
        for index in range(5):
            writer.add(episode(f"e{index}"))
        assert ids(tmp_path) == [f"e{index}" for index in range(5)]
    assert ids(tmp_path) == [f"e{index}" for index in range(5)]
    for table in ("steps", "episodes"):
        assert sorted(path.name for path in (tmp_path / table).iterdir()) == [
            f"part-w-{i:06d}.parquet" for i in range(3)
        ]
    assert leftovers(tmp_path) == []


def test_flush_leaves_nothing_in_the_journal(tmp_path: Path) -> None:
    with TrajectoryWriter(tmp_path, "run", shard_episodes=3) as writer:
        for index in range(3):
            writer.add(episode(f"e{index}"))
        writer.flush()
        assert [name for name in leftovers(tmp_path) if name.endswith(".journal")] == []
        writer.add(episode("e3"))
        writer.flush()
        writer.flush()
    assert ids(tmp_path) == ["e0", "e1", "e2", "e3"]


def test_a_journal_is_written_into_room_made_ready_by_the_other_process(tmp_path: Path) -> None:
    spare = shards.spare_path(tmp_path, "w")
    with TrajectoryWriter(tmp_path, "run", worker="w", shard_episodes=2) as writer:
        for name in ("e0", "e1"):
            writer.add(episode(name))
        while not spare.exists():
            time.sleep(0.01)
        room = spare.stat()
        writer.add(episode("e2"))
        assert not spare.exists()
        journal_file = tmp_path / "journal" / "w-000001.journal"
        assert (journal_file.stat().st_ino, journal_file.stat().st_size) == (room.st_ino, room.st_size)
        assert ids(tmp_path) == ["e0", "e1", "e2"] and not read_run(tmp_path).damaged
        # More than there is room for makes the journal longer.
        writer.add(episode("e3", final_observation="x" * room.st_size))
        assert ids(tmp_path) == ["e0", "e1", "e2", "e3"]
    assert ids(tmp_path) == ["e0", "e1", "e2", "e3"] and leftovers(tmp_path) == []


def test_without_room_on_the_disk_no_spare_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, data: bytes) -> int:
        with open(self, "wb") as file:
            file.write(data[:1])
        raise OSError(28, "No space left on device")

    (tmp_path / "journal").mkdir()
    monkeypatch.setattr(Path, "write_bytes", full)
    shards.make_spare(tmp_path, "w", 100)
    assert leftovers(tmp_path) == []


def test_a_large_episode_closes_the_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("step_gym.wrappers.writer.SHARD_BYTES", 10_000)
    with TrajectoryWriter(tmp_path, "run") as writer:
        writer.add(episode("big", final_observation="x" * 20_000))
        writer.add(episode("small"))
    assert len(list((tmp_path / "steps").iterdir())) == 2


def test_tasks_are_stored_once(tmp_path: Path) -> None:
    task = Task("t-1", "put \ud800", "train", 3.0, 10, {"rooms": ("a", "b"), "n": 2})
    with TrajectoryWriter(tmp_path, "run") as writer:
        for _ in range(2):
            writer.add_task("Env-v0", task)
        assert writer.has_task("Env-v0", "t-1") and not writer.has_task("Env-v1", "t-1")
        assert read_run(tmp_path).tasks.keys() == {("Env-v0", "t-1")}
    assert pq.read_table(tmp_path / "tasks").num_rows == 1
    read = read_run(tmp_path).tasks["Env-v0", "t-1"]
    assert read == Task("t-1", "put \\ud800", "train", 3.0, 10, {"rooms": ["a", "b"], "n": 2})


def test_candidates_added_later_join_their_episode(tmp_path: Path) -> None:
    own = step(0, [1], is_executed=False, candidate_group="e0/0", source="augment")
    late = [step(1, [1, 2], is_executed=False), step(1, [1, 2], is_executed=False, source="replay")]
    with TrajectoryWriter(tmp_path, "run", shard_episodes=2) as writer:
        writer.add(episode("e0", candidates=[own]))
        writer.add_candidates("e0", late[:1])
        for index in range(1, 4):
            writer.add(episode(f"e{index}"))
        writer.add_candidates("e0", late[1:])
        with pytest.raises(ValueError, match="marked as executed"):
            writer.add_candidates("e0", [step(0)])
        expected = comparable([own, *late])
        assert comparable(next(read_run(tmp_path).episodes()).candidates) == expected
    first, *others = read_run(tmp_path).episodes()
    assert comparable(first.candidates) == expected
    assert [len(record.candidates) for record in others] == [0, 0, 0]
    with TrajectoryWriter(tmp_path, "run", attempt=1) as writer:
        writer.add_candidates("e0", late[:1])
    assert len(next(read_run(tmp_path).episodes()).candidates) == 3, "of another attempt"


def test_candidates_added_later_take_little_memory_until_their_episode_is_read(tmp_path: Path) -> None:
    prompt = list(range(20_000))
    with TrajectoryWriter(tmp_path, "run") as writer:
        writer.add(episode("e0"))
        writer.add_candidates("e0", [step(1, prompt, is_executed=False) for _ in range(50)])
    read_run(tmp_path)
    tracemalloc.start()
    try:
        run = read_run(tmp_path)
        assert tracemalloc.get_traced_memory()[0] < 1_000_000
    finally:
        tracemalloc.stop()
    (record,) = run.episodes()
    prompts = [candidate.prompt_ids for candidate in record.candidates]
    assert sum(ids.nbytes for ids in prompts if ids is not None) == 50 * 80_000


def test_what_follows_from_the_steps_is_in_the_episodes_table(tmp_path: Path) -> None:
    steps = [step(0, [1], reward=0.5), step(1, reward=0.25), step(2, [1, 2], policy_version=5)]
    with TrajectoryWriter(tmp_path, "run") as writer:
        writer.add(episode("a", steps))
        writer.add(episode("b", steps=0))
    rows = pq.read_table(tmp_path / "episodes").to_pylist()
    names = ("length", "candidates", "total_reward", "policy_version_min", "policy_version_max")
    assert [tuple(row[name] for name in names) for row in rows] == [
        (3, 0, 0.75, 3, 5),
        (0, 0, 0.0, None, None),
    ]


def test_superseded_episodes_are_left_out_unless_asked_for(tmp_path: Path) -> None:
    with TrajectoryWriter(tmp_path, "run") as writer:
        for number in range(4):
            writer.add(episode(f"run/{number}/0", round=number))
        writer.add(episode("outside"))
        writer.add(episode("other/2/0", round=2, run_id="other"))
    with TrajectoryWriter(tmp_path, "run", attempt=1) as writer:
        writer.mark_superseded(2, attempt=1)
        writer.add(episode("run/2/0", round=2, attempt=1))
    marks = tmp_path / "superseded.jsonl"
    marks.write_text(marks.read_text() + '{"run_id": "run", "from_rou')
    with TrajectoryWriter(tmp_path, "run", attempt=2) as writer:
        writer.mark_superseded(1, attempt=2)
    kept = ["run/0/0", "outside", "other/2/0"]
    assert sorted(ids(tmp_path)) == sorted(kept)
    every = list(read_run(tmp_path).episodes(include_superseded=True))
    assert len(every) == 7 and sum(record.superseded for record in every) == 4


# -- damage --------------------------------------------------------------------------------------------------


def two_shards(folder: Path) -> None:
    with TrajectoryWriter(folder, "run", worker="w") as writer:
        writer.add_task("Env-v0", Task("t", "", "train", 1.0, 1))
        writer.add(episode("e0"))
        writer.flush()
        writer.add(episode("e1"))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 4] ^= 0xFF
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("table", ["steps", "episodes"])
@pytest.mark.parametrize("harm", [cut, empty, flip, Path.unlink])
def test_a_damaged_shard_is_named_and_the_rest_is_read(tmp_path: Path, table: str, harm: Any) -> None:
    two_shards(tmp_path)
    harm(tmp_path / table / "part-w-000000.parquet")
    with pytest.warns(RuntimeWarning, match="part-w-000000.parquet"):
        run = read_run(tmp_path)
        assert [record.episode_id for record in run.episodes()] == ["e1"]
    (named,) = run.damaged
    assert f"{table}/part-w-000000.parquet" in named and run.tasks.keys() == {("Env-v0", "t")}


def test_a_foreign_file_is_named(tmp_path: Path) -> None:
    two_shards(tmp_path)
    pq.write_table(pa.table({"a": [1]}), tmp_path / "steps" / "part-w-000000.parquet")
    with pytest.warns(RuntimeWarning, match="names no schema version"):
        assert ids(tmp_path) == ["e1"]


def with_version(path: Path, version: str) -> None:
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({b"step_gym.schema_version": version.encode()}), path)


def test_a_newer_shard_is_refused_with_both_versions(tmp_path: Path) -> None:
    two_shards(tmp_path)
    with_version(tmp_path / "steps" / "part-w-000001.parquet", "1.9")
    assert ids(tmp_path) == ["e0", "e1"]
    with_version(tmp_path / "steps" / "part-w-000001.parquet", "2.0")
    with pytest.raises(ValueError, match=r"part-w-000001.parquet: schema version 2\.0 is newer than 1\.0"):
        read_run(tmp_path)


def test_a_newer_journal_is_refused_with_both_versions(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    newer = journal.file_header().replace(b"1.0", b"2.0")
    (tmp_path / "journal" / "w-000000.journal").write_bytes(newer)
    for look in (read_run, lambda folder: TrajectoryWriter(folder, "run")):
        with pytest.raises(ValueError, match=r"w-000000.journal: schema version 2\.0 is newer than 1\.0"):
            look(tmp_path)


def test_a_shard_of_an_older_minor_version_is_filled(tmp_path: Path) -> None:
    two_shards(tmp_path)
    path = tmp_path / "steps" / "part-w-000000.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["model_ms", "image"]), path)
    first, second = read_run(tmp_path).episodes()
    assert first.steps[0].model_ms is None and comparable(first.steps) == comparable(second.steps)


def orphan(folder: Path, worker: str, *frames: bytes) -> Path:
    (folder / "journal").mkdir(exist_ok=True)
    path = folder / "journal" / f"{worker}-000000.journal"
    path.write_bytes(journal.file_header() + b"".join(frames))
    return path


@pytest.mark.parametrize("room", [0, 5000])
def test_an_orphaned_journal_is_read_untouched_and_recovered_by_the_next_writer(
    tmp_path: Path, room: int
) -> None:
    whole, torn = (journal.episode_frame(episode(name)) for name in ("whole", "torn"))
    path = orphan(tmp_path, "dead", whole, torn[:-1], bytes(room))
    before = path.read_bytes()
    run = read_run(tmp_path)
    assert [record.episode_id for record in run.episodes()] == ["whole"] and not run.damaged
    assert path.read_bytes() == before and leftovers(tmp_path) == [path.name]
    for name in ("dead-screen-3.tmp", "dead-spare.tmp", "dead-spare.new.tmp"):
        (tmp_path / "journal" / name).write_bytes(b"half a picture, or room for a journal")
    with TrajectoryWriter(tmp_path, "run", worker="dead") as writer:
        assert leftovers(tmp_path) == ["dead.lock"]
        writer.add(episode("next"))
    assert ids(tmp_path) == ["whole", "next"]


def test_a_damaged_journal_keeps_what_it_can(tmp_path: Path) -> None:
    frames = [bytearray(journal.episode_frame(episode(name))) for name in "abc"]
    frames[1][60] ^= 0xFF
    orphan(tmp_path, "dead", *map(bytes, frames))
    with pytest.warns(RuntimeWarning, match="damaged at byte"):
        assert ids(tmp_path) == ["a", "c"]
    with pytest.warns(RuntimeWarning, match="2 whole entries kept"):
        TrajectoryWriter(tmp_path, "run").close()
    with pytest.warns(RuntimeWarning, match="dead-000000.damaged"):
        run = read_run(tmp_path)
    assert [record.episode_id for record in run.episodes()] == ["a", "c"] and len(run.damaged) == 1


def test_a_journal_whose_shard_was_half_written_counts_once(tmp_path: Path) -> None:
    with TrajectoryWriter(tmp_path, "run", worker="w") as writer:
        writer.add(episode("e0"))
    orphan(tmp_path, "w", journal.episode_frame(episode("e0")))
    (tmp_path / "episodes" / "part-w-000000.parquet").unlink()
    assert ids(tmp_path) == ["e0"]
    TrajectoryWriter(tmp_path, "run").close()
    assert ids(tmp_path) == ["e0"] and leftovers(tmp_path) == []


# -- several writers -----------------------------------------------------------------------------------------


def test_the_journal_of_a_living_writer_is_left_alone(tmp_path: Path) -> None:
    first = TrajectoryWriter(tmp_path, "run", worker="one")
    first.add(episode("e0"))
    with TrajectoryWriter(tmp_path, "run", worker="two") as second:
        second.add(episode("e1"))
        assert "one-000000.journal" in leftovers(tmp_path)
        with pytest.raises(BlockingIOError, match="'one': a living process writes"):
            TrajectoryWriter(tmp_path, "run", worker="one")
    assert ids(tmp_path) == ["e0", "e1"]
    first.close()
    assert ids(tmp_path) == ["e0", "e1"] and leftovers(tmp_path) == []


def test_a_worker_name_may_be_used_again_and_numbers_go_on(tmp_path: Path) -> None:
    for index in range(3):
        with TrajectoryWriter(tmp_path, "run", worker="w") as writer:
            writer.add(episode(f"e{index}"))
    assert ids(tmp_path) == ["e0", "e1", "e2"]


@pytest.mark.parametrize("worker", ["", "a/b", "..", "-x", "a b"])
def test_a_worker_name_must_fit_into_a_file_name(tmp_path: Path, worker: str) -> None:
    with pytest.raises(ValueError, match="worker="):
        TrajectoryWriter(tmp_path, "run", worker=worker)
    with pytest.raises(ValueError, match="shard_episodes=0"):
        TrajectoryWriter(tmp_path, "run", shard_episodes=0)


def test_threads_may_share_a_writer(tmp_path: Path) -> None:
    with TrajectoryWriter(tmp_path, "run", shard_episodes=25) as writer:

        def add(stem: str) -> None:
            for index in range(20):
                writer.add(episode(f"{stem}{index}"))

        threads = [threading.Thread(target=add, args=(stem,)) for stem in "abc"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(ids(tmp_path)) == sorted(f"{stem}{index}" for stem in "abc" for index in range(20))


def test_threads_that_begin_at_once_share_ids_and_encoder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoders: list[ScreenEncoder] = []

    class Slow(ScreenEncoder):
        def __init__(self, *arguments: Any) -> None:
            time.sleep(0.05)
            super().__init__(*arguments)
            encoders.append(self)

    monkeypatch.setattr(writer, "ScreenEncoder", Slow)
    found: list[str] = []
    interval = sys.getswitchinterval()
    with TrajectoryWriter(tmp_path, "run") as shared:
        begin = threading.Barrier(4)

        def work() -> None:
            begin.wait()
            shared.add_screen(np.zeros((2, 2, 3), np.uint8))
            found.extend([shared.next_episode_id() for _ in range(3_000)])

        threads = [threading.Thread(target=work) for _ in range(4)]
        try:
            sys.setswitchinterval(1e-6)
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            sys.setswitchinterval(interval)
    assert len(encoders) == 1
    assert len(set(found)) == len(found) == 12_000
    with pytest.raises(ValueError, match="is closed"):
        shared.add_screen(np.zeros((2, 2, 3), np.uint8))


def test_a_closed_writer_and_one_of_a_parent_are_refused(tmp_path: Path) -> None:
    writer = TrajectoryWriter(tmp_path, "run")
    writer.add(episode("e0"))
    child = os.fork()
    if child == 0:
        try:
            writer.add(episode("e1"))
        except RuntimeError as error:
            os._exit(7 if "belongs to the process that made it" in str(error) else 8)
        os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    writer.close()
    writer.close()
    with pytest.raises(ValueError, match="is closed"):
        writer.add(episode("e2"))
    assert ids(tmp_path) == ["e0"]


# -- failures ------------------------------------------------------------------------------------------------


def test_a_failed_write_leaves_the_journal_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = TrajectoryWriter(tmp_path, "run")
    writer.add(episode("e0"))
    real, calls = os.write, []

    def full_disk(handle: int, data: bytes) -> int:
        calls.append(handle)
        if len(calls) == 1:
            return real(handle, data[:100])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full_disk)
        with pytest.raises(OSError, match="No space left"):
            writer.add(episode("lost"))
    writer.add(episode("e1"))
    assert ids(tmp_path) == ["e0", "e1"]
    writer.close()
    assert ids(tmp_path) == ["e0", "e1"]


def test_a_shard_that_cannot_be_written_stays_a_journal(tmp_path: Path) -> None:
    (tmp_path / "steps").write_text("a file where a folder is needed")
    writer = TrajectoryWriter(tmp_path, "run", worker="w", shard_episodes=1)
    writer.add(episode("e0"))
    with pytest.warns(RuntimeWarning, match="w-000000.journal stays a journal"), pytest.raises(OSError):
        writer.close()
    assert ids(tmp_path) == ["e0"] and leftovers(tmp_path) == ["w-000000.journal"]
    (tmp_path / "steps").unlink()
    TrajectoryWriter(tmp_path, "run").close()
    assert ids(tmp_path) == ["e0"] and leftovers(tmp_path) == []


def test_the_death_of_the_process_that_writes_shards_loses_nothing(tmp_path: Path) -> None:
    writer = TrajectoryWriter(tmp_path, "run", worker="w", shard_episodes=1)
    writer.add(episode("e0"))
    assert writer._process is not None
    writer._process._process.kill()
    writer._process._process.wait()
    with (
        pytest.warns(RuntimeWarning, match="ended with code -9"),
        pytest.raises(OSError, match="stays a journal"),
    ):
        writer.add(episode("e1"))
        writer.add(episode("e2"))
        writer.close()
    assert ids(tmp_path) == ["e0", "e1", "e2"]
    TrajectoryWriter(tmp_path, "run").close()
    assert ids(tmp_path) == ["e0", "e1", "e2"] and leftovers(tmp_path) == []


_PLAY = """
import sys, os
import gymnasium, numpy as np
import step_gym
from step_gym.wrappers.completion import Completion
from step_gym.wrappers.record import RecordTrajectory
from step_gym.wrappers.writer import TrajectoryWriter
writer = TrajectoryWriter(sys.argv[1], "run", shard_episodes=7)
env = RecordTrajectory(gymnasium.make("STEP-Toy-v0"), writer=writer)
for seed in range(10**6):
    _, info = env.reset(seed=seed)
    over, prompt = False, [1]
    while not over:
        choice = info["admissible_actions"][-1]
        action = Completion(choice, prompt_ids=prompt, action_ids=[2], logprobs=[-0.5])
        _, _, terminated, truncated, info = env.step(action)
        prompt, over = prompt + [2, 3], terminated or truncated
    # What is printed has been handed over.
    os.write(1, (env.last_episode.episode_id + "\\n").encode())
"""


def test_kill_at_any_moment_loses_no_finished_episode(tmp_path: Path) -> None:
    told: list[str] = []
    moments = random.Random(0)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for _ in range(4):
        command = [sys.executable, "-c", _PLAY, str(tmp_path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
        assert process.stdout is not None
        told.append(process.stdout.readline().decode())
        time.sleep(moments.uniform(0, 0.4))
        process.send_signal(signal.SIGKILL)
        told += [line.decode() for line in process.stdout]
        process.wait()
        process.stdout.close()
        found = ids(tmp_path)
        # The last line may have been cut short by the pipe, never by the journal.
        assert {line.strip() for line in told if line.endswith("\n")} <= set(found)
        assert len(found) == len(set(found)) and not read_run(tmp_path).damaged
    deadline = time.monotonic() + 20
    while any(name.endswith(".journal") for name in leftovers(tmp_path)) and time.monotonic() < deadline:
        # A shard process that outlived its parent may still hold its lock for a moment.
        TrajectoryWriter(tmp_path, "run").close()
    assert set(ids(tmp_path)) == set(found) and leftovers(tmp_path) == []
    assert not list(tmp_path.rglob("*.tmp"))


# -- screens -------------------------------------------------------------------------------------------------


def read_screen(folder: Path, sha256: str) -> np.ndarray:
    path = folder / "media" / sha256[:2] / f"{sha256}.png"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    with Image.open(path) as image:
        assert image.mode == "RGB"
        return np.asarray(image)


def test_screens_are_lossless_whatever_was_shown_before(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (150, 7, 3), dtype=np.uint8)
    with TrajectoryWriter(tmp_path, "run") as writer:
        screens: list[tuple[np.ndarray, Screen]] = []
        for number in range(40):
            pixels = pixels.copy()
            pixels[rng.integers(0, 150) :][:3] = rng.integers(0, 256, 3)
            if number == 20:
                pixels = pixels[:, :4]
            screens.append((pixels, writer.add_screen(pixels, screens[-1][1] if screens else None)))
        alone = [writer.add_screen(pixels) for pixels, _ in screens]
        assert [screen.sha256() for _, screen in screens] == [screen.sha256() for screen in alone]
        for pixels, screen in screens:
            np.testing.assert_array_equal(read_screen(tmp_path, screen.sha256()), pixels)
        assert [screen.pixels is None for _, screen in screens] == [True] * 39 + [False]


def test_screens_are_named_by_content_and_unchanged_ones_not_encoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compressed = []
    strip = png._strip
    monkeypatch.setattr(png, "_strip", lambda pixels: compressed.append(1) or strip(pixels))
    pixels = np.zeros((6, 8, 3), dtype=np.uint8)
    with TrajectoryWriter(tmp_path, "run") as writer:
        first = writer.add_screen(pixels)
        assert writer.add_screen(pixels, first) is first
        same = writer.add_screen(pixels.copy(), first)
        assert first.sha256() == same.sha256() and len(compressed) == 1
        apart = writer.add_screen(pixels.copy())
        many = [writer.add_screen(np.full((6, 8, 3), value, dtype=np.uint8)) for value in range(30)]
        assert first.sha256() == same.sha256() == apart.sha256() == many[0].sha256()
        with pytest.raises(ValueError, match=r"uint8\[H, W, 3\] is needed"):
            writer.add_screen(np.zeros((6, 8), dtype=np.uint8))
    assert len({screen.sha256() for screen in many}) == 30
    np.testing.assert_array_equal(read_screen(tmp_path, first.sha256()), pixels)
    assert shards.next_number(tmp_path, "run") == 0


def test_a_screen_that_lost_its_data_is_written_again(tmp_path: Path) -> None:
    pixels = np.zeros((6, 8, 3), dtype=np.uint8)
    with TrajectoryWriter(tmp_path, "run") as writer:
        sha256 = writer.add_screen(pixels).sha256()
    screen_path(tmp_path / "media", sha256).write_bytes(b"")
    with TrajectoryWriter(tmp_path, "run") as writer:
        assert writer.add_screen(pixels).sha256() == sha256
    np.testing.assert_array_equal(read_screen(tmp_path, sha256), pixels)


def test_a_screen_that_cannot_be_written_is_an_error_of_the_episode(tmp_path: Path) -> None:
    (tmp_path / "media").write_text("a file where a folder is needed")
    with TrajectoryWriter(tmp_path, "run") as writer:
        screen = writer.add_screen(np.zeros((2, 2, 3), dtype=np.uint8))
        after = writer.add_screen(np.zeros((2, 2, 3), dtype=np.uint8), screen)
        for failed in (screen, after):
            with pytest.raises(OSError):
                failed.sha256()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no trajectory folder at .*nowhere"):
        read_run(tmp_path / "nowhere")

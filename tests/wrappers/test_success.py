"""The success record: each episode once, rates as a fold, one writer, and files that are no records."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from step_gym.wrappers.success import MeanRule, RatePoint, StepRule, SuccessRecord, TaskStats

RULE = StepRule(n_copies=4)


def played(rounds, rule=RULE) -> SuccessRecord:
    """A record in memory of rounds, each a list of (slot, task, is_success)."""
    record = SuccessRecord(rule=rule)
    play(record, rounds)
    return record


def play(record: SuccessRecord, rounds, start: int = 0, attempt: int = 0) -> None:
    for round, outcomes in enumerate(rounds, start):
        for slot, task, is_success in outcomes:
            record.add(f"run-{round}-{slot}", task, is_success, round, attempt)
        record.close_round(round)


ROUNDS = st.lists(
    st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=6).map(
        lambda episodes: [(slot, task, success) for slot, (task, success) in enumerate(episodes)]
    ),
    max_size=5,
)


def test_worked_rounds():
    record = SuccessRecord(rule=RULE)
    for slot, is_success in enumerate([True, False, False, False]):
        assert record.add(f"r-0-{slot}", "a", is_success, round=0)
    assert record.rates() == {}, "an open round does not count"
    assert record.close_round(0) == {"a": 0.25}
    record.add("r-1-0", "a", True, round=1)
    record.add("r-1-1", "b", False, round=1)
    record.close_round(1)
    # a: alpha = 1 - 1/4, so (1 + 3 * 0.25) / 4; b: first round.
    assert record.rates() == {"a": pytest.approx(1.75 / 4), "b": 0.0}
    assert record.stats("a") == TaskStats(record.rate("a") or 0, 2, 5)
    assert record.rate("never") is None and record.stats("never") is None
    assert record.history("a") == [RatePoint(0, 0.25, 1, 4), RatePoint(1, record.rate("a") or 0, 1, 1)]
    assert record.history("never") == []
    assert set(record.histories()) == {"a", "b"}
    assert record.closed_through == 1 and len(record) == 6


@settings(max_examples=40, deadline=None)
@given(ROUNDS, st.randoms(use_true_random=False))
def test_rates_ignore_duplicates_and_the_order_inside_a_round(rounds, random):
    shuffled = []
    for outcomes in rounds:
        doubled = outcomes + random.choices(outcomes, k=3) if outcomes else []
        random.shuffle(doubled)
        shuffled.append(doubled)
    first, second = played(rounds), played(shuffled)
    assert first.rates() == second.rates()
    assert first.histories() == second.histories()
    assert first.status_counts() == second.status_counts()


@settings(max_examples=15, deadline=None)
@given(ROUNDS, st.sampled_from([RULE, StepRule(n_copies=3, alpha=0.3), MeanRule()]))
def test_reopening_gives_the_same_rates(tmp_path_factory, rounds, rule):
    path = tmp_path_factory.mktemp("record") / "success.sqlite"
    with SuccessRecord(path, rule) as record:
        play(record, rounds)
        record.add("open", "a", True, len(rounds))
        rates, histories, count = record.rates(), record.histories(), len(record)
    with SuccessRecord(path) as again:
        assert (again.rates(), again.histories(), len(again)) == (rates, histories, count)
        assert again.rule == rule, "the rule is remembered"
        assert again.closed_through == len(rounds) - 1


@settings(max_examples=25, deadline=None)
@given(ROUNDS, st.integers(0, 5), st.data())
def test_a_resumed_run_ends_where_an_unbroken_one_does(rounds, checkpoint, data):
    checkpoint = min(checkpoint, len(rounds))
    other = data.draw(st.lists(ROUNDS.filter(bool).map(lambda r: r[0]), max_size=3))
    record = played(rounds[:checkpoint] + other)
    record.add(f"run-{checkpoint + len(other)}-0", "a", True, checkpoint + len(other))
    lost = record.supersede(checkpoint, attempt=1)
    assert lost == sum(map(len, other)) + 1
    assert record.supersede(checkpoint, attempt=1) == 0
    assert record.rates() == played(rounds[:checkpoint]).rates()
    play(record, rounds[checkpoint:], start=checkpoint, attempt=1)
    unbroken = played(rounds)
    assert record.rates() == unbroken.rates() and record.histories() == unbroken.histories()
    assert record.status_counts().get("superseded", 0) == lost


def test_env_errors_are_stored_and_do_not_count():
    record = SuccessRecord(rule=RULE)
    record.add("r-0-0", "a", True, 0)
    record.add("r-0-1", "a", None, 0, status="env_error")
    record.add("r-0-2", "b", None, 0, status="policy_error")
    assert record.close_round(0) == {"a": 1.0}
    assert record.status_counts() == {"ok": 1, "env_error": 1, "policy_error": 1}


def test_what_was_reported_first_stands():
    record = SuccessRecord(rule=RULE)
    assert record.add("e", "a", True, 0) is True
    assert record.add("e", "a", False, 0) is False
    assert record.close_round(0) == {"a": 1.0}
    assert record.add("e", "a", False, 0) is False, "also after its round was closed"


def test_a_newer_attempt_replaces_an_older_one_in_an_open_round_only():
    record = SuccessRecord(rule=RULE)
    record.add("e", "a", False, 0, attempt=0)
    assert record.add("e", "a", True, 0, attempt=1) is True
    assert record.add("e", "a", False, 0, attempt=0) is False
    assert record.close_round(0) == {"a": 1.0}
    with pytest.raises(ValueError, match=r"round 0, which is closed: call supersede\(0, attempt=2\)"):
        record.add("e", "a", False, 1, attempt=2)
    assert record.rates() == {"a": 1.0} and record.status_counts() == {"ok": 1, "superseded": 1}


def test_rounds_close_in_order():
    record = SuccessRecord(rule=RULE)
    record.add("early", "a", True, 1)
    with pytest.raises(ValueError, match=r"round 1 is open, with 1 outcomes: call close_round\(1\) first"):
        record.close_round(2)
    record.close_round(1)
    with pytest.raises(ValueError, match="round 0, which is closed"):
        record.add("late", "a", True, 0)
    assert record.close_round(0) == {"a": 1.0}, "closing a closed round changes nothing"
    assert record.closed_through == 1


def test_outside_a_trainer_each_episode_is_a_round():
    record = SuccessRecord(rule=StepRule(n_copies=2))
    record.add("0", "a", True)
    record.add("1", "a", False)
    record.add("1", "a", False)
    assert record.history("a") == [RatePoint(0, 1.0, 1, 1), RatePoint(1, 0.5, 0, 1)]
    record.add("x", "a", True, round=5)
    with pytest.raises(ValueError, match="round 5 is open"):
        record.add("2", "a", True)


def test_numpy_arguments_are_stored_as_numbers(tmp_path):
    path = tmp_path / "s.sqlite"
    with SuccessRecord(path, RULE) as record:
        record.add("e", "a", np.bool_(True), np.int64(3), np.int32(1))  # type: ignore[arg-type]
        record.close_round(np.int64(3))  # type: ignore[arg-type]
    assert sqlite3.connect(path).execute("SELECT attempt, round, is_success FROM outcomes").fetchall() == [
        (1, 3, 1)
    ]


def test_a_rule_of_ones_own(tmp_path):
    path = tmp_path / "s.sqlite"

    def last(previous, successes, rollouts):
        return successes / rollouts

    with SuccessRecord(path, last) as record:
        play(record, [[(0, "a", True)], [(0, "a", False)]])
        assert record.rates() == {"a": 0.0}
    with pytest.raises(ValueError, match="pass the same rule= again"):
        SuccessRecord(path)
    with SuccessRecord(path, last) as record:
        assert record.rates() == {"a": 0.0}
    with SuccessRecord(path, MeanRule()) as record:
        assert record.rates() == {"a": 0.5}, "another rule folds the same outcomes"


def test_a_rule_outside_its_range_leaves_the_record_as_it_was():
    record = SuccessRecord(rule=lambda previous, successes, rollouts: 1.5)
    record.add("e", "a", True, 0)
    with pytest.raises(ValueError, match="gave 1.5 for task 'a'"):
        record.close_round(0)
    assert record.rates() == {} and record.closed_through == -1 and len(record) == 1
    with pytest.raises(ValueError, match="gave 1.5"):
        SuccessRecord(rule=lambda previous, successes, rollouts: 1.5).add("e", "a", True)


def test_bad_outcomes_are_refused():
    record = SuccessRecord()
    with pytest.raises(ValueError, match="unknown episode status 'okay': did you mean 'ok'"):
        record.add("e", "a", True, 0, status="okay")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="is_success=None"):
        record.add("e", "a", None, 0)
    with pytest.raises(ValueError, match="round=-1"):
        record.add("e", "a", True, -1)
    with pytest.raises(ValueError, match="from_round=-1"):
        record.supersede(-1, 1)
    assert len(record) == 0


def test_threads_share_a_record():
    record = SuccessRecord(rule=MeanRule())

    def work(thread: int) -> None:
        for number in range(50):
            record.add(f"{thread}-{number}", "a", number % 2 == 0)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert record.stats("a") == TaskStats(0.5, 100, 200)


# -- files -------------------------------------------------------------------------------------------------


def test_a_second_writer_is_refused_and_readers_are_not(tmp_path):
    path = tmp_path / "s.sqlite"
    code = (
        "import sys; from step_gym.wrappers.success import SuccessRecord\n"
        "print(SuccessRecord(sys.argv[1], read_only=True).rates())\n"
        "try: SuccessRecord(sys.argv[1])\n"
        "except ValueError as error: print(error)\n"
    )
    with SuccessRecord(path, RULE) as record:
        play(record, [[(0, "a", True)]])
        with pytest.raises(ValueError, match="has a writer already"):
            SuccessRecord(path)
        result = subprocess.run(
            [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
        )
    rates, refusal = result.stdout.splitlines()
    assert rates == "{'a': 1.0}"
    assert refusal.startswith(f"{path} has a writer already: one process writes a success record")
    with SuccessRecord(path) as record:
        assert record.rates() == {"a": 1.0}


def test_outcomes_survive_a_killed_process(tmp_path):
    path = tmp_path / "s.sqlite"
    code = (
        "import os, signal, sys; from step_gym.wrappers.success import SuccessRecord\n"
        "record = SuccessRecord(sys.argv[1])\n"
        "for number in range(20): record.add(str(number), 'a', True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    result = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert result.returncode == -9
    with SuccessRecord(path) as record:
        assert record.stats("a") == TaskStats(1.0, 20, 20)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_process_cannot_write_through_its_parents_record(tmp_path):
    with SuccessRecord(tmp_path / "s.sqlite") as record:
        child = os.fork()
        if child == 0:
            try:
                record.add("e", "a", True)
            except ValueError as error:
                os._exit(17 if "forked process must open" in str(error) else 1)
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 17
        assert len(record) == 0


def test_read_only(tmp_path):
    path = tmp_path / "s.sqlite"
    with pytest.raises(FileNotFoundError, match="no success record at"):
        SuccessRecord(path, read_only=True)
    with SuccessRecord(path, RULE) as record:
        play(record, [[(0, "a", True)]])
    with SuccessRecord(path, read_only=True) as record:
        assert record.rates() == {"a": 1.0}
        with pytest.raises(ValueError, match="read_only=True"):
            record.add("e", "a", True)
    assert path.is_file() and not (tmp_path / "missing").exists()


def damaged(path, make) -> str:
    """The error of opening a file that `make` has changed."""
    make(path)
    with pytest.raises(ValueError) as caught:
        SuccessRecord(path)
    message = str(caught.value)
    assert str(path) in message and "\n" not in message
    return message


@pytest.fixture
def record_path(tmp_path):
    path = tmp_path / "s.sqlite"
    with SuccessRecord(path) as record:
        for number in range(400):
            record.add(str(number), f"task {number % 9}", True, 0)
        record.close_round(0)
    return path


def test_a_newer_schema_is_refused(record_path):
    def raise_version(path):
        database = sqlite3.connect(path)
        database.execute("PRAGMA user_version = 7")
        database.close()

    assert "has schema 7, this step-gym knows 1: upgrade step-gym" in damaged(record_path, raise_version)


def test_a_truncated_file_is_refused(record_path):
    message = damaged(
        record_path, lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    )
    assert "damaged" in message


def test_an_overwritten_page_is_refused(record_path):
    def overwrite(path):
        content = bytearray(path.read_bytes())
        content[8192:12288] = b"\xff" * 4096
        path.write_bytes(content)

    assert "damaged" in damaged(record_path, overwrite)


def test_what_is_no_record_is_refused(tmp_path):
    def other_database(path):
        database = sqlite3.connect(path)
        database.execute("CREATE TABLE t (x)")
        database.close()

    assert "no success record" in damaged(tmp_path / "text", lambda path: path.write_text("hello\n" * 99))
    assert "is a database, but no success record" in damaged(tmp_path / "other.sqlite", other_database)
    assert "cannot be read" in damaged(tmp_path / "folder", lambda path: path.mkdir())
    with pytest.raises(ValueError, match="there is no folder"):
        SuccessRecord(tmp_path / "none" / "s.sqlite")

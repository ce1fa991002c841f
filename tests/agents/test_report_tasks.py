from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from step_gym.agents.report_tasks import (
    BUCKETS,
    SHARE_BINS,
    bucket,
    budget_data,
    share_bin,
    task_data,
)
from step_gym.wrappers.success import RatePoint, SuccessRecord

HISTORIES = {
    "a": [
        RatePoint(1, 0.25, 1, 4),
        RatePoint(3, 0.75, 4, 4),
        RatePoint(5, 0.5, 1, 4),
        RatePoint(6, 0.7, 4, 4),
    ],
    "b": [RatePoint(1, 1.0, 4, 4)],
    "c": [RatePoint(2, 0.0, 0, 4), RatePoint(6, 0.1, 1, 4)],
}


def test_rows_of_the_task_table() -> None:
    rows = {row["id"]: row for row in task_data(HISTORIES, {"a": "Put\n it  away."})["rows"]}
    assert rows["a"] == {
        "id": "a", "instruction": "Put it away.", "rounds": 4, "rollouts": 16, "successes": 10, "first": 0.25,
        "last": 1.0, "rate": 0.7, "first_round": 1, "mastered": 6,
    }  # fmt: skip
    assert (rows["b"]["mastered"], rows["b"]["first_round"]) == (1, 1)
    assert rows["c"]["mastered"] is None and rows["c"]["instruction"] == ""


def test_lead_counts_what_changed() -> None:
    lead = task_data(HISTORIES, {})["lead"]
    assert lead.startswith("3 tasks were played. 1 rose above 60 %")
    assert lead.endswith("1 was played in one round only, which says nothing of a change.")


def test_progress_counts_tasks_by_their_newest_rate() -> None:
    assert task_data(HISTORIES, {})["progress"] == [
        {"round": 1, "seen": 2, "mastered": 1},
        {"round": 2, "seen": 3, "mastered": 1},
        {"round": 3, "seen": 3, "mastered": 2},
        {"round": 5, "seen": 3, "mastered": 1},
        {"round": 6, "seen": 3, "mastered": 2},
    ]


def test_windows_are_the_first_and_last_fifth() -> None:
    windows = task_data(HISTORIES, {})["windows"]
    assert [(window["name"], window["tasks"]) for window in windows] == [("round 1", 2), ("round 6", 2)]
    assert windows[0]["shares"] == [0, 0, 0.5, 0, 0, 0, 0.5]
    assert windows[1]["shares"] == [0, 0, 0.5, 0, 0, 0, 0.5]
    assert task_data({"b": HISTORIES["b"]}, {})["windows"] is None


def test_budget_goes_by_the_rate_before() -> None:
    data = budget_data(HISTORIES)
    assert data is not None
    played = {row["name"]: (row["rollouts"], row["successes"]) for row in data["buckets"]}
    assert played == {
        "not seen before": (12, 5), "0 to 20 %": (4, 1), "20 to 40 %": (4, 4), "40 to 60 %": (4, 4),
        "60 to 80 %": (4, 1), "80 to 100 %": (0, 0),
    }  # fmt: skip
    assert [row["round"] for row in data["rounds"]] == [1, 2, 3, 5, 6]
    assert budget_data({}) is None


def test_bins_and_buckets_at_their_edges() -> None:
    shares = [(0, 5), (1, 100), (1, 5), (2, 5), (3, 5), (4, 5), (99, 100), (5, 5)]
    assert [share_bin(*share) for share in shares] == [0, 1, 1, 2, 3, 4, 5, 6]
    assert [bucket(rate) for rate in (None, 0.0, 0.19, 0.2, 0.6, 0.8, 1.0)] == [0, 1, 1, 2, 4, 5, 5]
    assert len(BUCKETS) == 6 and SHARE_BINS == 7


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 5), st.booleans()), max_size=60))
def test_everything_adds_up(outcomes: list[tuple[str, int, bool]]) -> None:
    with SuccessRecord() as record:
        for number, (task, round, won) in enumerate(outcomes):
            record.add(f"{number}", task, won, round=round)
        for round in range(1, 6):
            record.close_round(round)
        histories = record.histories()
    data, budget = task_data(histories, {}), budget_data(histories)
    assert sum(row["rollouts"] for row in data["rows"]) == len(outcomes)
    assert sum(row["successes"] for row in data["rows"]) == sum(won for _, _, won in outcomes)
    for window in data["windows"] or ():
        assert abs(sum(window["shares"]) - 1) < 1e-9
    if budget is not None:
        by_round = {row["round"]: sum(row["counts"]) for row in budget["rounds"]}
        assert by_round == {r: sum(x[1] == r for x in outcomes) for r in {x[1] for x in outcomes}}
        assert sum(row["rollouts"] for row in budget["buckets"]) == len(outcomes)

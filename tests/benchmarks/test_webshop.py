from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from benchmarks import webshop
from benchmarks.webshop_cases import odd_action, odd_catalogue
from benchmarks.webshop_upstream import why_not
from step_gym.envs.webshop.products import read_products


def test_without_upstream(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["webshop", "--quick"])
    webshop.main()
    keys = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (keys["steps"] >= 300, keys["ours_steps_per_s"] > 0, keys["quick"]) == (True, True, True)
    assert keys["differing_fields"] is keys["real_steps_per_s"] is keys["speed_ratio"] is None
    assert "--upstream" in keys["why"]
    assert set(keys["steps_by_mode"]) == {"text", "text_rich"}
    assert keys["reset_ms"] > 0 and keys["construct_s"] > 0


def test_why_upstream_cannot_be_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "--upstream" in str(why_not(None))
    assert "no checkout" in str(why_not(tmp_path))
    file = tmp_path / "web_agent_site" / "envs" / "web_agent_text_env.py"
    file.parent.mkdir(parents=True)
    file.touch()
    monkeypatch.setattr(
        "benchmarks.webshop_upstream.find_spec", lambda name: None if name == "flask" else name
    )
    assert why_not(tmp_path) == "upstream needs flask"


def test_differences_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    tally = webshop.Tally()
    ours = {"text": "a", "reward": 0.0, "done": False, "has_search_bar": True, "clickables": ["search"]}
    tally.compare("here", ours, ours)
    tally.compare("here", ours, ours | {"text": "b", "clickables": []})
    assert (tally.fields, tally.differing) == (10, 2)
    assert "ours 'a'\n  real 'b'" in capsys.readouterr().out


def test_goals_are_named_by_their_split() -> None:
    assert [webshop.task_id_of(goal) for goal in (0, 499, 500, 1499, 1500, 4000)] == [
        "test-0",
        "test-499",
        "validation-0",
        "validation-999",
        "train-0",
        "train-2500",
    ]


def test_odd_catalogues_are_odd_and_odd_actions_vary() -> None:
    rng = random.Random(0)
    catalogue = odd_catalogue(60, rng)
    products = read_products(*catalogue, random.Random(0))
    assert len(products) == 60 and len(catalogue.items) == 63
    assert any("<b>" in product.title for product in products)
    assert any("search" in values for product in products for values in product.options.values())
    actions = {odd_action(["red", "8"], "some page text", rng) for _ in range(300)}
    assert {"search[]", "click[search]", "click[red", "Click[8]"} <= actions

from __future__ import annotations

import html
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

from step_gym.agents.report import gather, write_report
from step_gym.wrappers.success import SuccessRecord
from step_gym.wrappers.trajectory import EpisodeRecord, StepRecord
from step_gym.wrappers.writer import TrajectoryWriter
from tests.agents.run_folder import make_run

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
HOSTILE = (
    "</script><script>document.documentElement.dataset.hacked = 1</script><img src=x onerror='hacked()'><!--"
)
"""What a model or a world might write; nothing of it may ever be more than text."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("report") / "run", rounds=6)


def hostile_run(folder: Path) -> Path:
    """A run with one episode whose every text is hostile."""
    (folder / "trajectories").mkdir(parents=True)
    (folder / "config.json").write_text(
        json.dumps({"algorithm": HOSTILE, "rounds": 1, "env": {"id": HOSTILE}})
    )
    (folder / "metrics.jsonl").write_text(json.dumps({"kind": "evaluation", "round": 0, "split": HOSTILE,
        "successes": 1, "episodes": 2, "rate": 0.5, "low": 0.1, "high": 0.9}) + "\n")  # fmt: skip
    step = StepRecord(
        step=0, observation=HOSTILE, state_key=HOSTILE, action=HOSTILE, admissible_actions=[HOSTILE, "look"],
        response=HOSTILE + "\u2028\0\x1b", action_valid=False, action_error=HOSTILE, terminated=True,
    )  # fmt: skip
    episode = EpisodeRecord(
        episode_id=HOSTILE, run_id="run", env_id="STEP-Toy-v0", task_id=HOSTILE, instruction=HOSTILE, round=1,
        is_success=True, score=1.0, final_observation=HOSTILE, steps=[step],
    )  # fmt: skip
    with TrajectoryWriter(folder / "trajectories", run_id="run") as writer:
        writer.add(episode)
    with SuccessRecord(folder / "success.sqlite") as record:
        record.add(HOSTILE, HOSTILE, True, round=1)
        record.close_round(1)
    return folder


class Tags(HTMLParser):
    """Counts the elements of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs


def data_of(page: Path) -> dict:
    """The data block of a written page."""
    found = re.search(
        r'<script type="application/json" id="data">(.*?)</script>', page.read_text("utf-8"), re.DOTALL
    )
    assert found is not None
    return json.loads(found[1])


# -- what the page says ---------------------------------------------------------------------------------


def test_the_page_holds_the_run(run: Path) -> None:
    data = gather(run)
    assert data["title"] == "STEP on Toy"
    assert data["status"] == {"kind": "won", "text": "finished: 6 of 6 rounds"} and data["notes"] == []
    assert ("Environment", "STEP-Toy-v0 (tasks=60)") in data["facts"] and ("Seed", "0") in data["facts"]
    assert [row["cumulative_episodes"] for row in data["rounds"]] == [12, 24, 36, 48, 60, 72]
    assert [(row["round"], row["split"]) for row in data["evaluations"]][-2:] == [
        (6, "held-out"),
        (6, "train"),
    ]
    figures = {figure["label"]: figure for figure in data["figures"]}
    assert figures["Rollouts"]["value"] == "72"
    held_out = data["evaluations"][-2]
    assert figures["Success on held-out tasks"]["value"] == f"{100 * held_out['rate']:.1f}"
    assert "30.0\u00a0% before training" in figures["Success on held-out tasks"]["detail"]


def test_rates_and_budget_are_those_of_the_success_record(run: Path) -> None:
    data = gather(run)
    with SuccessRecord(run / "success.sqlite", read_only=True) as record:
        assert {row["id"]: row["rate"] for row in data["tasks"]["rows"]} == record.rates()
    assert sum(bucket["rollouts"] for bucket in data["budget"]["buckets"]) == 72
    assert sum(row["rollouts"] for row in data["tasks"]["rows"]) == 72
    assert all(row["instruction"].startswith("Put the ") for row in data["tasks"]["rows"])


def test_every_episode_is_there_step_by_step(run: Path) -> None:
    episodes = gather(run)["episodes"]
    strings, items = episodes["strings"], episodes["items"]
    assert len(items) == 72 and episodes["lead"] == "72 recorded episodes, step by step."
    assert [(item["round"], item["slot"]) for item in items] == [(1 + i // 12, i % 12) for i in range(72)]
    step = items[0]["steps"][0]
    assert strings[step["observation"]].startswith("You are in the ")
    assert (
        strings[step["raw"]]
        == f"Thought: I will {strings[step['action']]}.\nAction: {strings[step['action']]}"
    )
    assert step["action"] in step["choices"] and step["tokens"] == 3 and step["logp"] < 0
    assert len(step["sampled"]) >= 1
    assert len(strings) == len(set(strings))


def test_unchanging_metrics_are_words_and_no_chart(run: Path) -> None:
    data = gather(run)
    assert [curve["key"] for curve in data["curves"]] == ["loss", "entropy", "clip_fraction", "mean_steps"]
    assert data["constants"] == "The same in every round: resampled rollouts 0."


def test_the_same_run_gives_the_same_page(run: Path, tmp_path: Path) -> None:
    first = write_report(run, tmp_path / "a.html").read_bytes()
    assert first == write_report(run, tmp_path / "b.html").read_bytes()
    assert write_report(run) == run / "report.html"


# -- what it must not do --------------------------------------------------------------------------------


def test_nothing_is_loaded_from_outside(run: Path, tmp_path: Path) -> None:
    page = write_report(run, tmp_path / "page.html").read_text("utf-8")
    tags = Tags(page)
    names = dict(tags.attributes)
    assert not {"link", "img", "iframe", "object", "base"} & set(tags.names)
    assert "src" not in names
    assert set(re.findall(r"https?://[^\s\"'`)]+", page)) == {"http://www.w3.org/2000/svg"}
    assert "@import" not in page and "url(" not in page
    assert "default-src 'none'" in page


def test_hostile_text_is_only_text(tmp_path: Path) -> None:
    page = write_report(hostile_run(tmp_path / "run"))
    tags = Tags(page.read_text("utf-8"))
    assert tags.names.count("script") == 2 and "img" not in tags.names
    assert not any(name.startswith("on") for name, _ in tags.attributes)
    data = data_of(page)
    assert data["episodes"]["strings"][0] == HOSTILE
    assert data["tasks"]["rows"][0]["id"] == HOSTILE


# -- runs that are not whole ----------------------------------------------------------------------------


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no run folder"):
        write_report(tmp_path)
    with pytest.raises(ValueError, match="is no run folder"):
        write_report(tmp_path / "missing")


def test_a_run_that_has_only_begun(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "config.json").write_text('{"algorithm": "step", "rounds": 5, "env": {"id": "STEP-Toy-v0"}}')
    data = data_of(write_report(folder))
    assert data["status"]["text"] == "no round finished"
    notes = " ".join(data["notes"])
    assert all(
        part in notes
        for part in ("No round has been finished", "metrics.jsonl", "success.sqlite", "trajectories")
    )
    assert data["figures"] == [] and data["budget"] is None and data["episodes"]["items"] == []


def test_a_run_of_one_round(tmp_path: Path) -> None:
    data = gather(make_run(tmp_path / "run", rounds=1, planned=4))
    assert data["status"] == {"kind": "lost", "text": "1 of 4 rounds"}
    assert "Not finished: 1 of 4 rounds" in data["notes"][0]
    assert data["tasks"]["windows"] is None and len(data["tasks"]["progress"]) == 1


def test_a_crashed_run_says_what_is_missing(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", rounds=2)
    with (folder / "metrics.jsonl").open("a") as file:
        file.write('{"kind": "round", "round": 3, "succ')
    (folder / "success.sqlite").write_bytes(b"not a database, but long enough to look at" * 50)
    next((folder / "trajectories" / "steps").glob("*.parquet")).write_bytes(b"damaged")
    data = data_of(write_report(folder))
    notes = " ".join(data["notes"])
    assert "1 line of metrics.jsonl cannot be read" in notes
    assert "success.sqlite cannot be read" in notes and "Damaged, and left out" in notes
    assert len(data["rounds"]) == 2 and data["episodes"]["items"] == []


def test_parts_that_hold_something_else_are_named(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", rounds=2)
    (folder / "config.json").write_text(
        '{"env": "toy", "policy": [1], "settings": 3, "rounds": "two", "algorithm": "step"}'
    )
    (folder / "run.json").write_text('{"packages": ["torch"]}')
    with (folder / "metrics.jsonl").open("a") as file:
        file.write('{"kind": "evaluation", "round": 2, "split": "train"}\n{"kind": "round"}\n[1]\n')
        file.write('{"kind": "round", "round": "3"}\n')
    policy = folder / "checkpoints" / "round-00002" / "policy"
    policy.mkdir(parents=True)
    (policy / "model.safetensors").write_bytes(b"\xff" * 20)
    data = data_of(write_report(folder))
    assert data["title"] == "A training run" and len(data["rounds"]) == 2
    assert ("4 lines of metrics.jsonl cannot be read and were left out; a crash may have cut one short."
            in data["notes"])  # fmt: skip
    assert (
        "checkpoints/round-00002/policy/model.safetensors cannot be read: its head is longer than the file."
        in data["notes"]
    )
    (folder / "config.json").write_text("[]")
    assert "config.json cannot be read: it is no JSON object." in gather(folder)["notes"]


def test_parameters_of_all_files_of_the_newest_checkpoint_count(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", rounds=1)
    for round, parts in ((0, ("",)), (1, ("-00001-of-00002", "-00002-of-00002"))):
        policy = folder / "checkpoints" / f"round-{round:05d}" / "policy"
        policy.mkdir(parents=True)
        for part in parts:
            save_file({"a": np.zeros((3, 4)), "b": np.zeros(5)}, policy / f"model{part}.safetensors")
    assert any(name == "Policy" and "34 parameters" in value for name, value in gather(folder)["facts"])


def test_metrics_of_a_resumed_run_count_once(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", rounds=2)
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    again = json.loads(next(line for line in lines if '"kind": "round", "round": 2' in line)) | {"loss": 0.75}
    with (folder / "metrics.jsonl").open("a") as file:
        file.write(json.dumps(again) + "\n")
    rounds = gather(folder)["rounds"]
    assert [(row["round"], row["loss"] == 0.75) for row in rounds] == [(1, False), (2, True)]


def test_numbers_that_json_does_not_have(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", rounds=2)
    text = (folder / "metrics.jsonl").read_text()
    (folder / "metrics.jsonl").write_text(re.sub(r'"loss": [-0-9.]+', '"loss": NaN', text))
    assert [row["loss"] for row in data_of(write_report(folder))["rounds"]] == [None, None]


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", rounds=1)
    database = sqlite3.connect(folder / "success.sqlite")
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(ValueError, match=r"has schema 99, this step-gym knows \d+"):
        write_report(folder)


# -- in a browser ---------------------------------------------------------------------------------------


def browse(page: Path, scratch: Path, *flags: str) -> str:
    """Open a page headless; returns what chromium printed. A word on the console is a failure."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    quiet = [
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
    ]
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-sync", *quiet]
    command += [f"--user-data-dir={scratch / 'profile'}", "--enable-logging=stderr", "--v=0"]
    command += ["--virtual-time-budget=3000", *flags, page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "CONSOLE" not in done.stderr, done.stderr
    return done.stdout


def run_inside(page: Path, script: str, scratch: Path, *flags: str) -> Any:
    """Let a script of the test run in a page, whose own policy forbids it; returns the JSON in its #seen."""
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text("utf-8"))
    later = f"<script>setTimeout(async () => {{{script}}}, 500)</script></body>"
    page.write_text(text.replace("</body>", later), "utf-8")
    found = re.search(r'<pre id="seen">(.*?)</pre>', browse(page, scratch, "--dump-dom", *flags))
    assert found is not None
    return json.loads(html.unescape(found[1]))


def test_the_browser_draws_everything(run: Path, tmp_path: Path) -> None:
    page = write_report(run, tmp_path / "page.html")
    dom = browse(page, tmp_path, "--dump-dom", "--window-size=1280,900")
    assert 'data-rendered="true"' in dom and "data-error" not in dom
    for label in (
        "Success by round",
        "Histogram of success",
        "Rollouts by success rate and round",
        "Seconds per round",
    ):
        assert re.search(rf'<svg [^>]*aria-label="{label}[^>]*>.*?<(path|rect) ', dom), label
    assert not re.search(r"<section [^>]*hidden", dom)
    first = gather(run)["episodes"]
    texts, item = first["strings"], first["items"][0]
    article = dom[dom.index('id="episode"') :]
    assert texts[item["instruction"]] in article and item["id"] in article
    assert article.count('class="step-number"') == len(item["steps"]) + 1
    assert article.count('class="chosen"') == sum(step["action"] in step["choices"] for step in item["steps"])
    assert "Raw response" in article and "log-prob" in article


def test_the_browser_shows_hostile_text_and_runs_none_of_it(tmp_path: Path) -> None:
    page = write_report(hostile_run(tmp_path / "run"))
    dom = browse(page, tmp_path, "--dump-dom")
    assert 'data-rendered="true"' in dom and "data-error" not in dom and "data-hacked" not in dom
    assert "<img" not in dom and dom.count("<script") == 2
    assert '<p class="observation">&lt;/script&gt;&lt;script&gt;document' in dom


def test_the_browser_copes_with_a_run_that_has_only_begun(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "config.json").write_text('{"algorithm": "step", "rounds": 5, "env": {"id": "STEP-Toy-v0"}}')
    dom = browse(write_report(folder), tmp_path, "--dump-dom")
    assert 'data-rendered="true"' in dom and "data-error" not in dom
    assert "No round has been finished" in dom


def test_filters_sorting_and_axis_work(run: Path, tmp_path: Path) -> None:
    page = write_report(run, tmp_path / "page.html")
    actions = """
      const change = (name, value) => {
        const element = document.querySelector(`[aria-label="${name}"]`);
        element.value = value;
        element.dispatchEvent(new Event("change"));
      };
      const names = () => [...document.querySelectorAll(".list .mark")].map((mark) => mark.title);
      const seen = {};
      change("Outcome", "lost");
      seen.lost = names();
      change("Outcome", "won");
      change("Round", "6");
      seen.won = names();
      seen.selected = document.querySelector("#episode .badge").textContent;
      document.querySelector("#task-table th button").click();
      const cells = [...document.querySelectorAll("#task-table td:first-child")];
      seen.tasks = cells.map((cell) => cell.firstChild.textContent);
      document.querySelectorAll(".segmented button")[1].click();
      await null;
      seen.axis = [...document.querySelectorAll("#success .axis-title")].map((title) => title.textContent);
      const chart = document.querySelector("#success .chart");
      const { left, top } = chart.getBoundingClientRect();
      const at = { clientX: left + chart.clientWidth, clientY: top + 50 };
      chart.dispatchEvent(new PointerEvent("pointermove", at));
      const tip = [...chart.querySelectorAll(".tip:not([hidden]) b, .tip div")];
      seen.tip = tip.map((line) => line.textContent);
      const result = Object.assign(document.createElement("pre"), { id: "seen" });
      result.textContent = JSON.stringify(seen);
      document.body.append(result);
    """
    seen = run_inside(page, actions, tmp_path)
    data = gather(run)
    items = data["episodes"]["items"]
    assert seen["lost"] == ["failure"] * sum(not item["won"] for item in items)
    assert seen["won"] == ["success"] * sum(item["won"] and item["round"] == 6 for item in items)
    assert seen["selected"] == "✓ success"
    assert seen["tasks"] == sorted(seen["tasks"]) and len(seen["tasks"]) == len(data["tasks"]["rows"])
    assert seen["axis"] == ["rollouts"]
    success = data["rounds"][-1]["success"]
    assert seen["tip"][:2] == ["after rollouts 72", f"training, each round{100 * success:.1f}\u00a0%"]
    assert any(line.startswith("evaluation, held-out") for line in seen["tip"])


def test_the_page_fits_a_narrow_screen(run: Path, tmp_path: Path) -> None:
    page = write_report(run, tmp_path / "page.html")
    actions = """
      const result = Object.assign(document.createElement("pre"), { id: "seen" });
      const { clientWidth, scrollWidth } = document.documentElement;
      result.textContent = JSON.stringify([innerWidth, clientWidth, scrollWidth]);
      document.body.append(result);
    """
    inner, client, scroll = run_inside(page, actions, tmp_path, "--window-size=500,900")
    assert inner == 500 and scroll <= client
    shot = tmp_path / "shot.png"
    browse(write_report(run, page), tmp_path, f"--screenshot={shot}", "--window-size=500,2400")
    pixels = np.asarray(Image.open(shot).convert("RGB"))
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 100


def test_a_report_needs_no_torch() -> None:
    code = "import step_gym.agents.report, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

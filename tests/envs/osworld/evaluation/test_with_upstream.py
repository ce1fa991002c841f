"""`evaluators="upstream"` with the package desktop-env itself: its metrics on files that our getters keep.

pip install --no-deps desktop-env==1.0.2, and what `desktop_env.evaluators.metrics` imports.
"""

import base64
import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from benchmarks.osworld_files_pool import Pool
from benchmarks.playing import always, expert_agent, play
from step_gym.envs.osworld import evaluation
from step_gym.envs.osworld.env import OSWorldEnv
from step_gym.envs.osworld.expert import OSWorldExpert
from step_gym.envs.osworld.sources import Sources

pytestmark = pytest.mark.real
pytest.importorskip(
    "desktop_env.evaluators.metrics", reason="pip install desktop-env==1.0.2", exc_type=ImportError
)

OWN_TASKS = [
    "editor-join-files-0",
    "files-compress-folder-0",
    "sheet-sort-0",
    "sheet-export-csv-0",
    "browser-bookmark-folder-0",
    "mail-write-0",
    "settings-several-0",
    "terminal-count-lines-0",
    "editor-file-missing-0",
]

PUBLISHED = {
    "table.xlsx": (
        "compare_table",
        {"rules": [{"type": "sheet_data", "sheet_idx0": 0, "sheet_idx1": "EI0"}]},
    ),
    "text.docx": ("compare_docx_files", {"ignore_blanks": False}),
    "slides.pptx": ("compare_pptx_files", {"examine_shape": False}),
    "paper.pdf": ("compare_pdfs", {}),
    "picture.png": ("compare_images", {}),
    "page.html": ("compare_htmls", {}),
    "rows.csv": ("compare_csv", {}),
    "files.zip": ("compare_zip_files", {}),
    "book.epub": ("compare_epub", {}),
}
"""Evaluators as OSWorld's task files have them: file, metric, options."""


class Files:
    """A computer of which only files are asked."""

    def __init__(self, files):
        self.files = files

    def file(self, path):
        return self.files.get(path)


@pytest.fixture(scope="module")
def env():
    return OSWorldEnv(screenshots=False, evaluators="upstream")


@pytest.mark.parametrize("task_id", OWN_TASKS)
def test_own_tasks(env, task_id, capsys):
    assert play(env, [task_id], expert_agent(OSWorldExpert())).solved == 1
    assert play(env, [task_id], always("DONE")).solved == 0
    assert capsys.readouterr().out == ""  # where `step-gym play --json` writes


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_evaluators(name, tmp_path):
    metric, options = PUBLISHED[name]
    suffix = name.rpartition(".")[2]
    first, second = Pool(tmp_path, seed=4, size=2).files("picture" if suffix == "png" else suffix)
    wanted = base64.b64encode(Path(first).read_bytes()).decode()
    task = {
        "id": "published",
        "evaluator": {
            "func": metric,
            "result": {"type": "vm_file", "path": f"/home/user/{name}", "dest": name},
            "expected": {"type": "cloud_file", "path": f"data:;base64,{wanted}", "dest": f"gold_{name}"},
            "options": options,
        },
    }

    def score(made, whose):
        computer: Any = Files({f"/home/user/{name}": made})
        cache = tmp_path / f"{whose}{made is None}{made == Path(first).read_bytes()}"
        cache.mkdir()
        return evaluation.evaluate(task, computer, "DONE", cache, Sources(False, cache), whose).value

    assert score(Path(first).read_bytes(), "upstream") == 1.0
    assert score(None, "upstream") == 0.0
    assert score(Path(second).read_bytes(), "upstream") == score(Path(second).read_bytes(), "own")


def test_an_archive_writes_nowhere_but_below_its_folder(tmp_path):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        member = tarfile.TarInfo("../../escaped.txt")
        member.size = 1
        archive.addfile(member, io.BytesIO(b"x"))
    made: Any = Files({"/a": packed.getvalue()})
    result = {"type": "vm_file", "path": "/a", "dest": "a.tar.gz"}
    expected = {"type": "cloud_file", "path": "data:,", "dest": "b.tar.gz"}
    task = {"id": "archive", "evaluator": {"func": "compare_archive", "result": result, "expected": expected}}
    (tmp_path / "cache").mkdir()
    value, reasons = evaluation.evaluate(
        task, made, "DONE", tmp_path / "cache", Sources(False, tmp_path), "upstream"
    )
    assert value == 0.0 and "OutsideDestination" in reasons[0]
    assert not list(tmp_path.rglob("escaped.txt"))

"""The package that users install holds exactly the source tree, and nothing of it can be imported under a
second name."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def source_files() -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "step_gym"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("not a git checkout: the list of source files is unknown")
    return {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    direct = [
        sys.executable,
        "-m",
        "build",
        "--no-isolation",
        "--wheel",
        "--outdir",
        str(folder / "direct"),
        str(ROOT),
    ]
    subprocess.run(direct, check=True, capture_output=True)
    return folder


def wheel_files(folder: Path) -> set[str]:
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def test_wheels_hold_the_source_tree(dist: Path) -> None:
    expected = source_files()
    assert "step_gym/py.typed" in expected
    assert wheel_files(dist) == expected, "wheel built from the sdist"
    assert wheel_files(dist / "direct") == expected, "wheel built from the tree"


def test_sdist_holds_no_link_at_the_root(dist: Path) -> None:
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        top = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert top == {
        "step_gym",
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
        "pyproject.toml",
        "PKG-INFO",
        ".gitignore",
    }


@pytest.mark.parametrize("name", ["envs", "agents", "wrappers", "assets"])
def test_links_point_into_the_package(name: str) -> None:
    link = ROOT / name
    assert link.is_symlink() and link.readlink() == Path("step_gym") / name
    assert link.resolve() == ROOT / "step_gym" / name


def test_nothing_is_loaded_under_a_second_name() -> None:
    script = (
        "import pkgutil, importlib, sys, step_gym\n"
        "for m in pkgutil.walk_packages(step_gym.__path__, 'step_gym.'):\n"
        "    importlib.import_module(m.name)\n"
        "roots = {n.split('.')[0] for n in sys.modules}\n"
        "print(sorted(roots & {'envs', 'agents', 'wrappers', 'assets'}))\n"
    )
    pytest.importorskip("torch")
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_every_dependency_is_imported_by_something() -> None:
    """Those of `dev` are the tests' and benchmarks'; transformers imports gguf where it reads such a file.

    docker is part of what the project promises to bring; its backend is still to come.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    asked = [
        *project["dependencies"],
        *(name for extra in extras if extra != "dev" for name in extras[extra]),
    ]
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "step_gym").rglob("*.py"))
    modules: dict[str, list[str]] = {}
    for module, names in packages_distributions().items():
        for name in names:
            modules.setdefault(re.sub("[-_.]+", "-", name).lower(), []).append(module)
    looked_at = 0
    for requirement in asked:
        name = re.sub("[-_.]+", "-", re.split(r"[^\w.-]", requirement)[0]).lower()
        # What is not installed cannot be asked for its modules.
        if name in modules and name not in ("gguf", "docker"):
            looked_at += 1
            found = (rf"(?:import|from) {module}\b|\"{module}[\".]" for module in modules[name])
            assert any(re.search(pattern, code) for pattern in found), requirement
    assert looked_at >= 7

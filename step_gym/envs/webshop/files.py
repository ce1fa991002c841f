"""WebShop's own data files: the products, their attributes and the instructions written by people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from step_gym.envs.webshop.catalogue import Catalogue

SIZES = ("_1000", "")
"""Ends of the file names of the small and the full set; of two in one folder the small one is taken."""
HUMAN_FILE = "items_human_ins.json"

_HOW = "WebShop's setup.sh downloads it (`./setup.sh -d small` or `-d all`)"


def read_catalogue(path: str | Path, goals: str) -> Catalogue:
    """The contents of the files in a folder, or beside a named product file.

    Args:
        path: A folder with `items_shuffle[_1000].json` and `items_ins_v2[_1000].json`, and for human goals
            `items_human_ins.json`; or such a product file.
        goals: "synthetic" or "human": the last file is read for human goals alone.

    Raises:
        ValueError: If a file is missing, cut off, or not of the form it should have.
    """
    path = Path(path)
    folder = path.parent if path.is_file() else path
    if path.is_file():
        size = "_1000" if path.stem.endswith("_1000") else ""
        items_file = path
    else:
        present = [size for size in SIZES if (folder / f"items_shuffle{size}.json").is_file()]
        size = present[0] if present else SIZES[0]
        items_file = folder / f"items_shuffle{size}.json"
    items = _read(items_file, list, "a list of products")
    ins_file = folder / f"items_ins_v2{size}.json"
    attributes = _read(ins_file, dict, "attributes and instructions by ASIN")
    human = {}
    if goals == "human":
        human = _read(folder / HUMAN_FILE, dict, "lists of instructions by ASIN")
        _check(folder / HUMAN_FILE, human.values(), list, "lists of instructions by ASIN")
    _check(items_file, items, dict, "a list of products")
    _check(ins_file, attributes.values(), dict, "attributes and instructions by ASIN")
    return Catalogue(items, attributes, human)


def write_catalogue(catalogue: Catalogue, folder: str | Path) -> Path:
    """Write a catalogue as the small set's three files into an existing folder; returns the product file."""
    folder = Path(folder)
    names = (f"items_shuffle{SIZES[0]}.json", f"items_ins_v2{SIZES[0]}.json", HUMAN_FILE)
    for name, content in zip(names, catalogue, strict=True):
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder / names[0]


def _read(file: Path, kind: type, content: str) -> Any:
    """The value in a JSON file."""
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        reason = (
            "is missing" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        )
        raise ValueError(f"{file} {reason}: it should hold {content}; {_HOW}") from error
    except ValueError as error:
        raise ValueError(
            f"{file} is damaged or was not downloaded whole ({error}): it should hold {content}; {_HOW}"
        ) from error
    if not isinstance(value, kind):
        raise ValueError(f"{file} holds a JSON {type(value).__name__}, not {content}; {_HOW}")
    return value


def _check(file: Path, entries: Any, kind: type, content: str) -> None:
    for entry in entries:
        if not isinstance(entry, kind):
            raise ValueError(f"{file} has an entry {str(entry)[:40]!r}: it should hold {content}; {_HOW}")

"""What spreadsheet tasks begin with, and how they are checked: files in ~/Documents that become others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from step_gym.envs.osworld.template import DOCUMENTS, execute, expected_file, files, launch, vm_file
from step_gym.envs.osworld.templates.spreadsheet_tables import Rows, draw, table_files, workbook

PROGRAMS = ("spreadsheet",)
NAMES = ("budget", "inventory", "ledger", "overview", "records", "register", "report", "summary")
_CHECKED = "/tmp/checked"
_OWN_PROFILE = "-env:UserInstallation=file:///tmp/checked-profile"
"""Or the program that is open would be asked to convert, and does not while it starts or shows a dialog."""
_EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,UTF-8,,,,false,true,true,false,false,-1"


def file_name(rng: np.random.Generator, extension: str = ".csv") -> str:
    """Some file name."""
    return draw(rng, NAMES) + extension


def path_of(name: str) -> str:
    """Where a task's file is."""
    return f"{DOCUMENTS}/{name}"


def opened(name: str) -> dict[str, Any]:
    """A step that opens a file in the spreadsheet."""
    return launch("libreoffice", "--calc", path_of(name))


def csv_file(rows: Rows) -> bytes:
    """A .csv file of a table, as the spreadsheet writes it."""
    return table_files(Sheet1=rows)[0]


def csv_task(file: str, before: Rows, after: Rows) -> dict[str, Any]:
    """The table in a .csv file is to become another."""
    return {
        "config": [files({path_of(file): csv_file(before)}), opened(file)],
        "evaluator": same_csv(file, after),
    }


def same_csv(file: str, rows: Rows) -> dict[str, Any]:
    """An evaluator: a .csv file holds that table."""
    return {
        "func": "compare_csv",
        "result": vm_file(path_of(file), "result.csv"),
        "expected": expected_file("expected.csv", csv_file(rows)),
    }


def xlsx_task(file: str, before: Mapping[str, Rows] | None, after: Mapping[str, Rows]) -> dict[str, Any]:
    """The sheets of a workbook, or an empty one, are to become others.

    They are compared as LibreOffice writes them as .csv, which takes no package and has values for formulas.
    """
    stem = file.removesuffix(".xlsx")
    if before is None:
        config = [launch("libreoffice", "--calc")]
    else:
        config = [files({path_of(file): workbook(**before)}), opened(file)]
    convert = (
        *("libreoffice", _OWN_PROFILE, "--headless", "--convert-to", _EVERY_SHEET),
        *("--outdir", _CHECKED, path_of(file)),
    )
    return {
        "config": config,
        "evaluator": {
            "postconfig": [execute(*convert)],
            "func": ["compare_csv"] * len(after),
            "conj": "and",
            "result": [vm_file(f"{_CHECKED}/{stem}-{name}.csv", f"{i}.csv") for i, name in enumerate(after)],
            "expected": [
                expected_file(f"{i}-expected.csv", table) for i, table in enumerate(table_files(**after))
            ],
        },
    }

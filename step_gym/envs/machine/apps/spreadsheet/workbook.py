"""A workbook as an immutable value: sheets of cells, and what is in a cell and on the screen.

Every edit gives a new workbook; the values of its formulas are computed when they are first asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from step_gym.envs.machine.apps.spreadsheet.evaluation import evaluate
from step_gym.envs.machine.apps.spreadsheet.formats import DATE, GENERAL, is_date, shown
from step_gym.envs.machine.apps.spreadsheet.parser import parse
from step_gym.envs.machine.apps.spreadsheet.references import Address, Area
from step_gym.envs.machine.apps.spreadsheet.tokens import normal
from step_gym.envs.machine.apps.spreadsheet.values import (
    MAX_TEXT,
    CellError,
    Value,
    as_text,
    general_text,
    read_date,
    read_number,
)

MAX_CELLS = 100_000
"""Cells of a sheet that may hold something."""

DEFAULT_WIDTH = 8.43
"""Width of a column in characters, where none is set, as in .xlsx files."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell holds.

    Attributes:
        value: What was entered; None where there is a formula, or nothing but a look.
        formula: With its "=", or empty.
        format: A number format (see `formats`).
        bold: Whether it is shown in bold.
    """

    value: Value = None
    formula: str = ""
    format: str = GENERAL
    bold: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether it holds nothing but a look."""
        return self.value is None and not self.formula


EMPTY = Cell()


@dataclass(frozen=True)
class Sheet:
    """One sheet.

    Attributes:
        name: Unique in its workbook, whatever the case.
        cells: Those that are not `EMPTY`.
        widths: Of columns that are not `DEFAULT_WIDTH` wide, in characters.
    """

    name: str
    cells: Mapping[Address, Cell] = field(default_factory=dict)
    widths: Mapping[int, float] = field(default_factory=dict)

    @cached_property
    def used(self) -> Area:
        """From A1 to the last row and the last column that hold something; A1 alone in an empty sheet."""
        held = [at for at, cell in self.cells.items() if not cell.is_empty] or [(0, 0)]
        return Area(0, 0, max(row for row, _ in held), max(column for _, column in held))


UNDO_VERSIONS = 50
"""Versions of a workbook that are kept to go back to."""


@dataclass(frozen=True)
class Workbook:
    """Sheets in order; at least one."""

    sheets: tuple[Sheet, ...] = (Sheet("Sheet1"),)

    @cached_property
    def values(self) -> tuple[Mapping[Address, Value], ...]:
        """The values of all cells that hold something, sheet by sheet."""
        constants = [
            {at: cell.value for at, cell in sheet.cells.items() if cell.value is not None}
            for sheet in self.sheets
        ]
        formulas = {
            (i, at): cell.formula
            for i, sheet in enumerate(self.sheets)
            for at, cell in sheet.cells.items()
            if cell.formula
        }
        return evaluate([sheet.name for sheet in self.sheets], constants, formulas)

    def cell(self, sheet: int, address: Address) -> Cell:
        """What a cell holds."""
        return self.sheets[sheet].cells.get(address, EMPTY)

    def value(self, sheet: int, address: Address) -> Value:
        """The value of a cell."""
        return self.values[sheet].get(address)

    def shown(self, sheet: int, address: Address) -> str:
        """What a cell shows."""
        return shown(self.value(sheet, address), self.cell(sheet, address).format)

    def with_sheet(self, index: int, sheet: Sheet) -> Workbook:
        """The workbook with another sheet in that place."""
        return replace(self, sheets=(*self.sheets[:index], sheet, *self.sheets[index + 1 :]))


def entered(text: str, before: Cell = EMPTY) -> Cell:
    """The cell after a text was typed into it; its look stays, and a date or percentage shows as one.

    Raises:
        FormulaError: If it begins with "=" and is no formula.
    """
    text = text[:MAX_TEXT] if not text.startswith("=") else text
    if len(text) > 1 and text.startswith("="):
        parse(text)
        return Cell(None, normal(text), before.format, before.bold)
    if text.startswith("'"):
        return Cell(text[1:] or None, "", before.format, before.bold)
    if before.format == "@":
        return Cell(text or None, "", before.format, before.bold)
    value, format = _typed(text)
    keeps_format = format == GENERAL or (
        before.format != GENERAL and is_date(format) == is_date(before.format)
    )
    return Cell(value, "", before.format if keeps_format else format, before.bold)


def _typed(text: str) -> tuple[Value, str]:
    """What a text means that is no formula, with the format it asks for."""
    bare = text.strip()
    if not bare:
        return (text or None), GENERAL
    if bare.upper() in ("TRUE", "FALSE"):
        return bare.upper() == "TRUE", GENERAL
    if (number := read_number(bare)) is not None:
        if "," in bare:
            return number, "#,##0.00" if "." in bare else "#,##0"
        return number, GENERAL
    if bare.endswith("%") and (number := read_number(bare[:-1])) is not None:
        return number / 100, "0.00%" if "." in bare else "0%"
    if bare.startswith("$") and (number := read_number(bare[1:])) is not None:
        return number, '"$"#,##0.00'
    if (day := read_date(bare)) is not None:
        return day, DATE
    return text, GENERAL


def input_text(cell: Cell) -> str:
    """What stands in the formula bar: what typed into an empty cell gives the cell's content again."""
    if cell.formula:
        return cell.formula
    value = cell.value
    if isinstance(value, float):
        if is_date(cell.format):
            return shown(value, DATE) if value == int(value) else general_text(value)
        if cell.format.endswith("%"):
            return general_text(float(f"{value * 100:.15g}")) + "%"
        return general_text(value)
    text = value.value if isinstance(value, CellError) else str(as_text(value))
    if isinstance(value, str) and cell.format != "@" and (_typed(text)[0] != text or text[:1] in ("=", "'")):
        return "'" + text
    return text

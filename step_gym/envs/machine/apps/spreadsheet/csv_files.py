"""Workbooks as files of comma- or tab-separated values."""

from __future__ import annotations

import csv
import io

from step_gym.envs.machine.apps.spreadsheet.formats import shown
from step_gym.envs.machine.apps.spreadsheet.references import MAX_COLUMNS, MAX_ROWS
from step_gym.envs.machine.apps.spreadsheet.workbook import EMPTY, MAX_CELLS, Cell, Sheet, Workbook, entered


class UnreadableFile(ValueError):
    """A file that is no workbook, or too large; the message says why."""


def read_csv(data: bytes, delimiter: str = ",") -> Workbook:
    """A workbook of one sheet from text in UTF-8; what looks like a formula stays a text.

    Raises:
        UnreadableFile: If it has more cells than a sheet holds.
    """
    text = data.decode("utf-8-sig", "replace")
    cells: dict[tuple[int, int], Cell] = {}
    try:
        for row, values in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)):
            for column, value in enumerate(values):
                if value:
                    cells[row, column] = entered("'" + value if value[0] in "='" else value)
            if len(cells) > MAX_CELLS or row >= MAX_ROWS or len(values) > MAX_COLUMNS:
                raise UnreadableFile(f"it has more than {MAX_CELLS:,} cells")
    except csv.Error as error:
        raise UnreadableFile(f"it is no table: {error}") from None
    return Workbook((Sheet("Sheet1", cells),))


def write_csv(book: Workbook, sheet: int, delimiter: str = ",") -> bytes:
    """One sheet from A1 on as text in UTF-8: values as shown, numbers without a format in full."""
    cells, values = book.sheets[sheet].cells, book.values[sheet]
    if not cells:
        return b""
    used = book.sheets[sheet].used
    lines: list[str] = []
    for row in range(used.bottom + 1):
        ats = [(row, column) for column in range(used.right + 1)]
        texts = [shown(values.get(at), cells.get(at, EMPTY).format, 15) for at in ats]
        lines.append(delimiter.join([_quoted(text, delimiter) for text in texts]) + "\n")
    return "".join(lines).encode("utf-8", "replace")


def _quoted(text: str, delimiter: str) -> str:
    """A field as it stands in the file. The module csv would leave a lone carriage return without quotes."""
    if delimiter in text or '"' in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text

"""What every benchmark prints: a table for people, then one line of JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any


def print_table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows under a header, columns aligned."""
    cells = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    for row in cells:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))


def finish(name: str, keys: dict[str, Any]) -> None:
    """Print the benchmark's last line: one JSON object; a figure that could not be measured is None."""
    print(json.dumps({"benchmark": name, **keys}), flush=True)

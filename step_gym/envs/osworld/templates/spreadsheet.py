"""Tasks in the spreadsheet: values of cells and formulas."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from step_gym.envs.osworld.template import Params, Template
from step_gym.envs.osworld.templates.spreadsheet_files import (
    PROGRAMS,
    csv_task,
    file_name,
    xlsx_task,
)
from step_gym.envs.osworld.templates.spreadsheet_tables import (
    Rows,
    any_table,
    draw,
    expenses,
    number_columns,
    orders,
    scores,
)

# One cell.


def _with_cell(rows: Rows, at: tuple[int, int], value: Any) -> list[list[Any]]:
    """The table with one more cell, which may lie outside of it."""
    width = max(len(rows[0]), at[1] + 1)
    height = max(len(rows), at[0] + 1)
    grown = [[*row, *[""] * (width - len(row))] for row in rows]
    grown += [[""] * width for _ in range(height - len(rows))]
    grown[at[0]][at[1]] = value
    return grown


def _sample_edit(rng: np.random.Generator) -> dict[str, Any]:
    rows = any_table(rng)
    column = draw(rng, number_columns(rows))
    row = int(rng.integers(1, len(rows)))
    value = rows[row][column]
    new = round(value * 2 + 7) if isinstance(value, int) else value + 12.5
    return {
        "rows": rows,
        "file": file_name(rng),
        "name": rows[row][0],
        "column": rows[0][column],
        "value": f"{new:g}",
    }


def _edit_task(params: Params) -> dict[str, Any]:
    rows, value = params["rows"], float(params["value"])
    column = rows[0].index(params["column"])
    row = next(i for i, cells in enumerate(rows) if cells[0] == params["name"])
    return csv_task(params["file"], rows, _with_cell(rows, (row, column), value))


_EDIT = Template(
    name="sheet-edit-value",
    instructions=(
        'In the open file {file}, change the {column} of "{name}" to {value}, and save the file.',
        'The {column} of "{name}" in {file} has to be {value}. Correct it and save.',
    ),
    programs=PROGRAMS,
    sample=_sample_edit,
    task=_edit_task,
    length=lambda params: 4,
    portable=True,
)


def _sample_clear(rng: np.random.Generator) -> dict[str, Any]:
    rows = any_table(rng)
    return {"rows": rows, "file": file_name(rng), "column": draw(rng, rows[0][1:])}


def _clear_task(params: Params) -> dict[str, Any]:
    rows = params["rows"]
    column = rows[0].index(params["column"])
    after = [[*row[:column], "" if i else row[column], *row[column + 1 :]] for i, row in enumerate(rows)]
    return csv_task(params["file"], rows, after)


_CLEAR = Template(
    name="sheet-clear-column",
    instructions=(
        "Empty all cells of the column {column} in {file} but its heading, and save the file.",
        "Remove every value below the heading {column} in {file}, keep the heading, and save.",
    ),
    programs=PROGRAMS,
    sample=_sample_clear,
    task=_clear_task,
    length=lambda params: 5,
    portable=True,
)

# Formulas.

_SUMMARIES: Mapping[str, tuple[str, Callable[[list[float]], float]]] = {
    "sum": ("SUM", math.fsum),
    "average": ("AVERAGE", lambda values: math.fsum(values) / len(values)),
    "smallest value": ("MIN", min),
    "largest value": ("MAX", max),
}


def _sample_summary(rng: np.random.Generator) -> dict[str, Any]:
    # Eight rows, or sixteen, have averages that end after three binary places, and so are written in full.
    rows = expenses(rng, int(draw(rng, (8, 16, 32, 64))))
    return {
        "rows": rows,
        "file": file_name(rng, ".xlsx"),
        "summary": draw(rng, tuple(_SUMMARIES)),
        "cell": draw(rng, ("E1", "E2", "F3", "G2")),
    }


def _summary_task(params: Params) -> dict[str, Any]:
    rows, cell = params["rows"], params["cell"]
    formula = f"={_SUMMARIES[params['summary']][0]}(C2:C{len(rows)})"
    at = (int(cell[1:]) - 1, ord(cell[0]) - 65)
    before, after = {"Expenses": rows}, {"Expenses": _with_cell(rows, at, formula)}
    return xlsx_task(params["file"], before, after)


_SUMMARY = Template(
    name="sheet-summary",
    instructions=(
        "Write the {summary} of all amounts in {file} into cell {cell} with a formula, and save the file.",
        "Cell {cell} of {file} is to show the {summary} of the column Amount. Put in a formula and save.",
    ),
    programs=PROGRAMS,
    sample=_sample_summary,
    task=_summary_task,
    length=lambda params: 4,
    portable=True,
)


def _sample_category(rng: np.random.Generator) -> dict[str, Any]:
    rows = expenses(rng, int(rng.integers(30, 70)))
    return {"rows": rows, "file": file_name(rng), "category": draw(rng, rows[1:])[1], "cell": "E1"}


def _count_task(params: Params) -> dict[str, Any]:
    rows = params["rows"]
    count = sum(row[1] == params["category"] for row in rows)
    return csv_task(params["file"], rows, _with_cell(rows, (0, 4), count))


_COUNT = Template(
    name="sheet-count-category",
    instructions=(
        "How many expenses of the category {category} does {file} list? Write the number into cell {cell} "
        "and save the file.",
        "Count the rows of {file} whose category is {category}, put the count into {cell}, and save.",
    ),
    programs=PROGRAMS,
    sample=_sample_category,
    task=_count_task,
    length=lambda params: 4,
    portable=True,
)


def _category_sum_task(params: Params) -> dict[str, Any]:
    rows = params["rows"]
    total = math.fsum(row[2] for row in rows[1:] if row[1] == params["category"])
    return csv_task(params["file"], rows, _with_cell(rows, (0, 4), total))


_CATEGORY_SUM = Template(
    name="sheet-sum-category",
    instructions=(
        "Write into cell {cell} of {file} how much was spent on {category} altogether, and save the file.",
        "Add up the amounts of the category {category} in {file}, put the total into {cell}, and save.",
    ),
    programs=PROGRAMS,
    sample=_sample_category,
    task=_category_sum_task,
    length=lambda params: 4,
    portable=True,
    held_out=True,
)


def _sample_product(rng: np.random.Generator) -> dict[str, Any]:
    rows = orders(rng, int(rng.integers(6, 17)))
    return {"rows": rows, "file": file_name(rng), "heading": draw(rng, ("Total", "Revenue", "Value"))}


def _product_task(params: Params) -> dict[str, Any]:
    rows = params["rows"]
    after = [[*row, row[2] * row[3] if i else params["heading"]] for i, row in enumerate(rows)]
    return csv_task(params["file"], rows, after)


_PRODUCT = Template(
    name="sheet-fill-product",
    instructions=(
        "Add a column {heading} to the right of the table in {file} that holds units times price for every "
        "product, and save the file.",
        "In {file}, compute Units × Price for each row in a new column with the heading {heading} right "
        "after the column Price. Save the file.",
    ),
    programs=PROGRAMS,
    sample=_sample_product,
    task=_product_task,
    length=lambda params: 7,
    portable=True,
)


def _sample_grade(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "rows": scores(rng, int(rng.integers(6, 17))),
        "file": file_name(rng),
        "subject": draw(rng, ("Maths", "History", "Science")),
        "limit": str(int(rng.integers(45, 75))),
        "good": draw(rng, ("pass", "yes", "ok")),
        "bad": draw(rng, ("fail", "no", "retake")),
    }


def _grade_task(params: Params) -> dict[str, Any]:
    rows, limit = params["rows"], int(params["limit"])
    column = rows[0].index(params["subject"])
    after = [list(rows[0]) + ["Result"]]
    after += [[*row, params["good" if row[column] >= limit else "bad"]] for row in rows[1:]]
    return csv_task(params["file"], rows, after)


_GRADE = Template(
    name="sheet-conditional",
    instructions=(
        "Add a column Result to the right of the table in {file}. It says {good} for every student who has "
        "at least {limit} in {subject}, and {bad} for the others. Save the file.",
        "In {file}, label each student in a new last column Result: {good} if the mark in {subject} is "
        "{limit} or more, otherwise {bad}. Save the file.",
    ),
    programs=PROGRAMS,
    sample=_sample_grade,
    task=_grade_task,
    length=lambda params: 7,
    portable=True,
)


def _sample_totals(rng: np.random.Generator) -> dict[str, Any]:
    return {"rows": scores(rng, int(rng.integers(6, 15))), "file": file_name(rng)}


def _totals_task(params: Params) -> dict[str, Any]:
    rows = params["rows"]
    after = [[*row, sum(row[1:])] if i else [*row, "Total"] for i, row in enumerate(rows)]
    last = ["Total", *(sum(row[j] for row in after[1:]) for j in range(1, len(after[0])))]
    return csv_task(params["file"], rows, [*after, last])


_TOTALS = Template(
    name="sheet-totals",
    instructions=(
        "Add totals to the table in {file}: a last column Total with the sum of every student's marks, and a "
        "last row Total with the sum of every column, the new one too. Save the file.",
        "{file} needs a column Total after the subjects and a row Total below the students, each with the "
        "sums. Fill in both, and save the file.",
    ),
    programs=PROGRAMS,
    sample=_sample_totals,
    task=_totals_task,
    length=lambda params: 9,
    portable=True,
)

TEMPLATES: tuple[Template, ...] = (
    _EDIT,
    _CLEAR,
    _SUMMARY,
    _COUNT,
    _CATEGORY_SUM,
    _PRODUCT,
    _GRADE,
    _TOTALS,
)

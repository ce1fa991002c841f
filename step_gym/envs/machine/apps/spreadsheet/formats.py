"""Number formats: how a value is shown, in the codes of .xlsx files (ECMA-376 part 1, 18.8.31).

Understood are General, @, digits with thousands separators, decimals, percent and exponent, dates, texts in
quotes and sections for negative numbers; of anything else a number is shown as General shows it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from step_gym.envs.machine.apps.spreadsheet.values import CellError, Value, as_text, date_of, general_text

GENERAL = "General"
DATE = "yyyy-mm-dd"

BUILT_IN = {
    0: GENERAL,
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    14: "m/d/yyyy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    37: "#,##0;-#,##0",
    39: "#,##0.00;-#,##0.00",
    49: "@",
}
"""The formats that an .xlsx file names by number alone."""

_SHOWN_DIGITS = 10
_PIECE = re.compile(r'"([^"]*)"|\\(.)|_(.)|\*(.)|\[([^\]]*)\]|([#0?.,]+)|(E[+-]0+)|(.)', re.DOTALL)
_DATE_PART = re.compile(
    r'"([^"]*)"|\\(.)|(yyyy|yy|mmmm|mmm|mm|m|dddd|ddd|dd|d)|(.)', re.IGNORECASE | re.DOTALL
)


@lru_cache(maxsize=256)
def is_date(code: str) -> bool:
    """Whether a format shows dates."""
    bare = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", code)
    return code != GENERAL and re.search("[dy]", bare, re.IGNORECASE) is not None


def shown(value: Value, code: str = GENERAL, digits: int = _SHOWN_DIGITS) -> str:
    """What a cell shows; with General, numbers to so many significant digits."""
    if isinstance(value, str):
        return value
    if isinstance(value, CellError):
        return value.value
    if not isinstance(value, float):
        return str(as_text(value))
    if code in (GENERAL, "@"):
        return general_text(value, digits)
    if is_date(code):
        return _date(value, code)
    sections = code.split(";")
    if value < 0 and len(sections) > 1:
        return _number(-value, sections[1])
    if value == 0 and len(sections) > 2:
        return _number(value, sections[2])
    return _number(value, sections[0])


def _date(value: float, code: str) -> str:
    day = date_of(value)
    if day is None:
        return general_text(value, _SHOWN_DIGITS)
    return "".join([piece if isinstance(piece, str) else piece(day) for piece in _date_pieces(code)])


_DATE_PARTS: dict[str, Callable[[date], str]] = {
    "yyyy": lambda day: f"{day.year:04d}",
    "yy": lambda day: f"{day.year % 100:02d}",
    "mmmm": lambda day: f"{day:%B}",
    "mmm": lambda day: f"{day:%b}",
    "mm": lambda day: f"{day.month:02d}",
    "m": lambda day: str(day.month),
    "dddd": lambda day: f"{day:%A}",
    "ddd": lambda day: f"{day:%a}",
    "dd": lambda day: f"{day.day:02d}",
    "d": lambda day: str(day.day),
}


@lru_cache(maxsize=256)
def _date_pieces(code: str) -> list[str | Callable[[date], str]]:
    """What a date format consists of: texts, and what makes one of a day."""
    bare = re.sub(r"\[[^\]]*\]|_.|\*.", "", code.split(";")[0])
    return [
        _DATE_PARTS[part.lower()] if part else quoted or escaped or other
        for quoted, escaped, part, other in _DATE_PART.findall(bare)
    ]


@lru_cache(maxsize=256)
def _pieces(section: str) -> tuple[str, str, str, str]:
    """What stands before the digits, the digits, the exponent, and what stands behind."""
    before, digits, exponent, behind = "", "", "", ""
    for quoted, escaped, space, _, bracket, places, power, other in _PIECE.findall(section):
        text = quoted or escaped or other or (" " if space else "")
        if bracket.startswith("$"):  # a currency, as [$€-407]
            text = bracket[1:].split("-")[0]
        if places and not digits:
            digits = places
        elif power:
            exponent = power
        elif digits:
            behind += text
        else:
            before += text
    return before, digits, exponent, behind


def _number(value: float, section: str) -> str:
    before, digits, exponent, behind = _pieces(section)
    if not digits:
        return before + behind if before or behind else general_text(value, _SHOWN_DIGITS)
    value *= 100 ** (before + behind).count("%")
    if not math.isfinite(value):
        return CellError.NUM.value
    whole, _, decimals = digits.partition(".")
    most, least = len(re.sub("[^#0?]", "", decimals)), decimals.count("0")
    if exponent:
        mantissa, _, power = f"{value:.{most}e}".partition("e")
        return f"{before}{mantissa}E{int(power):+0{len(exponent) - 1}d}{behind}"
    # As decimals, because 0.285 is to be shown as 0.29 although its binary form lies below it.
    rounded = Decimal(f"{value:.15g}")
    rounded = (
        round(rounded, most)
        if abs(rounded) > 10**15
        else rounded.quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP)
    )
    text = f"{abs(rounded):f}"
    number, _, fraction = text.partition(".")
    fraction = fraction[:most].rstrip("0").ljust(least, "0") if most > least else fraction
    number = number.lstrip("0").rjust(whole.count("0"), "0")
    if "," in whole.rstrip(","):
        number = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", number)
    sign = "-" if rounded < 0 else ""
    return f"{sign}{before}{number}{'.' + fraction if fraction else ''}{behind}"

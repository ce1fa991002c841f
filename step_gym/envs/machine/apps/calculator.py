"""What a pocket calculator does: expressions over decimal numbers, apart from any screen.

Rules of everyday arithmetic: powers bind tighter than signs, signs tighter than products, and `%` after a
number is a hundredth of it. Work is bounded, because what is typed may be hostile.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow

MAX_CHARS = 200
_DIGITS = 12  # that a result shows
_LARGEST_EXPONENT = 999
_CONTEXT = Context(prec=28, Emax=_LARGEST_EXPONENT, Emin=-_LARGEST_EXPONENT)
_CONTEXT.traps[InvalidOperation] = _CONTEXT.traps[DivisionByZero] = _CONTEXT.traps[Overflow] = True

_TOKEN = re.compile(r"\s*(?:(\d+\.?\d*|\.\d+)|([-+×*÷/^%√()−]))")
_SAME = {"*": "×", "/": "÷", "−": "-"}


class CalculationError(ValueError):
    """What the display says instead of a result."""


def calculate(expression: str) -> str:
    """The value of an expression as a calculator shows it: at most 12 digits, no zeros that say nothing.

    Known are `+ - × ÷ ^ % √`, brackets, decimal points; `*` and `/` are read as well.

    Raises:
        CalculationError: "Malformed expression", "Division by zero is undefined", "The square root of a
            negative number is undefined", "Too large", or "Too long".
    """
    if len(expression) > MAX_CHARS:
        raise CalculationError("Too long")
    tokens = _tokens(expression)
    if not tokens:
        raise CalculationError("Malformed expression")
    parser = _Parser(tokens)
    try:
        value = parser.sum()
    except (DivisionByZero, ZeroDivisionError):
        raise CalculationError("Division by zero is undefined") from None
    except Overflow:
        raise CalculationError("Too large") from None
    except (DecimalException, RecursionError):
        raise CalculationError("Malformed expression") from None
    if parser.tokens:
        raise CalculationError("Malformed expression")
    return shown(value)


def shown(value: Decimal) -> str:
    """A number as the display has it."""
    rounded = Context(prec=_DIGITS).create_decimal(value).normalize()
    if rounded == 0:
        return "0"
    if -7 <= rounded.adjusted() < _DIGITS:
        return f"{rounded:f}"
    digits, _, exponent = f"{rounded:E}".partition("E")
    return f"{digits}×10^{int(exponent)}"


def _tokens(expression: str) -> list[str]:
    tokens, position = [], 0
    text = expression.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise CalculationError("Malformed expression")
        token = match[1] or match[2]
        tokens.append(_SAME.get(token, token))
        position = match.end()
    return tokens


class _Parser:
    """Reads tokens from the front by recursive descent; the length of an expression bounds its depth."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens

    def _next(self, *choices: str) -> str:
        return self.tokens.pop(0) if self.tokens and self.tokens[0] in choices else ""

    def sum(self) -> Decimal:
        value = self._product()
        while sign := self._next("+", "-"):
            term = self._product()
            value = _CONTEXT.add(value, term) if sign == "+" else _CONTEXT.subtract(value, term)
        return value

    def _product(self) -> Decimal:
        value = self._signed()
        while sign := self._next("×", "÷"):
            factor = self._signed()
            value = _CONTEXT.multiply(value, factor) if sign == "×" else _CONTEXT.divide(value, factor)
        return value

    def _signed(self) -> Decimal:
        if self._next("-"):
            return _CONTEXT.minus(self._signed())
        if self._next("+"):
            return self._signed()
        if self._next("√"):
            value = self._signed()
            if value < 0:
                raise CalculationError("The square root of a negative number is undefined")
            return _CONTEXT.sqrt(value)
        return self._power()

    def _power(self) -> Decimal:
        base = self._percent()
        if not self._next("^"):
            return base
        exponent = self._signed()
        if abs(exponent) > _LARGEST_EXPONENT:
            raise CalculationError("Too large")
        if base == 0 and exponent < 0:
            raise DivisionByZero  # which `power` gives as infinity, without a signal
        return _CONTEXT.power(base, exponent)

    def _percent(self) -> Decimal:
        value = self._atom()
        while self._next("%"):
            value = _CONTEXT.divide(value, Decimal(100))
        return value

    def _atom(self) -> Decimal:
        if self._next("("):
            value = self.sum()
            if not self._next(")"):
                raise CalculationError("Malformed expression")
            return value
        if not self.tokens or not (self.tokens[0][0].isdigit() or self.tokens[0][0] == "."):
            raise CalculationError("Malformed expression")
        return _CONTEXT.create_decimal(self.tokens.pop(0))

"""The calculator's arithmetic, beside Python's own fractions."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from step_gym.envs.machine.apps.calculator import MAX_CHARS, CalculationError, calculate


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("2+3*4", "14"),
        ("(2+3)×4", "20"),
        ("7÷2", "3.5"),
        ("-2^2", "-4"),
        ("2^-1", "0.5"),
        ("50%×80", "40"),
        ("√(9+16)", "5"),
        ("0.1+0.2", "0.3"),
        ("1/3", "0.333333333333"),
        (".5 + 5.", "5.5"),
        ("100000000000×100", "1×10^13"),
        ("1÷100000000", "1×10^-8"),
        ("1×10^-8 × 2", "2×10^-8"),
        ("2−5", "-3"),
    ],
)
def test_everyday_arithmetic(expression: str, result: str) -> None:
    assert calculate(expression) == result


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("", "Malformed"),
        ("2+", "Malformed"),
        ("(1", "Malformed"),
        ("1)2", "Malformed"),
        ("__import__('os')", "Malformed"),
        ("1/0", "Division by zero"),
        ("0^-1", "Division by zero"),
        ("√(0-4)", "square root"),
        ("9^9999", "Too large"),
        ("9^999^999", "Too large"),
        ("1" * (MAX_CHARS + 1), "Too long"),
        ("(" * MAX_CHARS, "Malformed"),
        ("-" * (MAX_CHARS - 2) + "1x", "Malformed"),
    ],
)
def test_what_cannot_be_calculated_says_why(expression: str, why: str) -> None:
    with pytest.raises(CalculationError, match=why):
        calculate(expression)


@given(st.text(alphabet="0123456789.+-×÷*/^%√() a", max_size=60))
def test_whatever_is_typed_gives_a_number_or_a_reason(text: str) -> None:
    try:
        result = calculate(text)
    except CalculationError as error:
        assert str(error)
    else:
        assert re.fullmatch(r"-?\d+(\.\d+)?(×10\^-?\d+)?", result)


_NUMBERS = st.integers(-999, 999)


@given(_NUMBERS, _NUMBERS, _NUMBERS.filter(bool), st.sampled_from("+-×"))
def test_sums_and_products_are_those_of_fractions(a: int, b: int, c: int, sign: str) -> None:
    expected = {"+": Fraction(a) + Fraction(b, c), "-": a - Fraction(b, c), "×": a * Fraction(b, c)}[sign]
    found = calculate(f"({a}){sign}({b})÷({c})")
    mantissa, _, exponent = found.partition("×10^")
    value = Fraction(Decimal(mantissa)) * Fraction(10) ** int(exponent or 0)
    assert abs(value - expected) <= abs(expected) * Fraction(1, 10**11)

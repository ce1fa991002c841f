from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from step_gym.envs.webshop.fuzzy import token_set_ratio

DATA = Path(__file__).parents[2] / "data" / "webshop"
LIBRARY = json.loads((DATA / "token_set_ratio.json").read_text())


def test_ratios_equal_the_librarys() -> None:
    assert len(LIBRARY) > 400 and len({ratio for *_, ratio in LIBRARY}) > 30
    for first, second, ratio in LIBRARY:
        assert token_set_ratio(first, second) == ratio, (first, second)


@given(st.text(max_size=20), st.text(max_size=20))
def test_ratios_of_any_text(first: str, second: str) -> None:
    ratio = token_set_ratio(first, second)
    assert 0 <= ratio <= 100
    assert ratio == token_set_ratio(second, first)


@given(st.text(alphabet="ab cd -_é日İ", max_size=16), st.text(alphabet="ab cd -_é日İ", max_size=16))
def test_ratios_where_the_library_is_installed(first: str, second: str) -> None:
    fuzz = pytest.importorskip("thefuzz.fuzz")
    assert token_set_ratio(first, second) == fuzz.token_set_ratio(first, second)

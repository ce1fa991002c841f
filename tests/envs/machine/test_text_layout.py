"""Wrapping and ellipsis, against the standard library's textwrap and the fonts' own measure."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from step_gym.envs.machine import fonts, text_layout
from step_gym.envs.machine.text_layout import fit, nearest, offset_of, wrap

SIZE = 14
WORDS = st.lists(st.text("abcWi", min_size=1, max_size=9), min_size=1, max_size=12)
ANY = st.text(st.sampled_from("ab W\n-é🙂\t"), max_size=40)


@given(WORDS, st.integers(9, 30))
def test_monospaced_lines_break_as_textwrap_breaks_them(words, columns):
    text = " ".join(words)
    cell = fonts.measure("x", SIZE, "mono")
    lines = fit(text, round(columns * cell + cell / 2), SIZE, "mono", 0)[2]
    assert list(lines) == textwrap.wrap(text, columns)


@given(ANY, st.integers(1, 200))
def test_lines_hold_the_whole_text_and_fit(text, width):
    spans = wrap(text, width, SIZE, "regular")
    at = 0
    for start, end in spans:
        assert text[at:start] in ("", "\n")
        line = text[start:end]
        assert "\n" not in line
        assert len(line.rstrip()) <= 1 or fonts.measure(line.rstrip(), SIZE) <= width + 0.02
        at = end
    assert at == len(text)
    assert len(spans) >= text.count("\n") + 1


@given(ANY, st.integers(30, 200), st.integers(1, 3))
def test_what_does_not_fit_ends_with_an_ellipsis(text, width, max_lines):
    all_lines = fit(text, width, SIZE, "regular", 0)[2]
    w, h, lines = fit(text, width, SIZE, "regular", max_lines)
    assert len(lines) == min(len(all_lines), max_lines)
    assert h == len(lines) * fonts.line_height(SIZE)
    assert max(fonts.measure(line, SIZE) for line in lines) <= width + 0.02
    assert w <= width
    if len(all_lines) > max_lines:
        assert lines[:-1] == all_lines[: max_lines - 1]
        kept = lines[-1].removesuffix("…")
        assert lines[-1] != kept
        assert kept in text
    else:
        assert lines == all_lines


def test_a_word_wider_than_the_line_is_broken():
    assert "".join(fit("W" * 50, 60, SIZE, "regular", 0)[2]) == "W" * 50


def test_lines_also_break_behind_hyphens():
    width = round(fonts.measure("well-known", SIZE)) - 4
    assert fit("well-known", width, SIZE, "regular", 0)[2] == ("well-", "known")


@pytest.mark.parametrize("text", ["Hello, world", "iiiiWWWW", "a🙂b"])
def test_points_between_characters_are_found_again(text):
    for position in range(len(text) + 1):
        x = offset_of(text, position, SIZE, "regular")
        assert nearest(text, x, SIZE, "regular") == position
    assert nearest(text, -100, SIZE, "regular") == 0
    assert nearest(text, 1e6, SIZE, "regular") == len(text)


def test_what_was_found_of_long_texts_is_forgotten(monkeypatch):
    monkeypatch.setattr(text_layout, "_MOST_CHARS", 20_000)
    begun = wrap("begun", 400, 14, "regular")
    assert wrap("begun", 400, 14, "regular") is begun
    for i in range(90):
        wrap(f"{i}" + " " * 300, 400, 14, "regular")
    assert wrap.cache_info().currsize < 60
    assert wrap("begun", 400, 14, "regular") == begun

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from step_gym.arguments import convert, env_kwargs, nested_settings, parse_flags, resolve_env_id, short_name
from step_gym.registration import ENTRY_POINTS


@dataclass(frozen=True)
class Inner:
    """Inner settings.

    Attributes:
        rate: A rate.
        steps: Some steps.
    """

    rate: float = 0.5
    steps: int = 3


@dataclass(frozen=True)
class Outer:
    """All settings.

    Attributes:
        name: A name.
        mode: A choice.
        pair: Two numbers.
        free: Anything.
        inner: The inner ones.
    """

    name: str = "a"
    mode: Literal["append", "window"] = "window"
    pair: tuple[float, float] = (0.1, 0.2)
    free: dict[str, Any] = field(default_factory=dict)
    inner: Inner = field(default_factory=Inner)

    def __post_init__(self) -> None:
        if self.name == "":
            raise ValueError("name='': must not be empty")


@pytest.mark.parametrize("env_id", ENTRY_POINTS)
def test_an_environment_answers_to_its_id_and_its_short_name(env_id: str) -> None:
    for name in (env_id, env_id.lower(), short_name(env_id), short_name(env_id).upper()):
        assert resolve_env_id(name) == env_id


def test_short_names() -> None:
    assert [short_name(env_id) for env_id in ("STEP-Toy-v0", "STEP-ALFWorld-v12")] == ["toy", "alfworld"]


@pytest.mark.parametrize(
    ("text", "hint", "value"),
    [
        ("3", int, 3),
        ("0.5", float, 0.5),
        ("true", bool, True),
        ("None", int | None, None),
        ("0.3", str, "0.3"),
        ("/a/b", str | None, "/a/b"),
        ("0.3", Literal["0.3", "0.4"], "0.3"),
        ("2", Literal[1, 2], 2),
        ("[1, 2]", Any, [1, 2]),
        ("__import__('os')", Any, "__import__('os')"),
        ("", Any, ""),
    ],
)
def test_values_follow_the_declared_type(text: str, hint: Any, value: Any) -> None:
    converted = convert("key", text, hint)
    assert converted == value and type(converted) is type(value)


def test_a_choice_is_refused_with_the_choices() -> None:
    with pytest.raises(ValueError, match=r"unknown value of grammar '0\.5': .*0\.3, 0\.4|0\.4, 0\.3"):
        convert("grammar", "0.5", Literal["0.3", "0.4"])


def test_env_kwargs_are_those_of_the_constructor() -> None:
    assert env_kwargs("STEP-Toy-v0", ["tasks=7", "split=train"]) == {"tasks": 7, "split": "train"}
    assert env_kwargs("STEP-ALFWorld-v0", ["grammar=0.3"]) == {"grammar": "0.3"}
    with pytest.raises(
        ValueError, match="unknown keyword argument of STEP-Toy-v0 'max_dificulty'.*'max_difficulty'"
    ):
        env_kwargs("STEP-Toy-v0", ["max_dificulty=7"])


def test_nested_settings() -> None:
    texts = ["sampling.s0=0.5", "sampling.enabled=false", "weight=sqrt_odds"]
    assert nested_settings(texts) == {"sampling": {"s0": 0.5, "enabled": False}, "weight": "sqrt_odds"}
    for text in ("sampling.s0", "a..b=1", "=1"):
        with pytest.raises(ValueError, match="is not of the form"):
            nested_settings([text])


def test_flags_change_nested_fields_and_leave_the_rest() -> None:
    default = Outer(name="b", free={"size": "small"})
    assert parse_flags(default, [], "prog") == default
    changed = parse_flags(default, ["--inner.rate", "0.25", "--pair", "1", "2", "--mode=append"], "prog")
    assert changed == Outer("b", "append", (1.0, 2.0), {"size": "small"}, Inner(rate=0.25))


@pytest.mark.parametrize(
    ("flags", "part"),
    [
        (
            ["--inner.rte", "1"],
            "unknown argument '--inner.rte': did you mean '--inner.rate'? choices: --inner.rate",
        ),
        (["--inner.steps", "1.5"], "--inner.steps: invalid literal for int() with base 10: '1.5'"),
        (["--mode", "windw"], "'windw' for argument '--mode'"),
        (["--pair", "1"], "--pair"),
        (["--name", ""], "name='': must not be empty"),
        (["stray"], "unknown argument 'stray'"),
    ],
)
def test_a_wrong_flag_is_one_line(flags: list[str], part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    with pytest.raises(ValueError) as error:
        parse_flags(Outer(), flags, "step-gym train")
    assert part in str(error.value) and "\n" not in str(error.value)


def test_help_lists_the_flags(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        parse_flags(Outer(), ["--help"], "step-gym train")
    assert stop.value.code == 0
    assert "--inner.rate" in capsys.readouterr().out

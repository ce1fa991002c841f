"""What the folder of a policy says of itself: `policy.json`, and the head of the model's `config.json`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from step_gym.agents.config import HistoryConfig
from step_gym.envs.core import unknown_name_error

Kind = Literal["tiny", "llm"]
KINDS: tuple[Kind, ...] = ("tiny", "llm")
FORMAT = 1  # of the file; to be raised when readers of the old one would misunderstand it
_Config = TypeVar("_Config")


@dataclass(frozen=True, slots=True)
class SavedPolicy:
    """What a `policy.json` says.

    Attributes:
        folder: Where it lies.
        policy: Kind of the policy.
        version: Number of updates that the policy has seen.
        config: Fields of the policy's own configuration.
        base: Folder or hub name of the model that adapters belong to, None for a whole model.
        history: What its prompts held in training; None where that was not kept.
    """

    folder: Path
    policy: Kind
    version: int
    config: dict[str, Any]
    base: str | None = None
    history: HistoryConfig | None = None

    def config_as(self, cls: type[_Config]) -> _Config:
        """The configuration as a dataclass whose fields all have defaults, of plain types.

        Raises:
            ValueError: A field is unknown or of another type; one line with the way out.
        """
        return _built(self.folder, cls, self.config)


def write_policy(saved: SavedPolicy) -> None:
    """Write `policy.json` into the policy's folder, which exists."""
    values = {name: value for name, value in asdict(saved).items() if name != "folder"}
    text = json.dumps({"format": FORMAT, **values}, indent=2) + "\n"
    (saved.folder / "policy.json").write_text(text, encoding="utf-8")


def keep_history(folder: str | Path, history: HistoryConfig) -> None:
    """Add to a saved policy what its prompts held in training. Raises as `read_policy` does."""
    write_policy(replace(read_policy(folder), history=history))


def read_policy(folder: str | Path, kind: Kind | None = None) -> SavedPolicy:
    """Read `policy.json`.

    Args:
        folder: The policy's.
        kind: The kind that is wanted, None for any.

    Raises:
        ValueError: The file is missing, damaged, of a newer step-gym or about another kind; one line with
            the way out.
    """
    folder = Path(folder)
    try:
        values = json.loads((folder / "policy.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(f"{folder} holds no saved policy: there is no policy.json in it") from None
    except (OSError, ValueError) as error:
        raise _unreadable(folder, str(error)) from error
    if not isinstance(values, dict):
        raise _unreadable(folder, "it is no JSON object")
    format = values.get("format", 1)
    if type(format) is not int or format > FORMAT:
        raise ValueError(
            f"{folder}/policy.json is of format {format!r}, this step-gym reads {FORMAT}: update step-gym"
        )
    if values.get("policy") not in KINDS:
        raise _unreadable(folder, str(unknown_name_error("policy", values.get("policy"), KINDS)))
    kinds = {"version": int, "config": dict, "base": str | None, "history": dict | None}
    for name, type_ in kinds.items():
        if not isinstance(values.get(name), type_):
            raise _unreadable(folder, f"{name} is {values.get(name)!r}")
    history = values.get("history")
    found = SavedPolicy(
        folder,
        values["policy"],
        values["version"],
        values["config"],
        values.get("base"),
        None if history is None else _built(folder, HistoryConfig, history),
    )
    if kind not in (None, found.policy):
        raise ValueError(
            f"{folder} holds a policy of kind {found.policy!r}, not {kind!r}: "
            "step_gym.agents.load.load_policy reads either"
        )
    return found


def check_model_config(folder: str | Path, names: Sequence[str] = ("model_type",)) -> None:
    """Refuse a model's folder whose `config.json` leaves out what transformers would then guess.

    It takes the type of the model from the folder's name, and sizes from the type, which makes a model of
    seven thousand million parameters of an empty file. Raises `ValueError` naming what is missing, or
    `OSError` if there is no such file.
    """
    values = json.loads((Path(folder) / "config.json").read_text(encoding="utf-8"))
    missing = [name for name in names if not isinstance(values, dict) or name not in values]
    if missing:
        raise ValueError(f"config.json does not say {', '.join(missing)}")


def _built(folder: Path, cls: type[_Config], values: dict[str, Any]) -> _Config:
    """A dataclass whose fields all have defaults, of plain types, from what `policy.json` says of it."""
    defaults = asdict(cls())  # pyright: ignore[reportArgumentType]
    for name, value in values.items():
        if name not in defaults:
            raise _unreadable(folder, str(unknown_name_error("setting", name, defaults)))
        if type(value) is not type(defaults[name]):
            raise _unreadable(folder, f"{name} is {value!r}, which is no {type(defaults[name]).__name__}")
    try:
        return cls(**values)
    except ValueError as error:
        raise _unreadable(folder, str(error)) from error


def _unreadable(folder: Path, reason: str) -> ValueError:
    return ValueError(
        f"{folder}/policy.json cannot be read ({' '.join(reason.split())[:300]}): "
        "take another checkpoint, or the step-gym that wrote it"
    )

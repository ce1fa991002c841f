"""Parts of screens that all windows share: their handlers act on the window that runs them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from step_gym.envs.machine.parts import keep, part_of
from step_gym.envs.machine.views import View

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow


class _Acting(threading.local):
    window: ProgramWindow | None = None


_acting = _Acting()


class _StandIn:
    """Stands for the window whose handler runs; while none does it has nothing to ask for."""

    def __getattr__(self, name: str) -> Any:
        if _acting.window is None:
            raise RuntimeError(f"a kept part was made from the window's {name!r}: pass what it reads")
        return getattr(_acting.window, name)


_STAND_IN = cast("ProgramWindow", _StandIn())


def kept(make: Callable[..., View], *read: Hashable) -> View:
    """A part of a screen that reads little: `make(ui, *read)`, the same view while `read` is equal.

    It is made once for all windows and episodes, so `ui` serves its handlers alone: it stands for the window
    in which they run. The part holds no scrolls and no fields of several lines.
    """
    key = (make, *read)
    view = part_of(key)
    if view is None:
        with acting(None):
            view = make(_STAND_IN, *read)
        keep(view, key)
    return view


@contextmanager
def acting(window: ProgramWindow | None) -> Iterator[None]:
    """While handlers of this window run; while a part is made, which handlers cause too, none does."""
    before, _acting.window = _acting.window, window
    try:
        yield
    finally:
        _acting.window = before

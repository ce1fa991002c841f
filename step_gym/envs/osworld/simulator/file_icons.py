"""How files look on the desktop and in the file manager."""

from __future__ import annotations

from typing import TYPE_CHECKING

from step_gym.envs.machine.apps.files import Entry
from step_gym.envs.machine.views import Style, View
from step_gym.envs.machine.widgets import box

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.desktop import Desktop

Drawing = tuple[str, str]
"""Name and colour of an icon."""

_FOLDER: Drawing = ("folder", "#6ea2ee")
_BY_KIND = {
    "audio": ("music", "#d93025"),
    "image": ("photo", "#12805c"),
    "video": ("video", "#8430ce"),
    "application/zip": ("archive", "#a05a00"),
    "application/pdf": ("book", "#c5221f"),
}


def small_icon(drawing: Drawing) -> View:
    """The icon of a row, 20 pixels high."""
    name, color = drawing
    return View("icon", icon=name, style=Style(width=20, height=20, size=20, color=color))


def large_icon(drawing: Drawing) -> View:
    """The icon of a cell, 48 pixels high: a folder, or a sheet of paper with a sign on it."""
    name, color = drawing
    if drawing == _FOLDER:
        return View("icon", icon=name, style=Style(width=48, height=48, size=48, color=color))
    sign = View("icon", icon=name, style=Style(width=24, height=24, size=24, color=color))
    return box(
        "row",
        (sign,),
        width=40,
        height=48,
        radius=6,
        background="surface",
        border="outline_variant",
        align="center",
        justify="center",
    )


def drawing_of(desktop: Desktop, entry: Entry) -> Drawing:
    """The icon of a file: that of its kind, or of what opens it."""
    if entry.is_folder:
        return _FOLDER
    kind = _BY_KIND.get(entry.mime) or _BY_KIND.get(entry.mime.partition("/")[0])
    if kind is not None:
        return kind
    program = desktop.program_for(entry.path)
    return (program.icon, program.color) if program is not None else ("document", "outline")

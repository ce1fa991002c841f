"""Menu bars, the menus that hang from them, context menus and choices: all lists of `Item`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from step_gym.envs.machine.views import Handler, Style, View
from step_gym.envs.machine.widgets import box, row, spacer
from step_gym.envs.osworld.simulator.kept import kept

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow


class Item(NamedTuple):
    """One line of a menu.

    Attributes:
        text: As "Save As…"; empty for a line between groups.
        shortcut: As "Ctrl+Shift+S"; in a menu bar it works while the menu is closed.
        on_tap: What it does; the menu has closed by then.
        enabled: Otherwise it is grey and does nothing.
        checked: Whether it has a tick; None where it cannot have one.
    """

    text: str
    shortcut: str = ""
    on_tap: Handler | None = None
    enabled: bool = True
    checked: bool | None = None


SEPARATOR = Item("")
Menus = Mapping[str, Sequence[Item]]
_EDITS = (("Cut", "cut"), ("Copy", "copy"), ("Paste", "paste"), ("Select All", "select_all"))


def key_of(shortcut: str) -> str:
    """A shortcut as keys name it: "Ctrl+Shift+S" is "ctrl+shift+s"."""
    return "+".join(sorted(shortcut.lower().split("+")[:-1])) + "+" + shortcut.lower().split("+")[-1]


def menu_bar(ui: ProgramWindow, names: Iterable[str]) -> View:
    """The bar of a screen, of the names of its `menus(ui)`."""
    return kept(_bar, tuple(names))


def _bar(ui: ProgramWindow, names: tuple[str, ...]) -> View:
    cells = [
        View(
            "button",
            f"menu:{name}",
            name,
            style=_BAR_NAME,
            on_tap=lambda name=name: ui.open_menu(name),
            role="menu",
            is_static=True,  # the key Tab passes them by, as in GTK
        )
        for name in names
    ]
    bar = box("row", cells, height=30, padding=(4, 0), align="center", background="surface")
    return bar._replace(role="menu-bar", is_static=True)


_BAR_NAME = Style(height=26, padding=(9, 0, 9, 0), radius=5, size=13)


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu that is open.

    Attributes:
        kind: Where its items come from: "bar" (the screen's `menus`), "popup" (the screen's `popup`), or
            "field" (cut, copy and paste for a text field).
        name: Which of them: the name in the bar, that given to `ui.popup`, or the field's id.
        chosen: The line that arrow keys have reached, -1 for none.
    """

    kind: str
    name: str
    chosen: int = -1

    def build(self, ui: ProgramWindow) -> View:
        """The items, each in a row."""
        looks = tuple(item._replace(on_tap=None) for item in ui.items_of(self))
        return kept(_panel, self.name if self.kind == "bar" else "", looks, self.chosen)

    def on_key(self, ui: ProgramWindow, name: str, modifiers: tuple[str, ...]) -> bool:
        """Arrows choose, Enter does, Left and Right go to the neighbours in the bar; takes every key."""
        items = ui.items_of(self)
        usable = [i for i, item in enumerate(items) if item.text and item.enabled]
        if name in ("Up", "Down") and usable:
            step = 1 if name == "Down" else -1
            at = usable.index(self.chosen) + step if self.chosen in usable else (0 if step > 0 else -1)
            ui.show(replace(self, chosen=usable[at % len(usable)]))
        elif name in ("Enter", " ") and self.chosen in usable:
            choose(ui, items[self.chosen])
        elif name in ("Left", "Right") and self.kind == "bar":
            ui.close()
            names = list(ui.menus())
            ui.open_menu(names[(names.index(self.name) + (1 if name == "Right" else -1)) % len(names)])
        elif name == "Escape":
            ui.close()
        elif len(name) == 1:
            starting = [i for i in usable if items[i].text[0].lower() == name.lower()]
            if starting:
                choose(ui, items[starting[0]])
        return True


def choose(ui: ProgramWindow, item: Item) -> None:
    """Close the open menu and do what an item of it does."""
    ui.close()
    if item.on_tap is not None:
        item.on_tap()


def field_items(ui: ProgramWindow, id: str) -> list[Item]:
    """What a right click on a text field offers."""
    return [Item(text, on_tap=lambda what=what: ui.edit(id, what)) for text, what in _EDITS]


def _panel(ui: ProgramWindow, name: str, items: tuple[Item, ...], chosen: int) -> View:
    ticks = any(item.checked is not None for item in items)
    panel = box(
        "column",
        [_item_row(ui, i, item, ticks, i == chosen) for i, item in enumerate(items)],
        padding=5,
        background="surface",
        radius=8,
        border="outline_variant",
        elevation=3,
        description=name,
    )
    return panel._replace(role="menu")


def _item_row(ui: ProgramWindow, index: int, item: Item, ticks: bool, chosen: bool) -> View:
    def act() -> None:
        menu = ui.screen
        assert isinstance(menu, Menu)
        choose(ui, ui.items_of(menu)[index])

    if not item.text:
        return _LINE
    mark = None
    if ticks:
        mark = View("icon", icon="check", style=_TICK) if item.checked else View("box", style=_TICK)
    color = "on_surface" if item.enabled else "outline"
    shortcut = View("label", text=item.shortcut, style=_SHORTCUT) if item.shortcut else None
    line = row(
        mark,
        View("label", "", item.text, style=_TEXT._replace(color=color)),
        spacer(),
        shortcut,
        id=f"item:{index}",
        height=28,
        padding=(10, 0),
        gap=8,
        radius=5,
        background="primary_container" if chosen else "",
        enabled=item.enabled,
        on_tap=act,
        description=item.text,
    )
    role = "menu-item" if item.checked is None else "check-menu-item"
    return line._replace(role=role, checked=item.checked, selected=chosen)


_TEXT = Style(size=13, max_lines=1)
_SHORTCUT = Style(size=12, color="on_surface_variant", max_lines=1, padding=(32, 0, 0, 0))
_TICK = Style(width=16, height=16, size=16)
_LINE = View(
    "box",
    children=(View("divider", style=Style(color="outline_variant")),),
    style=Style(padding=(4, 4, 4, 4)),
    role="separator",
)

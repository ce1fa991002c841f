"""The content of a window on the desktop: a stack of screens, under mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import is_
from typing import TYPE_CHECKING, Any

from step_gym.envs.machine import fonts, text_editing
from step_gym.envs.machine.display_list import bar_box
from step_gym.envs.machine.fields import position_at, position_beside, text_of
from step_gym.envs.machine.layers import Layer, Screen
from step_gym.envs.machine.layout import natural_size, place
from step_gym.envs.machine.placed import Box, Placed
from step_gym.envs.machine.statics import Statics
from step_gym.envs.machine.text_editing import TextState
from step_gym.envs.machine.tree import find_placed, hit, walk
from step_gym.envs.machine.views import Handler, PointerEvent, View, find, takes_tap
from step_gym.envs.machine.window import Window
from step_gym.envs.osworld.simulator.kept import acting
from step_gym.envs.osworld.simulator.menus import Item, Menu, Menus, field_items, key_of

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.desktop import Desktop

_SCROLLS = ("PageUp", "PageDown", "Up", "Down", "Home", "End")
_BAR_MARGIN = 2  # pixels beside a scroll bar's handle that take hold of it
_LINE = 40  # pixels that an arrow key scrolls


@dataclass(slots=True)
class _Look:
    """What was made last of the layer at a height: its view, and where that lies.

    Attributes:
        statics: Its views that are kept from one layout to the next.
        layers: The layer and those below it, which its screen may read.
        view: What its screen built.
        bounds: Of the window, when it was laid out.
        below: What it may hang at.
        root: It, laid out; None until then.
    """

    statics: Statics
    layers: tuple[Layer, ...] = ()
    view: View | None = None
    bounds: Box | None = None
    below: Placed | None = None
    root: Placed | None = None


class ProgramWindow(Window):
    """A window's content; screens get it as `ui`.

    What a screen builds depends on its layer, on those below, and on what `Desktop.notice_changes` watches:
    while these stay, the view and its layout are kept, as under a menu that is opened.

    Args:
        machine: The desktop.
        bounds: Where the content lies, in pixels of the display.
        id: Of the window on the desktop.
    """

    machine: Desktop
    dims = False

    def __init__(self, machine: Desktop, bounds: Box, id: int) -> None:
        super().__init__(machine, bounds, 1.0)
        self.id = id
        self._looks: list[_Look] = []

    # What screens and their handlers call.

    def quit(self) -> None:
        """Close the window, without asking its screen."""
        self.machine.remove(self.id)

    def close(self) -> None:
        """Take the top layer away; with the last one, the window goes."""
        if self._top_index == 0:
            self.quit()
        else:
            super().close()

    def dialog(self, screen: Screen) -> None:
        """Put a dialog above; its first field gets the focus, with what it begins with selected.

        Of a file's name the extension is left out, so that typing replaces what comes before it.
        """
        super().dialog(screen)
        typed = _first_field(self._top_view)
        if typed is not None:
            stem, dot, _ = typed.initial.rpartition(".")
            end = len(stem) if dot and stem else len(typed.initial)
            self.set_text_state(typed.id, TextState(typed.initial, end, 0))

    @property
    def modifiers(self) -> tuple[str, ...]:
        """Which of "ctrl", "shift", "alt" and "super" are held, for clicks."""
        return self.machine.modifiers

    def open_menu(self, name: str) -> None:
        """Open a menu of the screen's bar."""
        self._push(Layer(Menu("bar", name), kind="menu", anchor=f"menu:{name}"))

    def popup(self, name: str, anchor: str = "") -> None:
        """Open the menu of that name which the screen's `popup` gives: below a view, or at the pointer."""
        at = None if anchor else self.machine.pointer
        self._push(Layer(Menu("popup", name), kind="menu", anchor=anchor, at=at))

    # Menus.

    def menus(self) -> Menus:
        """The menu bar of the screen that takes input; empty where it has none."""
        make = getattr(self.screen, "menus", None)
        return make(self) if make is not None else {}

    def items_of(self, menu: Menu) -> Sequence[Item]:
        """The items of the open menu, from the screen below it."""
        if menu.kind == "field":
            return field_items(self, menu.name)
        below = self._layers[self._top_index - 1]
        building, self._building = self._building, below
        try:
            if menu.kind == "bar":
                return below.screen.menus(self).get(menu.name, ())  # type: ignore[attr-defined]
            return below.screen.popup(self, menu.name)  # type: ignore[attr-defined]
        finally:
            self._building = building

    def close_menus(self) -> bool:
        """Close open menus; False where there are none."""
        found = False
        while self._layers and self.top.kind == "menu":
            self.close()
            found = True
        return found

    # Where things lie.

    def covers(self, x: float, y: float) -> bool:
        """Whether the content or anything that hangs out of it lies at a point."""
        return any(root.box.contains(x, y) for root in self.roots())

    def invalidate(self) -> None:
        """Build anew at the next look: for whoever changes what screens read, without the window."""
        for look in self._looks:
            look.view = look.root = None
        super().invalidate()

    def _built(self) -> tuple[View, ...]:
        if self._views is None:
            self.machine.notice_changes()
        return super()._built()

    def _build(self, index: int) -> View:
        while len(self._looks) <= index:
            self._looks.append(_Look(Statics()))
        look, layers = self._looks[index], self._layers[: index + 1]
        if look.view is None or len(look.layers) != len(layers) or not all(map(is_, look.layers, layers)):
            view = super()._build(index)
            look.layers, look.view, look.root = layers, view, None
        return look.view

    def _place_layer(self, index: int, view: View, below: Placed | None) -> Placed:
        look, layer = self._looks[index], self._layers[index]
        if look.root is None or look.below is not below or look.bounds != self._bounds:
            left, top, right, bottom = self._layer_box(layer, view, below)
            look.statics.begin(layer.state)
            look.bounds, look.below = self._bounds, below
            look.root = place(
                view, right - left, bottom - top, self.scale, layer.state, left, top, known=look.statics
            )
        return look.root

    def _layer_box(self, layer: Layer, view: View, below: Placed | None) -> Box:
        area = self.machine.work_area
        if layer.kind == "screen":
            return self._bounds
        width, height = natural_size(view, area.width, self.scale, layer.state)
        width, height = min(width, area.width), min(height, area.height)
        anchor = find_placed(below, layer.anchor) if below and layer.anchor else None
        if layer.kind == "menu" and (anchor or layer.at):
            if anchor:
                left, top = anchor.box.left, anchor.box.bottom + 2
                above = anchor.box.top - 2
            else:
                left, top = layer.at or (0, 0)
                above = top
            top = top if top + height <= area.bottom else max(above - height, area.top)
        elif layer.kind == "toast":
            left = self._bounds.center[0] - width // 2
            top = self._bounds.bottom - height - 24
        else:
            left = self._bounds.center[0] - width // 2
            top = self._bounds.center[1] - height // 2
        left = min(max(left, area.left), area.right - width)
        top = min(max(top, area.top), area.bottom - height)
        return Box(left, top, left + width, top + height)

    # Input.

    def _call(self, handler: Callable[..., object], *args: Any) -> None:
        with acting(self):
            super()._call(handler, *args)

    # The mouse.

    def _outside(self, x: float, y: float) -> bool:
        """A press beside a menu closes it; beside a dialog it does nothing."""
        if self.top.kind == "screen" or self.placed().box.contains(x, y):
            return False
        if self.top.kind != "menu":
            return True
        opened = self.screen
        self.close()
        path = hit(self.placed(), x, y, takes_tap)
        is_other = bool(path) and path[-1].view.id.startswith("menu:")
        return not (is_other and isinstance(opened, Menu) and path[-1].view.id != f"menu:{opened.name}")

    def click(self, x: float, y: float, count: int = 1) -> bool:
        """Click with the left button: the count-th click in a row at a place."""
        self._before_input()
        if self._drag_bar(x, y, x, y):
            return True
        path = hit(self.placed(), x, y, _takes_click)
        if path and path[-1].view.on_pointer is not None and not self._outside(x, y):
            self._point(path[-1], "click", x, y, count=count)
            return True
        if path and path[-1].view.kind == "field" and path[-1].view.enabled:
            self._click_field(path[-1], x, y, count)
            return True
        if count == 2 and path and path[-1].view.enabled and path[-1].view.on_double_tap is not None:
            self._call(path[-1].view.on_double_tap)
            return True
        took = self.tap(x, y)
        if not took and self.top.kind == "screen" and self.top.state.focus:
            self.focus("")
        return took

    def _click_field(self, field: Placed, x: float, y: float, count: int) -> None:
        view, state, position = field.view, text_of(field), position_at(field, x, y)
        if count == 2:
            self._select_word(field, x, y)
        elif count > 2:
            line = text_editing.move(text_editing.select(state, position, position), "home")
            self._edit(view, text_editing.move(line, "end", extend=True))
        elif "shift" in self.modifiers and field.focused:
            self._edit(view, text_editing.select(state, state.anchor, position))
        else:
            self._edit(view, text_editing.select(state, position, position))

    def right_click(self, x: float, y: float) -> bool:
        """Click with the right button: the topmost view there opens its menu; a field one for its text."""
        self._before_input()
        if self._outside(x, y):
            return True
        path = hit(self.placed(), x, y, _takes_menu)
        if not path or not path[-1].view.enabled:
            return bool(path)
        view = path[-1].view
        if view.on_pointer is not None:
            self._point(path[-1], "menu", x, y)
        elif view.on_long_press is not None:
            self._call(view.on_long_press)
        else:
            position = position_at(path[-1], x, y)
            start, end = text_of(path[-1]).selection
            if not start <= position < end:
                self._edit(view, text_editing.select(text_of(path[-1]), position, position))
            self._push(Layer(Menu("field", view.id), kind="menu", at=self.machine.pointer))
        return True

    def drag_to(self, x1: float, y1: float, x2: float, y2: float) -> bool:
        """Move the pointer with the left button held: a slider follows, a text is selected."""
        self._before_input()
        if self.top.kind != "screen" and not self.placed().box.contains(x1, y1):
            return True
        if self._drag_bar(x1, y1, x2, y2):
            return True
        path = hit(self.placed(), x1, y1, _takes_click)
        if path and path[-1].view.on_pointer is not None:
            self._point(path[-1], "drag", x2, y2, x1, y1)
            return True
        return self.drag(x1, y1, x2, y2)

    def _drag_bar(self, x1: float, y1: float, x2: float, y2: float) -> bool:
        """Scroll to where the pointer is, where it went down on a scroll bar."""
        path = hit(self.placed(), x1, y1, lambda view: bool(view.style.bar))
        if not path or (handle := bar_box(path[-1])) is None:
            return False
        target, content = path[-1], path[-1].content
        if target.view.direction == "row":
            room, length, at, across = content.width, handle.width, x2 - content.left, handle.top - y1
        else:
            room, length, at, across = content.height, handle.height, y2 - content.top, handle.left - x1
        if across > _BAR_MARGIN:
            return False
        share = min(max((at - length / 2) / max(room - length, 1), 0.0), 1.0)
        self.scroll_to(target.view.id, round(share * (target.extent - room)))
        return True

    def _point(
        self,
        target: Placed,
        kind: str,
        x: float,
        y: float,
        from_x: float | None = None,
        from_y: float | None = None,
        **more: int,
    ) -> None:
        """Tell a view what the mouse did in it."""
        left, top = target.box.left, target.box.top
        assert target.view.on_pointer is not None
        if not target.view.enabled:
            return
        at = (int(x) - left, int(y) - top)
        start = at if from_x is None or from_y is None else (int(from_x) - left, int(from_y) - top)
        self._call(target.view.on_pointer, PointerEvent(kind, *at, *start, **more))

    def wheel(self, x: float, y: float, pixels: int, horizontal: bool = False) -> bool:
        """Scroll what lies under a point; positive towards the end."""
        path = hit(self.placed(), x, y, lambda v: v.on_pointer is not None)
        if path:
            self._before_input()
            across, down = (pixels, 0) if horizontal else (0, pixels)
            self._point(path[-1], "wheel", x, y, across=across, down=down)
            return True
        return super().wheel(x, y, pixels, horizontal)

    # The keyboard.

    def key(self, name: str, modifiers: tuple[str, ...] = ()) -> bool:
        """Press a key: the screen's own, then shortcuts, then what fields and buttons make of it."""
        self._before_input()
        on_key = getattr(self.screen, "on_key", None)
        if on_key is not None and (len(name) > 1 or self.focused_field is None or modifiers):
            took = on_key(self, name, modifiers)
            if took:
                self._changed()
                return True
        if (handler := self._shortcut(name, modifiers)) is not None:
            self._call(handler)
            return True
        if name == "Escape" and self.top.kind != "screen":
            return self.back()
        field = self.focused_field
        if name == "Enter" and field is None:
            return self._press_focused() or self._press_default()
        if name in _SCROLLS and (field is None or name in ("PageUp", "PageDown")):
            return self._scroll_by_key(name, field)
        if name == "Tab" and field is not None and field.multiline and not modifiers:
            return self.type("\t")
        return super().key(name, modifiers)

    def _shortcut(self, name: str, modifiers: tuple[str, ...]) -> Handler | None:
        """What a key does beside typing."""
        plain = not set(modifiers) & {"ctrl", "alt", "super"}
        if plain and (len(name) == 1 or self.focused_field is not None) and not _is_function_key(name):
            return None
        pressed = "+".join(sorted(modifiers)) + "+" + name.lower()
        own = getattr(self.screen, "shortcuts", None)
        if own is not None:
            for shortcut, handler in own(self).items():
                if key_of(shortcut) == pressed:
                    return handler
        for items in self.menus().values():
            for item in items:
                if item.shortcut and item.enabled and key_of(item.shortcut) == pressed:
                    return item.on_tap
        if modifiers == ("alt",) and len(name) == 1:
            for menu in self.menus():
                if menu[0].lower() == name.lower():
                    return lambda: self.open_menu(menu)
        return None

    def _enter(self, view: View, state: TextState) -> bool:
        """In a dialog, Enter in a line that does nothing of its own presses the default button."""
        if not view.multiline and view.on_submit is None and self._press_default():
            return True
        return super()._enter(view, state)

    def _scroll_by_key(self, name: str, field: View | None) -> bool:
        """Scroll the field, or the largest view that scrolls, by a page, a line, or to an end."""
        placed = [
            p for p in walk(self.placed()) if p.view is field or (not field and p.view.kind == "scroll")
        ]
        placed = [p for p in placed if p.view.direction != "row" and p.extent > p.content.height]
        if not placed:
            return False
        target = max(placed, key=lambda p: p.content.width * p.content.height)
        page = target.content.height - fonts.line_height(target.text_px)
        by = {"PageUp": -page, "PageDown": page, "Up": -_LINE, "Down": _LINE}.get(name)
        offset = target.offset + by if by is not None else (0 if name == "Home" else target.extent)
        room = target.extent - target.content.height
        self.scroll_to(target.view.id, min(max(offset, 0), room))
        if field is not None:
            rows = round((by or 0) / fonts.line_height(target.text_px))
            position = position_beside(target, rows)
            self._edit(field, text_editing.select(text_of(target), position, position))
        return True

    def _press_default(self) -> bool:
        """Press the default button of the screen, if it has one."""
        default = find(self._top_view, "default")
        if default is None or not default.enabled or default.on_tap is None:
            return False
        self._call(default.on_tap)
        return True


def _first_field(view: View) -> View | None:
    if view.kind == "field" and view.enabled:
        return view
    return next((found for child in view.children if (found := _first_field(child))), None)


def _takes_click(view: View) -> bool:
    return view.on_pointer is not None or view.on_double_tap is not None or takes_tap(view)


def _takes_menu(view: View) -> bool:
    return view.on_pointer is not None or view.on_long_press is not None or view.kind == "field"


def _is_function_key(name: str) -> bool:
    return len(name) > 1 and name[0] == "F" and name[1:].isdigit()

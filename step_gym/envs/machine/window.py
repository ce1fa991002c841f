"""A window: a stack of screens whose whole state is one immutable value, and what taps and keys do to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from step_gym.envs.machine import text_editing
from step_gym.envs.machine.fields import position_at, position_beside, text_of, typed
from step_gym.envs.machine.layers import Layer, Screen, Toast, layer_box
from step_gym.envs.machine.layout import place
from step_gym.envs.machine.placed import Box, Placed, ViewState, field_state
from step_gym.envs.machine.scrolling import offset_after, revealing_offsets
from step_gym.envs.machine.text_editing import TextState, edit_end
from step_gym.envs.machine.tree import find_placed, focusable, hit, path_to
from step_gym.envs.machine.views import Style, View, find, takes_tap

_SCRIM = View("box", style=Style(background="scrim"))


class Window:
    """A stack of layers on a machine.

    Args:
        machine: What screens act on; has a text attribute `clipboard`.
        bounds: Where the window lies, in pixels of the display.
        scale: Pixels in a dp.

    Attributes:
        machine: As given.
        scale: As given.
        dims: Whether what lies behind a dialog is darkened.
    """

    dims = True

    def __init__(self, machine: Any, bounds: Box, scale: float) -> None:
        self.machine = machine
        self.scale = scale
        self._bounds = bounds
        self._layers: tuple[Layer, ...] = ()
        self._top_index = -1
        # Built views and where they lie, of the layers that are seen; a look makes them anew after a change.
        self._views: tuple[View, ...] | None = None
        self._roots: tuple[Placed, ...] | None = None
        self._reveals_focus = False
        self._top_root: Placed | None = None
        self._building: Layer | None = None

    # State.

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The whole state of the window, bottom first; picklable where its screens are. Assign to restore."""
        return self._layers

    @layers.setter
    def layers(self, layers: tuple[Layer, ...]) -> None:
        self._reveals_focus = False
        self._put(layers)

    def _put(self, layers: tuple[Layer, ...]) -> None:
        self._layers = layers
        self._top_index = len(layers) - (2 if layers and layers[-1].kind == "toast" else 1)
        self._changed()

    @property
    def bounds(self) -> Box:
        """Where the window lies. When it shrinks, the focused field is kept in view."""
        return self._bounds

    @bounds.setter
    def bounds(self, bounds: Box) -> None:
        if bounds != self._bounds:
            shrinks = bounds.height < self._bounds.height
            self._bounds = bounds
            self._roots = None
            self._reveals_focus |= shrinks

    def invalidate(self) -> None:
        """Build anew at the next look: for whoever changes what screens read, without the window."""
        self._changed()

    def _changed(self) -> None:
        """Look again at the next look: layers are others, or a handler has run."""
        self._views = self._roots = None

    def settle(self) -> None:
        """Bring what was typed last into sight, which is otherwise left to the next look."""
        if self._reveals_focus:
            self.roots()

    @property
    def top(self) -> Layer:
        """The layer that takes input."""
        return self._layers[self._top_index]

    @property
    def screen(self) -> Screen:
        """The screen that takes input."""
        return self.top.screen

    def _set_top(self, layer: Layer) -> None:
        i = self._top_index
        self._put((*self._layers[:i], layer, *self._layers[i + 1 :]))

    def _set_state(
        self,
        texts: Mapping[str, TextState] | None = None,
        scrolls: Mapping[str, int] | None = None,
        focus: str | None = None,
    ) -> None:
        """Change what the top layer's views remember; None leaves it."""
        top, old = self.top, self.top.state
        state = ViewState(
            old.texts if texts is None else texts,
            old.scrolls if scrolls is None else scrolls,
            old.focus if focus is None else focus,
        )
        self._set_top(Layer(top.screen, state, top.kind, top.anchor, top.at))

    # What screens and their handlers call.

    def text(self, id: str, default: str = "") -> str:
        """What a field of the top screen holds, or of the one that is being built.

        There a field that was never edited reads as `default`: what it begins with is only known once it is
        there.
        """
        found = (self._building or self.top).state.texts.get(id)
        if found is not None:
            return found.text
        view = None if self._building else find(self._top_view, id)
        return default if view is None else view.initial

    def set_text(self, id: str, text: str) -> None:
        """Give a field of the top screen a text; the cursor goes to its end."""
        self._set_state(texts={**self.top.state.texts, id: edit_end(text)})

    def text_state(self, id: str) -> TextState:
        """What a field of the top screen holds, with cursor and selection."""
        return (self._building or self.top).state.texts.get(id) or edit_end(self.text(id))

    def set_text_state(self, id: str, state: TextState) -> None:
        """Give a field of the top screen a text, a cursor and a selection, and the focus."""
        self._set_state(texts={**self.top.state.texts, id: state}, focus=id)
        self._reveals_focus = True

    def focus(self, id: str) -> None:
        """Give a view of the top screen the focus, or none with an empty id."""
        self._set_state(focus=id)

    def scroll_to(self, id: str, offset: int) -> None:
        """Scroll to so many pixels from the start; beyond the end is the end."""
        self._set_state(scrolls={**self.top.state.scrolls, id: max(offset, 0)})

    def show(self, screen: Screen) -> None:
        """Make the top screen this one; what fields and scrolls remember stays, by their ids."""
        top = self.top
        self._set_top(Layer(screen, top.state, top.kind, top.anchor, top.at))

    def open(self, screen: Screen) -> None:
        """Put a new screen above; Back returns from it."""
        self._push(Layer(screen))

    def dialog(self, screen: Screen) -> None:
        """Put a dialog above; Back and a tap outside close it."""
        self._push(Layer(screen, kind="dialog"))

    def drawer(self, screen: Screen) -> None:
        """Put a drawer above, at the left edge; Back and a tap outside close it."""
        self._push(Layer(screen, kind="drawer"))

    def menu(self, screen: Screen, anchor_id: str) -> None:
        """Put a menu above, at the view of the top screen with that id."""
        self._push(Layer(screen, kind="menu", anchor=anchor_id))

    def _push(self, layer: Layer) -> None:
        self.layers = (*(each for each in self._layers if each.kind != "toast"), layer)

    def close(self) -> None:
        """Take the top layer away."""
        i = self._top_index
        self.layers = self._layers[:i] + self._layers[i + 1 :]

    def back(self) -> bool:
        """What Back does: the screen's own `on_back`, or the layer goes. False when it is the only one."""
        on_back = getattr(self.screen, "on_back", None)
        if on_back is not None and on_back(self):
            self._changed()
            return True
        if self._top_index == 0:
            return False
        self.close()
        return True

    def toast(self, text: str) -> None:
        """Show a message until the next input."""
        self.layers = (*self._layers[: self._top_index + 1], Layer(Toast(text), kind="toast"))

    # What is seen.

    def roots(self) -> tuple[Placed, ...]:
        """All that is visible, back to front; a scrim lies below a dialog."""
        if self._reveals_focus:
            self._reveals_focus = False
            self._reveal_focus()
        if self._roots is None:
            roots: list[Placed] = []
            below: Placed | None = None
            for i, view in enumerate(self._built(), self._first_seen):
                layer = self._layers[i]
                if self.dims and layer.kind in ("dialog", "drawer"):
                    roots.append(self._place(_SCRIM, layer.state, self._bounds))
                below = self._place_layer(i, view, below)
                roots.append(below)
                if i == self._top_index:
                    self._top_root = below
            self._roots = tuple(roots)
        return self._roots

    def _place_layer(self, index: int, view: View, below: Placed | None) -> Placed:
        layer = self._layers[index]
        return self._place(view, layer.state, layer_box(layer, view, self._bounds, self.scale, below))

    def placed(self) -> Placed:
        """The layer that takes input, laid out: what an accessibility service sees of the window."""
        self.roots()
        assert self._top_root is not None
        return self._top_root

    @property
    def _first_seen(self) -> int:
        """Index of the last layer that fills the window; only it and those above it are seen."""
        first = len(self._layers) - 1
        while first > 0 and self._layers[first].kind != "screen":
            first -= 1
        return max(first, 0)

    def _built(self) -> tuple[View, ...]:
        if self._views is None:
            self._views = tuple(self._build(i) for i in range(self._first_seen, len(self._layers)))
        return self._views

    @property
    def _top_view(self) -> View:
        """What takes input, built and not laid out."""
        return self._built()[self._top_index - len(self._layers)]

    def _build(self, index: int) -> View:
        layer = self._building = self._layers[index]
        try:
            return layer.screen.build(self)
        finally:
            self._building = None

    def _place(self, view: View, state: ViewState, box: Box, whole: bool = False) -> Placed:
        return place(view, box.width, box.height, self.scale, state, box.left, box.top, whole)

    # Input. Each says whether something took it.

    def _before_input(self) -> None:
        if self._layers and self._layers[-1].kind == "toast":
            self.layers = self._layers[:-1]

    def _call(self, handler: Callable[..., object], *args: Any) -> None:
        """Run a handler; whatever it changed on the machine, the next look sees it."""
        handler(*args)
        self._changed()

    def _outside(self, x: float, y: float) -> bool:
        """Close a dialog or menu beside which there was a tap."""
        if self.top.kind == "screen" or self.placed().box.contains(x, y):
            return False
        self.close()
        return True

    def tap(self, x: float, y: float) -> bool:
        """Tap a point: the topmost view that takes taps does what it does; beside a dialog, it closes."""
        self._before_input()
        if self._outside(x, y):
            return True
        path = hit(self.placed(), x, y, takes_tap)
        if not path:
            return False
        target = path[-1]
        view = target.view
        if not view.enabled:
            return True
        if view.kind == "field":
            position = position_at(target, x, y)
            self._edit(view, text_editing.select(text_of(target), position, position))
        elif view.on_tap is not None:
            self._call(view.on_tap)
        elif view.kind == "slider":
            self._slide(target, x)
        elif view.on_change is not None:
            self._call(view.on_change, True if view.kind == "radio" else not view.checked)
        return True

    def _slide(self, target: Placed, x: float) -> None:
        view = target.view
        share = (x - target.content.left) / max(target.content.width - 1, 1)
        value = view.minimum + min(max(share, 0.0), 1.0) * (view.maximum - view.minimum)
        if view.on_change is not None:
            self._call(view.on_change, value)

    def _select_word(self, target: Placed, x: float, y: float) -> None:
        position = position_at(target, x, y)
        self._edit(target.view, text_editing.select_word(text_of(target), position))

    def wheel(self, x: float, y: float, pixels: int, horizontal: bool = False) -> bool:
        """Scroll what lies under a point; positive towards the end."""
        self._before_input()
        return self._scroll(x, y, pixels, horizontal)

    def _scroll(self, x: float, y: float, pixels: int, horizontal: bool) -> bool:
        scrolled = offset_after(self.placed(), x, y, pixels, horizontal)
        if scrolled is not None:
            self.scroll_to(*scrolled)
        return scrolled is not None

    def drag(self, x1: float, y1: float, x2: float, y2: float) -> bool:
        """Drag with a mouse: moves a slider, selects text in a field."""
        self._before_input()
        path = hit(self.placed(), x1, y1, lambda v: v.kind == "field" or v.kind == "slider" and takes_tap(v))
        if not path:
            return False
        target = path[-1]
        if target.view.enabled and target.view.kind == "slider":
            self._slide(target, x2)
        elif target.view.enabled:
            start, end = position_at(target, x1, y1), position_at(target, x2, y2)
            self._edit(target.view, text_editing.select(text_of(target), start, end))
        return True

    # The keyboard.

    @property
    def focused_field(self) -> View | None:
        """The field that takes what is typed, or None."""
        focus = self.top.state.focus if self._layers else ""
        view = find(self._top_view, focus) if focus else None
        return view if view is not None and view.kind == "field" and view.enabled else None

    def _edit(self, view: View, state: TextState) -> None:
        """Make this what a field holds, and give it the focus."""
        before = field_state(view, self.top.state)
        self._set_state(texts={**self.top.state.texts, view.id: state}, focus=view.id)
        if state.text != before.text and view.on_change is not None:
            self._call(view.on_change, state.text)
        self._reveals_focus = True

    def _reveal_focus(self) -> None:
        """Scroll so far that the caret, or the focused field, is in sight."""
        state = self.top.state if self._layers else ViewState()
        if not state.focus:
            return
        root = self.placed()
        path = path_to(root, state.focus)
        if not path:  # scrolled out of sight
            path = path_to(self._place(root.view, state, root.box, whole=True), state.focus)
        offsets = revealing_offsets(path) if path else {}
        if any(state.scrolls.get(id, 0) != offset for id, offset in offsets.items()):
            self._set_state(scrolls={**state.scrolls, **offsets})

    def type(self, text: str) -> bool:
        """Type characters into the focused field; a newline is the key Enter."""
        self._before_input()
        took = False
        for i, line in enumerate(text.replace("\r\n", "\n").split("\n")):
            if i:
                took = self.key("Enter") or took
            view = self.focused_field
            if view is None:
                return took
            if characters := typed(view, line):
                self._edit(view, text_editing.insert(field_state(view, self.top.state), characters))
                took = True
        return took

    def key(self, name: str, modifiers: tuple[str, ...] = ()) -> bool:
        """Press a key.

        Args:
            name: A character, or "Enter", "Tab", "Escape", "Backspace", "Delete", "Left", "Right", "Up",
                "Down", "Home", "End".
            modifiers: Of "ctrl", "shift", "alt".
        """
        self._before_input()
        if name == "Escape" and self.top.kind != "screen":
            self.close()
            return True
        if name == "Tab":
            return self._focus_next(-1 if "shift" in modifiers else 1)
        view = self.focused_field
        if view is None:
            return self._press_focused() if name in ("Enter", " ") else False
        state = field_state(view, self.top.state)
        if "ctrl" in modifiers and name.lower() in _CLIPBOARD_KEYS:
            self.edit(view.id, _CLIPBOARD_KEYS[name.lower()])
            return True
        if name == "Enter":
            return self._enter(view, state)
        if name in ("Up", "Down"):
            return self._move_by_line(view, -1 if name == "Up" else 1, "shift" in modifiers)
        edited = text_editing.press(state, name, modifiers)
        if edited is not None:
            self._edit(view, edited)
            return True
        return self.type(name) if len(name) == 1 and "ctrl" not in modifiers else False

    def _move_by_line(self, view: View, step: int, extend: bool) -> bool:
        field = find_placed(self.placed(), view.id)
        if field is None:
            return False
        position = position_beside(field, step)
        anchor = text_of(field).anchor if extend else position
        self._edit(view, text_editing.select(text_of(field), anchor, position))
        return True

    def _enter(self, view: View, state: TextState) -> bool:
        """A new line, or what the field does when it is finished: otherwise the next field's turn."""
        if view.multiline:
            self._edit(view, text_editing.insert(state, "\n"))
        elif view.on_submit is not None:
            self._call(view.on_submit, state.text)
        else:
            fields = [each.id for each in focusable(self.placed()) if each.kind == "field"]
            after = fields[fields.index(view.id) + 1 :] if view.id in fields else []
            self.focus(after[0] if after else "")
            self._reveals_focus = True
        return True

    def edit(self, id: str, what: str) -> None:
        """Do to a field what its menu offers: "select_all", "cut", "copy" or "paste"."""
        view = find(self._top_view, id)
        if view is None:
            return
        state = field_state(view, self.top.state)
        if what == "select_all":
            self._edit(view, text_editing.select_all(state))
        elif what == "paste":
            self._edit(view, text_editing.insert(state, typed(view, self.machine.clipboard)))
        elif state.selected_text and not view.password:
            self.machine.clipboard = state.selected_text
            if what == "cut":
                self._edit(view, text_editing.insert(state, ""))

    def _focus_next(self, step: int) -> bool:
        """Give the focus to the next view that takes it, in reading order, around the end."""
        ids = [view.id for view in focusable(self.placed())]
        if not ids:
            return False
        focus = self.top.state.focus
        at = ids.index(focus) + step if focus in ids else (0 if step > 0 else -1)
        self.focus(ids[at % len(ids)])
        self._reveals_focus = True
        return True

    def _press_focused(self) -> bool:
        focus = self.top.state.focus
        target = find_placed(self.placed(), focus) if focus else None
        return target is not None and takes_tap(target.view) and self.tap(*target.box.center)


_CLIPBOARD_KEYS = {"a": "select_all", "x": "cut", "c": "copy", "v": "paste"}

"""Windows: what taps and keys do, and that the layers are their whole state."""

import pickle
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from step_gym.envs.machine import widgets
from step_gym.envs.machine.placed import Box, Placed
from step_gym.envs.machine.text_editing import TextState, select
from step_gym.envs.machine.touch import TouchWindow
from step_gym.envs.machine.tree import find_placed, walk

AREA = Box(0, 24, 360, 784)


class Machine:
    def __init__(self):
        self.clipboard = ""
        self.events = []


@dataclass(frozen=True)
class Form:
    """Some of everything; switch and slider are its state, of other taps the machine takes note."""

    on: bool = False
    sound: float = 0.5

    def build(self, ui):
        note = ui.machine.events.append
        return widgets.page(
            widgets.app_bar(
                "Form",
                lambda: ui.back(),
                [widgets.icon_button("more_vert", "More", lambda: ui.menu(Menu(), "more"), id="more")],
            ),
            widgets.scroll(
                "list",
                widgets.switch_item(
                    "Switch", "", self.on, lambda on: ui.show(replace(self, on=on)), id="switch"
                ),
                widgets.slider("sound", self.sound, 0, 10, lambda v: ui.show(replace(self, sound=v))),
                widgets.field("name", "Name", "Bob", on_change=lambda text: note(("name", text))),
                widgets.field(
                    "amount", "Amount", keyboard="number", on_submit=lambda text: note(("submit", text))
                ),
                widgets.field("note", "Note", multiline=True),
                widgets.button("Off", lambda: note("off"), enabled=False, id="off"),
                widgets.list_item(
                    "Hold me", on_tap=lambda: note("tap"), on_long_press=lambda: note("hold"), id="hold"
                ),
                *[widgets.list_item(f"Row {i}", on_tap=lambda i=i: note(i), id=f"row{i}") for i in range(30)],
                widgets.field("last", "Last"),
            ),
            widgets.fab("add", "Add", lambda: ui.dialog(Question()), id="add"),
        )


@dataclass(frozen=True)
class Menu:
    def build(self, ui):
        return widgets.menu_panel([("One", ui.close), ("Two", lambda: (ui.close(), ui.toast("Two")))])


@dataclass(frozen=True)
class Question:
    def build(self, ui):
        def delete():
            ui.close()
            ui.show(replace(ui.screen, on=True))

        return widgets.dialog_panel("Delete?", buttons=[("Cancel", ui.close), ("Delete", delete)])


@dataclass(frozen=True)
class Stubborn:
    steps: int = 2

    def on_back(self, ui):
        if self.steps:
            ui.show(replace(self, steps=self.steps - 1))
        return self.steps > 0

    def build(self, ui):
        return widgets.label(f"{self.steps} left")


@pytest.fixture
def window():
    window = TouchWindow(Machine(), AREA, 1.0)
    window.open(Form())
    return window


def find(window, id) -> Placed:
    placed = find_placed(window.placed(), id)
    assert placed is not None, id
    return placed


def tap(window, id):
    return window.tap(*find(window, id).clip.center)


def texts(window):
    return [placed.view.text for root in window.roots() for placed in walk(root) if placed.view.text]


def test_a_tap_changes_the_screen_and_the_next_look_shows_it(window):
    before = window.placed()
    assert tap(window, "switch")
    assert window.screen == Form(on=True)
    assert find(window, "switch_widget").view.checked
    assert not any(p.view.checked for p in walk(before))
    assert not window.tap(2, AREA.top + 2)


def test_what_is_laid_out_is_kept_until_something_changes(window):
    assert window.placed() is window.placed()
    before = window.placed()
    window.invalidate()
    assert window.placed() is not before


def test_a_disabled_button_takes_the_tap_and_does_nothing(window):
    assert tap(window, "off")
    assert window.machine.events == []


def test_long_presses(window):
    hold = find(window, "hold").clip.center
    assert window.long_press(*hold) and window.tap(*hold)
    assert window.swipe(*hold, hold[0] + 3, hold[1], 1000) and window.swipe(*hold, *hold, 100)
    assert window.machine.events == ["hold", "tap", "hold", "tap"]
    assert window.long_press(*find(window, "row0").clip.center)
    assert window.machine.events[-1] == 0


def test_a_slider_is_tapped_and_dragged(window):
    box = find(window, "sound").content
    y = box.center[1]
    assert window.tap(box.left, y) and window.screen.sound == 0
    assert window.tap(box.right - 1, y) and window.screen.sound == 10
    assert window.swipe(box.right - 1, y, box.left + (box.width - 1) / 4, y) and window.screen.sound == 2.5
    assert window.drag(box.left, y, -500, y) and window.screen.sound == 0


def test_a_swipe_scrolls_as_far_as_there_is_something(window):
    assert window.swipe(180, 700, 180, 400)
    assert window.top.state.scrolls["list"] == 300
    for _ in range(30):
        window.swipe(180, 700, 180, 100)
    scroll = find(window, "list")
    assert scroll.offset == scroll.extent - scroll.content.height > 0
    assert not window.swipe(180, 700, 180, 100)
    assert not window.swipe(300, 400, 50, 400)
    assert window.wheel(180, 400, -scroll.extent)
    assert find(window, "list").offset == 0


def test_dialogs_close_by_button_by_back_and_by_a_tap_beside_them(window):
    for close in (lambda: tap(window, "button1"), window.back, lambda: window.tap(1, 30)):
        tap(window, "add")
        assert window.top.kind == "dialog"
        assert "Delete?" in texts(window) and "Switch" in texts(window)
        assert find_placed(window.placed(), "switch") is None
        assert close()
        assert window.top.kind == "screen" and len(window.layers) == 1
    tap(window, "add")
    tap(window, "button2")
    assert window.screen == Form(on=True)


def test_a_menu_hangs_at_its_anchor(window):
    anchor = find(window, "more").box
    tap(window, "more")
    menu = window.placed().box
    assert menu.right == 360 - 8 and menu.top == anchor.top
    assert AREA.intersect(menu) == menu


def test_a_drawer_lies_at_the_left_and_leaves_a_strip_to_tap(window):
    window.drawer(Question())
    box = window.placed().box
    assert (box.left, box.top, box.bottom) == (AREA.left, AREA.top, AREA.bottom) and box.right <= 360 - 56
    assert window.tap(box.right + 1, 400) and window.screen == Form()


def test_a_toast_is_seen_until_the_next_input_and_takes_none(window):
    tap(window, "more")
    window.tap(*next(p.box.center for p in walk(window.placed()) if p.view.text == "Two"))
    assert texts(window)[-1] == "Two"
    assert window.screen == Form()
    assert tap(window, "switch")
    assert window.screen == Form(on=True) and "Two" not in texts(window)


def test_back_asks_the_screen_and_then_returns(window):
    window.open(Stubborn())
    assert texts(window) == ["2 left"]
    assert window.back() and window.back() and texts(window) == ["0 left"]
    assert window.back() and window.screen == Form()
    assert not window.back() and len(window.layers) == 1


def test_fields_keep_their_text_by_id(window):
    assert window.text("name") == "Bob" and window.text("note") == ""
    tap(window, "name")
    assert window.focused_field.id == "name"
    window.type("by")
    assert window.text("name") == "Bobby"
    assert window.machine.events == [("name", "Bobby")]
    window.show(Form(on=True))
    assert window.text("name") == "Bobby"
    window.open(Form())
    assert window.text("name") == "Bob"
    window.back()
    window.set_text("name", "Eve")
    assert window.text("name") == "Eve"


@dataclass(frozen=True)
class Echo:
    def build(self, ui):
        return widgets.column(widgets.field("in", initial="x"), widgets.label(ui.text("in", "x") + "!"))


def test_a_screen_reads_its_own_fields_while_it_is_built():
    window = TouchWindow(Machine(), AREA, 1.0)
    window.open(Echo())
    assert texts(window) == ["x!"]
    tap(window, "in")
    window.type("y")
    assert texts(window) == ["xy!"]
    window.dialog(Question())
    assert texts(window)[0] == "xy!"


def test_a_number_field_takes_numbers_and_enter_submits(window):
    tap(window, "amount")
    window.type("1a2.5€ \n")
    assert window.text("amount") == "12.5"
    assert window.machine.events == [("submit", "12.5")]


def test_enter_breaks_lines_or_goes_to_the_next_field(window):
    tap(window, "note")
    window.type("one\ntwo")
    assert window.text("note") == "one\ntwo"
    tap(window, "name")
    window.key("Enter")
    assert window.focused_field.id == "amount"


@given(st.text(max_size=60))
def test_any_text_is_typed_as_it_is(text):
    window = TouchWindow(Machine(), AREA, 1.0)
    window.open(Form())
    tap(window, "note")
    window.type(text)
    shown = text.replace("\r\n", "\n").replace("\r", "\n")
    assert window.text("note") == "".join(c for c in shown if c >= " " or c in "\n\t")
    window.placed()


def test_a_tap_puts_the_cursor_where_it_hits(window):
    tap(window, "note")
    window.type("first line\nsecond line")
    window.key("Home")
    window.key("Up")
    assert window.top.state.texts["note"].cursor == 0
    window.key("Down")
    assert window.top.state.texts["note"].cursor == 11
    window.key("Up", ("shift",))
    assert window.top.state.texts["note"].selected_text == "first line\n"
    field = find(window, "note")
    window.tap(field.content.right - 1, field.content.top + 5)
    assert window.top.state.texts["note"] == TextState("first line\nsecond line", 10, 10)
    window.double_tap(field.content.left + 5, field.content.bottom - 5)
    assert window.top.state.texts["note"].selected_text == "second"
    window.drag(field.content.left, field.content.top + 5, field.content.right - 1, field.content.top + 5)
    assert window.top.state.texts["note"].selected_text == "first line"


def test_the_clipboard(window):
    tap(window, "name")
    window.key("a", ("ctrl",))
    window.key("c", ("ctrl",))
    assert window.machine.clipboard == "Bob" and window.text("name") == "Bob"
    window.key("x", ("ctrl",))
    assert window.text("name") == ""
    tap(window, "note")
    window.machine.clipboard = "a\nb"
    window.key("v", ("ctrl",))
    assert window.text("note") == "a\nb"
    tap(window, "name")
    window.key("v", ("ctrl",))
    assert window.text("name") == "a b"


def test_holding_a_field_selects_a_word_and_offers_the_clipboard(window):
    tap(window, "name")
    window.set_text("name", "Bob Stone")
    content = find(window, "name").content
    window.long_press(content.left + 3, content.center[1])
    assert window.top.kind == "menu"
    window.tap(*next(p.box.center for p in walk(window.placed()) if p.view.text == "Cut"))
    assert window.machine.clipboard == "Bob"
    assert window.text("name") == " Stone"
    window.long_press(content.left + 3, content.center[1])
    for choice in ("Select all", "Paste"):
        window.tap(*next(p.box.center for p in walk(window.placed()) if p.view.text == choice))
    assert window.text("name") == "Bob" and window.top.kind == "screen"


def test_a_password_is_not_copied():
    @dataclass(frozen=True)
    class Login:
        def build(self, ui):
            return widgets.column(widgets.field("secret", password=True))

    window = TouchWindow(Machine(), AREA, 1.0)
    window.open(Login())
    tap(window, "secret")
    window.type("pass")
    window.key("a", ("ctrl",))
    window.key("c", ("ctrl",))
    assert window.machine.clipboard == ""
    assert find(window, "secret").lines == ("••••",)


def test_a_keyboard_that_covers_the_focused_field_scrolls_it_into_sight(window):
    window.scroll_to("list", 10_000)
    tap(window, "last")
    window.bounds = Box(0, 24, 360, 400)
    assert find(window, "last").clip.bottom <= 400
    assert not find(window, "last").clip.is_empty
    window.scroll_to("list", 0)
    assert find_placed(window.placed(), "last") is None
    window.type("x")
    last = find(window, "last")
    assert last.clip == last.box and window.text("last") == "x"


def test_typing_follows_the_cursor_in_a_field_of_fixed_height():
    @dataclass(frozen=True)
    class Editor:
        def build(self, ui):
            return widgets.column(widgets.field("text", multiline=True, grow=1, plain=True))

    window = TouchWindow(Machine(), Box(0, 0, 200, 100), 1.0)
    window.open(Editor())
    tap(window, "text")
    window.type("\n".join(map(str, range(40))))
    field = find(window, "text")
    assert field.offset == field.extent - field.content.height > 0
    assert window.swipe(100, 20, 100, 90)
    assert find(window, "text").offset == field.offset - 70
    window.key("Home", ("ctrl",))
    assert find(window, "text").offset == 0


def test_tab_goes_around_what_can_be_used_and_enter_presses_it(window):
    window.key("Tab")
    first = window.top.state.focus
    window.key("Tab", ("shift",))
    last = window.top.state.focus
    window.key("Tab")
    assert window.top.state.focus == first != last
    window.focus("hold")
    assert window.key("Enter")
    assert window.machine.events == ["tap"]
    window.focus("")
    assert not window.key("Enter") and not window.type("x")


def test_the_layers_are_the_whole_state(window):
    tap(window, "name")
    window.type("by")
    window.swipe(180, 700, 180, 600)
    tap(window, "add")
    saved = pickle.loads(pickle.dumps(window.layers))
    seen = texts(window)
    boxes = [placed.box for root in window.roots() for placed in walk(root)]
    tap(window, "button2")
    window.show(Form(sound=3))
    window.set_text("name", "other")
    other = TouchWindow(Machine(), AREA, 1.0)
    for restored in (window, other):
        restored.layers = saved
        assert texts(restored) == seen
        assert [placed.box for root in restored.roots() for placed in walk(root)] == boxes
        assert restored.back() and restored.text("name") == "Bobby"
        assert restored.top.state.scrolls == {"list": 100}


ACTIONS = st.one_of(
    st.tuples(
        st.sampled_from(["tap", "double_tap", "long_press"]), st.integers(-9, 400), st.integers(-9, 900)
    ),
    st.tuples(st.just("swipe"), *[st.integers(-9, 900)] * 4),
    st.tuples(st.just("key"), st.sampled_from(["Enter", "Tab", "Backspace", "Left", "Up", "Escape", "a"])),
    st.tuples(st.just("type"), st.text("a1\n", max_size=3)),
)


@given(st.lists(ACTIONS, max_size=12))
def test_whatever_is_done_the_state_stays_whole(actions):
    window = TouchWindow(Machine(), AREA, 1.0)
    window.open(Form())
    for name, *arguments in actions:
        getattr(window, name)(*arguments)
        assert window.layers[0].kind == "screen"
        assert all(placed.scale == 1.0 for root in window.roots() for placed in walk(root))
        for state in window.top.state.texts.values():
            assert state == select(state, state.anchor, state.cursor)
    pickle.dumps(window.layers)

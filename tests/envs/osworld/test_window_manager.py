"""Windows of the simulated desktop: opening, order, focus, moving, sizing, closing."""

import pytest

from step_gym.envs.machine.placed import Box
from step_gym.envs.osworld.simulator.window_manager import MAX_WINDOWS, TITLE_HEIGHT
from tests.envs.osworld.sample_program import active_id, click_on, desktop, launched, log_of, ui_of, view_in


def _ids(made):
    return [frame.id for frame in made.windows]


def _title_of(frame):
    return frame.box.left + 200, frame.box.top + TITLE_HEIGHT // 2


def test_a_new_window_lies_on_the_screen_in_front_and_has_the_focus():
    made = desktop()
    ids = [launched(made, "sample") for _ in range(8)]
    assert _ids(made) == ids == list(range(1, 9))
    for frame in made.windows:
        assert made.work_area.intersect(frame.box) == frame.box
        assert frame.state == "normal"
    assert len({frame.box for frame in made.windows[:6]}) == 6  # none hides another
    assert active_id(made) == 8


def test_programs_are_started_by_name_command_or_path():
    made = desktop()
    assert made.launch("/usr/bin/smp", ("/home/user/Documents/one.txt",)) == 1
    assert made.windows[0].title == "one.txt"
    assert made.launch("nothing") is None
    assert made.open_file("/home/user/Documents/two.csv") == 2  # a text, by what opens texts
    assert made.open_file("/home/user/Documents/none.txt") is None


def test_a_single_program_has_one_window_and_gets_what_it_is_started_with():
    made = desktop()
    first = launched(made, "single")
    launched(made, "sample")
    assert launched(made, "single", ("again",)) == first
    assert _ids(made)[-1] == first
    assert log_of(made, first) == ("again",)


def test_a_single_program_that_is_started_again_drops_the_dialog_that_hides_its_screen():
    made = desktop()
    first = launched(made, "single")
    ui = ui_of(made, first)
    ui.screen.rename(ui)
    assert launched(made, "single", ("again",)) == first
    assert log_of(made, first) == ("again",)
    assert [layer.kind for layer in ui.layers] == ["screen"]


def test_there_is_room_for_so_many_windows_and_for_a_new_one_when_one_closes():
    made = desktop()
    ids = [made.launch("sample") for _ in range(MAX_WINDOWS + 10)]
    assert ids == [*range(1, MAX_WINDOWS + 1)] + [None] * 10
    assert active_id(made) == MAX_WINDOWS
    made.close(7)
    assert made.launch("sample") == MAX_WINDOWS + 1


def test_a_click_brings_a_window_to_the_front_and_does_what_it_hits():
    made = desktop()
    back, front = launched(made, "sample"), launched(made, "sample")
    made.move(back, 20, 20)
    click_on(made, back, "add")
    assert _ids(made) == [front, back]
    assert active_id(made) == back
    assert log_of(made, back) == ("add",)
    assert log_of(made, front) == ()


def test_only_the_foremost_window_at_a_point_is_clicked():
    made = desktop()
    back, front = launched(made, "sample"), launched(made, "sample")
    made.move(back, 100, 100)
    made.move(front, 100, 100)
    click_on(made, back, "add")
    assert (log_of(made, back), log_of(made, front)) == ((), ("add",))


def test_a_window_is_moved_by_its_title_and_part_of_the_title_stays_on_the_screen():
    made = desktop()
    window = launched(made, "sample")
    before = made.windows[0].box
    x, y = _title_of(made.windows[0])
    made.mouse.drag(x, y, x - 120, y + 60)
    assert made.windows[0].box == Box(
        before.left - 120, before.top + 60, before.right - 120, before.bottom + 60
    )
    for target in ((0, 0), (1919, 1079), (0, 1079), (1919, 0)):
        made.mouse.drag(*_title_of(made.windows[0]), *target)
        box = made.windows[0].box
        title = Box(box.left, box.top, box.right, box.top + TITLE_HEIGHT).intersect(made.work_area)
        assert title.width >= 60 and title.height == TITLE_HEIGHT
        made.move(window, 300, 300)


def test_with_the_button_held_the_window_follows_the_pointer():
    made = desktop()
    launched(made, "sample")
    x, y = _title_of(made.windows[0])
    left = made.windows[0].box.left
    made.mouse.move(x, y)
    made.mouse.button("left", True)
    for step in (10, 20, 30):
        made.mouse.move(x + step, y)
        assert made.windows[0].box.left == left + step
    made.mouse.button("left", False)
    made.mouse.move(x, y)
    assert made.windows[0].box.left == left + 30


@pytest.mark.parametrize(
    ("edge", "change"),
    [
        ("right", (0, 0, 50, 0)),
        ("bottom", (0, 0, 0, 40)),
        ("left", (50, 0, 0, 0)),
        ("corner", (0, 0, 50, 40)),
    ],
)
def test_edges_and_corners_size_a_window(edge, change):
    made = desktop()
    window = launched(made, "sample")
    made.move(window, 300, 200)
    box = made.windows[0].box
    middle = (box.left + 200, box.top + 200)
    start = {
        "right": (box.right - 1, middle[1]),
        "bottom": (middle[0], box.bottom - 1),
        "left": (box.left, middle[1]),
        "corner": (box.right - 1, box.bottom - 1),
    }[edge]
    made.mouse.drag(*start, start[0] + 50, start[1] + 40)
    assert made.windows[0].box == Box(*(side + by for side, by in zip(box, change, strict=True)))


def test_a_window_keeps_its_least_size():
    made = desktop()
    window = launched(made, "sample")
    box = made.windows[0].box
    made.mouse.drag(box.right - 1, box.bottom - 1, box.left, box.top)
    assert (made.windows[0].box.width, made.windows[0].box.height) == (240, 160)
    made.resize(window, 10_000, 10_000)
    assert made.windows[0].box.width == made.work_area.width


def test_maximised_by_button_by_two_clicks_on_the_title_and_by_key():
    made = desktop()
    window = launched(made, "sample")
    box = made.windows[0].box
    made.mouse.click(*_title_of(made.windows[0]), count=2)
    assert made.windows[0].state == "maximised"
    assert ui_of(made, window).bounds == Box(0, TITLE_HEIGHT, 1920, made.work_area.bottom)
    made.mouse.click(400, 10, count=2)
    assert made.windows[0].state == "normal" and made.windows[0].box == box
    made.keyboard.hotkey(("win", "up"))
    assert made.windows[0].state == "maximised"
    made.keyboard.hotkey(("win", "down"))
    assert made.windows[0].box == box
    made.mouse.click(box.right - 54, box.top + 19)  # the button in the middle
    assert made.windows[0].state == "maximised"


def test_a_maximised_window_comes_off_the_edge_when_its_title_is_dragged():
    made = desktop()
    window = launched(made, "sample")
    made.maximise(window)
    made.mouse.drag(960, 15, 960, 300)
    frame = made.windows[0]
    assert frame.state == "normal"
    assert frame.box.left < 960 < frame.box.right and frame.box.top == 285


def test_minimised_windows_are_hidden_until_the_panel_shows_them():
    made = desktop()
    back, front = launched(made, "sample"), launched(made, "single")
    made.mouse.click(made.windows[1].box.right - 88, made.windows[1].box.top + 19)
    assert ui_of(made, front).is_minimised
    assert active_id(made) == back
    button = view_in(made.shell.panel.placed(), f"window:{front}").box.center
    made.mouse.click(*button)
    assert active_id(made) == front and not ui_of(made, front).is_minimised
    made.mouse.click(*button)  # that of the active window hides it
    assert ui_of(made, front).is_minimised


def test_alt_tab_goes_back_and_forth_and_further_while_alt_is_held():
    made = desktop()
    one, two, three = (launched(made, "sample") for _ in range(3))
    made.keyboard.hotkey(("alt", "tab"))
    assert _ids(made) == [one, three, two]
    made.keyboard.hotkey(("alt", "tab"))
    assert _ids(made) == [one, two, three]
    made.keyboard.key("alt", True)
    made.keyboard.press("tab")
    made.keyboard.press("tab")
    made.keyboard.key("alt", False)
    assert _ids(made) == [two, three, one]
    assert active_id(made) == one


def test_alt_f4_asks_the_screen_first():
    made = desktop()
    window = launched(made, "sample")
    ui_of(made, window).show(type(ui_of(made, window).screen)(asks=True))
    made.keyboard.hotkey(("alt", "f4"))
    assert _ids(made) == [window]
    assert ui_of(made, window).top.kind == "dialog"
    made.mouse.click(made.windows[0].box.right - 20, made.windows[0].box.top + 19)  # the dialog comes first
    assert _ids(made) == [window]
    click_on(made, window, "answer:0")
    assert _ids(made) == []


def test_clicks_on_the_wallpaper_take_the_focus_from_windows():
    made = desktop()
    window = launched(made, "sample")
    click_on(made, window, "line")
    made.mouse.click(1800, 20)
    assert active_id(made) == 0
    made.keyboard.type("lost")
    assert ui_of(made, window).text("line") == ""


def test_show_desktop_hides_all_and_shows_them_again():
    made = desktop()
    launched(made, "sample")
    launched(made, "sample")
    made.keyboard.hotkey(("win", "d"))
    assert [frame.state for frame in made.windows] == ["minimised"] * 2
    made.keyboard.hotkey(("win", "d"))
    assert [frame.state for frame in made.windows] == ["normal"] * 2

"""A small program for tests of the desktop: a bar of menus, a text, buttons, a slider, dialogs."""

from dataclasses import dataclass, replace
from typing import Any

from step_gym.envs.machine import widgets as basic
from step_gym.envs.machine.placed import Box, Placed
from step_gym.envs.machine.tree import find_placed
from step_gym.envs.machine.views import PointerEvent, View
from step_gym.envs.osworld.simulator import widgets
from step_gym.envs.osworld.simulator.desktop import Desktop
from step_gym.envs.osworld.simulator.dialogs import EntryDialog, MessageDialog
from step_gym.envs.osworld.simulator.file_chooser import OpenDialog, SaveDialog
from step_gym.envs.osworld.simulator.menus import SEPARATOR, Item, menu_bar
from step_gym.envs.osworld.simulator.program import Program


@dataclass(frozen=True)
class Sample:
    """What tests click at; `log` says what was done."""

    path: str = ""
    log: tuple[str, ...] = ()
    volume: float = 0.5
    is_on: bool = False
    asks: bool = False

    @property
    def title(self):
        return self.path.rpartition("/")[2] or "Sample"

    def note(self, ui, what):
        ui.show(replace(ui.screen, log=(*ui.screen.log, what)))

    def opened(self, ui, path):
        ui.show(replace(self, path=path))
        ui.set_text("body", ui.machine.files.read(path).decode())

    def saved(self, ui, path):
        ui.machine.files.write(path, ui.text("body").encode())
        ui.show(replace(self, path=path))

    def answered(self, ui, answer):
        if answer == "Discard":
            ui.quit()
        else:
            self.note(ui, answer)

    def on_close(self, ui):
        if self.asks:
            ui.dialog(MessageDialog("Save changes?", "They get lost.", ("Discard", "Cancel"), self.answered))
        return not self.asks

    def on_arguments(self, ui, arguments):
        self.note(ui, arguments[0])

    def menus(self, ui):
        return {
            "File": [
                Item("Open…", "Ctrl+O", lambda: ui.dialog(OpenDialog(self.opened, (".txt",)))),
                Item("Save As…", "Ctrl+Shift+S", lambda: ui.dialog(SaveDialog("new.txt", self.saved))),
                SEPARATOR,
                Item("Quit", "Ctrl+Q", lambda: ui.machine.close(ui.id)),
            ],
            "Edit": [
                Item("Mark", "F2", lambda: self.note(ui, "mark")),
                Item("Never", on_tap=lambda: self.note(ui, "never"), enabled=False),
                Item("Ask", on_tap=lambda: ui.show(replace(self, asks=not self.asks)), checked=self.asks),
            ],
        }

    def popup(self, ui, name):
        return [Item(f"{name} {i}", on_tap=lambda i=i: self.note(ui, f"{name} {i}")) for i in range(3)]

    def shortcuts(self, ui):
        return {"ctrl+m": lambda: self.note(ui, "ctrl+m")}

    def pointed(self, ui, event: PointerEvent):
        self.note(ui, f"{event.kind} {event.x},{event.y} x{event.count} {event.down}")

    def build(self, ui):
        return widgets.window_page(
            menu_bar(ui, self.menus(ui)),
            widgets.tool_bar(
                widgets.tool("add", "Add", lambda: self.note(ui, "add"), id="add"),
                widgets.choice("choice", "Size", "small", lambda: ui.popup("size", anchor="choice")),
                widgets.check("On", self.is_on, lambda on: ui.show(replace(self, is_on=on)), id="on"),
                widgets.button("Rename", lambda: self.rename(ui), id="rename"),
            ),
            basic.slider("volume", self.volume, 0, 1, lambda v: ui.show(replace(self, volume=v))),
            widgets.list_row(
                widgets.text("A row"),
                id="row",
                on_tap=lambda: self.note(ui, "row"),
                on_double_tap=lambda: self.note(ui, "row twice"),
                on_menu=lambda: ui.popup("row"),
            ),
            View(
                "box",
                "canvas",
                style=basic.gap(40).style._replace(width=None, background="surface_container"),
                on_pointer=lambda event: self.pointed(ui, event),
            ),
            widgets.field("line", "A line", name="Line", on_submit=lambda text: self.note(ui, text)),
            widgets.page_text("body", name="Body"),
            widgets.status_bar(widgets.text(" ".join(self.log[-3:]))),
        )

    def rename(self, ui):
        ui.dialog(EntryDialog("Rename", "New name", self.note, "old.txt"))


SAMPLE = Program(
    "sample",
    "Sample",
    "edit",
    "#1a73e8",
    lambda desktop, arguments: Sample(arguments[0] if arguments else ""),
    extensions=(".txt",),
    commands=("smp",),
    settings={"org.sample": {"size": "small"}},
)
SINGLE = Program("single", "Single", "star", "#188038", lambda *_: Sample(), single=True, size=(400, 300))


def desktop(width=1920, height=1080):
    """A desktop with the programs of this module and a few files."""
    made = Desktop(width, height, (SAMPLE, SINGLE))
    made.files.write("/home/user/Documents/one.txt", b"first\nsecond")
    made.files.write("/home/user/Documents/two.csv", b"1,2")
    made.files.write("/home/user/Desktop/three.txt", b"third")
    return made


def launched(desktop: Desktop, name: str, arguments: tuple[str, ...] = ()) -> int:
    """The id of the window of a program that is started."""
    id = desktop.launch(name, arguments)
    assert id is not None, name
    return id


def ui_of(desktop: Desktop, window_id: int) -> Any:
    """A window, with its screens."""
    window = desktop.window(window_id)
    assert window is not None, window_id
    return window


def active_id(desktop: Desktop) -> int:
    """The id of the window that keys go to, 0 for none."""
    return desktop.manager.active


def view_in(root: Placed, view_id: str) -> Placed:
    """A view where it is placed."""
    found = find_placed(root, view_id)
    assert found is not None, view_id
    return found


def text_of(window: Any, view_id: str) -> str:
    """What a field of a window holds."""
    state = view_in(window.placed(), view_id).state
    assert state is not None, view_id
    return state.text


def place_of(desktop: Desktop, window_id: int, view_id: str) -> Box:
    """Where a view of a window lies."""
    return view_in(ui_of(desktop, window_id).placed(), view_id).box


def click_on(desktop, window_id, view_id, **options):
    """Click a view of a window."""
    desktop.mouse.click(*place_of(desktop, window_id, view_id).center, **options)


def log_of(desktop, window_id):
    """What the sample program of a window has noted."""
    return ui_of(desktop, window_id).layers[0].screen.log

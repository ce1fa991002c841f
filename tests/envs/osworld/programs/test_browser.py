"""The browser with mouse and keyboard: tabs, links, forms, bookmarks, finding, downloads."""

import json
import pickle

import pytest

from step_gym.envs.machine.apps.web import profile
from step_gym.envs.machine.tree import walk
from step_gym.envs.osworld.simulator.desktop import Desktop
from step_gym.envs.osworld.simulator.window_manager import MAX_WINDOWS
from tests.envs.osworld.sample_program import launched, text_of


@pytest.fixture
def desktop():
    made = Desktop(1280, 720)
    made.maximise(launched(made, "google-chrome", ("http://wiki.example/towns",)))
    return made


def screen(desktop):
    return desktop.manager.focused.layers[0].screen


def click(desktop, says):
    """Click what is called so."""
    for placed in walk(desktop.manager.focused.placed()):
        view = placed.view
        is_called = says in (view.text, view.description, view.id) and not placed.clip.is_empty
        if is_called and (view.on_tap or view.on_change or view.kind == "field"):
            desktop.mouse.click(*placed.box.center)
            return
    raise AssertionError(f"nothing is called {says}")


def go(desktop, address):
    desktop.keyboard.hotkey(("ctrl", "l"))
    desktop.keyboard.type(f"{address}\n")


def test_links_back_forward_and_reload(desktop):
    click(desktop, "Hollin")
    assert screen(desktop).visit.address == "http://wiki.example/town/hollin"
    click(desktop, "Back")
    assert screen(desktop).title == "List of towns | Openbook - Web Browser"
    click(desktop, "Forward")
    desktop.keyboard.press("f5")
    assert screen(desktop).title == "Hollin | Openbook - Web Browser"
    assert [v.address for v in screen(desktop).tab.visits][0] == "http://wiki.example/towns"
    go(desktop, "nowhere.example")
    assert screen(desktop).title.startswith("This site can’t be reached")


def test_tabs(desktop):
    desktop.keyboard.hotkey(("ctrl", "t"))
    desktop.keyboard.type("comet\n")  # the address bar has the focus, and searches
    assert screen(desktop).visit.address == "http://compass.example/search?q=comet"
    click(desktop, "Comet will be seen without a telescope | The Daily Harbour")
    assert screen(desktop).visit.address == "http://news.example/comet-seen"
    desktop.keyboard.hotkey(("ctrl", "w"))
    assert len(screen(desktop).tabs) == 1
    desktop.keyboard.hotkey(("ctrl", "w"))
    assert desktop.windows == ()


def test_a_form_is_sent_and_its_file_downloaded(desktop):
    go(desktop, "rail.example")
    click(desktop, "Passenger")
    desktop.keyboard.type("Ada N")
    click(desktop, "To")
    click(desktop, "Fennick")
    click(desktop, "Take a bicycle")
    click(desktop, "First class")
    click(desktop, "Book")
    click(desktop, "Download ticket")
    said = desktop.files.read("/home/user/Downloads/ticket.txt").decode()
    assert said == "Passenger: Ada N\nFrom: Aldermoor\nTo: Fennick\nClass: First class\nBicycle: yes\n"
    click(desktop, "Back")
    assert text_of(desktop.manager.focused, "c2.0") == "Ada N"


def test_bookmarks(desktop):
    desktop.keyboard.hotkey(("ctrl", "d"))
    desktop.keyboard.type("Towns")
    desktop.keyboard.press("enter")
    bar = json.loads(desktop.files.read(profile.BOOKMARKS))["roots"]["bookmark_bar"]["children"]
    assert [(one["name"], one["url"]) for one in bar] == [("Towns", "http://wiki.example/towns")]
    go(desktop, "chrome://bookmarks/")
    click(desktop, "entry:5")
    desktop.keyboard.press("delete")
    assert profile.bookmarks(desktop.files)[0].children == ()


def test_finding_scrolls_to_the_match(desktop):
    text = "".join(f"<p>line {i}</p>" for i in range(200)) + "<p>needle</p>"
    desktop.files.write("/home/user/long.html", text.encode())
    go(desktop, "/home/user/long.html")
    desktop.keyboard.hotkey(("ctrl", "f"))
    desktop.keyboard.type("NEEDLE")
    shown = [p.view.text for p in walk(desktop.manager.focused.placed()) if not p.clip.is_empty]
    assert "needle" in shown and "1/1" in shown


def test_settings_change_the_file_and_the_page(desktop):
    go(desktop, "chrome://settings/")
    click(desktop, "Search engine")
    click(desktop, "Lantern")
    click(desktop, "Show home button")
    assert profile.preferences(desktop.files) == profile.Preferences(engine="Lantern", shows_home=False)
    assert all(p.view.description != "Home" for p in walk(desktop.manager.focused.placed()))


def test_the_window_survives_pickling(desktop):
    desktop.keyboard.hotkey(("ctrl", "d"))
    before = desktop.accessibility()
    snapshot = pickle.loads(pickle.dumps(desktop.snapshot()))
    desktop.keyboard.press("enter")
    desktop.restore(snapshot)
    assert desktop.accessibility() == before


@pytest.mark.parametrize(
    "html", ["<" * 9_000, "<table>" * 3_000, "x" * 90_000, "<input>" * 3_000, "\0\ud800<p>"]
)
def test_hostile_pages_are_shown(desktop, html):
    desktop.files.write("/home/user/x.html", html.encode("utf-8", "surrogatepass"))
    go(desktop, "/home/user/x.html")
    assert desktop.screenshot().any()
    assert desktop.accessibility()


def test_no_more_windows_are_opened_than_there_is_room_for(desktop):
    for _ in range(200):
        desktop.keyboard.hotkey(("ctrl", "n"))
    assert len(desktop.windows) == MAX_WINDOWS

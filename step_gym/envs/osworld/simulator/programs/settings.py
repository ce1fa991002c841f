"""The settings of the desktop: pages of switches, choices and sliders over keys named as in GNOME."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from posixpath import basename
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, unquote

import numpy as np
from PIL import Image

from step_gym.envs.machine.views import Handler, Style, View
from step_gym.envs.machine.widgets import box, column, grid, row, slider
from step_gym.envs.osworld.simulator import widgets
from step_gym.envs.osworld.simulator.file_chooser import HOME, OpenDialog
from step_gym.envs.osworld.simulator.kept import kept
from step_gym.envs.osworld.simulator.menus import Item
from step_gym.envs.osworld.simulator.picture_files import picture_of
from step_gym.envs.osworld.simulator.program import Program

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.desktop import Desktop
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow

_BACKGROUNDS = "/usr/share/backgrounds"
_BACKGROUND = ("org.gnome.desktop.background", "picture-uri")


@dataclass(frozen=True, slots=True)
class Switch:
    """A setting that is "true" or "false".

    Attributes:
        title: What the row says.
        schema: Where it is kept.
        key: Its name there.
        first: Its first value.
        summary: A line below the title.
    """

    title: str
    schema: str
    key: str
    first: str = "true"
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A setting with a few values.

    Attributes:
        title: What the row says.
        schema: Where it is kept.
        key: Its name there.
        values: Each value and how it is shown; the first is the first value.
    """

    title: str
    schema: str
    key: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Level:
    """A whole number between two others, set with a slider.

    Attributes:
        title: What the row says.
        schema: Where it is kept.
        key: Its name there.
        first: Its first value.
        least: The smallest.
        most: The largest.
        unit: Behind the number that is shown.
    """

    title: str
    schema: str
    key: str
    first: int
    least: int = 0
    most: int = 100
    unit: str = " %"


Setting = Switch | Choice | Level

_INTERFACE = "org.gnome.desktop.interface"
_POWER = "org.gnome.settings-daemon.plugins.power"
_SOUND = "org.gnome.desktop.sound"
_MINUTES = ("1", "2", "3", "5", "10", "15")

PAGES: Mapping[str, tuple[str, tuple[Setting, ...]]] = {
    "Notifications": (
        "notifications",
        (
            Switch("Do Not Disturb", "org.gnome.desktop.notifications", "do-not-disturb", "false"),
            Switch("Lock Screen Notifications", "org.gnome.desktop.notifications", "show-in-lock-screen"),
        ),
    ),
    "Background": ("photo", ()),
    "Appearance": (
        "palette",
        (
            Choice(
                "Style",
                _INTERFACE,
                "color-scheme",
                (("default", "Light"), ("prefer-dark", "Dark")),
            ),
            Choice(
                "Text Size",
                _INTERFACE,
                "text-scaling-factor",
                (("1.0", "100 %"), ("1.25", "125 %"), ("1.5", "150 %"), ("2.0", "200 %")),
            ),
            Switch("Animations", _INTERFACE, "enable-animations"),
        ),
    ),
    "Sound": (
        "sound",
        (
            Level("Output Volume", _SOUND, "output-volume", 60),
            Level("Input Volume", _SOUND, "input-volume", 50),
            Switch("Over-Amplification", _SOUND, "allow-volume-above-100-percent", "false"),
            Switch("Event Sounds", _SOUND, "event-sounds"),
        ),
    ),
    "Power": (
        "battery",
        (
            Choice(
                "Screen Blank",
                "org.gnome.desktop.session",
                "idle-delay",
                (
                    ("300", "5 minutes"),
                    *((str(60 * int(n)), f"{n} minute{'s' * (n != '1')}") for n in _MINUTES if n != "5"),
                    ("0", "Never"),
                ),
            ),
            Switch("Dim Screen", _POWER, "idle-dim", summary="Reduces brightness while nothing is done"),
            Switch("Automatic Suspend", _POWER, "suspend-when-idle", "false"),
            Switch("Show Battery Percentage", _INTERFACE, "show-battery-percentage", "false"),
        ),
    ),
    "Mouse": (
        "mouse",
        (
            Choice(
                "Primary Button",
                "org.gnome.desktop.peripherals.mouse",
                "left-handed",
                (("false", "Left"), ("true", "Right")),
            ),
            Level("Pointer Speed", "org.gnome.desktop.peripherals.mouse", "speed-percent", 50, unit=" %"),
            Switch("Natural Scrolling", "org.gnome.desktop.peripherals.mouse", "natural-scroll", "false"),
        ),
    ),
    "Keyboard": (
        "keyboard",
        (
            Switch("Repeat Keys", "org.gnome.desktop.peripherals.keyboard", "repeat"),
            Level("Repeat Delay", "org.gnome.desktop.peripherals.keyboard", "delay", 500, 100, 2000, " ms"),
            Switch("Remember NumLock", "org.gnome.desktop.peripherals.keyboard", "remember-numlock-state"),
        ),
    ),
    "Privacy": (
        "lock",
        (
            Switch("Automatic Screen Lock", "org.gnome.desktop.screensaver", "lock-enabled"),
            Switch("File History", "org.gnome.desktop.privacy", "remember-recent-files"),
            Switch(
                "Delete Trash Automatically", "org.gnome.desktop.privacy", "remove-old-trash-files", "false"
            ),
            Switch("Location Services", "org.gnome.system.location", "enabled", "false"),
        ),
    ),
    "Accessibility": (
        "accessibility",
        (
            Switch("High Contrast", "org.gnome.desktop.a11y.interface", "high-contrast", "false"),
            Switch("Screen Reader", "org.gnome.desktop.a11y.applications", "screen-reader-enabled", "false"),
            Switch(
                "Screen Keyboard", "org.gnome.desktop.a11y.applications", "screen-keyboard-enabled", "false"
            ),
            Switch("Sticky Keys", "org.gnome.desktop.a11y.keyboard", "stickykeys-enable", "false"),
        ),
    ),
    "Date & Time": (
        "clock",
        (
            Switch("Automatic Date & Time", "org.gnome.desktop.datetime", "automatic"),
            Switch("Automatic Time Zone", "org.gnome.desktop.datetime", "automatic-timezone", "false"),
            Choice("Time Format", _INTERFACE, "clock-format", (("24h", "24-hour"), ("12h", "AM / PM"))),
            Switch("Date in the Panel", _INTERFACE, "clock-show-date"),
        ),
    ),
    "About": ("info", ()),
}
"""Icon and settings of each page; Background and About have content of their own."""


def first_values() -> dict[str, dict[str, str]]:
    """What the settings are before anybody changes them, by schema and key."""
    values: dict[str, dict[str, str]] = {}
    for _, settings in PAGES.values():
        for setting in settings:
            first = setting.values[0][0] if isinstance(setting, Choice) else str(setting.first)
            values.setdefault(setting.schema, {})[setting.key] = first
    return values


@dataclass(frozen=True, slots=True)
class SettingsScreen:
    """The window.

    Attributes:
        page: The page that is shown.
        sought: What the search field holds.
    """

    page: str = "Background"
    sought: str = ""

    @property
    def title(self) -> str:
        """What the title bar says."""
        return f"{self.page} - Settings"

    @property
    def found(self) -> tuple[str, ...]:
        """The pages on which what is sought is said; all of them where nothing is."""
        sought = self.sought.lower()
        return tuple(
            name
            for name, (_, settings) in PAGES.items()
            if not sought or any(sought in text.lower() for text in (name, *(s.title for s in settings)))
        )

    def on_arguments(self, ui: ProgramWindow, arguments: Sequence[str]) -> None:
        """Show the page that is asked for."""
        ui.show(_opened(arguments))

    def popup(self, ui: ProgramWindow, name: str) -> Sequence[Item]:
        """The values of a choice."""
        setting = next(s for s in PAGES[self.page][1] if s.key == name)
        assert isinstance(setting, Choice)
        chosen = _value(ui, setting)
        return [
            Item(text, "", _putter(ui, setting, value), checked=value == chosen)
            for value, text in setting.values
        ]

    def build(self, ui: ProgramWindow) -> View:
        """Pages at the left, the chosen one at the right."""
        sidebar = column(
            kept(_search),
            widgets.scroll("pages", kept(_pages, self.found, self.page), padding=6, name="Pages"),
            width=230,
            background="surface_container_low",
        )
        content = widgets.scroll(f"content:{self.page}", _content(ui, self.page))
        return row(
            sidebar,
            content._replace(style=content.style._replace(grow=1)),
            background="surface",
            align="stretch",
        )


def _screen(ui: ProgramWindow) -> SettingsScreen:
    """The screen that takes input, for what is kept longer than one."""
    return cast("SettingsScreen", ui.screen)


def _search(ui: ProgramWindow) -> View:
    def show_first(_: str) -> None:
        for name in _screen(ui).found[:1]:
            ui.show(replace(_screen(ui), page=name))

    field = widgets.field(
        "search",
        "Search",
        name="Search",
        on_change=lambda text: ui.show(replace(_screen(ui), sought=text)),
        on_submit=show_first,
    )
    return box("row", (field,), padding=(10, 10))


def _pages(ui: ProgramWindow, names: tuple[str, ...], shown: str) -> View:
    """The list of pages."""
    if not names:
        return widgets.text("No results", color="on_surface_variant", align="center")
    return column(*(kept(_page, name, name == shown) for name in names))


def _page(ui: ProgramWindow, name: str, is_shown: bool) -> View:
    return widgets.list_row(
        View("icon", icon=PAGES[name][0], style=_ICON),
        widgets.text(name),
        id=f"page:{name}",
        selected=is_shown,
        on_tap=lambda: ui.show(replace(_screen(ui), page=name)),
        height=34,
    )


def _content(ui: ProgramWindow, page: str) -> View:
    """What a page shows."""
    if page == "Background":
        return _titled(page, *_background(ui))
    if page == "About":
        return kept(_about, ui.machine.width, ui.machine.height)
    return kept(_settings, page, tuple(_value(ui, setting) for setting in PAGES[page][1]))


def _titled(page: str, *views: View) -> View:
    return column(widgets.text(page, 20, weight="medium"), *views, padding=(28, 20), gap=14)


def _settings(ui: ProgramWindow, page: str, values: tuple[str, ...]) -> View:
    rows = [kept(_row, *each) for each in zip(PAGES[page][1], values, strict=True)]
    return _titled(page, _card(*rows))


_ICON = Style(width=20, height=20, size=20, color="on_surface_variant")


def _card(*rows: View) -> View:
    return column(*rows, radius=10, background="surface_container_low", border="outline_variant", padding=4)


def _value(ui: ProgramWindow, setting: Setting) -> str:
    return ui.machine.settings.get(setting.schema, setting.key) or ""


def _putter(ui: ProgramWindow, setting: Setting, value: str) -> Handler:
    return lambda: ui.machine.settings.put(setting.schema, setting.key, value)


def _row(ui: ProgramWindow, setting: Setting, value: str) -> View:
    """Title at the left, what sets it at the right."""
    title = widgets.text(setting.title, 14, grow=1)
    if isinstance(setting, Switch):
        control = widgets.switch(
            setting.title,
            value == "true",
            lambda on: ui.machine.settings.put(setting.schema, setting.key, "true" if on else "false"),
            id=setting.key,
        )
        if setting.summary:
            title = column(
                widgets.text(setting.title, 14),
                widgets.text(setting.summary, 12, "on_surface_variant"),
                grow=1,
            )
    elif isinstance(setting, Choice):
        shown = dict(setting.values).get(value, value)
        control = widgets.choice(
            setting.key, setting.title, shown, lambda: ui.popup(setting.key, anchor=setting.key)
        )
    else:
        number = int(value) if value.removeprefix("-").isdecimal() else setting.least

        def put(moved: float) -> None:
            ui.machine.settings.put(setting.schema, setting.key, str(round(moved)))

        control = row(
            slider(setting.key, number, setting.least, setting.most, put, setting.title)._replace(
                style=Style(width=260, height=32)
            ),
            widgets.text(f"{number}{setting.unit}", width=64, align="end"),
            gap=10,
            align="center",
        )
    return row(title, control, padding=(14, 4), align="center", gap=16, height=48)


# -- pages of their own -------------------------------------------------------------------------------------


def _background(ui: ProgramWindow) -> list[View]:
    chosen = ui.machine.wallpaper_path
    tiles = [
        _picture(ui, f"{_BACKGROUNDS}/{name}", chosen) for name in sorted(ui.machine.files.list(_BACKGROUNDS))
    ]
    tiles += [
        _picture(ui, f"{HOME}/Pictures/{name}", chosen)
        for name in sorted(ui.machine.files.list(f"{HOME}/Pictures"))
        if name.lower().endswith((".png", ".jpg", ".jpeg"))
    ]
    default = _tile("Default", "desktop_wallpaper", chosen == "", lambda: _set_background(ui, ""))
    return [grid(3, default, *tiles, gap=14), kept(_add_picture)]


def _add_picture(ui: ProgramWindow) -> View:
    ask = OpenDialog(_set_background, (".png", ".jpg", ".jpeg"), "Add Picture", f"{HOME}/Pictures")
    return row(widgets.button("Add Picture…", lambda: ui.dialog(ask), icon="add", id="add-picture"))


def _picture(ui: ProgramWindow, path: str, chosen: str) -> View:
    picture = picture_of(ui.machine.files, path)
    return _tile(basename(path), picture, path == chosen, lambda: _set_background(ui, path))


def _tile(name: str, picture: object, chosen: bool, on_tap: Handler) -> View:
    shown = View("image", picture=picture, style=Style(height=110, radius=8))
    return column(
        shown,
        widgets.text(name, 12, align="center"),
        id=f"background:{name}",
        padding=6,
        gap=6,
        radius=10,
        border="primary" if chosen else "outline_variant",
        background="primary_container" if chosen else "",
        on_tap=on_tap,
    )._replace(selected=chosen, description=name, role="radio-button")


def _set_background(ui: ProgramWindow, path: str) -> None:
    ui.machine.settings.put(*_BACKGROUND, f"file://{quote(path)}" if path else "")


def _about(ui: ProgramWindow, width: int, height: int) -> View:
    facts = (
        ("Device Name", "step-desktop"),
        ("Memory", "4.0 GiB"),
        ("Processor", "Virtual CPU × 2"),
        ("Screen", f"{width} × {height}"),
        ("OS Name", "Simulated Desktop"),
        ("Windowing System", "X11"),
    )
    rows = [
        row(
            widgets.text(name, 14, grow=1),
            widgets.text(value, 14, "on_surface_variant"),
            padding=(14, 4),
            align="center",
            height=44,
        )
        for name, value in facts
    ]
    return _titled("About", _card(*rows))


def _opened(arguments: Sequence[str]) -> SettingsScreen:
    wanted = unquote(arguments[0]).lower() if arguments else ""
    return SettingsScreen(next((name for name in PAGES if wanted and wanted in name.lower()), "Background"))


def _open(desktop: Desktop, arguments: tuple[str, ...]) -> SettingsScreen:
    return _opened(arguments)


@cache
def _gradients() -> Mapping[str, bytes]:
    """The pictures that are installed: two colours each, from top left to bottom right."""
    colors = {
        "Dawn.png": ((255, 214, 165), (120, 80, 140)),
        "Forest.png": ((200, 230, 201), (27, 94, 32)),
        "Ocean.png": ((178, 235, 242), (0, 60, 110)),
        "Slate.png": ((207, 216, 220), (38, 50, 56)),
    }
    place = (np.arange(90)[:, None] / 90 + np.arange(160)[None] / 160)[..., None] / 2
    pictures = {}
    for name, (start, end) in colors.items():
        pixels = np.asarray(start) * (1 - place) + np.asarray(end) * place
        with BytesIO() as buffer:
            Image.fromarray(pixels.astype(np.uint8)).save(buffer, "PNG")
            pictures[name] = buffer.getvalue()
    return pictures


def _prepare(desktop: Desktop) -> None:
    desktop.files.make_directory(_BACKGROUNDS, parents=True)
    for name, data in _gradients().items():
        desktop.files.write(f"{_BACKGROUNDS}/{name}", data)


SETTINGS = Program(
    name="settings",
    title="Settings",
    icon="settings",
    color="#607d8b",
    open=_open,
    commands=("gnome-control-center", "gnome-settings"),
    single=True,
    size=(980, 680),
    settings=first_values(),
    prepare=_prepare,
)

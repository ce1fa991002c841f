"""The terminal: bash over the virtual files, one command line at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from step_gym.envs.machine.files import join
from step_gym.envs.machine.shell.evaluator import Shell
from step_gym.envs.machine.shell.parser import parse
from step_gym.envs.machine.shell.syntax import UnfinishedScript
from step_gym.envs.machine.text_editing import TextState
from step_gym.envs.machine.views import Style, View
from step_gym.envs.machine.widgets import column, row
from step_gym.envs.osworld.simulator import widgets
from step_gym.envs.osworld.simulator.command_line import BASH, HOME, USER, CommandLine
from step_gym.envs.osworld.simulator.kept import kept
from step_gym.envs.osworld.simulator.menus import SEPARATOR, Item, menu_bar
from step_gym.envs.osworld.simulator.program import Program

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.desktop import Desktop
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow

_LINE = "line"
_HOST = "step-desktop"
_MOST_CHARS = 40_000  # of what has scrolled by
_MOST_HISTORY = 500
_MOST_VARIABLE_CHARS = 100_000
_BACKGROUND, _TEXT, _PROMPT = "#1f2430", "#e6e6e6", "#8bd49c"
_STYLE = Style(size=13, weight="mono", color=_TEXT)
_PAPER = Style(grow=1, background=_BACKGROUND, bar="outline_variant")


@dataclass(frozen=True, slots=True)
class Terminal:
    """The window.

    Attributes:
        cwd: The shell's directory.
        variables: The shell's variables.
        said: What has been typed and written so far, up to the prompt that waits.
        history: Command lines, oldest first.
        place: Index in the history of the line that is shown; its length for a line of its own.
        status: Exit status of the last command.
        begun: Lines of a command that goes on in the next one, such as a loop without its end.
    """

    cwd: str = HOME
    variables: tuple[tuple[str, str], ...] = tuple(BASH.variables.items())
    said: str = ""
    history: tuple[str, ...] = ()
    place: int = 0
    status: int = 0
    begun: str = ""

    @property
    def title(self) -> str:
        """What the title bar says."""
        short = f"~{self.cwd[len(HOME) :]}" if f"{self.cwd}/".startswith(f"{HOME}/") else self.cwd
        return f"{USER}@{_HOST}:{short}"

    @property
    def prompt(self) -> str:
        """What stands before a command line."""
        return "> " if self.begun else f"{self.title}$ "

    @property
    def terminal_text(self) -> str:
        """What a terminal's text is to accessibility services, without the line being typed."""
        return self.said + self.prompt

    def on_open(self, ui: ProgramWindow) -> None:
        """What is typed goes to the shell."""
        ui.focus(_LINE)

    def menus(self, ui: ProgramWindow) -> Mapping[str, Sequence[Item]]:
        """The menu bar."""
        return {
            "File": (
                Item("New Window", "Ctrl+Shift+N", lambda: _launch(ui, self.cwd)),
                SEPARATOR,
                Item("Close", "Ctrl+Shift+Q", ui.quit),
            ),
            "Edit": (
                Item("Copy Output", "Ctrl+Shift+C", lambda: _copy(ui, _last_output(self.said))),
                Item("Paste", "Ctrl+Shift+V", lambda: ui.edit(_LINE, "paste")),
                SEPARATOR,
                Item("Reset and Clear", "Ctrl+L", lambda: ui.show(replace(self, said=""))),
            ),
        }

    def on_key(self, ui: ProgramWindow, name: str, modifiers: tuple[str, ...]) -> bool:
        """Arrows walk the history, Tab completes a path, Ctrl+C drops the line, Ctrl+D on none ends."""
        line = ui.text(_LINE)
        if modifiers == ("ctrl",) and name.lower() == "c":
            ui.show(replace(self._after(line, "^C\n"), begun=""))
            _set(ui, "")
        elif modifiers == ("ctrl",) and name.lower() == "d" and not line:
            ui.quit()
        elif modifiers == ("ctrl",) and name.lower() == "u":
            _set(ui, "")
        elif not modifiers and name in ("Up", "Down"):
            place = min(max(0, self.place + (1 if name == "Down" else -1)), len(self.history))
            ui.show(replace(self, place=place))
            _set(ui, self.history[place] if place < len(self.history) else "")
        elif not modifiers and name == "Tab":
            _set(ui, _completed(ui.machine, self.cwd, line))
        else:
            return False
        return True

    def build(self, ui: ProgramWindow) -> View:
        """What was written, and the line that is typed below it."""
        lines = self.said.removesuffix("\n")
        output = View("label", "output", lines, "Terminal", style=_STYLE, role="terminal") if lines else None
        text = column(output, kept(_command_line, self.prompt), padding=(10, 8))
        body = View("scroll", "output-scroll", children=(text,), style=_PAPER)
        return widgets.window_page(menu_bar(ui, ("File", "Edit")), body)

    def _after(self, line: str, written: str) -> Terminal:
        """The screen once a line was entered and something written."""
        said = f"{self.said}{self.prompt}{line}{written}"
        return replace(self, said=said[-_MOST_CHARS:])


def _command_line(ui: ProgramWindow, prompt: str) -> View:
    """The prompt, and what is typed behind it."""
    field = widgets.field(_LINE, name="Command line", on_submit=lambda line: enter(ui, line))
    said = View("label", "prompt", prompt, style=_STYLE._replace(color=_PROMPT, max_lines=1))
    return row(said, field._replace(style=_STYLE._replace(grow=1, height=22)), gap=8)


def enter(ui: ProgramWindow, line: str) -> None:
    """Run a command line as bash does, and show what it wrote."""
    before = _screen(ui)
    history = (*before.history, line)[-_MOST_HISTORY:] if line.strip() else before.history
    script = before.begun + line.replace("\0", "")
    if len(script) <= _MOST_CHARS and _goes_on(script):
        begun = replace(before._after(line, "\n"), begun=f"{script}\n", history=history, place=len(history))
        ui.show(begun)
        _set(ui, "")
        ui.scroll_to("output-scroll", 10**6)
        return
    left: dict[str, object] = {}

    def work(shell: Shell) -> int:
        shell.variables = dict(before.variables)
        shell.status = before.status
        status = shell.run(script)
        left.update(cwd=shell.cwd, variables=dict(shell.variables))
        return status

    words = script.split()
    if words[:1] == ["exit"]:
        ui.quit()
        return
    result = CommandLine(ui.machine).collect(work, before.cwd)
    now = _screen(ui)
    written = "\n" + result.merged
    if not written.endswith("\n"):
        written += "\n"
    after = replace(now._after(line, written), status=result.status, history=history, place=len(history))
    after = replace(after, begun="")
    if words[:1] == ["clear"]:
        after = replace(after, said="")
    variables = left["variables"]
    assert isinstance(variables, dict)
    if sum(map(len, variables)) + sum(map(len, variables.values())) <= _MOST_VARIABLE_CHARS:
        after = replace(after, cwd=str(left["cwd"]), variables=tuple(variables.items()))
    ui.show(after)
    _set(ui, "")
    ui.scroll_to("output-scroll", 10**6)


def _goes_on(script: str) -> bool:
    """Whether the next line belongs to it: an open quote, loop or bracket, or a backslash at its end."""
    backslashes = len(script) - len(script.rstrip("\\"))
    return backslashes % 2 == 1 or isinstance(parse(script)[1], UnfinishedScript)


def _screen(ui: ProgramWindow) -> Terminal:
    screen = ui.layers[0].screen
    assert isinstance(screen, Terminal)
    return screen


def _set(ui: ProgramWindow, line: str) -> None:
    ui.set_text_state(_LINE, TextState(line, len(line), len(line)))


def _launch(ui: ProgramWindow, cwd: str) -> None:
    ui.machine.launch("terminal", (cwd,))


def _copy(ui: ProgramWindow, text: str) -> None:
    ui.machine.clipboard = text


def _last_output(said: str) -> str:
    """What the last command wrote."""
    lines = said.splitlines()
    starts = [i for i, line in enumerate(lines) if line.startswith(f"{USER}@{_HOST}:")]
    return "\n".join(lines[starts[-1] + 1 :]) if starts else ""


def _completed(desktop: Desktop, cwd: str, line: str) -> str:
    """The line with its last word completed as far as the files there allow."""
    word = line.rsplit(" ", 1)[-1]
    path = join(cwd, HOME + word[1:] if word.startswith("~/") else word)
    try:
        names = desktop.files.list(dirname(path) or "/")
    except OSError:
        return line
    start = basename(path)
    found = [name for name in names if name.startswith(start) and (start or not name.startswith("."))]
    if not found:
        return line
    common = found[0]
    for name in found[1:]:
        while not name.startswith(common):
            common = common[:-1]
    added = common[len(start) :].replace(" ", "\\ ")
    if len(found) == 1:
        added += "/" if desktop.files.is_dir(join(dirname(path), common)) else " "
    return line + added


def _open(desktop: Desktop, arguments: tuple[str, ...]) -> Terminal:
    folder = arguments[0] if arguments and desktop.files.is_dir(arguments[0]) else HOME
    return Terminal(cwd=folder)


TERMINAL = Program(
    name="terminal",
    title="Terminal",
    icon="terminal",
    color="#37474f",
    open=_open,
    commands=("gnome-terminal", "xterm", "x-terminal-emulator", "konsole"),
    size=(860, 540),
)

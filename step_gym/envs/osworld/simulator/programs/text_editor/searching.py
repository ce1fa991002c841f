"""The bar of the text editor in which texts are found and replaced."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from step_gym.envs.machine.apps import text_documents
from step_gym.envs.machine.apps.text_documents import Search
from step_gym.envs.machine.text_editing import TextState
from step_gym.envs.machine.views import Style, View
from step_gym.envs.machine.widgets import box, spacer
from step_gym.envs.osworld.simulator import widgets
from step_gym.envs.osworld.simulator.kept import kept
from step_gym.envs.osworld.simulator.programs.text_editor.documents import change_text, editor_of

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow
    from step_gym.envs.osworld.simulator.programs.text_editor.screen import Editor


def open_bar(ui: ProgramWindow, kind: str) -> None:
    """Show the bar, "find" or "replace"; what is selected, if it is one line, is looked for."""
    editor = editor_of(ui)
    selected = ui.text_state(editor.document.field).selected_text
    query = selected if selected and "\n" not in selected else ui.text("find")
    ui.show(replace(editor, bar=kind))
    ui.set_text_state("find", TextState(query, len(query), 0))


def close_bar(ui: ProgramWindow) -> None:
    """Hide the bar."""
    editor = editor_of(ui)
    ui.show(replace(editor, bar=""))
    ui.focus(editor.document.field)


def search_of(ui: ProgramWindow, editor: Editor) -> Search:
    """What the bar says."""
    return Search(ui.text("find"), editor.match_case, editor.whole_words)


def find_next(ui: ProgramWindow, backwards: bool = False) -> None:
    """Select the next match, or the one before; the focus stays where it is."""
    editor = editor_of(ui)
    document, search = editor.document, search_of(ui, editor)
    found = text_documents.matches(document.text, search)
    state = ui.text_state(document.field)
    at = text_documents.next_match(document.text, search, *state.selection, backwards)
    if at < 0:
        ui.show(replace(editor, message=f"“{search.query}” not found" if search.query else ""))
        return
    start, end = found[at]
    ui.show(replace(editor, message=f"Match {at + 1} of {len(found)}"))
    focus = ui.top.state.focus
    ui.set_text_state(document.field, TextState(document.text, end, start))
    ui.settle()
    ui.focus(focus)


def replace_one(ui: ProgramWindow) -> None:
    """Replace the match that is selected, and select the next one."""
    editor = editor_of(ui)
    document, search = editor.document, search_of(ui, editor)
    state, focus = ui.text_state(document.field), ui.top.state.focus
    if state.selection in text_documents.matches(document.text, search):
        start, end = state.selection
        replacement = ui.text("replacement")
        text = document.text[:start] + replacement + document.text[end:]
        cursor = start + len(replacement)
        change_text(ui, document, TextState(text, cursor, cursor))
        ui.focus(focus)
    find_next(ui)


def replace_all(ui: ProgramWindow) -> None:
    """Replace every match."""
    editor = editor_of(ui)
    document, search = editor.document, search_of(ui, editor)
    text, count = text_documents.replace_all(document.text, search, ui.text("replacement"))
    focus = ui.top.state.focus
    if count:
        cursor = text_documents.change_end(document.text, text)
        change_text(ui, document, TextState(text, cursor, cursor))
        ui.focus(focus)
    found = f"{count} occurrence{'s' * (count != 1)} replaced" if count else f"“{search.query}” not found"
    ui.show(replace(editor_of(ui), message=found))


def bar_of(ui: ProgramWindow, editor: Editor) -> View:
    """The bar of the editor that is shown."""
    search = search_of(ui, editor)
    count = len(text_documents.matches(editor.document.text, search))
    said = f"{count} match{'es' * (count != 1)}" if search.query else ""
    replaces = editor.bar == "replace"
    return kept(_bar, said, count > 0, editor.match_case, editor.whole_words, replaces)


def _bar(
    ui: ProgramWindow, said: str, has_matches: bool, match_case: bool, whole_words: bool, replaces: bool
) -> View:
    find = _line(
        widgets.field(
            "find", "Find", name="Find", width=280, on_submit=lambda _: find_next(ui), on_change=_nothing
        ),
        widgets.tool("chevron_up", "Previous Match", lambda: find_next(ui, True), enabled=has_matches),
        widgets.tool("chevron_down", "Next Match", lambda: find_next(ui), enabled=has_matches),
        widgets.check(
            "Match Case",
            match_case,
            lambda on: ui.show(replace(editor_of(ui), match_case=on)),
            id="match-case",
        ),
        widgets.check(
            "Match Entire Word",
            whole_words,
            lambda on: ui.show(replace(editor_of(ui), whole_words=on)),
            id="whole-words",
        ),
        widgets.text(said, 12, "on_surface_variant" if has_matches else "error"),
        spacer(),
        widgets.tool("close", "Close Search", lambda: close_bar(ui), id="close-search"),
    )
    change = None
    if replaces:
        change = _line(
            widgets.field("replacement", "Replace with", name="Replace with", width=280),
            widgets.button("Replace", lambda: replace_one(ui), id="replace-one", enabled=has_matches),
            widgets.button("Replace All", lambda: replace_all(ui), id="replace-all", enabled=has_matches),
        )
    bar = box("column", (find, change), background="surface_container_low")
    return box("column", (bar, View("divider", style=Style(color="outline_variant"))))


def _line(*views: View) -> View:
    return box("row", views, height=44, padding=(12, 0), gap=8, align="center")


def _nothing(_: str) -> None:
    """The bar is built anew from what the field says."""

"""The dialog in which a bookmark or folder gets its name, address and folder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from step_gym.envs.machine.apps.web import profile
from step_gym.envs.machine.apps.web.addresses import typed_address
from step_gym.envs.machine.views import View
from step_gym.envs.osworld.simulator import widgets
from step_gym.envs.osworld.simulator.kept import kept
from step_gym.envs.osworld.simulator.menus import Item

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow


@dataclass(frozen=True, slots=True)
class BookmarkDialog:
    """Asks for a bookmark: `ui.dialog(BookmarkDialog(...))`.

    Attributes:
        title: As "Edit bookmark".
        bookmark: What it begins with; without an id it is new.
        has_address: Whether the address can be changed; a folder has none.
        removes: Whether it has a button that removes the bookmark.
    """

    title: str
    bookmark: profile.Bookmark
    has_address: bool = True
    removes: bool = False

    def popup(self, ui: ProgramWindow, name: str) -> list[Item]:
        """The folders to choose from."""
        return [
            Item(
                folder.name,
                on_tap=lambda id=folder.id: self._choose(ui, id),
                checked=folder.id == self._parent,
            )
            for folder in _folders(ui)
            if folder.id != self.bookmark.id
        ]

    @property
    def _parent(self) -> str:
        return self.bookmark.parent

    def _choose(self, ui: ProgramWindow, folder: str) -> None:
        ui.show(replace(self, bookmark=replace(self.bookmark, parent=folder)))

    def build(self, ui: ProgramWindow) -> View:
        """Fields and buttons."""
        name = ui.text("name", self.bookmark.name)
        address = ui.text("address", self.bookmark.url)
        shown = next((folder.name for folder in _folders(ui) if folder.id == self._parent), "")
        is_whole = bool(name.strip()) and (bool(address.strip()) or not self.has_address)
        mark = self.bookmark
        return kept(_form, self.title, mark.name, mark.url, shown, self.has_address, self.removes, is_whole)

    def save(self, ui: ProgramWindow) -> None:
        """Take what the fields hold."""
        name, url = ui.text("name").strip(), self.bookmark.url
        if self.has_address:
            typed = ui.text("address")
            url = typed_address(typed, "", "/home/user") or typed
        made = replace(self.bookmark, name=name, url=url)
        profile.put_bookmark(ui.machine.files, made, ui.machine.clock.now_ns)
        ui.close()

    def remove(self, ui: ProgramWindow) -> None:
        """Remove the bookmark."""
        profile.remove_bookmark(ui.machine.files, self.bookmark.id, ui.machine.clock.now_ns)
        ui.close()


def _form(
    ui: ProgramWindow,
    title: str,
    name: str,
    url: str,
    folder: str,
    has_address: bool,
    removes: bool,
    is_usable: bool,
) -> View:
    def screen() -> BookmarkDialog:
        return cast("BookmarkDialog", ui.screen)

    return widgets.dialog(
        title,
        (
            widgets.caption("Name"),
            widgets.field("name", initial=name, name="Name"),
            widgets.caption("URL") if has_address else None,
            widgets.field("address", initial=url, name="URL") if has_address else None,
            widgets.caption("Folder"),
            widgets.choice(
                "folder", "Folder", folder, lambda: ui.popup("folder", anchor="folder"), width=400
            ),
        ),
        [
            widgets.button("Remove", lambda: screen().remove(ui), id="remove")
            if removes
            else widgets.button("Cancel", lambda: ui.close(), id="cancel"),
            widgets.button(
                "Done" if removes else "Save",
                lambda: screen().save(ui),
                "filled",
                default=True,
                enabled=is_usable,
            ),
        ],
        gap=6,
    )


def _folders(ui: ProgramWindow) -> list[profile.Bookmark]:
    return [b for b in profile.all_bookmarks(profile.bookmarks(ui.machine.files)) if b.is_folder]

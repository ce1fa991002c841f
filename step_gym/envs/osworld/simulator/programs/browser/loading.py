"""What the browser does with what an address gives: a page, a picture, a file to save."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING

from step_gym.envs.machine.apps import files as file_actions
from step_gym.envs.machine.apps.web import profile, sites
from step_gym.envs.machine.apps.web.document import Document, text_document
from step_gym.envs.machine.apps.web.html_reader import parse
from step_gym.envs.machine.files import join
from step_gym.envs.machine.views import Style, View
from step_gym.envs.machine.widgets import box
from step_gym.envs.osworld.simulator import widgets
from step_gym.envs.osworld.simulator.file_chooser import SaveDialog
from step_gym.envs.osworld.simulator.picture_files import decoded

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow

DOWNLOADS = "/home/user/Downloads"


@lru_cache(maxsize=64)
def document_of(media: str, body: bytes, name: str, address: str) -> Document:
    """A response as a page; of a picture only its name."""
    if media == "text/html":
        return parse(body.decode("utf-8", "replace"), address)
    if media == "image":
        return Document(name, ())
    return text_document(body.decode("utf-8", "replace"), name)


def picture_views(ui: ProgramWindow, response: sites.Response) -> list[View]:
    """An image file as a page; nothing for any other."""
    if response.media != "image":
        return []
    picture = decoded(response.body)
    if picture is None:
        return [widgets.text("This picture cannot be shown.")]
    height, width = picture.shape[:2]
    scale = min(1.0, (ui.bounds.width - 64) / width)
    style = Style(width=max(round(width * scale), 1), height=max(round(height * scale), 1))
    return [box("row", (View("image", "", "", response.name, picture=picture, style=style),))]


def download(ui: ProgramWindow, response: sites.Response, address: str) -> None:
    """Save a file to the downloads, under a name that is free."""
    files = ui.machine.files
    if not response.found:
        ui.toast(f"{response.name} could not be downloaded")
        return
    try:
        files.make_directory(DOWNLOADS, parents=True)
        path = join(DOWNLOADS, file_actions.unused_name(files, DOWNLOADS, response.name))
        files.write(path, response.body)
    except OSError as error:
        ui.toast(f"{response.name} could not be saved: {error.strerror}")
        return
    profile.add_download(files, path, len(response.body), address, ui.machine.clock.now_ns)
    ui.toast(f"Downloaded {path.rpartition('/')[2]}")


def save_link(ui: ProgramWindow, address: str) -> None:
    """Ask where to save what a link leads to."""
    name = sites.fetch(ui.machine.files, address).name
    ui.dialog(SaveDialog(name, partial(_link_saved, address), "Save Link", folder=DOWNLOADS))


def _link_saved(address: str, ui: ProgramWindow, path: str) -> None:
    try:
        ui.machine.files.write(path, sites.fetch(ui.machine.files, address).body)
    except OSError as error:
        ui.toast(f"The file was not saved: {error.strerror}")

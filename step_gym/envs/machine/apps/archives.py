"""Archives over virtual files: what a file manager and the shell's commands put into them and take out."""

from __future__ import annotations

import errno
import io
import time
import zipfile
from collections.abc import Iterable, Iterator
from posixpath import basename, dirname, normpath, splitext
from typing import IO, NamedTuple

from step_gym.envs.machine.apps import files as file_actions
from step_gym.envs.machine.clock import SECOND
from step_gym.envs.machine.files import Directory, File, FileSystem, join

_FILE_MODE, _FOLDER_MODE = 0o100644, 0o040755
_EARLIEST = 315_532_800  # 1980, before which zip has no dates


class UnreadableArchiveError(ValueError):
    """Bytes that are no archive, are damaged or encrypted, or unpack to too much; says which."""


class Member(NamedTuple):
    """One file or folder in an archive.

    Attributes:
        name: Its path in the archive.
        data: Its content, None for a folder.
        time: When it was changed, in seconds since 1970 UTC.
    """

    name: str
    data: bytes | None
    time: float


def members(files: FileSystem, path: str, name: str, recursive: bool = True) -> Iterator[Member]:
    """A file or folder under a name, with all in it; links to files are followed, those to folders are not.

    Raises:
        OSError: If nothing lies at `path`. What a broken link in a folder leads to is left out.
    """
    node = files.node(path)
    if isinstance(node, File):
        yield Member(name, node.data, node.mtime_ns / SECOND)
    elif isinstance(node, Directory):
        yield Member(name, None, node.mtime_ns / SECOND)
        for entry in sorted(node.entries) if recursive else ():
            inside = join(path, entry)
            if files.exists(inside) and not (files.is_dir(inside) and _is_link(files, inside)):
                yield from members(files, inside, normpath(join(name, entry)))


def _is_link(files: FileSystem, path: str) -> bool:
    return not isinstance(files.node(path, follow=False), File | Directory)


def zipped(members: Iterable[Member]) -> bytes:
    """A zip archive of members."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data, seconds in members:
            info = zipfile.ZipInfo(name + "/" * (data is None), time.gmtime(max(seconds, _EARLIEST))[:6])
            # Info-ZIP keeps the mode in the upper half; without one a folder unpacks to what none can enter.
            info.external_attr = (_FILE_MODE if data is not None else _FOLDER_MODE) << 16
            archive.writestr(info, data or b"", zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def unpacked(entries: Iterable[tuple[str, IO[bytes] | None, float]], most: int) -> list[Member]:
    """What an archive holds.

    Args:
        entries: Names, contents to be read (None for a folder) and times, as in `Member`.
        most: How many bytes it may unpack to.

    Raises:
        UnreadableArchiveError: If it unpacks to more, or whatever else comes of reading `entries`.
    """
    found: list[Member] = []
    left = most
    try:
        for name, stream, seconds in entries:
            data = None if stream is None else stream.read(left + 1)
            left -= len(data or b"")
            if left < 0:
                raise UnreadableArchiveError(f"it unpacks to more than {most} bytes")
            found.append(Member(name, data, seconds))
    except Exception as error:  # zipfile and tarfile let all kinds through of bytes that are no archive
        raise UnreadableArchiveError(str(error)) from error
    return found


def unzipped(content: bytes, most: int) -> list[Member]:
    """What a zip archive holds, without times; `most` and errors as in `unpacked`."""
    return unpacked(_zip_entries(content), most)


def _zip_entries(content: bytes) -> Iterator[tuple[str, IO[bytes] | None, float]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for info in archive.infolist():
            if info.is_dir():
                yield info.filename, None, 0.0
            else:
                with archive.open(info) as stream:
                    yield info.filename, stream, 0.0


def path_in(folder: str, name: str) -> str:
    """Where a member belongs below a folder; a name that leads out of it is taken as one below it."""
    return "/".join([folder.rstrip("/"), *(part for part in name.split("/") if part not in ("", ".", ".."))])


def compress(files: FileSystem, paths: Iterable[str], archive: str) -> None:
    """Make a zip archive of files and folders, which lie in it by their names.

    Raises:
        OSError: If something lies at `archive`, one of `paths` is not there, or the storage is full.
    """
    if files.exists(archive, follow=False):
        raise OSError(errno.EEXIST, f"{basename(archive)} already exists", archive)
    content = (member for path in paths for member in members(files, path, basename(path)))
    files.write(archive, zipped(content))


def extract(files: FileSystem, archive: str) -> str:
    """Unpack a zip archive beside itself: what it holds if that is one thing, or a folder with all of it.

    What would lead out of the folder is put into it.

    Returns:
        The path of the new file or folder, which gets a free name where its own is taken.

    Raises:
        OSError: If the file is no such archive, a part is encrypted or damaged, or the storage is full.
    """
    folder, stem = dirname(archive), splitext(basename(archive))[0]
    try:
        content = unzipped(files.read(archive), files.max_bytes - files.used_bytes)
    except UnreadableArchiveError as error:
        raise OSError(errno.EINVAL, f"{basename(archive)} can't be extracted: {error}", archive) from error
    before = files.snapshot()
    target = join(folder, file_actions.unused_name(files, folder, stem or "archive"))
    try:
        files.make_directory(target)
        for name, data, _ in content:
            path = path_in(target, name)
            if data is None:
                files.make_directory(path, parents=True)
            elif path != target:
                files.make_directory(dirname(path), parents=True)
                files.write(path, data)
    except OSError:
        files.restore(before)
        raise
    names = files.list(target)
    if len(names) != 1:
        return target
    # One thing needs no folder around it; the folder's name may be the one that it wants.
    inner = join(target, names[0])
    aside = join(folder, file_actions.unused_name(files, folder, f".{names[0]}"))
    files.rename(inner, aside)
    files.remove(target)
    final = join(folder, file_actions.unused_name(files, folder, names[0]))
    files.rename(aside, final)
    return final

"""zip, unzip and tar, in memory and within the bounds of the file system."""

from __future__ import annotations

import io
import posixpath
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING

from step_gym.envs.machine.apps import archives
from step_gym.envs.machine.apps.archives import Member, UnreadableArchiveError
from step_gym.envs.machine.shell.commands.options import read_options
from step_gym.envs.machine.shell.evaluator import Call

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.desktop import Desktop

_MAX_BYTES = 16 * 1024 * 1024  # that one command packs or unpacks
_BYTES_PER_UNIT = 20  # of the shell's budget


def _spend(call: Call, member: Member) -> None:
    call.shell.budget.spend(20 + len(member.data or b"") // _BYTES_PER_UNIT)


def _members(call: Call, names: Iterable[str], recursive: bool = True) -> Iterator[Member]:
    """Files and directories by their names as given, those in directories with them."""
    for name in names:
        stored = posixpath.normpath(name).lstrip("/")
        for member in archives.members(call.machine.files, call.path(name), stored, recursive):
            _spend(call, member)
            yield member


def _extract(call: Call, directory: str, members: Iterable[Member], replaces: bool) -> list[str]:
    """Write members below a directory; the names of those that were written."""
    files = call.machine.files
    written = []
    for member in members:
        path = archives.path_in(call.path(directory), member.name)
        _spend(call, member)
        if member.data is None:
            files.make_directory(path, parents=True)
            continue
        files.make_directory(posixpath.dirname(path), parents=True)
        if replaces or not files.exists(path):
            files.write(path, member.data)
            written.append(member.name)
    return written


def zip_(desktop: Desktop, call: Call) -> int:
    """Pack files into an archive, in place of one of that name."""
    options, operands = read_options(call, "rqj9", least=2)
    target = operands[0] if "." in posixpath.basename(operands[0]) else f"{operands[0]}.zip"
    packed = list(_members(call, operands[1:], "r" in options))
    if "j" in options:
        packed = [one._replace(name=posixpath.basename(one.name)) for one in packed if one.data is not None]
    desktop.files.write(call.path(target), archives.zipped(packed))
    if "q" not in options:
        call.out("".join(f"  adding: {_shown(one)}" for one in packed))
    return 0


def _shown(member: Member) -> str:
    return f"{member.name}{'/' if member.data is None else ''}\n"


def unzip(desktop: Desktop, call: Call) -> int:
    """Unpack or list (-l) an archive; files that exist stay, unless -o says otherwise."""
    options, operands = read_options(call, "oqln", "d", least=1)
    try:
        members = archives.unzipped(desktop.files.read(call.path(operands[0])), _MAX_BYTES)
    except UnreadableArchiveError as error:
        call.complain(f"{operands[0]}: cannot be read as a zip file ({error})")
        return 9
    if "l" in options:
        call.out("".join(f"{len(data or b''):>9}  {name}\n" for name, data, _ in members))
        return 0
    written = _extract(call, options.get("d", "."), members, "o" in options)
    if "q" not in options:
        call.out(f"Archive:  {operands[0]}\n" + "".join(f"  inflating: {name}\n" for name in written))
    return 0


def tar(desktop: Desktop, call: Call) -> int:
    """Create (-c), extract (-x) or list (-t) an archive, with gzip for -z or a name that ends in gz."""
    words = list(call.arguments)
    if words and not words[0].startswith("-"):
        words[0] = f"-{words[0]}"  # the old way: tar xzf FILE
    options, operands = read_options(Call(call.name, words, call.shell, call.streams), "cxtzv", "fC", least=0)
    if "f" not in options or not any(letter in options for letter in "cxt"):
        return call.complain("one of -c, -x and -t is needed, and -f with the archive")
    path = call.path(options["f"])
    if "c" in options:
        return _pack(desktop, call, path, options, operands)
    try:
        members = archives.unpacked(_tar_entries(desktop.files.read(path)), _MAX_BYTES)
    except UnreadableArchiveError as error:
        call.complain(f"{options['f']}: cannot be read as an archive ({error})")
        return 2
    if "x" in options:
        _extract(call, options.get("C", "."), members, replaces=True)
    if "t" in options or "v" in options:
        call.out("".join(map(_shown, members)))
    return 0


def _pack(desktop: Desktop, call: Call, path: str, options: dict[str, str], names: list[str]) -> int:
    here = Call(call.name, [], call.shell.child(), call.streams)
    here.shell.cwd = call.path(options.get("C", "."))
    members = list(_members(here, names))
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, data, seconds in members:
            info = tarfile.TarInfo(name)
            info.mtime, info.size = int(seconds), len(data or b"")
            info.type = tarfile.DIRTYPE if data is None else tarfile.REGTYPE
            info.mode = 0o755 if data is None else 0o644
            archive.addfile(info, io.BytesIO(data or b""))
    content = packed.getvalue()
    if "z" in options or path.endswith("gz"):
        squeezer = zlib.compressobj(wbits=31)  # with gzip's header, which has no time
        content = squeezer.compress(content) + squeezer.flush()
    desktop.files.write(path, content)
    call.out("".join(map(_shown, members)) if "v" in options else "")
    return 0


def _tar_entries(content: bytes) -> Iterator[tuple[str, IO[bytes] | None, float]]:
    if content[:2] == b"\x1f\x8b":
        content = zlib.decompressobj(wbits=31).decompress(content, _MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise UnreadableArchiveError(f"it unpacks to more than {_MAX_BYTES} bytes")
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for info in archive:
            if info.isfile() or info.isdir():
                yield info.name, archive.extractfile(info), float(info.mtime)

"""A virtual file system of immutable nodes: a write makes new ones up to the root, a snapshot is a reference.

Errors are `OSError`s with POSIX's numbers, so that their texts are those that programs print.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from step_gym.envs.machine.clock import Clock

MAX_NAME_BYTES = 255
MAX_PATH_BYTES = 4096
MAX_DEPTH = 100  # of directories; deeper than any program here makes, shallow enough for recursion
_MAX_LINKS = 40
_BLOCK = 4096
_SHORT_PATH, _SHORT_NAME = 1_000, 60  # characters, of which none has more than four bytes


@dataclass(frozen=True, slots=True)
class File:
    """A regular file, or a character device, which reads empty and swallows what is written."""

    mode: int
    mtime_ns: int
    inode: int
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Symlink:
    """A symbolic link."""

    mode: int
    mtime_ns: int
    inode: int
    target: str = ""


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory; `entries` is replaced and never changed."""

    mode: int
    mtime_ns: int
    inode: int
    entries: Mapping[str, Node] = field(default_factory=dict)


Node = File | Symlink | Directory


@dataclass(frozen=True, slots=True)
class FilesSnapshot:
    """The whole file system at one moment; picklable, shares every node."""

    root: Directory
    used_bytes: int
    nodes: int
    last_inode: int


def size_of(node: Node) -> int:
    """Bytes as `st_size` gives them: content, length of a link's target, one block for a directory."""
    if isinstance(node, File):
        return len(node.data)
    return len(os.fsencode(node.target)) if isinstance(node, Symlink) else _BLOCK


def join(directory: str, path: str) -> str:
    """`path` as seen from `directory`."""
    return path if path.startswith("/") else f"{directory.rstrip('/')}/{path}"


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        if isinstance(current, Directory):
            pending.extend(current.entries.values())


def _error(code: int, path: str) -> OSError:
    return OSError(code, os.strerror(code), path)


def _height(node: Node) -> int:
    if not isinstance(node, Directory):
        return 0
    return 1 + max((_height(child) for child in node.entries.values()), default=0)


class FileSystem:
    """Files, directories and links, all owned by root; times come from a clock.

    Reading does not change times: access and change time are the modification time. `work` counts what writes
    have cost, in microseconds or so, for whoever bounds a program that writes.

    Args:
        clock: Where times come from.
        max_bytes: Content that fits, in bytes; more raises ENOSPC.
        max_nodes: Files, directories and links that fit; more raises ENOSPC.
    """

    def __init__(self, clock: Clock, max_bytes: int = 64 * 1024 * 1024, max_nodes: int = 50_000) -> None:
        self.clock = clock
        self.max_bytes = max_bytes
        self.max_nodes = max_nodes
        self.work = 0
        self._state = FilesSnapshot(Directory(stat.S_IFDIR | 0o755, clock.now_ns, 1), 0, 1, 1)

    @property
    def used_bytes(self) -> int:
        """Bytes of content that the files hold."""
        return self._state.used_bytes

    def snapshot(self) -> FilesSnapshot:
        """The state of all files, in constant time."""
        return self._state

    def restore(self, snapshot: FilesSnapshot) -> None:
        """Go back to a snapshot, in constant time."""
        self._state = snapshot

    # Finding

    def real_path(self, path: str, follow: bool = True) -> str:
        """The path with links and dots resolved; its last name need not exist.

        Args:
            path: An absolute path.
            follow: Whether a link in the last place is followed too.

        Raises:
            OSError: ENOENT, ENOTDIR, ELOOP or ENAMETOOLONG for what precedes the last name.
        """
        return "/" + "/".join(self._resolve(path, follow))

    def node(self, path: str, follow: bool = True) -> Node:
        """What lies at an absolute path.

        Raises:
            OSError: ENOENT where nothing does, and what `real_path` raises.
        """
        found = self._plain(path) or self._get(self._resolve(path, follow))
        if found is None:
            raise _error(errno.ENOENT, path)
        return found

    def exists(self, path: str, follow: bool = True) -> bool:
        """Whether something lies at an absolute path."""
        try:
            self.node(path, follow)
        except OSError:
            return False
        return True

    def is_dir(self, path: str) -> bool:
        """Whether a directory lies at an absolute path, or a link to one."""
        try:
            return isinstance(self.node(path), Directory)
        except OSError:
            return False

    def list(self, path: str) -> list[str]:
        """Names in a directory, sorted by code point.

        Raises:
            OSError: ENOTDIR for anything else, and what `node` raises.
        """
        found = self.node(path)
        if not isinstance(found, Directory):
            raise _error(errno.ENOTDIR, path)
        return sorted(found.entries)

    def read(self, path: str) -> bytes:
        """The content of a file.

        Raises:
            OSError: EISDIR for a directory, and what `node` raises.
        """
        found = self.node(path)
        if not isinstance(found, File):
            raise _error(errno.EISDIR, path)
        return found.data

    # Changing

    def write(self, path: str, data: bytes, *, mode: int = 0o644, append: bool = False) -> None:
        """Create a file, replace its content, or append to it.

        Args:
            path: An absolute path; its directory must exist.
            data: The content.
            mode: Permission bits of a file that is new; one that exists keeps its own.
            append: Whether the old content stays, before the new.

        Raises:
            OSError: EISDIR, ENOENT, ENOTDIR, ENOSPC, ENAMETOOLONG.
        """
        parts = self._resolve(path, follow=True)
        old = self._get(parts)
        if isinstance(old, Directory) or (old is None and path.endswith("/")):
            raise _error(errno.EISDIR, path)
        if isinstance(old, File):
            if stat.S_ISCHR(old.mode):
                return
            content = old.data + data if append else data
            new = replace(old, data=content, mtime_ns=self.clock.now_ns)
        else:
            new = File(stat.S_IFREG | (mode & 0o7777), self.clock.now_ns, self._state.last_inode + 1, data)
        self._put(parts, new, path)

    def make_device(self, path: str) -> None:
        """Create a character device that reads empty and swallows what is written."""
        node = File(stat.S_IFCHR | 0o666, self.clock.now_ns, self._state.last_inode + 1)
        self._put(self._resolve(path, follow=True), node, path)

    def make_directory(self, path: str, mode: int = 0o755, parents: bool = False) -> None:
        """Create a directory.

        Args:
            path: An absolute path.
            mode: Permission bits.
            parents: Also create what is missing above it, and accept a directory that exists.

        Raises:
            OSError: EEXIST where something lies, ENOENT, ENOTDIR, ENOSPC, ENAMETOOLONG.
        """
        if parents:
            whole = "/"
            for name in () if self.is_dir(path) else path.split("/"):
                whole = join(whole, name)
                if not self.is_dir(whole):
                    self.make_directory(whole, mode)
            return
        parts = self._resolve(path, follow=False)
        if self._get(parts) is not None:
            raise _error(errno.EEXIST, path)
        new = Directory(stat.S_IFDIR | (mode & 0o7777), self.clock.now_ns, self._state.last_inode + 1)
        self._put(parts, new, path)

    def make_link(self, target: str, path: str) -> None:
        """Create a symbolic link at `path`.

        Raises:
            OSError: EEXIST where something lies, and what `make_directory` raises.
        """
        parts = self._resolve(path, follow=False)
        if self._get(parts) is not None:
            raise _error(errno.EEXIST, path)
        new = Symlink(stat.S_IFLNK | 0o777, self.clock.now_ns, self._state.last_inode + 1, target)
        self._put(parts, new, path)

    def remove(self, path: str, recursive: bool = False) -> None:
        """Remove a file or link, an empty directory, or with `recursive` a directory and all in it.

        Raises:
            OSError: ENOENT, ENOTEMPTY, EBUSY for the root.
        """
        parts = self._resolve(path, follow=False)
        found = self._get(parts)
        if found is None:
            raise _error(errno.ENOENT, path)
        if not parts:
            raise _error(errno.EBUSY, path)
        if isinstance(found, Directory) and found.entries and not recursive:
            raise _error(errno.ENOTEMPTY, path)
        self._put(parts, None, path)

    def rename(self, source: str, target: str) -> None:
        """Move a node; what lies at `target` is replaced if it is no directory, or an empty one.

        Raises:
            OSError: ENOENT, EISDIR, ENOTDIR, ENOTEMPTY, EINVAL for a directory into itself, EBUSY for the
                root, ENAMETOOLONG.
        """
        source_parts = self._resolve(source, follow=False)
        target_parts = self._resolve(target, follow=False)
        node = self._get(source_parts)
        if node is None:
            raise _error(errno.ENOENT, source)
        if not source_parts or not target_parts:
            raise _error(errno.EBUSY, source)
        if source_parts == target_parts:
            return
        if target_parts[: len(source_parts)] == source_parts:
            raise _error(errno.EINVAL, source)
        old = self._get(target_parts)
        if old is None and target.endswith("/") and not isinstance(node, Directory):
            raise _error(errno.ENOTDIR, target)
        if isinstance(old, Directory):
            if not isinstance(node, Directory):
                raise _error(errno.EISDIR, target)
            if old.entries:
                raise _error(errno.ENOTEMPTY, target)
        elif old is not None and isinstance(node, Directory):
            raise _error(errno.ENOTDIR, target)
        if len(target_parts) + _height(node) > MAX_DEPTH:
            raise _error(errno.ENAMETOOLONG, target)
        before = self._state
        try:
            self._put(source_parts, None, source)
            self._put(target_parts, node, target)
        except OSError:
            self._state = before
            raise

    def set_mode(self, path: str, mode: int) -> None:
        """Change the permission bits of what a path leads to."""
        node = self.node(path)
        changed = replace(node, mode=stat.S_IFMT(node.mode) | (mode & 0o7777))
        self._put(self._resolve(path, follow=True), changed, path, touch=False)

    def set_time(self, path: str, mtime_ns: int) -> None:
        """Change the modification time of what a path leads to, in nanoseconds since 1970 UTC."""
        changed = replace(self.node(path), mtime_ns=mtime_ns)
        self._put(self._resolve(path, follow=True), changed, path, touch=False)

    # Inside

    def _plain(self, path: str) -> Node | None:
        """What lies at a path of names without links; None for others, which `_resolve` sees to."""
        if path[:1] != "/":
            return None
        node: Node | None = self._state.root
        for name in path[1:].replace("/./", "/").split("/"):
            if not isinstance(node, Directory):
                return None
            node = node.entries.get(name)
        return None if isinstance(node, Symlink) else node

    def _get(self, parts: list[str]) -> Node | None:
        node: Node | None = self._state.root
        for name in parts:
            if not isinstance(node, Directory):
                return None
            node = node.entries.get(name)
        return node

    def _resolve(self, path: str, follow: bool) -> list[str]:
        """Names from the root to what a path leads to; the last one need not exist."""
        return self._plain_names(path) or self._followed(path, follow)

    def _plain_names(self, path: str) -> list[str] | None:
        """The names in a path, where they are short, none is a link, and those before the last exist."""
        names = path[1:].split("/")
        if path[:1] != "/" or "\0" in path or len(path) > _SHORT_PATH or len(names) > MAX_DEPTH:
            return None
        above, last = self._get(names[:-1]), names[-1]
        if not isinstance(above, Directory) or isinstance(found := above.entries.get(last), Symlink):
            return None
        if found is None and (last in ("", ".", "..") or len(last) > _SHORT_NAME):
            return None
        return names

    def _followed(self, path: str, follow: bool) -> list[str]:
        if not path.startswith("/") or "\0" in path:
            raise _error(errno.ENOENT, path)
        if len(os.fsencode(path)) > MAX_PATH_BYTES:
            raise _error(errno.ENAMETOOLONG, path)
        pending = [name for name in reversed(path.split("/")) if name not in ("", ".")]
        must_be_directory = path.endswith(("/", "/."))
        trail: list[Node] = [self._state.root]
        done: list[str] = []
        links = 0
        while pending:
            name = pending.pop()
            if name in ("", "."):
                continue
            if name == "..":
                if not isinstance(trail[-1], Directory):
                    raise _error(errno.ENOTDIR, path)
                if done:
                    done.pop()
                    trail.pop()
                continue
            here = trail[-1]
            if not isinstance(here, Directory):
                raise _error(errno.ENOTDIR, path)
            child = here.entries.get(name)
            if isinstance(child, Symlink) and (pending or follow or must_be_directory):
                links += 1
                if links > _MAX_LINKS:
                    raise _error(errno.ELOOP, path)
                if child.target.startswith("/"):
                    del trail[1:], done[:]
                pending.extend(reversed(child.target.split("/")))
                continue
            if child is None:
                # Only the last name may be missing; anything after it has nothing to be in.
                if any(rest not in ("", ".") for rest in pending):
                    raise _error(errno.ENOENT, path)
                if len(os.fsencode(name)) > MAX_NAME_BYTES:
                    raise _error(errno.ENAMETOOLONG, path)
                done.append(name)
                break
            done.append(name)
            trail.append(child)
        if len(done) > MAX_DEPTH:
            raise _error(errno.ENAMETOOLONG, path)
        if must_be_directory and len(trail) > len(done) and not isinstance(trail[-1], Directory):
            raise _error(errno.ENOTDIR, path)
        return done

    def _put(self, parts: list[str], node: Node | None, path: str, touch: bool = True) -> None:
        """Make the tree anew with `node` at `parts`, or nothing there for None."""
        directories: list[Directory] = []
        here: Node = self._state.root
        for name in parts[:-1]:
            assert isinstance(here, Directory)
            directories.append(here)
            here = here.entries[name]
        if not parts:
            assert isinstance(node, Directory)
            self._state = replace(self._state, root=node)
            return
        assert isinstance(here, Directory)
        directories.append(here)
        old = here.entries.get(parts[-1])
        used, nodes = self._state.used_bytes, self._state.nodes
        if touch:
            for sign, tree in ((-1, old), (1, node)):
                if tree is not None:
                    for item in walk(tree):
                        nodes += sign
                        used += sign * len(item.data) if isinstance(item, File) else 0
        grows = used > self._state.used_bytes or nodes > self._state.nodes
        if grows and (used > self.max_bytes or nodes > self.max_nodes):
            raise _error(errno.ENOSPC, path)
        new: Node | None = node
        for depth in range(len(parts) - 1, -1, -1):
            directory = directories[depth]
            entries = dict(directory.entries)
            self.work += 2 + len(entries) // 30
            if new is None:
                del entries[parts[depth]]
            else:
                entries[parts[depth]] = new
            # A directory's own time moves when a name in it comes or goes, not when a file below changes.
            moved = touch and depth == len(parts) - 1 and (old is None or node is None)
            mtime_ns = self.clock.now_ns if moved else directory.mtime_ns
            new = Directory(directory.mode, mtime_ns, directory.inode, entries)
        assert isinstance(new, Directory)
        last_inode = max(self._state.last_inode, node.inode if node is not None else 0)
        self._state = FilesSnapshot(new, used, nodes, last_inode)

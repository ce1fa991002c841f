"""The virtual file system beside the real one, its limits, and its snapshots."""

import os
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from step_gym.envs.machine.clock import SECOND, Clock
from step_gym.envs.machine.files import Directory, File, FileSystem, walk

_NAMES = st.sampled_from(["a", "b", "c", "a/b", "a/c", "b/a", "a/b/c", "a/../c", "./b", "b/"])
_OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["write", "append", "mkdir", "remove", "rename"]), _NAMES, _NAMES), max_size=25
)


def _real(root: str, operation: str, first: str, second: str) -> int:
    path, other = f"{root}/{first}", f"{root}/{second}"
    try:
        if operation in ("write", "append"):
            with open(path, "wb" if operation == "write" else "ab") as file:
                file.write(b"xy")
        elif operation == "mkdir":
            os.mkdir(path)
        elif operation == "remove":
            (os.rmdir if os.path.isdir(path) else os.remove)(path)
        else:
            os.rename(path, other)
    except OSError as error:
        return error.errno or -1
    return 0


def _virtual(files: FileSystem, operation: str, first: str, second: str) -> int:
    try:
        if operation in ("write", "append"):
            files.write(f"/{first}", b"xy", append=operation == "append")
        elif operation == "mkdir":
            files.make_directory(f"/{first}")
        elif operation == "remove":
            files.remove(f"/{first}")
        else:
            files.rename(f"/{first}", f"/{second}")
    except OSError as error:
        return error.errno or -1
    return 0


@settings(max_examples=60, deadline=None)
@given(_OPERATIONS)
def test_it_does_what_the_real_file_system_does(tmp_path_factory, operations):
    root = str(tmp_path_factory.mktemp("real"))
    files = FileSystem(Clock(SECOND))
    for operation, first, second in operations:
        real = _real(root, operation, first, second)
        # Which of several errors is named differs between kernels; whether there is one does not.
        assert bool(_virtual(files, operation, first, second)) == bool(real), (operation, first, second)
    found = {}
    for folder, directories, names in os.walk(root):
        for name in directories:
            found[os.path.relpath(f"{folder}/{name}", root)] = None
        for name in names:
            with open(f"{folder}/{name}", "rb") as file:
                found[os.path.relpath(f"{folder}/{name}", root)] = file.read()
    assert _contents(files, "") == found
    nodes = list(walk(files.node("/")))
    assert files.snapshot().nodes == len(nodes)
    assert files.used_bytes == sum(len(node.data) for node in nodes if isinstance(node, File))


def _contents(files: FileSystem, folder: str) -> dict[str, bytes | None]:
    found: dict[str, bytes | None] = {}
    for name in files.list(f"/{folder}"):
        path = f"{folder}/{name}".lstrip("/")
        node = files.node(f"/{path}")
        found[path] = node.data if isinstance(node, File) else None
        if isinstance(node, Directory):
            found.update(_contents(files, path))
    return found


def test_a_snapshot_shares_every_node_and_brings_all_back():
    clock = Clock(SECOND)
    files = FileSystem(clock)
    for folder in range(20):
        files.make_directory(f"/d{folder}")
        for name in range(100):
            files.write(f"/d{folder}/f{name}", b"content")
    before = files.snapshot()
    clock.advance(5 * SECOND)
    files.write("/d3/f7", b"changed")
    files.remove("/d4", recursive=True)
    files.set_mode("/d5/f1", 0o600)
    after = files.snapshot()
    # Nothing but the way to what changed is made anew.
    assert before.root.entries["d9"] is after.root.entries["d9"]
    assert after.nodes == before.nodes - 101
    files.restore(pickle.loads(pickle.dumps(before)))
    assert files.read("/d3/f7") == b"content"
    assert files.node("/d3/f7").mtime_ns == SECOND
    assert len(files.list("/d4")) == 100
    assert files.snapshot() == before


def test_links_lead_on_and_loops_end():
    files = FileSystem(Clock(SECOND))
    files.make_directory("/storage/0/Download", parents=True)
    files.make_link("/storage/0", "/sdcard")
    files.write("/sdcard/Download/x", b"1")
    assert files.read("/storage/0/Download/x") == b"1"
    assert files.real_path("/sdcard/Download/../y") == "/storage/0/y"
    files.remove("/sdcard")
    assert files.is_dir("/storage/0")
    files.make_link("b", "/a")
    files.make_link("a", "/b")
    with pytest.raises(OSError, match="Too many levels of symbolic links"):
        files.read("/a")


def test_it_is_bounded():
    files = FileSystem(Clock(SECOND), max_bytes=1000, max_nodes=5)
    files.write("/a", b"x" * 1000)
    with pytest.raises(OSError, match="No space left"):
        files.write("/a", b"x", append=True)
    files.write("/a", b"")
    for name in "bcd":
        files.write(f"/{name}", b"x" * 300)
    with pytest.raises(OSError, match="No space left"):
        files.write("/e", b"")
    with pytest.raises(OSError, match="File name too long"):
        files.write("/" + "x" * 256, b"")
    deep = FileSystem(Clock(SECOND))
    with pytest.raises(OSError, match="File name too long"):
        deep.make_directory("/x" * 101, parents=True)

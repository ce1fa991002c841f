"""Archives of the file manager, against Python's zipfile."""

import io
import zipfile

import pytest

from step_gym.envs.machine.apps import archives
from step_gym.envs.machine.clock import SECOND, Clock
from step_gym.envs.machine.files import FileSystem


@pytest.fixture
def files() -> FileSystem:
    system = FileSystem(Clock(1_715_938_200 * SECOND), max_bytes=1_000_000)
    system.make_directory("/d/Trip/empty", parents=True)
    system.write("/d/Trip/plan.txt", b"go")
    system.write("/d/a.bin", bytes(range(256)))
    return system


def packed(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def test_an_archive_holds_files_and_folders(files: FileSystem) -> None:
    archives.compress(files, ["/d/Trip", "/d/a.bin"], "/d/all.zip")
    with zipfile.ZipFile(io.BytesIO(files.read("/d/all.zip"))) as archive:
        assert archive.namelist() == ["Trip/", "Trip/empty/", "Trip/plan.txt", "a.bin"]
        assert archive.read("a.bin") == bytes(range(256)) and archive.testzip() is None
        assert archive.getinfo("a.bin").date_time == (2024, 5, 17, 9, 30, 0)
        modes = {info.filename: info.external_attr >> 16 & 0o777 for info in archive.infolist()}
        assert (modes["Trip/"], modes["a.bin"]) == (0o755, 0o644)  # which Info-ZIP gives what it unpacks
    with pytest.raises(OSError, match=r"all\.zip already exists"):
        archives.compress(files, ["/d/a.bin"], "/d/all.zip")


def test_several_things_come_into_a_folder_and_one_does_not(files: FileSystem) -> None:
    archives.compress(files, ["/d/Trip", "/d/a.bin"], "/d/all.zip")
    assert archives.extract(files, "/d/all.zip") == "/d/all"
    assert files.list("/d/all") == ["Trip", "a.bin"] and files.list("/d/all/Trip") == ["empty", "plan.txt"]
    archives.compress(files, ["/d/Trip"], "/d/one.zip")
    assert archives.extract(files, "/d/one.zip") == "/d/Trip (1)"
    assert files.read("/d/Trip (1)/plan.txt") == b"go" and not files.exists("/d/one")
    files.write("/d/same.zip", packed({"same/x": b"1"}))
    assert archives.extract(files, "/d/same.zip") == "/d/same" and files.list("/d/same") == ["x"]


def test_links_are_followed_to_files_but_not_in_circles(files: FileSystem) -> None:
    files.make_link("/d/a.bin", "/d/Trip/one")
    files.make_link("/d", "/d/Trip/up")
    files.make_link("/nowhere", "/d/Trip/broken")
    archives.compress(files, ["/d/Trip"], "/d/t.zip")
    with zipfile.ZipFile(io.BytesIO(files.read("/d/t.zip"))) as archive:
        assert archive.namelist() == ["Trip/", "Trip/empty/", "Trip/one", "Trip/plan.txt"]
        assert archive.read("Trip/one") == bytes(range(256))


def test_members_cannot_lead_out_of_the_folder(files: FileSystem) -> None:
    files.write("/d/bad.zip", packed({"../../etc/passwd": b"x", "/root/y": b"z"}))
    assert archives.extract(files, "/d/bad.zip") == "/d/bad"
    assert files.list("/") == ["d"] and files.read("/d/bad/etc/passwd") == b"x"
    assert files.read("/d/bad/root/y") == b"z"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"no archive", "can't be extracted"),
        (packed({"zeros": bytes(2_000_000)}), "unpacks to more than"),
        (packed({"a": b"x", "a/b": b"y"}), "Not a directory|File exists|Is a directory"),
    ],
)
def test_what_cannot_be_extracted_changes_nothing(files: FileSystem, data: bytes, reason: str) -> None:
    files.write("/d/x.zip", data)
    before = files.snapshot()
    with pytest.raises(OSError, match=reason):
        archives.extract(files, "/d/x.zip")
    assert files.snapshot() is before

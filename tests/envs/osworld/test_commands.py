"""The desktop's shell beside the host's: what bash and GNU's programs say, where the host has them."""

import gzip
import io
import os
import shutil
import subprocess
import tarfile
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from step_gym.envs.osworld.computer import Refused
from step_gym.envs.osworld.simulator.command_line import HOME, CommandLine
from step_gym.envs.osworld.simulator.commands import DESKTOP_COMMANDS
from step_gym.envs.osworld.simulator.desktop import Desktop
from step_gym.envs.osworld.simulator.local import LocalComputer


@pytest.fixture
def computer():
    return LocalComputer(Desktop(1280, 720))


def sh(computer, script):
    result = computer.execute(script, shell=True)
    return result.output, result.error, result.returncode


# Scripts whose output, errors and status are the host's own, where there are a file a and a directory d.
SAME = [
    "echo hi; echo $((1 + 2)); printf '%05d\\n' 7",
    "cat nope",
    "cat d",
    "rm nope",
    "rm d",
    "rmdir nope",
    "mkdir d",
    "mkdir nope/x",
    "mkdir --parents p/q; ls -a p",
    "cp nope b",
    "mv nope b",
    "touch nope/b",
    "head -n 1 a; tail --lines 1 a; wc -l a; sort -r a",
    "head nope",
    "tail nope",
    "grep nope a",
    "grep x nope",
    "grep --ignore-case ONE a",
    "chmod 600 nope",
    "stat nope",
    "find nope",
    "ls > nope/x",
    "cat < nope",
    "nosuchprogram",
    "nosuchprogram || echo no; exit 3",
    "ls -1; ls --all d",
    "seq 3 | sed s/2/x/ | tr x y | xargs echo",
    "for i in 1 2; do echo $i; done; if [ -f a ]; then echo file; fi",
    "echo one > b; cat b a; cut -d n -f 1 a; echo abcdefgh | cut -c 6-,3,1-3,2-4; uniq a",
    "date -d @0 +%Y-%m-%d; basename /x/y.txt .txt; dirname /x/y",
]
OTHER_STATUS = {"ls > nope/x", "cat < nope"}  # 2 for dash, 1 for us


@pytest.mark.skipif(shutil.which("sh") is None or os.name != "posix", reason="no shell on the host")
@pytest.mark.parametrize("script", SAME)
def test_scripts_do_what_they_do_on_the_host(computer, tmp_path, script):
    (tmp_path / "a").write_text("one\ntwo\nthree\n")
    (tmp_path / "d").mkdir()
    host = subprocess.run(
        script,
        shell=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"},
    )
    sh(computer, "mkdir -p w/d; printf 'one\\ntwo\\nthree\\n' > w/a")
    command_line = computer._sh
    ours = command_line.run(script, f"{HOME}/w")
    # Where the host's sh is no dash, the shell's own messages read otherwise.
    expected = host.stderr if "/bin/sh: 1:" in host.stderr or "/bin/sh" not in host.stderr else ours.error
    assert (ours.output, ours.error) == (host.stdout, expected)
    assert ours.status == host.returncode or script in OTHER_STATUS


def test_bash_says_what_it_cannot_find():
    command_line = CommandLine(Desktop(1280, 720))
    assert command_line.run("nope").error == "bash: nope: command not found\n"
    assert command_line.run("ls --nope").error == (
        "ls: invalid option -- 'nope'\nTry 'ls --help' for more information.\n"
    )


def test_who_and_where(computer):
    assert sh(computer, "whoami; pwd; echo $USER; hostname; uname -sm; id -u")[0] == (
        f"user\n{HOME}\nuser\ndesktop\nLinux x86_64\n1000\n"
    )
    assert sh(computer, "which ls python3 cd; echo $?")[0] == "/usr/bin/ls\n/usr/bin/python3\n1\n"
    assert sh(computer, "A=1 env B=2 sh -c 'echo $A$B'; sudo -S whoami")[0] == "12\nuser\n"
    assert sh(computer, "/usr/bin/python3 -c 'print(1 + 1)'; echo 'print(3)' | python3 -")[0] == "2\n3\n"
    assert "[Errno 2]" in sh(computer, "python3 nope.py")[1]


def test_windows_are_listed_shown_and_closed(computer):
    computer.upload("~/a.txt", b"x")
    assert sh(computer, "xdg-open a.txt; xdg-open ~/Documents") == ("", "", 0)
    editor, files = sh(computer, "wmctrl -l")[0].splitlines()
    assert editor.startswith("0x02000001  0 desktop ") and "a.txt" in editor
    assert files.startswith("0x02000002  0 desktop ") and "Documents" in files
    assert computer.desktop.active_window.id == 2
    assert sh(computer, "wmctrl -a A.TXT")[2] == 0 and computer.desktop.active_window.id == 1
    assert sh(computer, "wmctrl -F -a a.tx")[2] == 1
    assert sh(computer, "wmctrl -i -a 0x02000002")[2] == 0 and computer.desktop.active_window.id == 2
    assert sh(computer, "wmctrl -r :ACTIVE: -b add,maximized_vert,maximized_horz")[2] == 0
    assert computer.desktop.active_window.is_maximised
    assert "text-editor.Text-Editor" in sh(computer, "wmctrl -lx")[0]
    computer.activate_window("text-editor", by_class=True)
    assert computer.desktop.active_window.id == 1
    assert computer.window_size("text-editor") is not None
    computer.close_window("documents")
    assert [frame.id for frame in computer.desktop.windows] == [1]
    assert sh(computer, "pgrep text-editor")[0] and sh(computer, "pkill text-editor")[2] == 0
    assert computer.desktop.windows == ()
    assert sh(computer, "killall text-editor") == ("", "text-editor: no process found\n", 1)
    assert sh(computer, "xdg-open nope.txt")[2] == 2


def test_settings_are_texts_in_quotes(computer):
    get = "gsettings get org.gnome.desktop.interface clock-format"
    assert sh(computer, get)[0] == "'24h'\n"
    assert (
        sh(computer, f"gsettings set org.gnome.desktop.interface clock-format '12h'; {get}")[0] == "'12h'\n"
    )
    assert sh(computer, "gsettings get org.gnome.desktop.interface clock-show-date")[0] == "true\n"
    assert sh(computer, "gsettings get no.such schema") == ("", "No such schema “no.such”\n", 1)
    assert sh(computer, "gsettings get org.gnome.desktop.interface none")[1] == "No such key “none”\n"
    computer.upload("~/p.png", b"picture")
    computer.change_wallpaper("~/p.png")
    assert computer.wallpaper() == b"picture"
    assert sh(computer, "gsettings get org.gnome.desktop.background picture-uri")[0] == (
        "'file:///home/user/p.png'\n"
    )


def test_the_clipboard_is_the_desktops(computer):
    assert sh(computer, "echo -n hé | xclip -selection clipboard; xclip -o")[0] == "hé"
    assert computer.desktop.clipboard == "hé"


def test_archives_are_pythons(computer):
    made = (
        "mkdir -p x/y; echo one > x/a; echo two > x/y/b; zip -q -r x.zip x; tar czf x.tgz x; tar cf x.tar x"
    )
    assert sh(computer, made) == ("", "", 0)
    with zipfile.ZipFile(io.BytesIO(computer.file("~/x.zip"))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist() if name[-1] != "/"} == {
            "x/a": b"one\n",
            "x/y/b": b"two\n",
        }
    for data in (gzip.decompress(computer.file("~/x.tgz")), computer.file("~/x.tar")):
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            assert archive.getnames() == ["x", "x/a", "x/y", "x/y/b"]
    for unpack in ("unzip -q -d o x.zip", "mkdir o; tar xf x.tgz -C o"):
        assert sh(computer, f"rm -rf o; {unpack}; cat o/x/a o/x/y/b")[0] == "one\ntwo\n"


def _sparse_member(name, size):
    """A member in GNU's old sparse format: a header alone that stands for `size` zeros."""
    info = tarfile.TarInfo(name)
    info.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[386:410] = b"%011o\0%011o\0" % (size, 0)  # the one piece of data: none, at the end
    header[483:495] = b"%011o\0" % size
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def test_archives_that_mean_harm(computer):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"\0" * (20 << 20))
    computer.upload("~/bomb.zip", bomb.getvalue())
    assert sh(computer, "unzip bomb.zip")[2] == 9
    computer.upload("~/bomb.tgz", gzip.compress(b"\0" * (20 << 20)))
    assert sh(computer, "tar xzf bomb.tgz")[2] == 2
    computer.upload(
        "~/sparse.tar", b"".join(_sparse_member(f"s{i}", 12 << 20) for i in range(2)) + bytes(1024)
    )
    assert sh(computer, "tar xf sparse.tar") == (
        "",
        "tar: sparse.tar: cannot be read as an archive (it unpacks to more than 16777216 bytes)\n",
        2,
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../../etc/evil", b"x")
    computer.upload("~/out.zip", out.getvalue())
    sh(computer, "unzip out.zip")
    assert computer.file("/etc/evil") is None
    for kind in ("unzip", "tar xf"):
        computer.upload("~/rubbish", b"PK\x03\x04rubbish")
        assert sh(computer, f"{kind} rubbish")[2] != 0


def test_a_program_with_a_window_is_started(computer):
    computer.launch(["gedit", "~/new.txt"])
    assert "new.txt" in computer.desktop.active_window.title
    with pytest.raises(Refused, match="No such file or directory: 'nope'"):
        computer.launch(["nope"])
    with pytest.raises(Refused, match="not found: /nope"):
        computer.open_file("/nope")


def test_time_spent_is_the_desktops(computer):
    before = computer.desktop.clock.elapsed_ns
    assert sh(computer, "sleep 5")[2] == 0
    assert computer.desktop.clock.elapsed_ns - before >= 5_000_000_000
    with pytest.raises(Refused, match="timed out after 120 seconds"):
        sh(computer, "sleep 500")
    with pytest.raises(Refused, match="timed out after 3 seconds"):
        computer.run_bash_script("sleep 5", timeout=3)


words = st.sampled_from(
    [
        *DESKTOP_COMMANDS,
        "gedit",
        "-a",
        "-l",
        "-c",
        "-i",
        "-x",
        "-f",
        "-d",
        "-r",
        "-b",
        "-t",
        "-C",
        "-o",
        "-u",
        "--",
        "a",
    ]
    + [
        "",
        "0",
        "0x9",
        "a.zip",
        "/",
        "..",
        "~",
        "é",
        "'",
        "set",
        "get",
        "org.gnome.desktop.interface",
        "x" * 300,
    ]
    + [":ACTIVE:", "file:///a", "http://a", "$HOME", "-1", "99999999999999999999", "xyz.tar.gz", "/dev/null"]
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(list(DESKTOP_COMMANDS)), st.lists(words, max_size=5))
def test_no_arguments_of_a_command_raise(name, arguments):
    computer = LocalComputer(Desktop(1280, 720))
    try:
        result = computer.execute([name, *arguments])
    except Refused:
        return
    assert 0 <= result.returncode <= 255

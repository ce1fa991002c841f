"""Small files of all kinds that evaluators read, many of each that differ a little, for comparing metrics."""

from __future__ import annotations

import io
import json
import random
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.osworld_office_pool import WORDS, docx, odt, pptx, words, xlsx


class Pool:
    """Files by kind, made when first asked for; the same seed makes the same files.

    Args:
        folder: Where they are written.
        seed: Of all that is random in them.
        size: How many of each kind.
    """

    def __init__(self, folder: Path, seed: int, size: int):
        self.folder, self.seed, self.size = folder, seed, size
        self._files: dict[str, list[str]] = {}

    def files(self, kind: str) -> list[str]:
        """Paths of all files of a kind."""
        if kind not in self._files:
            rng = random.Random(f"{kind}{self.seed}")
            self._files[kind] = []
            for number in range(self.size):
                path = self.folder / f"{kind}-{number}.{_SUFFIXES.get(kind, kind)}"
                _MAKERS[kind](path, rng)
                self._files[kind].append(str(path))
        return self._files[kind]

    def one(self, rng: random.Random, kind: str) -> str:
        """One file of a kind."""
        return rng.choice(self.files(kind))

    def two(self, rng: random.Random, kind: str) -> tuple[str, str]:
        """Two files of a kind, now and then one file twice."""
        first = self.one(rng, kind)
        return first, first if rng.random() < 0.25 else self.one(rng, kind)


def _text(path: Path, rng: random.Random) -> None:
    lines = [words(rng) for _ in range(rng.randint(0, 3))]
    if rng.random() < 0.3:
        lines = ["same line", "second"]
    text = rng.choice(("\n", "\n", "\n", "\r\n")).join(lines) + rng.choice(("", "\n"))
    path.write_bytes((text.upper() if rng.random() < 0.1 else text).encode())


def _number(path: Path, rng: random.Random) -> None:
    path.write_text(rng.choice(("3.5", " 3.50001", "Python 3.5", "3.500001\n", "seven", "7", "1e3", "")))


def _python(path: Path, rng: random.Random) -> None:
    header = rng.choice(
        ("", "#!/usr/bin/python\n", "# -*- coding: utf-8 -*-\n", "\n", "#!x\n# coding: utf-8\n")
    )
    body = rng.choice(
        ("def f():\n    return 1\n", "def f():\n\treturn 1", "def f():\n\n    return 1   \n", "x = 2\n")
    )
    path.write_text(header + body)


def _csv(path: Path, rng: random.Random) -> None:
    rows = ["name,kind,n"] + [
        f"{rng.choice('abC')},{rng.choice(('x', 'X ', 'y'))},{rng.randint(0, 2)}"
        for _ in range(rng.randint(0, 3))
    ]
    path.write_bytes(("\n".join(rows) + rng.choice(("", "\n"))).encode(rng.choice(("utf-8", "latin-1"))))


def _json(path: Path, rng: random.Random) -> None:
    data = {"a": rng.choice((1, 1.5, "x", None, True)), "b": {"c": rng.choice((1, 2, "x,y", [1, 2]))}}
    if rng.random() < 0.3:
        del data["a"]
    text = json.dumps([data, {"key": "f", "command": "g"}] if rng.random() < 0.2 else data)
    path.write_text(rng.choice(("", "", "", "// a comment\n", "{")) + text)


def _texts_json(path: Path, rng: random.Random) -> None:
    path.write_text(json.dumps({f"k{n}": rng.choice(WORDS[:3]) for n in range(rng.randint(0, 3))}))


def _yaml(path: Path, rng: random.Random) -> None:
    path.write_text(rng.choice(("a: 1\nb: {c: 2}\n", "a: x\n", "", "a: [1\n", "b:\n  c: 1\n", "- 1\n")))


def _preferences(path: Path, rng: random.Random) -> None:
    lines = [
        f'user_pref("mail.{rng.choice("abc")}", {rng.choice(("1", "true", "2", chr(34) + "x" + chr(34)))});'
        for _ in range(rng.randint(0, 4))
    ]
    path.write_text("// comment\n" + "\n".join(lines))


def _filters(path: Path, rng: random.Random) -> None:
    text = 'version="9"\nlogging="no"\n'
    for _ in range(rng.randint(0, 2)):
        condition = rng.choice(
            ('AND (subject,contains,\\"a\\")', "OR (from,is,x)", "ALL", "AND (to,is,b) AND (cc,is,c)")
        )
        text += f'name="{rng.choice("AB")}"\nenabled="yes"\ntype="17"\naction="Move to folder"\n'
        text += f'actionValue="mailbox://x"\ncondition="{condition}"\n'
    path.write_text(text)


def _vlcrc(path: Path, rng: random.Random) -> None:
    settings = {
        "qt-bgcone": ("0", "1"),
        "qt-max-volume": ("125", "200"),
        "qt-minimal-view": ("0", "1"),
        "one-instance-when-started-from-file": ("0", "1"),
        "global-key-play-pause": ("", "Space"),
        "qt-slider-colours": ("1;2;3;4;5;6", "153;210;153;20;210;20", "9;9"),
        "input-record-path": ("/home/user/Desktop", "/tmp"),
    }
    lines = ["[core]", ""]
    for key, values in settings.items():
        if rng.random() < 0.7:
            lines += [f"# {key} (text)", f"{rng.choice(('', '', '#'))}{key}={rng.choice(values)}"]
    path.write_text("\n".join(lines))


def _vlc_status(path: Path, rng: random.Random) -> None:
    names = ("filename", "title", "uri", "url", "location", "name")
    values = (
        "song.mp3",
        "/home/user/song.mp3",
        "http://a.org/x/song.m3u8",
        "other",
        "http://a.org/x/song.m3u8?b=1",
    )
    infos = "".join(
        f'<info name="{name}">{rng.choice(values)}</info>' for name in names if rng.random() < 0.4
    )
    state = rng.choice(("playing", "playing", "playing", "stopped"))
    path.write_text(
        f'<root><state>{state}</state><information><category name="meta">{infos}</category>'
        "</information></root>"
    )


def _registry(path: Path, rng: random.Random) -> None:
    items = (
        ("/org.openoffice.Office.Impress/Misc/Start", "EnablePresenterScreen", ("true", "false")),
        ("/org.openoffice.Office.Common/Save/Document", "AutoSaveTimeIntervall", ("3", "10")),
        ("/org.openoffice.Office.Writer/DefaultFont", "Standard", ("Times New Roman", "Arial")),
        ("/org.openoffice.Setup/L10N", "ooSetupSystemLocale", ("en-US", "de-DE")),
        ("/org.openoffice.Setup/L10N", "ooLocale", ("en-US", "zh-CN")),
    )
    text = '<oor:items xmlns:oor="http://openoffice.org/2001/registry">'
    for place, name, values in items:
        if rng.random() < 0.7:
            text += f'<item oor:path="{place}"><prop oor:name="{name}" oor:op="fuse">'
            text += f"<value>{rng.choice(values)}</value></prop></item>"
    path.write_text(text + "</oor:items>")


def _gimprc(path: Path, rng: random.Random) -> None:
    lines = [
        "# settings",
        "",
        f"(theme {rng.choice(('Dark', 'Light'))})",
        f"(default-image (width {rng.randint(1, 2)}))",
    ]
    path.write_text("\n".join(rng.sample(lines, rng.randint(1, 4))) + "\n")


def accessibility(rng: random.Random) -> str:
    """An accessibility tree of a few elements."""
    state = 'xmlns:st="https://accessibility.ubuntu.example.org/ns/state"'
    names = ("Settings", "Slides View", "Files", "Google Chrome")
    kinds = ("push-button", "document-frame", "label", "entry")
    inner = "".join(
        f'<{kind} name="{rng.choice(names)}" st:showing="true">{words(rng, 2)}</{kind}>'
        for kind in rng.choices(kinds, k=rng.randint(0, 4))
    )
    url = rng.choice(
        (
            "a.org/x-y/z?q=1&amp;r=b,c",
            "www.macys.com/shop/mens-clothing/Sleeve_length,Price_discount_range/"
            "short-sleeve,50_PERCENT_ off%20%26%20more?id=1",
            "",
            "b.org",
        )
    )
    bar = f'<frame><entry name="Address and search bar">{url}</entry></frame>'
    application = f'<application name="{rng.choice(names)}">{inner}{bar}</application>'
    return f"<desktop-frame {state}>{application}</desktop-frame>"


def _html(path: Path, rng: random.Random) -> None:
    cells = "".join(
        f'<td sdnum="{rng.randint(0, 1)}">{rng.choice("ab")}</td>' for _ in range(rng.randint(1, 2))
    )
    style = rng.choice(
        ("", "<style>body {background-image: url('x.png')}</style>", '<style>url("x.png")</style>')
    )
    path.write_text(f"<html><head>{style}</head><body><table><tr>{cells}</tr></table></body></html>")


def _epub(path: Path, rng: random.Random) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        if rng.random() < 0.8:
            archive.writestr("toc.ncx", f"<ncx>\n<navPoint id='{rng.random()}'/>\n<x/>\n</ncx>")
            archive.writestr("content.opf", f"<p>\n<dc:identifier>{rng.random()}</dc:identifier>\n<y/></p>")
        for number in range(rng.randint(0, 2)):
            archive.writestr(f"{number}.html", f"<html><body><p>{words(rng)}</p>\n<p>end</p></body></html>")


def _cities(path: Path, rng: random.Random) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for row in range(2, 23):
        book.worksheets[0].cell(row, 3, rng.choices(("Rome, Italy", "Oslo", None), (80, 15, 1))[0])
    book.save(path)


def _speedtest(path: Path, rng: random.Random) -> None:
    minute = rng.choice((0, 30))
    path.write_text(f"server,time\n1,2025-01-01 {rng.randint(0, 23):02}:{minute:02},9\n")


def _sqlite(path: Path, rng: random.Random) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (n REAL)")
    connection.executemany(
        "INSERT INTO t VALUES (?)", [(rng.randint(0, 3),) for _ in range(rng.randint(0, 3))]
    )
    connection.commit()
    connection.close()


def _pdf(path: Path, rng: random.Random) -> None:
    """Pages with a line of words or two, some of them apart as in a table, some turned, and pictures."""
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    def named(**values: str) -> DictionaryObject:
        return DictionaryObject(
            {NameObject(f"/{key}"): NameObject(f"/{name}") for key, name in values.items()}
        )

    writer = PdfWriter()
    for _ in range(rng.randint(1, 2)):
        page = writer.add_blank_page(200, 260)
        drawn, resources = [], DictionaryObject()
        for _ in range(rng.choice((1, 1, 2))):
            turn = rng.choice(("1 0 0 1", "1 0 0 1", "0 1 -1 0"))
            line = " ".join(rng.choices(WORDS[:4], k=rng.randint(1, 3)))
            height = rng.randint(20, 90)
            apart = rng.choice(("", "", f"1 0 0 1 180 {height} Tm (x) Tj"))
            drawn.append(f"BT /F 11 Tf {turn} 20 {height} Tm ({line}) Tj {apart} ET")
        fonts = DictionaryObject(
            {NameObject("/F"): named(Type="Font", Subtype="Type1", BaseFont="Helvetica")}
        )
        resources[NameObject("/Font")] = fonts
        if rng.random() < 0.3:
            drawn.append("q 100 0 0 100 50 50 cm /I Do Q")
            picture = writer._add_object(_pdf_picture(rng))
            resources[NameObject("/XObject")] = DictionaryObject({NameObject("/I"): picture})
        page[NameObject("/Resources")] = resources
        content = DecodedStreamObject()
        content.set_data("\n".join(drawn).encode())
        page[NameObject("/Contents")] = writer._add_object(content)
    writer.write(path)


def _pdf_picture(rng: random.Random) -> Any:
    from PIL import Image
    from pypdf.generic import DecodedStreamObject, NameObject, NumberObject

    picture = Image.open(io.BytesIO(_picture_bytes(rng)))
    picture = picture.convert("L" if picture.mode == "L" else "RGB")
    made = DecodedStreamObject()
    made.set_data(picture.tobytes())
    values = {"Width": picture.width, "Height": picture.height, "BitsPerComponent": 8}
    made.update({NameObject(f"/{key}"): NumberObject(value) for key, value in values.items()})
    space = "/DeviceGray" if picture.mode == "L" else "/DeviceRGB"
    names = {"/Type": "/XObject", "/Subtype": "/Image", "/ColorSpace": space}
    made.update({NameObject(key): NameObject(value) for key, value in names.items()})
    return made.flate_encode()


def _zip(path: Path, rng: random.Random) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in rng.choice((("a.txt",), ("a.txt", "b.txt"), ("a.txt", "c.pdf"))):
            if name == "c.pdf":
                inner = path.with_name("inner.pdf")
                _pdf(inner, rng)
                archive.write(inner, name)
            else:
                archive.writestr(name, rng.choice(("x", "y", "x y")))


def _archive(path: Path, rng: random.Random) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in rng.choice((("a", "b"), ("a",))):
            archive.writestr(f"folder/{name}", rng.choice(("x", "X", "x  y", "x y")))


def _mp3(path: Path, rng: random.Random) -> None:
    from mutagen.easyid3 import EasyID3

    tags = EasyID3()
    for tag in ("artist", "title", "album"):
        if rng.random() < 0.7:
            tags[tag] = rng.sample(WORDS[:3], rng.randint(1, 2))
    path.write_bytes(b"")
    tags.save(path)


_SUBJECTS = (
    ((40, 24), "#206030", (4, 4, 14, 14), "#909020"),
    ((32, 32), "#206030", (0, 6, 3, 20), "#a02020"),
    ((32, 32), "white", (10, 10, 21, 21), "#a05050"),
    ((32, 32), "lime", (0, 6, 3, 20), "black"),
    ((6, 6), "lime", (4, 4, 5, 5), "#a02020"),
)
"""Size, background, a box and its colour."""


def _picture_bytes(rng: random.Random) -> bytes:
    """Few subjects, so that many pictures are alike, but for brightness, mirroring or mode."""
    from PIL import Image, ImageDraw, ImageEnhance

    size, background, box, color = rng.choice(_SUBJECTS)
    picture = Image.new("RGB", size, background)
    draw = ImageDraw.Draw(picture)
    draw.rectangle(box, fill=color)
    draw.line((0, size[1] - 3, size[0], size[1] // 2), fill="#202060")
    if rng.random() < 0.4:
        enhance = rng.choice((ImageEnhance.Brightness, ImageEnhance.Color, ImageEnhance.Contrast))
        picture = enhance(picture).enhance(rng.choice((0.8, 0.95, 1.05, 1.2)))
    if rng.random() < 0.3:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    mode = rng.choice(("RGB", "RGB", "RGB", "RGBA", "P", "L"))
    picture = picture.convert(mode)
    if mode == "RGBA" and rng.random() < 0.6:
        picture.putalpha(Image.new("L", size, 0) if rng.random() < 0.2 else _alpha(size))
    stream = io.BytesIO()
    picture.save(stream, "PNG", **({"transparency": 0} if mode == "P" and rng.random() < 0.3 else {}))
    return stream.getvalue()


def _alpha(size: tuple[int, int]):
    from PIL import Image

    mask = Image.new("L", size, 0)
    mask.paste(255, (2, 2, size[0] - 2, size[1] - 2))
    return mask


def _picture(path: Path, rng: random.Random) -> None:
    path.write_bytes(_picture_bytes(rng))


_SUFFIXES = {
    "texts_json": "json",
    "number": "txt",
    "cities": "xlsx",
    "speedtest": "csv",
    "python": "py",
    "preferences": "js",
    "picture": "png",
    "archive": "zip",
}
_MAKERS: dict[str, Callable[[Path, random.Random], None]] = {
    "txt": _text,
    "number": _number,
    "python": _python,
    "csv": _csv,
    "cities": _cities,
    "speedtest": _speedtest,
    "json": _json,
    "texts_json": _texts_json,
    "yaml": _yaml,
    "preferences": _preferences,
    "filters": _filters,
    "vlcrc": _vlcrc,
    "status": _vlc_status,
    "xcu": _registry,
    "gimprc": _gimprc,
    "html": _html,
    "epub": _epub,
    "sqlite": _sqlite,
    "pdf": _pdf,
    "zip": _zip,
    "archive": _archive,
    "mp3": _mp3,
    "picture": _picture,
    "docx": docx,
    "odt": odt,
    "pptx": pptx,
    "xlsx": xlsx,
}

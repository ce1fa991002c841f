"""Metrics over PDF files."""

from __future__ import annotations

import io
import json
import math
import operator
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pdfminer.layout import LTChar, LTItem

_MOST_DIFFERENT = 5
"""Bits by which two pictures' perceptual hashes may differ."""


# Where MuPDF, upstream's reader, breaks lines, in parts of the size of the letters.
_BASELINE = 0.1
_GAP, _WIDE_GAP = 0.15, 0.8
_OVERLAP = -0.5


def _text(path: str) -> str:
    """A file's text in the order in which it is drawn, in lines as MuPDF tells them apart."""
    from pdfminer.converter import PDFPageAggregator
    from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
    from pdfminer.pdfpage import PDFPage

    resources = PDFResourceManager()
    device = PDFPageAggregator(resources)
    interpreter = PDFPageInterpreter(resources, device)
    text = ""
    with open(path, "rb") as stream:
        for page in PDFPage.get_pages(stream):
            interpreter.process_page(page)
            shown = device.get_result()
            text += _lines(
                letter
                for letter in _letters(shown)
                if letter.is_hoverlap(shown) and letter.is_voverlap(shown)
            )
    return text.strip()


def _letters(items: Iterable[LTItem]) -> Iterator[LTChar]:
    """Letters in the order in which they are drawn, those in forms with them."""
    from pdfminer.layout import LTChar, LTFigure

    for item in items:
        if isinstance(item, LTChar):
            yield item
        elif isinstance(item, LTFigure):
            yield from _letters(item)


def _lines(letters: Iterable[LTChar]) -> str:
    text = ""
    end, direction = (0.0, 0.0), (0.0, 0.0)
    for letter in letters:
        a, b, _, _, x, y = letter.matrix
        length = math.hypot(a, b) or 1.0
        size = (letter.width if abs(b) > abs(a) else letter.height) or 1.0
        along = ((x - end[0]) * a + (y - end[1]) * b) / length / size
        across = abs((x - end[0]) * b - (y - end[1]) * a) / length / size
        is_straight = across < _BASELINE and _OVERLAP < along < _WIDE_GAP
        is_raised = across < _WIDE_GAP and abs(along) < _GAP
        if text and not (direction == (a / length, b / length) and (is_straight or is_raised)):
            text += "\n"
        elif text and along >= _GAP and not text.endswith(" ") and letter.get_text() != " ":
            text += " "
        text += letter.get_text()
        end, direction = (x + letter.adv * a, y + letter.adv * b), (a / length, b / length)
    return text + "\n" if text else ""


def compare_pdfs(pdf1_path: Any, pdf2_path: Any) -> float:
    """How much the texts of two files, or of files in two lists, are alike: rapidfuzz's ratio, its mean."""
    from rapidfuzz import fuzz

    pairs = (
        [(pdf1_path, pdf2_path)]
        if isinstance(pdf2_path, str)
        else list(zip(pdf1_path, pdf2_path, strict=False))
    )
    score = 0.0
    for one, other in pairs:
        try:
            score += fuzz.ratio(_text(one), _text(other)) / 100
        except Exception:
            # One of them is not there or no PDF that can be read, and pdfminer says so in many ways; the
            # others may be. Either may be the agent's: one published task gives the results as expected.
            continue
    return score / (1 if isinstance(pdf2_path, str) else len(pdf2_path))


def compare_pdf_images(pdf1_path: str | None, pdf2_path: str | None, **options: Any) -> float:
    """Share of pictures in order whose perceptual hashes are alike; 0 for another number, 1 for none."""
    if not pdf1_path or not pdf2_path or not (os.path.exists(pdf1_path) and os.path.exists(pdf2_path)):
        return 0.0
    import imagehash

    hashes = [[imagehash.phash(image) for image in _images(path)] for path in (pdf1_path, pdf2_path)]
    if len(hashes[0]) != len(hashes[1]):
        return 0.0
    if not hashes[0]:
        return 1.0
    alike = [one - other <= _MOST_DIFFERENT for one, other in zip(*hashes, strict=True)]
    return sum(alike) / len(alike)


def _images(path: str) -> list[Any]:
    from PIL import UnidentifiedImageError
    from pypdf import PdfReader

    found = []
    for page in PdfReader(path).pages:
        for name in page.images.keys():  # noqa: SIM118 (iterating gives pictures, and ends at a bad one)
            try:
                found.append(page.images[name].image)
            except UnidentifiedImageError:
                continue
    return found


def check_pdf_pages(pdf_file: str | None, rules: Mapping[str, Any]) -> float:
    """Whether the number of pages stands in `relation` (lt le eq ne ge gt) to `ref_value`."""
    if pdf_file is None:
        return 0.0
    if rules["relation"] not in ("lt", "le", "eq", "ne", "ge", "gt"):
        raise NotImplementedError(f"relation {rules['relation']!r} is none of lt le eq ne ge gt")
    from pypdf import PdfReader

    return float(getattr(operator, rules["relation"])(len(PdfReader(pdf_file).pages), rules["ref_value"]))


def is_gold_text_included_in_pdf(pdf_file_path: str | None, gold_text_path: str | None) -> float:
    """Whether all values of a JSON file's object are in a file's text."""
    if not gold_text_path or not pdf_file_path:
        return 0.0
    import pdfplumber

    wanted = json.loads(Path(gold_text_path).read_text("utf-8"))
    with pdfplumber.open(pdf_file_path) as document:
        text = "".join(page.extract_text() for page in document.pages)
    return float(all(value in text for value in wanted.values()))


def pdf_text_alike(one: bytes, other: bytes, threshold: float) -> bool:
    """Whether the texts of two files are alike: difflib's ratio against a threshold."""
    from difflib import SequenceMatcher

    from pypdf import PdfReader

    def text(data: bytes) -> str:
        return "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)

    return SequenceMatcher(None, text(one), text(other)).ratio() >= threshold

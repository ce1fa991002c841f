"""PDF files: their texts and pictures, beside MuPDF, which upstream reads them with."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from benchmarks.osworld_files_pool import Pool
from step_gym.envs.osworld.evaluation.metrics import pdf


def written(folder: Path, *lines: str) -> str:
    """A page with operators of the PDF language, /F being Helvetica."""
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    page = writer.add_blank_page(300, 300)
    names = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    font = DictionaryObject({NameObject(key): NameObject(value) for key, value in names.items()})
    fonts = DictionaryObject({NameObject("/F"): font})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    content = DecodedStreamObject()
    content.set_data("\n".join(f"BT /F 10 Tf {line} ET" for line in lines).encode())
    page[NameObject("/Contents")] = writer._add_object(content)
    path = folder / "page.pdf"
    writer.write(path)
    return str(path)


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["20 200 Td (one two) Tj", "20 180 Td (three) Tj"], "one two\nthree"),
        (["20 200 Td (a) Tj", "120 200 Td (b) Tj"], "a\nb"),  # cells of a table
        (["20 200 Td (a) Tj", "28 200 Td (b) Tj"], "a b"),  # apart by a blank that is not drawn
        (["20 200 Td (a) Tj", "25.6 200 Td (b) Tj"], "ab"),  # a word that changes its font, say
        (["20 200 Td (x) Tj", "25 203 Td (2) Tj"], "x2"),  # raised
        (["0 1 -1 0 50 50 Tm (turned) Tj", "20 200 Td (level) Tj"], "turned\nlevel"),
        (["20 100 Td (below) Tj", "20 200 Td (above) Tj"], "below\nabove"),  # as drawn
        ([], ""),
    ],
)
def test_lines_are_told_apart_as_mupdf_does(tmp_path: Path, lines: list[str], text: str) -> None:
    path = written(tmp_path, *lines)
    assert pdf._text(path) == text
    assert pdf.compare_pdfs(path, path) == 1.0


def test_a_result_that_is_no_pdf_counts_nothing_and_the_others_do(tmp_path: Path) -> None:
    good = written(tmp_path, "20 200 Td (one) Tj")
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 rubbish")
    bad = str(tmp_path / "bad.pdf")
    assert pdf.compare_pdfs(bad, good) == pdf.compare_pdfs(str(tmp_path / "none.pdf"), good) == 0.0
    assert pdf.compare_pdfs([bad, good, None], [good, good, good]) == pytest.approx(1 / 3)
    assert pdf.compare_pdfs([good, good, good], [bad, good, None]) == pytest.approx(1 / 3)


@pytest.mark.real
def test_texts_and_pictures_are_mupdfs(tmp_path: Path) -> None:
    pymupdf: Any = pytest.importorskip("pymupdf")
    imagehash = pytest.importorskip("imagehash")
    from PIL import Image

    for path in Pool(tmp_path, 0, 60).files("pdf"):
        with pymupdf.open(path) as document:
            assert pdf._text(path) == "".join(page.get_text() for page in document).strip()
            theirs = [
                document.extract_image(picture[0])["image"]
                for page in document
                for picture in page.get_images(full=True)
            ]
        found = [imagehash.phash(picture) for picture in pdf._images(path)]
        assert found == [imagehash.phash(Image.open(io.BytesIO(data))) for data in theirs]

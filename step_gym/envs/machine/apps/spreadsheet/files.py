"""Workbooks in files, by the extension of their names."""

from __future__ import annotations

from functools import lru_cache
from posixpath import splitext

from step_gym.envs.machine.apps.spreadsheet.csv_files import UnreadableFile, read_csv, write_csv
from step_gym.envs.machine.apps.spreadsheet.workbook import Workbook
from step_gym.envs.machine.apps.spreadsheet.xlsx_reader import read_xlsx
from step_gym.envs.machine.apps.spreadsheet.xlsx_writer import write_xlsx
from step_gym.envs.machine.files import FileSystem

EXTENSIONS = (".xlsx", ".csv", ".tsv")
MAX_FILE = 32 << 20
_MOST_KEPT = 1 << 20  # bytes of a file whose workbook is kept for the next time that it is read


def load(files: FileSystem, path: str) -> Workbook:
    """The workbook in a file; one of an unknown extension is read as .csv.

    Raises:
        OSError: If there is no such file.
        UnreadableFile: If it is no workbook, is damaged, or too large.
    """
    data = files.read(path)
    if len(data) > MAX_FILE:
        raise UnreadableFile(f"it is larger than {MAX_FILE >> 20} MiB")
    return (_read if len(data) > _MOST_KEPT else _read_once)(data, splitext(path)[1].lower())


def _read(data: bytes, extension: str) -> Workbook:
    if extension == ".xlsx":
        return read_xlsx(data)
    return read_csv(data, "\t" if extension == ".tsv" else ",")


_read_once = lru_cache(maxsize=16)(_read)


def save(files: FileSystem, path: str, book: Workbook, sheet: int) -> None:
    """Write a workbook, or the given sheet of it where the file holds only one. Raises `OSError`."""
    extension = splitext(path)[1].lower()
    if extension == ".xlsx":
        data = write_xlsx(book)
    else:
        data = write_csv(book, sheet, "\t" if extension == ".tsv" else ",")
    files.write(path, data)

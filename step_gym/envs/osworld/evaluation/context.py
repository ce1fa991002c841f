"""What getters work with, and how they keep files for metrics."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from step_gym.envs.osworld.computer import Computer
from step_gym.envs.osworld.sources import Sources

MAX_UNPACKED_BYTES = 512 * 1024 * 1024
"""Most that an archive (which documents and workbooks are) may unpack to; the agent made it."""

_ZIP_END = b"PK\x05\x06"  # begins the end record, which every archive has


@dataclass(frozen=True, slots=True)
class Context:
    """What getters work with.

    Attributes:
        computer: What is looked at.
        cache_dir: Folder for the files of this evaluation.
        sources: Where expected files come from.
    """

    computer: Computer
    cache_dir: Path
    sources: Sources

    def cached(self, name: str) -> Path:
        """Where the cache has a file.

        Raises:
            ValueError: If the name leads out of the cache.
        """
        path = self.cache_dir / name
        if path.name == name != ".." and not path.is_symlink():
            return path
        path = path.resolve()
        if not (path.is_relative_to(self.cache_dir) or path.is_relative_to(self.cache_dir.resolve())):
            raise ValueError(f"{name!r}: leads out of the cache")
        return path

    def keep(self, name: str, data: bytes) -> str:
        """Write a file to the cache and give its path.

        Raises:
            ValueError: If the name leads out of the cache, or the file is an archive too big to be unpacked.
        """
        path = self.cached(name)
        try:
            path.write_bytes(data)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        if _ZIP_END in data and zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                unpacked = sum(entry.file_size for entry in archive.infolist())
            if unpacked > MAX_UNPACKED_BYTES:
                raise ValueError(f"{name!r}: unpacks to {unpacked} bytes, {MAX_UNPACKED_BYTES} is the most")
        return str(path)

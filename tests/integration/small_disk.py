"""File systems that are small, or that stop being written to."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def mounted_disk(place: Path, *, megabytes: int) -> Iterator[Path]:
    """A file system of so many megabytes; skips the test where none can be mounted."""
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"cannot mount a file system here: {mounted.stderr.decode().strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path) -> Path:
    """Leave no byte free; the file that took them."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            while True:
                try:
                    if file.write(b"x" * size) < size:
                        break
                except OSError:
                    break
    assert os.statvfs(place).f_bavail == 0
    return ballast


def set_writable(place: Path, *, writable: bool) -> None:
    """Let a mounted file system be written to, or not."""
    subprocess.run(["mount", "-o", f"remount,{'rw' if writable else 'ro'}", str(place)], check=True)

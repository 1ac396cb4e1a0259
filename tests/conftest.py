"""What all tests have in common."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.lazy_models import import_aiogram

import_aiogram()

# aiogram's models have to be deferred first
from storage.database import DATABASE_NAME, Database  # noqa: E402
from tests.integration.small_disk import mounted_disk  # noqa: E402


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """An open database in a file of its own."""
    async with Database(tmp_path / DATABASE_NAME) as database:
        yield database


@pytest.fixture
def roomy_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB: small, but with room for a reserve."""
    with mounted_disk(tmp_path / "roomy", megabytes=24) as place:
        yield place


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB."""
    with mounted_disk(tmp_path / "disk", megabytes=6) as place:
        yield place

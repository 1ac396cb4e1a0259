"""What all tests have in common."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.lazy_models import import_aiogram

import_aiogram()

from storage.database import DATABASE_NAME, Database  # noqa: E402 - aiogram's models have to be deferred first


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """An open database in a file of its own."""
    async with Database(tmp_path / DATABASE_NAME) as database:
        yield database

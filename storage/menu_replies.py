"""Messages that show a page of a menu to which people may answer."""

from storage.database import Database, Params

_GET = "SELECT area, path, at FROM menu_replies WHERE chat_id = :chat_id AND message_id = :message_id"
_PUT = """
    INSERT INTO menu_replies (chat_id, message_id, area, path, at) VALUES (:chat_id, :message_id, :area, :path, :at)
    ON CONFLICT (chat_id, message_id) DO UPDATE SET area = :area, path = :path, at = :at
"""
_DROP = "DELETE FROM menu_replies WHERE chat_id = :chat_id AND message_id = :message_id"


class MenuReplies:
    """Which page a message shows, as far as it may be answered."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, chat_id: int, message_id: int) -> tuple[str, str, int] | None:
        """Area and path of the page, and since when a message shows it."""
        row = await self._db.read_one(_GET, {"chat_id": chat_id, "message_id": message_id})
        return None if row is None else (row["area"], row["path"], row["at"])

    async def put(self, chat_id: int, message_id: int, area: str, path: str, at: int) -> None:
        """A message shows a page that may be answered."""
        params: Params = {"chat_id": chat_id, "message_id": message_id, "area": area, "path": path, "at": at}
        async with self._db.transaction() as tx:
            await tx.execute(_PUT, params)

    async def drop(self, chat_id: int, message_id: int) -> None:
        """It does not any more."""
        async with self._db.transaction() as tx:
            await tx.execute(_DROP, {"chat_id": chat_id, "message_id": message_id})

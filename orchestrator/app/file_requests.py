"""Files that an agent asks its client for, as some agents of the Agent Client Protocol do."""

from functools import partial
from pathlib import Path

import anyio.to_thread

from cli_runner.file_service import FileRefused, read_text, write_text
from orchestrator.domain.agent_events import FileAsked
from orchestrator.domain.agents import Codec


async def file_answer(codec: Codec, directory: str, asked: FileAsked, *, again: bool) -> bytes:
    """Read or write a file inside a session's directory, and encode what came of it.

    With `again` that was done and answered before: what is written now would take the place of newer work.
    """
    if again:
        return codec.served(asked.request_id)
    work = (
        partial(read_text, Path(directory), asked.path, line=asked.line, limit=asked.limit)
        if asked.text is None
        else partial(_write, Path(directory), asked.path, asked.text)
    )
    try:
        return codec.served(asked.request_id, await anyio.to_thread.run_sync(work))
    except FileRefused as refused:
        return codec.refuse_service(asked.request_id, str(refused), missing=refused.missing)


def _write(directory: Path, path: str, text: str) -> str:
    write_text(directory, path, text)
    return ""

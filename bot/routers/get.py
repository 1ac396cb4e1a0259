"""`/get`: a file of the topic's directory, or what there is."""

import secrets
from pathlib import Path

import anyio.to_thread
from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.address import topic_of
from bot.desk import Desk
from bot.file_letters import file_body, listed, refusal
from bot.letters import reply
from orchestrator.domain.outgoing import Listing, OutFile
from orchestrator.domain.records import Letter
from orchestrator.domain.states import Priority

router = Router(name="get")


@router.message(Command("get", ignore_case=True))
async def get(message: Message, command: CommandObject, desk: Desk, update_id: int) -> None:
    """Send a file, or list a directory or what fits a pattern. The copy that is sent survives the bot."""
    key, asked = topic_of(message), (command.args or "").strip().strip("\"'`")
    directory = Path(await desk.counter.directory(key))
    name = f"out-{update_id}-{secrets.token_hex(4)}"
    found = await anyio.to_thread.run_sync(desk.shelf.look, directory, asked, name)
    match found:
        case OutFile():
            body = file_body(key, found, reply_to=message.message_id)
            letter = Letter(topic=key, priority=Priority.NOTICE, body=body.to_json())
        case Listing():
            letter = reply(key, message.message_id, listed(found))
        case _:
            letter = reply(key, message.message_id, refusal(found))
    await desk.send(update_id, [letter])

"""Methods about the bot itself, chats, members, pins, files and commands."""

import json
import re

from bot.sandbox import wire
from bot.sandbox.api_error import bad_request
from bot.sandbox.jsonvalue import Json
from bot.sandbox.methods.place import bot_is_admin, chat_of
from bot.sandbox.model import Chat, ChatKind, Membership, Message
from bot.sandbox.params import Params
from bot.sandbox.world import World

_MAX_DOWNLOAD_BYTES = 20 << 20
_MAX_COMMANDS = 100
_MAX_DESCRIPTION = 256
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")


def get_me(world: World, params: Params) -> Json:
    """`getMe`."""
    del params
    return wire.me(world)


def get_chat(world: World, params: Params) -> Json:
    """`getChat`."""
    return wire.chat_full_info(world, chat_of(world, params))


def get_chat_member(world: World, params: Params) -> Json:
    """`getChatMember`."""
    chat = chat_of(world, params)
    user_id = params.required_integer("user_id")
    if user_id not in world.users:
        raise bad_request("PARTICIPANT_ID_INVALID")
    return wire.chat_member(world, chat, user_id)


def get_chat_administrators(world: World, params: Params) -> list[Json]:
    """`getChatAdministrators`: without other bots, which the sandbox does not have."""
    chat = chat_of(world, params)
    if chat.kind is ChatKind.PRIVATE:
        raise bad_request("there are no administrators in the private chat")
    return [wire.chat_member(world, chat, who) for who, status in chat.members.items() if status.is_admin]


def get_chat_member_count(world: World, params: Params) -> int:
    """`getChatMemberCount`."""
    return sum(1 for status in chat_of(world, params).members.values() if status.is_inside)


def leave_chat(world: World, params: Params) -> bool:
    """`leaveChat`."""
    chat = chat_of(world, params)
    if chat.kind is ChatKind.PRIVATE:
        raise bad_request("chat member status can't be changed in private chats")
    world.set_membership(chat, world.bot.id, Membership.LEFT)
    return True


def _pinnable(world: World, params: Params) -> tuple[Chat, Message]:
    chat = chat_of(world, params)
    if not bot_is_admin(world, chat):
        raise bad_request("not enough rights to manage pinned messages in the chat")
    message = chat.messages.get(params.required_integer("message_id"))
    if message is None:
        raise bad_request("message to pin not found")
    return chat, message


def pin_chat_message(world: World, params: Params) -> bool:
    """`pinChatMessage`: a service message tells of it."""
    chat, message = _pinnable(world, params)
    world.pin(chat, message, is_pinned=True)
    pinned: Json = {"pinned_message": wire.message(world, message, with_reply=False)}
    world.post(chat, world.bot, thread_id=message.thread_id, service=pinned, is_silent=True)
    return True


def unpin_chat_message(world: World, params: Params) -> bool:
    """`unpinChatMessage`; without `message_id` the newest pin."""
    if params.integer("message_id") is None:
        chat = chat_of(world, params)
        newest = chat.messages.get(chat.pinned[-1]) if chat.pinned else None
        if newest is None:
            raise bad_request("message to unpin not found")
        world.pin(chat, newest, is_pinned=False)
        return True
    chat, message = _pinnable(world, params)
    world.pin(chat, message, is_pinned=False)
    return True


def unpin_all_chat_messages(world: World, params: Params) -> bool:
    """`unpinAllChatMessages`."""
    chat = chat_of(world, params)
    for message_id in tuple(chat.pinned):
        world.pin(chat, chat.messages[message_id], is_pinned=False)
    return True


def get_file(world: World, params: Params) -> Json:
    """`getFile`: up to 20 MB, as Telegram's own server."""
    stored = world.files.get(params.text("file_id"))
    if stored is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if stored.size > _MAX_DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return wire.file(stored)


def _scope(params: Params) -> tuple[str, str]:
    scope = params.mapping("scope") or {"type": "default"}
    return json.dumps(scope, sort_keys=True), params.text("language_code")


def _command(item: object) -> Json:
    if not isinstance(item, dict):
        raise bad_request("can't parse BotCommand: object expected")
    command, description = str(item.get("command") or ""), str(item.get("description") or "")
    if _COMMAND.fullmatch(command) is None:
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= _MAX_DESCRIPTION:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": command, "description": description}


def set_my_commands(world: World, params: Params) -> bool:
    """`setMyCommands`, per scope and language."""
    listed = params.listing("commands") or []
    if len(listed) > _MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    scope, language = _scope(params)
    world.set_commands(scope, language, [_command(item) for item in listed])
    return True


def get_my_commands(world: World, params: Params) -> list[Json]:
    """`getMyCommands`: exactly this scope and language, no fallback."""
    return world.commands.get(_scope(params), [])


def delete_my_commands(world: World, params: Params) -> bool:
    """`deleteMyCommands`."""
    scope, language = _scope(params)
    world.set_commands(scope, language, [])
    return True

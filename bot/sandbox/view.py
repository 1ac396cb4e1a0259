"""The world as the page shows it: like the wire, but shaped for drawing."""

from bot.sandbox import wire
from bot.sandbox.changes import (
    Acted,
    Answered,
    Change,
    ChatChanged,
    CommandsSet,
    Deleted,
    Drafted,
    DraftStopped,
    Edited,
    Posted,
)
from bot.sandbox.jsonvalue import Json
from bot.sandbox.model import Chat, Draft, Message
from bot.sandbox.world import World

_SHOWN_PER_CHAT = 600


def chat(of: Chat) -> Json:
    """One chat with its topics."""
    topics = [
        {
            "thread_id": topic.thread_id,
            "name": topic.name,
            "color": f"#{topic.icon_color:06x}",
            "is_closed": topic.is_closed,
        }
        for topic in of.topics.values()
    ]
    return {
        "id": of.id,
        "kind": of.kind.value,
        "title": of.title,
        "has_topics": of.has_topics,
        "topics": topics,
        "pinned": list(of.pinned),
        "members": [user_id for user_id, status in of.members.items() if status.is_inside],
        "general": {"is_closed": of.is_general_closed, "is_hidden": of.is_general_hidden},
    }


def message(world: World, of: Message) -> Json:
    """One message."""
    body: Json = {
        "chat_id": of.chat_id,
        "message_id": of.message_id,
        "thread_id": of.thread_id,
        "date": of.date,
        "sender": _sender(world, of),
        "text": of.text if of.rich is None else wire.rich_text(of.rich),
        "entities": [wire.entity(world, entity) for entity in of.entities],
        "reply_to": of.reply_to,
        "quote": of.quote,
        "keyboard": [[_button(button.raw) for button in row] for row in of.keyboard],
        "is_edited": of.edit_date is not None,
        "is_rich": of.rich is not None,
        "blocks": None if of.rich is None else of.rich.get("blocks"),
        "is_silent": of.is_silent,
        "reactions": [{"user_id": user_id, "emoji": emoji} for user_id, emoji in of.reactions],
        "service": _service(world, of),
    }
    if of.media is not None:
        file = of.media.file
        body["media"] = {
            "kind": of.media.kind.value,
            "url": f"/control/files/{file.file_id}",
            "name": file.name,
            "size": file.size,
            "emoji": of.media.emoji,
        }
    if of.forward_origin is not None:
        sender = of.forward_origin.get("sender_user")
        body["forwarded_from"] = sender.get("first_name") if isinstance(sender, dict) else "somebody"
    return body


def _sender(world: World, of: Message) -> Json:
    if of.sender is None or of.sender_chat_id is not None:
        home = world.chats[of.sender_chat_id or of.chat_id]
        return {"id": home.id, "name": home.title, "is_bot": False}
    return {"id": of.sender.id, "name": of.sender.first_name, "is_bot": of.sender.is_bot}


def _button(raw: Json) -> Json:
    names = ("text", "callback_data", "url", "style", "disabled", "copy_text")
    return {name: raw[name] for name in names if name in raw}


def _service(world: World, of: Message) -> str:
    """A service message in words; empty for all others."""
    if of.service is None:
        return ""
    who = str(_sender(world, of)["name"])
    match of.service:
        case {"forum_topic_created": {"name": name}}:
            return f"{who} created the topic “{name}”"
        case {"forum_topic_edited": {"name": name}}:
            return f"{who} renamed the topic to “{name}”"
        case {"forum_topic_edited": _}:
            return f"{who} changed the topic's icon"
        case {"forum_topic_closed": _}:
            return f"{who} closed the topic"
        case {"forum_topic_reopened": _}:
            return f"{who} reopened the topic"
        case {"general_forum_topic_hidden": _}:
            return f"{who} hid the General topic"
        case {"general_forum_topic_unhidden": _}:
            return f"{who} showed the General topic again"
        case {"pinned_message": _}:
            return f"{who} pinned a message"
        case {"migrate_to_chat_id": _} | {"migrate_from_chat_id": _}:
            return "This group became a supergroup"
        case _:
            return "Something happened"


def commands(world: World) -> list[Json]:
    """The bot's commands as a member of a group would see them, each name once."""
    seen: dict[str, Json] = {}
    for listed in world.commands.values():
        for command in listed:
            seen.setdefault(str(command["command"]), command)
    return list(seen.values())


def everything(world: World) -> Json:
    """The state that a page begins with; of each chat the newest messages."""
    shown = (
        message(world, home.messages[number])
        for home in world.chats.values()
        for number in sorted(home.messages)[-_SHOWN_PER_CHAT:]
    )
    return {
        "bot": {"id": world.bot.id, "name": world.bot.first_name, "username": world.bot.username},
        "chats": [chat(each) for each in world.chats.values() if each.migrated_to is None],
        "messages": list(shown),
        "drafts": [_draft(world, draft) for draft in world.drafts.shown()],
        "commands": commands(world),
    }


def _draft(world: World, of: Draft) -> Json:
    return {
        "chat_id": of.chat_id,
        "thread_id": of.thread_id,
        "draft_id": of.draft_id,
        "text": of.text,
        "entities": [wire.entity(world, entity) for entity in of.entities],
        "can_stop": of.can_stop,
        "keep_on_stop": of.keep_on_stop,
    }


def event(world: World, change: Change) -> Json:
    """One change, as it goes to the page."""
    match change:
        case Posted(message=posted):
            return {"type": "posted", "message": message(world, posted)}
        case Edited(message=edited, is_visible=is_visible):
            return {"type": "edited", "message": message(world, edited), "is_visible": is_visible}
        case Deleted(chat_id=chat_id, message_ids=gone):
            return {"type": "deleted", "chat_id": chat_id, "message_ids": list(gone)}
        case ChatChanged(chat=changed):
            return {"type": "chat", "chat": chat(changed)}
        case Acted(action=action):
            return {
                "type": "action",
                "chat_id": action.chat_id,
                "thread_id": action.thread_id,
                "action": action.action,
            }
        case Drafted(draft=draft):
            return {"type": "draft", **_draft(world, draft)}
        case DraftStopped(draft=draft):
            return {"type": "draft_stopped", **_draft(world, draft)}
        case Answered(query=query):
            return {"type": "answered", "query_id": query.id}
        case CommandsSet():
            return {"type": "commands", "commands": commands(world)}

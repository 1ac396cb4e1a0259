"""The world as JSON of the Bot API."""

from bot.sandbox.entities import utf16_length
from bot.sandbox.jsonvalue import Json
from bot.sandbox.model import (
    CallbackQuery,
    Chat,
    ChatKind,
    Entity,
    Media,
    MediaKind,
    Membership,
    Message,
    StoredFile,
    Topic,
    User,
)
from bot.sandbox.rich_blocks import as_received, words_of
from bot.sandbox.world import World

_RIGHTS_OF_ADMINS = [
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_send_welcome_messages",
]

_RIGHTS_OF_MEMBERS = [
    *("can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos"),
    *("can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages"),
    *("can_add_web_page_previews", "can_react_to_messages", "can_edit_tag", "can_change_info", "can_invite_users"),
    *("can_pin_messages", "can_manage_topics"),
]


def user(someone: User) -> Json:
    """`User`."""
    body: Json = {"id": someone.id, "is_bot": someone.is_bot, "first_name": someone.first_name}
    if someone.username:
        body["username"] = someone.username
    if not someone.is_bot:
        body["language_code"] = someone.language_code
    return body


def me(world: World) -> Json:
    """`User` as `getMe` returns it."""
    return {
        **user(world.bot),
        "can_join_groups": True,
        "can_read_all_group_messages": world.can_read_all_group_messages,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": world.has_private_topics,
        "allows_users_to_create_topics": world.has_private_topics,
    }


def chat(of: Chat) -> Json:
    """`Chat`."""
    body: Json = {"id": of.id, "type": of.kind.value}
    if of.kind is ChatKind.PRIVATE:
        body["first_name"] = of.title
    else:
        body["title"] = of.title
    if of.username:
        body["username"] = of.username
    if of.is_forum:
        body["is_forum"] = True
    return body


def chat_full_info(world: World, of: Chat) -> Json:
    """`ChatFullInfo`."""
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    body: Json = {
        **chat(of),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
        "permissions": {"can_send_messages": True, "can_manage_topics": True},
    }
    if of.available_reactions is not None:
        body["available_reactions"] = [{"type": "emoji", "emoji": e} for e in sorted(of.available_reactions)]
    if of.pinned and (pinned := of.messages.get(of.pinned[-1])) is not None:
        body["pinned_message"] = message(world, pinned)
    return body


def chat_member(world: World, of: Chat, user_id: int) -> Json:
    """`ChatMember`; a person who never was in the chat has left it."""
    status = of.members.get(user_id, Membership.LEFT)
    who = world.users.get(user_id) or User(id=user_id, first_name="Deleted Account")
    body: Json = {"status": status.value, "user": user(who)}
    match status:
        case Membership.CREATOR:
            body["is_anonymous"] = False
        case Membership.ADMINISTRATOR:
            body |= {"can_be_edited": False, "is_anonymous": False, **dict.fromkeys(_RIGHTS_OF_ADMINS, True)}
            body["can_manage_topics"] = of.bot_can_manage_topics if user_id == world.bot.id else True
        case Membership.KICKED:
            body["until_date"] = 0
        case Membership.RESTRICTED:
            body |= {"is_member": True, "until_date": 0, **dict.fromkeys(_RIGHTS_OF_MEMBERS, False)}
        case Membership.MEMBER | Membership.LEFT:
            pass
    return body


def topic(of: Topic) -> Json:
    """`ForumTopic`."""
    body: Json = {"message_thread_id": of.thread_id, "name": of.name, "icon_color": of.icon_color}
    if of.icon_custom_emoji_id:
        body["icon_custom_emoji_id"] = of.icon_custom_emoji_id
    return body


def file(of: StoredFile) -> Json:
    """`File`, as `getFile` returns it."""
    return {**_file_ids(of), "file_path": of.path}


def _file_ids(of: StoredFile) -> Json:
    return {"file_id": of.file_id, "file_unique_id": of.unique_id, "file_size": of.size}


def entity(world: World, of: Entity) -> Json:
    """`MessageEntity`."""
    body: Json = {"type": of.type, "offset": of.offset, "length": of.length}
    if of.type == "text_mention" and of.user_id in world.users:
        body["user"] = user(world.users[of.user_id])
    named = {"url": of.url, "language": of.language, "custom_emoji_id": of.custom_emoji_id}
    return body | {name: value for name, value in named.items() if value}


_FRAME: Json = {"width": 640, "height": 480}


def _media(of: Media) -> Json:
    named = {**_file_ids(of.file), "mime_type": of.file.mime_type}
    match of.kind:
        case MediaKind.DOCUMENT:
            return {"document": {**named, "file_name": of.file.name}}
        case MediaKind.PHOTO:
            return {"photo": [{**_file_ids(of.file), "width": 640, "height": 480}]}
        case MediaKind.VOICE:
            return {"voice": {**named, "duration": of.duration_s}}
        case MediaKind.AUDIO:
            return {"audio": {**named, "file_name": of.file.name, "duration": of.duration_s}}
        case MediaKind.VIDEO:
            return {"video": {**named, "file_name": of.file.name, "duration": of.duration_s, **_FRAME}}
        case MediaKind.VIDEO_NOTE:
            return {"video_note": {**_file_ids(of.file), "duration": of.duration_s, "length": 240}}
        case MediaKind.ANIMATION:
            # Bot API, `Message.animation`: for old bots it is a document too.
            clip = {**named, "file_name": of.file.name}
            return {"animation": {**clip, "duration": of.duration_s, **_FRAME}, "document": clip}
        case MediaKind.STICKER:
            size = {"width": 512, "height": 512, "is_animated": False, "is_video": False}
            return {"sticker": {**_file_ids(of.file), "type": "regular", "emoji": of.emoji, **size}}


def message(world: World, of: Message, *, with_reply: bool = True) -> Json:
    """`Message`, with the message that it answers but no further one."""
    home = world.chats[of.chat_id]
    body: Json = {"message_id": of.message_id, "date": of.date, "chat": chat(home)}
    if of.sender is not None:
        body["from"] = user(of.sender)
    if of.sender_chat_id is not None:
        body["sender_chat"] = chat(world.chats[of.sender_chat_id])
    body |= _place(of)
    if with_reply and (answered := _answered(home, of)) is not None:
        body["reply_to_message"] = message(world, answered, with_reply=False)
        if of.quote:
            body["quote"] = {"text": of.quote, "position": 0}
    body |= _content(world, of)
    if of.edit_date is not None:
        body["edit_date"] = of.edit_date
    if of.forward_origin is not None:
        body["forward_origin"] = of.forward_origin
    if of.media_group_id:
        body["media_group_id"] = of.media_group_id
    if of.keyboard:
        rows = [[button.raw for button in row] for row in of.keyboard]
        body["reply_markup"] = {"inline_keyboard": rows}
    return body


def _place(of: Message) -> Json:
    if of.thread_id is not None:
        return {"message_thread_id": of.thread_id, "is_topic_message": True}
    if of.reply_root is not None:
        return {"message_thread_id": of.reply_root}
    return {}


def _answered(home: Chat, of: Message) -> Message | None:
    """What the message answers; in a topic every message answers at least the one that created it."""
    if of.reply_to is not None and of.reply_to in home.messages:
        return home.messages[of.reply_to]
    if of.thread_id is not None and of.thread_id != of.message_id:
        return home.messages.get(of.thread_id)
    return None


def _content(world: World, of: Message) -> Json:
    if of.service is not None:
        return dict(of.service)
    body: Json = {} if of.media is None else _media(of.media)
    entities = [entity(world, each) for each in of.entities]
    text_name, entities_name = ("text", "entities") if of.media is None else ("caption", "caption_entities")
    if of.text:
        body[text_name] = of.text
    if entities:
        body[entities_name] = entities
    if of.rich is not None:
        shown = [{"type": "paragraph", "text": rich_text(of.rich)}]
        body["rich_message"] = {"blocks": as_received(of.rich["blocks"]) if "blocks" in of.rich else shown}
    return body


def rich_text(rich: Json) -> str:
    """What a rich message says: the words of its blocks, or its source, which the sandbox does not read."""
    if "blocks" in rich:
        return words_of(rich["blocks"])
    source = rich.get("markdown") or rich.get("html")
    return source if isinstance(source, str) else ""


def callback_query(world: World, of: CallbackQuery) -> Json:
    """`CallbackQuery`; the message is inaccessible if it is gone."""
    current = world.message(*of.message.key)
    home = world.chats[of.message.chat_id]
    gone: Json = {"chat": chat(home), "message_id": of.message.message_id, "date": 0}
    return {
        "id": of.id,
        "from": user(of.user),
        "message": gone if current is None else message(world, current),
        "chat_instance": str(of.message.chat_id),
        "data": of.data,
    }


def text_size(of: Message) -> int:
    """The length that Telegram's limits count, in UTF-16 units."""
    return utf16_length(of.text)

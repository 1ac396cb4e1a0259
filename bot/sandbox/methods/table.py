"""All methods of the sandbox's Bot API, by name. `getUpdates` is not here: it waits (`polling.py`)."""

from collections.abc import Callable, Mapping

from bot.sandbox.methods import chats, editing, forum, sending
from bot.sandbox.params import Params
from bot.sandbox.world import World

Method = Callable[[World, Params], object]

METHODS: Mapping[str, Method] = {
    "answerCallbackQuery": editing.answer_callback_query,
    "closeForumTopic": forum.close_forum_topic,
    "createForumTopic": forum.create_forum_topic,
    "deleteForumTopic": forum.delete_forum_topic,
    "deleteMessage": editing.delete_message,
    "deleteMessages": editing.delete_messages,
    "deleteMyCommands": chats.delete_my_commands,
    "editForumTopic": forum.edit_forum_topic,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "editMessageText": editing.edit_message_text,
    "getChat": chats.get_chat,
    "getChatAdministrators": chats.get_chat_administrators,
    "getChatMember": chats.get_chat_member,
    "getChatMemberCount": chats.get_chat_member_count,
    "getFile": chats.get_file,
    "getForumTopicIconStickers": forum.get_forum_topic_icon_stickers,
    "getMe": chats.get_me,
    "getMyCommands": chats.get_my_commands,
    "leaveChat": chats.leave_chat,
    "pinChatMessage": chats.pin_chat_message,
    "reopenForumTopic": forum.reopen_forum_topic,
    "sendChatAction": sending.send_chat_action,
    "sendDocument": sending.send_document,
    "sendMediaGroup": sending.send_media_group,
    "sendMessage": sending.send_message,
    "sendMessageDraft": sending.send_message_draft,
    "sendPhoto": sending.send_photo,
    "sendRichMessage": sending.send_rich_message,
    "setMessageReaction": editing.set_message_reaction,
    "setMyCommands": chats.set_my_commands,
    "unpinAllChatMessages": chats.unpin_all_chat_messages,
    "unpinChatMessage": chats.unpin_chat_message,
}

SPENDS_BUDGET = frozenset(
    {
        "sendMessage",
        "sendDocument",
        "sendPhoto",
        "sendMediaGroup",
        "sendRichMessage",
        "editMessageText",
        "editMessageCaption",
        "editMessageReplyMarkup",
    }
)
"""Messages and edits, which share Telegram's limits; reactions, answers and actions do not count."""

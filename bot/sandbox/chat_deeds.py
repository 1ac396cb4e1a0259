"""What a writer does on the page to a chat itself: the bot's rights, General, becoming a supergroup."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from bot.sandbox.jsonvalue import Json
from bot.sandbox.model import Chat, ChatKind, Membership
from bot.sandbox.people import Person
from bot.sandbox.world import World

_FIRST_GROUP = -7_700_001


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatDeeds:
    """One handler: `POST {writer, chat_id, action}`; what cannot be done now gets 400 with a sentence."""

    world: World
    people: Mapping[str, Person]

    async def change_chat(self, request: web.Request) -> web.StreamResponse:
        """Does one thing to a chat; `found_group` makes a new basic group of all writers, without the bot."""
        try:
            body: Json = await request.json()
            person = self.people[str(body["writer"])]
            action = str(body["action"])
            if action == "found_group":
                return web.json_response({"chat_id": self._found(person, str(body.get("title") or "New group")).id})
            chat = self.world.chats[int(str(body["chat_id"]))]
        except (ValueError, KeyError, TypeError):
            raise web.HTTPBadRequest(text="There is no such writer, chat or action.") from None
        if chat.kind is ChatKind.PRIVATE:
            raise web.HTTPBadRequest(text="That is for groups.")
        if action == "anonymous":
            person.says_as_chat(chat, None, str(body.get("text") or "hello"))
        elif not (self._changes_general(person, chat, action) or self._changes_bot(person, chat, action)):
            return web.json_response({"chat_id": self._upgrade(person, chat, action).id})
        return web.json_response({})

    def _changes_general(self, person: Person, chat: Chat, action: str) -> bool:
        match action:
            case "general_close":
                person.closes_general(chat)
            case "general_reopen":
                person.reopens_general(chat)
            case "general_hide":
                person.hides_general(chat)
            case "general_show":
                person.shows_general(chat)
            case _:
                return False
        return True

    def _changes_bot(self, person: Person, chat: Chat, action: str) -> bool:
        match action:
            case "bot_admin":
                chat.bot_can_manage_topics = True
                person.adds_bot(chat)
            case "bot_member":
                person.adds_bot(chat, as_admin=False)
            case "bot_no_topics" if chat.members.get(self.world.bot.id, Membership.LEFT).is_inside:
                person.lets_bot_manage_topics(chat, may=False)
            case "bot_mute":
                person.mutes_bot(chat)
            case "bot_remove":
                person.removes_bot(chat)
            case _:
                return False
        return True

    def _upgrade(self, person: Person, chat: Chat, action: str) -> Chat:
        if action != "topics_on" or chat.kind is not ChatKind.GROUP or chat.migrated_to is not None:
            raise web.HTTPBadRequest(text="That cannot be done to this chat now.")
        return person.turns_topics_on(chat, int(f"-100{abs(chat.id):010d}"))

    def _found(self, person: Person, title: str) -> Chat:
        chat_id = min([_FIRST_GROUP, *(chat.id - 1 for chat in self.world.chats.values() if -(10**9) < chat.id < 0)])
        group = person.makes_group(chat_id, title[:128], kind=ChatKind.GROUP)
        for other in self.people.values():
            group.members.setdefault(other.id, Membership.MEMBER)
        return group

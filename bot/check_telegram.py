"""Checks that need Telegram: the clock, the token, the webhook, and what the bot may do in each listed chat."""

import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias

import aiohttp

from bot.finding import Finding, Level, fail, ok, warn
from bot.rights import is_admin, is_inside, may_manage_topics, may_write
from bot.settings import Settings
from bot.telegram import CallError, MigratedError, RefusedError, Telegram, UnauthorizedError, UnknownOutcomeError

Fields: TypeAlias = Mapping[str, Any]

_ANSWER_S = 15.0
_CLOCK_S = 60.0
_RECENT_S = 86_400.0


async def telegram_findings(settings: Settings) -> Sequence[Finding]:
    """The clock, the token, each listed chat. Without an answer to the first, the rest is left out."""
    api_url = settings.telegram.api_url
    token = settings.telegram.token.get_secret_value()
    findings = await _clock_findings(api_url)
    async with Telegram(token=token, api_url=api_url) as telegram:
        try:
            me = await _ask(telegram, "getMe", {})
        except UnauthorizedError as error:
            advice = "Ask @BotFather for the right one and set it as [telegram] token."
            return [*findings, fail("token", f"Telegram refused it ({error}). {advice}")]
        except CallError as error:
            advice = f"Look at the network, the proxy and [telegram] api_url ({api_url})."
            return [*findings, fail("token", f"could not be checked: {error}. {advice}")]
        findings.append(ok("token", f"of @{me.get('username', '?')}, id {me.get('id', '?')}"))
        findings += await _webhook_findings(settings, telegram)
        findings += [await _chat_finding(telegram, me, chat_id) for chat_id in settings.access.chats]
    if not settings.access.chats:
        findings.append(_no_chats(me))
    return findings


async def _clock_findings(api_url: str) -> list[Finding]:
    """This machine's clock against the Date header (RFC 9110, 6.6.1), which has whole seconds."""
    timeout = aiohttp.ClientTimeout(total=_ANSWER_S)
    try:
        async with (
            aiohttp.ClientSession(trust_env=True, timeout=timeout) as session,
            session.get(api_url, allow_redirects=False) as response,
        ):
            theirs = parsedate_to_datetime(response.headers["Date"]).timestamp()
    except (aiohttp.ClientError, TimeoutError):
        return []  # the token's line says that Telegram cannot be reached
    except (KeyError, ValueError):
        return [warn("clock", f"{api_url} did not say what time it is. Compare this machine's clock yourself.")]
    ahead_s = time.time() - theirs
    if abs(ahead_s) <= _CLOCK_S:
        return [ok("clock", "agrees with Telegram's")]
    word = "ahead of" if ahead_s > 0 else "behind"
    return [warn("clock", f"is {abs(ahead_s):.0f} s {word} Telegram's. Set it, and let NTP keep it right.")]


def _no_chats(me: Fields) -> Finding:
    where = "[access] chats is empty: the bot works in private chats, and in groups that an admin approves"
    if me.get("can_read_all_group_messages"):
        return ok("chats", where)
    return warn("chats", f"{where}. In groups it hears only commands, replies and mentions: {_to_hear_all(me)}")


async def _chat_finding(telegram: Telegram, me: Fields, chat_id: int) -> Finding:
    subject = f"chat {chat_id}"
    try:
        chat = await _ask(telegram, "getChat", {"chat_id": chat_id})
        subject += f" «{chat.get('title') or chat.get('first_name') or '?'}»"
        if chat.get("type") == "private":
            return ok(subject, "a private chat")
        member = await _ask(telegram, "getChatMember", {"chat_id": chat_id, "user_id": me.get("id")})
    except MigratedError as error:
        return fail(subject, f"became a supergroup. Put its new id {error.chat_id} into [access] chats.")
    except RefusedError as error:
        advice = f"Add @{me.get('username')} to the group, or correct the id in [access] chats."
        return fail(subject, f"Telegram says «{error.description}». {advice}")
    except CallError as error:
        return fail(subject, f"could not be checked: {error}. Try again.")
    faults = _faults(chat, member, me)
    if not faults:
        return ok(subject, _as_it_is(chat, member))
    level = Level.FAIL if any(level is Level.FAIL for level, _ in faults) else Level.WARN
    return Finding(level, subject, " ".join(text for _, text in faults))


async def _webhook_findings(settings: Settings, telegram: Telegram) -> list[Finding]:
    """How updates reach the bot (Bot API, `WebhookInfo`)."""
    wanted = settings.telegram.webhook.url if settings.telegram.mode == "webhook" and settings.telegram.webhook else ""
    try:
        info = await _ask(telegram, "getWebhookInfo", {})
    except CallError as error:
        return [warn("webhook", f"could not be checked: {error}. Try again.")]
    url, trouble = str(info.get("url") or ""), str(info.get("last_error_message") or "")
    waiting = f"; {info.get('pending_update_count')} updates wait" if info.get("pending_update_count") else ""
    if not wanted:
        found = f"{url} is set, and telegram.mode is «polling». The bot removes it when it starts; updates are kept."
        return [warn("webhook", found)] if url else []
    if url != wanted:
        return [warn("webhook", f"{url or 'none'} is set; the bot sets {wanted} when it starts.")]
    if trouble and time.time() - float(info.get("last_error_date") or 0) < _RECENT_S:
        advice = "Look at the proxy, its certificate, and [telegram.webhook] listen and secret."
        return [warn("webhook", f"Telegram could not deliver to {url}: «{trouble}»{waiting}. {advice}")]
    return [ok("webhook", f"{url}{waiting}")]


async def _ask(telegram: Telegram, method: str, params: Fields) -> Fields:
    """A call whose result is an object. Raises CallError."""
    found = await telegram.call(method, params, timeout_s=_ANSWER_S)
    if not isinstance(found, dict):
        raise UnknownOutcomeError(f"what answers to {method} is no Bot API server")
    return found


def _faults(chat: Fields, member: Fields, me: Fields) -> list[tuple[Level, str]]:
    """What is wrong with the bot's place in a chat, each with what to do (Bot API, `ChatMember`)."""
    if chat.get("type") == "channel":
        return [(Level.FAIL, "It is a channel, and the bot works in groups. Take it out of [access] chats.")]
    if not is_inside(member):
        return [(Level.FAIL, f"The bot is not in it. Add @{me.get('username')} to the group.")]
    faults = []
    admin = is_admin(member)
    if not may_write(chat, member):
        faults.append((Level.FAIL, "The bot may not write there. Make it an administrator, or let it send messages."))
    if not admin and not me.get("can_read_all_group_messages"):
        faults.append((Level.WARN, f"It hears only commands, replies and mentions there: {_to_hear_all(me)}"))
    if chat.get("is_forum") and not may_manage_topics(chat, member):
        grant = "Grant it" if admin else "Make it an administrator with"
        faults.append((Level.WARN, f"It may not manage topics. {grant} the right «Manage topics»."))
    return faults


def _to_hear_all(me: Fields) -> str:
    return (
        f"privacy mode is on. Make @{me.get('username')} an administrator, or turn privacy mode off (@BotFather, "
        "/setprivacy, Disable) and add it to the group anew."
    )


def _as_it_is(chat: Fields, member: Fields) -> str:
    role = "an administrator" if is_admin(member) else "a member"
    if chat.get("is_forum"):
        return f"the bot is {role} of this forum and may do what it needs"
    hint = "to have one for each topic, turn Topics on in the group's settings"
    return f"the bot is {role}; the whole group is one conversation ({hint})"

"""The emoji with which bots may react (Bot API, `ReactionTypeEmoji`)."""

_LISTED = """
❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳
❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈
😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀
😡
"""
ALLOWED = frozenset(_LISTED.split())
_VARIATION = "\N{VARIATION SELECTOR-16}"


def is_allowed(emoji: str, *, available: frozenset[str] | None) -> bool:
    """Whether `emoji` may be set, in a chat that allows only `available` (None: everything)."""
    plain = emoji.replace(_VARIATION, "")
    return plain in ALLOWED and (available is None or plain in available)

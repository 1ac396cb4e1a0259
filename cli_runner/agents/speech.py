"""The text of one turn, said once: from deltas, from whole blocks, or from both."""


class Speech:
    """Takes deltas and whole blocks and gives back what is new of them.

    Claude Code sends each block as deltas and then once more as a whole, if it was asked for deltas and
    can; otherwise only as a whole. Blocks are kept apart by an empty line.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._block = ""
        self._apart = False

    @property
    def text(self) -> str:
        """All that was said."""
        return "".join(self._parts)

    def block_began(self) -> None:
        """What comes next is a new block."""
        self._block = ""
        self._apart = bool(self._parts)

    def delta(self, text: str) -> str:
        """A piece of the current block. Returns what is to be appended."""
        self._block += text
        return self._say(text)

    def whole(self, text: str) -> str:
        """The current block, whole. Returns what is to be appended: what no delta brought before."""
        streamed = self._block
        if not streamed:
            self.block_began()
        new = text.removeprefix(streamed) if text.startswith(streamed) else ""
        said = self._say(new)
        self.block_began()
        return said

    def _say(self, text: str) -> str:
        if not text:
            return ""
        if self._apart:
            text = ("\n" if self._parts[-1].endswith("\n") else "\n\n") + text
            self._apart = False
        self._parts.append(text)
        return text

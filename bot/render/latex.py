"""LaTeX formulas as Unicode text, as far as that is readable. Pure.

    \\frac{a+b}{2} \\le \\sqrt{x_1^2}   →   (a+b)/2 ≤ √(x₁²)

All or nothing: a formula of which one command is unknown stays in LaTeX, since half of a formula says
something else than the whole.
"""

import re
from functools import lru_cache

from bot.render import latex_symbols as known

_MAX_DEPTH = 12
_TOKEN = re.compile(r"\\(?:[A-Za-z]+\*?|.)|\s+|.", re.DOTALL)
_BLANKS = re.compile(r"[ \t]+")
_SIMPLE = re.compile(r"[^\s+\-−*/=<>≤≥≠±·×,]+|-?\d+(?:\.\d+)?")
_LETTERS = re.compile(r"[A-Za-z]+\*?")
_INSIDE = re.compile(r"(?<=[(\[⟨⌈⌊]) +| +(?=[)\]⟩⌉⌋,])")
_MATRICES = {
    "matrix": ("", ""),
    "pmatrix": ("(", ")"),
    "bmatrix": ("[", "]"),
    "Bmatrix": ("{", "}"),
    "vmatrix": ("|", "|"),
    "Vmatrix": ("‖", "‖"),
    "smallmatrix": ("(", ")"),
    "array": ("", ""),
}
_LINED = frozenset(["align", "aligned", "gather", "gathered", "equation", "split", "eqnarray", "multline", "alignat"])
_OPENING, _CLOSING, _END = frozenset("{"), frozenset("}"), frozenset(["\\end"])
_COMBINING_BAR = "\u0305"


class _UnreadableError(Exception):
    """The formula has something that is not known here."""


@lru_cache(maxsize=256)
def unicode_formula(source: str) -> str | None:
    """The formula in Unicode, perhaps of several lines; None if it can't be said so."""
    try:
        said = _Reader(source).whole()
    except (_UnreadableError, RecursionError):
        return None
    lines = [_INSIDE.sub("", _BLANKS.sub(" ", line)).strip() for line in said.split("\n")]
    return "\n".join(line for line in lines if line) or None


class _Reader:
    def __init__(self, source: str) -> None:
        self._tokens: list[str] = _TOKEN.findall(source)
        self._at = 0
        self._depth = 0

    def whole(self) -> str:
        said = self._until("")
        if self._at < len(self._tokens):
            raise _UnreadableError
        return said

    def _until(self, end: str) -> str:
        """Read up to the token `end`, which is consumed; an empty one is the end of the formula."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _UnreadableError
        pieces: list[str] = []
        while self._at < len(self._tokens):
            token = self._next()
            if token == end:
                self._depth -= 1
                return "".join(pieces)
            pieces.append(self._piece(token))
        if end:
            raise _UnreadableError
        self._depth -= 1
        return "".join(pieces)

    def _next(self) -> str:
        if self._at >= len(self._tokens):
            raise _UnreadableError
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _piece(self, token: str) -> str:
        match token:
            case "{":
                return self._until("}")
            case "}":
                raise _UnreadableError
            case "^":
                return _raised(self._argument())
            case "_":
                return _lowered(self._argument())
            case "&" | "~":
                return " "
            case "'":
                return "′"
            case _ if token.startswith("\\") and len(token) > 1:
                return self._command(token[1:])
            case _:
                return " " if token.isspace() else token

    def _argument(self) -> str:
        token = self._next()
        while token.isspace():
            token = self._next()
        return self._piece(token)

    def _raw_argument(self) -> str:
        """The argument of a command that takes words."""
        if self._next() != "{":
            raise _UnreadableError
        pieces: list[str] = []
        depth = 1
        while depth:
            token = self._next()
            depth += (token in _OPENING) - (token in _CLOSING)
            pieces.append(token)
        words = "".join(pieces[:-1])
        if "\\" in words or "$" in words:
            return _Reader(words).whole()
        return words

    def _option(self) -> str:
        """What stands in square brackets here, if anything does."""
        if self._at < len(self._tokens) and self._tokens[self._at] == "[":
            self._at += 1
            return self._until("]")
        return ""

    def _command(self, name: str) -> str:
        if _LETTERS.fullmatch(name):
            self._swallow_blank(name)
        if name in known.SYMBOLS:
            return known.SYMBOLS[name]
        if name in known.RELATIONS:
            return f" {known.RELATIONS[name]} "
        if name in known.FUNCTIONS:
            return f" {name} " if self._letter_follows() else f" {name}"
        if name in known.SPACES:
            return known.SPACES[name]
        if name in known.ESCAPED:
            return "‖" if name == "|" else name
        if name == "\\":
            self._option()
            return "\n"
        if name in known.SILENT:
            return self._delimiter() if name in {"left", "right"} else ""
        return self._with_argument(name)

    def _with_argument(self, name: str) -> str:
        if name in known.VERBATIM:
            return self._raw_argument()
        if name.rstrip("*") in known.WRAPPERS:
            return self._argument()
        if name in known.ALPHABETS:
            alphabet = known.ALPHABETS[name]
            return "".join(alphabet.get(letter, letter) for letter in self._argument())
        if name in known.ACCENTS:
            return _accented(self._argument(), known.ACCENTS[name])
        if name in {"stackrel", "overset", "underset", "xrightarrow", "not"}:
            return self._stacked(name)
        return self._structure(name)

    def _structure(self, name: str) -> str:
        match name:
            case "frac" | "dfrac" | "tfrac" | "cfrac":
                return f"{_grouped(self._argument())}/{_grouped(self._argument())}"
            case "binom" | "dbinom" | "tbinom":
                return f"C({self._argument()}, {self._argument()})"
            case "sqrt":
                index = self._option().strip()
                root = known.ROOTS.get(index) or _raised(index) + "√"
                under = self._argument().strip()
                return root + (under if len(under) == 1 or under.isdigit() else f"({under})")
            case "pmod":
                return f" (mod {self._argument()})"
            case "tag":
                return f"  ({self._raw_argument()})"
            case "label":
                self._raw_argument()
                return ""
            case "begin":
                return self._environment(self._raw_argument())
            case _:
                raise _UnreadableError

    def _stacked(self, name: str) -> str:
        first = self._argument().strip()
        match name:
            case "not":
                return f" {first}\u0338 " if first else ""
            case "xrightarrow":
                return f" —{first}→ "
            case "underset":
                return self._argument() + _lowered(first)
            case _:
                return self._argument() + _raised(first)

    def _environment(self, name: str) -> str:
        name = name.rstrip("*")
        if name in {"array", "alignat"} and self._tokens[self._at : self._at + 1] == ["{"]:
            self._raw_argument()
        content = self._up_to_end(name)
        rows = [row.strip() for row in content.split("\n") if row.strip()]
        if name in _MATRICES:
            opening, closing = _MATRICES[name]
            return f"{opening}{'; '.join(_BLANKS.sub(' ', row) for row in rows)}{closing}"
        if name in {"cases", "dcases"}:
            return "\n" + "\n".join(f"{{ {row}" for row in rows) + "\n"
        if name in _LINED:
            return "\n" + "\n".join(rows) + "\n"
        raise _UnreadableError

    def _up_to_end(self, name: str) -> str:
        pieces: list[str] = []
        while True:
            token = self._next()
            if token in _END:
                if self._raw_argument().rstrip("*") != name:
                    raise _UnreadableError
                return "".join(pieces)
            pieces.append(self._piece(token))

    def _delimiter(self) -> str:
        """The delimiter behind `\\left` and `\\right`; a dot stands for none."""
        sign = self._argument().strip()
        return "" if sign == "." else sign

    def _swallow_blank(self, name: str) -> None:
        """LaTeX takes the blank behind a command for its end."""
        if self._at < len(self._tokens) and self._tokens[self._at].isspace() and name not in known.VERBATIM:
            self._at += 1

    def _letter_follows(self) -> bool:
        following = self._tokens[self._at : self._at + 1]
        return bool(following) and (following[0].isalnum() or following[0].startswith("\\"))


def _raised(text: str) -> str:
    return _shifted(text.strip(), known.SUPERSCRIPTS, "^")


def _lowered(text: str) -> str:
    return _shifted(text.strip(), known.SUBSCRIPTS, "_")


def _shifted(text: str, alphabet: dict[str, str], sign: str) -> str:
    packed = text.replace(" ", "")
    if all(letter in alphabet for letter in packed):
        return "".join(alphabet[letter] for letter in packed)
    return sign + (packed if len(packed) == 1 else f"({_BLANKS.sub(' ', text)})")


def _grouped(text: str) -> str:
    text = _BLANKS.sub(" ", text.strip())
    whole = len(text) == 1 or _SIMPLE.fullmatch(text)
    return text if whole else f"({text})"


def _accented(text: str, mark: str) -> str:
    text = text.strip()
    if len(text) > 1 and mark != _COMBINING_BAR:
        return f"{text}{mark}" if len(text) == 1 else "".join(letter + mark for letter in text)
    return "".join(letter + mark for letter in text)

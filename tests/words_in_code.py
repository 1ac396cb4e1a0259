"""What the code says: every call that names a sentence, and every literal that looks like one."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
SPEAKERS = frozenset({"say", "say_rich", "words", "Refusal", "say_it"})
_SENTENCE = re.compile(r"[A-Za-z]{2,}[,:;]? [a-z]{2,}|^[A-Z][a-z]+[:.…]?\s|[a-z]{2,}[.…:]$")


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence that is named in the code, and what it is told; `told` is None where that is not written there."""

    name: str
    told: frozenset[str] | None
    where: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A string in the code."""

    text: str
    file: str
    line: int


@cache
def trees(*packages: str) -> dict[str, ast.Module]:
    """The modules of some packages by their paths."""
    found = sorted(file for package in packages for file in (ROOT / package).rglob("*.py"))
    return {str(file.relative_to(ROOT)): ast.parse(file.read_text(encoding="utf-8")) for file in found}


def said(*packages: str) -> Iterator[Said]:
    """The sentences that are named, in calls and in tables whose name ends in `_WORDS`."""
    for file, tree in trees(*packages).items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _called(node) in SPEAKERS and node.args:
                told = frozenset(each.arg for each in node.keywords if each.arg is not None)
                is_open = any(each.arg is None for each in node.keywords)
                for name in _names(node.args[0]):
                    yield Said(name, None if is_open else told, f"{file}:{node.lineno}")
            elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and _is_table(node):
                for constant in ast.walk(node.value):
                    if isinstance(constant, ast.Constant) and _is_name(constant.value):
                        yield Said(str(constant.value), None, f"{file}:{constant.lineno}")


def mentioned(*packages: str) -> set[str]:
    """All strings in the code: a sentence that is in none of them, and fits no pattern, is never said."""
    nodes = (node for tree in trees(*packages).values() for node in ast.walk(tree))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def patterns(*packages: str) -> Iterator[tuple[re.Pattern[str], str]]:
    """Names that are put together, as in `say(f"settings-about-{word}")`: what they may be, and where."""
    for file, tree in trees(*packages).items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or _called(node) not in SPEAKERS or not node.args:
                continue
            if isinstance(node.args[0], ast.JoinedStr):
                parts = node.args[0].values
                text = "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in parts)
                yield re.compile(text), f"{file}:{node.lineno}"


def sentences(*packages: str) -> Iterator[Literal]:
    """Literals that look like something that people read; not docstrings, logs, names of tasks and faults of ours."""
    for file, tree in trees(*packages).items():
        passed = set(_passed_over(tree))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in passed:
                continue
            if _SENTENCE.search(node.value) and not node.value.endswith(" | None"):
                yield Literal(node.value, file, node.lineno)


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _names(argument: ast.expr) -> Iterator[str]:
    match argument:
        case ast.Constant(value=str(name)):
            yield name
        case ast.IfExp(body=body, orelse=otherwise):
            yield from _names(body)
            yield from _names(otherwise)
        case _:
            return


def _is_table(node: ast.Assign | ast.AnnAssign) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(isinstance(target, ast.Name) and target.id.endswith("_WORDS") for target in targets)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", value) is not None


_SILENT_CALLS = frozenset({"debug", "info", "warning", "error", "exception", "start_soon", "spawn", "getLogger"})


def _passed_over(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)
        elif isinstance(node, ast.Raise | ast.Call) and _is_silent(node):
            yield from (id(part) for part in ast.walk(node))
        elif isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
            yield from (id(part) for part in ast.walk(node.annotation))


def _is_silent(node: ast.Raise | ast.Call) -> bool:
    """Whether nobody in a chat reads what is given to it."""
    if isinstance(node, ast.Raise):
        return not (isinstance(node.exc, ast.Call) and _called(node.exc) == "Refusal")
    return _method(node) in _SILENT_CALLS or _writes(node)


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _writes(call: ast.Call) -> bool:
    return ast.unparse(call.func) in ("sys.stderr.write", "print")

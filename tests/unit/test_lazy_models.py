"""aiogram imported lazily is aiogram: the same models, the same parsing, for less."""

import json
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

LAZILY = "from bot.lazy_models import import_aiogram\nimport_aiogram()\n"
EAGERLY = "import aiogram\n"

SCHEMAS = """
import json, re
from pydantic.json_schema import GenerateJsonSchema, models_json_schema
import aiogram.methods, aiogram.types
from aiogram.methods.base import TelegramMethod
from aiogram.types.base import TelegramObject

class Tolerant(GenerateJsonSchema):
    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}
    def handle_invalid_for_json_schema(self, schema, error_info):
        return {"title": error_info}

def models(module, root):
    found = [getattr(module, name) for name in module.__all__]
    return [m for m in found if isinstance(m, type) and issubclass(m, root)]

all_models = models(aiogram.types, TelegramObject) + models(aiogram.methods, TelegramMethod)
_, schema = models_json_schema(
    [(m, mode) for m in all_models for mode in ("validation", "serialization")], schema_generator=Tolerant
)
def told(field):
    return re.sub(" at 0x[0-9a-f]+", "", repr((field.annotation, field.default, field.alias, field.is_required())))

fields = {m.__name__: {n: told(f) for n, f in m.model_fields.items()} for m in all_models}
print(json.dumps({
    "count": len(all_models),
    "complete": sum(m.__pydantic_complete__ for m in all_models),
    "schema": schema["$defs"],
    "fields": fields,
}))
"""

PARSING = """
import json, sys
from aiogram.types import Update
parsed = [Update.model_validate(sample) for sample in json.load(sys.stdin)]
print(json.dumps([[update.event_type, repr(update), repr(update.model_dump())] for update in parsed]))
"""

# No type may stand in the program's own namespace: pydantic would find it there.
CALLS = """
import json
from aiogram import methods as m, types as t
from aiogram.methods.base import Response
person = {"id": 7, "is_bot": False, "first_name": "P"}
message = {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, "from": person, "text": "x"}
keys = t.InlineKeyboardMarkup(inline_keyboard=[[t.InlineKeyboardButton(text="Stop", callback_data="s")]])
made = [
    m.GetUpdates(offset=1, allowed_updates=["message"]),
    m.SendMessage(chat_id=7, text="x", entities=[t.MessageEntity(type="bold", offset=0, length=1)], reply_markup=keys),
    m.EditMessageText(chat_id=7, message_id=1, text="y", reply_markup=keys),
    m.SendDocument(chat_id=7, document=t.FSInputFile("x")),
    m.SetMessageReaction(chat_id=7, message_id=1, reaction=[t.ReactionTypeEmoji(emoji="x")]),
    Response[t.Message](ok=True, result=message),
    Response[bool](ok=True, result=True),
    Response[t.Message | bool](ok=True, result=message),
    Response[list[t.Update]](ok=True, result=[{"update_id": 1, "message": message}]),
    Response[t.User](ok=False, error_code=429, parameters={"retry_after": 3}),
]
print(json.dumps([[repr(one).split(" object at ")[0], sorted(one.model_fields_set)] for one in made]))
"""

OTHERS = """
import json
from pydantic import BaseModel, TypeAdapter
before = dict(vars(BaseModel))
from bot.lazy_models import import_aiogram
import_aiogram()
import_aiogram()
from aiogram.types import Message
from aiogram.utils.chat_member import ChatMemberAdapter
class Mine(BaseModel):
    number: int
class Holder(BaseModel):
    message: Message
message = {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}}
member = {"status": "left", "user": {"id": 7, "is_bot": False, "first_name": "P"}}
print(json.dumps({
    "base_untouched": all(vars(BaseModel)[k] is v for k, v in before.items() if not k.startswith("_abc")),
    "own_model_built_at_once": Mine.__pydantic_complete__,
    "holder": Holder(message=message).message.chat.id,
    "adapter": TypeAdapter(list[Message]).validate_python([message])[0].chat.id,
    "aiograms_own_adapter": ChatMemberAdapter.validate_python(member).status,
}))
"""

COST = """
import json, sys, time
began = time.perf_counter()
{}
took = time.perf_counter() - began
rss_mb = int(open("/proc/self/status").read().split("VmRSS:")[1].split()[0]) / 1024
print(json.dumps([took, rss_mb]))
"""


def run(program: str, stdin: str = "") -> Any:
    """What a fresh interpreter prints as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=50
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@cache
def schemas(how: str) -> Any:
    return run(how + SCHEMAS)


class Samples:
    """Makes values of a JSON schema: all that is required, and what is optional down to a depth."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions

    def of(self, schema: Mapping[str, Any], depth: int) -> Any:
        if "$ref" in schema:
            return self.of(self._definitions[schema["$ref"].rsplit("/", 1)[1]], depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        for alternatives in ("anyOf", "oneOf"):
            if alternatives in schema:
                return self.of(schema[alternatives][0], depth)
        if schema.get("format") == "date-time":
            return 1_700_000_000
        match schema.get("type"):
            case "object":
                return self.object_of(schema, depth)
            case "array":
                return [self.of(schema["items"], depth)]
            case "integer" | "number":
                return 1_700_000_000
            case "boolean":
                return True
            case _:
                return "x"

    def object_of(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        required = set(schema.get("required", ()))
        return {
            name: self.of(value, depth - 1)
            for name, value in schema.get("properties", {}).items()
            if name in required or depth > 0 or "const" in value
        }


def samples_of_every_kind() -> dict[str, Any]:
    definitions = schemas(EAGERLY)["schema"]
    samples = Samples(definitions)
    update = next(d for name, d in definitions.items() if name in ("Update", "Update-Input"))
    return {
        kind: {"update_id": 1, kind: samples.of(value, 2)}
        for kind, value in update["properties"].items()
        if kind != "update_id"
    }


def test_every_model_is_built_alike() -> None:
    """Each model of types and methods has the same fields and schemas as with a plain import."""
    lazy, eager = schemas(LAZILY), schemas(EAGERLY)
    assert lazy["count"] == lazy["complete"] == eager["count"] > 500
    assert lazy["fields"] == eager["fields"]
    assert lazy["schema"] == eager["schema"]


def test_updates_of_every_kind_parse_alike() -> None:
    """A sample of each kind of update becomes the same objects as with a plain import."""
    samples = samples_of_every_kind()
    assert {"message", "callback_query", "my_chat_member", "message_reaction"} <= set(samples)
    stdin = json.dumps(list(samples.values()))
    lazy = run(LAZILY + PARSING, stdin)
    assert [kind for kind, _, _ in lazy] == list(samples)
    assert lazy == run(EAGERLY + PARSING, stdin)


def test_methods_and_responses_are_made_alike() -> None:
    """Methods with nested types and generic responses come out the same, each at its first use."""
    assert run(LAZILY + CALLS) == run(EAGERLY + CALLS)


def test_other_models_are_left_alone() -> None:
    """`BaseModel` is as before; models and adapters of ours around aiogram's types still work."""
    assert run(OTHERS) == {
        "base_untouched": True,
        "own_model_built_at_once": True,
        "holder": 7,
        "adapter": 7,
        "aiograms_own_adapter": "left",
    }


def test_an_imported_aiogram_is_left_alone() -> None:
    """After a plain import there is nothing to defer, and nothing is done."""
    program = EAGERLY + LAZILY + "from aiogram.types import Message\nprint(int(Message.__pydantic_complete__))"
    assert run(program) == 1


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_memory_is_saved() -> None:
    """The lazy import needs less than two thirds of the plain one's memory; the times are printed."""
    lazy_s, lazy_mb = run(COST.format(LAZILY))
    eager_s, eager_mb = run(COST.format(EAGERLY))
    print(f"lazy {lazy_s:.2f} s {lazy_mb:.0f} MB, eager {eager_s:.2f} s {eager_mb:.0f} MB")
    assert lazy_mb < eager_mb * 2 / 3

"""Import aiogram without building its models: each is built when it is first used.

aiogram describes the whole Bot API as some six hundred pydantic models and builds every one of them
during its import. With aiogram 3.31 and pydantic 2.13 that takes 2 s and 145 MB, of which a bot
ever uses a small part. Two things make it so:

- The models of `aiogram.types` declare `defer_build`, but the end of that package calls
  `model_rebuild` on each, with a namespace in which their forward references are found (their
  modules import one another only for type checkers).
- The models of `aiogram.methods` don't declare it; they are built as their classes are made, and
  that works only because the types in them are complete by then.

So, during the import, `model_rebuild` of the types only keeps that namespace, and the methods are
deferred too; afterwards the namespace becomes the `__pydantic_parent_namespace__` of both, which is
where pydantic looks when it builds a deferred model at its first use. Nothing else is changed:
models that are not aiogram's are left alone, and so is `BaseModel` once the import is through.
"""

import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic.errors import PydanticUndefinedAnnotation
from pydantic_core import CoreSchema

if TYPE_CHECKING:
    from aiogram.types.base import TelegramObject

_TYPES_ROOT = ("aiogram.types.base", "TelegramObject")
_METHODS_ROOT = ("aiogram.methods.base", "TelegramMethod")


def import_aiogram() -> None:
    """Import aiogram with its models deferred. Does nothing where it was imported before.

    Call it before the first `import aiogram` of the process, while no other thread makes models.
    """
    if "aiogram" in sys.modules:
        return
    namespace = _import_and_keep_namespace()

    from aiogram.methods.base import Response, TelegramMethod
    from aiogram.types.base import TelegramObject

    for root in (TelegramObject, TelegramMethod, Response):
        for model in _with_subclasses(root):
            model.__pydantic_parent_namespace__ = namespace
    TelegramObject.__get_pydantic_core_schema__ = classmethod(_schema_within_another)  # type: ignore[assignment]


def _import_and_keep_namespace() -> dict[str, Any]:
    """Import aiogram and return the namespace in which its forward references are found."""
    namespace: dict[str, Any] = {}
    roots: list[type[BaseModel]] = []

    def keep_namespace(
        cls: type[BaseModel], /, *, _types_namespace: Mapping[str, Any] | None = None, **_: object
    ) -> None:
        namespace.update(_types_namespace or {})

    def defer(cls: type[BaseModel], /, **_: object) -> None:
        # Called by pydantic for every new model, before anything can inherit from it.
        if (cls.__module__, cls.__name__) == _TYPES_ROOT:
            roots.append(cls)
            cls.model_rebuild = classmethod(keep_namespace)  # type: ignore[method-assign, assignment]
        elif (cls.__module__, cls.__name__) == _METHODS_ROOT:
            cls.model_config["defer_build"] = True

    original = BaseModel.__dict__["__pydantic_init_subclass__"]
    BaseModel.__pydantic_init_subclass__ = classmethod(defer)  # type: ignore[assignment, method-assign]
    try:
        import aiogram  # noqa: F401
    finally:
        BaseModel.__pydantic_init_subclass__ = original  # type: ignore[method-assign]
        for root in roots:
            del root.model_rebuild
    return namespace


def _with_subclasses(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield model
    for subclass in model.__subclasses__():
        yield from _with_subclasses(subclass)


def _schema_within_another(cls: "type[TelegramObject]", source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    """The schema of an aiogram type inside something that is not aiogram's.

    A `TypeAdapter(Message)`, or a model of ours with a `Message` in it, is built in a namespace of
    its own, in which the forward references of a deferred `Message` are unknown.
    """
    try:
        return handler(source)
    except PydanticUndefinedAnnotation:
        if not cls.model_rebuild(raise_errors=False):
            raise
        return handler(source)

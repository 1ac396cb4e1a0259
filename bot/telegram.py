"""The Bot API over HTTP, and what each way of failing means for the caller.

Calls are made raw rather than through aiogram's typed methods: a letter is stored as the call that it
is, and a reply that aiogram's models cannot read (a new member of a closed union) must not look like
a send that failed.
"""

import json
import math
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self, TypeAlias

import aiohttp

from orchestrator.domain.cancel_token import TurnStopped, should_stop
from orchestrator.domain.errors import TopicdError

Params: TypeAlias = Mapping[str, Any]

OFFICIAL_API = "https://api.telegram.org"
_TIMEOUT_S = 30.0
_DESCRIPTION = "description"
_NO_RETRY_AFTER_S = 5.0


class CallError(TopicdError):
    """A Bot API call that did not succeed. The text never contains the token."""


class RetryAfterError(CallError):
    """429: this chat gets nothing for so many seconds (Bot API, `ResponseParameters.retry_after`)."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Telegram asks to wait {seconds:g} s")
        self.seconds = seconds


class RefusedError(CallError):
    """4xx: Telegram will not do this, however often it is asked."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description

    def says(self, *phrases: str) -> bool:
        """Whether the description contains one of the phrases, in any case."""
        lowered = self.description.lower()
        return any(phrase.lower() in lowered for phrase in phrases)


class MigratedError(CallError):
    """The group became a supergroup (Bot API, `ResponseParameters.migrate_to_chat_id`)."""

    def __init__(self, chat_id: int) -> None:
        super().__init__(f"the group is now {chat_id}")
        self.chat_id = chat_id


class UnauthorizedError(CallError):
    """401, or 404 for the whole bot: the token is wrong or was revoked."""


class ConflictError(CallError):
    """409: somebody else polls with this token, or a webhook is set."""


class NotTakenError(CallError):
    """Telegram certainly did not take the call: try again."""


class UnknownOutcomeError(CallError):
    """Telegram may or may not have taken the call."""


class _Connector(aiohttp.TCPConnector):
    """Connections without a limit of their own: nobody waits for a free one."""

    async def connect(
        self, req: aiohttp.ClientRequest, traces: list[aiohttp.tracing.Trace], timeout: aiohttp.ClientTimeout
    ) -> aiohttp.connector.Connection:
        """Connect; a turn that was stopped meanwhile has nothing to send any more."""
        connection = await super().connect(req, traces, timeout)
        try:
            should_stop()
        except TurnStopped:
            connection.release()
            raise
        return connection


class Telegram:
    """The Bot API of one bot. Use as `async with Telegram(...) as telegram`."""

    def __init__(self, *, token: str, api_url: str) -> None:
        self._token = token
        self._base = f"{api_url.rstrip('/')}/bot{token}/"
        self._files = f"{api_url.rstrip('/')}/file/bot{token}/"
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(trust_env=True, connector=_Connector(limit=0))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def call(
        self,
        method: str,
        params: Params | None = None,
        *,
        timeout_s: float = _TIMEOUT_S,
        upload: tuple[str, str, bytes] | None = None,
    ) -> Any:
        """Make one call; its `result`. `upload` is (parameter, file name, content).

        Raises a CallError that says what is known of the outcome; TurnStopped, with nothing sent, if it is
        made for a turn that was stopped.
        """
        if self._session is None:
            raise NotTakenError("the connection to Telegram is closed")
        timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=10)
        should_stop()
        body: dict[str, Any] = {"json": dict(params or {})}
        if upload is not None:
            body = {"data": _form(params or {}, upload)}
        try:
            async with self._session.post(self._base + method, timeout=timeout, **body) as response:
                return _read(response.status, await response.read())
        except aiohttp.ClientConnectorError as error:
            raise NotTakenError(self._clean(f"cannot reach Telegram: {error}")) from None
        except TimeoutError:
            raise UnknownOutcomeError("Telegram did not answer in time") from None
        except aiohttp.ClientError as error:
            raise UnknownOutcomeError(self._clean(f"the connection broke: {error!r}")) from None

    async def download(self, path: str, *, most_bytes: int, timeout_s: float = 120.0) -> bytes:
        """A file by its `file_path` (Bot API, `getFile`). Raises a CallError, also if it has more bytes."""
        if self._session is None:
            raise NotTakenError("the connection to Telegram is closed")
        timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=10)
        try:
            async with self._session.get(self._files + path, timeout=timeout) as response:
                content = await response.content.read(most_bytes + 1) if response.status == 200 else b""
                while response.status == 200 and len(content) <= most_bytes:
                    more = await response.content.read(most_bytes + 1 - len(content))
                    if not more:
                        return content
                    content += more
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NotTakenError(self._clean(f"the file could not be fetched: {error!r}")) from None
        if response.status == 200:
            raise RefusedError(413, "the file is too large")
        raise NotTakenError(f"HTTP {response.status} for a file")

    def _clean(self, text: str) -> str:
        return text.replace(self._token, "…")


def _form(params: Params, upload: tuple[str, str, bytes]) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for name, value in params.items():
        form.add_field(name, value if isinstance(value, str) else json.dumps(value))
    name, filename, content = upload
    form.add_field(name, content, filename=filename, content_type="application/octet-stream")
    return form


def _read(status: int, raw: bytes) -> Any:
    try:
        reply = json.loads(raw)
        if not isinstance(reply, dict):
            raise TypeError
    except (ValueError, TypeError):
        if status == 413:
            raise RefusedError(status, "Request Entity Too Large") from None
        # A proxy's error page. Whether Telegram saw the call, it does not say.
        raise UnknownOutcomeError(f"HTTP {status} without a Bot API reply") from None
    if reply.get("ok") is True:
        return reply.get("result")
    code = reply.get("error_code", status)
    description = str(reply.get(_DESCRIPTION, "no description"))
    parameters = reply.get("parameters")
    parameters = parameters if isinstance(parameters, dict) else {}
    if code == 429:
        raise RetryAfterError(_silence_s(parameters.get("retry_after")))
    if "migrate_to_chat_id" in parameters:
        raise MigratedError(int(parameters["migrate_to_chat_id"]))
    if code == 401 or (code == 404 and description.lower() == "not found"):
        raise UnauthorizedError(description)
    if code == 409:
        raise ConflictError(description)
    if isinstance(code, int) and 400 <= code < 500:
        raise RefusedError(code, description)
    raise NotTakenError(f"{code} {description}")


def _silence_s(retry_after: object) -> float:
    """How long to wait; documented as whole seconds, but it may be a fraction, missing, or nonsense."""
    try:
        seconds = float(str(retry_after))
    except ValueError:
        return _NO_RETRY_AFTER_S
    return seconds if 0.0 <= seconds < math.inf else _NO_RETRY_AFTER_S

"""What the Bot API answers when it refuses a call."""

from bot.sandbox.jsonvalue import Json


class ApiError(Exception):
    """A refusal: HTTP status, `error_code`, `description` and `parameters`, in Telegram's own words."""

    def __init__(self, code: int, description: str, *, parameters: Json | None = None) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> Json:
        """The JSON of the answer."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters is not None:
            body["parameters"] = self.parameters
        return body


def bad_request(what: str) -> ApiError:
    """400: the call cannot be right, however often it is repeated."""
    return ApiError(400, f"Bad Request: {what}")


def forbidden(what: str) -> ApiError:
    """403: the bot may not speak there."""
    return ApiError(403, f"Forbidden: {what}")


def conflict(what: str) -> ApiError:
    """409: somebody else reads the updates of this bot."""
    return ApiError(409, f"Conflict: {what}")


def too_many_requests(retry_after_s: int) -> ApiError:
    """429: wait `retry_after_s` whole seconds."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after_s}", parameters={"retry_after": retry_after_s})

"""Which addresses Telegram takes as the target of a link (measured with TDLib's own parser)."""

_OTHER_SCHEMES = ("tg:", "ton:", "tonsite:")
_LAST_PORT = 65535


def url_fault(url: str) -> str:
    """What TDLib has against `url` as a `text_link`, in its words; empty if nothing."""
    lowered = url.lower()
    if lowered.startswith(_OTHER_SCHEMES):
        return ""
    scheme, has_scheme, rest = lowered.partition("://")
    if not has_scheme:
        rest = lowered
    elif scheme not in {"http", "https"}:
        return "Unsupported URL protocol"
    end = min((at for at in (rest.find(mark) for mark in "/?#") if at >= 0), default=len(rest))
    host_and_port = rest[:end].rpartition("@")[2]
    host, port = _split_port(host_and_port)
    if port is not None and not (port.isascii() and port.isdigit() and int(port) <= _LAST_PORT):
        return "Wrong port number specified in the URL"
    return _host_fault(host)


def _split_port(host_and_port: str) -> tuple[str, str | None]:
    closing = host_and_port.rfind("]")
    colon = host_and_port.rfind(":")
    if colon > closing:
        return host_and_port[:colon], host_and_port[colon + 1 :]
    return host_and_port, None


def _host_fault(host: str) -> str:
    if not host:
        return "URL host is empty"
    if host == ".":
        return "Host is invalid"
    if host.startswith("[") and host.endswith("]"):
        return ""
    if any(not (sign.isalnum() or sign in "-._~%!$&'()*+,;=") for sign in host):
        return "Disallowed character in URL host"
    return "" if "." in host else "Wrong HTTP URL"

"""Sizes of files as people read them."""

_STEP = 1024
_UNITS = ("bytes", "KB", "MB", "GB", "TB")


def file_size(size: int) -> str:
    """`12 bytes`, `3.4 MB`: a number of bytes, in steps of 1024."""
    nth = next((nth for nth in range(len(_UNITS)) if size < _STEP ** (nth + 1)), len(_UNITS) - 1)
    amount = size / _STEP**nth
    shown = f"{amount:.0f}" if not nth or amount >= 10 else f"{amount:.1f}".removesuffix(".0")
    return f"{shown} {_UNITS[nth]}"

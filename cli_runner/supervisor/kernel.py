"""The two prctl(2) settings that make a run's tree inescapable and keep it from outliving us."""

import ctypes
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

# Loaded ahead: the child has to call it between fork and exec, and looking it up then costs.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def become_subreaper() -> bool:
    """Orphans of our tree become our children instead of init's. False where there is no such thing."""
    return _libc is not None and _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0


def die_with_parent() -> None:
    """SIGKILL for us when our parent ends. Survives exec, unless of a set-user-id program."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)

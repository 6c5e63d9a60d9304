"""Processes we start must not outlive us, even when we are killed with SIGKILL and can clean up nothing."""

from __future__ import annotations

import ctypes
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h

# Loaded here and not in the child: between fork and exec only what is already in memory is safe to call.
_prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None


def die_with_parent() -> None:
    """For `preexec_fn`: the kernel ends this process with SIGTERM as soon as the thread that started it ends.

    Linux only (prctl(2), PR_SET_PDEATHSIG), elsewhere it does nothing. The parent is the *thread* that forked: start
    children from a thread that lives as long as they should. The setting survives exec, not a further fork.
    """
    if _prctl is not None:
        _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

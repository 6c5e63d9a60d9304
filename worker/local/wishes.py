"""What the person at the terminal, or systemd, wants of a running `kawat up`: to stop, or to stop at once."""

from __future__ import annotations

import signal
from types import FrameType

PATIENT = (signal.SIGTERM, signal.SIGHUP)  # however often: systemd and a closing terminal may send both


class Wishes:
    """Handlers that only take note: whoever runs the loop looks."""

    def __init__(self) -> None:
        self.stop = False
        self.hurry = False
        self.by = ""

    def install(self) -> None:
        """From now on the signals are wishes. Main thread only. What is ignored (nohup) stays so."""
        for number in (signal.SIGINT, *PATIENT):
            if signal.getsignal(number) is not signal.SIG_IGN or number == signal.SIGTERM:
                signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.stop and number == signal.SIGINT:
            self.hurry = True
        self.stop = True
        self.by = self.by or signal.Signals(number).name

"""What one worker process holds: its services and its way to wake a stage, made at the first task, after any fork."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from celery import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from search.alerts.records import Alert
from worker.services import Services
from worker.settings import Settings, read_settings
from worker.topology import STAGES


class Process(Services):
    """Services, and `wake`."""

    @cached_property
    def app(self) -> Any:
        return current_app

    @property
    def wake(self) -> Callable[[str], None]:
        return self._wake

    def tell(self, alerts: Sequence[Alert]) -> None:
        """See `PostRoom.tell`; whoever delivers hears of it at once."""
        if self.post.tell(alerts):
            self.wake("notify")

    def _wake(self, stage: str) -> None:
        """Sends "stage X has work", unless enough such messages wait. A lost one costs at most one tick."""
        queue, enough = STAGES[stage].queue, STAGES[stage].wakes
        try:
            if self.redis.llen(f"{self.settings.redis_prefix}celery:{queue}") < enough:
                self.app.send_task(f"kawat.{stage}", queue=queue, ignore_result=True)
        except (OperationalError, RedisError):
            return


_processes: dict[int, Process] = {}
_making = threading.Lock()


def process(settings: Settings | None = None) -> Process:
    """This process' services; a forked child makes its own (connections do not survive a fork)."""
    with _making:
        here = os.getpid()
        if here not in _processes:
            _processes.clear()
            _processes[here] = Process(settings or read_settings())
        return _processes[here]

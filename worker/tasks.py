"""Celery's tasks: each leases a batch, calls its stage, applies its verdicts. Messages carry no data."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from worker import control
from worker.app import SLACK
from worker.process import process
from worker.runner import run_batch
from worker.topology import STAGES


def _stage_task(name: str) -> Any:
    @shared_task(name=f"kawat.{name}", ignore_result=True, time_limit=STAGES[name].seconds + SLACK)  # type: ignore[untyped-decorator]  # Celery ships no types
    def run() -> None:
        here = process()
        run_batch(STAGES[name], here.ledger, here.ports(name), here.wake)

    return run


stage_tasks = {name: _stage_task(name) for name in STAGES}


@shared_task(name="kawat.poll_due", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery ships no types
def poll_due() -> None:
    """Wakes the polls that are due."""
    control.wake_due(process(), ("poll",))


@shared_task(name="kawat.tick", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery ships no types
def tick() -> None:
    """Looks at the disk, saves the list of feeds where it changed, wakes every stage with something due."""
    control.tick(process())


@shared_task(name="kawat.sweep", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery ships no types
def sweep() -> None:
    """Takes back what dead workers held, forgets old records."""
    control.sweep(process())

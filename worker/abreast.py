"""A batch's items all at the same time, each in a thread of its own: for stages that wait for the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

from worker.stages import Group
from worker.verdicts import Item, Verdict

GATHERED = 0.005  # seconds that the first to end waits for others: one write to the ledger serves them all


def abreast(items: Sequence[Item], work: Callable[[Item], Verdict], name: str) -> Iterator[Group]:
    """The verdicts as they come, those that come together in one group: a slow item holds up no other.

    `work` does not raise; `name` is its threads'.
    """
    with ThreadPoolExecutor(max_workers=max(1, len(items)), thread_name_prefix=name) as pool:
        futures = {pool.submit(work, item): item for item in items}
        waiting = set(futures)
        while waiting:
            wait(waiting, return_when=FIRST_COMPLETED)
            done, waiting = wait(waiting, timeout=GATHERED)
            yield [(futures[future], future.result()) for future in done]

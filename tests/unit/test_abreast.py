"""A batch whose items wait for the network, all at the same time."""

from __future__ import annotations

import threading

from worker.abreast import abreast
from worker.verdicts import End, Item, Verdict


def test_a_slow_item_holds_up_no_other_and_what_ends_together_comes_together() -> None:
    release, begun = threading.Event(), threading.Barrier(9)

    def work(item: Item) -> Verdict:
        begun.wait(10)  # all nine are under way at once
        if item.id == "slow":
            assert release.wait(10)
        return End("indexed", item.id)

    items = [Item(str(number), 1, {}) for number in range(8)] + [Item("slow", 1, {})]
    groups = abreast(items, work, "test")
    early: list[str] = []
    while len(early) < 8:
        early += [item.id for item, _ in next(groups)]
    assert "slow" not in early
    release.set()
    assert [(item.id, verdict) for group in groups for item, verdict in group] == [("slow", End("indexed", "slow"))]


def test_no_items_give_no_groups() -> None:
    assert list(abreast([], lambda item: End("indexed", item.id), "test")) == []

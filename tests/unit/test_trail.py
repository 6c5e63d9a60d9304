"""A page's redirects: every host on the way is asked for its leave, in its turn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ingest.errors import Forbidden, HostBusy, IngestError
from tests.fakes import FakeFetcher
from worker.gate import NotYet
from worker.trail import Trail

A, B = "https://a.example", "https://b.example"


class Book:
    """Turns as the gate gives them: none for a host that is held. `blamed`: hosts that a failure was told to."""

    def __init__(self, *forbidden: str) -> None:
        self.forbidden, self.robots = forbidden, list[str]()
        self.held, self.taken, self.blamed = list[str](), list[str](), list[str]()
        self.paused = list[str]()

    def check_robots(self, url: str) -> float:
        self.robots.append(url)
        if url in self.forbidden:
            raise Forbidden(url, reason="robots")
        return 3.0

    def pause(self, url: str, *, delay: float | None = None) -> None:
        assert delay == 3.0
        self.paused.append(url)

    @contextmanager
    def turn(
        self, url: str, *, delay: float | None = None, urgent: bool = False, visit: bool = False
    ) -> Iterator[None]:
        assert delay == 3.0
        host = url.split("/")[2]
        if host in self.held:
            raise NotYet(host, 1)
        self.held.append(host)
        self.taken.append(host)
        try:
            yield
        except HostBusy:
            self.blamed.append(host)
            raise
        finally:
            self.held.remove(host)


def fetched(book: Book, answers: dict[str, bytes | str | Exception], url: str) -> tuple[str, list[str]]:
    """Where it ended, and what was asked for."""
    fetcher = FakeFetcher(answers)
    try:
        with Trail(book) as trail:
            trail.step(url)
            return fetcher.get(url, on_redirect=trail.step).url, fetcher.asked
    except (IngestError, NotYet) as error:
        return type(error).__name__, fetcher.asked
    finally:
        assert book.held == [], "a turn was kept"


def test_a_redirect_to_another_host_takes_its_turn_and_one_back_takes_none() -> None:
    book = Book()
    answers: dict[str, bytes | str | Exception] = {A + "/1": B + "/1", B + "/1": B + "/2", B + "/2": A + "/2"}
    assert fetched(book, {**answers, A + "/2": b"x"}, A + "/1")[0] == A + "/2"
    assert book.taken == ["a.example", "b.example"]
    assert book.robots == [A + "/1", B + "/1", B + "/2", A + "/2"]
    assert book.paused == [B + "/2", A + "/2"], "the second request of one turn waits by itself"


@pytest.mark.parametrize("last", [A + "/hidden", B + "/hidden"])
def test_a_forbidden_address_is_not_asked_for_on_any_host(last: str) -> None:
    assert fetched(Book(last), {A + "/1": last, last: b"x"}, A + "/1") == ("Forbidden", [A + "/1"])


def test_another_scheme_of_a_held_host_is_judged_by_the_rules_that_are_known() -> None:
    """To read them anew would need the turn that is held: such a page would wait for ever."""
    plain = "http://a.example/1"
    book = Book()
    assert fetched(book, {plain: A + "/1", A + "/1": b"x"}, plain)[0] == A + "/1"
    assert (book.robots, book.taken) == ([plain, plain], ["a.example"])
    hidden: dict[str, bytes | str | Exception] = {plain: A + "/hidden", A + "/hidden": b"x"}
    assert fetched(Book("http://a.example/hidden"), hidden, plain) == ("Forbidden", [plain])


def test_a_host_whose_turn_has_not_come_is_waited_for_and_not_asked() -> None:
    book = Book()
    book.held.append("b.example")
    with Trail(book) as trail:
        trail.step(A + "/1")
        with pytest.raises(NotYet):
            trail.step(B + "/1")
    assert book.held == ["b.example"]


@pytest.mark.parametrize("busy", [A, B])
def test_only_the_host_that_asks_for_patience_is_left_alone(busy: str) -> None:
    book = Book()
    answers: dict[str, bytes | str | Exception] = {A + "/1": B + "/1", B + "/1": A + "/2"}
    answers[A + "/2" if busy == A else B + "/1"] = HostBusy("429", retry_after=60)
    assert fetched(book, answers, A + "/1")[0] == "HostBusy"
    assert [f"https://{host}" for host in book.blamed] == [busy]

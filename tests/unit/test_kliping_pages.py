"""What Kliping's addresses answer, on a desk in memory: redirects, refusals, parts for htmx, raw bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from search.briefs.changes import BriefError, Change
from search.briefs.desk import DamagedPageError, OutrunError
from search.briefs.records import Brief, BriefLine, BriefView, Clipping, Kept, RawPage
from search.ports import ServiceUnavailable
from search.web.app import create_app
from search.web.ports import WebPorts
from tests.browser.wire import Wire, served

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ONE, TWO = "1" * 32, "2" * 32
PAGE = b"<script>alert(1)</script>"


class MemoryDesk:
    """`BriefPort` with one brief. `error` is raised by whatever is asked."""

    def __init__(self) -> None:
        clippings = tuple(Clipping(id=id, article_id=id, title=f"Judul {id[0]}", added=AT) for id in (ONE, TWO))
        self.held = Brief(id="2026-03-04", date=date(2026, 3, 4), clippings=clippings, created=AT, updated=AT)
        self.version = 1
        self.error: Exception | None = None
        self.damaged = False

    def _view(self) -> BriefView:
        if self.error:
            raise self.error
        return BriefView(brief=self.held, version=f"{self.version}-1", texts={})

    def listed(self, *, size: int = 100, before: str | None = None) -> tuple[BriefLine, ...]:
        self._view()
        return tuple(BriefLine(id=f"2026-03-04-{n:08x}", date=AT.date(), count=n) for n in range(100))[:size]

    def brief(self, id: str) -> BriefView | None:
        return self._view() if id == self.held.id else None

    def today(self) -> date:
        return self.held.date

    def begin(self, day: date | None = None, title: str = "") -> str:
        return self._view().brief.id

    def keep(self, **wish: Any) -> Kept:
        self._view()
        if not (wish["article"] or wish["story"]):
            raise BriefError("nothing", "nothing to keep")
        return Kept(brief_id=self.held.id, clipping_id=ONE, new=wish["note"] != "again")

    def change(self, id: str, change: Change, *, version: str | None = None) -> BriefView:
        view = self._view()
        if version not in {None, view.version}:
            raise OutrunError(view)
        self.held, self.version = change(self.held, AT), self.version + 1
        return self._view()

    def page(self, text_id: str) -> RawPage | None:
        if self.damaged:
            raise DamagedPageError("its sha256 is another")
        digest = hashlib.sha256(PAGE).hexdigest()
        about: dict[str, Any] = {"content_type": "text/html", "status": 200, "url": "https://a.example", "fetched": AT}
        return RawPage(text_id=text_id, body=PAGE, sha256=digest, **about) if text_id == ONE else None

    def ask_again(self, text_id: str) -> bool:
        return True


@pytest.fixture(scope="module")
def desk() -> MemoryDesk:
    return MemoryDesk()


@pytest.fixture(scope="module")
def address(desk: MemoryDesk) -> Iterator[str]:
    with served(create_app(WebPorts(search=Wire(), status=Wire(), briefs=desk))) as address:
        yield address


@pytest.fixture
def client(address: str, desk: MemoryDesk) -> Iterator[httpx.Client]:
    fresh = MemoryDesk()
    desk.held, desk.version, desk.error, desk.damaged = fresh.held, fresh.version, None, False
    with httpx.Client(base_url=address, timeout=20, headers={"Accept-Language": "en"}) as client:
        yield client


def order(desk: MemoryDesk) -> list[str]:
    return [one.id for one in desk.held.clippings]


def test_keeping_leads_to_the_clipping_and_a_part_of_a_page_gets_a_part(client: httpx.Client) -> None:
    plain = client.post("/kliping/keep", data={"article": ONE})
    assert (plain.status_code, plain.headers["location"]) == (303, f"/kliping/2026-03-04?done=kept#c-{ONE}")
    part = client.post("/kliping/keep", data={"story": ONE}, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert f'href="/kliping/2026-03-04#c-{ONE}"' in part.text
    assert "<html" not in part.text
    again = client.post("/kliping/keep", data={"article": ONE, "note": "again"}, headers={"HX-Request": "true"})
    assert "Already kept in" in again.text


def test_what_cannot_be_kept_is_refused_in_words(client: httpx.Client) -> None:
    answer = client.post("/kliping/keep", data={})
    assert answer.status_code == 400
    assert "Nothing was named that could be kept." in answer.text
    assert "Nothing was named" in client.post("/kliping/keep", data={}, headers={"HX-Request": "true"}).text


def test_a_form_moves_orders_takes_out_and_puts_back(client: httpx.Client, desk: MemoryDesk) -> None:
    moved = client.post("/kliping/2026-03-04/move", data={"clipping": TWO, "by": "-1", "version": "1-1"})
    assert (moved.status_code, moved.headers["location"]) == (303, f"/kliping/2026-03-04?done=moved#c-{TWO}")
    assert order(desk) == [TWO, ONE]
    client.post("/kliping/2026-03-04/order", data={"order": [ONE, TWO], "clipping": ONE, "version": "2-1"})
    assert order(desk) == [ONE, TWO]
    removed = client.post("/kliping/2026-03-04/remove", data={"clipping": ONE})
    assert "“Judul 1” was taken out." in client.get(removed.headers["location"]).text
    client.post("/kliping/2026-03-04/restore", data={"clipping": ONE})
    assert order(desk) == [ONE, TWO]


def test_an_edit_on_an_old_state_is_told_with_its_words_in_the_form(client: httpx.Client, desk: MemoryDesk) -> None:
    fields = {"clipping": ONE, "note": "dari <saya>", "concerns": "meja", "version": "0-1"}
    late = client.post("/kliping/2026-03-04/note", data=fields)
    assert late.status_code == 409
    assert "dari &lt;saya&gt;</textarea>" in late.text
    assert 'name="version" value="1-1"' in late.text
    about = client.post("/kliping/2026-03-04/about", data={"title": "Judulku", "note": "n", "version": "0-1"})
    assert (about.status_code, 'value="Judulku"' in about.text) == (409, True)
    assert desk.held.title == ""


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        ("/kliping/2026-03-04/move", {"clipping": "nobody", "version": "1-1"}, 400),
        ("/kliping/2026-03-04/order", {"order": [ONE], "version": "1-1"}, 400),
        ("/kliping/2026-03-04/note", {"clipping": ONE, "note": "x" * 10_001, "version": "1-1"}, 400),
        ("/kliping/2026-03-04/burn", {}, 400),
        ("/kliping/begin", {"date": "31 Februari"}, 400),
        ("/kliping/nothing/move", {}, 400),
        ("/kliping/2026-03-04/note", {"note": "x" * 200_000}, 413),
    ],
)
def test_nonsense_is_refused(client: httpx.Client, desk: MemoryDesk, path: str, data: Any, status: int) -> None:
    assert client.post(path, data=data).status_code == status
    assert order(desk) == [ONE, TWO]


def test_another_site_keeps_nothing(client: httpx.Client) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    assert client.post("/kliping/keep", data={"article": ONE}, headers=foreign).status_code == 403


def test_a_raw_page_is_bytes_to_keep_and_never_a_page_of_ours(client: httpx.Client) -> None:
    answer = client.get(f"/kliping/page/{ONE}")
    assert answer.content == PAGE
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith(
        'attachment; filename="page-111111111111-20260304T050607Z.bin"'
    )
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["repr-digest"].startswith("sha-256=:")
    assert client.get(f"/kliping/page/{TWO}").status_code == 404
    assert client.get("/kliping/page/x").status_code == 400


def test_altered_bytes_are_not_given_out(client: httpx.Client, desk: MemoryDesk) -> None:
    desk.damaged = True
    answer = client.get(f"/kliping/page/{ONE}")
    assert answer.status_code == 500
    assert "is damaged and is not given out" in answer.text


def test_an_index_that_is_away_is_said_so(client: httpx.Client, desk: MemoryDesk) -> None:
    desk.error = ServiceUnavailable("Elasticsearch", "connection refused")
    for path in ("/kliping", "/kliping/2026-03-04", "/kliping/2026-03-04/export.md"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert "connection refused" in answer.text
    assert client.post("/kliping/keep", data={"article": ONE}).status_code == 503


@pytest.mark.parametrize("format", ["md", "html", "docx"])
def test_an_export_is_a_file(client: httpx.Client, format: str) -> None:
    answer = client.get(f"/kliping/2026-03-04/export.{format}?lang=id")
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="kliping-2026-03-04.{format}"')
    assert client.get(f"/kliping/2026-03-05/export.{format}").status_code == 404
    assert client.get("/kliping/2026-03-04/export.pdf").status_code == 400
    assert client.get(f"/kliping/2026-03-04/export.{format}?lang=xx").status_code == 400


def test_a_brief_that_is_not_there_is_said_so_and_the_list_goes_on(client: httpx.Client) -> None:
    assert client.get("/kliping/2026-03-05").status_code == 404
    assert 'href="/kliping?before=2026-03-04-0000003b"' in client.get("/kliping").text

"""What a visit makes of an article: only what its own site says, and only what the page itself shows."""

from __future__ import annotations

from typing import Any

from search.documents import source
from search.ports import Document
from search.revisions import Step, visited
from tests.integration.search_material import SEEN, document, feed
from tests.integration.visits import EDITED, STORY, STUB, after, visit

READ = "https://www.contoh.co.id/berita/1"
WALL = "Berita ini khusus pelanggan."


def looked(one: Document, hours: float = 1, **changes: Any) -> Step | None:
    """What a visit to `one` as it was first written brings."""
    return visited(source(one, SEEN), visit(one, hours, **changes), after(hours))


def test_a_page_on_another_site_is_never_an_articles_next_text() -> None:
    one = document("a", url=READ, body=STORY)
    forged = "\n".join(f"Perusahaan penipu itu menawarkan hadiah ke-{n} kepada siapa pun." for n in range(40))
    step = looked(one, url="https://casino.example/1", body=forged)
    assert step is not None
    assert (step.record, step.whole, "body" in step.fields) == (None, False, False)
    assert step.fields["changed"] == ["vanished"]
    assert step.fields["changes"][0]["why"] == "other-site"
    known = {**source(one, SEEN), **step.fields}
    assert visited(known, visit(one, 2, url="https://casino.example/1", body=forged), after(2)) is None
    back = visited(known, visit(one, 3), after(3))
    assert back is not None
    assert back.fields["changed"] == ["vanished", "back"]


def test_an_article_moves_within_its_site_and_with_its_text_also_to_another() -> None:
    one = document("a", url=READ, body=STORY)
    new = STORY.replace("Menteri", "Duta besar").replace("kantor penghubung", "gedung perwakilan")
    for step in (looked(one, url="https://m.contoh.co.id/1", body=new), looked(one, url=READ, body=new)):
        assert step is not None
        assert step.fields["changed"] == ["body"]
    moved = looked(one, url="https://contoh.example/1", body=EDITED)
    assert moved is not None
    assert (moved.fields["changed"], moved.fields["url"]) == (["body"], READ)


def test_a_wall_before_the_story_is_no_news_of_it() -> None:
    one = document("a", url=READ, body=STORY)
    assert looked(one, body=WALL) is None
    assert looked(one, body=STORY[:150], paywalled=True) is None
    assert looked(one, url="https://login.example/", body=WALL) is None
    for gutted in (looked(one, body=STORY[:150]), looked(one, body=STUB, paywalled=True)):
        assert gutted is not None
        assert gutted.fields["changed"] == ["gutted"]


def test_an_article_keeps_its_source_when_its_feed_is_followed_no_longer() -> None:
    one = document("a", url=READ, body=STORY, feed=feed(name="Warta Asia", owner="Yayasan"))
    later = visit(one, 1, body=EDITED, site_name="warta-asia.example").model_copy(update={"feed": None})
    step = visited(source(one, SEEN), later, after(1))
    assert step is not None
    assert (step.fields["source_name"], step.fields["source_owner"]) == ("Warta Asia", "Yayasan")

"""Real documents, damaged as no author would: cut, repeated, spliced into each other, strewn with what parsers fear."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from hypothesis import strategies as st

from ingest.errors import IngestError
from worker.failures import verdict_for
from worker.verdicts import End, Retry

LARGEST = 600_000  # bytes of a damaged document
SECONDS = 25.0  # of the processor for one of them: a hundred times what it takes, for a machine that others use too
MEGABYTES = 600  # that the process may grow by over all of them
CHARSETS = (
    None, "text/html", "text/xml", "text/html; charset=utf-16", "text/html; charset=utf-7", "x; charset=idna",
    "text/html; charset=iso-2022-jp", "text/html; charset=shift_jis", "text/html; charset=" + "x" * 200,
    "application/xhtml+xml; charset=\"euc-kr", "application/octet-stream", "text/html; charset=hz",
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, originals: Sequence[bytes], feared: Sequence[bytes]) -> bytes:
    """One of `originals` after up to six accidents, `feared` pieces among them; at most LARGEST bytes."""
    body = draw(st.sampled_from(originals))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(body)))
        until = min(len(body), at + draw(st.sampled_from([0, 0, 1, 7, 60, 900, 20_000])))
        match draw(st.sampled_from(["cut", "feared", "many", "noise", "again", "other", "swapped", "end"])):
            case "cut":
                put = b""
            case "feared":
                put = draw(st.sampled_from(feared))
            case "many":
                put = draw(st.sampled_from(feared)) * draw(st.sampled_from([3, 300, 20_000]))
            case "noise":
                put = draw(st.binary(max_size=30))
            case "again":
                put = body[at:until] * draw(st.sampled_from([2, 40, 3000]))
            case "other":
                other = draw(st.sampled_from(originals))
                start = draw(st.integers(0, len(other)))
                put = other[start : start + 5000]
            case "swapped":
                put = body[at:until][::-1]
            case _:
                put, until = b"", len(body)
        body = (body[:at] + put[:LARGEST] + body[until:])[:LARGEST]
    return body


def expect_known(error: IngestError) -> None:
    """The failure map has a verdict for it, and its words can be shown."""
    assert isinstance(verdict_for(error, 1), End | Retry)
    assert str(error).isprintable(), repr(str(error))


@contextmanager
def bounded() -> Iterator[None]:
    """What happens inside takes bounded time and memory."""
    began, held = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert time.process_time() - began < SECONDS
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held) / 1024 < MEGABYTES

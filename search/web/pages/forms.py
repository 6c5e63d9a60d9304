"""What a form sends, read within bounds: fields of a few kilobytes, one file of a few megabytes."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

SMALL = 100_000  # bytes of a form without a file
LARGEST = 5_000_000  # bytes of an OPML file: one of 2,000 feeds has 700 kB


@dataclass(frozen=True)
class File:
    """A file that was sent; `name` as its sender calls it."""

    name: str
    data: bytes


async def read_form(request: Request, most: int = SMALL) -> FormData:
    """The form's fields. Raises HTTPException 411 or 413 for one without a length or with too much of it."""
    length = request.headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        raise HTTPException(411, "say how long the form is (Content-Length)")
    if int(length[:20]) > most:
        raise HTTPException(413, f"the form is larger than {most:,} bytes")
    return await request.form(max_files=1, max_fields=1000, max_part_size=SMALL)


def text(form: FormData, name: str) -> str:
    """One field's text, "" where it is not there."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def texts(form: FormData, name: str) -> list[str]:
    """Every value of one field."""
    return [value for value in form.getlist(name) if isinstance(value, str)]


async def file(form: FormData, name: str) -> File | None:
    """A file that was chosen; None where none was."""
    given = form.get(name)
    if not isinstance(given, UploadFile) or not given.filename:
        return None
    return File(given.filename[-100:], await given.read())

"""Handing the objects to a Kibana: one import, its answer read to the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import httpx

TIMEOUT = 60.0  # seconds; Kibana writes all objects before it answers
IMPORT = "/api/saved_objects/_import"
WHY = {  # what Kibana calls the fault of one object, in words
    "conflict": "another object has its id",
    "ambiguous_conflict": "several objects could be it",
    "missing_references": "what it needs is not there",
    "unsupported_type": "this Kibana does not know its type: is it 8.9 or later?",
}
STATUS = {
    400: "Kibana refuses the file: it must be 8.9 or later",
    401: "it does not know who asks: set KAWAT_KIBANA_API_KEY, or give --user and --password-file",
    403: "the API key may not import: it needs the privilege `all` on Saved Objects Management, Discover and Dashboard",
    404: "nothing answers there: is the base path in the address right, and is there such a space?",
    413: "a proxy before Kibana takes no files of this size",
}


class KibanaError(Exception):
    """Kibana took nothing: says where and what to do."""


@dataclass(frozen=True)
class Imported:
    """What became of an import: how many objects Kibana took, and each it did not, with the reason."""

    count: int
    faults: tuple[str, ...]


def install(
    url: str,
    objects: bytes,
    *,
    space: str = "",
    api_key: str | None = None,
    login: tuple[str, str] | None = None,
) -> Imported:
    """Imports `objects` (newline-delimited JSON) into the Kibana at `url`, over those of an earlier import.

    `login`: name and password, where there is no API key. Raises KibanaError where it took nothing.
    """
    base = f"{url.rstrip('/')}/s/{quote(space, safe='')}" if space else url.rstrip("/")
    headers = {"kbn-xsrf": "kawat"}  # without it Kibana answers 400
    if api_key:
        headers["Authorization"] = f"ApiKey {api_key}"
    where = _shown(base)
    try:
        answer = httpx.post(
            base + IMPORT,
            params={"overwrite": "true"},
            headers=headers,
            auth=None if api_key else login,
            files={"file": ("kawat.ndjson", objects, "application/ndjson")},
            timeout=TIMEOUT,
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise KibanaError(f"{where} cannot be reached: {error or type(error).__name__}") from error
    if not answer.is_success:
        raise KibanaError(f"{where}: HTTP {answer.status_code}; {_refusal(answer)}")
    return _read(answer, where)


def _read(answer: httpx.Response, where: str) -> Imported:
    """The answer to an import; HTTP 200 says nothing of its objects."""
    body = _json(answer)
    if not isinstance(body.get("successCount"), int) or not isinstance(body.get("success"), bool):
        raise KibanaError(f"{where}: what answers is not Kibana (a proxy? a login page?)")
    faults = tuple(_faults(body.get("errors")))
    if not body["success"] and not faults:
        faults = ("Kibana says the import failed, and not why",)
    return Imported(body["successCount"], faults)


def _faults(errors: object) -> Iterator[str]:
    for fault in errors if isinstance(errors, list) else []:
        error = fault.get("error") or {}
        kind = str(error.get("type", "unknown"))
        needed = ", ".join(f"{one.get('type')} {one.get('id')}" for one in error.get("references") or [])
        why = error.get("message") or WHY.get(kind, kind)
        title = (fault.get("meta") or {}).get("title") or fault.get("title") or fault.get("id")
        yield f"{fault.get('type')} {title!r}: {why}{f' ({needed})' if needed else ''}"


def _refusal(answer: httpx.Response) -> str:
    said = _json(answer).get("message")
    known = STATUS.get(answer.status_code, "")
    if answer.is_redirect:
        known = f"it sends elsewhere ({answer.headers.get('location', '')!r:.200}): is there a login before it?"
    return "; ".join(part for part in (known, f"it says {said!r:.300}" if said else "") if part) or "no reason given"


def _json(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))

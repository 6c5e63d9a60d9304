"""Parameters that an address of the API does not have are errors: `query=nato` for `q=nato` would find everything."""

from __future__ import annotations

from difflib import get_close_matches

from fastapi import Request

from search.web.problems import ParameterError

SAID = 60  # characters of a name that are said again
MEANT = {"query": "q", "search": "q", "limit": "size", "offset": "from", "page": "cursor", "facet": "facets"}


async def known_parameters(request: Request) -> None:  # async: a thread for each would cost more than it does
    """For every route of the API, by its description. Raises ParameterError, with the name that was probably meant."""
    route = request.scope.get("route")
    described = request.app.openapi()["paths"].get(getattr(route, "path", ""), {}).get(request.method.lower())
    if described is None:
        return
    known = [one["name"] for one in described.get("parameters", ()) if one["in"] == "query"]
    for name in request.query_params:
        if name not in known:
            raise ParameterError(name[:SAID], f"there is no parameter {name[:SAID]!r}{_instead(name, known)}")


def _instead(name: str, known: list[str]) -> str:
    if not known:
        return ": this address takes none"
    usual = MEANT.get(name.lower())
    near = [usual] if usual in known else get_close_matches(name.lower()[:SAID], known, n=1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"

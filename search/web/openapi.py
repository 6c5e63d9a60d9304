"""The API's description (OpenAPI 3.1) as it really answers, and a page that reads it out without any script.

FastAPI describes a validation error of its own; here every error is a problem document (RFC 9457), and is described so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse

from search.web.problems import MEDIA_TYPE
from search.web.render import Renderer

ABOUT = (
    "Search, articles, stories, entities, feeds and the state of a Kawat. Times are UTC, ISO 8601;"
    " exports and feeds have the server's time zone. Errors are problem documents (RFC 9457)."
)
PROBLEM: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457. `type` is urn:kawat:problem: and one of query, cursor, parameter, token, cross-site, "
    "host, http, unavailable, incomplete, fault.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "position": {"type": "integer", "description": "Of a query: the character at fault, from 0."},
        "suggestion": {"type": "string", "description": "Of a query: the field that was probably meant."},
        "errors": {"type": "array", "items": {"type": "object"}, "description": "Of parameters: each one at fault."},
        "service": {"type": "string", "description": "What is not available."},
    },
}
ERRORS = {  # of every operation under /api
    "400": "A parameter, the query or the cursor is at fault.",
    "502": "Elasticsearch answered for a part of the articles only.",
    "503": "A service is away; the header Retry-After says when to ask again.",
}
REFUSED = ("401", "The token is missing: Authorization: Bearer …")
FAULTLESS = ("/healthz",)
KINDS = {"array": "list", "integer": "number", "boolean": "true or false"}


def install(app: FastAPI, *, token: bool) -> None:
    """The app describes itself by `description`. `token`: one is needed."""

    def described() -> dict[str, Any]:
        if not app.openapi_schema:
            app.openapi_schema = description(app, token=token)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]  # FastAPI's own way to extend it


def description(app: FastAPI, *, token: bool) -> dict[str, Any]:
    """The OpenAPI document."""
    found = get_openapi(title=app.title, version=app.version, description=ABOUT, routes=app.routes)
    components = found.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for ours in ("HTTPValidationError", "ValidationError"):
        schemas.pop(ours, None)
    schemas["Problem"] = PROBLEM
    for path, operations in found["paths"].items():
        for operation in operations.values():
            answers = operation["responses"]
            answers.pop("422", None)
            said = {} if path in FAULTLESS else dict(ERRORS) | ({REFUSED[0]: REFUSED[1]} if token else {})
            said |= {status: answer["description"] for status, answer in answers.items() if status >= "400"}
            answers |= {status: _problem(what) for status, what in said.items()}
    if token:
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        found["security"] = [{"token": []}]
    return found


def make_router(renderer: Renderer, app: FastAPI) -> APIRouter:
    """`/docs`."""
    router = APIRouter(include_in_schema=False)

    @router.get("/docs")
    def docs(request: Request) -> HTMLResponse:
        described = app.openapi()
        view = {"about": ABOUT, "operations": operations(described), "version": described["openapi"]}
        return renderer.page(request, "docs.html", view, at="docs")

    return router


def operations(described: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each operation as the page shows it: parameters with what they may be, answers with their fields."""
    schemas = described["components"]["schemas"]
    return [
        {
            "id": f"{method}{path}".replace("/", "-").translate(str.maketrans("", "", "{}")),
            "method": method.upper(),
            "path": path,
            "about": [part for part in operation.get("description", "").replace("`", "").split("\n\n") if part],
            "parameters": [_parameter(one) for one in operation.get("parameters", ())],
            "answers": [_answer(status, one, schemas) for status, one in sorted(operation["responses"].items())],
        }
        for path, methods in sorted(described["paths"].items())
        for method, operation in methods.items()
    ]


def _problem(what: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": what, "content": {MEDIA_TYPE: {"schema": schema}}}


def _parameter(given: Mapping[str, Any]) -> dict[str, str]:
    schema = given.get("schema", {})
    usual = schema.get("default")
    return {
        "name": given["name"],
        "kind": _kind(schema),
        "usual": "" if usual is None or usual == "" else str(usual).lower() if usual in (True, False) else str(usual),
        "about": given.get("description") or schema.get("description") or "",
    }


def _kind(schema: Mapping[str, Any]) -> str:
    """`number, 1 to 500`, `seen | published`, `list of …`."""
    if "anyOf" in schema:
        return " | ".join(_kind(one) for one in schema["anyOf"] if one.get("type") != "null")
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema or "const" in schema:
        return " | ".join(map(str, schema.get("enum") or [schema["const"]]))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    kind = KINDS.get(schema.get("type", ""), schema.get("type", "anything"))
    if "minimum" in schema and "maximum" in schema:
        return f"{kind}, {schema['minimum']} to {schema['maximum']}"
    return f"{kind}, {schema['maxLength']} characters at most" if "maxLength" in schema else kind


def _answer(status: str, given: Mapping[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    contents: Mapping[str, Any] = given.get("content", {})
    media_type = next(iter(contents), "")
    content = contents.get(media_type, {})
    name = str(content.get("schema", {}).get("$ref", "")).rpartition("/")[2]
    fields = schemas.get(name, {}).get("properties", {}) if name != "Problem" else {}
    about = schemas.get(name, {}).get("description", "") if name != "Problem" else ""
    return {
        "status": status,
        "about": about or given["description"],
        "media_type": media_type,
        "fields": [(field, _kind(schema)) for field, schema in fields.items()],
    }

"""The OpenAPI 3.1 document: the framework's, with problem documents for failures and the two ways in."""

from typing import Any

import msgspec
from litestar import Litestar, Request, Router
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from alliance import problems
from alliance.access.guard import PUBLIC
from alliance.access.model import COOKIE
from alliance.version import VERSION

Json = dict[str, Any]

PROBLEM: Json = {"$ref": "#/components/schemas/Problem"}
FAILURES = {
    "400": "A value is missing or wrong",
    "401": "No valid session",
    "403": "Not allowed, or no CSRF token",
    "404": "Not there, or not yours to see",
    "default": "Any other failure",
}
WRITE_FAILURES = {
    "409": "Not now, or not like this",
    "412": "Changed by someone else meanwhile",
    "413": "Too large",
    "428": "The version is missing",
}
METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


class Document(JsonRenderPlugin):
    """Answers the document completed by `complete`."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: Json) -> bytes:
        return msgspec.json.encode(complete(openapi_schema))


def config() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Li'an Alliance 荔安联盟",
        version=VERSION,
        description="Joint patrols of a district. Times are integer milliseconds since 1970 UTC.",
        openapi_router=Router("/schema", route_handlers=[], opt={PUBLIC: True}),
        render_plugins=[Document(path="/openapi.json")],
        use_handler_docstrings=True,
    )


def document(app: Litestar) -> Json:
    """The whole document of a service."""
    return complete(app.openapi_schema.to_schema())


def complete(schema: Json) -> Json:
    """Failures as problem documents and the security schemes; a schema that is complete stays as it is."""
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _problem_schema()
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE},
    }
    for item in schema.get("paths", {}).values():
        for method, operation in item.items():
            if method in METHODS:
                _complete_operation(method, operation)
    return schema


def _problem_schema() -> Json:
    (inner,), found = msgspec.json.schema_components([problems.Problem])
    name = inner["$ref"].rsplit("/", 1)[-1]
    return {**found[name], "additionalProperties": True}


def _complete_operation(method: str, operation: Json) -> None:
    failures = FAILURES if method in ("get", "head", "options") else {**FAILURES, **WRITE_FAILURES}
    for status, meaning in failures.items():
        operation.setdefault("responses", {})[status] = {
            "description": meaning,
            "content": {problems.MEDIA_TYPE: {"schema": PROBLEM}},
        }
    operation.setdefault("security", [{"bearer": []}, {"cookie": []}])

"""Walks over the OpenAPI document: requests as well formed as the document tells."""

import itertools
from collections.abc import Iterator
from typing import Any

import msgspec

from tests.make import NOW

Json = dict[str, Any]
METHODS = ("get", "put", "post", "delete", "patch")
SAFE = ("get",)
NOW_MS = int(NOW.timestamp() * 1000)
# Tried in turn where the document says no more than "text"; one of them exists in the test's world.
TEXTS = ("b3", "u3")


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    method: str
    path: str
    parameters: list[Json]
    body: Any
    public: bool

    @property
    def name(self) -> str:
        return f"{self.method.upper()} {self.path}"


def operations(document: Json) -> list[Operation]:
    """Every operation of the document below /api."""
    found = []
    for path, item in document["paths"].items():
        if not path.startswith("/api/"):
            continue
        for method in METHODS:
            if method in item:
                body = item[method].get("requestBody")
                found.append(
                    Operation(
                        method=method,
                        path=path,
                        parameters=[_resolved(document, one) for one in item[method].get("parameters", [])],
                        body=_body(document, body) if body else None,
                        public=item[method].get("security") == [],
                    )
                )
    return found


def addresses(operation: Operation, ids: list[int]) -> Iterator[tuple[str, dict[str, str]]]:
    """Path and query: each path with every id in it; each optional query parameter once by itself."""
    in_path = [one for one in operation.parameters if one["in"] == "path"]
    in_query = [one for one in operation.parameters if one["in"] == "query"]
    needed = {one["name"]: _values(one, ids)[0] for one in in_query if one.get("required")}
    for values in itertools.islice(itertools.product(*(_values(one, ids) for one in in_path)), 60):
        path = operation.path
        for parameter, value in zip(in_path, values, strict=True):
            path = path.replace("{" + parameter["name"] + "}", value)
        yield path, needed
    for parameter in in_query if not in_path else []:
        for value in _values(parameter, ids):
            yield operation.path, {**needed, parameter["name"]: value}


def _values(parameter: Json, ids: list[int]) -> list[str]:
    return [str(value) for value in _examples(parameter.get("schema", {}), parameter["name"], ids)]


def _examples(schema: Json, name: str, ids: list[int]) -> list[Any]:
    for choice in ("oneOf", "anyOf"):
        for option in schema.get(choice, []):
            if option.get("type") != "null":
                return _examples(option, name, ids)
    if "enum" in schema:
        return list(schema["enum"])
    if "const" in schema:
        return [schema["const"]]
    match schema.get("type"):
        case "integer" | "number":
            moment = name in ("at", "from", "to", "since") or name.endswith("_at")
            return [NOW_MS] if moment else ids
        case "boolean":
            return ["true", "false"]
        case "array":
            return _examples(schema.get("items", {}), name, ids)
        case _:
            return [NOW.date().isoformat()] if _is_day(schema, name) else list(TEXTS)


def _is_day(schema: Json, name: str) -> bool:
    return schema.get("format") == "date" or name in ("from", "to", "day") or name.endswith("_day")


def _body(document: Json, body: Json) -> Any:
    content = body["content"]
    return _sample(document, content[next(iter(content))].get("schema", {}), 0, "")


def _sample(document: Json, schema: Json, depth: int, name: str) -> Any:
    """The smallest value that fits; ids are 1."""
    schema = _resolved(document, schema)
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            options = [one for one in schema[choice] if one.get("type") != "null"]
            return _sample(document, options[0], depth, name) if options else None
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object":
            needed = schema.get("required", [])
            return {key: _sample(document, schema["properties"][key], depth + 1, key) for key in needed}
        case "array":
            items = range(schema.get("minItems", 0))
            return [_sample(document, schema.get("items", {}), depth + 1, name) for _ in items]
        case "integer":
            moments = {"at": NOW_MS, "now": NOW_MS, "start": NOW_MS, "end": NOW_MS + 3_600_000}
            return moments.get(name, max(1, schema.get("minimum", 1)))
        case "number":
            return {"lat": 23.22, "lon": 113.62}.get(name, 1.0)
        case "boolean":
            return True
        case _:
            return _text(schema, name)


def _text(schema: Json, name: str) -> str:
    if _is_day(schema, name):
        return NOW.date().isoformat()
    if "8[9a" in schema.get("pattern", "") or schema.get("pattern", "").startswith("^89"):
        return "8941188010fffff"
    text = "walk-47-ways"
    return text.ljust(schema.get("minLength", 0), "x")


def _resolved(document: Json, value: Json) -> Json:
    while "$ref" in value:
        target: Any = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        value = target
    return value

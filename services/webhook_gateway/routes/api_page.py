"""`/docs`: the OpenAPI document as one page of plain HTML.

Written here because an operations page must not fetch scripts from a CDN: it is opened beside live keys,
often where there is no internet. Swagger UI as a package (swagger-ui-bundle) was last released in 2023.
"""

import html
import json
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter()

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; color: #1b2733 }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
summary { cursor: pointer; padding: .35rem .6rem; background: #f4f6f8; border-radius: .4rem; margin: .3rem 0 }
code, pre { font: .9rem/1.45 ui-monospace, monospace }
pre { background: #f4f6f8; padding: .8rem; overflow: auto }
b.verb { display: inline-block; min-width: 4rem } table { border-collapse: collapse; margin: .5rem 0 }
td, th { text-align: left; padding: .2rem .8rem .2rem 0; vertical-align: top }
"""


@router.get("/docs", include_in_schema=False)
async def api_page(request: Request) -> HTMLResponse:
    return HTMLResponse("".join(_page(request.app.openapi())), headers=HEADERS)


def _page(document: dict[str, Any]) -> Iterator[str]:
    yield '<!doctype html><html lang="en"><meta charset="utf-8"><title>Sluss API</title>'
    yield f"<style>{STYLE}</style><h1>{_text(document['info']['title'])} API</h1>"
    yield f"<p>{_text(document['info']['description'])}</p>"
    yield '<p>The same for programs: <a href="openapi.json">openapi.json</a>.</p>'
    for tag in document["tags"]:
        yield f"<h2>{_text(tag['name'])}</h2><p>{_text(tag['description'])}</p>"
        yield from _operations(document, tag["name"])
    yield "<h2>Shapes</h2>"
    for name, schema in sorted(document["components"]["schemas"].items()):
        yield from _shape(name, schema)
    yield "</html>"


def _operations(document: dict[str, Any], tag: str) -> Iterator[str]:
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            if tag in operation.get("tags", []):
                yield from _operation(verb.upper(), path, operation)


def _operation(verb: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f'<details><summary><b class="verb">{verb}</b> <code>{_text(path)}</code> '
    yield f"{_text(operation.get('summary', ''))}</summary>"
    if parameters := operation.get("parameters"):
        yield "<table><tr><th>Parameter<th>In<th>Means</tr>"
        yield from (_row(one["name"], one["in"], one.get("description", "")) for one in parameters)
        yield "</table>"
    if body := operation.get("requestBody"):
        yield f"<p>Body</p>{_json(body['content'])}"
    yield "<table><tr><th>Answer<th>Means<th>Shape</tr>"
    for status, answer in operation["responses"].items():
        yield f"<tr><td>{_text(status)}<td>{_text(answer['description'])}<td>{_shape_names(answer)}</tr>"
    yield "</table></details>"


def _row(name: str, where: str, means: str) -> str:
    return f"<tr><td><code>{_text(name)}</code><td>{_text(where)}<td>{_text(means)}</tr>"


def _shape_names(answer: dict[str, Any]) -> str:
    schemas = [content.get("schema", {}) for content in answer.get("content", {}).values()]
    names = [schema["$ref"].rpartition("/")[2] for schema in schemas if "$ref" in schema]
    return ", ".join(f'<a href="#{_text(name)}"><code>{_text(name)}</code></a>' for name in names)


def _shape(name: str, schema: dict[str, Any]) -> Iterator[str]:
    yield f'<details id="{_text(name)}"><summary><code>{_text(name)}</code></summary>'
    yield f"{_json(schema)}</details>"


def _json(value: Any) -> str:
    return f"<pre>{_text(json.dumps(value, indent=2, ensure_ascii=False))}</pre>"


def _text(value: str) -> str:
    return html.escape(value)

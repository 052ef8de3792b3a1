"""The pages around GraphQL: the start page, the icon, and the response where there is no page.

Browsers get HTML, programs get JSON.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from html import escape
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from gateway.execution.errors import request_error
from gateway.http.graphiql import Tab
from gateway.http.negotiation import negotiate

_PLACES: Final[Mapping[str, str]] = {
    "/graphql": "GraphQL: by POST and GET, subscriptions over WebSockets too",
    "/healthz": "whether the process is alive",
    "/readyz": "whether it can call AWS",
    "/metrics": "its figures, for Prometheus",
}
_TITLE: Final = "SageMaker GraphQL gateway"
_OPERATION: Final = re.compile(r"^query (\w+)", re.MULTILINE)
_LONGEST_PATH: Final = 200
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Vary": "Accept",
}
_PAGE: Final = """\
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>{title}</title>
    <link rel="icon" type="image/svg+xml" href="{root_path}/favicon.ico" />
    <style>
      :root {{ color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif; }}
      body {{ max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }}
    </style>
  </head>
  <body>
    <h1>{title}</h1>
{content}
  </body>
</html>
"""


def start_page(tabs: Iterable[Tab], *, has_graphiql: bool, has_metrics: bool) -> Route:
    """Return the route of `/`, where browsers read what is where.

    The page links to the operations of `tabs` in GraphiQL.
    """
    examples = tuple(tabs) if has_graphiql else ()
    places = {path: text for path, text in _PLACES.items() if path != "/metrics" or has_metrics}

    async def start(request: Request) -> Response:
        root_path = request.scope["root_path"]
        if not _wants_html(request):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        lines = ["<p>It answers GraphQL over the SageMaker jobs of an AWS account.</p>", "<ul>"]
        lines += [_item(root_path + path, root_path + path, text) for path, text in places.items()]
        lines += ["</ul>"]
        if has_graphiql:
            lines += [f"<p>In a browser, {escape(root_path)}/graphql is GraphiQL, an editor.</p>"]
        if examples:
            lines += ["<p>Examples:</p>", "<ul>"]
            lines += [_item(_link(root_path, tab), _name(tab)) for tab in examples]
            lines += ["</ul>"]
        return _html(_TITLE, lines, root_path, 200)

    return Route("/", start)


def icon() -> Route:
    """Return the route of `/favicon.ico`, which browsers ask for unless a page names another."""

    async def favicon(request: Request) -> Response:
        headers = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}
        return Response(_icon(), media_type="image/svg+xml", headers=headers)

    return Route("/favicon.ico", favicon)


async def refuse_path(request: Request, error: Exception) -> Response:
    """Return the response where Starlette finds no route, or none for the method."""
    assert isinstance(error, HTTPException)
    path = request.scope["path"]
    # Below a mounted path Starlette changes `root_path`.
    root_path = request.scope.get("app_root_path", request.scope["root_path"])
    shown = path if len(path) <= _LONGEST_PATH else f"{path[:_LONGEST_PATH]}…"
    found = "nothing" if error.status_code == HTTPStatus.NOT_FOUND else f"no {request.method}"
    message = f"There is {found} at {shown}. GraphQL is at {root_path}/graphql."
    if _wants_html(request):
        lines = [
            f"<p>{escape(message)}</p>",
            f'<p><a href="{escape(root_path)}/">What is where</a></p>',
        ]
        response = _html(error.detail, lines, root_path, error.status_code)
    else:
        # In the form of a GraphQL response, because GraphQL clients show its message.
        body = orjson.dumps(request_error(message))
        response = Response(body, error.status_code, _HEADERS, "application/json")
    response.headers.update(error.headers or {})
    return response


def _wants_html(request: Request) -> bool:
    return negotiate(", ".join(request.headers.getlist("accept")).encode("latin-1")).html


def _item(url: str, name: str, text: str = "") -> str:
    return f'<li><a href="{escape(url)}">{escape(name)}</a>{text and f": {escape(text)}"}</li>'


def _link(root_path: str, tab: Tab) -> str:
    return f"{root_path}/graphql?{urlencode({'query': tab.query, 'variables': tab.variables})}"


def _name(tab: Tab) -> str:
    found = _OPERATION.search(tab.query)
    return found[1] if found else "Query"


def _html(title: str, lines: Iterable[str], root_path: str, status: int) -> Response:
    content = "\n".join(f"    {line}" for line in lines)
    text = _PAGE.format(title=escape(title), content=content, root_path=escape(root_path))
    return HTMLResponse(text, status, headers=_HEADERS)


@cache
def _icon() -> bytes:
    (path,) = (Path(__file__).parent / "static" / "graphiql" / "assets").glob("icon-*.svg")
    return path.read_bytes()

"""The GraphiQL page, which the gateway serves itself; its assets are built in `graphiql/`."""

import gzip
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from html import escape
from pathlib import Path

import zstandard
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import PathLike, StaticFiles
from starlette.types import Scope

from gateway.http.negotiation import Coding, choose_coding

ASSETS_PATH = "/graphiql/assets"

JOB_WITH_LINKS = """\
query JobWithLinks($name: String!) {
  processingJob(name: $name) {
    processingJobName
    processingJobStatus
    creationTime
    processingStartTime
    processingEndTime
    processingResources {
      clusterConfig {
        instanceType
        instanceCount
        volumeSizeInGB
      }
    }
    processingInputs {
      inputName
      s3Input {
        s3Uri
      }
    }
    trainingJob {
      trainingJobName
      trainingJobStatus
    }
    autoMLJob {
      autoMLJobName
      autoMLJobStatus
    }
    monitoringSchedule {
      monitoringScheduleName
      monitoringScheduleStatus
    }
  }
}
"""

FAILED_JOB = """\
query FailedJob($name: String!) {
  processingJob(name: $name) {
    processingJobName
    processingJobStatus
    failureReason
    exitMessage
    processingStartTime
    processingEndTime
    processingInputs {
      inputName
      s3Input {
        s3Uri
      }
    }
  }
}
"""

MONITORING_SCHEDULE = """\
query MonitoringSchedule($name: String!) {
  monitoringSchedule(name: $name) {
    monitoringScheduleName
    monitoringScheduleStatus
    creationTime
    lastMonitoringExecutionSummary {
      monitoringExecutionStatus
      processingJob {
        processingJobName
        processingJobStatus
      }
    }
  }
}
"""

LATEST_JOBS = """\
# The newest processing jobs, in pages: put `endCursor` into the variable `after` for the next one.
query LatestJobs($first: Int, $after: String, $filter: ProcessingJobFilter) {
  processingJobs(first: $first, after: $after, filter: $filter) {
    nodes {
      processingJobName
      processingJobStatus
      creationTime
      failureReason
      consoleUrl
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
"""

# GraphiQL shows the name of the operation as the title of its tab.
_DEFAULT_TABS = {
    "processingJob": JOB_WITH_LINKS,
    "failedProcessingJob": FAILED_JOB,
    "monitoringSchedule": MONITORING_SCHEDULE,
}

# With `nosniff`, browsers run scripts and workers of a JavaScript media type only. Python guesses
# media types from the machine's own registry, which is wrong on some machines.
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}

# JSON in a script element must hold no text that HTML parsers read as a closing tag or a comment.
_HTML_SAFE = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


_OF_THE_FILE = {b"content-length", b"etag", b"accept-ranges"}
"""The headers that are others for a compressed file."""


@dataclass(frozen=True)
class Tab:
    """One tab of the editor: an operation and its variables as JSON text."""

    query: str
    variables: str = ""


@dataclass(frozen=True)
class GraphiQLConfig:
    """The page's configuration: the addresses of the endpoint, and the tabs of a first visit."""

    endpoint: str = "/graphql"
    subscription_endpoint: str | None = None
    tabs: tuple[Tab, ...] = ()
    assets_path: str = ASSETS_PATH
    takes_tokens: bool = False
    """Whether the gateway asks who sends a request: the page then has a field for the token."""


def default_tabs(examples: Mapping[str, str] | None = None) -> tuple[Tab, ...]:
    """Return the four tabs of a first visit.

    They are filled with the names that `examples` offers. Without examples the first tab is the one
    that needs no name.
    """
    by_name = tuple(
        _tab_by_name(query, examples.get(key) if examples else None)
        for key, query in _DEFAULT_TABS.items()
    )
    newest = Tab(LATEST_JOBS, json.dumps({"first": 20}, indent=2))
    return (*by_name, newest) if examples else (newest, *by_name)


def _tab_by_name(query: str, name: str | None) -> Tab:
    hint = "" if name else "# Put the name of one of your own into the variables.\n"
    return Tab(hint + query, json.dumps({"name": name or "your-job-name"}, indent=2))


def page(config: GraphiQLConfig, root_path: str = "") -> Response:
    """Return the page for one visit, with a nonce of its own.

    `root_path` is the path below which the gateway is mounted.
    """
    nonce = secrets.token_urlsafe(16)
    content = (
        _template()
        .replace("./assets/", f"{escape(root_path + config.assets_path)}/")
        .replace("__NONCE__", nonce)
        # Last, so that nothing in the configuration is replaced as a placeholder.
        .replace("__CONFIG__", _config_json(config, root_path))
    )
    return HTMLResponse(content, headers=_page_headers(nonce))


def assets(path: str = ASSETS_PATH) -> Mount:
    """Return the route of the page's scripts, workers, styles and fonts."""
    return Mount(path, _Assets(directory=_static() / "assets"), name="graphiql-assets")


class _Assets(StaticFiles):
    """The built files. A name contains the hash of its file, so browsers may cache it for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Vary"] = "Accept-Encoding"
        headers = Headers(scope=scope)
        accepted = ", ".join(headers.getlist("accept-encoding")).encode("latin-1")
        coding = choose_coding(accepted)
        if not isinstance(response, FileResponse) or coding is None or "range" in headers:
            return response
        # In a thread: the largest file takes a tenth of a second.
        body = await run_in_threadpool(_compress, str(response.path), coding)
        compressed = Response(body if scope["method"] == "GET" else b"")
        compressed.raw_headers = [
            *((name, value) for name, value in response.raw_headers if name not in _OF_THE_FILE),
            (b"etag", b"W/" + response.headers["etag"].encode("latin-1")),
            (b"content-encoding", coding.value.encode()),
            (b"content-length", b"%d" % len(body)),
        ]
        return compressed

    def file_response(
        self,
        full_path: PathLike,
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers["X-Content-Type-Options"] = "nosniff"
        media_type = _MEDIA_TYPES.get(Path(full_path).suffix)
        if media_type and isinstance(response, FileResponse):
            response.headers["Content-Type"] = media_type
        return response


@cache
def _compress(path: str, coding: Coding) -> bytes:
    """Return a file, compressed. All files together take 2 MB of memory for each coding."""
    content = Path(path).read_bytes()
    return zstandard.compress(content, 10) if coding is Coding.ZSTD else gzip.compress(content, 6)


def _static() -> Path:
    """Return the directory that `npm run build` fills, in a checkout or an installed wheel."""
    return Path(__file__).parent / "static" / "graphiql"


@cache
def _template() -> str:
    return (_static() / "index.html").read_text(encoding="utf-8")


def _config_json(config: GraphiQLConfig, root_path: str) -> str:
    """Return the configuration as JSON that is safe inside a script element."""
    members: dict[str, object] = {
        "endpoint": root_path + config.endpoint,
        "subscriptionEndpoint": config.subscription_endpoint
        and root_path + config.subscription_endpoint,
        "tabs": [asdict(tab) for tab in config.tabs],
    }
    if config.takes_tokens:
        members["takesTokens"] = True
    return json.dumps(members, ensure_ascii=False).translate(_HTML_SAFE)


def _page_headers(nonce: str) -> dict[str, str]:
    """Return headers that limit the page to this gateway and forbid caches and frames."""
    policy = (
        "default-src 'self'",
        f"script-src 'nonce-{nonce}'",
        "worker-src 'self'",
        # Monaco adds style elements and attributes at run time and cannot be given a nonce.
        "style-src 'self' 'unsafe-inline'",
        "font-src 'self'",
        # Small images are inlined into GraphiQL's style sheet.
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
    return {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        # No page that opens this one has a handle of its window.
        "Cross-Origin-Opener-Policy": "same-origin",
        # A cached page would repeat its nonce.
        "Cache-Control": "no-store",
    }

"""Whether the process is alive, and whether it should be sent requests."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def health_routes(not_ready: Callable[[], str | None]) -> list[Route]:
    """Return `/healthz` and `/readyz`; `not_ready` tells why the gateway is not, or `None`."""

    async def healthz(request: Request) -> JSONResponse:
        return JSONResponse({"status": "alive"})

    async def readyz(request: Request) -> JSONResponse:
        reason = not_ready()
        if reason is not None:
            return JSONResponse({"status": "not ready", "reason": reason}, status_code=503)
        return JSONResponse({"status": "ready"})

    return [Route("/healthz", healthz), Route("/readyz", readyz)]

"""The commands that serve: `serve` over an AWS account, `demo` and `twin` over an offline one."""

import argparse
import errno
import logging
import os
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from gateway.cli.arguments import UsageError, given_settings, read_settings
from gateway.settings import Settings, report_preset, variable, written_default
from gateway.settings.values import is_loopback

logger = logging.getLogger(__name__)

_TWIN_REGION: Final = "eu-west-1"
_CHOSEN_BY_DEMO: Final = ("region", "profile", "endpoint_url", "workers")

OnListening = Callable[[str], None]
"""Is called with the URL of the gateway when its port is bound."""


def serve(options: argparse.Namespace) -> None:
    """Serve the jobs of an AWS account until a signal ends the process."""
    settings = read_settings(given_settings(options))
    is_open = settings.access_file is None and not settings.allow_unauthenticated
    if is_open and not is_loopback(settings.host):
        raise UsageError(
            f"Refusing to listen on {settings.host}: the gateway asks nobody who they are. Set "
            "--access-file (GATEWAY_ACCESS_FILE), listen on 127.0.0.1, or set "
            "--allow-unauthenticated (GATEWAY_ALLOW_UNAUTHENTICATED=true)."
        )
    _run(settings)


def demo(options: argparse.Namespace) -> None:
    """Serve the jobs of an offline SageMaker until a signal ends the process."""
    given = given_settings(options)
    for name in _CHOSEN_BY_DEMO:
        if variable(name) in os.environ:
            print(f"{variable(name)} has no effect on the demo.", file=sys.stderr)
    with _start_twin(options, "127.0.0.1") as twin:
        os.environ.setdefault("AWS_ACCESS_KEY_ID", "demo")
        os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "demo")
        chosen = {
            "endpoint_url": twin.url,
            "region": _TWIN_REGION,
            "profile": None,
            # The offline SageMaker has threads in this process, which a fork would not copy.
            "workers": 1,
        }
        settings = read_settings(given, chosen)

        def greet(url: str) -> None:
            print(f"Offline SageMaker: {twin.url}", flush=True)
            print(f"GraphiQL and API:  {url}/graphql", flush=True)

        _run(settings, examples=twin.examples(), on_listening=greet)


def twin(options: argparse.Namespace) -> None:
    """Serve an offline SageMaker, without the gateway."""
    from gateway.logs.setup import set_up

    with _start_twin(options, options.host) as started, suppress(KeyboardInterrupt):
        set_up("info").start()
        print(f"Offline SageMaker: {started.url}, region {_TWIN_REGION}", flush=True)
        started.serve_forever()


def _start_twin(options: argparse.Namespace, host: str) -> Any:
    try:
        from gateway.twin import Twin
    except ImportError as error:
        raise UsageError(
            f"The offline SageMaker needs the extra `twin` ({error.name} is missing): "
            "pip install 'sagemaker-graphql-gateway[twin]'."
        ) from error
    port, jobs, seed = options.twin_port, options.jobs, options.seed
    try:
        started = Twin(
            host=host,
            port=port,
            jobs=jobs,
            seed=seed,
            region=_TWIN_REGION,
            job_seconds=options.job_seconds,
        )
        started.start()
    except OSError as error:
        raise _cannot_listen(error, host, options.twin_port, "--twin-port") from error
    except ValueError as error:
        raise UsageError(str(error)) from error
    return started


def _run(
    settings: Settings,
    *,
    examples: Mapping[str, str] | None = None,
    on_listening: OnListening | None = None,
) -> None:
    # Imported here, since `schema`, `iam-policy` and wrong options need none of it.
    from gateway.app import create_app
    from gateway.errors import ConfigurationError
    from gateway.http.lifecycle import Lifecycle
    from gateway.http.metrics import Metrics
    from gateway.logs.setup import set_up
    from gateway.server import uvicorn
    from gateway.server.workers import Apps, supervise

    settings = _with_allowed_hosts(settings)

    def create_apps(lifecycle: Lifecycle) -> Apps:
        metrics = Metrics()
        app = create_app(settings, examples=examples, lifecycle=lifecycle, metrics=metrics)
        return app, metrics.app(settings.metrics_host)

    log = set_up(settings.log_level)
    lifecycle = Lifecycle()
    try:
        app, metrics_app = create_apps(lifecycle)
    except ConfigurationError as error:
        raise UsageError(str(error)) from error
    for_metrics = _listen_for_metrics(settings)
    listeners = _listen(settings)
    # A process that cannot start prints one line and no log.
    log.start()
    _announce_preset(settings)
    if on_listening is not None:
        on_listening(_url(listeners[0]))
    if settings.workers == 1:
        gateway = uvicorn.Port(app, listeners[0])
        metrics = uvicorn.Port(metrics_app, for_metrics[0]) if for_metrics else None
        uvicorn.serve(gateway, lifecycle, settings, metrics)
    else:
        # They were created to check the configuration. Each worker creates its own, so that no two
        # share connections.
        del app, metrics_app
        reloads = settings.access_file is not None or settings.trusted_documents is not None
        supervise(create_apps, listeners, settings, for_metrics=for_metrics, reloads=reloads)


def _announce_preset(settings: Settings) -> None:
    """Log what the preset has set, and which of its settings somebody has given other values."""
    if settings.preset is None:
        return
    report = report_preset(settings)
    facts = {"preset": settings.preset, "set": _written(report.set_by_it)}
    logger.info("gateway.preset", extra={**facts, "overridden": _written(report.set_otherwise)})
    if settings.trusted_documents is None:
        facts = {"setting": variable("trusted_documents")}
        logger.warning("gateway.no_trusted_documents", extra=facts)


def _written(values: Mapping[str, Any]) -> str:
    return " ".join(f"{variable(name)}={written_default(each)}" for name, each in values.items())


def _with_allowed_hosts(settings: Settings) -> Settings:
    """Return the settings with the host names of loopback, where nothing else guards a loopback."""
    from gateway.http.hosts import LOOPBACK_HOSTS

    is_guarded = settings.access_file is not None or settings.allowed_hosts is not None
    if is_guarded or not is_loopback(settings.host):
        return settings
    return settings.model_copy(update={"allowed_hosts": LOOPBACK_HOSTS | {settings.host.lower()}})


def _listen(settings: Settings) -> list[socket.socket]:
    from gateway.server.uvicorn import listen

    if settings.workers > 1 and not hasattr(os, "fork"):
        raise UsageError("This system cannot fork: set --workers 1 (GATEWAY_WORKERS=1).")
    try:
        return listen(settings.host, settings.port, settings.workers)
    except OSError as error:
        raise _cannot_listen(error, settings.host, settings.port, "--port") from error


def _listen_for_metrics(settings: Settings) -> list[socket.socket]:
    from gateway.server.uvicorn import listen_for_metrics

    host, port = settings.metrics_host, settings.metrics_port
    if port is None:
        return []
    try:
        return listen_for_metrics(host, port, settings.workers)
    except OSError as error:
        raise _cannot_listen(error, host, port, "--metrics-port") from error


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _cannot_listen(error: OSError, host: str, port: int, option: str) -> UsageError:
    if error.errno == errno.EADDRINUSE:
        return UsageError(f"Port {port} on {host} is in use: stop what uses it, or set {option}.")
    return UsageError(f"Cannot listen on {host} port {port}: {error.strerror or error}.")

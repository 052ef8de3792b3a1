"""The command line: `serve`, `demo`, `twin`, `schema`, `iam-policy`."""

import argparse
import errno
import ipaddress
import json
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NoReturn

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from gateway.settings import GROUPS, Settings

_TWIN_REGION = "eu-west-1"


class UsageError(Exception):
    """The command cannot run as it was called; the message says what to change."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command. Exits with code 2 and one line on standard error when it cannot start."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except UsageError as error:
        _exit(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sagemaker-gateway", description="A GraphQL gateway over Amazon SageMaker's job APIs."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="serve GraphQL over the jobs of an AWS account")
    for group in GROUPS:
        options = serve.add_argument_group(group.title)
        for name, field in group.own_fields().items():
            _add_setting(options, name, field)
    serve.set_defaults(run=_serve)

    demo = commands.add_parser("demo", help="serve GraphQL over an offline SageMaker with jobs")
    demo.add_argument("--host", default="127.0.0.1", help="address to listen on")
    demo.add_argument("--port", type=int, default=8000, help="port of the gateway")
    demo.set_defaults(run=_demo)

    twin = commands.add_parser("twin", help="serve the offline SageMaker alone")
    twin.add_argument("--host", default="127.0.0.1", help="address to listen on")
    twin.set_defaults(run=_twin)
    for command in (demo, twin):
        command.add_argument(
            "--twin-port", type=int, default=8001, help="port of the offline SageMaker"
        )
        command.add_argument("--jobs", type=int, default=200, help="how many jobs it has")
        command.add_argument("--seed", type=int, default=7, help="which jobs it has")

    schema = commands.add_parser("schema", help="print the GraphQL schema")
    schema.set_defaults(run=_schema)
    policy = commands.add_parser("iam-policy", help="print the least IAM policy that serve needs")
    policy.set_defaults(run=_iam_policy)
    return parser


def _add_setting(parser: argparse._ArgumentGroup, name: str, field: FieldInfo) -> None:
    option = "--" + name.replace("_", "-")
    help_ = f"{field.description} [GATEWAY_{name.upper()}]".replace("%", "%%")
    if field.annotation is bool:
        action: Any = argparse.BooleanOptionalAction
        parser.add_argument(option, action=action, default=None, help=help_)
    else:
        parser.add_argument(option, default=None, metavar="VALUE", help=help_)


def _serve(options: argparse.Namespace) -> None:
    given = {
        name: value
        for name in Settings.model_fields
        if (value := getattr(options, name)) is not None
    }
    settings = _settings(given)
    if not _is_loopback(settings.host) and not settings.allow_unauthenticated:
        raise UsageError(
            f"Refusing to listen on {settings.host}: nobody is asked who they are. Listen on "
            "127.0.0.1, or set --allow-unauthenticated (GATEWAY_ALLOW_UNAUTHENTICATED=true)."
        )
    _run(settings, None)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _demo(options: argparse.Namespace) -> None:
    with _start_twin(options, "127.0.0.1") as twin:
        os.environ.setdefault("AWS_ACCESS_KEY_ID", "demo")
        os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "demo")
        settings = _settings(
            {
                "host": options.host,
                "port": options.port,
                "allow_unauthenticated": True,
                "endpoint_url": twin.url,
                "region": _TWIN_REGION,
                "profile": None,
                # The offline SageMaker has threads in this process, which a fork would not copy.
                "workers": 1,
            }
        )
        print(f"Offline SageMaker: {twin.url}", flush=True)
        print(f"GraphiQL and API:  http://{options.host}:{options.port}/graphql", flush=True)
        _run(settings, twin.examples())


def _twin(options: argparse.Namespace) -> None:
    with _start_twin(options, options.host) as twin, suppress(KeyboardInterrupt):
        print(f"Offline SageMaker: {twin.url}, region {_TWIN_REGION}", flush=True)
        twin.serve_forever()


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
        twin = Twin(host=host, port=port, jobs=jobs, seed=seed, region=_TWIN_REGION)
        twin.start()
    except OSError as error:
        raise _cannot_listen(error, host, options.twin_port, "--twin-port") from error
    except ValueError as error:
        raise UsageError(str(error)) from error
    return twin


def _run(settings: Settings, examples: Mapping[str, str] | None) -> None:
    # Imported here, since `schema`, `iam-policy` and wrong options need none of it.
    from gateway.app import create_app
    from gateway.errors import ConfigurationError
    from gateway.http.lifecycle import Lifecycle
    from gateway.server.uvicorn import serve

    lifecycle = Lifecycle()
    try:
        app = create_app(settings, examples=examples, lifecycle=lifecycle)
    except ConfigurationError as error:
        raise UsageError(str(error)) from error
    listeners = _listen(settings)
    if settings.workers == 1:
        serve(app, listeners[0], lifecycle, settings)
    else:
        from gateway.server.workers import supervise

        # That application told whether there can be one. Each worker makes its own, lest they
        # share connections.
        del app
        supervise(lambda lifecycle: create_app(settings, lifecycle=lifecycle), listeners, settings)


def _listen(settings: Settings) -> list[socket.socket]:
    from gateway.server.uvicorn import listen

    if settings.workers > 1 and not hasattr(os, "fork"):
        raise UsageError("This system cannot fork: set --workers 1 (GATEWAY_WORKERS=1).")
    try:
        return listen(settings.host, settings.port, settings.workers)
    except OSError as error:
        raise _cannot_listen(error, settings.host, settings.port, "--port") from error


def _cannot_listen(error: OSError, host: str, port: int, option: str) -> UsageError:
    if error.errno == errno.EADDRINUSE:
        return UsageError(f"Port {port} on {host} is in use: stop what uses it, or set {option}.")
    return UsageError(f"Cannot listen on {host} port {port}: {error.strerror or error}.")


def _settings(given: Mapping[str, Any]) -> Settings:
    try:
        return Settings(**given)
    except ValidationError as error:
        problems = (
            f"GATEWAY_{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors()
        )
        raise UsageError("; ".join(problems)) from error


def _schema(options: argparse.Namespace) -> None:
    from gateway.schema.schema import print_schema

    sys.stdout.write(print_schema())


def _iam_policy(options: argparse.Namespace) -> None:
    from gateway.aws.resources import OPERATIONS

    statement = {
        "Sid": "ReadSageMakerJobs",
        "Effect": "Allow",
        "Action": [f"sagemaker:{operation}" for operation in OPERATIONS],
        "Resource": "*",
    }
    print(json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2))


def _exit(message: str) -> NoReturn:
    print(f"sagemaker-gateway: {message}", file=sys.stderr)
    raise SystemExit(2)

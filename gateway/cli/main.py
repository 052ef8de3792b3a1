"""The commands: their arguments, and what runs each."""

import argparse
import json
import sys
from collections.abc import Sequence
from importlib.metadata import version

from gateway.cli.arguments import ArgumentParser, Once, UsageError, add_settings, help_of
from gateway.cli.serve import demo, serve, twin
from gateway.settings import Settings, option

_TWIN_OPTIONS = ("--host", "--twin-port", "--jobs", "--seed", "--job-seconds")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command. Exits with code 2 and one line on standard error when it cannot start."""
    try:
        options = _parser().parse(arguments)
        options.run(options)
    except UsageError as error:
        print(f"sagemaker-gateway: {error}", file=sys.stderr)
        raise SystemExit(2) from error


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="sagemaker-gateway", description="A GraphQL gateway over Amazon SageMaker's job APIs."
    )
    parser.add_argument(
        "--version",
        action="version",
        version=version("sagemaker-graphql-gateway"),
        help="Print the version.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serving = commands.add_parser("serve", help="Serve GraphQL over the jobs of an AWS account.")
    add_settings(serving)
    serving.set_defaults(run=serve, names=[option(name) for name in Settings.model_fields])

    over_twin = commands.add_parser(
        "demo", help="Serve GraphQL over an offline SageMaker that has jobs."
    )
    over_twin.add_argument("--host", action=Once, help=help_of("host"))
    over_twin.add_argument("--port", action=Once, help=help_of("port"))
    _add_twin_options(over_twin)
    over_twin.set_defaults(run=demo, names=[*_TWIN_OPTIONS, "--port"])

    alone = commands.add_parser("twin", help="Serve the offline SageMaker without the gateway.")
    alone.add_argument(
        "--host",
        default="127.0.0.1",
        help="The offline SageMaker listens on this address. [default 127.0.0.1]",
    )
    _add_twin_options(alone)
    alone.set_defaults(run=twin, names=_TWIN_OPTIONS)

    new_key = commands.add_parser(
        "new-key", help="Print a new API key, and the hash of it for the access file."
    )
    new_key.set_defaults(run=_print_new_key, names=())
    schema = commands.add_parser("schema", help="Print the GraphQL schema.")
    schema.add_argument(
        "--format",
        action=Once,
        choices=("sdl", "introspection"),
        help="The schema definition language, or the result of introspection as JSON. "
        "[default sdl]",
    )
    schema.add_argument(
        "--without-incremental",
        action="store_true",
        help="Leave out @defer and @stream, which some tools do not know or define themselves.",
    )
    schema.set_defaults(run=_print_schema, names=("--format", "--without-incremental"))
    policy = commands.add_parser(
        "iam-policy", help="Print the smallest IAM policy that `serve` needs."
    )
    policy.set_defaults(run=_print_iam_policy, names=())
    return parser


def _add_twin_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--twin-port",
        type=int,
        default=8001,
        help="The offline SageMaker listens on this port; 0 takes a free one. [default 8001]",
    )
    parser.add_argument(
        "--jobs",
        type=int,
        default=200,
        help="The offline SageMaker begins with this many jobs; with 0 it is empty. [default 200]",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=7,
        help="The same number gives the same jobs each time. [default 7]",
    )
    parser.add_argument(
        "--job-seconds",
        type=float,
        default=60,
        help="Seconds until a job completes that a caller creates; 0 is at once. [default 60]",
    )


def _print_new_key(options: argparse.Namespace) -> None:
    from gateway.auth.api_keys import create_key, hash_key

    key = create_key()
    print(f"key:  {key}")
    print(f"hash: {hash_key(key.encode())}")


def _print_schema(options: argparse.Namespace) -> None:
    from gateway.schema.schema import introspect_schema, print_schema

    write = introspect_schema if options.format == "introspection" else print_schema
    sys.stdout.write(write(incremental=not options.without_incremental))


def _print_iam_policy(options: argparse.Namespace) -> None:
    from gateway.schema.registry import OPERATIONS

    statement = {
        "Sid": "ReadSageMakerJobs",
        "Effect": "Allow",
        "Action": [f"sagemaker:{operation}" for operation in OPERATIONS],
        "Resource": "*",
    }
    print(json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2))

"""What authentication costs: W1 to W5 with 1,000 tokens in turn, beside no authentication.

A gateway whose memory for tokens is full is measured too: it has to evict others before it knows
those that are sent.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Final

from benchmarks.http_client import HttpClient
from benchmarks.measure import warm
from benchmarks.measure.sample import Sample
from benchmarks.run_context import RunContext
from benchmarks.targets import GRAPHQL, Target, run_target
from benchmarks.token_issuer import TokenIssuer
from benchmarks.workloads import NAMES, WARM, by_page, document, pages

WORKLOADS: Final = WARM[:5]
MANY: Final = 1_000
EACH: Final = f"{MANY:,} tokens"
FULL: Final = f"{MANY:,} tokens, memory full"
_LITTLE_MEMORY: Final = ("--credentials-megabytes", "2")
"""Memory for some 1,500 tokens."""


def name_of(workload: str, how: str) -> str:
    """Return the name of the target for a workload with tokens."""
    return f"{workload}, {how}"


def measure(context: RunContext) -> Iterator[Sample]:
    """Yield samples of each workload, without authentication first, then with tokens."""
    with ExitStack() as stack:
        issuer = stack.enter_context(TokenIssuer.run())
        access_file = context.folder / "access.toml"
        issuer.write_access_file(access_file)
        options = ("--access-file", str(access_file))
        tokens = [issuer.sign(f"caller-{number}") for number in range(MANY)]
        plain = stack.enter_context(run_target("gateway", context))
        usual = stack.enter_context(run_target("gateway", context, options=options))
        full = stack.enter_context(
            run_target("gateway", context, options=[*options, *_LITTLE_MEMORY])
        )
        others = [issuer.sign(f"other-{number}") for number in range(2 * MANY)]
        _ask(full, [WORKLOADS[0].bodies[0]] * len(others), others)
        for target, known in ((plain, ()), (usual, tokens), (full, tokens)):
            _fill_caches(target, known)
        for repetition in range(context.repetitions):
            for workload in WORKLOADS:
                for name, target, sent in (
                    (workload.key, plain, ()),
                    (name_of(workload.key, EACH), usual, tokens),
                    (name_of(workload.key, FULL), full, tokens),
                ):
                    sample = warm.measure(context, target, workload, repetition, sent)
                    yield replace(sample, workload="tokens", target=name)


def _fill_caches(target: Target, tokens: Sequence[str]) -> None:
    bodies = [by_page(document("w5"), page) for page in pages(NAMES)]
    bodies += [body for workload in WORKLOADS for body in workload.bodies]
    _ask(target, bodies, tokens[: len(bodies)])


def _ask(target: Target, bodies: Sequence[str], tokens: Sequence[str]) -> None:
    """Ask for all bodies, with the tokens in turn if there are any."""
    with HttpClient(target.port) as client:
        for number, body in enumerate(bodies):
            client.data(GRAPHQL, body, tokens[number % len(tokens)] if tokens else None)

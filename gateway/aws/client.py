"""The only place that calls boto3: one client per region, in a thread pool of its own."""

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from difflib import get_close_matches
from functools import cached_property, partial
from itertools import cycle
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ProfileNotFound, UnknownRegionError

from gateway.aws.bounded_session import BoundedSession
from gateway.aws.call_budget import current_caller, spend_call
from gateway.aws.call_log import AwsCall, describe_exception, log_failure
from gateway.aws.credentials import RenewableCredentials, loader
from gateway.aws.errors import InvalidCredentials, TimedOut
from gateway.aws.failures import translate
from gateway.aws.fair_queue import FairQueue
from gateway.aws.readiness import Readiness
from gateway.aws.resources import SEARCH
from gateway.aws.times import read_time
from gateway.errors import BadUserInput, ConfigurationError, quote
from gateway.settings import AwsSettings

logger = logging.getLogger(__name__)

_USER_AGENT: Final = (
    f"sagemaker-graphql-gateway Boto3/{boto3.__version__} Botocore/{botocore.__version__}"
)

_AHEAD: Final = 8
"""Calls that wait in the pool itself, so that no thread waits for the event loop."""
_UNREADABLE: Final = (BotoCoreError, OSError, ValueError, KeyError)
"""What botocore raises for credentials that it cannot read: files, or output of commands."""


class _Provider(NamedTuple):
    """What botocore asks for credentials when it creates a client."""

    load_credentials: Callable[[], RenewableCredentials]


class SageMaker:
    """SageMaker's API as coroutines. Raises the errors of `gateway.aws.errors`, never boto3's.

    `clock` returns seconds. `region_lists` are the operations that list a whole region; they are
    also called to find out whether AWS accepts the credentials.
    """

    def __init__(
        self,
        settings: AwsSettings,
        clock: Callable[[], float] = time.monotonic,
        region_lists: Sequence[str] = (),
    ) -> None:
        self._settings = settings
        self._regional = frozenset({*region_lists, SEARCH})
        self._clock = clock
        self._clients: dict[str, Any] = {}
        # boto3 sessions are not thread-safe while they create clients.
        self._creating = threading.Lock()
        self._create_threads()
        self._under_way = threading.local()
        self._warming: Future[Any] | None = None
        self._readiness = Readiness(clock)
        self._trials = cycle(region_lists)
        self.calls: Counter[str] = Counter()
        """Calls made since the start, by operation; a retry inside boto3 is not counted."""

    @cached_property
    def _session(self) -> boto3.Session:
        session = botocore.session.get_session()
        session.register_component("credential_provider", _Provider(lambda: self._credentials))
        session.get_component("response_parser_factory").set_parser_defaults(
            timestamp_parser=lambda value: read_time(value, self._under_way.call)
        )
        try:
            return boto3.Session(
                botocore_session=session,
                profile_name=self._settings.profile,
                region_name=self._settings.region,
            )
        except ProfileNotFound as error:
            raise ConfigurationError(f"{error}. Set GATEWAY_PROFILE or --profile.") from error
        except BotoCoreError as error:
            raise ConfigurationError(f"AWS is not set up: {error}") from error

    @cached_property
    def _credentials(self) -> RenewableCredentials:
        """The credentials of all clients. Raises `ConfigurationError`."""
        load = loader(self._settings.profile, self._session.region_name, self._timeouts)
        try:
            return RenewableCredentials(load, self._clock)
        except _UNREADABLE as error:
            reason = f"{type(error).__name__}: {describe_exception(error)}"
            message = f"AWS is not set up: the credentials cannot be read ({reason})."
            raise ConfigurationError(message) from error

    @cached_property
    def region(self) -> str:
        """The region that is asked when a query names none. Raises `ConfigurationError`."""
        region: str | None = self._session.region_name
        if not region:
            raise ConfigurationError(
                "No AWS region. Set --region, GATEWAY_REGION or AWS_DEFAULT_REGION, or a profile "
                "with one."
            )
        return region

    @cached_property
    def partition(self) -> str:
        """The AWS partition of the default region: `aws`, `aws-cn`, `aws-us-gov` ..."""
        try:
            partition: str = self._session.get_partition_for_region(self.region)
        except UnknownRegionError as error:
            known = [
                region
                for partition in self._session.get_available_partitions()
                for region in self._session.get_available_regions("sagemaker", partition)
            ]
            message = f"--region (GATEWAY_REGION): {_unknown(self.region, known)}"
            raise ConfigurationError(message) from error
        return partition

    @cached_property
    def _listed_regions(self) -> frozenset[str]:
        listed = self._session.get_available_regions("sagemaker", partition_name=self.partition)
        return frozenset(listed)

    @cached_property
    def _served_regions(self) -> frozenset[str]:
        return (self._settings.regions or self._listed_regions) | {self.region}

    def check(self) -> None:
        """Raise `ConfigurationError` unless the regions exist and there are credentials."""
        self._check_settings()
        if self._credentials.is_empty:
            raise ConfigurationError(
                "No AWS credentials. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or --profile "
                "(GATEWAY_PROFILE), or run where an IAM role gives them."
            )

    def _check_settings(self) -> None:
        listed = self._listed_regions
        # A region that this botocore does not know yet can be called by its URL.
        if self.region not in listed and not self._settings.endpoint_url:
            raise ConfigurationError(f"--region (GATEWAY_REGION): {_unknown(self.region, listed)}")
        for region in sorted(self._settings.regions - listed - {self.region}):
            raise ConfigurationError(f"--regions (GATEWAY_REGIONS): {_unknown(region, listed)}")

    def check_region(self, region: str) -> None:
        """Raise `BadUserInput` for a region that does not exist or may not be asked."""
        if region not in self._served_regions:
            raise BadUserInput(f"Region {quote(region)} is not one that this gateway serves.")

    def call(
        self, region: str, operation: str, **parameters: Any
    ) -> Coroutine[Any, Any, Mapping[str, Any]]:
        """Return AWS's answer to one call, e.g. `call("eu-west-1", "ListTags", ResourceArn=...)`.

        The call begins now, and not only when a task comes to wait for it: with many requests at
        once that is when the event loop has been through all of them.
        Raises `CallBudgetSpent` where the operation that it is for may make no more; the coroutine
        `NotFound` or `UpstreamError`.
        """
        spend_call(operation)
        self.calls[operation] += 1
        is_of_one = operation not in self._regional
        call = AwsCall(operation, region, parameters, is_of_one=is_of_one, until=self._deadline())
        work = self._queue.run(current_caller(), partial(self._call_in_thread, call))
        return self._answer(call, work)

    async def _answer(
        self, call: AwsCall, work: asyncio.Future[Mapping[str, Any]]
    ) -> Mapping[str, Any]:
        try:
            async with asyncio.timeout(self._settings.aws_deadline):
                return await work
        except TimeoutError as error:
            timed_out = TimedOut(f"AWS did not answer {call.operation} in time.")
            seconds = f"No answer within {self._settings.aws_deadline} s."
            log_failure(call, timed_out, code="Deadline", message=seconds)
            raise timed_out from error

    def _call_in_thread(self, call: AwsCall) -> Mapping[str, Any]:
        generation = self._credentials.generation
        try:
            answer = self._call_once(call)
        except InvalidCredentials:
            if not self._renew_credentials(generation):
                raise
            answer = self._call_once(call)
        return answer

    def _call_once(self, call: AwsCall) -> Mapping[str, Any]:
        # A region that the account has not enabled says nothing of the others.
        is_default = call.region == self.region
        self._under_way.call = call
        with self._readiness.observe() if is_default else nullcontext(), translate(call):
            method = getattr(self._client(call.region), xform_name(call.operation))
            answer: Mapping[str, Any] = method(**call.parameters)
            if answer.keys() <= {"ResponseMetadata"}:
                raise ValueError(_describe_empty(answer))
            return answer

    def _renew_credentials(self, generation: int) -> bool:
        try:
            return self._credentials.renew(generation)
        except _UNREADABLE as error:
            logger.warning(
                "gateway.credentials_unreadable", extra={"reason": describe_exception(error)}
            )
            return False

    def _client(self, region: str) -> Any:
        client = self._clients.get(region)
        if client is None:
            with self._creating:
                client = self._clients.get(region) or self._create_client(region)
                self._clients[region] = client
        return client

    @property
    def _timeouts(self) -> Config:
        """How long a request to any service of AWS's may take, and how often it is made."""
        settings = self._settings
        return Config(
            connect_timeout=settings.aws_connect_timeout,
            read_timeout=settings.aws_read_timeout,
            retries={"mode": "standard", "total_max_attempts": settings.aws_attempts},
        )

    def _create_client(self, region: str) -> Any:
        settings = self._settings
        config = Config(
            max_pool_connections=settings.aws_concurrency,
            tcp_keepalive=True,
            # Names are checked before the call, and no other parameter comes from a client.
            parameter_validation=False,
            # botocore puts its own together anew for each call: a tenth of the call's CPU.
            user_agent=_USER_AGENT,
        )
        client = self._session.client(
            "sagemaker",
            region_name=region,
            endpoint_url=settings.endpoint_url,
            config=self._timeouts.merge(config),
        )
        client.meta.events.register("before-send.sagemaker", self._note_attempt)
        # botocore has no public way to give a client another session.
        endpoint = client._endpoint  # noqa: SLF001
        endpoint.http_session = BoundedSession(
            endpoint.http_session, lambda: self._under_way.call.until
        )
        return client

    def _note_attempt(self, request: Any, **_: Any) -> None:
        """Count a request that botocore is about to send. Raises `TimedOut` after the deadline."""
        call: AwsCall = self._under_way.call
        if time.monotonic() > call.until:
            # Nobody waits any longer: a thread for others is worth more than another attempt.
            raise TimedOut(f"AWS did not answer {call.operation} in time.")
        call.attempts += 1
        call.endpoint = urlsplit(request.url).netloc

    def start(self) -> None:
        """Create the default region's client behind, so that the first query does not wait."""
        self._warming = self._threads.submit(self._client, self.region)

    def check_readiness(self) -> str | None:
        """Return why calls would fail or wait, or `None` when they are expected to succeed.

        While AWS refuses every call, this begins a trial call now and then, behind.
        """
        if self._warming is None:
            # The server sends no lifespan events.
            self.start()
        if self._warming is None or not self._warming.done():
            return "The AWS client is being created."
        error = self._warming.exception()
        if error is not None:
            return f"The AWS client could not be created: {error}"
        if self._readiness.begin_trial():
            self._threads.submit(self._call_in_thread, self._trial())
        return self._readiness.reason

    def _trial(self) -> AwsCall:
        operation = next(self._trials)
        self.calls[operation] += 1
        return AwsCall(
            operation, self.region, {"MaxResults": 1}, is_of_one=False, until=self._deadline()
        )

    def _deadline(self) -> float:
        return time.monotonic() + self._settings.aws_deadline

    def close(self) -> None:
        """Drop calls that wait; those under way end by themselves within their timeouts."""
        self._queue.close()
        self._threads.shutdown(wait=False, cancel_futures=True)
        # ASGI allows a server to start an application again after its shutdown.
        self._create_threads()

    def _create_threads(self) -> None:
        """Create the pool, whose threads start with its first calls, and the queue before it."""
        most = self._settings.aws_concurrency
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="aws")
        self._queue = FairQueue(self._threads, most + _AHEAD)


def _unknown(region: str, known: Collection[str]) -> str:
    near = get_close_matches(region, known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"SageMaker has no region {region!r}.{hint}"


def _describe_empty(answer: Mapping[str, Any]) -> str:
    """Return what came in the place of an answer.

    botocore reads a page of a proxy's, and half of an answer, as an answer without members.
    """
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    kind, length = headers.get("content-type", "no type"), headers.get("content-length", "unknown")
    return f"An answer without a member of AWS's, with status 200; type {kind}, length {length}."

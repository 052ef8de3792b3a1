"""The only place that calls boto3: one client per region, in a thread pool of its own."""

import asyncio
import threading
from collections import Counter
from collections.abc import Coroutine, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from typing import Any, Final

import boto3
import botocore
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ProfileNotFound, UnknownRegionError

from gateway.aws.call_budget import spend
from gateway.aws.errors import TimedOut, translate
from gateway.errors import BadUserInput, ConfigurationError
from gateway.settings import AwsSettings

_USER_AGENT: Final = (
    f"sagemaker-graphql-gateway Boto3/{boto3.__version__} Botocore/{botocore.__version__}"
)


class SageMaker:
    """SageMaker's API as coroutines. Raises the errors of `gateway.aws.errors`, never boto3's."""

    def __init__(self, settings: AwsSettings) -> None:
        self._settings = settings
        self._clients: dict[str, Any] = {}
        # boto3 sessions are not thread-safe while they create clients.
        self._creating = threading.Lock()
        self._threads = ThreadPoolExecutor(settings.aws_concurrency, thread_name_prefix="aws")
        self._warming: Future[Any] | None = None
        self.calls: Counter[str] = Counter()
        """Calls made since the start, by operation; a retry inside boto3 is not counted."""

    @cached_property
    def _session(self) -> boto3.Session:
        try:
            return boto3.Session(
                profile_name=self._settings.profile, region_name=self._settings.region
            )
        except ProfileNotFound as error:
            raise ConfigurationError(f"{error}. Set GATEWAY_PROFILE or --profile.") from error
        except BotoCoreError as error:
            raise ConfigurationError(f"AWS is not set up: {error}") from error

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
            message = f"{self.region!r} is not an AWS region. Set --region."
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
        """Raise `ConfigurationError` unless there is a region and there are credentials."""
        listed = self._listed_regions
        if self.region not in listed and not self._settings.endpoint_url:
            raise ConfigurationError(f"SageMaker has no region {self.region!r}. Set --region.")
        try:
            credentials = self._session.get_credentials()
        except BotoCoreError as error:
            raise ConfigurationError(f"AWS is not set up: {error}") from error
        if credentials is None:
            raise ConfigurationError(
                "No AWS credentials. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or --profile "
                "(GATEWAY_PROFILE), or run where an IAM role gives them."
            )

    def check_region(self, region: str) -> None:
        """Raise `BadUserInput` for a region that does not exist or may not be asked."""
        if region not in self._served_regions:
            raise BadUserInput(f"Region {region!r} is not one that this gateway serves.")

    def call(
        self, region: str, operation: str, **parameters: Any
    ) -> Coroutine[Any, Any, Mapping[str, Any]]:
        """Return AWS's answer to one call, e.g. `call("eu-west-1", "ListTags", ResourceArn=...)`.

        The call begins now, and not only when a task comes to wait for it: with many requests at
        once that is when the event loop has been through all of them.
        Raises `CallsSpent` where the operation that it is for may make no more; the coroutine
        `NotFound`, `UpstreamError` or `BadUserInput`.
        """
        spend(operation)
        self.calls[operation] += 1
        work = asyncio.get_running_loop().run_in_executor(
            self._threads, self._call_in_thread, region, operation, parameters
        )
        return self._answer(operation, work)

    async def _answer(
        self, operation: str, work: asyncio.Future[Mapping[str, Any]]
    ) -> Mapping[str, Any]:
        try:
            async with asyncio.timeout(self._settings.aws_deadline):
                return await work
        except TimeoutError as error:
            raise TimedOut(f"AWS did not answer {operation} in time.") from error

    def _call_in_thread(
        self, region: str, operation: str, parameters: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        with translate(operation):
            method = getattr(self._client(region), xform_name(operation))
            answer: Mapping[str, Any] = method(**parameters)
            return answer

    def _client(self, region: str) -> Any:
        client = self._clients.get(region)
        if client is None:
            with self._creating:
                client = self._clients.get(region) or self._create_client(region)
                self._clients[region] = client
        return client

    def _create_client(self, region: str) -> Any:
        settings = self._settings
        config = Config(
            connect_timeout=settings.aws_connect_timeout,
            read_timeout=settings.aws_read_timeout,
            max_pool_connections=settings.aws_concurrency,
            retries={"mode": "standard", "total_max_attempts": settings.aws_attempts},
            tcp_keepalive=True,
            # Names are checked before the call, and no other parameter comes from a client.
            parameter_validation=False,
            # botocore puts its own together anew for each call: a tenth of the call's CPU.
            user_agent=_USER_AGENT,
        )
        return self._session.client(
            "sagemaker", region_name=region, endpoint_url=settings.endpoint_url, config=config
        )

    def start(self) -> None:
        """Create the default region's client behind, so that the first query does not wait."""
        self._warming = self._threads.submit(self._client, self.region)

    @property
    def not_ready(self) -> str | None:
        """Why calls would fail or wait, or `None` when the default region's client stands."""
        if self._warming is None or not self._warming.done():
            return "The AWS client is being created."
        error = self._warming.exception()
        return None if error is None else f"The AWS client could not be created: {error}"

    def close(self) -> None:
        """Take no more calls; those under way end by themselves within their timeouts."""
        self._threads.shutdown(wait=False, cancel_futures=True)

"""The offline SageMaker as an object: start it, point boto3 at its `url`, make it fail."""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from gateway.twin.app import TwinApp
from gateway.twin.call import CallCounter
from gateway.twin.faults import FaultInjector, Faults
from gateway.twin.http_server import HttpServer, Request, Response
from gateway.twin.kinds import kind_of
from gateway.twin.operations.table import OPERATIONS
from gateway.twin.records import Answer, FixedRecord
from gateway.twin.scenario.named_jobs import EXAMPLES
from gateway.twin.seed import add_scenario
from gateway.twin.store import Store
from gateway.twin.timeline import to_millis

# A year.
MAX_JOB_SECONDS = 366 * 24 * 3600


def copied(answer: Any) -> Any:
    """Return a copy that its owner may change; datetimes are shared, which are immutable."""
    if isinstance(answer, dict):
        return {name: copied(value) for name, value in answer.items()}
    return [copied(value) for value in answer] if isinstance(answer, list) else answer


def real_time() -> datetime:
    """Return the default clock."""
    return datetime.now(UTC)


class Twin:
    """A SageMaker on loopback, seeded with linked jobs, that works like AWS's.

    `jobs` is the number of processing jobs that exist in the home `region` when the scenario
    begins (`started`). Resources of the other kinds are added in proportion, and a few of each in a
    second region. From 100 jobs on, every member and enum value of AWS's answers occurs. The jobs
    of fixed names are always there, so there are about 20 even if fewer are asked for; with 0 the
    account is empty. Answers depend on `seed` and on the time on `clock` alone. Jobs that callers
    create complete after `job_seconds`, with 0 at once.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        jobs: int = 200,
        seed: int = 7,
        region: str = "eu-west-1",
        account: str = "123456789012",
        clock: Callable[[], datetime] = real_time,
        started: datetime | None = None,
        job_seconds: float = 60,
    ) -> None:
        if jobs < 0:
            raise ValueError(f"jobs must be at least 0, not {jobs}")
        if not 0 <= job_seconds <= MAX_JOB_SECONDS:
            raise ValueError(f"job seconds must be from 0 to {MAX_JOB_SECONDS}, not {job_seconds}")
        self._address = (host, port)
        self._calls = CallCounter()
        self._faults = FaultInjector(seed)
        self._store = Store(clock, account, region, round(job_seconds * 1000))
        self._clock, self._started = clock, started
        self._seed, self._jobs = seed, jobs
        self._add_jobs()
        self._app = TwinApp(self._store, OPERATIONS, self._faults, self._calls, self.reset)
        self._server: HttpServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The endpoint URL for boto3 and the AWS CLI; there is one once the twin has started."""
        if self._server is None:
            raise RuntimeError("the twin is not started")
        return self._server.url

    def start(self) -> None:
        """Bind the port (OSError if it is taken) and serve in a thread of its own."""
        if self._server is None:
            self._server = HttpServer(self._address, self._app.answer)
            self._thread = threading.Thread(
                target=self._server.serve_forever, args=(0.05,), name="twin", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """Stop serving, end all connections, hanging ones too, and empty moto."""
        server, thread = self._server, self._thread
        if server is None or thread is None:
            return
        server.shutdown()
        server.close()
        thread.join()
        self._app.moto.reset()
        self._server = self._thread = None

    def respond(self, request: Request) -> Response:
        """Answer a request in the calling thread, without HTTP, faults or counting."""
        return self._app.respond(request)

    def serve_forever(self) -> None:
        """Start if needed and return only when the twin is stopped (or by KeyboardInterrupt)."""
        self.start()
        thread = self._thread
        while thread is not None and thread.is_alive():
            thread.join(0.5)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def calls(self) -> dict[str, int]:
        """Count calls received per operation since the start or the last reset."""
        return self._calls.counts()

    def reset_calls(self) -> None:
        """Set all counts to zero."""
        self._calls.reset()

    def set_faults(self, faults: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        """Replace all fault switches: the JSON of `PUT /_twin/faults`, or its members by name."""
        self._faults.set(Faults.parse({**(faults or {}), **more}))

    def clear_faults(self) -> None:
        """Switch all faults off."""
        self._faults.set(Faults())

    def reset(self) -> None:
        """Leave the twin as new: its first jobs, no others, no calls counted, no faults.

        Where `started` was not given, the scenario begins anew now.
        """
        self._store.clear()
        self._add_jobs()
        self._app.moto.reset()
        self.reset_calls()
        self.clear_faults()

    def _add_jobs(self) -> None:
        if self._jobs:
            started = to_millis(self._started or self._clock())
            add_scenario(self._store, started, self._seed, self._jobs)

    def put(self, operation: str, answer: Answer, region: str | None = None) -> None:
        """Have a describe operation give exactly this answer from now on, valid or not.

        The name is read from the answer, or from its ARN; the region from the ARN, unless given.
        """
        kind = kind_of(operation)
        parts = str(answer.get(kind.arn, "")).split(":")
        name = answer.get(kind.name) or parts[-1].rpartition("/")[2]
        if not name:
            raise ValueError(f"the answer needs a {kind.name} or a {kind.arn}")
        where = region or (parts[3] if len(parts) > 5 else self._store.region)
        given = dict(answer)
        self._store.add(FixedRecord(kind, where, name, ":".join(parts), lambda: given))

    def remove(self, operation: str, name: str, region: str | None = None) -> None:
        """Delete a resource; describing it answers "not found" from now on."""
        if not self._store.table(region or self._store.region, kind_of(operation)).remove(name):
            raise KeyError(name)

    def answers(self, operation: str, region: str | None = None) -> dict[str, Answer]:
        """Return the answers of all resources of a kind that exist now, by name, in one region."""
        kind, now = kind_of(operation), self._store.now()
        return {
            record.name: copied(self._store.answer(record, now))
            for record in self._store.existing(region or self._store.region, kind, now)
        }

    def regions(self) -> tuple[str, ...]:
        """Return the regions that hold jobs, the home region first."""
        return self._store.regions()

    def examples(self) -> dict[str, str]:
        """Return names of good jobs for a demonstration."""
        return EXAMPLES if self._jobs else {}

"""A debugger or profiler rule of a training job."""

from typing import NamedTuple

from gateway.twin.records import SeededRecord


class Rule(NamedTuple):
    """One rule: its name, whether the profiler runs it, and the processing job that evaluates it.

    `job` is None when that job has been deleted; its ARN stays in the training job.
    """

    name: str
    profiler: bool
    job_arn: str
    job: SeededRecord | None

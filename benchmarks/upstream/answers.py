"""What the upstream answers: any name is a job, finished and with all its links."""

import json
from pathlib import Path
from typing import Final

from benchmarks.workloads import NAMES, PAGE

_FOLDER: Final = Path(__file__).with_name("answers")
_NAME: Final = b"@NAME@"
_PARAMETERS: Final = {
    "DescribeProcessingJob": "ProcessingJobName",
    "DescribeTrainingJob": "TrainingJobName",
    "DescribeAutoMLJobV2": "AutoMLJobName",
    "DescribeMonitoringSchedule": "MonitoringScheduleName",
}

LIST: Final = "ListProcessingJobs"
SEARCH: Final = "Search"
OPERATIONS: Final = tuple(_PARAMETERS)
"""Those that describe."""


_ROW: Final = (
    "ProcessingJobName",
    "ProcessingJobArn",
    "CreationTime",
    "ProcessingEndTime",
    "LastModifiedTime",
    "ProcessingJobStatus",
    "FailureReason",
    "ExitMessage",
)


class Answers:
    """The answers of all operations, as bytes with a placeholder for the name.

    The list of processing jobs holds `listed` jobs.
    """

    def __init__(self, listed: int = PAGE) -> None:
        self._texts = {
            operation: json.dumps(
                json.loads((_FOLDER / f"{operation}.json").read_bytes()), separators=(",", ":")
            ).encode()
            for operation in OPERATIONS
        }
        self._list = self._rows(listed)

    def answer(self, operation: str, body: bytes) -> bytes | None:
        """Return the answer to a call; `None` when there is no such operation."""
        if operation == SEARCH:
            return self._found(json.loads(body)["SearchExpression"]["Filters"])
        return self._list if operation == LIST else self._describe(operation, body)

    def _found(self, filters: list[dict[str, str]]) -> bytes:
        """Return the training jobs of the names that the filters hold, separated by commas."""
        names = [name for each in filters for name in each["Value"].split(",")]
        text = self._texts["DescribeTrainingJob"]
        jobs = [text.replace(_NAME, name.encode()) for name in names]
        return b'{"Results":[%b]}' % b",".join(b'{"TrainingJob":%b}' % job for job in jobs)

    def _rows(self, count: int) -> bytes:
        """Return the only page of the list: the first of the jobs that the workloads ask for."""
        text = self._texts["DescribeProcessingJob"].decode()
        jobs = (json.loads(text.replace(_NAME.decode(), name)) for name in NAMES[:count])
        rows = [{name: job[name] for name in _ROW if name in job} for job in jobs]
        return json.dumps({"ProcessingJobSummaries": rows}, separators=(",", ":")).encode()

    def _describe(self, operation: str, body: bytes) -> bytes | None:
        text = self._texts.get(operation)
        if text is None:
            return None
        name: str = json.loads(body)[_PARAMETERS[operation]]
        return text.replace(_NAME, name.encode())

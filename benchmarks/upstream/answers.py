"""What the upstream answers: any name is a job, finished and with all its links."""

import json
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).with_name("answers")
_NAME: Final = b"@NAME@"
_PARAMETERS: Final = {
    "DescribeProcessingJob": "ProcessingJobName",
    "DescribeTrainingJob": "TrainingJobName",
    "DescribeAutoMLJobV2": "AutoMLJobName",
    "DescribeMonitoringSchedule": "MonitoringScheduleName",
}

OPERATIONS: Final = tuple(_PARAMETERS)


class Answers:
    """The answers of all operations, as bytes with the name left open."""

    def __init__(self) -> None:
        self._texts = {
            operation: json.dumps(
                json.loads((_FOLDER / f"{operation}.json").read_bytes()), separators=(",", ":")
            ).encode()
            for operation in OPERATIONS
        }

    def describe(self, operation: str, body: bytes) -> bytes | None:
        """Return the answer to a call; `None` when there is no such operation."""
        text = self._texts.get(operation)
        if text is None:
            return None
        name: str = json.loads(body)[_PARAMETERS[operation]]
        return text.replace(_NAME, name.encode())

"""The expected answer of a query, derived from boto3's answers by a simple rule.

A field is the AWS member of its name with the first letter raised; a link is the resource whose
ARN is in the member beside it; a map is a list of keys and values; the nodes of a connection are
the jobs of AWS's list.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from graphql import FieldNode, OperationDefinitionNode, SelectionSetNode, VariableNode, parse

_LINKS: Final = {
    "trainingJob": ("TrainingJobArn", "describe_training_job", "TrainingJobName"),
    "autoMLJob": ("AutoMLJobArn", "describe_auto_ml_job_v2", "AutoMLJobName"),
    "monitoringSchedule": (
        "MonitoringScheduleArn",
        "describe_monitoring_schedule",
        "MonitoringScheduleName",
    ),
}


class Expectation:
    """Works out answers through one boto3 client."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._known: dict[tuple[str, str], Any] = {}

    def of(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the data that `query` must answer."""
        definition = parse(query).definitions[0]
        assert isinstance(definition, OperationDefinitionNode)  # our own documents
        data: dict[str, Any] = {}
        for node in _fields(definition.selection_set):
            (argument,) = (each.value for each in node.arguments or ())
            assert isinstance(argument, VariableNode)  # our own documents
            value = variables[argument.name.value]
            if node.name.value == "processingJobs":
                data[_key(node)] = self._page(value, node)
                continue
            names = [id_.rpartition("/")[2] for id_ in value] if isinstance(value, list) else value
            data[_key(node)] = (
                [self._job(name, node) for name in names]
                if isinstance(names, list)
                else self._job(names, node)
            )
        return data

    def _page(self, first: int, node: FieldNode) -> dict[str, Any]:
        (nodes,) = _fields(node.selection_set)
        rows = self._client.list_processing_jobs(MaxResults=first)["ProcessingJobSummaries"]
        return {_key(nodes): [self._job(row["ProcessingJobName"], nodes) for row in rows]}

    def _job(self, name: str, node: FieldNode) -> Any:
        return self._select(self._read("describe_processing_job", "ProcessingJobName", name), node)

    def _read(self, method: str, parameter: str, name: str) -> Any:
        if (method, name) not in self._known:
            answer = getattr(self._client, method)(**{parameter: name})
            self._known[method, name] = answer
        return self._known[method, name]

    def _select(self, value: Any, node: FieldNode) -> Any:
        if node.selection_set is None or value is None:
            return value
        if isinstance(value, list):
            return [self._select(item, node) for item in value]
        return {_key(each): self._field(value, each) for each in _fields(node.selection_set)}

    def _field(self, value: dict[str, Any], node: FieldNode) -> Any:
        name = node.name.value
        if name in _LINKS:
            member, method, parameter = _LINKS[name]
            linked = self._read(method, parameter, value[member].rpartition("/")[2])
            return self._select(linked, node)
        if name == "id":
            return value["ProcessingJobArn"]
        found: Any = value.get(name[0].upper() + name[1:])
        if name == "environment":
            return [{"key": key, "value": found[key]} for key in sorted(found)]
        return self._select(found, node)


def _fields(selections: SelectionSetNode | None) -> list[FieldNode]:
    """Return the fields of a selection, those of its fragments among them."""
    fields: list[FieldNode] = []
    for node in selections.selections if selections else ():
        if isinstance(node, FieldNode):
            fields.append(node)
        else:
            fields.extend(_fields(getattr(node, "selection_set", None)))
    return fields


def _key(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value


def differences(got: Any, wanted: Any, path: str = "data") -> list[str]:
    """Return where an answer differs; enums, times and maps may be written in any usual way."""
    if isinstance(wanted, datetime):
        return [] if _is_time(got, wanted) else [f"{path}: {got!r} is not {wanted.isoformat()}"]
    if isinstance(wanted, dict) and isinstance(got, dict) and wanted.keys() == got.keys():
        return [
            each for key in wanted for each in differences(got[key], wanted[key], f"{path}.{key}")
        ]
    if isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        return _list_differences(got, wanted, path)
    if got == wanted or (isinstance(wanted, str) and _is_enum(got, wanted)):
        return []
    return [f"{path}: {got!r} is not {wanted!r}"[:300]]


def _list_differences(got: list[Any], wanted: list[Any], path: str) -> list[str]:
    if wanted and isinstance(wanted[0], dict) and wanted[0].keys() == {"key", "value"}:
        by_key: Callable[[Any], str] = lambda item: item["key"]  # noqa: E731  # used twice, here
        got, wanted = sorted(got, key=by_key), sorted(wanted, key=by_key)
    return [
        each
        for index, (one, other) in enumerate(zip(got, wanted, strict=True))
        for each in differences(one, other, f"{path}[{index}]")
    ]


def _is_time(got: Any, wanted: datetime) -> bool:
    return isinstance(got, str) and datetime.fromisoformat(got) == wanted


def _is_enum(got: Any, wanted: str) -> bool:
    return isinstance(got, str) and wanted.isidentifier() and _plain(got) == _plain(wanted)


def _plain(text: str) -> str:
    return text.replace("_", "").lower()

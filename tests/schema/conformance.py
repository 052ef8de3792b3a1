"""Compares the GraphQL schema with botocore's model of what AWS answers, member by member."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.model import ServiceModel, Shape
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    is_introspection_type,
)

from gateway.schema.fields import field_name
from gateway.schema.registry import RESOURCES

LEFT_OUT: Final[dict[tuple[str, str], str]] = {}
"""AWS members that the schema leaves out, by shape and member, each with its reason."""

LINKS: Final = {
    ("ProcessingJob", "trainingJob"): ("TrainingJobArn", "TrainingJob"),
    ("ProcessingJob", "autoMLJob"): ("AutoMLJobArn", "AutoMLJob"),
    ("ProcessingJob", "monitoringSchedule"): ("MonitoringScheduleArn", "MonitoringSchedule"),
    ("TrainingJob", "autoMLJob"): ("AutoMLJobArn", "AutoMLJob"),
    ("TrainingJob", "tuningJob"): ("TuningJobArn", "HyperParameterTuningJob"),
    ("TransformJob", "autoMLJob"): ("AutoMLJobArn", "AutoMLJob"),
    ("HyperParameterTrainingJobSummary", "trainingJob"): ("TrainingJobArn", "TrainingJob"),
    ("DebugRuleEvaluationStatus", "ruleEvaluationJob"): ("RuleEvaluationJobArn", "ProcessingJob"),
    ("ProfilerRuleEvaluationStatus", "ruleEvaluationJob"): (
        "RuleEvaluationJobArn",
        "ProcessingJob",
    ),
    ("MonitoringExecutionSummary", "processingJob"): ("ProcessingJobArn", "ProcessingJob"),
    ("AutoMLCandidateStep", "candidateStepJob"): ("CandidateStepArn", "CandidateStepJob"),
}
"""Fields that AWS does not have, by type and field: the member that holds the ARN, the type."""

ADDED: Final = {
    (resource.type_name, name): type_
    for resource in RESOURCES
    for name, type_ in (("consoleUrl", "String"), ("tags", "[KeyValue!]"))
} | {
    **dict.fromkeys(
        [
            ("AutoMLJob", "autoMLJobSecondaryStatusText"),
            ("AutoMLJobObjective", "metricNameText"),
            ("FinalAutoMLJobObjectiveMetric", "metricNameText"),
            ("MetricDatum", "metricNameText"),
            ("SecondaryStatusTransition", "statusText"),
            ("TrainingJob", "secondaryStatusText"),
        ],
        "String",
    ),
    ("AutoMLJob", "candidates"): "AutoMLCandidateConnection",
    ("MonitoringSchedule", "executions"): "MonitoringExecutionSummaryConnection",
    ("ProcessingJob", "monitoringExecution"): "MonitoringExecutionSummary",
    ("HyperParameterTuningJob", "trainingJobs"): "HyperParameterTrainingJobSummaryConnection",
    ("HyperParameterTuningJob", "parentTuningJobs"): "[HyperParameterTuningJob]",
    ("HyperParameterTrainingJobSummary", "tuningJob"): "HyperParameterTuningJob",
}
"""Fields that no member of the describe operations stands behind, by type and field: their type."""

ANSWERED: Final = {("SecondaryStatus", "QueuedForCapacity"): "public reports of capacity queues"}
"""Enum values that AWS answers with although its model lacks them, and who says so."""

_PAGING: Final = ("PageInfo", "Connection", "Edge")
"""How the types are called that Relay has and AWS has not; test_connections.py knows them."""

_LAST_CAPITAL_OF_WORD: Final = re.compile(r"([A-Z]+)([A-Z][a-z])")
_FIRST_CAPITAL_OF_WORD: Final = re.compile(r"([a-z0-9])([A-Z])")
_LEGAL_NAME: Final = re.compile(r"(?!true$|false$|null$)[_A-Za-z][_0-9A-Za-z]*")
_SCALARS: Final = {
    "string": "String",
    "boolean": "Boolean",
    "integer": "Int",
    "long": "Long",
    "float": "Float",
    "double": "Float",
    "timestamp": "DateTime",
}


@dataclass
class Comparison:
    """What was compared, and every difference found, named by its place."""

    differences: list[str] = field(default_factory=list)
    structures: set[str] = field(default_factory=set)
    enums: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    """AWS's enums that are strings in GraphQL, since some value is no legal name there."""
    members: int = 0
    fields: set[tuple[str, str]] = field(default_factory=set)
    """The fields that a member stands behind, by type and field."""


def compare(schema: GraphQLSchema, model: ServiceModel) -> Comparison:
    """Compare all types of `schema` with the answers of the resources' describe operations."""
    comparison = Comparison()
    walk = _Walk(schema, comparison)
    for resource in RESOURCES:
        shape = model.operation_model(resource.describe).output_shape
        walk.structure(shape, resource.type_name)
        required = {resource.arn, resource.name, resource.status, "CreationTime"}
        walk.nullability(resource.type_name, {"id", *map(field_name, required)})
    walk.reverse()
    walk.left_out(model)
    return comparison


class _Walk:
    def __init__(self, schema: GraphQLSchema, comparison: Comparison) -> None:
        self.schema = schema
        self.found = comparison
        self.non_null: dict[str, set[str]] = {}

    def differ(self, place: str, problem: str) -> None:
        self.found.differences.append(f"{place}: {problem}")

    def structure(self, shape: Any, type_name: str) -> None:
        """Compare a structure's members with a type's fields."""
        if shape.name in self.found.structures:
            return
        self.found.structures.add(shape.name)
        type_ = self.schema.type_map.get(type_name)
        if not isinstance(type_, GraphQLObjectType):
            self.differ(type_name, "no such object type")
            return
        for member, inner in shape.members.items():
            if (shape.name, member) in LEFT_OUT:
                continue
            self.found.members += 1
            self.member(type_, field_name(member), inner)

    def member(self, type_: GraphQLObjectType, name: str, shape: Shape) -> None:
        place = f"{type_.name}.{name}"
        self.found.fields.add((type_.name, name))
        definition = type_.fields.get(name)
        if definition is None:
            self.differ(place, "the member has no field")
            return
        if definition.args:
            self.differ(place, "takes arguments")
        self.value(place, nullable(definition.type), shape)

    def value(self, place: str, type_: GraphQLOutputType, shape: Any) -> None:
        """Compare one member's type, inside of lists and maps too."""
        kind = shape.type_name
        if kind == "list":
            self.items(place, type_, shape.member)
        elif kind == "map":
            self.pairs(place, type_, shape)
        elif kind == "structure" and shape.members:
            self.named(place, type_, shape.name)
            self.structure(shape, shape.name)
        elif kind == "structure":
            self.named(place, type_, "Boolean")
            self.found.structures.add(shape.name)
        elif kind == "string" and is_open_enum(shape):
            self.named(place, type_, shape.name)
            self.enum(shape)
        else:
            self.named(place, type_, _SCALARS[kind])
            if getattr(shape, "enum", None):
                self.found.texts.add(shape.name)

    def named(self, place: str, type_: GraphQLOutputType, name: str) -> None:
        if str(type_) != name:
            self.differ(place, f"is {type_}, not {name}")

    def items(self, place: str, type_: GraphQLOutputType, shape: Shape) -> None:
        if not isinstance(type_, GraphQLList):
            self.differ(place, f"is {type_}, not a list")
        elif not isinstance(type_.of_type, GraphQLNonNull):
            self.differ(place, f"is {type_}, whose items can be null")
        else:
            self.value(f"{place}[]", type_.of_type.of_type, shape)

    def pairs(self, place: str, type_: GraphQLOutputType, shape: Any) -> None:
        """Compare a map with a list of pairs."""
        pair = _item_of(type_)
        if not isinstance(pair, GraphQLObjectType):
            self.differ(place, f"is {type_}, not a list of pairs")
            return
        is_plain = shape.value.type_name == "string" and not is_open_enum(shape.value)
        if is_plain and not is_open_enum(shape.key) and pair.name != "KeyValue":
            self.differ(place, f"is a list of {pair.name}, not of KeyValue")
        self.member(pair, "key", shape.key)
        self.member(pair, "value", shape.value)
        self.non_null.setdefault(pair.name, {"key"})

    def enum(self, shape: Any) -> None:
        """Compare an enum's values: every one of AWS's is there, under the name of the rule."""
        self.found.enums.add(shape.name)
        type_ = self.schema.type_map.get(shape.name)
        if not isinstance(type_, GraphQLEnumType):
            self.differ(shape.name, "no such enum")
            return
        answered = [value for name, value in ANSWERED if name == shape.name]
        expected = {enum_member(value): value for value in [*shape.enum, *answered]}
        expected |= {"UNKNOWN": "UNKNOWN"}
        values = {name: value.value for name, value in type_.values.items()}
        for name, value in expected.items():
            if values.get(name) != value:
                self.differ(f"{shape.name}.{name}", f"does not stand for AWS's value {value!r}")
        for name in values.keys() - expected.keys():
            self.differ(f"{shape.name}.{name}", "is not a value of AWS's")

    def nullability(self, type_name: str, non_null: set[str]) -> None:
        """Note which fields of a root type are never null."""
        self.non_null[type_name] = non_null
        self.found.fields.add((type_name, "id"))

    def reverse(self) -> None:
        """Compare the other way round: every field is a member, a link, an identity or added."""
        for type_ in _object_types(self.schema):
            non_null = self.non_null.get(type_.name, set())
            for name, definition in type_.fields.items():
                place = f"{type_.name}.{name}"
                if isinstance(definition.type, GraphQLNonNull) != (name in non_null):
                    self.differ(place, f"is {definition.type}, against the policy on nulls")
                if (type_.name, name) in LINKS:
                    self.link(type_, name, definition)
                elif (type_.name, name) in ADDED:
                    self.named(place, definition.type, ADDED[type_.name, name])
                elif (type_.name, name) not in self.found.fields:
                    self.differ(place, "is neither a member of AWS's nor a link")
        for what, places in (("link", LINKS), ("field", ADDED)):
            for type_name, name in places:
                holder = self.schema.type_map[type_name]
                assert isinstance(holder, GraphQLObjectType)
                if name not in holder.fields:
                    self.differ(f"{type_name}.{name}", f"the {what} is missing")

    def link(self, type_: GraphQLObjectType, name: str, definition: GraphQLField) -> None:
        arn, target = LINKS[type_.name, name]
        place = f"{type_.name}.{name}"
        self.named(place, definition.type, target)
        if field_name(arn) not in type_.fields:
            self.differ(place, f"there is no {field_name(arn)} next to it")

    def left_out(self, model: ServiceModel) -> None:
        """Find what is listed as left out and is not, or is no member at all."""
        for (name, member), reason in LEFT_OUT.items():
            if name not in model.shape_names or member not in _members(model, name):
                self.differ(f"{name}.{member}", "is listed as left out and is no member")
            if not reason.strip():
                self.differ(f"{name}.{member}", "is left out without a reason")


def enum_member(value: str) -> str:
    """Return the GraphQL name of an AWS enum value: `IN_PROGRESS` for `InProgress`."""
    words = _LAST_CAPITAL_OF_WORD.sub(r"\1_\2", value)
    return _FIRST_CAPITAL_OF_WORD.sub(r"\1_\2", words).upper()


def is_open_enum(shape: Any) -> bool:
    """Tell whether AWS lists the values of a string and GraphQL has legal names for all of them."""
    values: list[str] = getattr(shape, "enum", None) or []
    return bool(values) and all(_LEGAL_NAME.fullmatch(enum_member(value)) for value in values)


def nullable(type_: GraphQLOutputType) -> GraphQLOutputType:
    """Return a type without its exclamation mark."""
    return type_.of_type if isinstance(type_, GraphQLNonNull) else type_


def _item_of(type_: GraphQLOutputType) -> Any:
    if isinstance(type_, GraphQLList) and isinstance(type_.of_type, GraphQLNonNull):
        return type_.of_type.of_type
    return None


def _object_types(schema: GraphQLSchema) -> Iterator[GraphQLObjectType]:
    for type_ in schema.type_map.values():
        is_root = type_ in {schema.query_type, schema.subscription_type}
        is_others = is_introspection_type(type_) or type_.name.endswith(_PAGING)
        if isinstance(type_, GraphQLObjectType) and not (is_root or is_others):
            yield type_


def _members(model: ServiceModel, name: str) -> Any:
    return getattr(model.shape_for(name), "members", {})

"""From a plan and its variables to a template: the arguments are read, the resources located."""

from typing import Any

import orjson
from graphql import GraphQLError, GraphQLSchema
from graphql.execution.values import VariableValues

from gateway.aws.reader import EntryKey, Reader, ResourceKey
from gateway.errors import BadUserInput, CodedError
from gateway.execution.arguments import read_arguments
from gateway.execution.compiled.compiler import Plan, RootField
from gateway.execution.compiled.selection import Selection, by_type, wanted_of
from gateway.execution.compiled.template import Hole, Path, Refusal, Template
from gateway.schema.connections import Arguments, key_of
from gateway.schema.fields import ByArn, ByName, Changes, Connected
from gateway.schema.root_fields import check_ids


def prepare(
    plan: Plan, schema: GraphQLSchema, variables: VariableValues, reader: Reader
) -> Template:
    """Return the operation's `data` as a template that waits for resources alone."""
    chunks: list[bytes] = []
    holes: list[Hole | Refusal] = []
    text = b"{"
    for field in plan.fields:
        text += orjson.dumps(field.key) + b":"
        if field.source is None:
            text += orjson.dumps(plan.type_name)
        else:
            found = _locate(field, schema, variables, reader)
            many = isinstance(found, list)
            text += b"[" if many else b""
            for index, hole in enumerate(found if isinstance(found, list) else [found]):
                chunks.append(text + (b"," if index else b""))
                holes.append(hole)
                text = b""
            text += b"]" if many else b""
        text += b","
    chunks.append(text.removesuffix(b",") + b"}")
    return Template(tuple(chunks), tuple(holes))


def _locate(
    field: RootField, schema: GraphQLSchema, variables: VariableValues, reader: Reader
) -> Hole | Refusal | list[Hole | Refusal]:
    assert field.definition is not None
    path = (field.key,)
    try:
        arguments = read_arguments(schema, field.definition, field.nodes[0], variables)
        if isinstance(field.source, ByName | Changes | Connected):
            key = _key(field.source, field.selections[0], arguments, reader)
            return Hole(key, None, field.selections[0], path)
        assert isinstance(field.source, ByArn)
        if not field.source.many:
            return _by_arn(field, arguments["id"], path, reader)
        check_ids(arguments["ids"])
    except (CodedError, GraphQLError) as error:
        return Refusal(error, path)
    return [
        _by_arn(field, id_, (*path, index), reader) for index, id_ in enumerate(arguments["ids"])
    ]


def _key(
    source: ByName | Changes | Connected,
    selection: Selection,
    arguments: dict[str, Any],
    reader: Reader,
) -> EntryKey:
    if isinstance(source, ByName | Changes):
        return reader.key_of_name(source.resource, arguments["name"], arguments.get("region"))
    look_ahead = wanted_of(selection).look_ahead
    return key_of(reader, source.listing, Arguments(**arguments), look_ahead=look_ahead)


def _by_arn(field: RootField, id_: str, path: Path, reader: Reader) -> Hole | Refusal:
    try:
        key = reader.key_of_arn(id_)
    except BadUserInput as error:
        return Refusal(error, path)
    return Hole(key, id_, _selection_of(field, key), path)


def _selection_of(field: RootField, key: ResourceKey) -> Selection:
    return by_type(field.selections)[key.resource.type_name]

"""The root fields: each resource by name, as a list and as a subscription, and any by its ARN."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, NamedTuple

import strawberry

from gateway.aws.arn import Arn, ArnError
from gateway.aws.call_budget import Cost
from gateway.aws.reader import Reader
from gateway.aws.resources import Resource
from gateway.errors import BadUserInput, CodedError
from gateway.schema.connections import Connection, Info, Region, connection
from gateway.schema.fields import SOURCE, field_name
from gateway.schema.identity import Node
from gateway.schema.references import Costs, Found, NamedTarget, Reference, follow
from gateway.schema.scopes import Authenticated
from gateway.schema.selection import Selection, by_type

MAX_NODES: Final = 100
"""How many `ids` one `nodes` field takes; GitHub's API allows as many."""

Name = Annotated[str, strawberry.argument(description="Name as AWS knows it.")]
Id = Annotated[strawberry.ID, strawberry.argument(description="ARN of the resource.")]
Ids = Annotated[
    list[strawberry.ID],
    strawberry.argument(description=f"ARNs of the resources, {MAX_NODES} at the most."),
]


@dataclass(frozen=True, slots=True)
class RootFields:
    """The root fields of one resource."""

    resource: Resource
    cls: type
    filter: type
    order: type
    has_subscription: bool = False


class NameArguments(NamedTuple):
    """The arguments of a root field by name."""

    name: str
    region: str | None


@dataclass(frozen=True)
class ByName(Reference):
    """Leads to the resource that the arguments `name` and `region` name."""

    resource: Resource

    def bind(self, arguments: Mapping[str, Any]) -> Hashable:
        """Return the name and the region."""
        return NameArguments(arguments["name"], arguments.get("region"))

    def find(
        self,
        reader: Reader,
        root: Any,
        arguments: NameArguments,
        selections: tuple[Selection, ...],
    ) -> Found:
        """Return the resource's target. Raises `BadUserInput` for a name that AWS cannot have."""
        return NamedTarget(reader.key_of_name(self.resource, *arguments), selections[0])

    def cost(self, arguments: NameArguments, selection: Selection, costs: Costs) -> Cost:
        """Return the cost of one describe and of the fields below."""
        return Cost.of(self.resource.describe, 1) + costs.check(selection) + costs.below(selection)


@dataclass(frozen=True)
class ByArn(Reference):
    """Leads to the resource that the argument `id` names, or to several that `ids` name."""

    is_many: bool

    def bind(self, arguments: Mapping[str, Any]) -> Hashable:
        """Return the ARNs. Raises `BadUserInput` where there are more than `MAX_NODES`."""
        ids = tuple(arguments["ids"]) if self.is_many else (arguments["id"],)
        if len(ids) > MAX_NODES:
            raise BadUserInput(f"At most {MAX_NODES} ids at once, not {len(ids)}.")
        return ids

    def find(
        self,
        reader: Reader,
        root: Any,
        arguments: tuple[str, ...],
        selections: tuple[Selection, ...],
    ) -> Found | list[Found]:
        """Return the targets of the resources, in the order of the ARNs."""
        possible = by_type(selections)
        found = [_find_by_arn(reader, text, possible) for text in arguments]
        return found if self.is_many else found[0]

    def cost(self, arguments: tuple[str, ...], selection: Selection, costs: Costs) -> Cost:
        """Return the cost of one describe and of the fields below."""
        return costs.describe(selection) + costs.check(selection) + costs.below(selection)


def _find_by_arn(reader: Reader, text: str, possible: Mapping[str, Selection]) -> Found:
    try:
        key = reader.key_of_arn(Arn.parse(text))
    except ArnError as error:
        return BadUserInput(f"The id is {error}.")
    except CodedError as error:
        return error
    return NamedTarget(key, possible[key.kind.type_name], text)


def build_query(roots: Iterable[RootFields]) -> type:
    """Return the type where every query starts."""
    fields: dict[str, tuple[Any, Any]] = {}
    lists: dict[str, tuple[Any, Any]] = {}
    for root in roots:
        name = field_name(root.resource.type_name)
        fields[name] = (root.cls | None, _by_name(root.resource))
        lists[f"{name}s"] = (Connection[root.cls] | None, _list(root))  # type: ignore[name-defined]
    fields["node"] = (Node | None, _node())
    fields["nodes"] = (list[Node | None] | None, _nodes())
    return _build("Query", "Where every query starts.", fields | lists)


def build_subscription(roots: Iterable[RootFields]) -> type:
    """Return the type where every subscription starts."""
    fields = {
        field_name(root.resource.type_name): (root.cls | None, _changes(root.resource))
        for root in roots
        if root.has_subscription
    }
    return _build("Subscription", "Where every subscription starts.", fields)


def _build(name: str, description: str, fields: Mapping[str, tuple[Any, Any]]) -> type:
    annotations = {key: annotation for key, (annotation, _) in fields.items()}
    namespace = {key: field for key, (_, field) in fields.items()}
    cls = type(name, (), {"__annotations__": annotations, **namespace})
    return strawberry.type(cls, description=description)


def _by_name(resource: Resource) -> Any:
    reference = ByName(resource)

    async def resolve(info: Info, name: Name, region: Region = strawberry.UNSET) -> Any:
        return await follow(reference, None, info, name=name, region=region)

    return strawberry.field(
        resolver=resolve,
        name=field_name(resource.type_name),
        description=f"The {resource.label} of that name; null when there is none.",
        metadata={SOURCE: reference},
    )


def _list(root: RootFields) -> Any:
    resource = root.resource
    return connection(
        resource,
        root.filter,
        root.order,
        f"The {resource.label}s of a region, in pages.",
        name=f"{field_name(resource.type_name)}s",
    )


def _node() -> Any:
    reference = ByArn(is_many=False)

    async def resolve(info: Info, id: Id) -> Any:  # noqa: A002  # the argument's name is Relay's
        return await follow(reference, None, info, id=id)

    return strawberry.field(
        resolver=resolve,
        name="node",
        description="The resource with that ARN, in the ARN's own region; null when there is none.",
        metadata={SOURCE: reference},
        directives=[Authenticated()],
    )


def _nodes() -> Any:
    reference = ByArn(is_many=True)

    async def resolve(info: Info, ids: Ids) -> Any:
        return await follow(reference, None, info, ids=ids)

    return strawberry.field(
        resolver=resolve,
        name="nodes",
        description="The resources with those ARNs, in the same order; null where there is none.",
        metadata={SOURCE: reference},
        directives=[Authenticated()],
    )


def _changes(resource: Resource) -> Any:
    # Subscriptions are compiled and never resolved, but Strawberry demands a generator.
    async def resolve(info: Info, name: Name, region: Region = strawberry.UNSET) -> Any:
        yield None

    return strawberry.subscription(
        resolver=resolve,
        name=field_name(resource.type_name),
        description=f"The {resource.label} of that name, now and at each change of its status, "
        "the final one last; null when there is none.",
        metadata={SOURCE: ByName(resource)},
    )

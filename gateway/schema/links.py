"""Links: fields that lead to the resource of an ARN in an attribute, or to its tags."""

from dataclasses import dataclass
from typing import Any

import strawberry

from gateway.aws.arn import Arn, certain_name
from gateway.aws.call_budget import FREE, Cost
from gateway.aws.reader import Reader, ResourceKey, named_by_aws
from gateway.aws.resources import TAGS
from gateway.aws.tags import MAX_PAGES
from gateway.schema.fields import SOURCE
from gateway.schema.identity import ROOT_TYPES, root_type_named
from gateway.schema.references import Context, Costs, Found, InPlace, Reference, Target, follow
from gateway.schema.selection import Selection, by_type


def link(arn: str, description: str, *, name: str | None = None) -> Any:
    """Declare a field that leads to the resource whose ARN is in the attribute `arn`.

    It is null when there is no ARN or no such resource. It costs no AWS call if nothing but the ARN
    is selected.
    """
    return reference_field(Link((arn,)), description, name=name)


def tags_of(arn: str, description: str) -> Any:
    """Declare a field that holds the tags of the resource whose ARN is in the attribute `arn`."""
    return reference_field(Tags((arn,)), description)


def reference_field(reference: Reference, description: str, *, name: str | None = None) -> Any:
    """Declare a field without arguments whose value `reference` finds."""

    async def resolve(root: Any, info: strawberry.Info[Context, None]) -> Any:
        return await follow(reference, root, info)

    return strawberry.field(
        resolver=resolve, name=name, description=description, metadata={SOURCE: reference}
    )


@dataclass(frozen=True)
class Link(Reference):
    """Leads to the resource whose ARN is in the one attribute."""

    attributes: tuple[str, ...]

    def find(
        self, reader: Reader, root: Any, arguments: None, selections: tuple[Selection, ...]
    ) -> Found:
        """Return the resource's target; `None` without an ARN, or with one of another type."""
        text = getattr(root, self.attributes[0])
        if not text or text.isspace():
            # AWS and its stand-ins answer with an empty text where there is no ARN.
            return None
        with named_by_aws("A linked ARN is malformed, or leads to where this gateway cannot read."):
            arn = Arn.parse(text)
            root_type = ROOT_TYPES.get(arn.type)
            if root_type is None:
                return None
            selection = by_type(selections).get(root_type.resource.type_name)
            if selection is None:
                return None
            name = certain_name(text)
            if selection.grants.view is None and root_type.is_answered_by_arn(
                selection.field_names, name=name
            ):
                return InPlace(root_type.from_arn(text, name=name), selection)
            key = reader.key_of_arn(arn)
        return Target(key, selection, text, searched_key(key, selection))

    def cost(self, arguments: None, selection: Selection, costs: Costs) -> Cost:
        """Return the cost of one describe and of the fields below; none if the ARN is enough."""
        root = root_type_named(selection.type_name)
        is_enough = root is None or root.is_answered_by_arn(selection.field_names)
        # In a view, the name and the tags decide whether the resource is there.
        if is_enough and selection.grants.view is None:
            return FREE
        return costs.describe(selection) + costs.check(selection) + costs.below(selection)


@dataclass(frozen=True)
class Tags(Reference):
    """Leads to the tags of the resource whose ARN is in the one attribute."""

    attributes: tuple[str, ...]
    needs_spelling = True

    def find(
        self, reader: Reader, root: Any, arguments: None, selections: tuple[Selection, ...]
    ) -> Found:
        """Return the target of the tags."""
        return Target(reader.key_of_tags(getattr(root, self.attributes[0])), selections[0])

    def cost(self, arguments: None, selection: Selection, costs: Costs) -> Cost:
        """Return the cost of all pages of one resource's tags."""
        return Cost.of(TAGS.operation, MAX_PAGES)


def searched_key(key: ResourceKey, selection: Selection) -> ResourceKey | None:
    """Return the key of the record of Search that can answer the selection, if one can."""
    search = getattr(key.kind, "search", None)
    if search is None or not selection.is_searchable:
        return None
    return ResourceKey(search, key.region, key.name)

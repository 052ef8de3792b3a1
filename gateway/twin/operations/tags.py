"""ListTags, AddTags and DeleteTags."""

from gateway.twin.call import Call, NotSeededError
from gateway.twin.errors import invalid
from gateway.twin.kinds import BY_ARN_TYPE
from gateway.twin.operations.pagination import cut_page
from gateway.twin.records import Answer, Record
from gateway.twin.store import Entry, Store

PAGE = 50
MAX_TAGS = 50


def list_tags(store: Store, call: Call) -> Answer:
    """Return the tags of a resource by its ARN, sorted by key, in pages."""
    tags = _find(store, call).tags()
    entries = [Entry((tag["Key"], ""), tag) for tag in _pairs(tags)]
    page = cut_page(call, entries, lambda _: True, PAGE, descending=False)
    result: Answer = {"Tags": page.items}
    return result | ({"NextToken": page.token} if page.token else {})


def add_tags(store: Store, call: Call) -> Answer:
    """Add tags to a resource, or change them; return all that it has then."""
    record = _find(store, call)
    added = {tag["Key"]: tag["Value"] for tag in call.params["Tags"]}
    tags = record.tags() | added
    if len(tags) > MAX_TAGS:
        raise invalid(f"A resource can have at most {MAX_TAGS} tags; it would have {len(tags)}.")
    store.set_tags(record, tags)
    return {"Tags": _pairs(tags)}


def delete_tags(store: Store, call: Call) -> Answer:
    """Remove tags of a resource by their keys; a key that it does not have is no error."""
    record = _find(store, call)
    removed = set(call.params["TagKeys"])
    left = {key: value for key, value in record.tags().items() if key not in removed}
    store.set_tags(record, left)
    return {}


def _find(store: Store, call: Call) -> Record:
    arn = call.params["ResourceArn"]
    resource_type, _, name = arn.split(":", 5)[5].partition("/")
    kind = BY_ARN_TYPE.get(resource_type)
    if kind is None:
        raise NotSeededError
    record = store.find(call.region, kind, name, call.now)
    if record is None or record.arn != arn:
        raise invalid(f"Resource with ARN {arn} does not exist.")
    return record


def _pairs(tags: dict[str, str]) -> list[Answer]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]

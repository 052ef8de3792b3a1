"""ListTags."""

from gateway.twin.call import Call, NotSeededError
from gateway.twin.errors import invalid
from gateway.twin.kinds import BY_ARN_TYPE
from gateway.twin.operations.pagination import cut_page
from gateway.twin.records import Answer
from gateway.twin.store import Entry, Store

PAGE = 50


def list_tags(store: Store, call: Call) -> Answer:
    """Return the tags of a resource by its ARN, sorted by key, in pages."""
    arn = call.params["ResourceArn"]
    resource_type, _, name = arn.split(":", 5)[5].partition("/")
    kind = BY_ARN_TYPE.get(resource_type)
    if kind is None:
        raise NotSeededError
    record = store.find(call.region, kind, name, call.now)
    if record is None or record.arn != arn:
        raise invalid(f"Resource with ARN {arn} does not exist.")
    entries = [
        Entry((key, ""), {"Key": key, "Value": value})
        for key, value in sorted(record.tags().items())
    ]
    page = cut_page(call, entries, lambda _: True, PAGE, descending=False)
    result: Answer = {"Tags": page.items}
    return result | ({"NextToken": page.token} if page.token else {})

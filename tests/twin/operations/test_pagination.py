"""Pages: every entry once, whatever is added or removed between them."""

from bisect import insort

from hypothesis import given
from hypothesis import strategies as st

from gateway.twin.call import Call
from gateway.twin.faults import Faults
from gateway.twin.operations.pagination import cut_page
from gateway.twin.store import Entry, key_of

NAMES = st.sets(st.text("abcxyz-", min_size=1, max_size=4), max_size=30)


def entries_of(names: set[str]) -> list[Entry[str]]:
    """Return names as sorted entries, grouped by their first letter."""
    return sorted((Entry((name[0], name), name) for name in names), key=key_of)


@given(
    names=NAMES,
    added=st.lists(st.text("abcxyz-", min_size=1, max_size=4), max_size=30),
    size=st.integers(1, 7),
    descending=st.booleans(),
    sparse=st.booleans(),
)
def test_every_entry_once(
    names: set[str],
    added: list[str],
    size: int,
    descending: bool,  # noqa: FBT001  # given by name
    sparse: bool,  # noqa: FBT001  # given by name
) -> None:
    """All entries that are there all the time come exactly once and in order."""
    entries = entries_of(names)
    faults = Faults(empty_pages=sparse)
    token: str | None = ""
    seen: list[str] = []
    additions = iter(added)
    while token is not None:
        params = {"MaxResults": size, "NextToken": token}
        call = Call("ListThings", "here", params, 0, faults)
        page = cut_page(call, entries, lambda name: "x" not in name, 10, descending=descending)
        assert len(page.items) <= size
        seen += page.items
        token = page.token
        for name in additions:
            if name not in {entry.item for entry in entries}:
                insort(entries, Entry((name[0], name), name), key=key_of)
            break

    unchanged = {name for name in names if "x" not in name}
    assert len(seen) == len(set(seen))
    assert unchanged <= set(seen) <= unchanged | set(added)
    assert seen == sorted(seen, key=lambda name: (name[0], name), reverse=descending)

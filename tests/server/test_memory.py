"""What a process stores stays within its settings, whatever clients send."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.conftest import Count
from tests.replicas import Replica, replica

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

STORES: Final = {"document_megabytes": 8, "prepared_megabytes": 8, "joined_megabytes": 8}
_FACTOR: Final = 1.3
_WORK: Final = 24
"""MiB for what requests under way take, and for what the allocator keeps of them."""


def resident(served: Replica) -> int:
    """Return the MiB of memory that the process holds."""
    pages = int(Path(f"/proc/{served.process.pid}/statm").read_text().split()[1])
    return pages * 4_096 // 2**20


@pytest.mark.parametrize("sent", [1, 2], ids=["once", "twice"])
async def test_hostile_documents_take_no_more_than_the_settings(
    twin: "Twin", sent: int, count: Count
) -> None:
    """Large documents that never repeat, or repeat once, take 1.3 times the settings at the most.

    Each took a megabyte that nothing counted.
    """
    async with replica(twin.url, **STORES) as served, served.client() as http:
        ids = "id " * 2_400
        for number in range(-5, 150):
            if number == 0:
                before = resident(served)
            text = f'query Q{number + 5} {{ processingJob(name: "_") {{ {ids} }} }}'
            for again in range(sent):
                query = {"query": text, "variables": {"again": again}}
                assert (await http.post("/graphql", json=query)).is_success
        grown = resident(served) - before

    count("memory: MiB grown by 150 documents of 7 kB", grown)
    assert grown <= _FACTOR * sum(STORES.values()) + _WORK

"""Lists as a client reads them: page after page, over HTTP."""

from collections.abc import AsyncIterator
from typing import Any

from tests.gateway_under_test import Gateway

PAGE = """
  query ($first: Int, $after: String, $filter: ProcessingJobFilter, $orderBy: ListOrder) {
    processingJobs(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
      edges { cursor node { processingJobName processingJobStatus creationTime } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
"""


async def pages(gateway: Gateway, query: str = PAGE, **variables: Any) -> AsyncIterator[Any]:
    """Yield the pages of a list to its end. Fails when it stands still."""
    after = None
    while True:
        data = await gateway.data(query, after=after, **variables)
        (page,) = data.values()
        yield page
        if not page["pageInfo"]["hasNextPage"]:
            return
        assert page["pageInfo"]["endCursor"] not in {None, after}
        after = page["pageInfo"]["endCursor"]


async def names(gateway: Gateway, **variables: Any) -> list[str]:
    """Return the names on all pages of a list of processing jobs."""
    return [
        edge["node"]["processingJobName"]
        async for page in pages(gateway, **variables)
        for edge in page["edges"]
    ]

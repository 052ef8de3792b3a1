"""`uvicorn benchmarks.textbook.app:app`."""

import asyncio

import strawberry
from strawberry.asgi import GraphQL

from benchmarks.textbook import data
from benchmarks.textbook.job import ProcessingJob
from benchmarks.textbook.linked import AutoMLJob, MonitoringSchedule, Node, TrainingJob


async def _job(name: str) -> ProcessingJob:
    return ProcessingJob.of(await data.processing_job(name))


@strawberry.type
class Query:
    """The root."""

    @strawberry.field
    async def processing_job(self, name: str) -> ProcessingJob | None:
        """Return the job of that name."""
        return await _job(name)

    @strawberry.field
    async def nodes(self, ids: list[strawberry.ID]) -> list[Node | None]:
        """Return the jobs with those ARNs."""
        return list(await asyncio.gather(*(_job(data.name_of(id_)) for id_ in ids)))


schema = strawberry.Schema(Query, types=[ProcessingJob, TrainingJob, AutoMLJob, MonitoringSchedule])
app: GraphQL[None, None] = GraphQL(schema)

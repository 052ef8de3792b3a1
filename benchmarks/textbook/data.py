"""SageMaker through boto3 in threads and aiocache."""

import asyncio
import os
from typing import Any

import boto3
from aiocache import SimpleMemoryCache

_LIFETIME = 3_600

sagemaker = boto3.client(
    "sagemaker", region_name="eu-west-1", endpoint_url=os.environ["UPSTREAM_URL"]
)
cache = SimpleMemoryCache()


async def _describe(operation: str, parameter: str, name: str) -> Any:
    key = f"{operation}:{name}"
    answer = await cache.get(key)
    if answer is None:
        answer = await asyncio.to_thread(getattr(sagemaker, operation), **{parameter: name})
        await cache.set(key, answer, ttl=_LIFETIME)
    return answer


async def processing_job(name: str) -> Any:
    """Return the answer about a processing job."""
    return await _describe("describe_processing_job", "ProcessingJobName", name)


async def training_job(name: str) -> Any:
    """Return the answer about a training job."""
    return await _describe("describe_training_job", "TrainingJobName", name)


async def auto_ml_job(name: str) -> Any:
    """Return the answer about an AutoML job."""
    return await _describe("describe_auto_ml_job_v2", "AutoMLJobName", name)


async def monitoring_schedule(name: str) -> Any:
    """Return the answer about a monitoring schedule."""
    return await _describe("describe_monitoring_schedule", "MonitoringScheduleName", name)


def name_of(arn: str) -> str:
    """Return the name in an ARN."""
    return arn.rpartition("/")[2]

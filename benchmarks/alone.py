"""boto3 and threads with nothing around them: what the AWS calls of a workload cost by themselves.

`python -m benchmarks.alone ENDPOINT THREADS` reads lines of names, describes each name's processing
job and then its training job, and answers each line with the seconds that took.
"""

import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config


def _main() -> None:
    endpoint, threads = sys.argv[1], int(sys.argv[2])
    config = Config(max_pool_connections=threads)
    client = boto3.client(
        "sagemaker", region_name="eu-west-1", endpoint_url=endpoint, config=config
    )
    with ThreadPoolExecutor(threads) as pool:
        for line in sys.stdin:
            names = line.split()
            started = time.perf_counter()
            _describe_all(client, pool, names)
            sys.stdout.write(f"{time.perf_counter() - started}\n")
            sys.stdout.flush()


def _describe_all(client: Any, pool: ThreadPoolExecutor, names: list[str]) -> None:
    """Follow each link as soon as it is known, behind the jobs that already wait for a thread."""

    def job(name: str) -> Future[Any]:
        arn = client.describe_processing_job(ProcessingJobName=name)["TrainingJobArn"]
        linked = arn.rpartition("/")[2]
        return pool.submit(client.describe_training_job, TrainingJobName=linked)

    for following in [pool.submit(job, name) for name in names]:
        following.result().result()


if __name__ == "__main__":
    _main()

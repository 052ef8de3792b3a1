"""The AWS calls of workload c2, made with boto3 and threads and nothing else.

`python -m benchmarks.boto3_baseline ENDPOINT THREADS` reads lines of job names. For each line it
describes the processing jobs, searches for their training jobs, and prints the seconds it took.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
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
            _read_all(client, pool, names)
            sys.stdout.write(f"{time.perf_counter() - started}\n")
            sys.stdout.flush()


def _read_all(client: Any, pool: ThreadPoolExecutor, names: list[str]) -> None:
    jobs = pool.map(lambda name: client.describe_processing_job(ProcessingJobName=name), names)
    linked = [job["TrainingJobArn"].rpartition("/")[2] for job in jobs]
    filters = [
        {"Name": "TrainingJobName", "Operator": "In", "Value": ",".join(linked[start : start + 25])}
        for start in range(0, len(linked), 25)
    ]
    client.search(
        Resource="TrainingJob",
        SearchExpression={"Operator": "Or", "Filters": filters},
        MaxResults=len(linked),
    )


if __name__ == "__main__":
    _main()

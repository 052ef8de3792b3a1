"""Search for training jobs through boto3."""

from typing import Any

import pytest

from gateway.twin import Twin
from tests.twin.conftest import MovableClock, all_pages, connect, error_of

Job = dict[str, Any]


def search(client: Any, *filters: tuple[str, str, str | None], **more: Any) -> list[Job]:
    """Return all training jobs that satisfy all filters of name, operator and value."""
    expression = dict(more.pop("expression", {}))
    if filters:
        expression["Filters"] = [
            {"Name": name, "Operator": operator} | ({"Value": value} if value else {})
            for name, operator, value in filters
        ]
    params = {"SearchExpression": expression} if expression else {}
    found = all_pages(
        client.search, "Results", Resource="TrainingJob", MaxResults=100, **params, **more
    )
    return [result["TrainingJob"] for result in found]


def names(jobs: list[Job]) -> set[str]:
    """Return the names of jobs."""
    return {job["TrainingJobName"] for job in jobs}


@pytest.fixture(scope="module")
def jobs(client: Any) -> list[Job]:
    """Return all training jobs that Search knows."""
    return search(client)


def test_in_reads_many_jobs_at_once(twin: Twin, client: Any, jobs: list[Job]) -> None:
    """`In` on the name gives the named jobs, without those that do not exist."""
    wanted = sorted(names(jobs))[:15]
    value = ",".join([*wanted[:12], "no-such-job"])
    found = search(client, ("TrainingJobName", "In", value))

    assert names(found) == set(wanted[:12])
    assert twin.calls() == {"Search": 1}


def test_many_names_in_one_call(twin: Twin, client: Any, jobs: list[Job]) -> None:
    """Filters joined by Or read a hundred jobs in one call."""
    wanted = sorted(names(jobs))[:100]
    filters = [
        {"Name": "TrainingJobName", "Operator": "In", "Value": ",".join(wanted[at : at + 12])}
        for at in range(0, 100, 12)
    ]
    found = search(client, expression={"Filters": filters, "Operator": "Or"})

    assert names(found) == set(wanted)
    assert twin.calls() == {"Search": 1}


@pytest.mark.parametrize(
    ("condition", "keep"),
    [
        (
            ("TrainingJobStatus", "Equals", "Failed"),
            lambda job: job["TrainingJobStatus"] == "Failed",
        ),
        (
            ("TrainingJobStatus", "NotEquals", "Failed"),
            lambda job: job["TrainingJobStatus"] != "Failed",
        ),
        (
            ("TrainingJobName", "Contains", "xgboost"),
            lambda job: "xgboost" in job["TrainingJobName"],
        ),
        (("FailureReason", "Exists", None), lambda job: "FailureReason" in job),
        (("FailureReason", "NotExists", None), lambda job: "FailureReason" not in job),
        (
            ("CreationTime", "GreaterThan", "2026-03-01T00:00:00"),
            lambda job: f"{job['CreationTime']:%Y-%m-%d}" >= "2026-03-01",
        ),
        (
            ("BillableTimeInSeconds", "LessThanOrEqualTo", "3600"),
            lambda job: job.get("BillableTimeInSeconds", 3601) <= 3600,
        ),
        (
            ("HyperParameters.max_depth", "GreaterThanOrEqualTo", "6"),
            lambda job: float(job.get("HyperParameters", {}).get("max_depth", 0)) >= 6,
        ),
        (
            ("Tags.team", "Equals", "risk"),
            lambda job: {"Key": "team", "Value": "risk"} in job.get("Tags", ()),
        ),
        (
            ("EnableManagedSpotTraining", "Equals", "true"),
            lambda job: job["EnableManagedSpotTraining"],
        ),
        (
            ("Metrics.train:loss", "LessThan", "0.5"),
            lambda job: any(
                each["MetricName"] == "train:loss" and each["Value"] < 0.5
                for each in job.get("FinalMetricDataList", ())
            ),
        ),
    ],
)
def test_operators(client: Any, jobs: list[Job], condition: Any, keep: Any) -> None:
    """Each operator gives exactly the jobs that satisfy it."""
    expected = {job["TrainingJobName"] for job in jobs if keep(job)}

    assert expected
    assert names(search(client, condition)) == expected


def test_expressions_nest(client: Any, jobs: list[Job]) -> None:
    """Subexpressions are joined by And or Or, filters of one list by their expression's."""
    either = {
        "Operator": "Or",
        "Filters": [
            {"Name": "TrainingJobStatus", "Value": "Failed"},
            {"Name": "TrainingJobStatus", "Value": "Stopped"},
        ],
    }
    tagged = {"Filters": [{"Name": "Tags.environment", "Value": "production"}]}
    found = search(client, expression={"SubExpressions": [either, tagged]})

    assert names(found) == {
        job["TrainingJobName"]
        for job in jobs
        if job["TrainingJobStatus"] in {"Failed", "Stopped"}
        and {"Key": "environment", "Value": "production"} in job.get("Tags", ())
    }


def test_nested_filters_meet_one_object(client: Any, jobs: list[Job]) -> None:
    """A nested filter is satisfied by a single object of the list."""
    nested = {
        "NestedPropertyName": "InputDataConfig",
        "Filters": [
            {"Name": "InputDataConfig.ChannelName", "Operator": "Equals", "Value": "validation"},
            {"Name": "InputDataConfig.CompressionType", "Operator": "Equals", "Value": "Gzip"},
        ],
    }
    found = search(client, expression={"NestedFilters": [nested]})

    assert names(found) == {
        job["TrainingJobName"]
        for job in jobs
        if any(
            channel["ChannelName"] == "validation" and channel.get("CompressionType") == "Gzip"
            for channel in job["InputDataConfig"]
        )
    }


def test_results_are_sorted_and_paged(client: Any, jobs: list[Job]) -> None:
    """Newest changes come first unless another order is asked for, on small pages too."""
    modified = [job["LastModifiedTime"] for job in jobs]
    by_name = search(client, SortBy="TrainingJobName", SortOrder="Ascending")
    small = all_pages(client.search, "Results", Resource="TrainingJob", MaxResults=31)
    billed = search(client, SortBy="BillableTimeInSeconds")
    times = [job.get("BillableTimeInSeconds", 0) for job in billed]

    assert modified == sorted(modified, reverse=True)
    assert [job["TrainingJobName"] for job in by_name] == sorted(names(jobs))
    assert [result["TrainingJob"] for result in small] == jobs
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ({"Filters": [{"Name": "Nonsense", "Value": "1"}]}, "Unknown property: Nonsense"),
        ({"Filters": [{"Name": "TrainingJobName", "Value": "a" * 1025}]}, "1024"),
        ({"Filters": [{"Name": "TrainingJobName", "Value": "a"}] * 21}, "equal to 20"),
        (
            {"SubExpressions": [{"Filters": [{"Name": "TrainingJobName", "Value": "a"}] * 18}] * 3},
            "is 50",
        ),
        (
            {"Filters": [{"Name": "TrainingJobName", "Operator": "Contains", "Value": "a"}] * 2},
            "usage limit of 1 exceeded",
        ),
        ({"Operator": "Or"}, "At least one"),
        (
            {"Filters": [{"Name": "TrainingJobName", "Operator": "GreaterThan", "Value": "a"}]},
            "text",
        ),
        (
            {"Filters": [{"Name": "CreationTime", "Operator": "LessThan", "Value": "a"}]},
            "timestamp",
        ),
        ({"Filters": [{"Name": "BillableTimeInSeconds", "Value": "a"}]}, "number"),
        ({"Filters": [{"Name": "TrainingJobName", "Operator": "In"}]}, "needs a Value"),
    ],
)
def test_limits_and_mistakes(client: Any, expression: Job, words: str) -> None:
    """What AWS documents as too much or as wrong is a ValidationException that says so."""
    code, message, _ = error_of(client.search, Resource="TrainingJob", SearchExpression=expression)

    assert code == "ValidationException"
    assert words in message


def test_search_can_lag(clock: MovableClock) -> None:
    """With a lag, Search shows jobs as they were, while describe shows them as they are."""
    with Twin(jobs=1, clock=clock) as twin:
        client = connect(twin)
        clock.set(seconds=100)
        twin.set_faults(searchLagSeconds=60)
        job = client.describe_training_job(TrainingJobName="fraud-detector-training")
        [found] = search(client, ("TrainingJobName", "Equals", "fraud-detector-training"))
        client.close()

    assert job["TrainingJobStatus"] == "Completed"
    assert found["TrainingJobStatus"] == "InProgress"

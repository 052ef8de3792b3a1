"""The list operations through boto3: order, filters, pages."""

from datetime import timedelta
from typing import Any

import pytest

from gateway.twin import Twin
from tests.twin.conftest import START, MovableClock, all_pages, connect, error_of

LISTS = {
    "list_processing_jobs": ("ProcessingJobSummaries", "ProcessingJob"),
    "list_training_jobs": ("TrainingJobSummaries", "TrainingJob"),
    "list_auto_ml_jobs": ("AutoMLJobSummaries", "AutoMLJob"),
    "list_monitoring_schedules": ("MonitoringScheduleSummaries", "MonitoringSchedule"),
    "list_transform_jobs": ("TransformJobSummaries", "TransformJob"),
    "list_hyper_parameter_tuning_jobs": (
        "HyperParameterTuningJobSummaries",
        "HyperParameterTuningJob",
    ),
}
DAY_AGO = START - timedelta(days=1)


def listed(client: Any, operation: str, **params: Any) -> list[dict[str, Any]]:
    """Return all rows of a list operation, read in large pages."""
    return all_pages(getattr(client, operation), LISTS[operation][0], MaxResults=100, **params)


@pytest.mark.parametrize("operation", LISTS)
@pytest.mark.parametrize("sort_by", ["Name", "CreationTime", "Status"])
def test_orders_hold_across_pages(client: Any, operation: str, sort_by: str) -> None:
    """Pages together hold every job once, in the order asked for, or in its reverse."""
    rows, prefix = LISTS[operation]
    member = {"Name": f"{prefix}Name", "Status": f"{prefix}Status"}.get(sort_by, sort_by)
    call = getattr(client, operation)
    upwards = all_pages(call, rows, SortBy=sort_by, SortOrder="Ascending", MaxResults=27)
    downwards = all_pages(call, rows, SortBy=sort_by, SortOrder="Descending", MaxResults=41)

    assert upwards == downwards[::-1]
    assert [row[member] for row in upwards] == sorted(row[member] for row in upwards)
    assert len({row[f"{prefix}Name"] for row in upwards}) == len(upwards) > 20


@pytest.mark.parametrize(
    ("operation", "sort_by", "descending"),
    [
        ("list_processing_jobs", "CreationTime", False),
        ("list_training_jobs", "CreationTime", False),
        ("list_auto_ml_jobs", "AutoMLJobName", True),
        ("list_monitoring_schedules", "CreationTime", True),
        ("list_transform_jobs", "CreationTime", True),
        ("list_hyper_parameter_tuning_jobs", "HyperParameterTuningJobName", False),
    ],
)
# pytest passes parameters by name.
def test_defaults_are_awss(client: Any, operation: str, sort_by: str, descending: bool) -> None:  # noqa: FBT001
    """Without parameters come ten rows in the order that AWS documents."""
    rows = getattr(client, operation)()[LISTS[operation][0]]
    values = [row[sort_by] for row in rows]

    assert len(rows) == 10
    assert values == sorted(values, reverse=descending)


@pytest.mark.parametrize("operation", LISTS)
def test_filters_choose_rows(client: Any, operation: str) -> None:
    """Each filter gives exactly the rows that it says, and all together their intersection."""
    status, name = f"{LISTS[operation][1]}Status", f"{LISTS[operation][1]}Name"
    rows = listed(client, operation)
    wanted = rows[len(rows) // 3][status]
    part = rows[len(rows) // 3][name][:5]
    filters: dict[str, tuple[Any, Any]] = {
        "StatusEquals": (wanted, lambda row: row[status] == wanted),
        "NameContains": (part, lambda row: part in row[name]),
        "CreationTimeAfter": (DAY_AGO, lambda row: row["CreationTime"] > DAY_AGO),
        "CreationTimeBefore": (DAY_AGO, lambda row: row["CreationTime"] < DAY_AGO),
        "LastModifiedTimeAfter": (DAY_AGO, lambda row: row["LastModifiedTime"] > DAY_AGO),
        "LastModifiedTimeBefore": (DAY_AGO, lambda row: row["LastModifiedTime"] < DAY_AGO),
    }
    for parameter, (value, keep) in filters.items():
        key = {"SortBy": "Name"}
        found = listed(client, operation, **key, **{parameter: value})

        assert {row[name] for row in found} == {row[name] for row in rows if keep(row)}, parameter
    both = listed(client, operation, StatusEquals=wanted, NameContains=part)
    assert all(row[status] == wanted and part in row[name] for row in both)
    assert both


def test_filters_of_single_kinds(twin: Twin, client: Any) -> None:
    """Warm pools, training plans, endpoints, definitions and monitoring types are filters too."""
    schedules = twin.answers("DescribeMonitoringSchedule")
    endpoint = schedules["churn-data-quality-monitor"]["EndpointName"]
    definition = next(
        each["MonitoringScheduleConfig"]["MonitoringJobDefinitionName"]
        for each in schedules.values()
        if "MonitoringJobDefinitionName" in each["MonitoringScheduleConfig"]
    )
    warm = listed(client, "list_training_jobs", WarmPoolStatusEquals="Available")
    plan = next(row["TrainingPlanArn"] for row in listed(client, "list_training_jobs") if
                "TrainingPlanArn" in row)  # fmt: skip
    planned = listed(client, "list_training_jobs", TrainingPlanArnEquals=plan)
    biased = listed(client, "list_monitoring_schedules", MonitoringTypeEquals="ModelBias")
    at_endpoint = listed(client, "list_monitoring_schedules", EndpointName=endpoint)
    defined = listed(client, "list_monitoring_schedules", MonitoringJobDefinitionName=definition)

    assert {row["WarmPoolStatus"]["Status"] for row in warm} == {"Available"}
    assert {row["TrainingPlanArn"] for row in planned} == {plan}
    assert {row["MonitoringType"] for row in biased} == {"ModelBias"}
    assert [row["MonitoringScheduleName"] for row in at_endpoint] == ["churn-data-quality-monitor"]
    assert [row["MonitoringJobDefinitionName"] for row in defined] == [definition]


def test_pages_survive_additions(clock: MovableClock) -> None:
    """Every job is seen exactly once while jobs are being added and removed."""
    with Twin(jobs=100, clock=clock) as twin:
        client = connect(twin)
        before = set(twin.answers("DescribeProcessingJob"))
        names: list[str] = []
        token: dict[str, str] = {}
        for page in range(100):
            response = client.list_processing_jobs(MaxResults=7, SortBy="Name", **token)
            names += [row["ProcessingJobName"] for row in response["ProcessingJobSummaries"]]
            if "NextToken" not in response:
                break
            token = {"NextToken": response["NextToken"]}
            clock.set(minutes=page)
            twin.put("DescribeProcessingJob", {"ProcessingJobName": f"a-new-one-{page}"})
        client.close()

    assert len(names) == len(set(names))
    assert before <= set(names)


def test_last_page_has_no_token(twin: Twin, client: Any) -> None:
    """A page that ends with the last match says so, even if it is full."""
    twin.set_faults(emptyPages=False)
    total = len(listed(client, "list_auto_ml_jobs", StatusEquals="Failed"))
    page = client.list_auto_ml_jobs(StatusEquals="Failed", MaxResults=total)

    assert len(page["AutoMLJobSummaries"]) == total
    assert "NextToken" not in page


def test_pages_may_be_empty(twin: Twin, client: Any) -> None:
    """As on AWS, a filter may leave pages empty although matches follow."""
    full = listed(client, "list_processing_jobs", NameContains="churn-model-quality")
    pages: list[list[Any]] = []
    token: dict[str, str] = {}
    while not pages or token:
        page = client.list_processing_jobs(NameContains="churn-model-quality", **token)
        pages.append(page["ProcessingJobSummaries"])
        token = {"NextToken": page["NextToken"]} if "NextToken" in page else {}

    assert [row for page in pages for row in page] == full
    assert len(pages) == 20
    assert pages.count([]) == 19


def test_page_size_can_be_limited(twin: Twin, client: Any) -> None:
    """Pages can be made smaller than the caller asks for, as AWS may do."""
    twin.set_faults(pageSize=3, operations=["ListTrainingJobs"])

    assert len(client.list_training_jobs(MaxResults=50)["TrainingJobSummaries"]) == 3
    assert len(client.list_processing_jobs(MaxResults=50)["ProcessingJobSummaries"]) == 50


@pytest.mark.parametrize("token", ["x", "AAAA", "bm90IGEgdG9rZW4gYXQgYWxs", "é"])
def test_bad_tokens_are_refused(client: Any, token: str) -> None:
    """A token that the twin did not give is a ValidationException."""
    code, message, _ = error_of(client.list_processing_jobs, NextToken=token)

    assert code == "ValidationException"
    assert "pagination token" in message


def test_tokens_belong_to_their_question(client: Any) -> None:
    """A token of another filter, order or operation is refused; another page size is not."""
    token = client.list_processing_jobs()["NextToken"]

    for wrong in ({"StatusEquals": "Failed"}, {"SortOrder": "Descending"}):
        assert error_of(client.list_processing_jobs, NextToken=token, **wrong)[0]
    assert error_of(client.list_training_jobs, NextToken=token)[0] == "ValidationException"
    assert client.list_processing_jobs(NextToken=token, MaxResults=5)


@pytest.mark.parametrize(
    ("params", "rule"),
    [
        ({"MaxResults": 101}, "value less than or equal to 100"),
        ({"StatusEquals": "Nope"}, "enum value set"),
        ({"SortBy": "Size"}, "enum value set"),
    ],
)
def test_bad_parameters_are_refused(client: Any, params: dict[str, Any], rule: str) -> None:
    """Values that the service model does not allow are refused in AWS's words."""
    code, message, _ = error_of(client.list_processing_jobs, **params)

    assert code == "ValidationException"
    assert rule in message

"""Candidates of AutoML jobs and executions of monitoring schedules through boto3."""

from datetime import timedelta
from typing import Any

import pytest

from gateway.twin import Twin
from tests.twin.conftest import START, all_pages, error_of

ROWS = "MonitoringExecutionSummaries"


def executions(client: Any, **params: Any) -> list[dict[str, Any]]:
    """Return all executions that fit."""
    return all_pages(client.list_monitoring_executions, ROWS, **params)


def test_candidates_are_paged_and_sorted(client: Any) -> None:
    """Candidates come in the order asked for, however small the pages."""
    call, name = client.list_candidates_for_auto_ml_job, "churn-autopilot"
    all_at_once = call(AutoMLJobName=name, SortBy="FinalObjectiveMetricValue")["Candidates"]
    values = [each["FinalAutoMLJobObjectiveMetric"]["Value"] for each in all_at_once]
    one_by_one = all_pages(
        call,
        "Candidates",
        AutoMLJobName=name,
        MaxResults=1,
        SortBy="FinalObjectiveMetricValue",
        SortOrder="Descending",
    )

    assert len(values) == 3
    assert values == sorted(values)
    assert one_by_one == all_at_once[::-1]


def test_candidates_are_filtered(client: Any) -> None:
    """Candidates can be chosen by name and by status."""
    call, job = client.list_candidates_for_auto_ml_job, "churn-autopilot"
    name = call(AutoMLJobName=job)["Candidates"][1]["CandidateName"]
    named = call(AutoMLJobName=job, CandidateNameEquals=name)["Candidates"]
    failed = call(AutoMLJobName=job, StatusEquals="Failed")["Candidates"]

    assert [each["CandidateName"] for each in named] == [name]
    assert failed == []


def test_candidates_of_no_job(client: Any) -> None:
    """Candidates of a job that does not exist are ResourceNotFound."""
    code = error_of(client.list_candidates_for_auto_ml_job, AutoMLJobName="no-such-job")[0]

    assert code == "ResourceNotFound"


def test_executions_of_all_schedules(twin: Twin, client: Any) -> None:
    """Without a schedule's name come the executions of all, newest first."""
    rows = executions(client, MaxResults=100)
    times = [row["CreationTime"] for row in rows]
    small = executions(client, MaxResults=9)

    assert times == sorted(times, reverse=True)
    assert rows == small
    assert len({row["MonitoringScheduleName"] for row in rows}) > 5
    assert twin.calls()["ListMonitoringExecutions"] > 5


def test_executions_are_filtered(client: Any) -> None:
    """Each filter gives exactly the executions that it says."""
    rows = executions(client, MaxResults=100)
    border = START - timedelta(minutes=61)
    schedule = rows[0]["MonitoringScheduleName"]
    endpoint = next(row["EndpointName"] for row in rows if "EndpointName" in row)
    defined = next(
        row["MonitoringJobDefinitionName"] for row in rows if "MonitoringJobDefinitionName" in row
    )
    for params, keep in (
        ({"MonitoringScheduleName": schedule}, ("MonitoringScheduleName", schedule)),
        ({"StatusEquals": "Failed"}, ("MonitoringExecutionStatus", "Failed")),
        ({"MonitoringTypeEquals": "ModelBias"}, ("MonitoringType", "ModelBias")),
        ({"EndpointName": endpoint}, ("EndpointName", endpoint)),
        ({"MonitoringJobDefinitionName": defined}, ("MonitoringJobDefinitionName", defined)),
    ):
        found = executions(client, **params)

        assert found == [row for row in rows if row.get(keep[0]) == keep[1]]
        assert found
    for member in ("ScheduledTime", "CreationTime", "LastModifiedTime"):
        after = executions(client, **{f"{member}After": border})
        before = executions(client, **{f"{member}Before": border})

        assert after == [row for row in rows if row[member] > border]
        assert before == [row for row in rows if row[member] < border]


@pytest.mark.parametrize(
    ("sort_by", "member"),
    [("ScheduledTime", "ScheduledTime"), ("Status", "MonitoringExecutionStatus")],
)
def test_executions_are_sorted(client: Any, sort_by: str, member: str) -> None:
    """Executions come in the order asked for."""
    rows = executions(client, SortBy=sort_by, SortOrder="Ascending", MaxResults=11)

    assert [row[member] for row in rows] == sorted(row[member] for row in rows)


def test_executions_of_no_schedule(client: Any) -> None:
    """A schedule that does not exist has no executions."""
    assert executions(client, MonitoringScheduleName="no-such-schedule") == []


def test_put_jobs_have_the_child_that_they_show(twin: Twin, client: Any) -> None:
    """Of an answer put in by a test, the best candidate and the last execution are listed."""
    best = {"CandidateName": "c-1", "CandidateStatus": "Completed", "CreationTime": START}
    twin.put("DescribeAutoMLJobV2", {"AutoMLJobName": "given", "BestCandidate": best})
    candidates = client.list_candidates_for_auto_ml_job(AutoMLJobName="given")["Candidates"]
    twin.remove("DescribeAutoMLJobV2", "given")

    assert candidates == [best]

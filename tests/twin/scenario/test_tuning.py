"""Tuning jobs, their training jobs, and transform jobs as steps of candidates, through boto3."""

from typing import Any

import pytest
from botocore.session import get_session

from gateway.twin import Twin
from tests.twin.conftest import MovableClock, all_pages, connect, error_of
from tests.twin.shapes import problems

NAME = "churn-xgboost-tuning"
DESCRIBE = "DescribeHyperParameterTuningJob"


def trainings(client: Any, name: str = NAME, **params: Any) -> list[dict[str, Any]]:
    """Return the training jobs of a tuning job, read in small pages."""
    call = client.list_training_jobs_for_hyper_parameter_tuning_job
    params = {"HyperParameterTuningJobName": name, "MaxResults": 2, **params}
    return all_pages(call, "TrainingJobSummaries", **params)


def objective(row: dict[str, Any]) -> float:
    """Return the objective metric of a training job's row."""
    return float(row["FinalHyperParameterTuningJobObjectiveMetric"]["Value"])


def test_rows_are_the_training_jobs(twin: Twin, client: Any) -> None:
    """Each row agrees with its training job, which names the tuning job in turn."""
    for region in twin.regions():
        at = connect(twin, region)
        jobs = twin.answers("DescribeTrainingJob", region)
        for name, tuning in twin.answers(DESCRIBE, region).items():
            for row in trainings(at, name, MaxResults=100):
                job = jobs[row["TrainingJobName"]]
                same = ("TrainingJobArn", "TrainingJobStatus", "CreationTime", "FailureReason")

                assert job["TuningJobArn"] == tuning["HyperParameterTuningJobArn"]
                assert [row.get(member) for member in same] == [job.get(member) for member in same]
                assert row["TunedHyperParameters"].items() <= job["HyperParameters"].items()
                assert row.get("TrainingEndTime") == job.get("TrainingEndTime")
                if row["ObjectiveStatus"] == "Succeeded":
                    metric = row["FinalHyperParameterTuningJobObjectiveMetric"]
                    values = {m["MetricName"]: m["Value"] for m in job["FinalMetricDataList"]}
                    assert metric["Value"] == pytest.approx(values[metric["MetricName"]])
        at.close()


def test_rows_fit_their_shape(twin: Twin, client: Any) -> None:
    """All rows have the types, members, values and patterns of botocore's model."""
    shape = (
        get_session().get_service_model("sagemaker").shape_for("HyperParameterTrainingJobSummary")
    )
    rows = [row for name in twin.answers(DESCRIBE) for row in trainings(client, name)]

    assert [list(problems(shape, row)) for row in rows] == [[]] * len(rows)
    assert {row["TrainingJobStatus"] for row in rows} >= {"Completed", "Failed", "Stopped"}
    assert any("FailureReason" in row for row in rows)
    assert any("TrainingJobDefinitionName" in row for row in rows)


def test_counters_and_best_follow_from_the_rows(twin: Twin, client: Any) -> None:
    """The tuning job counts its training jobs, and its best one has the best objective."""
    statuses = set()
    for name, tuning in twin.answers(DESCRIBE).items():
        rows = trainings(client, name, MaxResults=100)
        counters = tuning["TrainingJobStatusCounters"]
        measured = [row for row in rows if row["ObjectiveStatus"] == "Succeeded"]
        kind = (
            measured[0]["FinalHyperParameterTuningJobObjectiveMetric"]["Type"] if measured else ""
        )
        best = (min if kind == "Minimize" else max)(measured, key=objective, default=None)
        statuses.add(tuning["HyperParameterTuningJobStatus"])

        assert sum(counters.values()) == len(rows)
        assert counters["Completed"] == sum(r["TrainingJobStatus"] == "Completed" for r in rows)
        assert tuning["ObjectiveStatusCounters"]["Succeeded"] == len(measured)
        assert tuning.get("BestTrainingJob") == best
    assert statuses == {
        *("Completed", "InProgress", "Failed", "Stopping", "Stopped", "Deleting", "DeleteFailed")
    }


def test_warm_starts_have_parents(twin: Twin) -> None:
    """Parents of a warm start exist and ended before it; the best of all is at least as good."""
    jobs = twin.answers(DESCRIBE)
    kinds = set()
    for tuning in jobs.values():
        if (warm := tuning.get("WarmStartConfig")) is None:
            continue
        kinds.add(warm["WarmStartType"])
        for parent in warm["ParentHyperParameterTuningJobs"]:
            ended = jobs[parent["HyperParameterTuningJobName"]]["LastModifiedTime"]

            assert ended < tuning["CreationTime"]
        if "OverallBestTrainingJob" in tuning and "BestTrainingJob" in tuning:
            overall = objective(tuning["OverallBestTrainingJob"])
            assert overall >= objective(tuning["BestTrainingJob"])
    assert kinds == {"IdenticalDataAndAlgorithm", "TransferLearning"}


@pytest.mark.parametrize("sort_by", ["Name", "CreationTime", "Status", "FinalObjectiveMetricValue"])
def test_training_jobs_are_sorted(client: Any, sort_by: str) -> None:
    """Each order goes both ways; by metric come only the training jobs that have one."""
    upwards = trainings(client, SortBy=sort_by)
    downwards = trainings(client, SortBy=sort_by, SortOrder="Descending")
    members = {"Name": "TrainingJobName", "Status": "TrainingJobStatus"}
    by_metric = sort_by == "FinalObjectiveMetricValue"
    read = objective if by_metric else lambda row: row[members.get(sort_by, sort_by)]

    assert upwards == downwards[::-1]
    assert [read(row) for row in upwards] == sorted(read(row) for row in upwards)
    assert len(upwards) == (5 if by_metric else 6)


def test_training_jobs_are_filtered_by_status(client: Any) -> None:
    """StatusEquals chooses the training jobs in that status."""
    failed = trainings(client, StatusEquals="Failed")

    assert [row["TrainingJobStatus"] for row in failed] == ["Failed"]


def test_training_jobs_of_no_tuning_job(client: Any) -> None:
    """Training jobs of a tuning job that does not exist are ResourceNotFound."""
    call = client.list_training_jobs_for_hyper_parameter_tuning_job

    assert error_of(call, HyperParameterTuningJobName="no-such-job")[0] == "ResourceNotFound"


def test_tuning_jobs_go_on_by_the_clock(moving: Twin, clock: MovableClock) -> None:
    """A tuning job at work starts its next training jobs and completes."""
    name = "fraud-xgboost-tuning"
    before = moving.answers(DESCRIBE)[name]
    clock.set(minutes=2)
    after = moving.answers(DESCRIBE)[name]

    assert before["HyperParameterTuningJobStatus"] == "InProgress"
    assert before["TrainingJobStatusCounters"]["InProgress"] == 1
    assert "HyperParameterTuningEndTime" not in before
    assert after["HyperParameterTuningJobStatus"] == "Completed"
    assert after["TrainingJobStatusCounters"]["Completed"] == 4
    assert after["OverallBestTrainingJob"]


def test_search_finds_the_training_jobs_of_a_tuning_job(twin: Twin, client: Any) -> None:
    """Search by TuningJobArn gives the training jobs that the tuning job lists."""
    arn = twin.answers(DESCRIBE)[NAME]["HyperParameterTuningJobArn"]
    equal = {"Name": "TuningJobArn", "Operator": "Equals", "Value": arn}
    found = all_pages(
        client.search, "Results", Resource="TrainingJob", SearchExpression={"Filters": [equal]}
    )

    assert {each["TrainingJob"]["TuningJobArn"] for each in found} == {arn}
    assert {each["TrainingJob"]["TrainingJobName"] for each in found} == {
        row["TrainingJobName"] for row in trainings(client)
    }


def test_candidate_steps_lead_to_transform_jobs(twin: Twin) -> None:
    """The transform steps of candidates exist and name their AutoML job."""
    for region in twin.regions():
        transforms = {
            answer["TransformJobArn"]: answer
            for answer in twin.answers("DescribeTransformJob", region).values()
        }
        steps = [
            (job["AutoMLJobArn"], step["CandidateStepArn"])
            for job in twin.answers("DescribeAutoMLJobV2", region).values()
            for step in job.get("BestCandidate", {}).get("CandidateSteps", ())
            if step["CandidateStepType"] == "AWS::SageMaker::TransformJob"
        ]

        assert steps
        for automl, step in steps:
            assert transforms[step]["AutoMLJobArn"] == automl
        assert any("AutoMLJobArn" not in answer for answer in transforms.values())

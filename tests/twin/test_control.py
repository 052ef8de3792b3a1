"""The control interface: call counts, fault switches and reset over HTTP."""

from typing import Any

import pytest

from gateway.twin import Twin
from tests.twin.conftest import START, ControlClient, MovableClock, connect, error_of
from tests.twin.operations.test_create import create_all

NAME = {"TrainingJobName": "churn-xgboost-training"}
ROLE = "arn:aws:iam::123456789012:role/made-here"


def test_calls_are_counted_per_operation(twin: Twin, client: Any, control: ControlClient) -> None:
    """Every call counts, failed ones too; looking at the counts does not."""
    client.describe_training_job(**NAME)
    client.describe_training_job(**NAME)
    client.list_training_jobs()
    error_of(client.describe_processing_job, ProcessingJobName="no-such-job")
    counts = {"DescribeProcessingJob": 1, "DescribeTrainingJob": 2, "ListTrainingJobs": 1}

    assert control("GET", "/_twin/calls") == (200, counts)
    assert twin.calls() == counts
    assert control("DELETE", "/_twin/calls") == (200, {})
    assert twin.calls() == {}


def test_faults_are_switched_over_http(client: Any, control: ControlClient) -> None:
    """PUT replaces all faults, GET shows them, DELETE ends them."""
    assert control("PUT", "/_twin/faults", {"errorRate": 1, "latencyMs": 1}) == (
        200,
        {"latencyMs": 1, "errorRate": 1},
    )
    assert error_of(client.describe_training_job, **NAME)[0] == "InternalFailure"
    assert control("PUT", "/_twin/faults", {"pageSize": 9}) == (200, {"pageSize": 9})
    assert control("GET", "/_twin/faults") == (200, {"pageSize": 9})
    assert control("DELETE", "/_twin/faults") == (200, {})
    assert client.describe_training_job(**NAME)["TrainingJobName"]


@pytest.mark.parametrize(
    ("body", "words"),
    [("{", "not JSON"), ({"errorRate": 2}, "from 0 to 1"), ([1], "JSON object")],
)
def test_bad_faults_are_400(twin: Twin, control: ControlClient, body: Any, words: str) -> None:
    """Faults that cannot be read change nothing and are answered with the reason."""
    twin.set_faults(pageSize=9)
    status, response = control("PUT", "/_twin/faults", body)

    assert status == 400
    assert words in response["error"]
    assert control("GET", "/_twin/faults") == (200, {"pageSize": 9})


def test_unknown_paths_and_methods(control: ControlClient) -> None:
    """What is not there is 404, what is not possible 405."""
    assert control("GET", "/_twin/nothing")[0] == 404
    assert control("POST", "/_twin/calls")[0] == 405
    assert control("POST", "/_twin/faults")[0] == 405


@pytest.mark.parametrize("path", ["/_twin/reset", "/moto-api/reset"])
def test_reset_leaves_the_twin_as_new(path: str) -> None:
    """After a reset all jobs, tags and statuses are as at first, moto's resources are gone.

    No calls are counted and no faults are on.
    """
    clock = MovableClock()
    with Twin(jobs=20, clock=clock, started=START) as twin:
        client, control = connect(twin), ControlClient(twin)
        lists = (client.list_processing_jobs, client.list_training_jobs, client.list_tags)
        arn = twin.answers("DescribeTrainingJob")["churn-xgboost-training"]["TrainingJobArn"]

        def everything() -> Any:
            return [
                [call(**({"ResourceArn": arn} if call == lists[2] else {})) for call in lists],
                twin.answers("DescribeProcessingJob"),
                twin.answers("DescribeHyperParameterTuningJob"),
            ]

        for answers in (before := everything())[0]:
            del answers["ResponseMetadata"]
        create_all(client)
        client.create_model(ModelName="m", ExecutionRoleArn=ROLE)
        client.add_tags(ResourceArn=arn, Tags=[{"Key": "new", "Value": ""}])
        client.stop_processing_job(ProcessingJobName="clickstream-sessionize")
        twin.put("DescribeProcessingJob", {"ProcessingJobName": "put-in"})
        twin.remove("DescribeProcessingJob", "churn-model-quality-check")
        twin.set_faults(latencyMs=1)
        clock.set(hours=3)
        assert control("POST", path) == (200, {"status": "ok"})
        clock.set(hours=0)

        assert twin.calls() == {}
        assert control("GET", "/_twin/faults") == (200, {})
        for answers in (after := everything())[0]:
            del answers["ResponseMetadata"]
        assert after == before
        assert error_of(client.describe_model, ModelName="m")[0] == "ValidationException"
        client.close()
        control.http.close()


def test_reset_begins_the_scenario_now(clock: MovableClock) -> None:
    """Where the twin began by its clock, a reset begins anew by its clock."""
    with Twin(jobs=20, clock=clock) as twin:
        name, describe = "clickstream-sessionize", "DescribeProcessingJob"
        clock.set(hours=3)
        late = twin.answers(describe)[name]["ProcessingJobStatus"]
        twin.reset()
        client = connect(twin)
        again = client.describe_processing_job(ProcessingJobName=name)["ProcessingJobStatus"]
        client.close()

    assert (late, again) == ("Completed", "InProgress")


def test_motos_own_interface_is_passed_on(control: ControlClient) -> None:
    """Other paths below moto's are answered by moto."""
    status, config = control("GET", "/moto-api/config")

    assert status == 201
    assert "batch" in config


def test_only_post_resets(control: ControlClient) -> None:
    """Other methods than POST reset nothing."""
    assert control("GET", "/_twin/reset")[0] == 405
    assert control("DELETE", "/moto-api/reset")[0] == 405

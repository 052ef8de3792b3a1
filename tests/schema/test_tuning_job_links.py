"""Links between tuning jobs that AWS gives by name: parents, and the tuning job of a best job."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.aws_answers import TRAINING, TUNING, arn, training_job, tuning_job
from tests.clocks import NOW
from tests.conftest import Put
from tests.gateway_under_test import Gateway

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

PARENTS = """{ hyperParameterTuningJob(name: "child") {
  warmStartConfig { parentHyperParameterTuningJobs { hyperParameterTuningJobName } }
  parentTuningJobs { id hyperParameterTuningJobStatus }
} }"""
OVERALL = """{ hyperParameterTuningJob(name: "child") { overallBestTrainingJob {
  tuningJobName
  tuningJob { id hyperParameterTuningJobStatus }
  trainingJob { id trainingJobStatus }
} } }"""


def child(*parents: str, **members: Any) -> dict[str, Any]:
    """Return a tuning job that learns from others, which are named."""
    config = {
        "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": one} for one in parents],
        "WarmStartType": "TransferLearning",
    }
    return tuning_job("child", WarmStartConfig=config, **members)


def best(name: str, **members: Any) -> dict[str, Any]:
    """Return the row of a training job."""
    return {
        "TrainingJobName": name,
        "TrainingJobArn": arn("training-job", name),
        "CreationTime": NOW,
        "TrainingJobStatus": "Completed",
        "TunedHyperParameters": {},
        **members,
    }


async def test_every_seeded_parent_is_found(gateway: Gateway, twin: "Twin") -> None:
    """The parents of every tuning job of the seed are the tuning jobs of these names."""
    found = 0
    for region in twin.regions():
        jobs = twin.answers(TUNING, region)
        query = """query ($name: String!, $region: String) {
          hyperParameterTuningJob(name: $name, region: $region) {
            parentTuningJobs { id hyperParameterTuningJobName creationTime }
          } }"""
        for name, answer in jobs.items():
            data = await gateway.data(query, name=name, region=region)
            got = data["hyperParameterTuningJob"]["parentTuningJobs"]
            config = answer.get("WarmStartConfig", {})
            parents = [
                each["HyperParameterTuningJobName"]
                for each in config.get("ParentHyperParameterTuningJobs", [])
            ]
            assert [each["id"] for each in got or []] == [
                jobs[parent]["HyperParameterTuningJobArn"] for parent in parents
            ]
            assert (got is None) == (not parents)
            found += len(parents)

    assert found > 1


async def test_deleted_parent_is_null_and_a_wrong_name_fails_alone(
    gateway: Gateway, twin: "Twin", put: Put
) -> None:
    """Each parent has its own place, in AWS's order; the others stay when one cannot be."""
    put(TUNING, tuning_job("first", "Stopped"))
    put(TUNING, child("gone", "first", "no name", "first"))

    answer = await gateway.query(PARENTS)

    first = {
        "id": arn("hyper-parameter-tuning-job", "first"),
        "hyperParameterTuningJobStatus": "STOPPED",
    }
    assert answer.data["hyperParameterTuningJob"]["parentTuningJobs"] == [None, first, None, first]
    assert answer.codes == ["UPSTREAM_UNAVAILABLE"]
    assert answer.error["path"] == ["hyperParameterTuningJob", "parentTuningJobs", 2]
    assert twin.calls() == {TUNING: 3}


async def test_tuning_job_without_parents_has_null(
    gateway: Gateway, twin: "Twin", put: Put
) -> None:
    """Nothing is asked for where AWS names no parent."""
    put(TUNING, tuning_job("child"))

    data = await gateway.data(PARENTS)

    assert data["hyperParameterTuningJob"] == {"warmStartConfig": None, "parentTuningJobs": None}
    assert twin.calls() == {TUNING: 1}


async def test_parents_are_planned_for(gateway: Gateway, twin: "Twin", put: Put) -> None:
    """The plan counts as many parents as AWS allows, and what is selected below each."""
    put(TUNING, child("first"))
    query = """{ hyperParameterTuningJob(name: "child") {
      parentTuningJobs { creationTime bestTrainingJob { trainingJob { roleArn } } }
    } }"""

    response = await gateway.http.post(
        "/graphql", json={"query": query}, headers={"X-Upstream": "explain"}
    )

    plan = response.json()["extensions"]["upstream"]
    places = {(".".join(each["path"]), each["operation"]): each["planned"] for each in plan["plan"]}
    assert places == {
        ("hyperParameterTuningJob", TUNING): 1,
        ("hyperParameterTuningJob.parentTuningJobs", TUNING): 5,
        ("hyperParameterTuningJob.parentTuningJobs.bestTrainingJob.trainingJob", TRAINING): 5,
    }
    assert twin.calls() == {}


async def test_overall_best_job_leads_to_its_own_tuning_job(
    gateway: Gateway, twin: "Twin", put: Put
) -> None:
    """The best job of all can be a parent's: its row leads to that tuning job and to itself."""
    put(TUNING, tuning_job("first", "Stopped"))
    put(TRAINING, training_job("winner"))
    put(TUNING, child("first", OverallBestTrainingJob=best("winner", TuningJobName="first")))

    data = await gateway.data(OVERALL)

    assert data["hyperParameterTuningJob"]["overallBestTrainingJob"] == {
        "tuningJobName": "first",
        "tuningJob": {
            "id": arn("hyper-parameter-tuning-job", "first"),
            "hyperParameterTuningJobStatus": "STOPPED",
        },
        "trainingJob": {"id": arn("training-job", "winner"), "trainingJobStatus": "COMPLETED"},
    }
    assert twin.calls() == {TUNING: 2, TRAINING: 1}


async def test_row_that_names_no_tuning_job_leads_to_none(gateway: Gateway, put: Put) -> None:
    """The link is null where AWS says nothing, and the rest of the row stays."""
    put(TRAINING, training_job("winner"))
    put(TUNING, child("first", OverallBestTrainingJob=best("winner")))

    data = await gateway.data(OVERALL)

    row = data["hyperParameterTuningJob"]["overallBestTrainingJob"]
    assert row["tuningJobName"] is None
    assert row["tuningJob"] is None
    assert row["trainingJob"]["trainingJobStatus"] == "COMPLETED"

"""Jobs that callers create: moto makes them, the twin remembers what moto drops.

Moto 5.2 forgets `ProcessingResources`, `Environment` and more, so the answer for such a job is
what moto describes, completed from the request that created it.
"""

import json
from typing import Any

from gateway.twin.errors import AwsError
from gateway.twin.http_server import Request, Response
from gateway.twin.kinds import AUTOML, PROCESSING, TRAINING, TRANSFORM, TUNING, Kind
from gateway.twin.model import output_shape
from gateway.twin.moto_bridge import MotoBridge
from gateway.twin.protocol import JSON_TYPE, TARGET_PREFIX
from gateway.twin.records import Answer, FixedRecord
from gateway.twin.store import Store

CREDENTIAL = "twin/20200101/{region}/sagemaker/aws4_request"
KIND_CREATED = {
    "CreateProcessingJob": PROCESSING,
    "CreateTrainingJob": TRAINING,
    "CreateAutoMLJobV2": AUTOML,
    "CreateTransformJob": TRANSFORM,
    "CreateHyperParameterTuningJob": TUNING,
}


def create(
    store: Store, moto: MotoBridge, operation: str, region: str, params: Any, request: Request
) -> Response:
    """Have moto create a job, and add it to the seeded ones."""
    kind = KIND_CREATED[operation]
    name = params[kind.name]
    existing = store.find(region, kind, name, store.now())
    if existing is not None:
        raise AwsError(
            "ResourceInUse",
            "Job name must be unique within an AWS account and region, and a job with this name "
            f"already exists ({existing.arn})",
        )
    response = moto.answer(request)
    if response.status == 200:
        arn = json.loads(response.body)[kind.arn]

        def answer() -> Answer:
            return _describe(moto, kind, region, params)

        def tags() -> dict[str, str]:
            return {tag["Key"]: tag["Value"] for tag in params.get("Tags") or ()}

        store.add(FixedRecord(kind, region, name, arn, answer, tags))
    return response


def _describe(moto: MotoBridge, kind: Kind, region: str, params: Answer) -> Answer:
    headers = {
        "authorization": f"AWS4-HMAC-SHA256 Credential={CREDENTIAL.format(region=region)}",
        "x-amz-target": TARGET_PREFIX + kind.describe,
        "content-type": JSON_TYPE,
        "host": f"api.sagemaker.{region}.amazonaws.com",
    }
    body = json.dumps({kind.name: params[kind.name]}).encode()
    response = moto.answer(Request("POST", "/", headers, body))
    if response.status != 200:
        raise kind.missing(params[kind.name])
    described = json.loads(response.body)
    members = output_shape(kind.describe).members
    merged = {**params, **described}
    return {name: merged[name] for name in members if merged.get(name) is not None}

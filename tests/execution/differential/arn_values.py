"""ARNs of resources that exist, of some that do not, and texts that only look like ARNs."""

from typing import Final

from gateway.schema.registry import RESOURCES

from .choices import Choices
from .fake_sagemaker import REGION, SERVED_REGIONS, existing_names

_GOOD: Final = tuple(
    f"arn:aws:sagemaker:{region}:123456789012:{resource.arn_type}/{name}"
    for region in SERVED_REGIONS[:2]
    for resource in RESOURCES
    for name in existing_names(resource, region)
)
_JOB: Final = existing_names(RESOURCES[0], REGION)[0]
_ODD: Final = (
    f"arn:aws:sagemaker:eu-west-1:123456789012:processing-job/{_JOB.upper()}",
    f"ARN:AWS:SageMaker:EU-WEST-1:123456789012:Processing-Job/{_JOB}",
    f"arn:aws:sagemaker:eu-west-1:210987654321:processing-job/{_JOB}",
    f"arn:aws:sagemaker:eu-west-1::processing-job/{_JOB}",
    f"arn:aws:sagemaker:ap-south-1:123456789012:processing-job/{_JOB}",
    f"arn:aws:sagemaker:mars-north-1:123456789012:processing-job/{_JOB}",
    f"arn:aws:sagemaker::123456789012:processing-job/{_JOB}",
    f"arn:aws-cn:sagemaker:cn-north-1:123456789012:training-job/{_JOB}",
    f"arn:aws:batch:eu-west-1:123456789012:training-job/{_JOB}",
    "arn:aws:sagemaker:eu-west-1:123456789012:training-job/never-was",
    "arn:aws:sagemaker:eu-west-1:123456789012:automl-job/" + "a" * 33,
    "arn:aws:sagemaker:eu-west-1:123456789012:processing-job/not_a_name",
    "arn:aws:sagemaker:eu-west-1:123456789012:processing-job/a/b",
    "arn:aws:sagemaker:eu-west-1:123456789012:processing-job/",
    "arn:aws:sagemaker:eu-west-1:123456789012:transform-job/score-everything",
    "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/nightly",
    "not an ARN",
    "",
)


def draw_arn(choices: Choices) -> str:
    """Return an ARN, mostly one that leads somewhere."""
    return choices.pick(_ODD if choices.chance(12) else _GOOD)

"""Where moto's tests ask for what AWS would refuse, or would answer otherwise."""

from typing import Final

ROLE: Final = ("arn:aws:sagemaker:us-east-1:000000000000:x-x/", "arn:aws:iam::000000000000:role/")

CORRECTIONS: Final[dict[str, list[tuple[str, str]]]] = {
    # A role is an ARN of IAM.
    "processing": [ROLE],
    "training": [
        ROLE,
        ("role_arn=resource_arn", "role_arn=FAKE_ROLE_ARN"),
        # Only a resource that exists has tags, and this one is in another account.
        (
            'f"arn:aws:sagemaker:us-east-1:000000000000:tr',
            'f"arn:aws:sagemaker:us-east-1:123456789012:tr',
        ),
    ],
    # Input and output are URIs in S3; names have no underscores.
    "transform": [
        ('"S3Uri": "input"', '"S3Uri": "s3://input"'),
        ('"some-bucket"', '"s3://some-bucket"'),
        ('bucket = "my-bucket"', 'bucket = "s3://my-bucket"'),
        ('"data_capture"', '"s3://data-capture"'),
        ("blah_model", "blah-model"),
    ],
    # Names have no underscores.
    "search": [
        ('"experiment_name"', '"experiment-name"'),
        ('"trial_component_name"', '"trial-component-name"'),
        ('"trial_name"', '"trial-name"'),
        ('"_name"', '"-name"'),
        ('_DEV"', '-DEV"'),
        ('"_PROD"', '"-PROD"'),
    ],
    "automljobs": [],
}
"""Arguments that AWS refuses for their form, and allowed ones that are given in their place."""

_ENDED: Final = "The job has ended: AWS refuses to stop it."
_WORDS: Final = "AWS says it in other words: `1 validation error detected: ...`."
_UNKNOWN: Final = "AWS says it in other words, without an ARN."
_PLACEHOLDERS: Final = (
    "moto answers with placeholders that contradict each other: a job in progress with an end, an "
    "empty reason for a failure, a completed candidate that failed."
)
_NEWEST_FIRST: Final = "AWS lists transform jobs from the newest on, unless it is asked otherwise."

EXCEPTIONS: Final[dict[str, dict[str, str]]] = {
    "processing": {
        "test_list_processing_jobs_should_validate_input": _WORDS,
        "test_stop_processing_job": _ENDED,
    },
    "training": {
        "test_list_training_jobs_should_validate_input": _WORDS,
        "test_describe_unknown_training_job": _UNKNOWN,
    },
    "transform": {
        "test_list_transform_jobs_should_validate_input": _WORDS,
        "test_describe_unknown_transform_job": _UNKNOWN,
        "test_list_transform_jobs_paginated": _NEWEST_FIRST,
        "test_list_transform_jobs_paginated_with_target_in_middle": _NEWEST_FIRST,
    },
    "search": {},
    "automljobs": {
        "test_describe_auto_ml_job_v2": _PLACEHOLDERS,
        "test_describe_auto_ml_job_v2_defaults": _PLACEHOLDERS,
        "test_list_auto_ml_jobs_filters": _PLACEHOLDERS,
        "test_list_auto_ml_jobs": "AWS lists AutoML jobs by name, from the last on, unless asked.",
        "test_stop_auto_ml_job": _ENDED,
    },
}
"""moto's tests that fail against the twin, since they would fail against AWS, by module."""

"""An account in a region: the ARNs, buckets, roles and images that are found there."""

from dataclasses import dataclass

# Amazon's registries per image family: account in the region, with one to fall back to.
REGISTRIES: dict[str, dict[str, str]] = {
    "sagemaker-scikit-learn": {"eu-west-1": "141502667606", "us-east-1": "683313688378"},
    "sagemaker-xgboost": {"eu-west-1": "141502667606", "us-east-1": "683313688378"},
    "sagemaker-sklearn-automl": {"eu-west-1": "141502667606", "us-east-1": "683313688378"},
    "linear-learner": {"eu-west-1": "438346466558", "us-east-1": "382416733822"},
    "sagemaker-spark-processing": {"eu-west-1": "571004829621", "us-east-1": "173754725891"},
    "sagemaker-clarify-processing": {"eu-west-1": "131013547314", "us-east-1": "205585389593"},
    "sagemaker-model-monitor-analyzer": {
        "eu-west-1": "468650794304",
        "us-east-1": "156813124566",
    },
    "sagemaker-debugger-rules": {"eu-west-1": "929884845733", "us-east-1": "503895931360"},
}
# AWS Deep Learning Containers have one account in all commercial regions.
DEEP_LEARNING = "763104351884"


@dataclass(frozen=True)
class Account:
    """An account in a region, where resources live."""

    id: str
    region: str

    def arn(self, resource_type: str, name: str, service: str = "sagemaker") -> str:
        """`arn:aws:sagemaker:eu-west-1:123456789012:training-job/name`."""
        return f"arn:aws:{service}:{self.region}:{self.id}:{resource_type}/{name}"

    def role(self, name: str) -> str:
        """Return an IAM role."""
        return f"arn:aws:iam::{self.id}:role/{name}"

    def key(self, identifier: str) -> str:
        """Return a KMS key."""
        return self.arn("key", identifier, "kms")

    @property
    def bucket(self) -> str:
        """The bucket that SageMaker makes for itself."""
        return f"sagemaker-{self.region}-{self.id}"

    def s3(self, path: str, bucket: str = "") -> str:
        """Return an object or prefix, in SageMaker's bucket unless another one is named."""
        return f"s3://{bucket or self.bucket}/{path}"

    def image(self, repository: str, tag: str) -> str:
        """Return a container image: Amazon's by its family, else the account's own."""
        by_region = REGISTRIES.get(repository)
        if by_region:
            owner = by_region.get(self.region, by_region["eu-west-1"])
        elif repository.endswith(("-training", "-inference")):
            owner = DEEP_LEARNING
        else:
            owner = self.id
        return f"{owner}.dkr.ecr.{self.region}.amazonaws.com/{repository}:{tag}"

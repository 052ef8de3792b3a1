"""A batch transform job, known by its ARN only."""

from gateway.schema.fields import member, structure


@structure
class TransformJob:
    """A batch transform job; this gateway tells what its ARN says and asks AWS no more of it."""

    transform_job_name: str = member("Name of the job, as its ARN gives it.")
    transform_job_arn: str = member("ARN of the job.")

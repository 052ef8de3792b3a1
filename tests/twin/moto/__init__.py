"""moto's own tests of SageMaker's jobs, run against the twin as moto's server mode."""

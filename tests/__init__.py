"""The tests, one file for one module of `gateway/`, run against the offline SageMaker."""

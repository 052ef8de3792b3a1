"""SageMaker's operations as the twin answers them."""

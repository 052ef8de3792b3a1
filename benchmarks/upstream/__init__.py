"""A SageMaker that costs next to nothing, so that what is measured is what stands before it."""

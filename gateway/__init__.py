"""A GraphQL gateway over Amazon SageMaker's job APIs."""

"""The GraphQL schema: Strawberry types that model AWS's answers, and the links between them."""

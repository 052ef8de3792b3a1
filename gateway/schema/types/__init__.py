"""The GraphQL types: one module per resource, with all that is special to it."""

"""GraphQL over HTTP, GraphiQL and health."""

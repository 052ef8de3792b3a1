"""The interpreted executor: graphql-core on the Strawberry schema."""

"""How an operation is run: parsed and checked once, then executed against the cache."""

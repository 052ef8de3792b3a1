"""How much each caller may take: AWS calls and requests, by buckets that fill up again."""

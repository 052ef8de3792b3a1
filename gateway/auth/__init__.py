"""Who sends a request: tokens of OpenID Connect issuers, API keys, the access file."""

"""The gateway as Strawberry's documentation would have one write it: the measure of all others.

Typed objects made from AWS's answers, a resolver for each link, boto3 in threads, aiocache in
front of it, Strawberry's own ASGI application. Nothing is slowed down and nothing is tuned.
"""

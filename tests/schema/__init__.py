"""Tests of `gateway/schema/`: the contract with AWS and with clients."""

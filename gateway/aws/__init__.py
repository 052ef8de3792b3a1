"""AWS access: ARNs, the boto3 client, the cache, single flight and the loader."""

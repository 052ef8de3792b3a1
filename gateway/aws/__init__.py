"""AWS access: ARNs, the table of resources, the boto3 client, the cache and the single flight."""

"""AWS access: the boto3 client, the cache, the reader and the loader; knows no single resource."""

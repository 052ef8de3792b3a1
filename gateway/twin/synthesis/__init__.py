"""Values made up from botocore's shapes, by seed."""

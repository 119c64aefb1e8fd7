"""What can be asked of AWS about Gumshoe before it is deployed, without changing anything. infra/verify-aws.py runs it."""

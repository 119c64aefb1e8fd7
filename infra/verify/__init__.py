"""Checks with AWS's APIs that need no deployment and change nothing. infra/verify-aws.py runs them."""

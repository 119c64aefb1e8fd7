"""Adds the condition keys of the stack's policies to the emulator's IAM, with the values that AWS sends.

- `aws:PrincipalArn` is the ARN of the role, with its path, and not of the session. A service has none.
- `aws:PrincipalIsAWSService` is true for a service, and false for other callers.
- `dynamodb:LeadingKeys` has the partition key values of a request.
- `aws:SecureTransport` is true: the emulator speaks plain HTTP, on loopback only.

A state machine calls with its role, not as the caller of StartExecution.

The account's root passes every policy of a queue or a topic, because tests use its key to send what AWS services would deliver,
and the emulator's own services use it too. On AWS, such a policy applies to the root as well.
"""

import json
import re
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.services import dynamodb, iam, stepfunctions

# An equality condition in a KeyConditionExpression.
EQUALS = re.compile(r"(#?[\w.]+)\s*=\s*(:\w+)")

Json = dict[str, Any]


def principal_arn(context: iam_evaluator.EvalContext) -> str | None:
    """The ARN of the caller's role or user."""
    if is_service(context):
        return None
    session = re.fullmatch(r"arn:([\w-]+):sts::(\d{12}):assumed-role/([^/]+)/.*", context.principal_arn)
    if session is None:
        return context.principal_arn
    partition, account, name = session.groups()
    role = iam._roles.get_scoped(account, None, name)
    return role["Arn"] if role else f"arn:{partition}:iam::{account}:role/{name}"


def is_service(context: iam_evaluator.EvalContext) -> bool:
    return context.principal_type == "Service"


def leading_keys(body: bytes) -> list[str]:
    """The distinct partition key values in a DynamoDB request."""
    try:
        request = json.loads(body or b"{}")
    except (json.JSONDecodeError, UnicodeDecodeError):
        return []
    if not isinstance(request, dict):
        return []
    inner = [part for item in request.get("TransactItems") or [] for part in item.values()]
    values = [value for part in [request, *inner] for value in keys_of(part)]
    return sorted(set(values))


def keys_of(request: Json) -> list[str]:
    name = partition_key(request)
    if name is None:
        return []
    items = [request.get("Key"), request.get("Item")]
    found = [text(item[name]) for item in items if isinstance(item, dict) and name in item]
    names, values = (request.get(f"ExpressionAttribute{which}") or {} for which in ("Names", "Values"))
    for attribute, value in EQUALS.findall(request.get("KeyConditionExpression") or ""):
        if names.get(attribute, attribute) == name and value in values:
            found.append(text(values[value]))
    return found


def text(value: Json) -> str:
    return str(next(iter(value.values())))


def partition_key(request: Json) -> str | None:
    """The name of the partition key of the table or index that a request is for."""
    table = dynamodb._tables.get(str(request.get("TableName", "")).rsplit("/", 1)[-1])
    if table is None:
        return None
    schema = table["KeySchema"]
    if request.get("IndexName"):
        indexes = [*(table.get("GlobalSecondaryIndexes") or []), *(table.get("LocalSecondaryIndexes") or [])]
        schema = next((it["KeySchema"] for it in indexes if it["IndexName"] == request["IndexName"]), schema)
    return next(it["AttributeName"] for it in schema if it["KeyType"] == "HASH")


def session_of(role_arn: str, name: str) -> str:
    """The ARN of a session of a role."""
    _, partition, _, _, account, role = role_arn.split(":", 5)
    return f"arn:{partition}:sts::{account}:assumed-role/{role.rsplit('/', 1)[-1]}/{name}"


def patch_emulator() -> None:
    resolve = iam_evaluator._resolve_condition_key

    def resolve_patched(key: str, context: iam_evaluator.EvalContext) -> Any:
        match key.lower():
            case "aws:principalarn":
                return principal_arn(context)
            case "aws:principalisawsservice":
                return str(is_service(context)).lower()
            case "aws:securetransport":
                return "true"
            case _:
                return resolve(key, context)

    iam_evaluator._resolve_condition_key = resolve_patched

    of_request = iam_actions.dynamodb_service_context

    def with_leading_keys(body: bytes) -> Json:
        keys = leading_keys(body)
        return {**of_request(body), **({"dynamodb:LeadingKeys": keys} if keys else {})}

    iam_actions.dynamodb_service_context = with_leading_keys

    allows = iam_evaluator.resource_policy_allows

    def allows_root(policy: Any, context: iam_evaluator.EvalContext, same_account: bool) -> bool:
        return context.principal_arn.endswith(":root") or allows(policy, context, same_account)

    iam_evaluator.resource_policy_allows = allows_root

    run = stepfunctions._run_execution

    def run_with_role(execution_arn: str) -> None:
        execution = stepfunctions._executions[execution_arn]
        started = execution["events"][0]["executionStartedEventDetails"]
        session = session_of(started["roleArn"], execution["name"])
        former = iam_evaluator._request_caller_arn.set(session)
        try:
            run(execution_arn)
        finally:
            iam_evaluator._request_caller_arn.reset(former)

    stepfunctions._run_execution = run_with_role

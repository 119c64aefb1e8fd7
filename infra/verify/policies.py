"""Checks IAM's decisions on each role's policies (SimulateCustomPolicy, which changes nothing).

Every action of every statement is simulated on an example of each of the statement's resources, with a context that satisfies
its conditions, and then with contexts that fail them. For each role, two actions are simulated that it must not have.
"""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from deployed import ACCESS_DENIED_CODES
from verify.context import UnsupportedCondition, keys_of, matching_context, failing_contexts
from verify.render import RenderedTemplate
from verify.report import Outcome, Result

# An action that no role of Gumshoe may have.
FORBIDDEN_ACTION = "iam:CreateAccessKey"


@dataclasses.dataclass(frozen=True)
class PolicyCase:
    """Actions on a resource with a context, and the expected decision of IAM."""

    role: str
    policies: tuple[str, ...]
    actions: tuple[str, ...]
    resource: str
    context: tuple[dict[str, Any], ...]
    expected: str


def strings(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def example(pattern: str, region: str) -> str:
    """A resource that the pattern matches: wildcards of Region and account are replaced by values, all other wildcards by `example`."""
    parts = pattern.split(":")
    if len(parts) > 5:
        parts[3] = region if parts[3] == "*" else parts[3]
        parts[4] = "111122223333" if parts[4] == "*" else parts[4]
    return pattern if pattern == "*" else ":".join(parts).replace("*", "example")


def documents_of(role: dict[str, Any]) -> list[dict[str, Any]]:
    return [policy["PolicyDocument"] for policy in role.get("Policies", [])]


def cases(template: RenderedTemplate) -> Iterator[PolicyCase | Result]:
    """The cases for the template's roles; a result for a case that cannot be simulated."""
    roles = {name: documents_of(role) for name, role in template.resources("AWS::IAM::Role").items()}
    every = {action for documents in roles.values() for action in actions_of(documents)}
    for role, documents in roles.items():
        policies = tuple(json.dumps(document) for document in documents)
        statements = [it for document in documents for it in document["Statement"]]
        for statement in statements:
            try:
                context = matching_context(statement.get("Condition", {}), template.location)
                others = failing_contexts(statement.get("Condition", {}), template.location)
            except UnsupportedCondition as error:
                yield Result("policies", role, Outcome.SKIPPED, f"{strings(statement['Action'])}: {error}")
                continue
            decision = "allowed" if statement["Effect"] == "Allow" else "explicitDeny"
            actions = tuple(strings(statement["Action"]))
            resources = [example(it, template.location.region) for it in strings(statement["Resource"])]
            for resource in resources:
                yield PolicyCase(role, policies, actions, resource, context, decision)
            for key, other in others if decision == "allowed" else []:
                bound = tuple(action for action in actions if is_always_conditioned_on(statements, action, key))
                if bound:
                    yield PolicyCase(role, policies, bound, resources[0], other, "implicitDeny")
        other_role_action = sorted(every - actions_of(documents))[:1]
        yield PolicyCase(role, policies, (FORBIDDEN_ACTION, *other_role_action), "*", (), "implicitDeny")


def actions_of(documents: list[dict[str, Any]]) -> set[str]:
    return {action for document in documents for it in document["Statement"] for action in strings(it["Action"])}


def is_always_conditioned_on(statements: list[dict[str, Any]], action: str, key: str) -> bool:
    """Whether every statement that allows the action has a condition on that key."""
    allowing = [it for it in statements if it["Effect"] == "Allow" and action in strings(it["Action"])]
    return all(key in keys_of(it.get("Condition", {})) for it in allowing)


def simulate(iam: Any, case: PolicyCase) -> Iterator[Result]:
    """One result for each action."""
    try:
        answer = iam.simulate_custom_policy(PolicyInputList=list(case.policies), ActionNames=list(case.actions),
                                            ResourceArns=[case.resource], ContextEntries=list(case.context))
    except ClientError as error:
        if error.response["Error"]["Code"] in ACCESS_DENIED_CODES:
            raise
        yield Result("policies", case.role, Outcome.NOT_CONFIRMED, f"{case.actions} on {case.resource}: {error}")
        return
    results = {it["EvalActionName"]: it for it in answer["EvaluationResults"]}
    for action in case.actions:
        seen = results.get(action, {}).get("EvalDecision", "no decision")
        if seen == case.expected:
            yield Result("policies", case.role, Outcome.CONFIRMED)
            continue
        lacking = results.get(action, {}).get("MissingContextValues", [])
        context = {it["ContextKeyName"]: it["ContextKeyValues"] for it in case.context}
        detail = f"{action} on {case.resource} with {context}: expected {case.expected}, saw {seen}"
        yield Result("policies", case.role, Outcome.NOT_CONFIRMED, f"{detail}; missing context keys: {lacking}" if lacking else detail)


def check(iam: Any, template: RenderedTemplate) -> Iterator[Result]:
    for case in cases(template):
        if isinstance(case, Result):
            yield case
        else:
            yield from simulate(iam, case)

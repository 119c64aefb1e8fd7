"""Whether IAM decides on each role's policies as they are meant (SimulateCustomPolicy, which changes nothing).

Every action of every statement is asked about on an example of each of the statement's resources, with a context that meets
its conditions; then with one that does not meet them. Of each role two actions are asked about that it must not have.
"""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from deployed import DENIED
from verify.context import Unknown, keys_of, meeting, missing
from verify.render import Template
from verify.report import Outcome, Row

# What no role of Gumshoe may do.
NEVER = "iam:CreateAccessKey"


@dataclasses.dataclass(frozen=True)
class Question:
    """Actions on a resource under a context, and the decision that is expected of IAM."""

    role: str
    policies: tuple[str, ...]
    actions: tuple[str, ...]
    resource: str
    context: tuple[dict[str, Any], ...]
    expected: str


def strings(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def example(pattern: str, region: str) -> str:
    """A resource that the pattern matches: an open Region and account filled in, everything else that is open as `example`."""
    parts = pattern.split(":")
    if len(parts) > 5:
        parts[3] = region if parts[3] == "*" else parts[3]
        parts[4] = "111122223333" if parts[4] == "*" else parts[4]
    return pattern if pattern == "*" else ":".join(parts).replace("*", "example")


def documents_of(role: dict[str, Any]) -> list[dict[str, Any]]:
    return [policy["PolicyDocument"] for policy in role.get("Policies", [])]


def questions(template: Template) -> Iterator[Question | Row]:
    """What to ask about the template's roles; a row where a question cannot be put."""
    roles = {name: documents_of(role) for name, role in template.resources("AWS::IAM::Role").items()}
    every = {action for documents in roles.values() for action in actions_of(documents)}
    for role, documents in roles.items():
        policies = tuple(json.dumps(document) for document in documents)
        statements = [it for document in documents for it in document["Statement"]]
        for statement in statements:
            try:
                context = meeting(statement.get("Condition", {}), template.place)
                others = missing(statement.get("Condition", {}), template.place)
            except Unknown as error:
                yield Row("policies", role, Outcome.NOT_TRIED, f"{strings(statement['Action'])}: {error}")
                continue
            decision = "allowed" if statement["Effect"] == "Allow" else "explicitDeny"
            actions = tuple(strings(statement["Action"]))
            resources = [example(it, template.place.region) for it in strings(statement["Resource"])]
            for resource in resources:
                yield Question(role, policies, actions, resource, context, decision)
            for key, other in others if decision == "allowed" else []:
                bound = tuple(action for action in actions if always_asks(statements, action, key))
                if bound:
                    yield Question(role, policies, bound, resources[0], other, "implicitDeny")
        lacks = sorted(every - actions_of(documents))[:1]
        yield Question(role, policies, (NEVER, *lacks), "*", (), "implicitDeny")


def actions_of(documents: list[dict[str, Any]]) -> set[str]:
    return {action for document in documents for it in document["Statement"] for action in strings(it["Action"])}


def always_asks(statements: list[dict[str, Any]], action: str, key: str) -> bool:
    """Whether every statement that allows the action has a condition on that key."""
    allowing = [it for it in statements if it["Effect"] == "Allow" and action in strings(it["Action"])]
    return all(key in keys_of(it.get("Condition", {})) for it in allowing)


def ask(iam: Any, question: Question) -> Iterator[Row]:
    """One row for each action."""
    try:
        answer = iam.simulate_custom_policy(PolicyInputList=list(question.policies), ActionNames=list(question.actions),
                                            ResourceArns=[question.resource], ContextEntries=list(question.context))
    except ClientError as error:
        if error.response["Error"]["Code"] in DENIED:
            raise
        yield Row("policies", question.role, Outcome.NOT_CONFIRMED, f"{question.actions} on {question.resource}: {error}")
        return
    results = {it["EvalActionName"]: it for it in answer["EvaluationResults"]}
    for action in question.actions:
        seen = results.get(action, {}).get("EvalDecision", "no decision")
        if seen == question.expected:
            yield Row("policies", question.role, Outcome.CONFIRMED)
            continue
        lacking = results.get(action, {}).get("MissingContextValues", [])
        context = {it["ContextKeyName"]: it["ContextKeyValues"] for it in question.context}
        detail = f"{action} on {question.resource} with {context}: expected {question.expected}, saw {seen}"
        yield Row("policies", question.role, Outcome.NOT_CONFIRMED, f"{detail}, without {lacking}" if lacking else detail)


def check(iam: Any, template: Template) -> Iterator[Row]:
    for question in questions(template):
        if isinstance(question, Row):
            yield question
        else:
            yield from ask(iam, question)

"""Holds that the checks of answers find what is wrong: of every answer and every error that the operations have, one
that is in order passes, and none passes in which a single thing is wrong.

    checks.py URL SERVICE
"""

import sys

import botocore.session

from broken import broken_bodies, in_order, on_the_wire
from model import simulated
from shapes import EMPTY, problems

# Values for the shapes that have a pattern.
WORDS = {
    "GraphArn": f"arn:aws:detective:us-east-1:111122223333:graph:{'0' * 32}",
    "AccountId": "111122223333",
    "EmailAddress": "owner@example.com",
    "EntityArn": "arn:aws:iam::111122223333:role/web",
    "InvestigationId": "1" * 21,
    "NextToken": "token",
    "TagKey": "team",
    "BedrockGuardrailDetailsGuardrailArnString": "arn:aws:bedrock:us-east-1:111122223333:guardrail/a",
    "BedrockGuardrailArnString": "arn:aws:bedrock:us-east-1:111122223333:guardrail/a",
    "BedrockGuardrailDetailsGuardrailVersionString": "DRAFT",
    "BedrockGuardrailVersionString": "DRAFT",
    "BedrockGuardrailResourceVersionString": "DRAFT",
}


def main(_url, service):
    # Here there is no exception to the models.
    EMPTY.clear()
    service_model = botocore.session.get_session().get_service_model(service)
    shapes = {}
    for name in simulated(service_model):
        operation = service_model.operation_model(name)
        for shape in (operation.output_shape, *operation.error_shapes):
            if shape is not None:
                shapes[shape.name] = shape
    count = 0
    for name, shape in sorted(shapes.items()):
        good = on_the_wire(shape, in_order(shape, WORDS))
        if problems(shape, good, name):
            sys.exit(f"this should pass: {good}: {problems(shape, good, name)}")
        for member, wrong in [*broken_bodies(shape, good, WORDS), *more_broken(shape, good)]:
            count += 1
            if not problems(shape, wrong, name):
                sys.exit(f"the checks overlook that {member} is wrong in {name}: {wrong}")
    print(f"{count} wrong answers were found out")


def more_broken(shape, good):
    """What is no mistake in a request, but is one in an answer."""
    yield "a stranger", good | {"NoSuchMember": 1}
    for name in shape.members:
        yield name, good | {name: None}


if __name__ == "__main__":
    main(*sys.argv[1:])

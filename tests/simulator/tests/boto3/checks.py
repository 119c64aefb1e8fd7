"""Tests the checks of responses: for every response and every error of the operations, a valid one passes, and none
passes in which a single value is invalid.

    checks.py URL SERVICE
"""

import sys

import botocore.session

from invalid_values import invalid_bodies, valid_value, on_the_wire
from model import simulated
from shapes import EMPTY, problems

# Values for the shapes that have a pattern.
VALUES_BY_SHAPE = {
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
        good = on_the_wire(shape, valid_value(shape, VALUES_BY_SHAPE))
        if problems(shape, good, name):
            sys.exit(f"this should pass: {good}: {problems(shape, good, name)}")
        for member, wrong in [*invalid_bodies(shape, good, VALUES_BY_SHAPE), *more_invalid_bodies(shape, good)]:
            count += 1
            if not problems(shape, wrong, name):
                sys.exit(f"the checks do not detect the invalid {member} in {name}: {wrong}")
    print(f"{count} invalid responses were detected")


def more_invalid_bodies(shape, good):
    """Values that are valid in a request, but not in a response."""
    yield "an unknown member", good | {"NoSuchMember": 1}
    for name in shape.members:
        yield name, good | {name: None}


if __name__ == "__main__":
    main(*sys.argv[1:])

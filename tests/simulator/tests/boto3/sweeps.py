"""What holds of all operations of a service: each constraint broken once, each error brought about once."""

import json

from invalid_values import invalid_bodies, call, valid_value, on_the_wire, send_body
from checking import expect, refused
from model import simulated


def operations(client, values_by_shape):
    """The models of all operations, each with arguments that are in order."""
    service = client.meta.service_model
    for name in sorted(simulated(service)):
        model = service.operation_model(name)
        yield model, valid_value(model.input_shape, values_by_shape) if model.input_shape else {}


def break_every_constraint(client, values_by_shape, code, state):
    """Each must be refused with that error, which names the member, and leave the state as it is."""
    before, count = state(), 0
    for model, arguments in operations(client, values_by_shape):
        if model.input_shape is None:
            continue
        body = on_the_wire(model.input_shape, arguments)
        for member, wrong in invalid_bodies(model.input_shape, body, values_by_shape):
            try:
                with refused(code, member):
                    send_body(client, model.name, arguments, wrong)
            except AssertionError as error:
                raise AssertionError(f"{model.name} with {json.dumps(wrong)[:300]}: {error}") from None
            count += 1
    print(f"  {count} requests were refused")
    expect(state(), before, "a refused request changed something")


def bring_about_every_error(bench, client, values_by_shape, state):
    """boto3 raises the exception that its model has for each error of each operation, and nothing is carried out."""
    before, expected, seen = state(), 0, 0
    for model, arguments in operations(client, values_by_shape):
        for error in model.error_shapes:
            expected += 1
            bench.control.fault(_action(model), "error", error=error.name)
            try:
                call(client, model.name, arguments)
            except getattr(client.exceptions, error.name) as raised:
                metadata = raised.response["ResponseMetadata"]
                expect(metadata["HTTPStatusCode"], error.metadata["error"]["httpStatusCode"])
                assert metadata["RequestId"] and raised.response["Error"]["Message"], raised.response
                seen += 1
    expect(seen, expected)
    expect(state(), before, "a fault changed something")


def throttle_fail_and_deny(bench, client, values_by_shape, state):
    """The kinds of faults that each operation has an error for, or the error that is common to all."""
    before = state()
    for model, arguments in operations(client, values_by_shape):
        errors = {error.name: error.metadata["error"]["httpStatusCode"] for error in model.error_shapes}
        [internal] = (name for name in errors if name.startswith("InternalServer"))
        kinds = {"internal": internal}
        if "AccessDeniedException" in errors:
            kinds["access_denied"] = "AccessDeniedException"
        has_one = "TooManyRequestsException" in errors
        kinds["throttle"] = "TooManyRequestsException" if has_one else "ThrottlingException"
        for kind, code in kinds.items():
            bench.control.fault(_action(model), kind)
            with refused(code) as refusal:
                call(client, model.name, arguments)
            expect(refusal.response["ResponseMetadata"]["HTTPStatusCode"], errors.get(code, 400))
    expect(state(), before, "a fault changed something")


def _action(model):
    """An operation's name where both services have one of that name."""
    return f"{model.service_model.service_name}:{model.name}"

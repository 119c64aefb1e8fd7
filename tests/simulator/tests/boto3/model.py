"""Compares the simulator's description of its operations (`GET /_control/operations`) with botocore's models.

    model.py URL SERVICE
"""

import sys

import botocore.session

from control import Control
from shapes import name_on_the_wire

# The operations that are simulated; all of Detective.
DETECTIVE = set(botocore.session.get_session().get_service_model("detective").operation_names)
GUARDDUTY = {
    "ArchiveFindings",
    "CreateInvestigation",
    "CreateSampleFindings",
    "GetDetector",
    "GetFindings",
    "GetInvestigation",
    "ListDetectors",
    "ListFindings",
    "ListInvestigations",
    "UnarchiveFindings",
    "UpdateDetector",
    "UpdateFindingsFeedback",
}

# The simulator has one type for integers.
TYPES = {"long": "integer"}


def simulated(service_model):
    """The operations that the simulator has to have."""
    return {"detective": DETECTIVE, "guardduty": GUARDDUTY}[service_model.service_name]


def model_operation(operation):
    """An operation of botocore's model, in the form of the simulator's description."""
    shape = operation.input_shape
    return {
        "method": operation.http["method"],
        "path": operation.http["requestUri"],
        "status": operation.http.get("responseCode", 200),
        "errors": {error.name: error.metadata["error"]["httpStatusCode"] for error in operation.error_shapes},
        "input": {} if shape is None else members(shape),
    }


def members(structure):
    described = {}
    for name, member in structure.members.items():
        one = described_shape(member)
        one["required"] = name in structure.required_members
        location = member.serialization.get("location")
        if location is not None:
            one["location"] = location
        described[name_on_the_wire(name, member)] = one
    return described


def described_shape(shape):
    described = {"type": TYPES.get(shape.type_name, shape.type_name)}
    if shape.type_name in ("string", "integer", "long", "list", "map"):
        described |= bounds(shape)
    if shape.type_name == "string":
        if "pattern" in shape.metadata:
            described["pattern"] = shape.metadata["pattern"]
        if shape.enum:
            described["enum"] = list(shape.enum)
    elif shape.type_name == "list":
        described["member"] = described_shape(shape.member)
    elif shape.type_name == "map":
        described["key"] = described_shape(shape.key)
        described["value"] = described_shape(shape.value)
    elif shape.type_name == "structure":
        described["members"] = members(shape)
    elif shape.type_name not in ("integer", "long", "boolean", "timestamp"):
        raise AssertionError(f"{shape.name} is of the type {shape.type_name}, which the simulator does not describe")
    return described


def bounds(shape):
    """Its min and max, without those that the values of an enum imply."""
    found = {name: shape.metadata[name] for name in ("min", "max") if name in shape.metadata}
    if shape.type_name == "string" and shape.enum:
        lengths = [len(word) for word in shape.enum]
        if min(lengths) < found.get("min", 0) or max(lengths) > found.get("max", max(lengths)):
            raise AssertionError(f"the values of {shape.name} do not have its lengths {found}")
        return {}
    return found


def without_empty_minimum(described):
    """The same without `min` 0 of lengths, which no length can go below, whether it is given or not."""
    if not isinstance(described, dict):
        return described
    less = {name: without_empty_minimum(value) for name, value in described.items()}
    if less.get("type") in ("string", "list", "map") and less.get("min") == 0:
        del less["min"]
    return less


def differences(described, expected, path):
    """Where two descriptions differ, down to the single value."""
    if isinstance(described, dict) and isinstance(expected, dict):
        for name in sorted(described.keys() | expected.keys()):
            at = f"{path}.{name}"
            if name not in expected:
                yield f"{at}: the simulator has {described[name]!r}, the model does not have it"
            elif name not in described:
                yield f"{at}: the model has {expected[name]!r}, the simulator does not have it"
            else:
                yield from differences(described[name], expected[name], at)
    elif described != expected or type(described) is not type(expected):
        yield f"{path}: the simulator has {described!r}, the model has {expected!r}"


def compare(described, service_model):
    """Everything in which the simulator's description of a service is not botocore's."""
    by_name = {operation.pop("operation"): operation for operation in described}
    if len(by_name) != len(described):
        yield "an operation is described twice"
    wanted = simulated(service_model)
    for name in sorted(wanted - by_name.keys()):
        yield f"{name} is not simulated"
    for name in sorted(by_name.keys() - wanted):
        yield f"{name} is simulated, and should not be"
    for name in sorted(wanted & by_name.keys()):
        one = without_empty_minimum(by_name[name])
        expected = without_empty_minimum(model_operation(service_model.operation_model(name)))
        yield from differences(one, expected, name)
        yield from untested_paths(one, expected, name)


def untested_paths(one, expected, name):
    """The parts of a description whose absence the comparison would not notice; there must be none."""
    for place in leaves(one):
        if not any(differences(without(one, place), expected, name)):
            yield f"{name}: the comparison would not notice if this were missing: {place}"


def leaves(value, place=()):
    for name, item in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(item, (dict, list)) and item:
            yield from leaves(item, (*place, name))
        else:
            yield (*place, name)


def without(value, place):
    """The same without the value at a path."""
    name, *rest = place
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    less = {key: without(item, rest) if key == name else item for key, item in entries if rest or key != name}
    return less if isinstance(value, dict) else list(less.values())


def main(url, service):
    by_service = {"detective": [], "guardduty": []}
    for operation in Control(url).get("operations"):
        by_service[operation.pop("service")].append(operation)
    service_model = botocore.session.get_session().get_service_model(service)
    found = list(compare(by_service[service], service_model))
    for difference in found:
        print(difference)
    if found:
        sys.exit(f"{len(found)} differences")
    print(f"{len(simulated(service_model))} operations of {service} are as in the model")


if __name__ == "__main__":
    main(*sys.argv[1:])

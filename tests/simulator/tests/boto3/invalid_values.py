"""Values built from botocore's models: a valid one, and ones that violate a single constraint."""

import json
from datetime import datetime, timedelta, timezone

from shapes import members_of_body, name_on_the_wire

END = datetime(2026, 11, 20, tzinfo=timezone.utc)


def valid_value(shape, values_by_shape):
    """Arguments for a structure with all its required members. `values_by_shape` has values for shapes, by their names."""
    return {name: value_of(shape.members[name], name, values_by_shape) for name in shape.required_members}


def value_of(shape, name, values_by_shape):
    """A value that fits a shape."""
    if shape.name in values_by_shape:
        return values_by_shape[shape.name]
    if shape.type_name == "structure":
        return valid_value(shape, values_by_shape)
    if shape.type_name == "list":
        return [value_of(shape.member, "", values_by_shape)]
    if shape.type_name == "map":
        return {value_of(shape.key, "", values_by_shape): value_of(shape.value, "", values_by_shape)}
    if shape.type_name == "timestamp":
        return END - timedelta(days=1) if "Start" in name else END
    if shape.type_name == "boolean":
        return True
    if shape.type_name in ("integer", "long", "double"):
        return shape.metadata.get("min", 1)
    if shape.enum:
        return shape.enum[0]
    assert "pattern" not in shape.metadata, f"{shape.name} has a pattern; give a value for it"
    return "x" * max(1, shape.metadata.get("min", 1))


def invalid_bodies(shape, body, values_by_shape):
    """Bodies with one invalid member each, and the member's name."""
    required = {name_on_the_wire(name, shape.members[name]) for name in shape.required_members}
    for name, member in members_of_body(shape).items():
        if name in required:
            yield name, {key: value for key, value in body.items() if key != name}
        good = body[name] if name in body else on_the_wire(member, value_of(member, name, values_by_shape))
        for value in invalid_values(member, good, values_by_shape):
            yield name, body | {name: value}


def invalid_values(shape, good, values_by_shape):
    """Values that violate one constraint of a shape each; `good` is a valid one."""
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if shape.type_name == "structure":
        yield from ("x", [])
        yield from (body for _, body in invalid_bodies(shape, good, values_by_shape))
    elif shape.type_name == "list":
        yield from ("x", {}, 1)
        yield from ([value] for value in invalid_values(shape.member, good[0], values_by_shape))
        if least:
            yield good[:1] * (least - 1)
        if most is not None:
            yield good[:1] * (most + 1)
    elif shape.type_name == "map":
        [(key, value)] = good.items()
        yield from ("x", [], 1)
        yield from ({wrong: value} for wrong in invalid_values(shape.key, key, values_by_shape) if isinstance(wrong, str))
        yield from ({key: wrong} for wrong in invalid_values(shape.value, value, values_by_shape))
        if least:
            yield {}
        if most is not None:
            yield {f"{key}{chr(97 + number // 26)}{chr(97 + number % 26)}": value for number in range(most + 1)}
    elif shape.type_name == "string":
        yield from (1, True, [], {})
        if least:
            yield good[: least - 1]
        if most is not None:
            yield good * (most // len(good)) + good[: most % len(good) + 1]
        if "pattern" in shape.metadata:
            yield from ("\N{SNOWMAN}" * len(good), f"{good[:-1]}\n")
        if shape.enum:
            yield from ("NO_SUCH_WORD", good.lower())
    elif shape.type_name in ("integer", "long"):
        yield from ("1", 1.5, True, [], 10**30)
        if least is not None:
            yield least - 1
        if most is not None:
            yield most + 1
    elif shape.type_name == "double":
        yield from ("1", True, [])
    elif shape.type_name == "boolean":
        yield from ("true", 1, [])
    elif shape.type_name == "timestamp":
        yield from ("yesterday", "2026-11-20", "Fri, 20 Nov 2026 00:00:00 GMT", 1_795_000_000_000, [], True)
    else:
        raise AssertionError(f"{shape.name} is of the type {shape.type_name}, for which there are no invalid values")


def on_the_wire(shape, value):
    """A value in its serialized form."""
    if shape.type_name == "structure":
        return {
            name_on_the_wire(name, member): on_the_wire(member, value[name])
            for name, member in shape.members.items()
            if name in value and "location" not in member.serialization
        }
    if shape.type_name == "list":
        return [on_the_wire(shape.member, item) for item in value]
    if shape.type_name == "map":
        return {key: on_the_wire(shape.value, item) for key, item in value.items()}
    if shape.type_name == "timestamp":
        is_text = shape.serialization.get("timestampFormat") == "iso8601"
        return value.strftime("%Y-%m-%dT%H:%M:%SZ") if is_text else value.timestamp()
    return value


def send_body(client, operation, arguments, body):
    """Calls an operation with another body than the arguments give."""

    def replace(params, **_):
        params["body"] = json.dumps(body).encode()

    event = f"before-call.*.{operation}"
    client.meta.events.register(event, replace)
    try:
        return call(client, operation, arguments)
    finally:
        client.meta.events.unregister(event, replace)


def call(client, operation, arguments):
    """Calls an operation by the name that its model gives it."""
    method = next(python for python, name in client.meta.method_to_api_mapping.items() if name == operation)
    return getattr(client, method)(**arguments)

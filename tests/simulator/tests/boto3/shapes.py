"""Checks JSON against the shapes of botocore's models, more strictly than botocore does when it parses a response.

botocore accepts unknown members, converts both numbers and strings to times, and checks no enum, pattern or length of
a response. A client in another language may be stricter.
"""

import json
import re

ISO_8601 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", re.ASCII)

# AWS answers no tags with an empty map, which the models' minimum of 1 does not allow: "Tags": {} in the AWS CLI's own
# example of guardduty get-detector.
EMPTY = {"TagMap"}

# What a number of these types holds.
BITS = {"integer": 32, "long": 64}


def read_json(body):
    """The value of a body that is JSON as RFC 8259 has it, no key twice."""
    return json.loads(body.decode("utf-8"), object_pairs_hook=_without_repetition, parse_constant=_no_constant)


def name_on_the_wire(name, shape):
    """What a member is called in a body, path or query."""
    return shape.serialization.get("name", name)


def members_of_body(shape):
    """The members that stand in the body, by their names there."""
    return {
        name_on_the_wire(name, member): member
        for name, member in shape.members.items()
        if "location" not in member.serialization
    }


def problems(shape, value, path):
    """What is wrong with a value, each with its path; nothing when it fits."""
    found = _CHECKS[shape.type_name](shape, value, path)
    return list(found)


def _structure(shape, value, path):
    if not isinstance(value, dict):
        yield f"{path} is no object: {value!r}"
        return
    members = members_of_body(shape)
    required = {name_on_the_wire(name, shape.members[name]) for name in shape.required_members}
    for name in sorted((required & members.keys()) - value.keys()):
        yield f"{path}.{name} is required and missing"
    if shape.is_tagged_union and len(value) != 1:
        yield f"{path} is a union and holds {sorted(value)}"
    for name, item in value.items():
        if name not in members:
            yield f"{path}.{name} is no member of {shape.name}: {item!r}"
        elif item is None:
            yield f"{path}.{name} is null instead of left out"
        else:
            yield from problems(members[name], item, f"{path}.{name}")


def _list(shape, value, path):
    if not isinstance(value, list):
        yield f"{path} is no array: {value!r}"
        return
    yield from _bounds(shape, len(value), path, "items")
    for at, item in enumerate(value):
        yield from problems(shape.member, item, f"{path}[{at}]")


def _map(shape, value, path):
    if not isinstance(value, dict):
        yield f"{path} is no object: {value!r}"
        return
    yield from _bounds(shape, len(value), path, "entries")
    for key, item in value.items():
        yield from problems(shape.key, key, f"{path} key {key!r}")
        yield from problems(shape.value, item, f"{path}[{key!r}]")


def _string(shape, value, path):
    if not isinstance(value, str):
        yield f"{path} is no string: {value!r}"
        return
    if shape.enum and value not in shape.enum:
        yield f"{path} is none of {shape.enum}: {value!r}"
    yield from _bounds(shape, len(value), path, "characters")
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(pattern, value, re.ASCII):
        yield f"{path} does not match {pattern}: {value!r}"


def _whole_number(shape, value, path):
    if not isinstance(value, int) or isinstance(value, bool):
        yield f"{path} is no whole number: {value!r}"
        return
    most = 2 ** (BITS[shape.type_name] - 1)
    if not -most <= value < most:
        yield f"{path} does not fit into {BITS[shape.type_name]} bits: {value}"
    yield from _bounds(shape, value, path, "as its value")


def _number(shape, value, path):
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        yield f"{path} is no number: {value!r}"
        return
    yield from _bounds(shape, value, path, "as its value")


def _boolean(_shape, value, path):
    if not isinstance(value, bool):
        yield f"{path} is neither true nor false: {value!r}"


def _timestamp(shape, value, path):
    # Without a format of its own, a time in a rest-json body is the number of seconds since 1970.
    if shape.serialization.get("timestampFormat", "unixTimestamp") == "iso8601":
        if not isinstance(value, str) or not ISO_8601.fullmatch(value):
            yield f"{path} is no ISO-8601 time: {value!r}"
    elif not isinstance(value, (int, float)) or isinstance(value, bool):
        yield f"{path} is no number of seconds: {value!r}"
    elif not 946_684_800 <= value < 7_258_118_400:
        # From 2000 to 2199: milliseconds in place of seconds are far outside.
        yield f"{path} is no time of these centuries: {value!r}"


def _bounds(shape, size, path, of_what):
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least and not (size == 0 and shape.name in EMPTY):
        yield f"{path} has {size} {of_what}; {least} is the least"
    if most is not None and size > most:
        yield f"{path} has {size} {of_what}; {most} is the most"


def _without_repetition(pairs):
    names = [name for name, _ in pairs]
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        raise ValueError(f"the object has {sorted(repeated)} more than once")
    return dict(pairs)


def _no_constant(word):
    raise ValueError(f"{word} is no JSON")


_CHECKS = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "integer": _whole_number,
    "long": _whole_number,
    "float": _number,
    "double": _number,
    "boolean": _boolean,
    "timestamp": _timestamp,
}

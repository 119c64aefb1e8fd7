"""Request contexts for a policy's conditions: one that meets them all, and others that each fail one of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from verify.render import Place

Conditions = Mapping[str, Mapping[str, Any]]
Entries = tuple[dict[str, Any], ...]

# What condition operators compare, by their names without ForAllValues, ForAnyValue and IfExists.
POSITIVE = {"StringEquals", "StringLike", "ArnEquals", "ArnLike", "Bool"}
NEGATIVE = {"StringNotEquals", "StringNotLike", "ArnNotEquals", "ArnNotLike"}


class Unknown(Exception):
    """A condition for which no context is made here."""


def parts(conditions: Conditions) -> Iterator[tuple[str, str, str, list[str]]]:
    """Each key's qualifier (`ForAllValues`, `ForAnyValue` or nothing), operator, name and values."""
    for written, keys in conditions.items():
        qualifier, _, operator = written.rpartition(":")
        for key, values in keys.items():
            listed = values if isinstance(values, list) else [values]
            yield qualifier, operator.removesuffix("IfExists"), key, [str(it) for it in listed]


def entry(key: str, value: str, qualifier: str, operator: str) -> dict[str, Any]:
    kind = "boolean" if operator == "Bool" else "stringList" if qualifier else "string"
    return {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": kind}


def value_for(operator: str, key: str, value: str, meets: bool, place: Place) -> str:
    """A value of the key with which the condition is met, or is not."""
    if operator not in POSITIVE | NEGATIVE:
        raise Unknown(f"no context is made for {operator} on {key}")
    if operator == "Bool":
        return value if meets else str(value.lower() != "true").lower()
    if (operator in POSITIVE) == meets:
        return value.replace("*", "example").replace("?", "x")
    return f"arn:{place.partition}:sns:{place.region}:{place.account}:other" if operator.startswith("Arn") else "other"


def meeting(conditions: Conditions, place: Place) -> Entries:
    """A context that meets all conditions."""
    return tuple(entry(key, value_for(operator, key, values[0], True, place), qualifier, operator)
                 for qualifier, operator, key, values in parts(conditions))


def missing(conditions: Conditions, place: Place) -> list[Entries]:
    """For each key a context that fails there alone."""
    found = list(parts(conditions))
    return [tuple(entry(key, value_for(operator, key, values[0], index != failing, place), qualifier, operator)
                  for index, (qualifier, operator, key, values) in enumerate(found))
            for failing in range(len(found))]

"""Request contexts for a policy's conditions: one that satisfies all of them, and others that each fail one of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from verify.render import StackLocation

Conditions = Mapping[str, Mapping[str, Any]]
Entries = tuple[dict[str, Any], ...]

# Condition operators without ForAllValues, ForAnyValue and IfExists.
POSITIVE = {"StringEquals", "StringLike", "ArnEquals", "ArnLike", "Bool"}
NEGATIVE = {"StringNotEquals", "StringNotLike", "ArnNotEquals", "ArnNotLike"}


class UnsupportedCondition(Exception):
    """A condition operator for which this module cannot create a context."""


def condition_entries(conditions: Conditions) -> Iterator[tuple[str, str, str, list[str]]]:
    """Each key's qualifier (`ForAllValues`, `ForAnyValue` or nothing), operator, name and values."""
    for written, keys in conditions.items():
        qualifier, _, operator = written.rpartition(":")
        for key, values in keys.items():
            listed = values if isinstance(values, list) else [values]
            yield qualifier, operator.removesuffix("IfExists"), key, [str(it).lower() if isinstance(it, bool) else str(it) for it in listed]


def keys_of(conditions: Conditions) -> set[str]:
    return {key for _, _, key, _ in condition_entries(conditions)}


def value_for(operator: str, key: str, value: str, meets: bool, location: StackLocation) -> str:
    """A value of the key that satisfies the condition, or that fails it."""
    if operator not in POSITIVE | NEGATIVE:
        raise UnsupportedCondition(f"cannot create a context for {operator} on {key}")
    if operator == "Bool":
        return value if meets else str(value != "true").lower()
    if (operator in POSITIVE) == meets:
        return value.replace("*", "example").replace("?", "x")
    return f"arn:{location.partition}:sns:{location.region}:{location.account}:other" if operator.startswith("Arn") else "other"


def context(conditions: Conditions, location: StackLocation, failing: int | None) -> Entries:
    """A context that satisfies all entries of the conditions except the one with that index."""
    entries: dict[str, dict[str, Any]] = {}
    absent = set()
    for index, (qualifier, operator, key, values) in enumerate(condition_entries(conditions)):
        meets = index != failing
        if operator == "Null":
            if (values[0] == "true") == meets:
                absent.add(key)
            else:
                entries.setdefault(key, {"ContextKeyName": key, "ContextKeyValues": ["example"], "ContextKeyType": "string"})
            continue
        kind = "boolean" if operator == "Bool" else "stringList" if qualifier else "string"
        value = value_for(operator, key, values[0], meets, location)
        entries[key] = {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": kind}
    return tuple(entry for key, entry in entries.items() if key not in absent)


def matching_context(conditions: Conditions, location: StackLocation) -> Entries:
    """A context that satisfies all conditions."""
    return context(conditions, location, None)


def failing_contexts(conditions: Conditions, location: StackLocation) -> list[tuple[str, Entries]]:
    """For each condition on a key, the key and a context that fails only that condition."""
    return [(key, context(conditions, location, failing)) for failing, (_, _, key, _) in enumerate(condition_entries(conditions))]

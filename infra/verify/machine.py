"""Validates the state machine's definition (ValidateStateMachineDefinition, which changes nothing)."""

from collections.abc import Iterator
from typing import Any

from verify.report import Outcome, Result


def check(stepfunctions: Any, definition: str) -> Iterator[Result]:
    answer = stepfunctions.validate_state_machine_definition(definition=definition, type="STANDARD", severity="WARNING",
                                                             maxResults=100)
    faults = [it for it in answer["diagnostics"] if it["severity"] == "ERROR"]
    for fault in faults:
        yield Result("definition", "case.asl.json", Outcome.NOT_CONFIRMED, diagnostic_text(fault))
    if answer["result"] != "OK" and not faults:
        yield Result("definition", "case.asl.json", Outcome.NOT_CONFIRMED, f"expected OK, saw {answer['result']}")
    if answer["result"] == "OK" and not faults:
        warnings = "; ".join(diagnostic_text(it) for it in answer["diagnostics"])
        yield Result("definition", "case.asl.json", Outcome.CONFIRMED, warnings)


def diagnostic_text(diagnostic: dict[str, str]) -> str:
    location = diagnostic.get("location", "no location")
    return f"{diagnostic['severity']} {diagnostic['code']} at {location}: {diagnostic['message']}"

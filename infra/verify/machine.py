"""Whether Step Functions takes the state machine's definition (ValidateStateMachineDefinition, which changes nothing)."""

from collections.abc import Iterator
from typing import Any

from verify.report import Outcome, Row


def check(stepfunctions: Any, definition: str) -> Iterator[Row]:
    answer = stepfunctions.validate_state_machine_definition(definition=definition, type="STANDARD", severity="WARNING",
                                                             maxResults=100)
    faults = [it for it in answer["diagnostics"] if it["severity"] == "ERROR"]
    for fault in faults:
        yield Row("definition", "case.asl.json", Outcome.NOT_CONFIRMED, said(fault))
    if answer["result"] != "OK" and not faults:
        yield Row("definition", "case.asl.json", Outcome.NOT_CONFIRMED, f"expected OK, saw {answer['result']}")
    if answer["result"] == "OK" and not faults:
        warnings = "; ".join(said(it) for it in answer["diagnostics"])
        yield Row("definition", "case.asl.json", Outcome.CONFIRMED, warnings)


def said(diagnostic: dict[str, str]) -> str:
    place = diagnostic.get("location", "no location")
    return f"{diagnostic['severity']} {diagnostic['code']} at {place}: {diagnostic['message']}"

"""Tests each state of the definition against the scripted paths (TestState with mocks: nothing is called or changed)."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from deployed import ACCESS_DENIED_CODES
from verify.paths import WAIT_SECONDS_MAX, StateCase, matching
from verify.report import Outcome, Result


def check(stepfunctions: Any, definition: str, cases: Iterable[StateCase]) -> Iterator[Result]:
    states = json.loads(definition)["States"]
    cases = list(cases)
    yield from uncovered_states(states, cases)
    for case in cases:
        why = reason_not_testable(case, states[case.state])
        if why:
            yield Result("states", case.state, Outcome.SKIPPED, f"{case.source}: {why}")
            continue
        try:
            answer = stepfunctions.test_state(**test_state_request(definition, case))
        except ClientError as error:
            if error.response["Error"]["Code"] in ACCESS_DENIED_CODES:
                raise
            yield Result("states", case.state, Outcome.NOT_CONFIRMED, f"{case.source}: {error}")
            continue
        found = differences(case, answer)
        outcome = Outcome.NOT_CONFIRMED if found else Outcome.CONFIRMED
        yield Result("states", case.state, outcome, f"{case.source}: {'; '.join(found)}" if found else "")


def uncovered_states(states: Mapping[str, Any], cases: list[StateCase]) -> Iterator[Result]:
    """States, retriers and catchers that no path covers."""
    for name, state in states.items():
        about = [it for it in cases if it.state == name]
        if not about:
            yield Result("states", name, Outcome.NOT_CONFIRMED, "no scripted path enters it")
            continue
        for clause, status in (("Retry", "RETRIABLE"), ("Catch", "CAUGHT_ERROR")):
            errors = [it.error[0] for it in about if it.error and it.status == status]
            shown = [matching(state.get(clause, []), error) for error in errors]
            for entry in state.get(clause, []):
                if not any(it is entry for it in shown):
                    outcome = Outcome.NOT_CONFIRMED if clause == "Catch" else Outcome.SKIPPED
                    yield Result("states", name, outcome, f"no scripted path shows its {clause} of {', '.join(entry['ErrorEquals'])}")


def reason_not_testable(case: StateCase, state: Mapping[str, Any]) -> str:
    """Why TestState cannot run the case; empty if it can."""
    if case.mock is None and "$states.context" in json.dumps(state):
        return f"TestState accepts a context only with a mock, and this {state['Type']} state reads it"
    if case.seconds is not None and case.seconds > WAIT_SECONDS_MAX:
        return f"it would wait for {case.seconds} seconds"
    return ""


def test_state_request(definition: str, case: StateCase) -> dict[str, Any]:
    """The request of TestState."""
    request: dict[str, Any] = {"definition": definition, "stateName": case.state, "inspectionLevel": "DEBUG",
                             "input": json.dumps(case.input), "variables": json.dumps(case.variables)}
    if case.mock is not None:
        # The paths contain only the fields of a result that the states read, not the whole response of a service.
        mock = {"fieldValidationMode": "NONE"}
        if "result" in case.mock:
            mock["result"] = json.dumps(case.mock["result"])
        else:
            mock["errorOutput"] = case.mock["errorOutput"]
        request |= {"mock": mock, "context": json.dumps(case.context)}
    if case.retry_count is not None:
        request["stateConfiguration"] = {"retrierRetryCount": case.retry_count}
    return request


def differences(case: StateCase, answer: Mapping[str, Any]) -> list[str]:
    """One line for each value that differs from the expected one."""
    inspection = answer.get("inspectionData", {})
    compared = [("status", case.status, answer.get("status")), ("next state", case.next, answer.get("nextState"))]
    if case.error is not None:
        compared.append(("error", case.error[0], answer.get("error")))
        compared.append(("cause", case.error[1], answer.get("cause", "")))
    if case.arguments is not None:
        compared.append(("arguments", case.arguments, parsed(inspection.get("afterArguments"))))
    variables = parsed(inspection.get("variables")) or {}
    compared += [(f"${name}", value, variables.get(name)) for name, value in case.assigned.items()]
    return [f"expected {what} {shown(expected)}, saw {shown(seen)}" for what, expected, seen in compared if expected != seen]


def parsed(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 200 else f"{text[:200]}..."

"""Whether each state of the definition does what the scripted paths expect (TestState with mocks: nothing is called or changed)."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from deployed import DENIED
from verify.paths import WAIT_SECONDS_MAX, Question, matching
from verify.report import Outcome, Row


def check(stepfunctions: Any, definition: str, questions: Iterable[Question]) -> Iterator[Row]:
    states = json.loads(definition)["States"]
    questions = list(questions)
    yield from not_shown(states, questions)
    for question in questions:
        why = beyond(question, states[question.state])
        if why:
            yield Row("states", question.state, Outcome.NOT_TRIED, f"{question.source}: {why}")
            continue
        try:
            answer = stepfunctions.test_state(**request(definition, question))
        except ClientError as error:
            if error.response["Error"]["Code"] in DENIED:
                raise
            yield Row("states", question.state, Outcome.NOT_CONFIRMED, f"{question.source}: {error}")
            continue
        found = differences(question, answer)
        outcome = Outcome.NOT_CONFIRMED if found else Outcome.CONFIRMED
        yield Row("states", question.state, outcome, f"{question.source}: {'; '.join(found)}" if found else "")


def not_shown(states: Mapping[str, Any], questions: list[Question]) -> Iterator[Row]:
    """States, and their retriers and catchers, that no path shows."""
    for name, state in states.items():
        about = [it for it in questions if it.state == name]
        if not about:
            yield Row("states", name, Outcome.NOT_CONFIRMED, "no scripted path enters it")
            continue
        for clause, status in (("Retry", "RETRIABLE"), ("Catch", "CAUGHT_ERROR")):
            errors = [it.error[0] for it in about if it.error and it.status == status]
            shown = [matching(state.get(clause, []), error) for error in errors]
            for entry in state.get(clause, []):
                if not any(it is entry for it in shown):
                    outcome = Outcome.NOT_CONFIRMED if clause == "Catch" else Outcome.NOT_TRIED
                    yield Row("states", name, outcome, f"no scripted path shows its {clause} of {', '.join(entry['ErrorEquals'])}")


def beyond(question: Question, state: Mapping[str, Any]) -> str:
    """Why the question cannot be put; nothing if it can."""
    if question.mock is None and "$states.context" in json.dumps(state):
        return f"TestState takes a context only with a mock, and this {state['Type']} state reads it"
    if question.seconds is not None and question.seconds > WAIT_SECONDS_MAX:
        return f"it would wait for {question.seconds} seconds"
    return ""


def request(definition: str, question: Question) -> dict[str, Any]:
    """What TestState is asked."""
    asked: dict[str, Any] = {"definition": definition, "stateName": question.state, "inspectionLevel": "DEBUG",
                             "input": json.dumps(question.input), "variables": json.dumps(question.variables)}
    if question.mock is not None:
        # The paths hold what the states read of a result, not all that a service sends.
        mock = {"fieldValidationMode": "NONE"}
        if "result" in question.mock:
            mock["result"] = json.dumps(question.mock["result"])
        else:
            mock["errorOutput"] = question.mock["errorOutput"]
        asked |= {"mock": mock, "context": json.dumps(question.context)}
    if question.retried is not None:
        asked["stateConfiguration"] = {"retrierRetryCount": question.retried}
    return asked


def differences(question: Question, answer: Mapping[str, Any]) -> list[str]:
    """What was seen in place of what was expected: one line each, none if all is as expected."""
    inspection = answer.get("inspectionData", {})
    compared = [("status", question.status, answer.get("status")), ("next state", question.next, answer.get("nextState"))]
    if question.error is not None:
        compared.append(("error", question.error[0], answer.get("error")))
        compared.append(("cause", question.error[1], answer.get("cause", "")))
    if question.arguments is not None:
        compared.append(("arguments", question.arguments, parsed(inspection.get("afterArguments"))))
    variables = parsed(inspection.get("variables")) or {}
    compared += [(f"${name}", value, variables.get(name)) for name, value in question.assigned.items()]
    return [f"expected {what} {shown(expected)}, saw {shown(seen)}" for what, expected, seen in compared if expected != seen]


def parsed(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 200 else f"{text[:200]}..."

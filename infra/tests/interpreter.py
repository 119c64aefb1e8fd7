"""TestState for states that use JSONata, with the Python port of JSONata: a fake of Step Functions' client. Not a test itself."""

import json
from collections.abc import Mapping
from typing import Any

from jsonata import Jsonata
from jsonata.utils import Utils

from verify.paths import ATTEMPTS, matching


class StateError(Exception):
    """An error of the States Language, with its cause."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(error, cause)
        self.error, self.cause = error, cause


def with_nulls(value: Any) -> Any:
    """Replaces JSON's null, which the port treats as a missing value, by the port's own null."""
    if isinstance(value, dict):
        return {name: with_nulls(it) for name, it in value.items()}
    return [with_nulls(it) for it in value] if isinstance(value, list) else Utils.NULL_VALUE if value is None else value


def without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: without_nulls(it) for name, it in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_nulls(it) for it in value]
    return None if value is Utils.NULL_VALUE else value


class Interpreter:
    """Answers as TestState does with inspectionLevel DEBUG."""

    def test_state(self, **request: Any) -> dict[str, Any]:
        state = json.loads(request["definition"])["States"][request["stateName"]]
        self.variables = json.loads(request["variables"])
        self.states = {"input": json.loads(request["input"]), "context": json.loads(request.get("context", "{}"))}
        answer: dict[str, Any] = {"inspectionData": {}}
        try:
            answer |= self.enter(state, request, answer["inspectionData"])
        except StateError as error:
            answer |= self.fail(state, error, request.get("stateConfiguration", {}).get("retrierRetryCount", 0))
        answer["inspectionData"]["variables"] = json.dumps(self.variables)
        return answer

    def enter(self, state: dict[str, Any], request: dict[str, Any], inspection: dict[str, Any]) -> dict[str, Any]:
        match state["Type"]:
            case "Choice":
                taken = next((it for it in state["Choices"] if self.value(it["Condition"]) is True), {"Next": state.get("Default")})
                self.assign(taken)
                return {"status": "SUCCEEDED", "nextState": taken["Next"]}
            case "Fail":
                return {"status": "FAILED", "error": self.value(state["Error"]), "cause": self.value(state["Cause"])}
            case "Wait":
                assert isinstance(self.value(state["Seconds"]), (int, float))
            case "Task":
                inspection["afterArguments"] = json.dumps(self.value(state["Arguments"]))
                if "errorOutput" in request["mock"]:
                    error = request["mock"]["errorOutput"]
                    raise StateError(error["error"], error["cause"])
                self.states["result"] = json.loads(request["mock"]["result"])
        self.assign(state)
        return {"status": "SUCCEEDED", **({"nextState": state["Next"]} if "Next" in state else {})}

    def fail(self, state: dict[str, Any], error: StateError, retried: int) -> dict[str, Any]:
        failure = {"error": error.error, "cause": error.cause}
        retrier = matching(state.get("Retry", []), error.error)
        if retrier and retried < retrier.get("MaxAttempts", ATTEMPTS):
            return {"status": "RETRIABLE", **failure}
        catcher = matching(state.get("Catch", []), error.error)
        if not catcher:
            return {"status": "FAILED", **failure}
        self.states["errorOutput"] = {"Error": error.error, "Cause": error.cause}
        self.assign(catcher)
        return {"status": "CAUGHT_ERROR", "nextState": catcher["Next"], **failure}

    def assign(self, clause: dict[str, Any]) -> None:
        self.variables |= {name: self.value(it) for name, it in clause.get("Assign", {}).items()}

    def value(self, template: Any) -> Any:
        if isinstance(template, dict):
            return {name: self.value(it) for name, it in template.items()}
        if isinstance(template, list):
            return [self.value(it) for it in template]
        if not (isinstance(template, str) and template.startswith("{%")):
            return template
        text = template.removeprefix("{%").removesuffix("%}")
        # An expression without a value is an error; the port gives None for it and for null.
        if self.evaluated(f"$exists(({text}))") is not True:
            raise StateError("States.QueryEvaluationError", f"no value: {text}")
        return self.evaluated(text)

    def evaluated(self, text: str) -> Any:
        try:
            return without_nulls(Jsonata.jsonata(text).evaluate(None, with_nulls({**self.variables, "states": self.states})))
        except Exception as error:  # the port raises many types of exceptions
            raise StateError("States.QueryEvaluationError", str(error)) from error

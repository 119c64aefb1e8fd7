"""The scripted paths through the state machine (tests/fixtures/paths), as questions about one state each.

A path has its states in the order in which they are entered, with what each task is answered and what each state then assigns.
The variables before a state are what all earlier ones have assigned.
"""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deployed import Trouble
from verify.render import substituted

# The longest Wait that is asked about, as TestState may wait as long. Of each Wait state the shortest is asked about.
WAIT_SECONDS_MAX = 60

# Attempts of a retrier that has no MaxAttempts (States Language, Retry).
ATTEMPTS = 3


@dataclasses.dataclass(frozen=True)
class Question:
    """One state with what precedes it, and what is expected of it."""

    state: str
    # The path and the number of the step in it, for people.
    source: str
    input: Any
    variables: dict[str, Any]
    context: dict[str, Any]
    # A task's answer, `result` or `errorOutput`; nothing for other states.
    mock: dict[str, Any] | None
    # How often the retrier that matches the error has retried already.
    retried: int | None
    status: str
    next: str | None
    assigned: dict[str, Any]
    arguments: Any = None
    error: tuple[str, str] | None = None
    # How long a Wait state waits.
    seconds: float | None = None

    def key(self, state: Mapping[str, Any]) -> str:
        """What makes it the same question as another: what the state reads, and what is expected of it."""
        text = json.dumps(state)
        read = {name: value for name, value in self.variables.items() if f"${name}" in text}
        context = self.context if "$states.context" in text else None
        return json.dumps([self.state, read, context, self.mock, self.retried, self.status, self.next, self.assigned], sort_keys=True)


def load(folder: Path) -> dict[str, dict[str, Any]]:
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}
    if not found:
        raise Trouble(f"{folder} holds no scripted paths")
    return found


def questions(paths: Mapping[str, dict[str, Any]], definition: Mapping[str, Any], substitutions: Mapping[str, str]) -> list[Question]:
    """Every question once, in the order of the paths."""
    every: dict[str, Question] = {}
    for name, path in paths.items():
        for question in of_path(name, json.loads(substituted(json.dumps(path), substitutions)), definition["States"]):
            every.setdefault(question.key(definition["States"][question.state]), question)
    waits: dict[str, Question] = {}
    for it in every.values():
        if it.seconds is not None and (it.state not in waits or it.seconds < (waits[it.state].seconds or 0)):
            waits[it.state] = it
    return [it for it in every.values() if it.seconds is None or waits[it.state] is it]


def of_path(name: str, path: dict[str, Any], states: Mapping[str, Any]) -> Iterator[Question]:
    execution = path["execution"]
    context = {"Execution": {"Input": execution["input"], "Name": execution["name"], "StartTime": "2026-01-01T00:00:00.000Z"}}
    variables: dict[str, Any] = {}
    for number, step in enumerate(path["steps"]):
        if step["state"] not in states:
            raise Trouble(f"path {name} has a state {step['state']}, which the definition has not")
        state = states[step["state"]]
        # What a path begins with is in the first step's values, but the first state does not assign it.
        real = {key: value for key, value in step.get("assigned", {}).items() if number or key not in path.get("begins_with", {})}
        shown = {**step, "assigned": real}
        common = {"state": step["state"], "source": f"{name}, step {number}", "context": context, "variables": dict(variables),
                  "input": execution["input"] if number == 0 else {}, "arguments": step.get("arguments")}
        attempts = step.get("attempts", [None])
        for index, attempt in enumerate(attempts):
            last = index == len(attempts) - 1
            yield Question(**common, **expected(state, shown, attempts[:index], attempt, last, path["ends"]))
        variables |= step.get("assigned", {})


def expected(state: Mapping[str, Any], step: dict[str, Any], before: list[Any], attempt: dict[str, Any] | None, last: bool,
             ends: dict[str, Any]) -> dict[str, Any]:
    """What a state is answered, and what is to come of it."""
    follows = {"next": step.get("next"), "assigned": step.get("assigned", {})}
    if attempt is None:
        failed = state["Type"] == "Fail"
        error = (ends["error"], ends["cause"]) if failed else None
        return {**follows, "mock": None, "retried": None, "status": "FAILED" if failed else "SUCCEEDED", "error": error,
                "seconds": step.get("seconds")}
    if "result" in attempt:
        return {**follows, "mock": {"result": attempt["result"]}, "retried": None, "status": "SUCCEEDED"}
    error = (attempt["error"], attempt.get("cause", ""))
    mock = {"errorOutput": {"error": error[0], "cause": error[1]}}
    retrier = matching(state.get("Retry", []), error[0])
    if not last:
        count = sum("error" in it and matching(state.get("Retry", []), it["error"]) is retrier for it in before)
        return {"next": None, "assigned": {}, "mock": mock, "retried": count, "status": "RETRIABLE", "error": error}
    retried = retrier.get("MaxAttempts", ATTEMPTS) if retrier else None
    status = "CAUGHT_ERROR" if "next" in step else "FAILED"
    return {**follows, "mock": mock, "retried": retried, "status": status, "error": error}


def matching(clauses: list[dict[str, Any]], error: str) -> dict[str, Any] | None:
    """The first retrier or catcher for the error. States.ALL and States.TaskFailed stand for those that they name."""
    for clause in clauses:
        names = clause["ErrorEquals"]
        if error in names or "States.ALL" in names or ("States.TaskFailed" in names and error != "States.Timeout"):
            return clause
    return None

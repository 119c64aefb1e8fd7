"""infra/verify on the state machine, with recorded answers of Step Functions: botocore checks both sides against its model."""

import contextlib
import copy
import json
import unittest
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.stub import Stubber

from deployed import ToolError
from verify import machine, paths, states
from verify.paths import StateCase
from verify.report import Outcome, Result, all_confirmed

DEFINITION: dict[str, Any] = {"QueryLanguage": "JSONata", "StartAt": "Begin", "States": {
    "Begin": {"Type": "Pass", "Assign": {"case": "{% $states.context.Execution.Input %}", "round": 1}, "Next": "Poll"},
    "Poll": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
             "Arguments": {"FunctionName": "${PollArn}", "Payload": {"case": "{% $case %}"}},
             "Assign": {"ended": "{% $states.result.Payload.ended %}"},
             "Retry": [{"ErrorEquals": ["Throttled"], "MaxAttempts": 2}, {"ErrorEquals": ["States.TaskFailed"]}],
             "Catch": [{"ErrorEquals": ["States.ALL"], "Assign": {"ended": True}, "Next": "Refuse"}], "Next": "Ended?"},
    "Ended?": {"Type": "Choice", "Choices": [{"Condition": "{% $ended %}", "Next": "Finish"}], "Default": "Pause"},
    "Pause": {"Type": "Wait", "Seconds": 10, "Next": "Poll"},
    "Refuse": {"Type": "Fail", "Error": "Refused", "Cause": "{% $case.id %}"},
    "Finish": {"Type": "Succeed"}}}

CASE = {"id": "case-1"}
ARN = "arn:aws:lambda:us-east-1:123456789012:function:poll"


def step(state: str, following: str | None = None, **more: Any) -> dict[str, Any]:
    return {"state": state, **({"next": following} if following else {}), **more}


def check_step(following: str, ended: bool, *attempts: dict[str, Any]) -> dict[str, Any]:
    return step("Poll", following, arguments={"FunctionName": "${PollArn}", "Payload": {"case": CASE}}, attempts=list(attempts),
                assigned={"ended": ended})


BEGIN = step("Begin", "Poll", assigned={"case": CASE, "round": 1})
THROTTLED = {"error": "Throttled", "cause": "slow down"}
SCRIPTED = {
    "ends": {"execution": {"name": "e-1", "input": CASE}, "ends": {"status": "SUCCEEDED"}, "steps": [
        BEGIN, check_step("Ended?", False, {"error": "Other", "cause": ""}, THROTTLED, THROTTLED, {"result": {"Payload": {"ended": False}}}),
        step("Ended?", "Pause"), step("Pause", "Poll", seconds=10), check_step("Ended?", True, {"result": {"Payload": {"ended": True}}}),
        step("Ended?", "Finish"), step("Finish")]},
    "refused": {"execution": {"name": "e-2", "input": CASE}, "begins_with": {"round": 9},
                "ends": {"status": "FAILED", "error": "Refused", "cause": "case-1"}, "steps": [
                    {**BEGIN, "assigned": {"case": CASE, "round": 9}}, check_step("Refuse", True, {"error": "Other", "cause": "no"}),
                    step("Refuse")]},
}


def asked(scripted: dict[str, Any]) -> list[StateCase]:
    return paths.cases(scripted, DEFINITION, {"PollArn": ARN})


def recorded(case: StateCase) -> dict[str, Any]:
    """The response of Step Functions if the state behaves as expected."""
    answer: dict[str, Any] = {"status": case.status, "inspectionData": {
        "variables": json.dumps({**case.variables, **case.assigned})}}
    if case.next is not None:
        answer["nextState"] = case.next
    if case.error is not None:
        answer["error"], answer["cause"] = case.error
    if case.arguments is not None:
        answer["inspectionData"]["afterArguments"] = json.dumps(case.arguments)
    return answer


@contextlib.contextmanager
def step_functions() -> Iterator[tuple[Any, Stubber]]:
    client = boto3.client("stepfunctions", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    with Stubber(client) as stubber:
        yield client, stubber


def verified(definition: dict[str, Any], cases: list[StateCase], answers: list[dict[str, Any]]) -> list[Result]:
    text = json.dumps(definition)
    with step_functions() as (client, stubber):
        tried = [it for it in cases if not states.reason_not_testable(it, definition["States"][it.state])]
        for case, answer in zip(tried, answers, strict=True):
            stubber.add_response("test_state", answer, states.test_state_request(text, case))
        rows = list(states.check(client, text, cases))
        stubber.assert_no_pending_responses()
        return rows


class States(unittest.TestCase):
    def setUp(self) -> None:
        self.cases = asked(SCRIPTED)
        self.tried = [it for it in self.cases if it.state != "Begin"]
        self.answers = [recorded(it) for it in self.tried]

    def test_expected_results_are_confirmed(self) -> None:
        rows = verified(DEFINITION, self.cases, self.answers)
        self.assertTrue(all_confirmed(rows))
        self.assertEqual([row.subject for row in rows if row.outcome is Outcome.CONFIRMED], [it.state for it in self.tried])
        said = [(row.subject, row.detail) for row in rows if row.outcome is Outcome.SKIPPED]
        self.assertEqual({subject for subject, _ in said}, {"Begin"})
        self.assertIn("accepts a context only with a mock", said[0][1])

    def test_each_kind_of_case_is_created(self) -> None:
        about = [(it.state, it.status, it.next, it.retry_count) for it in self.cases]
        self.assertEqual(about, [
            ("Begin", "SUCCEEDED", "Poll", None), ("Poll", "RETRIABLE", None, 0), ("Poll", "RETRIABLE", None, 0),
            ("Poll", "RETRIABLE", None, 1), ("Poll", "SUCCEEDED", "Ended?", None), ("Ended?", "SUCCEEDED", "Pause", None),
            ("Pause", "SUCCEEDED", "Poll", None), ("Poll", "SUCCEEDED", "Ended?", None), ("Ended?", "SUCCEEDED", "Finish", None),
            ("Finish", "SUCCEEDED", None, None), ("Begin", "SUCCEEDED", "Poll", None), ("Poll", "CAUGHT_ERROR", "Refuse", 3),
            ("Refuse", "FAILED", None, None)])
        self.assertEqual(self.cases[-1].error, ("Refused", "case-1"))
        self.assertEqual(self.cases[4].arguments["FunctionName"], ARN)
        self.assertEqual(self.cases[-3].assigned, {"case": CASE}, "the variables that a path begins with are not assigned by the state")

    def test_unexpected_results_are_reported(self) -> None:
        caught = next(index for index, it in enumerate(self.tried) if it.status == "CAUGHT_ERROR")
        for index, changed, words in (
                (0, {"status": "CAUGHT_ERROR"}, 'expected status "RETRIABLE", saw "CAUGHT_ERROR"'),
                (3, {"nextState": "Refuse"}, 'expected next state "Ended?", saw "Refuse"'),
                (3, {"inspectionData": {"variables": '{"ended": true}'}}, "expected $ended false, saw true"),
                (3, {"inspectionData": {}}, "expected $ended false, saw null"),
                (caught, {"nextState": "Ended?"}, 'expected next state "Refuse", saw "Ended?"'),
                (len(self.tried) - 1, {"cause": "another"}, 'expected cause "case-1", saw "another"')):
            answers = copy.deepcopy(self.answers)
            answers[index] |= changed
            rows = verified(DEFINITION, self.cases, answers)
            refuted = [row.detail for row in rows if row.outcome is Outcome.NOT_CONFIRMED]
            self.assertEqual(len(refuted), 1, changed)
            self.assertIn(words, refuted[0])
            self.assertFalse(all_confirmed(rows))

    def test_rejected_request_is_not_confirmed_and_denial_aborts(self) -> None:
        case = self.tried[-1]
        for code, aborts in (("InvalidDefinition", False), ("AccessDeniedException", True)):
            with step_functions() as (client, stubber):
                stubber.add_client_error("test_state", code, "for a reason")
                if aborts:
                    with self.assertRaisesRegex(Exception, code):
                        list(states.check(client, json.dumps(DEFINITION), [case]))
                    continue
                rows = list(states.check(client, json.dumps(DEFINITION), [case]))
                self.assertIn(code, next(row.detail for row in rows if row.subject == case.state))

    def test_uncovered_states_and_catchers_are_reported(self) -> None:
        without = {name: path for name, path in SCRIPTED.items() if name != "refused"}
        rows = list(states.uncovered_states(DEFINITION["States"], asked(without)))
        self.assertEqual([(row.subject, row.outcome) for row in rows], [("Poll", Outcome.NOT_CONFIRMED), ("Refuse", Outcome.NOT_CONFIRMED)])
        self.assertIn("Catch of States.ALL", rows[0].detail)
        with self.assertRaisesRegex(ToolError, "a state Begin, which is not in the definition"):
            paths.cases(SCRIPTED, {"States": {}}, {})

    def test_equal_cases_are_run_once(self) -> None:
        twice = {"one": SCRIPTED["ends"], "another": SCRIPTED["ends"]}
        self.assertEqual(len(asked(twice)), len(asked({"one": SCRIPTED["ends"]})))
        changed = copy.deepcopy(SCRIPTED["ends"])
        changed["steps"][2]["next"] = "Finish"
        contradicting = [it.next for it in asked({"one": SCRIPTED["ends"], "another": changed}) if it.state == "Ended?"]
        self.assertEqual(sorted(map(str, contradicting)), ["Finish", "Finish", "Pause"], "both, so that one fails")


class Definition(unittest.TestCase):
    def verdict(self, **answer: Any) -> list[Result]:
        with step_functions() as (client, stubber):
            stubber.add_response("validate_state_machine_definition", answer, {
                "definition": "{}", "type": "STANDARD", "severity": "WARNING", "maxResults": 100})
            return list(machine.check(client, "{}"))

    def test_valid_definition_is_confirmed_with_its_warnings(self) -> None:
        self.assertTrue(all_confirmed(self.verdict(result="OK", diagnostics=[])))
        warning = {"severity": "WARNING", "code": "NO_DOLLAR", "message": "m", "location": "/States/Poll"}
        rows = self.verdict(result="OK", diagnostics=[warning])
        self.assertTrue(all_confirmed(rows))
        self.assertIn("NO_DOLLAR at /States/Poll", rows[0].detail)

    def test_each_error_is_reported(self) -> None:
        error = {"severity": "ERROR", "code": "MISSING_TRANSITION_TARGET", "message": "m", "location": "/States/Poll/Next"}
        rows = self.verdict(result="FAIL", diagnostics=[error, error])
        self.assertEqual([row.outcome for row in rows], [Outcome.NOT_CONFIRMED] * 2)
        self.assertIn("MISSING_TRANSITION_TARGET at /States/Poll/Next", rows[0].detail)
        self.assertFalse(all_confirmed(self.verdict(result="FAIL", diagnostics=[])))


if __name__ == "__main__":
    unittest.main()

"""infra/verify-aws.py as `make verify-aws` runs it, against the emulator in AWS's place.

The emulator agrees to every definition, and knows no context of simulated requests: what rests on a condition is refuted there.
"""

import contextlib
import json
import os
import subprocess
import unittest
from pathlib import Path

import nested
from tests.emulator import client, emulator
from tests.template import ROOT
from verify import states
from verify.paths import StateCase
from verify.report import Outcome

DEFINITION = {"QueryLanguage": "JSONata", "StartAt": "Poll", "States": {
    "Poll": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": "poll"},
             "Catch": [{"ErrorEquals": ["Refused"], "Next": "Fail"}], "Next": "Pause"},
    "Pause": {"Type": "Wait", "Seconds": 1, "Next": "Finish"},
    "Fail": {"Type": "Fail", "Error": "Refused", "Cause": "no"},
    "Finish": {"Type": "Succeed"}}}


class VerifyAws(unittest.TestCase):
    url: str

    @classmethod
    def setUpClass(cls) -> None:
        stack = contextlib.ExitStack()
        cls.addClassCleanup(stack.close)
        cls.url = stack.enter_context(emulator())

    def make(self, only: str, **environment: str) -> tuple[int, str]:
        variables = {"PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": self.url, "AWS_CONFIG_FILE": os.devnull,
                     "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true", "PYTHONDONTWRITEBYTECODE": "1"}
        command = ["make", "--silent", "--assume-old=.venv/installed", "verify-aws", "ENVIRONMENT=local", f"ONLY={only}"]
        output = subprocess.run(command, cwd=ROOT, env={**variables, **environment}, capture_output=True, text=True, check=False)
        return output.returncode, output.stdout + output.stderr

    def ask(self, only: str) -> tuple[int, str]:
        return self.make(only, AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")

    def test_valid_definition_and_templates_are_confirmed(self) -> None:
        for only, count in (("definition", 1), ("templates", len(nested.templates()))):
            status, output = self.ask(only)
            self.assertEqual(status, 0, output)
            self.assertIn("CONFIRMED, 0 NOT CONFIRMED, 0 NOT TRIED", output)
            self.assertGreaterEqual(count, int(output.split(" CONFIRMED, 0 NOT")[0].rsplit("\n", 1)[-1]))

    def test_decisions_without_conditions_are_confirmed_and_others_fail_the_run(self) -> None:
        status, output = self.ask("policies")
        refuted = [line for line in output.splitlines() if "expected" in line]
        self.assertNotEqual(status, 0, output)
        self.assertTrue(refuted)
        self.assertEqual([line for line in refuted if "with {}" in line], [])
        for role in ("OpenCaseFunctionRole", "KeepGraphFunctionRole", "KeepMembershipFunctionRole"):
            self.assertIn(role, output)

    def test_missing_credentials_are_reported(self) -> None:
        status, output = self.make("")
        self.assertNotEqual(status, 0)
        self.assertIn("verify-aws: no AWS credentials found", output)

    def test_states_are_tested_with_mocks(self) -> None:
        def case(state: str, status: str, following: str | None, **more: object) -> StateCase:
            fields = {"source": "try", "input": {}, "variables": {}, "context": {}, "mock": None, "retry_count": None, "assigned": {}}
            return StateCase(**{**fields, "state": state, "status": status, "next": following, **more})  # type: ignore[arg-type]

        refused = {"errorOutput": {"error": "Refused", "cause": "no"}}
        asked = [case("Poll", "SUCCEEDED", "Pause", mock={"result": {"Payload": {}}}),
                 case("Poll", "CAUGHT_ERROR", "Fail", mock=refused, error=("Refused", "no")),
                 case("Pause", "SUCCEEDED", "Finish", seconds=1), case("Finish", "SUCCEEDED", None),
                 case("Fail", "FAILED", None, error=("Refused", "no")),
                 case("Poll", "SUCCEEDED", "Finish", mock={"result": {"Payload": {}}})]
        rows = list(states.check(client(self.url, "stepfunctions"), json.dumps(DEFINITION), asked))
        self.assertEqual([row.outcome for row in rows], [Outcome.CONFIRMED] * 5 + [Outcome.NOT_CONFIRMED])
        self.assertIn('expected next state "Finish", saw "Pause"', rows[-1].detail)


class InContinuousIntegration(unittest.TestCase):
    def test_ci_does_not_call_aws(self) -> None:
        files = [ROOT / ".ci/run", *(ROOT / ".github/workflows").glob("*.yml")]
        self.assertGreaterEqual(len(files), 2)
        for path in map(Path, files):
            self.assertNotIn("verify-aws", path.read_text(encoding="utf-8"), path)


if __name__ == "__main__":
    unittest.main()

"""infra/deploy.py, with something in SAM's place that writes down how it is called."""

import argparse
import contextlib
import io
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from samcli.cli.types import CfnParameterOverridesType

import deploy
from deployed import Trouble
from tests.template import ROOT
from tests.test_binaries import header

SAMCONFIG = """version = 0.1
[prod.global.parameters]
stack_name = "gumshoe"
parameter_overrides = "LogRetentionDays=365 GraphSchedule=\\"rate(2 days)\\" Architecture=arm64"
[prod.deploy.parameters]
region = "eu-west-1"
[long.global.parameters]
stack_name = "gumshoe-0123456789-0123456789-0123456789-01234"
"""

GRAPH = f"arn:aws:detective:us-east-1:123456789012:graph:{'a' * 32}"


class Deploy(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        config = Path(folder) / "samconfig.toml"
        config.write_text(SAMCONFIG, encoding="utf-8")
        self.built = Path(folder) / "build"
        environment = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_CONFIG_FILE": os.devnull,
                       "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true", "PATH": os.environ["PATH"]}
        for patch in (mock.patch("deployed.SAMCONFIG", config), mock.patch("deploy.BUILT", self.built),
                      mock.patch.dict(os.environ, environment, clear=True)):
            patch.start()
            self.addCleanup(patch.stop)
        self.calls: list[list[str]] = []
        self.machine = 62

    def run_sam(self, command: list[str]) -> int:
        self.calls.append(command)
        if command[1] == "build":
            (self.built / "OpenCaseFunction").mkdir(parents=True)
            (self.built / "OpenCaseFunction/bootstrap").write_bytes(header(self.machine))
        return 0

    def deploy(self, parameters: str = "", architecture: str = "x86_64", environment: str = "prod", stack: str = "",
               host: str = "x86_64") -> str:
        arguments = argparse.Namespace(environment=environment, stack=stack, parameters=parameters, architecture=architecture)
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            deploy.deploy(arguments, host, self.run_sam)
        return said.getvalue()

    def refused(self, words: str, commands: int = 0, **how: str) -> None:
        with self.assertRaises(Trouble) as trouble:
            self.deploy(**how)
        self.assertIn(words, str(trouble.exception))
        self.assertEqual(len(self.calls), commands, "nothing is started that cannot come to an end")

    def given(self, command: list[str]) -> dict[str, str]:
        """The parameters of a command, read as SAM reads them."""
        begin = command.index("--parameter-overrides") + 1
        return CfnParameterOverridesType().convert(command[begin:], None, None)

    def test_build_and_deployment_have_one_architecture_whatever_samconfig_says(self) -> None:
        for architecture, self.machine, host in (("x86_64", 62, "x86_64"), ("arm64", 183, "x86_64"), ("arm64", 183, "aarch64")):
            shutil.rmtree(self.built, ignore_errors=True)
            self.calls.clear()
            self.deploy(architecture=architecture, host=host)
            self.assertEqual([it[1] for it in self.calls], ["build", "deploy"])
            for command in self.calls:
                expected = {"LogRetentionDays": "365", "GraphSchedule": "rate(2 days)", "Architecture": architecture}
                self.assertEqual(self.given(command), expected)

    def test_what_was_built_for_another_machine_is_not_deployed(self) -> None:
        self.machine = 183
        self.refused("OpenCaseFunction is built for arm64, not for x86_64", commands=1)

    def test_a_build_that_fails_is_not_deployed(self) -> None:
        self.run_sam = lambda command: self.calls.append(command) or 1  # type: ignore[method-assign, func-returns-value]
        self.refused("could not be built", commands=1)

    def test_an_arm64_machine_is_refused_with_the_remedy_before_the_build(self) -> None:
        for host in ("arm64", "aarch64"):
            self.refused("give ARCHITECTURE=arm64", host=host)

    def test_a_stack_name_that_is_too_long_is_refused(self) -> None:
        longest = "s" * deploy.STACK_NAME_MAX
        self.refused(f"at most {len(longest)} are possible", environment="long")
        self.refused(f"at most {len(longest)} are possible", stack=f"{longest}s")
        self.deploy(stack=longest)
        self.assertIn(longest, self.calls[1])

    def test_a_graph_elsewhere_is_refused(self) -> None:
        self.refused("GraphArn is in us-east-1, and the stack investigates in eu-west-1", parameters=f"GraphArn={GRAPH}")
        self.refused("investigates in eu-west-1, us-west-2",
                     parameters=f"GraphArn={GRAPH} InvestigationRegions=eu-west-1,us-west-2")
        self.deploy(parameters=f"GraphArn={GRAPH} InvestigationRegions=eu-west-1,us-east-1")

    def test_parameters_are_read_and_passed_as_they_are(self) -> None:
        weights = '{"severity": {"high": 20}}'
        escaped = weights.replace('"', '\\"')
        said = self.deploy(parameters=f'AlertEmail=a@example.com VerdictWeights="{escaped}" LogRetentionDays=7')
        for command in self.calls:
            given = self.given(command)
            self.assertEqual((given["VerdictWeights"], given["LogRetentionDays"]), (weights, "7"))
        self.assertNotIn("Neither AlertEmail", said)

    def test_a_parameter_that_does_not_exist_is_refused(self) -> None:
        self.refused("no parameter AlertMail", parameters="AlertMail=a@example.com")
        self.refused("use ARCHITECTURE=", parameters="Architecture=arm64")
        self.refused("PARAMETERS cannot be read", parameters="AlertEmail")

    def test_a_stack_without_recipients_is_mentioned(self) -> None:
        self.assertIn("Neither AlertEmail nor RelaySecretArn", self.deploy())

    def test_make_hands_one_architecture_over(self) -> None:
        """What make would run, without running it."""
        for given, expected in (([], "x86_64"), (["ARCHITECTURE=arm64"], "arm64")):
            command = ["make", "--dry-run", "--assume-old=.venv/installed", "deploy", "ENVIRONMENT=dev", *given]
            said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
            self.assertIn(f'infra/deploy.py --environment "dev" --architecture "{expected}"', said)
            self.assertNotIn("sam build", said)


if __name__ == "__main__":
    unittest.main()

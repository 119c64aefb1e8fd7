"""infra/deploy.py, with a fake SAM that records its calls."""

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

from botocore.exceptions import NoRegionError
from samcli.cli.types import CfnParameterOverridesType

import deploy
from deployed import KINDS, ToolError
from tests.template import ROOT
from tests.test_binaries import header

SAMCONFIG = """version = 0.1
[prod.global.parameters]
stack_name = "gumshoe"
parameter_overrides = "LogRetentionDays=365 VerdictWeights=\\"{ }\\" Architecture=arm64"
[prod.deploy.parameters]
region = "eu-west-1"
[graph-prod.global.parameters]
stack_name = "gumshoe-graph"
parameter_overrides = "GraphSchedule=\\"rate(2 days)\\""
[graph-prod.deploy.parameters]
region = "eu-west-1"
[member-prod.global.parameters]
stack_name = "gumshoe-member"
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
                       "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": "us-west-2",
                       "PATH": os.environ["PATH"]}
        for patch in (mock.patch("deployed.SAMCONFIG", config), mock.patch("deploy.built_folder", lambda _: self.built),
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
            (self.built / "Rights").mkdir()  # a nested stack
            (self.built / "Rights/template.yaml").write_text("Resources: {}\n", encoding="utf-8")
        return 0

    def deploy(self, parameters: str = "", architecture: str = "x86_64", environment: str = "prod", stack: str = "case",
               name: str = "", host: str = "x86_64") -> str:
        arguments = argparse.Namespace(stack=stack, environment=environment, name=name, parameters=parameters,
                                       architecture=architecture)
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            deploy.deploy(arguments, host, self.run_sam)
        return said.getvalue()

    def assert_refused(self, message: str, commands: int = 0, **how: str) -> None:
        with self.assertRaises(ToolError) as raised:
            self.deploy(**how)
        self.assertIn(message, str(raised.exception))
        self.assertEqual(len(self.calls), commands, "no command is started that would fail")

    def given(self, command: list[str]) -> dict[str, str]:
        """The parameters of a command, parsed as SAM parses them."""
        begin = command.index("--parameter-overrides") + 1
        return CfnParameterOverridesType().convert(command[begin:], None, None)

    def test_build_and_deployment_use_the_given_architecture(self) -> None:
        for architecture, self.machine, host in (("x86_64", 62, "x86_64"), ("arm64", 183, "x86_64"), ("arm64", 183, "aarch64")):
            shutil.rmtree(self.built, ignore_errors=True)
            self.calls.clear()
            self.deploy(architecture=architecture, host=host)
            self.assertEqual([it[1] for it in self.calls], ["build", "deploy"])
            for command in self.calls:
                expected = {"LogRetentionDays": "365", "VerdictWeights": "{ }", "Architecture": architecture}
                self.assertEqual(self.given(command), expected)

    def test_functions_of_another_architecture_are_not_deployed(self) -> None:
        self.machine = 183
        self.assert_refused("OpenCaseFunction is built for arm64, not for x86_64", commands=1)

    def test_failed_build_is_not_deployed(self) -> None:
        self.run_sam = lambda command: self.calls.append(command) or 1  # type: ignore[method-assign, func-returns-value]
        self.assert_refused("sam build failed", commands=1)

    def test_x86_64_on_an_arm64_machine_is_rejected_before_the_build(self) -> None:
        for host in ("arm64", "aarch64"):
            self.assert_refused("set ARCHITECTURE=arm64", host=host)

    def test_stack_name_that_is_too_long_is_rejected(self) -> None:
        longest = "s" * KINDS["case"].name_max
        self.assert_refused(f"at most {len(longest)} are allowed", environment="long")
        self.assert_refused(f"at most {len(longest)} are allowed", name=f"{longest}s")
        self.assert_refused(f"at most {len(longest) - 1} are allowed", name=longest, stack="graph")
        self.deploy(name=longest)
        self.assertIn(longest, self.calls[1])

    def test_each_kind_of_stack_is_built_and_deployed_separately(self) -> None:
        for stack, name, parameters in (("case", "gumshoe", ""), ("graph", "gumshoe-graph", "KeepGraph=apply"),
                                        ("member", "gumshoe-member", "Administrators=111122223333")):
            shutil.rmtree(self.built, ignore_errors=True)
            self.calls.clear()
            self.deploy(stack=stack, parameters=parameters)
            build, deployment = self.calls
            section = "prod" if stack == "case" else f"{stack}-prod"
            for command in self.calls:
                self.assertEqual(command[command.index("--config-env") + 1], section)
            self.assertEqual(build[build.index("--template-file") + 1], KINDS[stack].template)
            self.assertEqual(build[build.index("--build-dir") + 1], str(self.built))
            self.assertEqual(deployment[deployment.index("--template-file") + 1], str(self.built / "template.yaml"))
            self.assertEqual(deployment[deployment.index("--stack-name") + 1], name)
        self.assertEqual(len({kind.build_dir for kind in KINDS.values()}), len(KINDS), "they would undo each other's build")

    def test_sam_gets_the_region_of_samconfig_or_of_the_environment(self) -> None:
        for stack, parameters, region in (("case", "", "eu-west-1"), ("member", "Administrators=111122223333", "us-west-2")):
            shutil.rmtree(self.built, ignore_errors=True)
            self.calls.clear()
            self.deploy(stack=stack, parameters=parameters)
            self.assertEqual(self.calls[1][self.calls[1].index("--region") + 1], region)
        self.calls.clear()
        del os.environ["AWS_REGION"]
        with self.assertRaises(NoRegionError):
            self.deploy(stack="member", parameters="Administrators=111122223333")
        self.assertEqual(self.calls, [])

    def test_unknown_kind_of_stack_is_rejected_with_the_remedy(self) -> None:
        self.assert_refused("STACK must be one of case, graph, member; to change the stack's name, use NAME=gumshoe-two", stack="gumshoe-two")

    def test_unknown_environment_is_rejected_with_the_known_ones(self) -> None:
        self.assert_refused("no environment test; expected one of prod, long", environment="test")
        self.assert_refused("no environment graph-test; expected one of graph-prod", environment="test", stack="graph")

    def test_topic_in_another_region_is_rejected(self) -> None:
        topic = "arn:aws:sns:us-east-1:123456789012:gumshoe-AlertTopic"
        self.assert_refused("AlertTopicArn is in us-east-1, but the stack is in eu-west-1", stack="graph", parameters=f"AlertTopicArn={topic}")
        self.deploy(stack="graph", parameters=f"AlertTopicArn={topic.replace('us-east-1', 'eu-west-1')}")

    def test_graph_in_another_region_is_rejected(self) -> None:
        self.assert_refused("GraphArn is in us-east-1, but the stack investigates in eu-west-1", parameters=f"GraphArn={GRAPH}")
        self.assert_refused("investigates in eu-west-1, us-west-2",
                     parameters=f"GraphArn={GRAPH} InvestigationRegions=eu-west-1,us-west-2")
        self.deploy(parameters=f"GraphArn={GRAPH} InvestigationRegions=eu-west-1,us-east-1")

    def test_parameters_are_passed_unchanged(self) -> None:
        weights = '{"severity": {"high": 20}}'
        escaped = weights.replace('"', '\\"')
        said = self.deploy(parameters=f'AlertEmail=a@example.com VerdictWeights="{escaped}" LogRetentionDays=7')
        for command in self.calls:
            given = self.given(command)
            self.assertEqual((given["VerdictWeights"], given["LogRetentionDays"]), (weights, "7"))
        self.assertNotIn("Neither AlertEmail", said)

    def test_unknown_parameter_is_rejected(self) -> None:
        self.assert_refused("infra/case/template.yaml has no parameter AlertMail; docs/CONFIGURATION.md lists the parameters", parameters="AlertMail=a@example.com")
        self.assert_refused("no parameter KeepGraph; docs/CONFIGURATION.md lists the parameters. STACK=graph has it", parameters="KeepGraph=plan")
        self.assert_refused("infra/graph/template.yaml has no parameter AlertThreshold; docs/GRAPH.md lists the parameters. STACK=case has it",
                     stack="graph", parameters="AlertThreshold=Low")
        self.assert_refused("use ARCHITECTURE=", parameters="Architecture=arm64")
        self.assert_refused("could not parse PARAMETERS", parameters="AlertEmail")

    def test_stack_without_recipients_prints_a_warning(self) -> None:
        for stack, words in (("case", "Neither AlertEmail nor RelaySecretArn"), ("graph", "Neither AlertEmail nor AlertTopicArn"),
                             ("member", "AlarmTopicArn is not set")):
            shutil.rmtree(self.built, ignore_errors=True)
            self.assertIn(words, self.deploy(stack=stack, parameters="Administrators=111122223333" if stack == "member" else ""))

    def test_make_passes_one_architecture(self) -> None:
        """The command that make would run."""
        for given, expected in (([], "x86_64"), (["ARCHITECTURE=arm64"], "arm64")):
            command = ["make", "--dry-run", "--assume-old=.venv/installed", "deploy", "ENVIRONMENT=dev", *given]
            said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
            self.assertIn(f'infra/deploy.py --stack "case" --environment "dev" --architecture "{expected}"', said)
            self.assertNotIn("sam build", said)

    def test_make_passes_the_kind_and_the_name_of_the_stack(self) -> None:
        for given, expected in ((["STACK=graph"], '--stack "graph"'), (["NAME=two"], '--name "two"')):
            command = ["make", "--dry-run", "--assume-old=.venv/installed", "deploy", *given]
            self.assertIn(expected, subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    unittest.main()

"""The templates' parameters and Rules, evaluated by the emulator's CloudFormation before it creates anything."""

import contextlib
import json
import unittest
import uuid
from typing import Any

from botocore.exceptions import ClientError

from tests.emulator import client, emulator
from tests.template import template

GRAPH = f"arn:aws:detective:eu-west-1:123456789012:graph:{'a' * 32}"


class Rules(unittest.TestCase):
    url: str

    @classmethod
    def setUpClass(cls) -> None:
        stack = contextlib.ExitStack()
        cls.addClassCleanup(stack.close)
        cls.url = stack.enter_context(emulator())

    def refusal(self, region: str, name: str = "case/template.yaml", **parameters: str) -> str:
        """CloudFormation's error for the parameters in that Region; empty if it accepts them."""
        document: dict[str, Any] = {it: template(name)[it] for it in ("AWSTemplateFormatVersion", "Parameters", "Rules")}
        document["Resources"] = {"Topic": {"Type": "AWS::SNS::Topic"}}
        try:
            client(self.url, "cloudformation", region).create_change_set(
                StackName=f"gumshoe-{uuid.uuid4()}", ChangeSetName="try", ChangeSetType="CREATE", TemplateBody=json.dumps(document),
                Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()])
        except ClientError as error:
            return error.response["Error"]["Message"]
        return ""

    def test_defaults_are_accepted_in_regions_with_detective(self) -> None:
        for region in ("us-east-1", "us-gov-west-1"):
            self.assertEqual(self.refusal(region), "")

    def test_region_without_detective_is_rejected_unless_others_are_investigated(self) -> None:
        for region in ("eu-south-2", "cn-north-1"):
            self.assertIn("Amazon Detective is not available in this Region", self.refusal(region))
            self.assertEqual(self.refusal(region, InvestigationRegions="eu-west-1"), "")
            self.assertIn("Amazon Detective is not available in this Region", self.refusal(region, "graph/template.yaml"))
        self.assertEqual(self.refusal("us-gov-west-1", "graph/template.yaml"), "")

    def test_topic_of_another_stack_needs_its_key_and_no_email(self) -> None:
        topic = {"AlertTopicArn": "arn:aws:sns:us-east-1:123456789012:gumshoe-AlertTopic"}
        key = {"AlertTopicKeyArn": "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-4333-8444-555555555555"}
        self.assertEqual(self.refusal("us-east-1", "graph/template.yaml", **topic, **key), "")
        self.assertIn("AlertTopicArn needs AlertTopicKeyArn", self.refusal("us-east-1", "graph/template.yaml", **topic))
        self.assertIn("AlertEmail is for the stack's own topic",
                      self.refusal("us-east-1", "graph/template.yaml", **topic, **key, AlertEmail="a@example.com"))
        self.assertEqual(self.refusal("us-east-1", "graph/template.yaml", AlertEmail="a@example.com"), "")

    def test_lists_and_arns_with_regions_without_detective_are_rejected(self) -> None:
        self.assertEqual(self.refusal("us-east-1", InvestigationRegions="us-east-1,eu-west-1", GraphArn=GRAPH), "")
        self.assertIn("InvestigationRegions must be", self.refusal("us-east-1", InvestigationRegions="us-east-1,eu-south-2"))
        for wrong in (GRAPH.replace("eu-west-1", "eu-south-2"), GRAPH.replace("arn:aws:", "arn:aws-cn:"), GRAPH[:-1]):
            self.assertIn("GraphArn must be", self.refusal("us-east-1", GraphArn=wrong))

    def test_lists_that_exceed_the_limit_of_lambda_are_rejected(self) -> None:
        accounts = ",".join(["123456789012"] * 51)
        self.assertIn("ExcludeAccounts", self.refusal("us-east-1", ExcludeAccounts=accounts))
        self.assertEqual(self.refusal("us-east-1", ExcludeAccounts=accounts[13:]), "")
        types = ",".join(["UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom"] * 13)
        self.assertIn("IncludeFindingTypes", self.refusal("us-east-1", IncludeFindingTypes=types))
        self.assertIn("VerdictWeights", self.refusal("us-east-1", VerdictWeights="{" + " " * 1200 + "}"))
        self.assertEqual(self.refusal("us-east-1", VerdictWeights='{"severity": {"high": 20}}'), "")


if __name__ == "__main__":
    unittest.main()

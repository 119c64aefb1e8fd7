"""Limits of AWS, checked with the template and with botocore."""

import itertools
import json
import re
import unittest
from pathlib import Path

import boto3

import nested
from deployed import KINDS
from tests.template import ROOT, environment, substituted, template
from verify.render import RenderedTemplate, StackLocation

# The most characters of names, by property (API References of Lambda, IAM, CloudWatch Logs and Step Functions).
NAME_LIMITS = {"FunctionName": 64, "RoleName": 64, "LogGroupName": 512, "StateMachineName": 80}

# Characters of a managed policy, without white space (IAM User Guide, Quotas).
MANAGED_POLICY_CHARACTERS = 6144

# Bytes of a function's environment (Lambda Developer Guide, Quotas).
ENVIRONMENT_BYTES = 4096


class Names(unittest.TestCase):
    def test_longest_stack_name_leaves_room_for_the_longest_suffix(self) -> None:
        for stack, kind in KINDS.items():
            left = []
            for resource in template(kind.template.removeprefix("infra/"))["Resources"].values():
                for name, limit in NAME_LIMITS.items():
                    value = resource.get("Properties", {}).get(name, {})
                    if "Fn::Sub" in value:
                        left.append(limit - len(substituted(value["Fn::Sub"], "")))
            self.assertGreater(len(left), 7 if stack == "case" else 1)
            self.assertEqual(kind.name_max, min(left), stack)


class Environment(unittest.TestCase):
    def test_environments_are_within_the_limit_of_lambda(self) -> None:
        for kind in KINDS.values():
            document, stack = template(kind.template.removeprefix("infra/")), "s" * kind.name_max
            functions = [(logical_id, it) for logical_id, it in document["Resources"].items()
                         if it["Type"] == "AWS::Serverless::Function"]
            self.assertTrue(functions)
            for logical_id, function in functions:
                with self.subTest(function=logical_id):
                    text = environment(document, function["Properties"]["Environment"]["Variables"], stack)
                    self.assertLessEqual(len(text), ENVIRONMENT_BYTES)

    def test_list_of_maximum_length_is_accepted(self) -> None:
        parameters = template()["Parameters"]
        accounts = ",".join(["123456789012"] * 50)
        for name in ("IncludeAccounts", "ExcludeAccounts"):
            self.assertRegex(accounts, parameters[name]["AllowedPattern"])
            self.assertEqual(len(accounts), parameters[name]["MaxLength"])


class Regions(unittest.TestCase):
    """botocore's endpoints list the Regions of Detective."""

    def setUp(self) -> None:
        session = boto3.Session()
        partitions = session.get_available_partitions()
        self.detective = {region for it in partitions for region in session.get_available_regions("detective", it)}
        every = {region for it in partitions for region in session.get_available_regions("sts", it)}
        self.others = {region for region in every | {"us-east-3", "us-east-11"} if region not in self.detective}
        self.parameters = template()["Parameters"]

    def test_rule_lists_the_regions_with_detective(self) -> None:
        self.assertGreater(len(self.detective), 20)
        assertion = template()["Rules"]["DetectiveIsInTheRegion"]["Assertions"][0]["Assert"]["Fn::Contains"]
        self.assertEqual(assertion[1], {"Ref": "AWS::Region"})
        self.assertEqual(len(assertion[0]), len(set(assertion[0])))
        self.assertEqual(set(assertion[0]), self.detective)

    def test_patterns_accept_only_these_regions(self) -> None:
        def accepts(name: str, value: str) -> bool:
            return re.fullmatch(self.parameters[name]["AllowedPattern"], value) is not None

        self.assertIn("cn-north-1", self.others)
        for region, expected in itertools.chain(((it, True) for it in self.detective), ((it, False) for it in self.others)):
            with self.subTest(region=region):
                self.assertEqual(accepts("InvestigationRegions", region), expected)
                self.assertEqual(accepts("InvestigationRegions", f"us-east-1,{region}"), expected)
                self.assertEqual(accepts("InvestigationRegions", f"{region},us-east-1"), expected)
                self.assertEqual(accepts("GraphArn", f"arn:aws:detective:{region}:123456789012:graph:{'a' * 32}"), expected)
        every = ",".join(sorted(self.detective))
        self.assertTrue(accepts("InvestigationRegions", every))
        self.assertLessEqual(len(every), self.parameters["InvestigationRegions"]["MaxLength"])

    def test_patterns_reject_partitions_without_detective(self) -> None:
        patterns = {(file, name): it["AllowedPattern"] for file in nested.templates()
                    for name, it in nested.flatten(file).get("Parameters", {}).items() if "arn:" in it.get("AllowedPattern", "")}
        self.assertGreaterEqual({name for _, name in patterns}, {"GraphArn", "ManagementRoleArn", "RelaySecretArn", "AlarmTopicArn",
                                                                 "AlertTopicArn", "AlertTopicKeyArn", "PublisherRoleArns"})
        for where, pattern in patterns.items():
            self.assertEqual(pattern.count("arn:"), pattern.count("arn:aws(-us-gov)?:"), where)

    def test_graph_arn_must_be_complete(self) -> None:
        pattern = self.parameters["GraphArn"]["AllowedPattern"]
        good = f"arn:aws-us-gov:detective:us-gov-west-1:123456789012:graph:{'0123456789abcdef' * 2}"
        self.assertRegex(good, pattern)
        for old, new in ((":123456789012:", ":12345678901:"), ("graph:", "member:"), ("0123", "GHIJ"), ("-gov-west-1", "")):
            self.assertNotRegex(good.replace(old, new), pattern)


class ManagedPolicies(unittest.TestCase):
    def test_largest_policies_are_within_the_limit_of_iam(self) -> None:
        location = StackLocation(partition="aws-us-gov", region="ap-southeast-1", account="1" * 12, stack="s" * KINDS["case"].name_max)
        regions = boto3.Session().get_available_regions("detective") + ["us-gov-east-1", "us-gov-west-1"]
        parameters = {"InvestigationRegions": ",".join(regions), "RelaySecretArn": "s" * 600}
        roles = RenderedTemplate(ROOT / "infra/case/template.yaml", location, parameters).resources("AWS::IAM::Role")
        managed = whole_policies(ROOT / "infra/case/rights.yaml")
        lengths = {name: len(json.dumps(policy["PolicyDocument"], separators=(",", ":")))
                   for role in roles.values() for policy in role["Policies"] if (name := policy["PolicyName"]) in managed}
        self.assertEqual(set(lengths), managed)
        for name, length in lengths.items():
            self.assertLess(length, MANAGED_POLICY_CHARACTERS, name)


def whole_policies(path: Path) -> set[str]:
    """The managed policies of a template, by their logical ids."""
    return {name for name, it in nested.flatten(path)["Resources"].items() if it["Type"] == nested.POLICY}


class Retention(unittest.TestCase):
    def test_data_is_retained_except_after_a_failed_creation(self) -> None:
        kept = {logical_id: (it.get("DeletionPolicy"), it.get("UpdateReplacePolicy"))
                for logical_id, it in template()["Resources"].items()}
        for logical_id in ("Cases", "EvidenceBucket"):
            self.assertEqual(kept[logical_id], ("RetainExceptOnCreate", "Retain"), logical_id)
        self.assertNotIn("Retain", [deletion for deletion, _ in kept.values()])

    def test_graph_stack_retains_nothing(self) -> None:
        """Without the table of notified issues, people are notified again: nothing is lost."""
        policies = {it.get("DeletionPolicy", "Delete") for it in template("graph/template.yaml")["Resources"].values()}
        self.assertEqual(policies, {"Delete"})


if __name__ == "__main__":
    unittest.main()

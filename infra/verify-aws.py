"""Checks templates, policies and the state machine with AWS's own APIs, without deploying or changing anything, and prints the results.

    verify-aws.py --environment prod [--name NAME] [--only definition|states|policies|templates]

Called by `make verify-aws`. It needs credentials; the stacks need not exist. Their names and parameters come from samconfig.toml, the
Region from the case stack. Exits with status 1 if a result is not as expected. docs/CONFIGURATION.md lists the checks.
"""

import argparse
import dataclasses
import json
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from samcli.cli.types import CfnParameterOverridesType

import nested
from deployed import KINDS, SAMCONFIG, ToolError, explain_error, settings_of, stack_of
from verify import machine, paths, policies, states, templates
from verify.render import StackLocation, RenderedTemplate, rendered_definition
from verify.report import Outcome, Result, all_confirmed, table

INFRA = SAMCONFIG.parent / "infra"
PATHS = SAMCONFIG.parent / "tests/fixtures/paths"
CHECKS = ("definition", "states", "policies", "templates")

# There are hundreds of calls, and the rate limit of TestState is not documented. Standard mode backs off for up to 20 seconds per attempt
# if a service throttles. A Wait state may wait for up to paths.WAIT_SECONDS_MAX.
SETTINGS = Config(retries={"mode": "standard", "max_attempts": 10}, connect_timeout=10, read_timeout=120)


def rows(session: Any, location: StackLocation, environment: str, checks: list[str]) -> Iterator[Result]:
    """The results, in the order in which they arrive."""
    every = templates_of(location, environment)
    stack = next(it for it in every if it.path == INFRA / "case/template.yaml")
    text = rendered_definition(stack)
    if "definition" in checks:
        yield from machine.check(session.client("stepfunctions", config=SETTINGS), text)
    if "states" in checks:
        substitutions = next(iter(stack.resources("AWS::Serverless::StateMachine").values()))["DefinitionSubstitutions"]
        asked = paths.cases(paths.load(PATHS), json.loads(text), substitutions)
        yield from states.check(session.client("stepfunctions", config=SETTINGS), text, asked)
    if "policies" in checks:
        for template in every:
            yield from policies.check(session.client("iam", config=SETTINGS), template)
    if "templates" in checks:
        for template in every:
            yield templates.check(session.client("cloudformation", config=SETTINGS), template)


def templates_of(location: StackLocation, environment: str) -> list[RenderedTemplate]:
    """The templates of infra/. Each kind of stack has the name and the parameters of its environment; the case stack is at `location`."""
    found = []
    for path in nested.templates():
        kind = next((name for name, kind in KINDS.items() if SAMCONFIG.parent / kind.template == path), None)
        settings = settings_of(kind, environment) if kind else {}
        name = settings.get("stack_name", location.stack) if kind != "case" else location.stack
        overrides = CfnParameterOverridesType().convert(settings.get("parameter_overrides", ""), None, None)
        found.append(RenderedTemplate(path, dataclasses.replace(location, stack=name), overrides))
    return found


def verify(arguments: argparse.Namespace) -> bool:
    """Runs the checks, prints the table, and returns whether all results are as expected."""
    name, session = stack_of("case", arguments.environment, arguments.name)
    caller = session.client("sts", config=SETTINGS).get_caller_identity()
    location = StackLocation(caller["Arn"].split(":")[1], session.client("stepfunctions").meta.region_name, caller["Account"], name)
    print(f"Checking {name} with AWS in account {location.account}, {location.region}; nothing is changed", flush=True)
    found = []
    for row in rows(session, location, arguments.environment, [arguments.only] if arguments.only else list(CHECKS)):
        found.append(row)
        if sys.stdout.isatty():
            print(f"\r{len(found)} results", end="", flush=True)
    print(f"\r{table(found)}\n")
    counts = ", ".join(f"{sum(row.outcome is it for row in found)} {it.value}" for it in Outcome)
    print(counts)
    return all_confirmed(found)


REQUIRED_PERMISSIONS = ("This needs sts:GetCallerIdentity, states:ValidateStateMachineDefinition, states:TestState, iam:SimulateCustomPolicy and "
         "cloudformation:ValidateTemplate")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--environment", default="prod", help="an environment of samconfig.toml: prod or dev")
    parser.add_argument("--name", default="", help="the case stack's name, if it is not that of the environment")
    parser.add_argument("--only", default="", choices=["", *CHECKS], help="run only one kind of check")
    try:
        sys.exit(0 if verify(parser.parse_args()) else 1)
    except KeyboardInterrupt:
        fail("interrupted; nothing was changed")
    except (ToolError, BotoCoreError, ClientError) as error:
        fail(explain_error(error, REQUIRED_PERMISSIONS))


def fail(why: str) -> NoReturn:
    print(f"verify-aws: {why}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()

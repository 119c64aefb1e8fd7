"""Asks AWS what can be asked about Gumshoe without deploying or changing anything, and prints what was confirmed.

    verify-aws.py --environment prod [--name NAME] [--only definition|states|policies|templates]

`make verify-aws` calls it. It takes credentials; no stack need exist. The stacks' names and parameters are those of samconfig.toml, the
Region that of the case stack. Ends with status 1 if something is not as expected. docs/CONFIGURATION.md says what is asked.
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
from deployed import KINDS, SAMCONFIG, Trouble, mend, settings_of, stack_of
from verify import machine, paths, policies, states, templates
from verify.render import Place, Template, definition
from verify.report import Outcome, Row, succeeded, table

INFRA = SAMCONFIG.parent / "infra"
PATHS = SAMCONFIG.parent / "tests/fixtures/paths"
CHECKS = ("definition", "states", "policies", "templates")

# There are hundreds of questions, and no rate is documented for TestState. Standard mode backs off for up to 20 seconds an attempt
# where a service throttles. A Wait state may wait for as long as paths.WAIT_SECONDS_MAX.
SETTINGS = Config(retries={"mode": "standard", "max_attempts": 10}, connect_timeout=10, read_timeout=120)


def rows(session: Any, place: Place, environment: str, checks: list[str]) -> Iterator[Row]:
    """The answers, as they come."""
    every = templates_of(place, environment)
    stack = next(it for it in every if it.path == INFRA / "case/template.yaml")
    text = definition(stack)
    if "definition" in checks:
        yield from machine.check(session.client("stepfunctions", config=SETTINGS), text)
    if "states" in checks:
        substitutions = next(iter(stack.resources("AWS::Serverless::StateMachine").values()))["DefinitionSubstitutions"]
        asked = paths.questions(paths.load(PATHS), json.loads(text), substitutions)
        yield from states.check(session.client("stepfunctions", config=SETTINGS), text, asked)
    if "policies" in checks:
        for template in every:
            yield from policies.check(session.client("iam", config=SETTINGS), template)
    if "templates" in checks:
        for template in every:
            yield templates.check(session.client("cloudformation", config=SETTINGS), template)


def templates_of(place: Place, environment: str) -> list[Template]:
    """The templates of infra/. Each kind of stack has the name and the parameters of its environment; the case stack is at `place`."""
    found = []
    for path in nested.templates():
        kind = next((name for name, kind in KINDS.items() if SAMCONFIG.parent / kind.template == path), None)
        settings = settings_of(kind, environment) if kind else {}
        name = settings.get("stack_name", place.stack) if kind != "case" else place.stack
        overrides = CfnParameterOverridesType().convert(settings.get("parameter_overrides", ""), None, None)
        found.append(Template(path, dataclasses.replace(place, stack=name), overrides))
    return found


def verify(arguments: argparse.Namespace) -> bool:
    """Asks, prints the table, and gives whether all is as expected."""
    name, session = stack_of("case", arguments.environment, arguments.name)
    caller = session.client("sts", config=SETTINGS).get_caller_identity()
    place = Place(caller["Arn"].split(":")[1], session.client("stepfunctions").meta.region_name, caller["Account"], name)
    print(f"Asking AWS about {name} in account {place.account}, {place.region}; nothing is changed", flush=True)
    found = []
    for row in rows(session, place, arguments.environment, [arguments.only] if arguments.only else list(CHECKS)):
        found.append(row)
        if sys.stdout.isatty():
            print(f"\r{len(found)} answers", end="", flush=True)
    print(f"\r{table(found)}\n")
    counts = ", ".join(f"{sum(row.outcome is it for row in found)} {it.value}" for it in Outcome)
    print(counts)
    return succeeded(found)


TAKES = ("It takes sts:GetCallerIdentity, states:ValidateStateMachineDefinition, states:TestState, iam:SimulateCustomPolicy and "
         "cloudformation:ValidateTemplate")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--environment", default="prod", help="as samconfig.toml has it: prod or dev")
    parser.add_argument("--name", default="", help="another name of the case stack than that environment's")
    parser.add_argument("--only", default="", choices=["", *CHECKS], help="one kind of question alone")
    try:
        sys.exit(0 if verify(parser.parse_args()) else 1)
    except KeyboardInterrupt:
        fail("interrupted; nothing was changed")
    except (Trouble, BotoCoreError, ClientError) as error:
        fail(mend(error, TAKES))


def fail(why: str) -> NoReturn:
    print(f"verify-aws: {why}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()

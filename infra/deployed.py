"""What the tools of this folder share: which stacks there are, which one is meant, by samconfig.toml, and what to say when AWS
says no."""

import dataclasses
import os
from pathlib import Path

import boto3
import tomlkit  # SAM reads samconfig.toml with it
from botocore.exceptions import ClientError, NoCredentialsError, NoRegionError, PartialCredentialsError

SAMCONFIG = Path(__file__).parent.parent / "samconfig.toml"


@dataclasses.dataclass(frozen=True)
class Kind:
    """A stack that is deployed by itself."""

    # From the project's folder: its template, and where `sam build` lays out what is deployed.
    template: str
    built: str
    # What precedes an environment's name in samconfig.toml: `graph-prod` is the graph stack's `prod`.
    prefix: str
    # The longest name that such a stack may have. Names of functions and roles are made from it, and AWS bounds them: a function's
    # at 64 characters (Lambda API Reference, CreateFunction). infra/tests/test_template.py computes this from the template.
    name_max: int
    # The parameters by which somebody is notified.
    recipients: tuple[str, ...]
    # The document with the table of its parameters.
    document: str


# By what STACK says in the Makefile.
KINDS = {
    "case": Kind("infra/case/template.yaml", ".aws-sam/build", "", 39, ("AlertEmail", "RelaySecretArn"), "docs/CONFIGURATION.md"),
    "graph": Kind("infra/graph/template.yaml", ".aws-sam/graph", "graph-", 38, ("AlertEmail", "AlertTopicArn"), "docs/GRAPH.md"),
    "member": Kind("infra/graph/member.yaml", ".aws-sam/member", "member-", 48, ("AlarmTopicArn",), "docs/GRAPH.md"),
}

DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
NOT_TAKEN = {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException",
             "SignatureDoesNotMatch", "InvalidToken"}


class Trouble(Exception):
    """Why something was not done, or not all of it, and what to do."""


def section_of(kind: str, environment: str) -> str:
    """What samconfig.toml calls the environment of that kind of stack."""
    return KINDS[kind].prefix + environment


def kind_of(section: str) -> str:
    """The kind of stack that an environment of samconfig.toml is of."""
    return next((name for name, kind in KINDS.items() if kind.prefix and section.startswith(kind.prefix)), "case")


def settings_of(kind: str, environment: str) -> dict[str, str]:
    """What samconfig.toml says of the deployment of that kind of stack in an environment."""
    try:
        tables = tomlkit.parse(SAMCONFIG.read_text(encoding="utf-8")).unwrap()
    except (OSError, tomlkit.exceptions.ParseError) as error:
        raise Trouble(f"samconfig.toml cannot be read: {error}") from error
    section = section_of(kind, environment)
    if section not in tables or not isinstance(tables[section], dict):
        known = ", ".join(name for name, table in tables.items() if isinstance(table, dict) and kind_of(name) == kind)
        raise Trouble(f"samconfig.toml has no environment {section}; there are {known}")
    of = tables[section]
    return {**of.get("global", {}).get("parameters", {}), **of.get("deploy", {}).get("parameters", {})}


def stack_of(kind: str, environment: str, name: str) -> tuple[str, boto3.Session]:
    """The name of the environment's stack of that kind, or the one that is given, and a session in its Region and profile."""
    settings = settings_of(kind, environment)
    name = name or settings.get("stack_name", "")
    if not name:
        raise Trouble(f"samconfig.toml has no stack_name for {section_of(kind, environment)}; give NAME=name")
    # boto3 and SAM read AWS_DEFAULT_REGION alone.
    region = settings.get("region") or os.environ.get("AWS_REGION")
    session = boto3.Session(region_name=region, profile_name=settings.get("profile"))
    if session.get_credentials() is None:
        raise NoCredentialsError()
    return name, session


def mend(error: Exception, takes: str) -> str:
    """What to say of an error, and what to do about it; `takes` says which rights the tool takes."""
    if isinstance(error, (NoCredentialsError, PartialCredentialsError)):
        return "there are no AWS credentials; sign in, or set AWS_PROFILE"
    if isinstance(error, NoRegionError):
        return "there is no Region; set AWS_REGION, or region in samconfig.toml"
    if isinstance(error, ClientError):
        said, operation = error.response["Error"], error.operation_name
        if said["Code"] in DENIED:
            return f"access is denied to {operation}: {said['Message']}\n{takes}"
        if said["Code"] in NOT_TAKEN:
            return f"AWS does not take these credentials ({said['Code']}); sign in again"
        return f"{operation} failed: {said['Code']}: {said['Message']}"
    return str(error)

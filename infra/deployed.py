"""Shared by the tools of this folder: the kinds of stacks, the stack of an environment in samconfig.toml, and the explanation of
errors of AWS."""

import dataclasses
import os
from pathlib import Path

import boto3
import tomlkit  # SAM reads samconfig.toml with it
from botocore.exceptions import ClientError, NoCredentialsError, NoRegionError, PartialCredentialsError

SAMCONFIG = Path(__file__).parent.parent / "samconfig.toml"


@dataclasses.dataclass(frozen=True)
class StackKind:
    """A kind of stack that is deployed separately."""

    # Paths in the project: the template, and the output folder of `sam build`.
    template: str
    build_dir: str
    # The prefix of environments in samconfig.toml: `graph-prod` is `prod` of the graph stack.
    prefix: str
    # The most characters of the stack's name. Names of functions and roles contain it, and AWS limits them: a function's name to 64
    # characters (Lambda API Reference, CreateFunction). infra/tests/test_template.py computes this from the template.
    name_max: int
    # The parameters that set recipients of notifications.
    recipient_parameters: tuple[str, ...]
    # The document with the table of the parameters.
    document: str


# By the value of STACK in the Makefile.
KINDS = {
    "case": StackKind("infra/case/template.yaml", ".aws-sam/build", "", 39, ("AlertEmail", "RelaySecretArn"), "docs/CONFIGURATION.md"),
    "graph": StackKind("infra/graph/template.yaml", ".aws-sam/graph", "graph-", 38, ("AlertEmail", "AlertTopicArn"), "docs/GRAPH.md"),
    "member": StackKind("infra/graph/member.yaml", ".aws-sam/member", "member-", 48, ("AlarmTopicArn",), "docs/GRAPH.md"),
}

ACCESS_DENIED_CODES = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
INVALID_CREDENTIAL_CODES = {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException",
             "SignatureDoesNotMatch", "InvalidToken"}


class ToolError(Exception):
    """Why a tool failed, and what to do. Its text is printed for the operator."""


def section_of(kind: str, environment: str) -> str:
    """The section of samconfig.toml for the environment of that kind of stack."""
    return KINDS[kind].prefix + environment


def kind_of(section: str) -> str:
    """The kind of stack of a section of samconfig.toml."""
    return next((name for name, kind in KINDS.items() if kind.prefix and section.startswith(kind.prefix)), "case")


def settings_of(kind: str, environment: str) -> dict[str, str]:
    """The deployment settings of that kind of stack in an environment, from samconfig.toml."""
    try:
        tables = tomlkit.parse(SAMCONFIG.read_text(encoding="utf-8")).unwrap()
    except (OSError, tomlkit.exceptions.ParseError) as error:
        raise ToolError(f"could not read samconfig.toml: {error}") from error
    section = section_of(kind, environment)
    if section not in tables or not isinstance(tables[section], dict):
        known = ", ".join(name for name, table in tables.items() if isinstance(table, dict) and kind_of(name) == kind)
        raise ToolError(f"samconfig.toml has no environment {section}; expected one of {known}")
    table = tables[section]
    return {**table.get("global", {}).get("parameters", {}), **table.get("deploy", {}).get("parameters", {})}


def stack_of(kind: str, environment: str, name: str) -> tuple[str, boto3.Session]:
    """The name of the environment's stack, or `name` if it is given, and a session with its Region and profile."""
    settings = settings_of(kind, environment)
    name = name or settings.get("stack_name", "")
    if not name:
        raise ToolError(f"samconfig.toml has no stack_name for {section_of(kind, environment)}; set NAME=name")
    # boto3 and SAM read only AWS_DEFAULT_REGION.
    region = settings.get("region") or os.environ.get("AWS_REGION")
    session = boto3.Session(region_name=region, profile_name=settings.get("profile"))
    if session.get_credentials() is None:
        raise NoCredentialsError()
    return name, session


def explain_error(error: Exception, required_permissions: str) -> str:
    """The text for an error, with the remedy. `required_permissions` is a sentence with the permissions that the tool needs."""
    if isinstance(error, (NoCredentialsError, PartialCredentialsError)):
        return "no AWS credentials found; sign in, or set AWS_PROFILE"
    if isinstance(error, NoRegionError):
        return "no Region configured; set AWS_REGION, or region in samconfig.toml"
    if isinstance(error, ClientError):
        details, operation = error.response["Error"], error.operation_name
        if details["Code"] in ACCESS_DENIED_CODES:
            return f"access is denied to {operation}: {details['Message']}\n{required_permissions}"
        if details["Code"] in INVALID_CREDENTIAL_CODES:
            return f"AWS rejected these credentials ({details['Code']}); sign in again"
        return f"{operation} failed: {details['Code']}: {details['Message']}"
    return str(error)

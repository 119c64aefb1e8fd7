"""boto3 clients of the simulator. Every response is checked against botocore's model."""

import re
from collections import Counter
from contextlib import contextmanager
from types import SimpleNamespace

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from control import Control
from shapes import problems, read_json

REGION = "us-east-1"

REQUEST_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# Errors that an operation answers although its model does not have them, and under which status.
# CreateGraph's model has no error for a request that breaks a constraint; the simulator takes Detective's usual one.
UNMODELED = {("detective", "CreateGraph", "ValidationException"): 400}

# Operations whose answers have null where something is left out: published findings do.
ROUGH = {"GetFindings"}

# The references list it as common to all operations; the simulator takes it where the model has no
# TooManyRequestsException.
THROTTLING = "ThrottlingException"


class SimulatorClients:
    """One simulator: its control interface, clients for it, and what they received."""

    def __init__(self, url):
        self.url = url
        self.control = Control(url)
        self.session = boto3.Session(region_name=REGION)
        self.clients = {}
        # How often each operation succeeded with an answer that fits its model, and each of its errors was seen.
        self.succeeded = Counter()
        self.failed = Counter()
        self.request_ids = set()
        # What did not fit, since it was last asked for. It stops no flow, so that one thing hides no other.
        self.violations = []

    def detective(self, account, region=REGION, **options):
        return self._client("detective", account, region, **options)

    def guardduty(self, account, region=REGION, **options):
        return self._client("guardduty", account, region, **options)

    def _client(self, service, account, region, unchecked=False, attempts=1, read_timeout=20):
        """A client of an account; `unchecked` sends what botocore would refuse to send."""
        key = (service, account, region, unchecked, attempts, read_timeout)
        if key not in self.clients:
            client = self.session.client(
                service,
                region_name=region,
                endpoint_url=self.url,
                aws_access_key_id=account,
                aws_secret_access_key="secret",
                config=Config(
                    retries={"mode": "standard", "total_max_attempts": attempts},
                    connect_timeout=5,
                    read_timeout=read_timeout,
                    parameter_validation=not unchecked,
                    proxies={},
                ),
            )
            client.meta.events.register("before-parse", self._check)
            self.clients[key] = client
        return self.clients[key]

    def _check(self, operation_model, response_dict, **_):
        """Is called with every answer before botocore parses it."""
        service, name = operation_model.service_model.service_name, operation_model.name
        answer = SimpleNamespace(**response_dict)
        wrong = list(_wrong(operation_model, answer, self.request_ids))
        self.violations += [f"{service}:{name} response violates its model: {what}" for what in wrong]
        if answer.status_code >= 300:
            self.failed[service, name, answer.headers.get("x-amzn-errortype")] += 1
        elif not wrong:
            self.succeeded[service, name] += 1

    def take_violations(self):
        """What did not fit since this was last asked, each once."""
        violations, self.violations = dict.fromkeys(self.violations), []
        return list(violations)


def _wrong(operation, answer, request_ids):
    request_id = answer.headers.get("x-amzn-requestid")
    if not REQUEST_ID.fullmatch(request_id or ""):
        yield f"x-amzn-requestid is {request_id}"
    if request_id in request_ids:
        yield f"the request id {request_id} came before"
    request_ids.add(request_id)
    if answer.body and answer.headers.get("content-type") != "application/json":
        yield f"the body's content type is {answer.headers.get('content-type')}"
    if answer.status_code < 300:
        yield from _wrong_success(operation, answer)
    else:
        yield from _wrong_error(operation, answer)


def _wrong_success(operation, answer):
    expected = operation.http.get("responseCode", 200)
    if answer.status_code != expected:
        yield f"the status is {answer.status_code} instead of {expected}"
    if "x-amzn-errortype" in answer.headers:
        yield "a success has x-amzn-errortype"
    shape = operation.output_shape
    if shape is None or not shape.members:
        # AWS answers nothing at all, or an empty object, where there is nothing to say.
        if answer.body not in (b"", b"{}") or (answer.body and expected == 204):
            yield f"the body is not empty: {answer.body!r}"
        return
    yield from _wrong_body(shape, answer.body, rough=operation.name in ROUGH)


def _wrong_error(operation, answer):
    service = operation.service_model
    name = answer.headers.get("x-amzn-errortype")
    modeled = {shape.name: shape for shape in operation.error_shapes}
    if name in modeled:
        shape = modeled[name]
        status = shape.metadata["error"]["httpStatusCode"]
    elif (service.service_name, operation.name, name) in UNMODELED:
        shape = service.shape_for(name)
        status = UNMODELED[service.service_name, operation.name, name]
    elif name == THROTTLING and "TooManyRequestsException" not in modeled:
        # It has no shape in the model; its members are those that every error has.
        shape = modeled[next(other for other in modeled if other.startswith("InternalServer"))]
        status = 400
    else:
        yield f"the error {name} is none of {sorted(modeled)}: {answer.body!r}"
        return
    if answer.status_code != status:
        yield f"the status of {name} is {answer.status_code} instead of {status}"
    yield from _wrong_body(shape, answer.body)


def _wrong_body(shape, body, rough=False):
    try:
        value = read_json(body)
    except ValueError as error:
        yield f"the body is no JSON ({error}): {body!r}"
        return
    yield from problems(shape, without_nulls(value) if rough else value, shape.name)


def without_nulls(value):
    """The same with every member left out that is null."""
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


@contextmanager
def refused(code, says=""):
    """Expects a call to fail with this error, which is in `.response` afterwards."""
    refusal = SimpleNamespace(response=None)
    try:
        yield refusal
    except ClientError as error:
        found = error.response["Error"]
        expect(found["Code"], code, found.get("Message"))
        if not found.get("Message"):
            raise AssertionError(f"{code} has no message") from None
        if says not in found["Message"]:
            raise AssertionError(f"{code} does not contain {says!r}: {found['Message']!r}") from None
        refusal.response = error.response
    else:
        raise AssertionError(f"the call succeeded; {code} was expected")


def expect(found, expected, about=""):
    """An assertion that shows both sides."""
    if found != expected:
        raise AssertionError(f"{about}\n  expected: {expected!r}\n  found:    {found!r}")


def pages(call, size, **arguments):
    """All pages of a listing whose operation has no paginator in boto3, each an answer."""
    found, token = [], {}
    while True:
        page = call(MaxResults=size, **arguments, **token)
        found.append(page)
        if "NextToken" not in page:
            return found
        if len(found) > 1000:
            raise AssertionError("pagination did not end after 1,000 pages")
        token = {"NextToken": page["NextToken"]}

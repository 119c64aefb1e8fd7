"""The simulator's control interface: everything under `/_control`."""

import json
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timezone


class Refused(Exception):
    """Control did not do what it was asked to."""

    def __init__(self, status, what):
        super().__init__(f"{status}: {what}")
        self.status = status


class Control:
    def __init__(self, url):
        self.url = url
        # No proxy: the simulator is on this machine.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def get(self, path, **query):
        return self._send("GET", path, None, query)

    def post(self, path, body, **query):
        return self._send("POST", path, body, query)

    def put(self, path, body):
        return self._send("PUT", path, body, {})

    def reset(self):
        self.post("reset", {})

    def scenario(self, *scenarios, **places):
        """Adds scenarios, the first of which is tried first."""
        self.post("scenarios", list(scenarios), **places)

    def fault(self, operation, kind, **more):
        self.post("faults", {"operation": operation, "kind": kind, **more})

    def graphs(self, exist, **places):
        self.post("graph", {"exists": exist}, **places)

    def organization(self, management, *accounts, **administrators):
        """Defines an organization; each account's e-mail address is derived from its id."""
        addresses = {account: address_of(account) for account in accounts}
        self.post("organization", {"management_account": management, "accounts": addresses, **administrators})

    def stop_clock(self):
        return self._clock({"stopped": True})

    def advance(self, seconds):
        return self._clock({"advance_seconds": seconds})

    def now(self):
        return read_time(self.get("health")["clock"])

    def _clock(self, body):
        return read_time(self.post("clock", body)["clock"])

    def _send(self, method, path, body, query):
        url = f"{self.url}/_control/{path}"
        if query:
            url += "?" + urllib.parse.urlencode(query)
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"content-type": "application/json"}, method=method)
        try:
            with self.opener.open(request, timeout=20) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise Refused(error.code, json.load(error)["error"]) from None


def address_of(account):
    return f"owner+{account}@example.com"


def read_time(text):
    """A time in UTC with any number of fractional digits, which Python parses natively only from 3.11 on."""
    seconds, _, fraction = text.removesuffix("Z").partition(".")
    microseconds = int(fraction[:6].ljust(6, "0"))
    return datetime.fromisoformat(seconds).replace(microsecond=microseconds, tzinfo=timezone.utc)

"""Adds the condition keys of PutEvents to the emulator's IAM: `events:source` and `events:detail-type` of all events of a call."""

import json
from typing import Any

from ministack.core import iam_actions

KEYS = {"events:source": "Source", "events:detail-type": "DetailType"}

Json = dict[str, Any]


def keys_of(body: bytes) -> Json:
    try:
        request = json.loads(body or b"{}")
    except (json.JSONDecodeError, UnicodeDecodeError):
        return {}
    entries = [it for it in request.get("Entries") or [] if isinstance(it, dict)] if isinstance(request, dict) else []
    found = {key: sorted({str(it[member]) for it in entries if member in it}) for key, member in KEYS.items()}
    return {key: values for key, values in found.items() if values}


def patch_emulator() -> None:
    of_request = iam_actions.request_tag_context

    def with_keys(service: str, action: str, body: bytes, parameters: Json) -> Json:
        keys = keys_of(body) if action == "events:PutEvents" else {}
        return {**of_request(service, action, body, parameters), **keys}

    iam_actions.request_tag_context = with_keys

"""
Sends the valid examples of scim-sanity's catalogue to a SCIM server, has its linter look at what comes back, and prints
each check as JSON.

Usage: python examples.py URL, with the token in SCIM_TOKEN
"""

import json
import sys

from checks import ENTERPRISE, GROUP, USER, check, checks
from connection import open_client
from scim_sanity.examples import EXAMPLES
from scim_sanity.validator import SCIMValidator

ENDPOINTS = {"User": "/Users", "Group": "/Groups"}


def send(method, path, payload):
    answer = client.request(method, path, json=payload)
    return answer.json() if answer.status_code in (200, 201) else {"refused": answer.text}


def as_sent(got):
    """The linter is for what a client sends: what only a server has is not for it."""
    standard = [urn for urn in got.get("schemas", []) if urn in (USER, GROUP, ENTERPRISE)]
    added = {"id", "meta", "groups", *got.get("schemas", [])} - {*standard}
    return {**{key: value for key, value in got.items() if key not in added}, "schemas": standard}


client = open_client(sys.argv[1])
target = send("POST", "/Users", {"schemas": [USER], "userName": "target"})
for example in EXAMPLES:
    kind, payload = example["resource_type"], example["payload"]
    if not example["valid"] or kind not in [*ENDPOINTS, "PATCH"]:
        continue
    method, path = ("POST", ENDPOINTS[kind]) if kind in ENDPOINTS else ("PATCH", f"/Users/{target['id']}")
    got = send(method, path, payload)
    check(f"{example['id']}: is accepted", "refused" not in got, got)
    is_valid, errors = SCIMValidator().validate(as_sent(got))
    check(f"{example['id']}: comes back valid", is_valid, ([str(one) for one in errors], got))
print(json.dumps(checks))

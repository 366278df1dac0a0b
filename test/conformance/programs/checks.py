"""What each check saw, and how the resources are compared."""

import uuid

from scim2_models import EnterpriseUser, Group, User

USER = str(User.__schema__)
GROUP = str(Group.__schema__)
ENTERPRISE = str(EnterpriseUser.__schema__)
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK_REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"

# In each name, so that what others left behind is in nobody's way.
RUN = uuid.uuid4().hex[:8]

checks = []


def check(name, passed, got=None):
    detail = "" if passed else str(got)[-4000:]
    checks.append({"name": name.replace(RUN, "RUN"), "passed": bool(passed), "detail": detail})


def contains(got, sent):
    """Whether all that was sent is in what came back. The elements of an array may be in any order."""
    if isinstance(sent, dict):
        return isinstance(got, dict) and all(contains(got.get(key), value) for key, value in sent.items())
    if isinstance(sent, list):
        return isinstance(got, list) and all(any(contains(other, one) for other in got) for one in sent)
    return got == sent


def members(group):
    return sorted(member["value"] for member in group.get("members", []))


def ids(answer):
    return [one["id"] for one in answer.get("Resources", [])]


def error(answer):
    """Status and scimType, such as ("400", "invalidFilter")."""
    return (answer.get("status"), answer.get("scimType"))

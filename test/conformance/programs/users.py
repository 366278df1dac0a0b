"""Users, with and without the enterprise extension: RFC 7644 §3.3 to §3.6, §3.9."""

import uuid

from checks import ENTERPRISE, PATCH_OP, RUN, USER, check, contains, error
from connection import patch, wire
from scim2_models import EnterpriseUser

SENT = {
    "schemas": [USER, ENTERPRISE],
    "externalId": f"ext-{RUN}",
    "userName": f"babs-{RUN}",
    "name": {
        "formatted": "Ms. Barbara J Jensen, III",
        "familyName": "Jensen",
        "givenName": "Barbara",
        "middleName": "Jane",
        "honorificPrefix": "Ms.",
        "honorificSuffix": "III",
    },
    "displayName": "Babs Jensen",
    "nickName": "Babs",
    "profileUrl": "https://login.example.com/bjensen",
    "emails": [
        {"value": f"babs-{RUN}@example.com", "type": "work", "primary": True},
        {"value": f"babs-{RUN}@example.org", "type": "home"},
    ],
    "addresses": [
        {
            "type": "work",
            "streetAddress": "100 Universal City Plaza",
            "locality": "Hollywood",
            "region": "CA",
            "postalCode": "91608",
            "country": "US",
            "formatted": "100 Universal City Plaza\nHollywood, CA 91608 USA",
            "primary": True,
        }
    ],
    "phoneNumbers": [{"value": "555-555-5555", "type": "work"}, {"value": "555-555-4444", "type": "mobile"}],
    "ims": [{"value": "someaimhandle", "type": "aim"}],
    "photos": [{"value": "https://photos.example.com/profilephoto/F", "type": "photo"}],
    "userType": "Employee",
    "title": "Tour Guide",
    "preferredLanguage": "en-US",
    "locale": "en-US",
    "timezone": "America/Los_Angeles",
    "active": True,
    "roles": [{"value": "guide"}],
    "entitlements": [{"value": "bus"}],
    "x509Certificates": [{"value": "VGhpcyBpcyBubyBjZXJ0aWZpY2F0ZQ=="}],
    ENTERPRISE: {
        "employeeNumber": "701984",
        "costCenter": "4130",
        "organization": "Universal Studios",
        "division": "Theme Park",
        "department": "Tour Operations",
    },
}


def check_users(client):
    created = client.create("User", {**SENT, "password": "t1meMa$heen"})
    boss = client.create("User", {"schemas": [USER], "userName": f"boss-{RUN}"})
    check_creation(client, created)
    check_projection(client, created.id)
    check_patch(client, created.id, boss.id)
    check_refused_patch(client, created.id)
    check_replacement(client, created)
    check_deletion(client, created.id, boss.id)


def check_creation(client, created):
    got = wire(created)
    check("create: all that was sent comes back", contains(got, SENT), got)
    check("create: no password comes back", "password" not in got, got)
    check("create: what was answered is read again", wire(client.query("User", created.id)) == got, got)
    again = client.create("User", {**SENT, "userName": f"BABS-{RUN}"}, raise_scim_errors=False)
    check("create: a user name is taken in any case", error(wire(again)) == ("409", "uniqueness"), again)


def check_projection(client, id):
    name, department = {"familyName": "Jensen"}, {"department": "Tour Operations"}
    asked = {"userName": SENT["userName"], "name": name, ENTERPRISE: department}
    paths = ["userName", "name.familyName", f"{ENTERPRISE}:department"]
    got = wire(client.query("User", id, {"attributes": paths}))
    rest = {key: value for key, value in got.items() if key not in ("schemas", "id", "meta")}
    check("attributes: only those", rest == asked and got["id"] == id, got)
    got = wire(client.query("User", id, {"excluded_attributes": ["emails", "name", ENTERPRISE]}))
    check("excludedAttributes: all but those", not {"emails", "name", ENTERPRISE} & {*got} and "title" in got, got)


def check_patch(client, id, boss):
    manager = {"op": "add", "path": f"{ENTERPRISE}:manager", "value": {"value": boss}}
    got = patch(client, "User", id, manager)
    check("patch: a manager", contains(got, {ENTERPRISE: {"manager": {"value": boss}}}), got)
    got = patch(
        client,
        "User",
        id,
        {"op": "replace", "path": "active", "value": False},
        {"op": "replace", "path": "name.familyName", "value": "Smith"},
        {"op": "replace", "path": 'emails[type eq "work"].value', "value": f"new-{RUN}@example.com"},
        {"op": "remove", "path": 'phoneNumbers[type eq "mobile"]'},
        {"op": "remove", "path": "nickName"},
        {"op": "add", "path": "roles", "value": [{"value": "driver"}]},
        {"op": "replace", "path": f"{ENTERPRISE}:costCenter", "value": "4131"},
        {"op": "add", "value": {"title": "Guide", "ims": [{"value": "babs", "type": "xmpp"}]}},
    )
    check("patch: replace an attribute", got["active"] is False, got)
    check("patch: replace a sub-attribute, and no other", got["name"] == {**SENT["name"], "familyName": "Smith"}, got)
    mails = [{"value": f"new-{RUN}@example.com", "type": "work", "primary": True}, SENT["emails"][1]]
    check("patch: replace what a filter finds", contains(got["emails"], mails) and len(got["emails"]) == 2, got)
    check("patch: remove what a filter finds", [one["type"] for one in got["phoneNumbers"]] == ["work"], got)
    check("patch: remove an attribute", "nickName" not in got, got)
    check("patch: add to an array", {role["value"] for role in got["roles"]} == {"guide", "driver"}, got)
    check("patch: replace in an extension", got[ENTERPRISE]["costCenter"] == "4131", got)
    check("patch: without a path", got["title"] == "Guide" and len(got["ims"]) == 2, got)
    check("patch: what was answered is read again", wire(client.query("User", id)) == got, got)
    check("patch: lastModified moves on", got["meta"]["lastModified"] > got["meta"]["created"], got)


def check_refused_patch(client, id):
    good = {"op": "replace", "path": "title", "value": "Half"}
    for bad, kinds in [
        ({"op": "replace", "path": "id", "value": "other"}, ["mutability"]),
        ({"op": "replace", "path": "emails[type eq", "value": "x"}, ["invalidPath"]),
        ({"op": "remove"}, ["noTarget"]),
        ({"op": "replace", "path": "userName", "value": ["not", "a", "text"]}, ["invalidValue"]),
        ({"op": "merge", "path": "title", "value": "x"}, ["invalidSyntax", "invalidValue"]),
    ]:
        both = {"schemas": [PATCH_OP], "Operations": [good, bad]}
        answer = client.modify("User", id, both, raise_scim_errors=False)
        check(f"patch: {bad} is refused", error(wire(answer)) in [("400", kind) for kind in kinds], answer)
    got = wire(client.query("User", id))
    check("patch: nothing of a refused one is done", got["title"] == "Guide", got)


def check_replacement(client, created):
    user = client.query("User", created.id)
    user.display_name = "Barbara"
    user.emails = None
    user[EnterpriseUser] = EnterpriseUser(department="Back Office")
    got = wire(client.replace(user))
    check("replace: what is sent is taken", got["displayName"] == "Barbara", got)
    check("replace: what is not sent is gone", not got.get("emails"), got)
    check("replace: an extension is replaced whole", got[ENTERPRISE] == {"department": "Back Office"}, got)
    kept = {"id": created.id, "meta": {"created": wire(created)["meta"]["created"]}}
    check("replace: id and created stay", contains(got, kept), got)
    nobody = {"schemas": [USER], "id": str(uuid.uuid4()), "userName": f"nobody-{RUN}"}
    answer = client.replace("User", nobody, raise_scim_errors=False)
    check("replace: nobody is made by it", error(wire(answer))[0] == "404", answer)


def check_deletion(client, *ids):
    for id in ids:
        check("delete: answers nothing", client.delete("User", id) is None)
        answer = client.query("User", id, raise_scim_errors=False)
        check("delete: she is gone", error(wire(answer))[0] == "404", answer)
        answer = client.delete("User", id, raise_scim_errors=False)
        check("delete: she can't be deleted twice", error(wire(answer))[0] == "404", answer)

"""
Gives commands to scim2-cli, as a person does who looks after users and groups. It holds each answer against the
schemas that the server publishes. Prints each check as JSON. One user stays: ann, in the group GROUP_NAME.

Usage: python cli.py URL GROUP_NAME, with the token in SCIM_TOKEN
"""

import json
import os
import sys
import traceback

from checks import BULK_REQUEST, ENTERPRISE, GROUP, PATCH_OP, USER, check, checks, contains, error, ids, members
from click.testing import CliRunner
from scim2_cli import cli

url, group_name = sys.argv[1:]
token = os.environ["SCIM_TOKEN"]
env = {"SCIM_CLI_URL": url, "SCIM_CLI_HEADERS": f"Authorization: Bearer {token}"}


def scim(*command, stdin=None, exit_code=0):
    """What was printed: a resource, a list, an error, or nothing."""
    text = "" if stdin is None else json.dumps(stdin)
    ran = CliRunner().invoke(cli, command, input=text, env=env, prog_name="scim")
    seen = (command, ran.output, ran.exception)
    check(f"scim {command[0]}: exits with {exit_code}", ran.exit_code == exit_code, seen)
    return json.loads(ran.stdout) if ran.stdout.strip() else {}


def refused(*command, stdin=None):
    return scim(*command, stdin=stdin, exit_code=1)


def check_discovery():
    found = ids(scim("query", "schema"))
    check("query schema", {USER, GROUP, ENTERPRISE} <= {*found}, found)
    got = scim("query", "resourcetype")
    check("query resourcetype", ids(got) == ["User", "Group"], got)
    got = refused("query", "--me")
    check("query --me: there is none", error(got)[0] == "501", got)
    config = scim("query", "serviceproviderconfig")
    check("query serviceproviderconfig", config["patch"]["supported"] and config["filter"]["supported"], config)
    return config


def check_creation():
    sent = {
        "userName": "ann",
        "displayName": "Ann",
        "externalId": "uid-ann",
        "emails": [{"value": "ann@example.com", "type": "work", "primary": True}],
        ENTERPRISE: {"department": "Tours"},
    }
    ann = scim(
        *["create", "user", "--user-name", "ann", "--display-name", "Ann", "--external-id", "uid-ann"],
        *["--emails", json.dumps(sent["emails"]), "--enterpriseuser", json.dumps(sent[ENTERPRISE])],
    )
    check("create user", contains(ann, sent), ann)
    bob = scim("create", stdin={"schemas": [USER], "userName": "bob", "title": "Guide"})
    check("create, what a text says", contains(bob, {"userName": "bob", "title": "Guide"}), bob)
    again = refused("create", "user", "--user-name", "ANN")
    check("create user twice", error(again) == ("409", "uniqueness"), again)
    member = [{"value": ann["id"]}]
    group = scim("create", "group", "--display-name", group_name, "--members", json.dumps(member))
    check("create group", group["displayName"] == group_name and members(group) == [ann["id"]], group)
    return ann["id"], bob["id"], group["id"]


def check_query(ann, bob, group):
    got = scim("query", "user", ann)
    check("query user ID", contains(got, {"id": ann, "userName": "ann", ENTERPRISE: {"department": "Tours"}}), got)
    got = scim("query", "user", ann, "--attribute", "displayName")
    check("query --attribute", {*got} - {"schemas", "id", "meta"} == {"displayName"}, got)
    got = scim("query", "group", group, "--excluded-attribute", "members")
    check("query --excluded-attribute", "members" not in got and got["displayName"] == group_name, got)
    got = scim("query", "user", "--filter", 'userName eq "BOB"')
    check("query --filter", ids(got) == [bob], got)
    first, second = [scim("query", "user", "--start-index", index, "--count", "1") for index in "12"]
    check("query --start-index --count", sorted(ids(first) + ids(second)) == sorted([ann, bob]), (first, second))
    got = scim("query", "user", stdin={"startIndex": 2, "count": 1})
    check("query, what a text says", ids(got) == ids(second), got)
    got = refused("query", "user", stdin={"filter": "userName is it"})
    check("query, what is no filter", error(got) == ("400", "invalidFilter"), got)
    got = scim("query", "group")
    check("query group", ids(got) == [group], got)


def check_search(ann, bob, group):
    got = scim("search", "user", "--filter", 'emails.value ew "@example.com"')
    check("search user", ids(got) == [ann], got)
    got = scim("search", "group", "--filter", f'members.value eq "{ann}"', "--attribute", "displayName")
    check("search group", ids(got) == [group] and "members" not in got["Resources"][0], got)
    got = scim("search", "--filter", "id pr")
    check("search", sorted(ids(got)) == sorted([ann, bob, group]), got)
    got = scim("search", stdin={"filter": 'displayName eq "Ann"'})
    check("search, what a text says", ids(got) == [ann], got)


def check_modify(ann, bob, group):
    got = scim(
        *["modify", "user", bob, "replace", "active", "false", "add", "emails"],
        *['[{"value": "bob@example.com", "type": "work"}, {"value": "b@example.com", "type": "home"}]'],
        *["remove", 'emails[type eq "home"]', "replace", f"{ENTERPRISE}:department", "Tours", "remove", "title"],
    )
    wanted = {"active": False, "emails": [{"value": "bob@example.com"}], ENTERPRISE: {"department": "Tours"}}
    check("modify user", contains(got, wanted) and len(got["emails"]) == 1 and "title" not in got, got)
    got = scim("modify", "group", group, "add", "members", json.dumps([{"value": bob}]))
    check("modify group: add", members(got) == sorted([ann, bob]), got)
    got = scim("modify", "group", group, "remove", f'members[value eq "{bob}"]')
    check("modify group: remove", members(got) == [ann], got)
    operation = {"op": "replace", "value": {"displayName": "Bob"}}
    got = scim("modify", "user", bob, stdin={"schemas": [PATCH_OP], "Operations": [operation]})
    check("modify, what a text says", got["displayName"] == "Bob", got)


def check_replacement(ann, bob, group):
    got = scim("replace", "user", "--id", bob, "--user-name", "bobby", "--active", "true")
    check("replace user", got["userName"] == "bobby" and got["active"] and not got.get("emails"), got)
    sent = {"schemas": [GROUP], "id": group, "displayName": group_name, "members": [{"value": ann}]}
    got = scim("replace", stdin=sent)
    check("replace group", contains(got, sent), got)


def check_announced(config, ann, bob):
    if config["sort"]["supported"]:
        got = scim("query", "user", "--sort-by", "userName", "--sort-order", "descending")
        check("query --sort-by", ids(got) == [bob, ann], got)
    data = {"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": "title", "value": "Guide"}]}
    operation = {"method": "PATCH", "path": f"/Users/{bob}", "data": data}
    request = {"schemas": [BULK_REQUEST], "Operations": [operation]}
    if config["bulk"]["supported"]:
        got = scim("bulk", stdin=request)
        check("bulk", [one["status"] for one in got["Operations"]] in (["200"], ["204"]), got)
    else:
        refused("bulk", stdin=request)


def check_deletion(bob):
    other = scim("create", "group", "--display-name", "Other")["id"]
    for kind, id in (("group", other), ("user", bob)):
        check(f"delete {kind}", scim("delete", kind, id) == {})
        for verb in ("query", "delete"):
            got = refused(verb, kind, id)
            check(f"{verb} {kind} that was deleted", error(got)[0] == "404", got)


try:
    config = check_discovery()
    ann, bob, group = check_creation()
    check_query(ann, bob, group)
    check_search(ann, bob, group)
    check_modify(ann, bob, group)
    check_replacement(ann, bob, group)
    check_announced(config, ann, bob)
    check_deletion(bob)
except Exception:  # nothing is where it should be
    check("all is looked at", False, traceback.format_exc())
print(json.dumps(checks))

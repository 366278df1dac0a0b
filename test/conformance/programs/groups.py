"""Groups, and who is in them."""

from checks import GROUP, RUN, USER, check, contains, error, members
from connection import patch, wire
from scim2_models import Group


def check_groups(client):
    people = [client.create("User", {"schemas": [USER], "userName": f"{name}-{RUN}"}) for name in ("ann", "bob", "eve")]
    ann, bob, eve = (person.id for person in people)
    sent = {"schemas": [GROUP], "displayName": f"guides-{RUN}", "externalId": f"ext-{RUN}", "members": [{"value": ann}]}
    created = client.create("Group", sent)
    group = created.id
    got = wire(created)
    check("group: all that was sent comes back", contains(got, sent), got)
    check("group: what was answered is read again", wire(client.query("Group", group)) == got, got)

    check_members(client, group, ann, bob, eve)
    got = wire(client.query("User", ann))
    check("group: a user knows hers", [one["value"] for one in got.get("groups", [])] == [group], got)
    got = wire(client.query("Group", group, {"excluded_attributes": ["members"]}))
    check("group: without its members", "members" not in got and got["displayName"] == sent["displayName"], got)
    check_nested(client, group)

    replaced = client.query("Group", group)
    replaced.display_name = f"renamed-{RUN}"
    replaced.members = [Group.Members(value=bob)]
    got = wire(client.replace(replaced))
    check("group: replace", got["displayName"] == f"renamed-{RUN}" and members(got) == [bob], got)
    client.delete("User", bob)
    got = wire(client.query("Group", group))
    check("group: who is deleted is no member", members(got) == [], got)
    check("group: delete answers nothing", client.delete("Group", group) is None)
    answer = client.query("Group", group, raise_scim_errors=False)
    check("group: it is gone", error(wire(answer))[0] == "404", answer)
    for person in (ann, eve):
        client.delete("User", person)


def check_members(client, group, ann, bob, eve):
    got = patch(client, "Group", group, {"op": "add", "path": "members", "value": [{"value": ann}, {"value": bob}]})
    check("members: added twice is in once", members(got) == sorted([ann, bob]), got)
    got = patch(client, "Group", group, {"op": "remove", "path": f'members[value eq "{ann}"]'})
    check("members: remove one", members(got) == [bob], got)
    got = patch(client, "Group", group, {"op": "remove", "path": "members"})
    check("members: remove all", members(got) == [], got)
    got = patch(client, "Group", group, {"op": "replace", "path": "members", "value": [{"value": ann}, {"value": eve}]})
    check("members: replace all", members(got) == sorted([ann, eve]), got)
    check("members: what was answered is read again", wire(client.query("Group", group)) == got, got)


def check_nested(client, group):
    sent = {"schemas": [GROUP], "displayName": f"outer-{RUN}", "members": [{"value": group, "type": "Group"}]}
    outer = client.create("Group", sent)
    check("group: in a group", contains(wire(outer), sent), outer)
    client.delete("Group", outer.id)

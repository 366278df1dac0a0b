"""What a server need not have, and must have if it says so in ServiceProviderConfig: RFC 7643 §5."""

from checks import BULK_REQUEST, GROUP, RUN, USER, check, error, members
from connection import asked_both_ways, wire
from scim2_models import SearchRequest


def check_announced(client):
    features = {"sort": check_sort, "etag": check_etag, "bulk": check_bulk}
    for name, check_feature in features.items():
        if getattr(client.provider.config, name).supported:
            check_feature(client)


def check_sort(client):
    made = [client.create("User", {"schemas": [USER], "userName": f"{letter}-sort-{RUN}"}) for letter in "cAb"]
    for order, expected in [("ascending", "Abc"), ("descending", "cbA")]:
        request = SearchRequest(filter=f'userName ew "-sort-{RUN}"', sort_by="userName", sort_order=order)
        for way, answer in asked_both_ways(client, request):
            got = [one["userName"][0] for one in wire(answer)["Resources"]]
            check(f"sort: {way} {order}", got == [*expected], got)
    for one in made:
        client.delete(one)


def check_etag(client):
    """The client sends If-Match and If-None-Match of itself (RFC 7644 §3.14)."""
    first = client.create("User", {"schemas": [USER], "userName": f"etag-{RUN}"})
    check("etag: a resource has a version", first.meta.version, first)
    check("etag: what has not changed is not sent again", client.query(first) is first, first)
    stale = client.query("User", first.id)
    changed = client.query("User", first.id)
    changed.display_name = "Changed"
    changed = client.replace(changed)
    check("etag: a change makes a new version", changed.meta.version != first.meta.version, changed)
    check("etag: what has changed is sent", wire(client.query(first))["displayName"] == "Changed")
    stale.display_name = "Stale"
    for method, answer in [
        ("PUT", client.replace(stale, raise_scim_errors=False)),
        ("DELETE", client.delete(stale, raise_scim_errors=False)),
    ]:
        check(f"etag: {method} of a stale version is refused", error(wire(answer))[0] == "412", answer)
    check("etag: DELETE of the newest version", client.delete(client.query("User", first.id)) is None)


def check_bulk(client):
    operations = [
        {
            "method": "POST",
            "path": "/Groups",
            "bulkId": "group",
            "data": {"schemas": [GROUP], "displayName": f"bulk-{RUN}", "members": [{"value": "bulkId:user"}]},
        },
        {
            "method": "POST",
            "path": "/Users",
            "bulkId": "user",
            "data": {"schemas": [USER], "userName": f"bulk-{RUN}"},
        },
        {"method": "DELETE", "path": "/Users/there-is-nobody"},
    ]
    got = bulk(client, *operations)
    check("bulk: each operation has its status", [one["status"] for one in got] == ["201", "201", "404"], got)
    group, user = [one["location"].rsplit("/", 1)[1] for one in got[:2]]
    group = wire(client.query("Group", group))
    check("bulk: a bulkId stands for the id", members(group) == [user], group)
    paths = [f"/Groups/{group['id']}", f"/Users/{user}"]
    got = bulk(client, *[{"method": "DELETE", "path": path} for path in paths])
    check("bulk: delete", [one["status"] for one in got] == ["204", "204"], got)


def bulk(client, *operations):
    return wire(client.bulk({"schemas": [BULK_REQUEST], "Operations": list(operations)}))["Operations"]

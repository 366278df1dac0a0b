"""Filters and pages, by GET and by POST to /.search: RFC 7644 §3.4.2 and §3.4.3."""

from checks import ENTERPRISE, GROUP, RUN, USER, check, error, ids
from connection import asked_both_ways, wire
from scim2_models import SearchRequest

MINE = f'userName ew "-LIST-{RUN}"'

# Which of the users a to e: a and b are below T2, b and d at example.com, e is inactive.
FILTERS = [
    (MINE, "abcde"),
    (f'userName eq "A-list-{RUN}"', "a"),
    (f'USERNAME Eq "a-list-{RUN}"', "a"),
    (f'{MINE} and userName ne "a-list-{RUN}"', "bcde"),
    (f'{MINE} and userName sw "b"', "b"),
    (f'{MINE} and userName co "C-LIST"', "c"),
    (f"{MINE} and title pr", "abcde"),
    (f"{MINE} and nickName pr", ""),
    (f'{MINE} and title gt "T2"', "de"),
    (f'{MINE} and title ge "T2"', "cde"),
    (f'{MINE} and title lt "T2"', "ab"),
    (f'{MINE} and title le "T2"', "abc"),
    (f"{MINE} and active eq false", "e"),
    (f"{MINE} and not (active eq true)", "e"),
    (f'{MINE} and (title eq "T0" or title eq "T1")', "ab"),
    (f'title eq "T0-{RUN}" or title eq "T1" and {MINE}', "b"),
    (f'{MINE} and emails[type eq "work" and value co "@example.com"]', "bd"),
    (f'{MINE} and emails.value co "@example.org"', "ace"),
    (f'{MINE} and {USER}:title eq "T3"', "d"),
    (f'{MINE} and {ENTERPRISE}:department eq "list"', "c"),
    (f'{MINE} and meta.created gt "2020-01-01T00:00:00Z"', "abcde"),
    (f'{MINE} and meta.resourceType eq "User"', "abcde"),
]
NO_FILTERS = ["userName eq", 'userName is "x"', '(userName eq "x"', "nothingWeKnow pr"]


def check_lists(client):
    made = [client.create("User", user(index, letter)) for index, letter in enumerate("abcde")]
    group = client.create("Group", {"schemas": [GROUP], "displayName": f"group-list-{RUN}"})
    check_filters(client)
    check_pages(client)
    check_whole(client, group.id)
    for one in made:
        client.delete("User", one.id)
    client.delete("Group", group.id)


def user(index, letter):
    name = f"{letter}-list-{RUN}"
    return {
        "schemas": [USER, ENTERPRISE],
        "userName": name,
        "title": f"T{index}",
        "emails": [{"value": f"{name}@example.{'com' if index % 2 else 'org'}", "type": "work"}],
        "active": letter != "e",
        ENTERPRISE: {"department": "list" if letter == "c" else "other"},
    }


def check_filters(client):
    for filter, expected in FILTERS:
        for way, answer in asked_both_ways(client, SearchRequest(filter=filter)):
            check(f"{way} {filter}", sorted(letters(answer)) == [*expected], answer)
    for filter in NO_FILTERS:
        answer = client.query("User", None, {"filter": filter}, check_request_payload=False, raise_scim_errors=False)
        check(f"GET {filter}", error(wire(answer)) == ("400", "invalidFilter"), answer)


def check_pages(client):
    pages = [page(client, start, 2) for start in (1, 3, 5, 7)]
    where = [(one["totalResults"], one["startIndex"], one["itemsPerPage"]) for one in pages]
    check("pages: they say where they are", where == [(5, 1, 2), (5, 3, 2), (5, 5, 1), (5, 7, 0)], where)
    seen = sorted(one["userName"][0] for one in sum((one.get("Resources", []) for one in pages), []))
    check("pages: each user once", seen == [*"abcde"], seen)
    for start, count in [(1, 0), (-3, -1)]:
        got = page(client, start, count)
        check(f"pages: count={count}", (got["totalResults"], got.get("Resources", [])) == (5, []), got)
    got = page(client, 0, 1)
    check("pages: startIndex=0 is the first", got["startIndex"] == 1 and got["itemsPerPage"] == 1, got)
    got = wire(client.query("User", query_parameters=SearchRequest(filter=MINE, attributes=["title"])))
    check("pages: attributes", all({*one} <= {"schemas", "id", "meta", "title"} for one in got["Resources"]), got)


def page(client, start, count):
    parameters = {"filter": MINE, "startIndex": start, "count": count}
    return wire(client.query("User", query_parameters=parameters, check_request_payload=False))


def check_whole(client, group):
    """A search of all kinds of resources at once."""
    got = client.search(SearchRequest(filter=f'userName eq "a-list-{RUN}"'))
    check("all kinds: a user", letters(got) == ["a"], got)
    got = wire(client.search(SearchRequest(filter=f'displayName eq "group-list-{RUN}"')))
    check("all kinds: a group", ids(got) == [group], got)
    got = wire(client.search(SearchRequest(start_index=1)))
    kinds = {one["meta"]["resourceType"] for one in got["Resources"]}
    check("all kinds: without a filter", kinds >= {"User", "Group"}, got)


def letters(answer):
    return [one["userName"][0] for one in wire(answer)["Resources"]]

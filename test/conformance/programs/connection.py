"""Users and groups as RFC 7643 has them, by scim2-client: an answer with anything else in it is refused."""

import os

from checks import ENTERPRISE, GROUP, USER, check
from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import EnterpriseUser, Group, PatchOp, ScimProvider, User


def open_client(url):
    token = os.environ["SCIM_TOKEN"]
    return SyncSCIMClient(Client(base_url=url, headers={"Authorization": f"Bearer {token}"}))


def connect(url):
    """Knows from the server only what the RFC leaves to it: what it can do, and its own extensions."""
    client = open_client(url)
    client.discover()
    found = client.provider
    standard = {USER: User, GROUP: Group, ENTERPRISE: EnterpriseUser}
    models = [standard.get(str(model.__schema__), model) for model in found.models]
    client.provider = ScimProvider(models, found.resource_types, found.config)
    check("discovery: users and groups", {"User", "Group"} <= {kind.name for kind in found.resource_types})
    check("discovery: the enterprise user", EnterpriseUser in models)
    return client


def wire(resource):
    """What was on the wire, as far as the models know it; empty if nothing was."""
    return {} if resource is None else resource.model_dump()


def asked_both_ways(client, request):
    """The answers to a search for users (RFC 7644 §3.4.2 and §3.4.3)."""
    yield "GET", client.query("User", query_parameters=request)
    yield "POST", client.search("User", request)


def patch(client, kind, id, *operations):
    """The patched resource. The client checks the operations too."""
    model = client.provider.model_for(kind)
    answer = client.modify(kind, id, PatchOp[model].model_validate({"Operations": list(operations)}))
    return wire(answer or client.query(kind, id))

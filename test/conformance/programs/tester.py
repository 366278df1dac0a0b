"""
Runs scim2-tester against a SCIM server, and prints each result as JSON. What is in the package and is left out by its
check_server is run too.

Usage: python tester.py URL, with the token in SCIM_TOKEN
"""

import json
import sys

from connection import open_client
from scim2_tester import check_server, checkers
from scim2_tester.utils import CheckConfig, CheckContext

client = open_client(sys.argv[1])
results = check_server(client)
called = {result.title for result in results} | {"resource_type_tests"}  # it only calls the others
for name in checkers.__all__:
    if name not in called:
        results += getattr(checkers, name)(CheckContext(client, CheckConfig()))
checks = [
    {
        "name": f"{result.resource_type or 'Server'}: {result.title}",
        "passed": result.status.name == "SUCCESS",
        "detail": f"{result.status.name}: {result.reason}",
    }
    for result in results
]
print(json.dumps(checks))

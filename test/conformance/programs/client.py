"""
Drives a SCIM server with scim2-client, and prints each check as JSON.

Usage: python client.py URL, with the token in SCIM_TOKEN
"""

import json
import sys
import traceback

from announced import check_announced
from checks import check, checks
from connection import connect
from groups import check_groups
from lists import check_lists
from users import check_users

try:
    client = connect(sys.argv[1])
    check_users(client)
    check_groups(client)
    check_lists(client)
    check_announced(client)
except Exception:  # after an answer that the client refuses, the rest could not be trusted
    check("all is looked at", False, traceback.format_exc())
print(json.dumps(checks))

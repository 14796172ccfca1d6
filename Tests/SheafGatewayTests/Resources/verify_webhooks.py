"""Verifies signed requests with PyPI's standardwebhooks.

Reads a JSON array of {"secret", "headers", "body"} from standard input and prints a JSON array of true or false.
Status 3 says that the package is not installed.
"""

import json
import sys

try:
    from standardwebhooks import Webhook, WebhookVerificationError
except ImportError:
    sys.exit(3)


def is_valid(case):
    try:
        Webhook(case["secret"]).verify(case["body"], case["headers"])
        return True
    except WebhookVerificationError:
        return False


print(json.dumps([is_valid(case) for case in json.load(sys.stdin)]))

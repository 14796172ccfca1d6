"""What schemathesis does not know: how NDJSON is written."""

import json

import schemathesis


@schemathesis.serializer("application/x-ndjson", "application/ndjson", "application/jsonl")
def ndjson(_context, value):
    """The items of a list, a line each; what is no list, as a negative case has it, is a line by itself."""
    lines = value if isinstance(value, list) else [value]
    return "".join(json.dumps(line) + "\n" for line in lines).encode()

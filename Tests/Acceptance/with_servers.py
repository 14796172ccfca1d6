"""What scripts/with-servers.py has to offer, whose name no import can spell."""

import importlib.util
import os


def _load():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "with-servers.py")
    spec = importlib.util.spec_from_file_location("scripts.with_servers", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


tools = _load()

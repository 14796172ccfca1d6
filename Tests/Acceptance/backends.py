"""What the program under test keeps its data in: a file, or parts of its own on shared servers."""

import itertools
import os
import subprocess
import uuid
from urllib.parse import urlsplit

_redis_numbers = itertools.count(1)


class Embedded:
    """A SQLite file, which goes with its folder."""

    def __init__(self, database):
        self.settings = {"store": {"url": "sqlite:" + database}}

    def close(self):
        pass


class Postgres:
    """A database of its own on the shared server."""

    def __init__(self, _=None):
        self.server = os.environ["SHEAF_TEST_POSTGRES_URL"]
        self.name = "sheaf_" + uuid.uuid4().hex
        self.sql("CREATE DATABASE " + self.name)
        self.url = urlsplit(self.server)._replace(path="/" + self.name).geturl()
        self.settings = {"store": {"url": self.url}}

    def sql(self, statement, url=None):
        return subprocess.run(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-d", url or self.server, "-c", statement],
                              check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def close(self):
        self.sql("DROP DATABASE IF EXISTS %s WITH (FORCE)" % self.name)


def redis_settings():
    """A numbered database of Redis."""
    # Fifteen are enough: tests run one after another, and each number is emptied before it is used again.
    number = next(_redis_numbers) % 15 + 1
    url = "%s/%d" % (os.environ["SHEAF_TEST_REDIS_URL"], number)
    subprocess.run(["redis-cli", "-u", url, "FLUSHDB"], check=True, stdout=subprocess.DEVNULL)
    return {"debouncer": {"url": url}}


def kafka_settings():
    """Topics and groups of its own on Kafka."""
    name = "sheaf_" + uuid.uuid4().hex
    return {"queue": {"url": os.environ["SHEAF_TEST_KAFKA_URL"]},
            "kafka": {"group": name, "topic_prefix": name + ".", "options": {"session.timeout.ms": 6000}}}


STORES = {"embedded": Embedded, "postgres": Postgres}
# What may be added to each store: its name in a mode, and the settings.
PARTS = {"redis": redis_settings, "kafka": kafka_settings}
MODES = [store + "".join("-" + part for part in parts)
         for store in STORES for parts in ((), ("redis",), ("kafka",), ("redis", "kafka"))]


def make(mode, database):
    """Each of the eight combinations of store, windows and queue."""
    store, *parts = mode.split("-")
    backend = STORES[store](database)
    for part in parts:
        backend.settings.update(PARTS[part]())
    return backend

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


class PostgresRedis(Postgres):
    """The same, and a numbered database of Redis."""

    def __init__(self, _=None):
        super().__init__()
        # Fifteen are enough: tests run one after another, and each number is emptied before it is used again.
        number = next(_redis_numbers) % 15 + 1
        self.redis = "%s/%d" % (os.environ["SHEAF_TEST_REDIS_URL"], number)
        subprocess.run(["redis-cli", "-u", self.redis, "FLUSHDB"], check=True, stdout=subprocess.DEVNULL)
        self.settings["debouncer"] = {"url": self.redis}


class PostgresRedisKafka(PostgresRedis):
    """The same, and topics and groups of its own on Kafka."""

    def __init__(self, _=None):
        super().__init__()
        self.kafka = os.environ["SHEAF_TEST_KAFKA_URL"]
        self.settings["queue"] = {"url": self.kafka}
        self.settings["kafka"] = {"group": self.name, "topic_prefix": self.name + ".",
                                  "options": {"session.timeout.ms": 6000}}


MODES = {"embedded": Embedded, "postgres": Postgres, "postgres-redis": PostgresRedis,
         "postgres-redis-kafka": PostgresRedisKafka}


def make(mode, database):
    return MODES[mode](database)

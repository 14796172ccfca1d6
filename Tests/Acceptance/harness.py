"""Starts the program under test, and talks to it as any HTTP client would."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

import backends
from servers import Gateway, Items, Sales

SHEAF = os.environ.get("SHEAF", "sheaf")
MODE = "embedded"
RELEASE = os.environ.get("SHEAF_TEST_RELEASE") == "1"
NOTES = []


def note(text):
    """A measured figure, printed before the closing lines."""
    NOTES.append(text)


def eventually(check, seconds=10, every=0.05, what="the condition"):
    """Asks until the answer is true, and returns it."""
    end = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError("%s did not come about within %s s" % (what, seconds))
        time.sleep(every)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return "<%s %s>" % (self.status, self.body[:300])


class Sheaf:
    """A process of `sheaf run` on a database of its own, which outlives the process."""

    def __init__(self, config=None, folder=None):
        self.folder = folder or tempfile.mkdtemp(prefix="sheaf-acceptance-")
        self.database = os.path.join(self.folder, "sheaf.db")
        self.config = os.path.join(self.folder, "sheaf.json")
        self.port = None
        self.process = None
        self.lines = []
        self.starts = 0
        self.connection = None
        self.backend = backends.make(MODE, self.database)
        self.configure(config or {})

    def configure(self, extra):
        settings = dict(self.backend.settings, http={"host": "127.0.0.1", "port": 0})
        for key, value in extra.items():
            settings[key] = dict(settings.get(key, {}), **value) if isinstance(value, dict) else value
        with open(self.config, "w") as file:
            json.dump(settings, file)

    # The process

    def spawn(self, prepare=None):
        """Starts the program; `prepare` is run in its process before."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SHEAF_")}
        self.process = subprocess.Popen(
            [SHEAF, "run", "--config", self.config], env=environment, cwd=self.folder, preexec_fn=prepare,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.starts += 1
        self.port = None
        self.listening = threading.Event()
        threading.Thread(target=self._read, args=(self.process, self.listening), daemon=True).start()

    def _read(self, process, listening):
        for raw in process.stdout:
            line = raw.decode("utf-8", "replace").rstrip()
            self.lines.append(line)
            match = re.search(r"listening .*\bport=(\d+)", line)
            if match and process is self.process:
                self.port = int(match.group(1))
                listening.set()
        process.stdout.close()
        listening.set()

    def start(self, seconds=20):
        self.spawn()
        self.await_ready(seconds)
        return self

    def await_ready(self, seconds=20):
        if not self.listening.wait(seconds) or self.port is None:
            raise AssertionError("sheaf did not start: " + "\n".join(self.lines[-20:]))
        eventually(lambda: self.try_request("GET", "/readyz") == 200, seconds, 0.02, "/readyz")

    def try_request(self, method, path):
        try:
            return self.request(method, path, fresh=True).status
        except (OSError, http.client.HTTPException):
            return None

    def kill(self):
        """SIGKILL, as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.connection = None

    def terminate(self, seconds=30):
        """SIGTERM; gives the exit status."""
        self.process.send_signal(signal.SIGTERM)
        self.connection = None
        return self.process.wait(seconds)

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def close(self):
        if self.alive():
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        self.backend.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def cli(self, *arguments, input=None, timeout=60):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SHEAF_")}
        arguments = list(arguments)
        return subprocess.run(
            [SHEAF] + arguments + ["--config", self.config], input=input, env=environment,
            cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout)

    # The API

    def request(self, method, path, body=None, headers=None, fresh=False, timeout=15):
        """One request; keeps the connection of the calling (test) thread unless `fresh`."""
        if isinstance(body, str):
            body = body.encode()
        own = fresh or threading.current_thread() is not threading.main_thread()
        for attempt in (1, 2):
            reused = not own and self.connection is not None
            connection = self.connection if reused else http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=timeout)
            try:
                connection.request(method, path, body=body, headers=headers or {})
                response = connection.getresponse()
                answer = Answer(response.status, response.headers, response.read())
                break
            except (OSError, http.client.HTTPException):
                connection.close()
                self.connection = None
                if not reused or attempt == 2:
                    raise
        if own:
            connection.close()
        else:
            self.connection = connection
            if response.will_close:
                connection.close()
                self.connection = None
        return answer

    def get(self, path, status=200):
        answer = self.request("GET", path)
        if answer.status != status:
            raise AssertionError("GET %s: %r, not %d" % (path, answer, status))
        return answer.json

    def publish(self, events, content_type="application/json", headers=None):
        body = events if isinstance(events, (str, bytes)) else json.dumps(events)
        return self.request("POST", "/v1/events", body,
                            dict({"Content-Type": content_type}, **(headers or {})))

    def accept(self, events, **more):
        """Publishes, expects all to be accepted, and gives the ids."""
        answer = self.publish(events, **more)
        if answer.status != 202:
            raise AssertionError("not accepted: %r" % answer)
        results = answer.json["results"]
        if any(r["status"] != "accepted" for r in results):
            raise AssertionError("not accepted: %r" % results[:5])
        return [r["id"] for r in results]

    def event(self, id):
        return self.get("/v1/events/" + id)

    def ended(self, id, status="processed", seconds=10):
        """The event once it has the status."""
        return eventually(
            lambda: (lambda e: e if e["status"] == status else None)(self.event(id)),
            seconds, what="event %s being %s" % (id, status))

    def notification(self, id):
        return self.get("/v1/notifications/" + id)

    def delivered(self, id, status="delivered", seconds=10):
        return eventually(
            lambda: (lambda n: n if n["status"] == status else None)(self.notification(id)),
            seconds, what="notification %s being %s" % (id, status))

    def feed(self, recipient, query=""):
        return self.get("/v1/recipients/%d/notifications%s" % (recipient, query))

    def metrics(self):
        """Series (name with labels) to value."""
        text = self.request("GET", "/metrics").body.decode()
        found = {}
        for line in text.splitlines():
            if line and not line.startswith("#"):
                series, value = line.rsplit(" ", 1)
                found[series] = float(value)
        return found


def item(recipient, sale, item, id=None, **more):
    event = {"type": "sale_item_changed", "recipient_id": recipient,
             "data": {"sale_id": sale, "item_id": item}}
    if id is not None:
        event["id"] = id
    event.update(more)
    return event


def status(recipient, sale, id=None, status="approved", **more):
    event = {"type": "sale_seller_status_changed", "recipient_id": recipient,
             "data": {"sale_id": sale, "status": status}}
    if id is not None:
        event["id"] = id
    event.update(more)
    return event


def promocode(recipient, promocode, code="СКИДКА10", limit=100, id=None):
    event = {"type": "seller_promocode_limit_reached", "recipient_id": recipient,
             "data": {"promocode_id": promocode, "code": code, "limit": limit}}
    if id is not None:
        event["id"] = id
    return event


def window(length="400ms", **more):
    """The configuration's `types` part for windows of `sale_item_changed`."""
    return {"sale_item_changed": dict({"window": length}, **more)}


class Case(unittest.TestCase):
    """Closes what a test opened, whatever happens."""

    def gateway(self, script=None):
        return self._keep(Gateway(script))

    def sales(self, banned=lambda sale, item: True):
        return self._keep(Sales(banned))

    def items(self):
        return self._keep(Items())

    def sheaf(self, config=None, start=True):
        sheaf = self._keep(Sheaf(config))
        return sheaf.start() if start else sheaf

    def _keep(self, thing):
        self.addCleanup(thing.close)
        return thing


class SharedCase(unittest.TestCase):
    """One running Sheaf with sales, items and gateway for all tests of a class."""

    config = {}
    banned = staticmethod(lambda sale, item: True)

    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()
        cls.addClassCleanup(cls.gateway.close)
        cls.sales = Sales(cls.banned)
        cls.addClassCleanup(cls.sales.close)
        cls.items = Items()
        cls.addClassCleanup(cls.items.close)
        config = {"gateway": {"url": cls.gateway.url}, "sales": {"url": cls.sales.url},
                  "items": {"url": cls.items.url}, "types": window()}
        config.update(cls.config)
        cls.sheaf = Sheaf(config)
        cls.addClassCleanup(cls.sheaf.close)
        cls.sheaf.start()

    def assertError(self, answer, status, field=None):
        """The API's error document with the status."""
        self.assertEqual(answer.status, status, answer)
        error = answer.json["error"]
        self.assertTrue(error["code"] and isinstance(error["code"], str), answer)
        self.assertTrue(error["message"] and isinstance(error["message"], str), answer)
        if field is not None:
            self.assertEqual(error.get("field"), field, answer)

"""The services Sheaf calls, as Python HTTP servers that count what they were asked."""

import collections
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request, client_address):
        """A client that goes away in the middle is part of the tests."""


class Service:
    """A threaded HTTP server on a free loopback port."""

    def __init__(self):
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = 65536

            def log_message(self, *_):
                pass

            def do_GET(self):
                service.get(self)

            def do_POST(self):
                service.post(self)

            def body(self):
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))

            def answer(self, status, document=None, headers=()):
                payload = b"" if document is None else json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(payload)))
                for name, value in headers:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(payload)
                self.wfile.flush()

            def hang_up(self):
                self.close_connection = True
                self.connection.close()

        self.lock = threading.Lock()
        self.server = _Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.url = "http://127.0.0.1:%d" % self.port
        self.thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def get(self, handler):
        handler.answer(404)

    def post(self, handler):
        handler.answer(404)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


Request = collections.namedtuple("Request", "key body headers at answered")


class Gateway(Service):
    """Takes notifications; `script` (a list, or a function of the request's number and the
    document) says what to answer: a status, (status, headers), "hang", "break", or the seconds (a float) after which
    it takes the notification."""

    def __init__(self, script=None):
        self.requests = []
        self.script = script
        self.hang_seconds = 5.0
        self.slow = self.most_slow = 0
        super().__init__()

    def post(self, handler):
        body = handler.body()
        if len(body) < int(handler.headers.get("Content-Length") or 0):
            # The sender died in the middle of its request: nothing was asked.
            return handler.hang_up()
        key = handler.headers.get("Idempotency-Key")
        with self.lock:
            number = len(self.requests)
            step = 200
            if callable(self.script):
                step = self.script(number, json.loads(body))
            elif self.script:
                step = self.script.pop(0)
            seconds = step if isinstance(step, float) else None
            if seconds is not None:
                step = 200
                self.slow += 1
                self.most_slow = max(self.most_slow, self.slow)
            self.requests.append(
                Request(key, body, dict((k.lower(), v) for k, v in handler.headers.items()),
                        time.monotonic(), step))
        if handler.path != "/v1/notifications":
            return handler.answer(404)
        if seconds is not None:
            time.sleep(seconds)
            with self.lock:
                self.slow -= 1
        if step == "hang":
            time.sleep(self.hang_seconds)
            return handler.hang_up()
        if step == "break":
            return handler.hang_up()
        headers = ()
        if isinstance(step, tuple):
            step, headers = step
        handler.answer(step, {} if step < 300 else {"error": "scripted"}, headers)

    def by_key(self):
        """Key to the requests that carried it, in order."""
        with self.lock:
            found = collections.OrderedDict()
            for request in self.requests:
                found.setdefault(request.key, []).append(request)
            return found

    def documents(self):
        """The distinct notifications that were taken in."""
        found = collections.OrderedDict()
        for key, requests in self.by_key().items():
            for request in requests:
                if isinstance(request.answered, int) and request.answered < 300:
                    found.setdefault(key, json.loads(request.body))
        return list(found.values())


class Sales(Service):
    """Bans every item, unless `banned` (a function of sale and item) says otherwise."""

    def __init__(self, banned=lambda sale, item: True):
        self.banned = banned
        self.asked = []
        self.failing = False
        self.failures = 0
        super().__init__()

    def get(self, handler):
        parts = urlsplit(handler.path)
        match = re.fullmatch(r"/v1/sales/(\d+)/items", parts.path)
        ids = [int(i) for i in ",".join(parse_qs(parts.query).get("ids", [])).split(",") if i]
        if not match:
            return handler.answer(404)
        if self.failing:
            with self.lock:
                self.failures += 1
            if self.failing == "break":
                return handler.hang_up()
            return handler.answer(503, None, [] if self.failing is True else self.failing)
        sale = int(match.group(1))
        with self.lock:
            self.asked.append((sale, ids))
        handler.answer(200, {"items": [
            {"id": i, "status": "banned" if self.banned(sale, i) else "active"} for i in ids]})


class Items(Service):
    """Titles every item."""

    def __init__(self):
        self.asked = []
        super().__init__()

    def get(self, handler):
        parts = urlsplit(handler.path)
        if parts.path != "/v1/items":
            return handler.answer(404)
        ids = [int(i) for i in ",".join(parse_qs(parts.query).get("ids", [])).split(",") if i]
        with self.lock:
            self.asked.append(ids)
        handler.answer(200, {"items": [{"id": i, "title": "Велосипед №%d" % i} for i in ids]})


class Hook(Service):
    """A service that enriches a type; `script` is a function of the request's number and the question that says what to
    answer: a document, a status, (status, headers), or text that is no JSON."""

    def __init__(self, script=lambda number, question: {}):
        self.script = script
        self.requests = []
        # Requests that are being answered, and the most at once.
        self.current = self.most = 0
        super().__init__()

    def post(self, handler):
        body = handler.body()
        headers = dict((k.lower(), v) for k, v in handler.headers.items())
        question = json.loads(body)
        with self.lock:
            number = len(self.requests)
            self.requests.append((question, headers, body))
            self.current += 1
            self.most = max(self.most, self.current)
        try:
            answer = self.script(number, question)
        finally:
            with self.lock:
                self.current -= 1
        if isinstance(answer, str):
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(answer.encode())))
            handler.end_headers()
            handler.wfile.write(answer.encode())
            return handler.wfile.flush()
        if isinstance(answer, dict):
            return handler.answer(200, answer)
        status, headers = answer if isinstance(answer, tuple) else (answer, ())
        handler.answer(status, {"error": "scripted"}, headers)


class Collector(Service):
    """Takes OTLP over HTTP in JSON, as OpenTelemetry's collector does on port 4318."""

    def __init__(self, answer=200):
        self.requests = []
        self.paths = []
        self.answer_status = answer
        super().__init__()

    def post(self, handler):
        document = json.loads(handler.body())
        if not document["resourceSpans"]:
            # The doctor's.
            self.paths.append(handler.path)
            return handler.answer(self.answer_status, {})
        with self.lock:
            self.requests.append((handler.path, handler.headers.get("Content-Type"), document))
        handler.answer(self.answer_status, {})

    @property
    def spans(self):
        with self.lock:
            documents = [document for _, _, document in self.requests]
        return [span for document in documents for resource in document["resourceSpans"]
                for scope in resource["scopeSpans"] for span in scope["spans"]]

    def named(self, name, seconds=10):
        """The one span with the name, once it came."""
        end = time.monotonic() + seconds
        while True:
            found = [span for span in self.spans if span["name"] == name]
            if found or time.monotonic() > end:
                [span] = found
                return span
            time.sleep(0.05)

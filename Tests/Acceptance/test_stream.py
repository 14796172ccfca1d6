"""The stream of what goes on, as programs read it."""

import http.client
import json
import time

from harness import SharedCase, note, promocode


class Reader:
    """Reads a stream of server-sent events."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self.connection.request("GET", "/v1/stream")
        self.response = self.connection.getresponse()
        self.kind = None

    def next(self):
        """The kind of the next event, and its data."""
        while True:
            line = self.response.readline().decode()
            if line.startswith("event: "):
                self.kind = line.split()[1]
            elif line.startswith("data: "):
                return self.kind, json.loads(line[len("data: "):])

    def close(self):
        self.connection.close()


class StreamTests(SharedCase):
    def test_all_of_a_burst_are_streamed_each_once(self):
        reader = Reader(self.sheaf.port)
        self.addCleanup(reader.close)
        self.assertEqual(reader.next()[0], "stats")
        begun = time.monotonic()
        self.sheaf.accept([promocode(n, 1) for n in range(1000)])
        streamed = []
        while len(streamed) < 1000 and time.monotonic() - begun < 30:
            kind, data = reader.next()
            self.assertNotEqual(kind, "gap", data)
            if kind == "notification":
                streamed.append(data)
        self.assertEqual(sorted(n["recipient_id"] for n in streamed), list(range(1000)))
        self.assertEqual(len({n["id"] for n in streamed}), 1000)
        note("stream: 1,000 notifications streamed %.1f s after they were asked for" % (time.monotonic() - begun))

"""Malformed bodies and abused HTTP: the program stays up, and good events beside them are taken."""

import json
import socket
import threading
import time

from harness import SharedCase, note, status

DEEP = 100_000
MIB = 1024 * 1024


def member(name, value):
    """The text of a good event but for one member, given as text."""
    members = {"type": '"sale_seller_status_changed"', "recipient_id": "1",
               "data": '{"sale_id":1,"status":"approved"}'}
    members[name] = value
    return "{%s}" % ",".join('"%s":%s' % pair for pair in members.items())


def data(sale, state='"approved"'):
    return member("data", '{"sale_id":%s,"status":%s}' % (sale, state))


def utf8(text):
    return text if isinstance(text, bytes) else text.encode()


NOT_JSON, REJECTED, TAKEN, ANY = {400}, {422}, {202}, {202, 400, 413, 422}

BODIES = [
    # Not JSON
    ("empty", "", NOT_JSON), ("space", " \r\n\t ", NOT_JSON), ("word", "hello", NOT_JSON),
    ("open object", "{", NOT_JSON), ("open array", "[", NOT_JSON), ("open string", '{"type":"', NOT_JSON),
    ("close only", "}", NOT_JSON), ("trailing comma", "[%s,]" % data(1), NOT_JSON),
    ("trailing text", data(1) + "x", NOT_JSON), ("two objects", data(1) + data(2), NOT_JSON),
    ("single quotes", "{'type':'x'}", NOT_JSON), ("comment", "/* c */" + data(1), NOT_JSON),
    ("unquoted key", "{type:1}", NOT_JSON), ("no colon", '{"type" "x"}', NOT_JSON),
    ("double comma", "[1,,2]", NOT_JSON), ("byte order mark", b"\xef\xbb\xbf" + utf8(data(1)), NOT_JSON | TAKEN),
    ("utf-16", data(1).encode("utf-16"), NOT_JSON), ("utf-32", data(1).encode("utf-32-le"), NOT_JSON),
    ("nul bytes", b"\0" * 1000, NOT_JSON), ("nul after", utf8(data(1)) + b"\0", NOT_JSON),
    ("raw control character", '{"type":"a\x01b"}', NOT_JSON), ("raw newline in string", '{"type":"a\nb"}', NOT_JSON),
    ("random bytes", bytes(range(256)) * 40, NOT_JSON), ("gzip magic", b"\x1f\x8b\x08" + b"\0" * 50, NOT_JSON),
    ("bad escape", '{"type":"\\x41"}', NOT_JSON), ("short unicode escape", '{"type":"\\u12"}', NOT_JSON),
    ("truncated utf-8", utf8('{"type":"') + b"\xd0", NOT_JSON),
    ("truncated utf-8 in string", utf8('{"type":"') + b"\xd0" + b'"}', NOT_JSON),
    ("overlong utf-8", b'{"type":"\xc0\xaf"}', NOT_JSON), ("utf-8 surrogate", b'{"type":"\xed\xa0\x80"}', NOT_JSON),
    ("beyond unicode", b'{"type":"\xf5\x80\x80\x80"}', NOT_JSON),
    ("NaN", member("recipient_id", "NaN"), NOT_JSON), ("Infinity", member("recipient_id", "-Infinity"), NOT_JSON),
    ("leading zero", member("recipient_id", "007"), NOT_JSON), ("plus sign", member("recipient_id", "+7"), NOT_JSON),
    ("hexadecimal", member("recipient_id", "0x10"), NOT_JSON), ("bare dot", member("recipient_id", "1."), NOT_JSON),
    ("bare exponent", member("recipient_id", "1e"), NOT_JSON), ("capital True", member("recipient_id", "True"), NOT_JSON),
    # Deep and large
    ("deep arrays, open", "[" * DEEP, {400, 422}), ("deep arrays", "[" * DEEP + "]" * DEEP, {400, 422}),
    ("deep objects, open", '{"a":' * DEEP, {400, 422}),
    ("deep objects", '{"a":' * DEEP + "1" + "}" * DEEP, {400, 422}),
    ("deep data", member("data", '{"sale_id":1,"status":"approved","x":' + "[" * DEEP + "]" * DEEP + "}"), ANY),
    ("deep unknown member", data(1)[:-1] + ',"x":' + "[" * DEEP + "]" * DEEP + "}", ANY),
    ("10 MiB string", '{"type":"' + "x" * (10 * MIB) + '"}', {413}),
    ("10 MiB of space", " " * (10 * MIB), {413}), ("10 MiB of brackets", "[" * (10 * MIB), {413}),
    ("3 MiB id", member("id", '"%s"' % ("x" * 3 * MIB)), REJECTED),
    ("3 MiB number", member("recipient_id", "9" * (3 * MIB)), {400, 422}),
    ("3 MiB key", '{"%s":1}' % ("k" * 3 * MIB), REJECTED),
    ("100,000 keys", "{%s}" % ",".join('"k%d":%d' % (n, n) for n in range(100_000)), REJECTED),
    ("1,001 nulls", "[%s]" % ",".join(["null"] * 1001), {413}),
    # NUL and surrogates by escapes
    ("nul in id", member("id", '"a\\u0000b"'), REJECTED), ("nul in type", member("type", '"a\\u0000b"'), REJECTED),
    ("nul in data", data(1, '"\\u0000"'), REJECTED),
    ("lone high surrogate in id", member("id", '"\\ud800"'), {400, 422}),
    ("lone low surrogate in id", member("id", '"\\udc00x"'), {400, 422}),
    ("swapped surrogates", member("id", '"\\udc00\\ud800"'), {400, 422}),
    ("surrogate in data", member("data", '{"sale_id":1,"status":"approved","x":"\\ud83d"}'), ANY),
    # Overflow
    ("recipient 2^63", member("recipient_id", str(2 ** 63)), REJECTED),
    ("recipient -2^63-1", member("recipient_id", str(-2 ** 63 - 1)), REJECTED),
    ("recipient 1e400", member("recipient_id", "1e400"), REJECTED),
    ("recipient fraction", member("recipient_id", "1.5"), REJECTED),
    ("sale 2^64", data(2 ** 64), REJECTED), ("sale 1e999999", data("1e999999"), REJECTED),
    ("limit negative overflow", member("data", '{"promocode_id":1,"code":"x","limit":-%d}' % 2 ** 70), REJECTED),
    # Wrong types
    ("null", "null", REJECTED), ("true", "true", REJECTED), ("number", "17", REJECTED),
    ("string", '"event"', REJECTED), ("array of arrays", "[[[]]]", REJECTED), ("empty object", "{}", REJECTED),
    ("recipient as a word", member("recipient_id", '"x1"'), REJECTED),
    ("recipient as digits", member("recipient_id", '"1"'), TAKEN),
    ("recipient as object", member("recipient_id", "{}"), REJECTED),
    ("recipient null", member("recipient_id", "null"), REJECTED),
    ("recipient true", member("recipient_id", "true"), REJECTED),
    ("type as number", member("type", "2"), REJECTED), ("type as array", member("type", "[]"), REJECTED),
    ("unknown type", member("type", '"drop table events"'), REJECTED), ("id as number", member("id", "5"), REJECTED),
    ("id empty", member("id", '""'), REJECTED), ("data as string", member("data", '"{}"'), REJECTED),
    ("data as array", member("data", "[]"), REJECTED), ("data null", member("data", "null"), REJECTED),
    ("sale as a word", data('"x1"'), REJECTED), ("sale true", data("true"), REJECTED),
    ("status as number", data(1, "1"), REJECTED), ("status unknown", data(1, '"Approved"'), REJECTED),
    ("time nonsense", member("occurred_at", '"2026-02-30T00:00:00Z"'), REJECTED),
    ("time far away", member("occurred_at", '"99999-01-01T00:00:00Z"'), REJECTED),
    ("time as number", member("occurred_at", "1700000000"), REJECTED),
    # Duplicate keys
    ("duplicate type", data(1)[:-1] + ',"type":"sale_item_changed"}', ANY),
    ("duplicate recipient", data(1)[:-1] + ',"recipient_id":2}', ANY),
    ("duplicate data", data(1)[:-1] + ',"data":{}}', ANY),
    ("duplicate sale in data", member("data", '{"sale_id":1,"status":"approved","sale_id":"x"}'), ANY),
]


def post(body, headers="Content-Type: application/json", length=None):
    body = utf8(body)
    length = len(body) if length is None else length
    return b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\n%s\r\nContent-Length: %s\r\n\r\n%s" % (
        utf8(headers), utf8(str(length)), body)


def chunked(*parts):
    head = (b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n")
    return head + b"".join(parts)


GOOD = data(1)
# Requests whose HTTP is broken: answered with 4xx, or cut off. None may be taken.
REQUESTS = [
    ("content-length too long", post(GOOD, length=len(GOOD) + 50)),
    ("content-length negative", post(GOOD, length=-1)),
    ("content-length word", post(GOOD, length="many")),
    ("content-length overflow", post(GOOD, length=2 ** 70)),
    ("content-length 1 TiB", post(GOOD, length=2 ** 40)),
    ("two content-lengths", post(GOOD, "Content-Type: application/json\r\nContent-Length: 3")),
    ("length and chunked", post(GOOD, "Content-Type: application/json\r\nTransfer-Encoding: chunked")),
    ("chunk size no number", chunked(b"zz\r\nabc\r\n0\r\n\r\n")),
    ("chunk size overflow", chunked(b"fffffffffffffffff\r\nabc\r\n0\r\n\r\n")),
    ("chunk size negative", chunked(b"-5\r\nabc\r\n0\r\n\r\n")),
    ("chunk shorter than announced", chunked(b"ff\r\nabc\r\n0\r\n\r\n")),
    ("chunk longer than announced", chunked(b"1\r\nabcdef\r\n0\r\n\r\n")),
    ("chunks broken off", chunked(b"%x\r\n%s\r\n" % (len(GOOD), utf8(GOOD)))),
    ("unknown transfer encoding", post(GOOD, "Content-Type: application/json\r\nTransfer-Encoding: brotli")),
    ("compressed body", post(b"\x1f\x8b", "Content-Type: application/json\r\nContent-Encoding: gzip")),
    ("1 MiB header", post(GOOD, "X-Long: %s\r\nContent-Type: application/json" % ("x" * MIB))),
    ("10,000 headers", post(GOOD, "\r\n".join("X-%d: y" % n for n in range(10_000)))),
    ("nul in header", post(GOOD, b"Content-Type: application/json\r\nX-Nul: a\0b")),
    ("space before colon", post(GOOD, "Content-Type : application/json")),
    ("header without colon", post(GOOD, "Content-Type application/json")),
    ("no http at all", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 200),
    ("http/9.9", b"GET /healthz HTTP/9.9\r\nHost: localhost\r\n\r\n"),
    ("1 MiB path", b"GET /" + b"a" * MIB + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    ("unknown method", b"BREW /v1/stats HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    ("bad percent encoding", b"GET /v1/events/%zz%ff%00 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    ("nul in path", b"GET /v1/events/a%00b HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    ("dots in path", b"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    ("query flood", b"GET /v1/recipients/1/notifications?limit=" + b"9" * 5000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    ("cloud event headers nonsense", post("{}", "Content-Type: application/json\r\nce-id: \"\\\r\nce-type: %zz")),
    ("only a line end", b"\r\n\r\n\r\n"),
]


class MalformedTests(SharedCase):
    def setUp(self):
        self.good = []
        self.process = self.sheaf.process

    def raw(self, request, timeout=1.0):
        """The status of the first answer; None if the connection ended without one."""
        with socket.create_connection(("127.0.0.1", self.sheaf.port), timeout=10) as connection:
            def send():
                try:
                    connection.sendall(request)
                except OSError:
                    pass
            sender = threading.Thread(target=send, daemon=True)
            sender.start()
            connection.settimeout(timeout)
            answer = b""
            try:
                while b"\r\n\r\n" not in answer:
                    part = connection.recv(65536)
                    if not part:
                        break
                    answer += part
            except socket.timeout:
                # It waits for the rest: there will be none.
                try:
                    connection.shutdown(socket.SHUT_WR)
                    connection.settimeout(5)
                    answer += connection.recv(65536)
                except OSError:
                    pass
            except OSError:
                pass
        sender.join(5)
        if not answer.startswith(b"HTTP/1.1 "):
            return None
        return int(answer[9:12])

    def still_well(self, name):
        """A good event is taken right after."""
        id = "good-%s-%d" % (self._testMethodName, len(self.good))
        self.sheaf.accept(status(500, 1, id=id))
        self.good.append(id)
        self.assertIs(self.sheaf.process, self.process)
        self.assertTrue(self.sheaf.alive(), "the process ended after: " + name)

    def all_notified(self):
        for id in self.good:
            self.sheaf.ended(id)

    def test_malformed_bodies_are_refused_and_harm_nothing(self):
        for name, body, statuses in BODIES:
            with self.subTest(name=name):
                found = self.raw(post(body), timeout=5)
                self.assertIn(found, statuses | {503} if name != "empty" else statuses)
            self.still_well(name)
        self.assertGreaterEqual(len(BODIES), 60)
        self.all_notified()
        note("malformed: %d bodies, %d broken requests" % (len(BODIES), len(REQUESTS)))

    def test_malformed_elements_spoil_themselves_only(self):
        bodies = [(n, utf8(b)) for n, b, s in BODIES
                  if s == REJECTED and len(b) < MIB and n != "100,000 keys"]
        parts = []
        for number, (_, body) in enumerate(bodies):
            id = "beside-%d" % number
            parts += [utf8(json.dumps(status(501, 1, id=id))), body]
            self.good.append(id)
        answer = self.sheaf.publish(b"[" + b",".join(parts) + b"]")
        self.assertEqual(answer.status, 202, answer)
        results = answer.json["results"]
        self.assertEqual([r["id"] for r in results[::2]], self.good)
        self.assertEqual({r["status"] for r in results[::2]}, {"accepted"})
        self.assertEqual([n for (n, _), r in zip(bodies, results[1::2]) if r["status"] != "rejected"], [])
        self.all_notified()

    def test_malformed_lines_spoil_themselves_only(self):
        bodies = [(n, utf8(b)) for n, b, s in BODIES
                  if not s & {202, 413} and b"\n" not in utf8(b) and utf8(b).strip() and len(b) < MIB
                  and n != "utf-32"]
        lines = []
        for number, (_, body) in enumerate(bodies):
            id = "line-beside-%d" % number
            lines += [utf8(json.dumps(status(502, 1, id=id))), body]
            self.good.append(id)
        answer = self.sheaf.publish(b"\n".join(lines), "application/x-ndjson")
        self.assertEqual(answer.status, 202, answer)
        results = answer.json["results"]
        self.assertEqual(len(results), len(lines))
        self.assertEqual([r["id"] for r in results[::2]], self.good)
        self.assertEqual({r["status"] for r in results[::2]}, {"accepted"})
        self.assertEqual([n for (n, _), r in zip(bodies, results[1::2]) if r["status"] != "rejected"], [])
        self.all_notified()

    def test_broken_requests_are_refused_and_harm_nothing(self):
        before = self.sheaf.get("/v1/stats")["stages"]["ingested"]["total"]
        for name, request in REQUESTS:
            with self.subTest(name=name):
                found = self.raw(request, 0.4)
                self.assertTrue(found is None or 400 <= found < 500, found)
            self.still_well(name)
        self.all_notified()
        after = self.sheaf.get("/v1/stats")["stages"]["ingested"]["total"]
        self.assertEqual(after - before, len(self.good), "a broken request was taken")

    def test_slow_and_vanishing_clients_harm_nothing(self):
        connections = []
        for number in range(100):
            connection = socket.create_connection(("127.0.0.1", self.sheaf.port), timeout=5)
            connection.sendall(post(GOOD)[:20 + number])
            connections.append(connection)
        self.still_well("100 half requests")
        for connection in connections[:50]:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.close()
        self.still_well("50 resets")
        for connection in connections[50:]:
            connection.close()
        self.still_well("50 ends")
        self.all_notified()

    def test_good_events_flow_while_bad_ones_rain(self):
        stop = time.monotonic() + 3
        taken, faults = [], []

        def rain(part):
            try:
                while time.monotonic() < stop:
                    for name, body, statuses in BODIES[part::2]:
                        if len(body) < MIB:
                            found = self.raw(post(body), 5)
                            if found not in statuses | {503}:
                                faults.append((name, found))
            except OSError as error:
                faults.append(repr(error))

        def flow():
            try:
                number = 0
                while time.monotonic() < stop:
                    id = "rain-%d" % number
                    answer = self.sheaf.publish([status(503, 1, id=id), {"type": []}])
                    if answer.status != 202 or answer.json["results"][0]["status"] != "accepted":
                        faults.append(repr(answer))
                    taken.append(id)
                    number += 1
            except OSError as error:
                faults.append(repr(error))

        threads = [threading.Thread(target=rain, args=(n,)) for n in range(2)] + [threading.Thread(target=flow)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        self.assertEqual(faults, [])
        self.assertGreater(len(taken), 20)
        for id in taken:
            self.sheaf.ended(id)

"""Who may do what, over the wire: tokens, TLS, addresses, and requests that are slow or huge."""

import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import time

from harness import Case, SharedCase, eventually, promocode

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOKENS = {scope: "tok-%s-0123456789" % scope for scope in ("publish", "read", "admin")}


class Tokens(SharedCase):
    config = {"http": {"tokens": ["%s:%s" % (token, scope) for scope, token in TOKENS.items()]},
              "log": {"level": "trace"}}

    def endpoints(self):
        """Method, path and scope (or None) of each, as the program describes them."""
        found = []
        for path, operations in self.sheaf.get("/openapi.json")["paths"].items():
            for method, operation in operations.items():
                if method != "parameters":
                    scope = operation["security"][0]["token"][0] if "security" in operation else None
                    real = path.replace("{id}", "1").replace("{file}", "console.css")
                    # The stream itself has no end, and what is refused is refused before it begins.
                    real += "?recent=x" if path == "/v1/stream" else ""
                    found.append((method.upper(), re.sub(r"{\w+}", "x", real), scope))
        return found

    def guarded(self):
        found = [(method, path, scope) for method, path, scope in self.endpoints() if scope]
        self.assertGreater(len(found), 20)
        return found

    def ask(self, method, path, token=None):
        headers = {"Authorization": "Bearer " + token} if token else {}
        return self.sheaf.request(method, path, "{}" if method == "POST" else None, headers)

    def test_every_endpoint_wants_its_scope(self):
        for method, path, scope in self.guarded():
            with self.subTest(method=method, path=path):
                for wrong in (None, "tok", TOKENS[scope][:-1]):
                    answer = self.ask(method, path, wrong)
                    self.assertError(answer, 401)
                    self.assertTrue(answer.headers["WWW-Authenticate"].startswith("Bearer "))
                for other in TOKENS:
                    answer = self.ask(method, path, TOKENS[other])
                    if other == scope:
                        self.assertNotIn(answer.status, (401, 403), answer)
                    else:
                        self.assertError(answer, 403)

    def test_what_needs_no_token(self):
        found = [(method, path) for method, path, scope in self.endpoints() if not scope]
        self.assertEqual({path for _, path in found},
                         {"/healthz", "/readyz", "/metrics", "/openapi.json", "/", "/console/console.css", "/v1/events"})
        for method, path in found:
            self.assertEqual(self.ask(method, path).status, 200, path)

    def test_tokens_are_nowhere_to_be_read(self):
        wrong, guarded = "wrong-0123456789", self.guarded()
        for token in list(TOKENS.values()) + [wrong]:
            for method, path, _ in guarded:
                self.ask(method, path, token)
        self.assertTrue(self.sheaf.lines)
        said = "\n".join(self.sheaf.lines) + self.ask("GET", "/metrics").body.decode()
        for token in list(TOKENS.values()) + [wrong]:
            self.assertNotIn(token, said)


class Addresses(Case):
    def refused(self, http):
        sheaf = self.sheaf({"http": dict({"port": 0}, **http)}, start=False)
        done = sheaf.cli("run")
        self.assertEqual(done.returncode, 78, done.stderr)
        return done.stderr.decode()

    def test_a_public_address_needs_tokens(self):
        self.assertIn("http.tokens", self.refused({"host": "0.0.0.0"}))

    def test_a_bad_entry_is_named_and_not_shown(self):
        said = self.refused({"tokens": ["hunter2:everything"]})
        self.assertIn("http.tokens", said)
        self.assertNotIn("hunter2", said)


def probe(*arguments):
    return subprocess.run(
        [os.path.join(ROOT, "deploy", "sheaf-probe")] + [str(a) for a in arguments], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, timeout=30)


class TLS(Case):
    def pair(self, folder, name):
        key, certificate = os.path.join(folder, name + ".key"), os.path.join(folder, name + ".pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, stderr=subprocess.DEVNULL)
        return {"certificate": certificate, "key": key}

    def test_https_alone_is_spoken(self):
        sheaf = self.sheaf(start=False)
        files = self.pair(sheaf.folder, "a")
        sheaf.configure({"http": {"port": 0, "tls": files}})
        sheaf.spawn()
        self.assertTrue(sheaf.listening.wait(20) and sheaf.port, sheaf.lines)
        trust = ssl.create_default_context(cafile=files["certificate"])
        connection = http.client.HTTPSConnection("localhost", sheaf.port, context=trust, timeout=10)
        connection.request("GET", "/healthz")
        response = connection.getresponse()
        self.assertEqual((response.status, response.headers["Strict-Transport-Security"]), (200, None))
        response.read()
        connection.request("GET", "/healthz", headers={"Host": "sheaf.example"})
        self.assertEqual(connection.getresponse().headers["Strict-Transport-Security"], "max-age=31536000")
        connection.close()
        self.assertIsNone(sheaf.try_request("GET", "/healthz"))
        # As the manifests' probes do.
        for path in ("healthz", "readyz"):
            done = probe(path, sheaf.port)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertIn(b"HTTP 404: {", probe("nothing", sheaf.port).stderr)
        self.end_is_not_held_up(sheaf, trust)

    def end_is_not_held_up(self, sheaf, trust):
        """SIGTERM ends the program although a client asks for much and reads nothing."""
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.settimeout(10)
        plain.connect(("127.0.0.1", sheaf.port))
        stalled = trust.wrap_socket(plain, server_hostname="localhost")
        self.addCleanup(stalled.close)
        stalled.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 400)
        # The answers fill what is between the two.
        time.sleep(0.5)
        began = time.monotonic()
        self.assertEqual(sheaf.terminate(), 0)
        self.assertLess(time.monotonic() - began, 10)

    def test_files_that_do_not_do_are_named(self):
        sheaf = self.sheaf(start=False)
        a, b = self.pair(sheaf.folder, "a"), self.pair(sheaf.folder, "b")
        for files, key in (
                ({"certificate": a["certificate"]}, "http.tls"),
                ({"certificate": "missing.pem", "key": a["key"]}, "http.tls.certificate"),
                ({"certificate": a["certificate"], "key": "missing.key"}, "http.tls.key"),
                ({"certificate": a["certificate"], "key": b["key"]}, "http.tls.key")):
            with self.subTest(files=files):
                sheaf.configure({"http": {"port": 0, "tls": files}})
                done = sheaf.cli("run")
                self.assertEqual(done.returncode, 78, done.stderr)
                self.assertIn(key, done.stderr.decode())
                found = sheaf.cli("doctor")
                if found.returncode != 78:
                    self.assertRegex(found.stdout.decode(), r"(?m)^fail\s+tls\s+" + key)
                    self.assertNotEqual(found.returncode, 0)
        sheaf.configure({"http": {"port": 0, "tls": a}})
        self.assertRegex(sheaf.cli("doctor").stdout.decode(), r"(?m)^ok\s+tls\s")


class Strain(SharedCase):
    def test_the_probe_of_the_image_asks_without_tls_too(self):
        self.assertEqual(probe("readyz", self.sheaf.port).returncode, 0)
        done = probe("nothing", self.sheaf.port)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"HTTP 404: {", done.stderr)

    def test_a_client_that_waits_for_100_continue_gets_it(self):
        body = json.dumps(promocode(9, 1)).encode()
        connection = self.open(
            b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body))
        self.assertEqual(connection.recv(4096), b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.sendall(body)
        self.assertTrue(connection.recv(4096).startswith(b"HTTP/1.1 202 "))

    def test_pages_of_other_sites_write_and_read_nothing(self):
        before = self.sheaf.get("/v1/stats")["stages"]["ingested"]["total"]
        body = json.dumps(promocode(8, 1))
        for headers in ({"Host": "rebound.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
            for method, path in (("POST", "/v1/events"), ("GET", "/v1/stats"), ("DELETE", "/v1/recipients/8")):
                answer = self.sheaf.request(method, path, body if method == "POST" else None, headers)
                self.assertError(answer, 403)
        own = {"Host": "localhost:1", "Origin": "http://localhost:1"}
        self.assertEqual(self.sheaf.request("GET", "/v1/stats", headers=own).status, 200)
        for path in ("/healthz", "/readyz", "/metrics"):
            self.assertEqual(self.sheaf.request("GET", path, headers={"Host": "rebound.example"}).status, 200)
        self.assertEqual(self.sheaf.get("/v1/stats")["stages"]["ingested"]["total"], before)

    def open(self, text):
        connection = socket.create_connection(("127.0.0.1", self.sheaf.port), timeout=10)
        self.addCleanup(connection.close)
        connection.sendall(text)
        return connection

    def test_slow_and_huge_requests_keep_nobody_from_being_answered(self):
        head = b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        slow = [self.open(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-") for _ in range(200)]
        slow += [self.open(head + b"Content-Length: 1000\r\n\r\n{") for _ in range(200)]
        began = time.monotonic()
        self.sheaf.accept([promocode(7, 1)])
        self.assertLess(time.monotonic() - began, 5)
        for connection in slow[::50]:
            connection.sendall(b"x")

    def test_a_hundred_mebibytes_are_refused_at_once(self):
        connection = self.open(
            b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 104857600\r\n\r\n")
        self.assertIn(b" 413 ", connection.recv(4096))
        self.assertEqual(self.sheaf.request("GET", "/healthz").status, 200)

    def test_what_is_no_request_is_answered_in_the_form_of_errors(self):
        many = b"".join(b"X-%d: y\r\n" % n for n in range(5000))
        for text, status in (
                (b"nonsense\r\n\r\n", b" 400 "),
                (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + many + b"\r\n", b" 431 ")):
            connection = self.open(text)
            heard = []

            def read():
                heard.append(connection.recv(4096))
                return b"".join(heard).endswith(b"}}")
            eventually(read, 5, what="an error's body")
            self.assertIn(status, b"".join(heard))
            self.assertIn(b'{"error":{"code":', b"".join(heard))

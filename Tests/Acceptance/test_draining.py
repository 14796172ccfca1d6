"""A process leaves a load balancer's sight without a failed request."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

import harness
from harness import Case, eventually, item, note, status, window

CONFIGURATION = """
daemon off; worker_processes 1; pid %(folder)s/nginx.pid; error_log %(folder)s/error.log warn;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path %(folder)s; proxy_temp_path %(folder)s; fastcgi_temp_path %(folder)s;
  uwsgi_temp_path %(folder)s; scgi_temp_path %(folder)s;
  upstream sheaf { %(servers)s keepalive 32; }
  server {
    listen 127.0.0.1:%(port)d;
    keepalive_requests 1000000;
    location / { proxy_pass http://sheaf; proxy_http_version 1.1; proxy_set_header Connection "";
                 proxy_set_header Host 127.0.0.1; }
  }
}
"""


class Proxy:
    """nginx before some processes, with connections to them that are kept alive. The test sets which of them are ready."""

    def __init__(self, ports):
        self.folder = tempfile.mkdtemp(prefix="sheaf-proxy-")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.configuration = os.path.join(self.folder, "nginx.conf")
        self.write(ports)
        self.process = subprocess.Popen(["nginx", "-c", self.configuration, "-p", self.folder],
                                        stderr=subprocess.DEVNULL)
        eventually(self.listens, what="nginx")

    def write(self, ports):
        with open(self.configuration, "w") as file:
            file.write(CONFIGURATION % {
                "folder": self.folder, "port": self.port,
                "servers": " ".join("server 127.0.0.1:%d;" % port for port in ports)})

    def use(self, ports):
        """Goes on with these processes; requests under way are finished."""
        self.write(ports)
        self.process.send_signal(signal.SIGHUP)

    def listens(self):
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def errors(self):
        with open(os.path.join(self.folder, "error.log")) as file:
            return file.read()

    def close(self):
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)


class Load:
    """Clients that post an event each, one after the other and as often as the test asks."""

    def __init__(self, port, clients=50, rate=1000):
        self.port, self.clients, self.pause = port, clients, clients / rate
        self.answers, self.failures = 0, []
        self.ends = False

    async def run(self):
        await asyncio.gather(*(self.client(number) for number in range(self.clients)))

    async def client(self, number):
        due = time.monotonic() + self.pause * number / self.clients
        count = 0
        while not self.ends:
            await asyncio.sleep(max(0, due - time.monotonic()))
            due = max(due + self.pause, time.monotonic() - 1)
            count += 1
            body = json.dumps(item(number, 1, count, id="%d-%d" % (number, count))).encode()
            try:
                # nginx closes idle connections when it reloads: a new one each.
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.write(b"POST /v1/events HTTP/1.1\r\nHost: sheaf\r\nContent-Type: application/json\r\n"
                             b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
                head = await reader.readuntil(b"\r\n\r\n")
                fields = dict(line.split(": ", 1) for line in head.decode().lower().split("\r\n")[1:-2])
                await reader.readexactly(int(fields["content-length"]))
            except (OSError, asyncio.IncompleteReadError) as error:
                self.failures.append(repr(error))
                continue
            writer.close()
            self.answers += 1
            if not head.startswith(b"HTTP/1.1 202"):
                self.failures.append(head.split(b"\r\n")[0].decode())


@unittest.skipUnless(shutil.which("nginx"), "nginx is not installed")
class DrainingTests(Case):
    alone = True
    seconds = 30

    def test_a_process_ends_behind_a_proxy_and_no_request_fails(self):
        if harness.MODE != "embedded":
            self.skipTest("what the processes stand on makes no difference here")
        # What is announced is not what is checked.
        config = {"types": window("1h"), "shutdown": {"drain": "2s"}}
        first, second = self.sheaf(config), self.sheaf(config)
        proxy = self._keep(Proxy([first.port, second.port]))
        load = Load(proxy.port)

        async def scene():
            running = asyncio.create_task(load.run())
            await asyncio.sleep(4)
            before = load.answers
            began = time.monotonic()
            ending = asyncio.create_task(asyncio.to_thread(first.terminate))
            # As a load balancer does, by what readiness says.
            await asyncio.to_thread(
                eventually, lambda: first.try_request("GET", "/readyz") == 503, 2, 0.05, "readiness to fail")
            proxy.use([second.port])
            ended = await ending
            took = time.monotonic() - began
            await asyncio.sleep(3)
            load.ends = True
            await running
            return ended, took, before

        ended, took, before = asyncio.run(scene())
        self.assertEqual(ended, 0, "\n".join(first.lines)[:5000])
        self.assertEqual(load.failures, [], proxy.errors()[-2000:])
        self.assertGreater(load.answers, before + 500, "requests go on")
        note("draining: %d requests, %.0f a second before the end of a process, which took %.1f s; none failed"
             % (load.answers, before / 4, took))

    def test_clients_that_go_on_connecting_do_not_spoil_the_end(self):
        if harness.MODE != "embedded":
            self.skipTest("what the processes stand on makes no difference here")
        for _ in range(3):
            sheaf = self.sheaf({"shutdown": {"drain": "200ms"}})
            ends = threading.Event()

            def knock():
                while not ends.is_set():
                    try:
                        with socket.create_connection(("127.0.0.1", sheaf.port), 1) as client:
                            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: sheaf\r\n\r\n")
                            client.recv(100)
                    except OSError:
                        time.sleep(0.001)

            clients = [threading.Thread(target=knock) for _ in range(8)]
            for client in clients:
                client.start()
            time.sleep(0.5)
            try:
                self.assertEqual(sheaf.terminate(), 0, "\n".join(sheaf.lines)[:5000])
            finally:
                ends.set()
                for client in clients:
                    client.join()

    def test_readiness_fails_first_and_answers_say_that_they_are_the_last(self):
        sheaf = self.sheaf({"shutdown": {"drain": "3s", "timeout": "20s"}})
        self.assertIsNone(sheaf.request("GET", "/healthz").headers["Connection"])
        kept = sheaf.connection
        idle = socket.create_connection(("127.0.0.1", sheaf.port))
        self.addCleanup(idle.close)
        sheaf.process.terminate()
        eventually(lambda: sheaf.try_request("GET", "/readyz") == 503, 2, what="readiness to fail")
        self.assertEqual(sheaf.request("GET", "/healthz", fresh=True).status, 200)
        kept.request("POST", "/v1/events", json.dumps(status(1, 1)), {"Content-Type": "application/json"})
        answer = kept.getresponse()
        self.assertEqual((answer.status, answer.headers["Connection"]), (202, "close"))
        answer.read()
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: sheaf\r\n\r\n")
        idle.settimeout(5)
        text = b""
        while part := idle.recv(65536):
            text += part
        self.assertTrue(text.startswith(b"HTTP/1.1 200 OK"), text)
        self.assertIn(b"\r\nconnection: close\r\n", text.lower())
        self.assertEqual(sheaf.process.wait(20), 0)

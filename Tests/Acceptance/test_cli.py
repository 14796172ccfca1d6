"""The command line."""

import contextlib
import json
import os
import pty
import re
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time

import harness
from harness import Case, eventually, item, status, window


def lines(events):
    return "".join(json.dumps(e, ensure_ascii=False) + "\n" for e in events).encode()


# Nobody listens there; a port that was free a moment ago may be another's by now.
CLOSED_PORT = 1


class CommandTests(Case):
    seconds = 75

    def run_bare(self, *arguments, timeout=40, **environment):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("SHEAF_")}
        clean.update(environment)
        with tempfile.TemporaryDirectory(prefix="sheaf-acceptance-") as folder:
            return subprocess.run([harness.SHEAF] + list(arguments), env=clean, cwd=folder, timeout=timeout,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_publish_from_a_file_and_from_standard_input(self):
        sheaf = self.sheaf(start=False)
        events = [status(1, n, id="cli-%d" % n) for n in range(2500)]
        path = os.path.join(sheaf.folder, "events.ndjson")
        with open(path, "wb") as file:
            file.write(lines(events))
        done = sheaf.cli("publish", path)
        self.assertEqual((done.returncode, done.stdout.decode(), done.stderr),
                         (0, "accepted 2500, duplicate 0, rejected 0\n", b""))
        done = sheaf.cli("publish", input=lines(events[:10]) + lines([status(1, 1, id="new")]).rstrip())
        self.assertEqual((done.returncode, done.stdout.decode()), (0, "accepted 1, duplicate 10, rejected 0\n"))

    def test_publish_passes_over_one_byte_order_mark(self):
        sheaf = self.sheaf(start=False)
        first, second = lines([status(1, 1, id="bom-1")]), lines([status(1, 2, id="bom-2")])
        for text, printed in ((b"\xef\xbb\xbf" + first, "accepted 1, duplicate 0, rejected 0\n"),
                           (b"\xef\xbb\xbf\r\n" + second, "accepted 1, duplicate 0, rejected 0\n"),
                           (b"\xef\xbb\xbf", "accepted 0, duplicate 0, rejected 0\n"),
                           (first + b"\xef\xbb\xbf" + second, "accepted 0, duplicate 1, rejected 1\n")):
            self.assertEqual(sheaf.cli("publish", input=text).stdout.decode(), printed)

    def test_publish_names_rejected_lines_by_number(self):
        sheaf = self.sheaf(start=False)
        text = (lines([status(1, 1)]) + b"\n{broken\n" + lines([status(1, 2), {"type": "x"}])
                + b"\xff\n" + lines([item(1, "x", 1)]) + b"[" * 100_000 + b"\n" + lines([status(1, 3)]))
        done = sheaf.cli("publish", input=text)
        self.assertEqual((done.returncode, done.stdout.decode()), (1, "accepted 3, duplicate 0, rejected 5\n"))
        errors = done.stderr.decode().splitlines()
        self.assertEqual([re.match(r"line (\d+): \S", t) and int(t.split()[1][:-1]) for t in errors],
                         [3, 5, 6, 7, 8])
        self.assertIn("data.sale_id", errors[3])

    def test_publish_of_a_missing_file_and_of_nothing(self):
        sheaf = self.sheaf(start=False)
        done = sheaf.cli("publish", "/nonexistent/events")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(b"/nonexistent/events", done.stderr)
        done = sheaf.cli("publish", input=b"")
        self.assertEqual((done.returncode, done.stdout), (0, b"accepted 0, duplicate 0, rejected 0\n"))

    def test_publish_beside_a_running_service_is_picked_up(self):
        gateway = self.gateway()
        sheaf = self.sheaf({"gateway": {"url": gateway.url}, "types": window("300ms")})
        done = sheaf.cli("publish", input=lines([status(1, 1, id="beside"), item(1, 1, 1, id="beside-2")]))
        self.assertEqual(done.returncode, 0, done.stderr)
        begun = time.monotonic()
        sheaf.ended("beside", seconds=2)
        sheaf.ended("beside-2", seconds=3)
        self.assertLess(time.monotonic() - begun, 3)
        eventually(lambda: len(gateway.documents()) == 2)

    def test_events_show(self):
        sheaf = self.sheaf()
        sheaf.accept(status(1, 1, id="shown"))
        sheaf.ended("shown")
        done = sheaf.cli("events", "show", "shown")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout), sheaf.event("shown"))
        # The same id from another source is another event.
        event = {"specversion": "1.0", "id": "shown", "source": "shop/1", "type": "sale_seller_status_changed",
                 "data": {"sale_id": 2, "status": "approved", "recipient_id": 1}}
        self.assertEqual(sheaf.publish(event, "application/cloudevents+json").status, 202)
        for arguments, source in (([], "shop/1"), (["--source", "http"], "http"), (["--source", "shop/1"], "shop/1")):
            done = sheaf.cli("events", "show", "shown", *arguments)
            self.assertEqual(json.loads(done.stdout)["source"], source, arguments)
        self.assertNotEqual(sheaf.cli("events", "show", "shown", "--source", "shop").returncode, 0)
        done = sheaf.cli("events", "show", "unknown")
        self.assertNotEqual(done.returncode, 0)
        self.assertTrue(done.stderr)

    def test_windows_list_and_flush(self):
        sheaf = self.sheaf({"types": window("60s")})
        [id] = sheaf.accept(item(1, 7, 1))
        eventually(lambda: sheaf.get("/v1/windows")["items"])
        done = sheaf.cli("windows", "list")
        self.assertEqual(json.loads(done.stdout), sheaf.get("/v1/windows"))
        key = json.loads(done.stdout)["items"][0]["key"]
        self.assertEqual(sheaf.cli("windows", "flush", key).returncode, 0)
        sheaf.ended(id, seconds=5)
        self.assertNotEqual(sheaf.cli("windows", "flush", key).returncode, 0)

    def test_dead_letters_list(self):
        gateway = self.gateway(lambda n, d: 400)
        sheaf = self.sheaf({"gateway": {"url": gateway.url}})
        for id in sheaf.accept([status(1, n) for n in range(3)]):
            sheaf.delivered(sheaf.ended(id)["notification_id"], "failed")
        done = sheaf.cli("dead-letters", "list")
        self.assertEqual(json.loads(done.stdout), sheaf.get("/v1/dead-letters"))
        self.assertEqual(len(json.loads(done.stdout)["items"]), 3)
        self.assertEqual(sheaf.cli("dead-letters", "redrive").returncode, 64)
        self.assertNotEqual(sheaf.cli("dead-letters", "redrive", "unknown").returncode, 0)

    def test_migrate_twice_and_at_once(self):
        sheaf = self.sheaf(start=False)
        self.assertEqual(sheaf.cli("migrate").returncode, 0)
        self.assertEqual(sheaf.cli("migrate").returncode, 0)
        fresh = self.sheaf(start=False)
        ends = []
        threads = [threading.Thread(target=lambda: ends.append(fresh.cli("migrate"))) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([(e.returncode, e.stderr) for e in ends], [(0, b"")] * 6)
        fresh.start()
        fresh.ended(fresh.accept(status(1, 1))[0])

    def test_doctor(self):
        gateway, sales, items = self.gateway(), self.sales(), self.items()
        parts = {"gateway": {"url": gateway.url}, "sales": {"url": sales.url}, "items": {"url": items.url}}
        sheaf = self.sheaf(parts, start=False)
        done = sheaf.cli("doctor")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for name in (b"configuration", b"store", b"gateway", b"sales", b"items"):
            self.assertEqual(len([l for l in done.stdout.splitlines() if name in l]), 1, done.stdout)
        self.assertEqual(gateway.requests, [], "looking sends nothing")
        for name in parts:
            with self.subTest(away=name):
                away = dict(parts)
                away[name] = {"url": "http://127.0.0.1:%d" % CLOSED_PORT}
                sheaf.configure(away)
                done = sheaf.cli("doctor")
                self.assertNotEqual(done.returncode, 0)
                bad = [l for l in (done.stdout + done.stderr).decode().splitlines() if not l.startswith("ok")]
                self.assertEqual(len(bad), 1, bad)
                self.assertIn(name, bad[0])
                self.assertIn(away[name]["url"] + " cannot be reached: Connection refused", bad[0])

    def test_looking_makes_and_changes_nothing(self):
        with tempfile.TemporaryDirectory(prefix="sheaf-acceptance-") as folder:
            environment = {k: v for k, v in os.environ.items() if not k.startswith("SHEAF_")}
            def sheaf(*arguments):
                return subprocess.run([harness.SHEAF, *arguments], cwd=folder, env=environment, timeout=20,
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            found = sheaf("doctor")
            self.assertEqual(found.returncode, 0, found)
            self.assertIn(b"is new", found.stdout)
            dry = sheaf("replay", "--since", "2026-01-01T00:00:00Z", "--dry-run")
            self.assertEqual(dry.returncode, 69, dry)
            self.assertIn(b"sheaf migrate", dry.stderr)
            for command in (["replay", "--since", "2026-01-01T00:00:00Z"], ["events", "show", "1"], ["windows", "list"],
                            ["windows", "flush", "sale_item_changed:1:1"], ["dead-letters", "list"],
                            ["dead-letters", "redrive", "--all"], ["backup", "copy.db"]):
                with self.subTest(command):
                    done = sheaf(*command)
                    self.assertEqual(done.returncode, 69, done)
                    self.assertIn(b"there is no database at sheaf.db", done.stderr)
            self.assertEqual(os.listdir(folder), [])
            self.assertEqual(sheaf("migrate").returncode, 0)
            self.assertIn(b"reads and writes", sheaf("doctor").stdout)
            # As a program from before the first release left it.
            with contextlib.closing(sqlite3.connect(os.path.join(folder, "sheaf.db"))) as database:
                database.execute("PRAGMA user_version = 1")
                self.assertIn(b"is older", sheaf("doctor").stdout)
                self.assertEqual(database.execute("PRAGMA user_version").fetchone(), (1,))

    def test_version_and_help(self):
        for command in ([], ["run"], ["demo"], ["sandbox"], ["migrate"], ["publish"], ["events", "show"],
                        ["windows", "list"], ["windows", "flush"], ["dead-letters", "list"],
                        ["dead-letters", "redrive"], ["doctor"]):
            with self.subTest(command=command):
                done = self.run_bare(*command, "--help")
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                self.assertIn(b"USAGE", done.stdout)
                if command:
                    self.assertIn(b"--config", done.stdout)
                done = self.run_bare(*command, "--version")
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                self.assertRegex(done.stdout.decode(), r"^\d+\.\d+\.\d+")

    def test_wrong_usage_is_64(self):
        for arguments in (["nonsense"], ["run", "--nonsense"], ["run", "--roles", "cook"], ["events", "show"],
                          [], ["events"], ["windows"], ["dead-letters"], ["windows", "flush"], ["publish", "a", "b"]):
            with self.subTest(arguments=arguments):
                done = self.run_bare(*arguments)
                self.assertEqual(done.returncode, 64, done)
                self.assertTrue(done.stderr)

    def test_text_that_is_not_utf_8_is_refused(self):
        sheaf = self.sheaf(start=False)
        sheaf.cli("publish", input=lines([status(1, 1, id="\ufffd-1")]))
        done = sheaf.cli("events", "show", b"\xff-1")
        self.assertEqual((done.returncode, done.stdout), (64, b""))
        self.assertIn(b"UTF-8", done.stderr)
        self.assertEqual(sheaf.cli("events", "show", "\ufffd-1").returncode, 0)
        done = self.run_bare("doctor", SHEAF_KAFKA_GROUP=b"\xff")
        self.assertEqual(done.returncode, 78)
        self.assertIn(b"SHEAF_KAFKA_GROUP: is not UTF-8 text", done.stderr)

    def test_wrong_configuration_is_78_and_says_where(self):
        sheaf = self.sheaf(start=False)
        for extra, words in [({"nonsense": {"key": 1}}, ["nonsense"]), ({"http": {"port": "many"}}, ["http.port"]),
                             ({"http": {"port": 70000}}, ["http.port"]), ({"locale": "fr"}, ["locale", "fr"]),
                             ({"types": window("soon")}, ["types.sale_item_changed.window", "soon"]),
                             ({"types": {"no_such_type": {"window": "1s"}}}, ["no_such_type"]),
                             ({"types": window(mode="bouncing")}, ["types.sale_item_changed.mode"]),
                             ({"store": {"url": "mysql://x"}}, ["store.url"]),
                             ({"gateway": {"url": "ftp://x"}}, ["gateway.url"]),
                             ({"gateway": {"secret": "open sesame"}}, ["gateway.secret"]),
                             ({"gateway": {"max_attempts": 0}}, ["gateway.max_attempts"]),
                             ({"http": {"host": "0.0.0.0"}}, ["http"])]:
            with self.subTest(extra=extra):
                sheaf.configure(extra)
                done = sheaf.cli("run", timeout=10)
                self.assertEqual(done.returncode, 78, done)
                for word in words:
                    self.assertIn(word, done.stderr.decode())
                self.assertNotIn("sesame", done.stderr.decode())
        with self.subTest("environment"):
            done = self.run_bare("run", SHEAF_HTTP_PORT="many")
            self.assertEqual(done.returncode, 78)
            self.assertIn("SHEAF_HTTP_PORT", done.stderr.decode())
        with self.subTest("missing file"):
            done = self.run_bare("run", "--config", "/nonexistent/sheaf.yaml")
            self.assertEqual(done.returncode, 78)
            self.assertIn("/nonexistent/sheaf.yaml", done.stderr.decode())
        for name, text in (("broken.yaml", "store: [\n"), ("broken.json", '{"store":'), ("line.yaml", "http:\n  prot: 1\n")):
            with self.subTest(name):
                path = os.path.join(sheaf.folder, name)
                with open(path, "w") as file:
                    file.write(text)
                done = self.run_bare("run", "--config", path)
                self.assertEqual(done.returncode, 78)
                self.assertIn(name, done.stderr.decode())
                if name == "line.yaml":
                    self.assertIn("http.prot", done.stderr.decode())

    def test_the_environment_overrides_the_file(self):
        sheaf = self.sheaf(start=False)
        sheaf.configure({"http": {"port": "many"}})
        with tempfile.TemporaryDirectory(prefix="sheaf-acceptance-") as folder:
            done = subprocess.run([harness.SHEAF, "migrate", "--config", sheaf.config], cwd=folder, timeout=20,
                                  env=dict(os.environ, SHEAF_HTTP_PORT="0",
                                           SHEAF_STORE_URL="sqlite:%s/other.db" % folder),
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.assertEqual(done.returncode, 0, done)
            self.assertTrue(os.path.exists(folder + "/other.db"))

    def test_a_store_out_of_reach_is_69(self):
        sheaf = self.sheaf(start=False)
        for name, extra in [
                ("postgres", {"store": {"url": "postgres://u:hush@127.0.0.1:%d/x" % CLOSED_PORT}}),
                ("sqlite in no folder", {"store": {"url": "sqlite:/nonexistent/folder/x.db"}})]:
            with self.subTest(name=name):
                sheaf.configure(dict(extra, startup={"timeout": "1s"}))
                begun = time.monotonic()
                done = sheaf.cli("run", timeout=20)
                self.assertEqual(done.returncode, 69, done)
                self.assertTrue(done.stderr.strip() or done.stdout.strip())
                self.assertNotIn(b"hush", done.stderr + done.stdout)
                self.assertLess(time.monotonic() - begun, 8)

    def test_a_port_in_use_is_reported(self):
        sheaf = self.sheaf(start=False)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen(1)
            sheaf.configure({"http": {"port": taken.getsockname()[1]}, "startup": {"timeout": "1s"}})
            done = sheaf.cli("run", timeout=20)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(str(taken and sheaf and json.load(open(sheaf.config))["http"]["port"]).encode(),
                      done.stderr + done.stdout)

    def test_a_second_process_on_the_database_is_refused(self):
        sheaf = self.sheaf({"startup": {"timeout": "1s"}})
        begun = time.monotonic()
        done = sheaf.cli("run", timeout=20)
        self.assertIn(done.returncode, (69, 78), done)
        self.assertTrue(done.stderr.strip(), "no word why")
        self.assertLess(time.monotonic() - begun, 10)
        sheaf.ended(sheaf.accept(status(1, 1))[0])
        sheaf.kill()
        sheaf.start()
        sheaf.ended(sheaf.accept(status(1, 1))[0])

    def test_signals_end_gracefully_under_load_without_loss(self):
        for name in ("SIGTERM", "SIGINT"):
            gateway = self.gateway()
            sheaf = self.sheaf({"gateway": {"url": gateway.url}, "types": window("500ms")})
            with self.subTest(signal=name):
                stop, taken, faults = threading.Event(), [], []

                def flow(part):
                    number = 0
                    while not stop.is_set():
                        ids = ["%s-%d-%d-%d" % (name, part, number, n) for n in range(20)]
                        events = [item(n % 5, part, number, id=id) for n, id in enumerate(ids)]
                        try:
                            answer = sheaf.publish(events)
                        except (OSError, harness.http.client.HTTPException):
                            return
                        if answer.status == 503:
                            return
                        if answer.status != 202:
                            faults.append(repr(answer))
                        taken.extend(ids)
                        number += 1
                        time.sleep(0.03)

                threads = [threading.Thread(target=flow, args=(n,)) for n in range(3)]
                for thread in threads:
                    thread.start()
                time.sleep(1.2)
                begun = time.monotonic()
                sheaf.process.send_signal(getattr(signal, name))
                try:
                    self.assertEqual(sheaf.process.wait(30), 0)
                finally:
                    stop.set()
                    for thread in threads:
                        thread.join()
                self.assertLess(time.monotonic() - begun, 10)
                self.assertEqual(faults, [])
                self.assertGreater(len(taken), 300)
                sheaf.connection = None
                sheaf.start()
                eventually(lambda: (lambda s: s["unprocessed"] == 0 and s["open_windows"] == 0)(
                    sheaf.get("/v1/stats")), 20)
                bound = {}
                for id in taken:
                    bound.setdefault(sheaf.event(id)["notification_id"], set()).add(id)
                eventually(lambda: set(gateway.by_key()) >= set(bound))
                self.assertNotIn(None, bound)
                notified = sum(d["event_count"] for d in gateway.documents())
                self.assertGreaterEqual(notified, len(taken))
                self.assertEqual(len({d["id"] for d in gateway.documents()}), len(gateway.documents()))
            sheaf.close()

    def test_a_signal_while_idle(self):
        sheaf = self.sheaf()
        begun = time.monotonic()
        self.assertEqual(sheaf.terminate(), 0)
        self.assertLess(time.monotonic() - begun, 3)

    def test_a_second_signal_ends_at_once(self):
        asked, go_on = threading.Event(), threading.Event()
        self.addCleanup(go_on.set)

        def hang(number, document):
            asked.set()
            go_on.wait(60)
            return 202
        sheaf = self.sheaf({"gateway": {"url": self.gateway(hang).url, "timeout": "60s"},
                            "shutdown": {"timeout": "60s"}})
        sheaf.accept(status(1, 1))
        self.assertTrue(asked.wait(10))
        sheaf.process.send_signal(signal.SIGTERM)
        with self.assertRaises(subprocess.TimeoutExpired):
            sheaf.process.wait(1)
        sheaf.process.send_signal(signal.SIGTERM)
        self.assertEqual(sheaf.process.wait(2), 128 + signal.SIGTERM)

    def blocked(self, stream):
        """A process that is held up by a pipe without room, which nobody reads."""
        sheaf = self.sheaf({"gateway": {"url": "console"}, "shutdown": {"timeout": "1s"}}, start=False)
        events = [status(n, 1, id="e%d" % n) for n in range(50)]
        self.assertEqual(sheaf.cli("publish", input=lines(events)).returncode, 0)
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        os.set_blocking(writer, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(writer, b"-")
        os.set_blocking(writer, True)
        streams = dict({"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}, **{stream: writer})
        process = subprocess.Popen([harness.SHEAF, "run", "--config", sheaf.config], cwd=sheaf.folder,
                                   stdin=subprocess.DEVNULL, **streams)
        os.close(writer)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

        def threads_that_write():
            found = 0
            for thread in os.listdir("/proc/%d/task" % process.pid):
                with open("/proc/%d/task/%s/wchan" % (process.pid, thread)) as file:
                    found += "pipe_w" in file.read()
            return found
        eventually(threads_that_write, 20)
        return process

    def test_a_signal_ends_what_waits_for_a_pipe_that_nobody_reads(self):
        for stream in ("stdout", "stderr"):
            with self.subTest(stream):
                process = self.blocked(stream)
                process.send_signal(signal.SIGTERM)
                self.assertEqual(process.wait(20), 0)

    def test_a_second_signal_ends_what_waits_for_a_log_that_nobody_reads(self):
        process = self.blocked("stderr")
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(5), 128 + signal.SIGTERM)

    def test_an_answer_that_is_being_read_is_sent_to_its_end(self):
        sheaf = self.sheaf({"gateway": {"url": self.gateway().url}})
        sheaf.accept([status(1, n, id="e%d" % n) for n in range(1000)])
        eventually(lambda: len(sheaf.get("/v1/recipients/1/notifications?limit=1000")["items"]) == 1000, 30)
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.settimeout(20)
            client.connect(("127.0.0.1", sheaf.port))
            client.sendall(b"GET /v1/recipients/1/notifications?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            answer = client.recv(4096)
            sheaf.process.send_signal(signal.SIGTERM)
            # Slowly, so that the server has long asked its connections to end.
            for _ in range(100):
                answer += client.recv(4096)
                time.sleep(0.005)
            while part := client.recv(65536):
                answer += part
        head, _, body = answer.partition(b"\r\n\r\n")
        self.assertIn(b"content-length: %d\r\n" % len(body), head.lower() + b"\r\n")
        self.assertEqual(len(json.loads(body)["items"]), 1000)
        self.assertEqual(sheaf.process.wait(10), 0)

    def test_a_signal_while_a_server_is_waited_for(self):
        url = "//127.0.0.1:%d" % CLOSED_PORT
        for key, value in (("STORE_URL", "postgres:%s/x" % url), ("DEBOUNCER_URL", "redis:" + url),
                           ("QUEUE_URL", "kafka:" + url)):
            for command in ("run", "publish"):
                if command == "publish" and key != "STORE_URL":
                    continue
                with self.subTest(key=key, command=command), tempfile.TemporaryDirectory() as folder:
                    process = subprocess.Popen(
                        [harness.SHEAF, command], cwd=folder, stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                        env={"PATH": os.environ["PATH"], "SHEAF_" + key: value, "SHEAF_HTTP_PORT": "0"})
                    with self.assertRaises(subprocess.TimeoutExpired):
                        process.wait(1)
                    process.send_signal(signal.SIGTERM)
                    errors = process.communicate(timeout=10)[1].decode()
                    self.assertEqual(process.returncode, 0, errors)
                    self.assertNotIn("Error", errors)

    def test_a_signal_ends_publish_which_keeps_what_it_read(self):
        sheaf = self.sheaf(start=False)
        for name in ("SIGTERM", "SIGINT"):
            with self.subTest(name):
                process = subprocess.Popen(
                    [harness.SHEAF, "publish", "--config", sheaf.config], cwd=sheaf.folder, stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                process.stdin.write(lines([status(1, n, id="%s-%d" % (name, n)) for n in range(1500)]) + b'{"type":')
                process.stdin.flush()
                time.sleep(1.5)
                self.assertIsNone(process.poll())
                process.send_signal(getattr(signal, name))
                process.wait(5)
                self.assertEqual(process.stdout.read().decode(), "accepted 1500, duplicate 0, rejected 0\n")
                self.assertIn("ended by a signal after line 1500", process.stderr.read().decode())
                self.assertEqual(process.returncode, 0)
                for stream in (process.stdin, process.stdout, process.stderr):
                    stream.close()

    def test_publish_shows_its_progress_on_a_terminal(self):
        sheaf = self.sheaf(start=False)
        reader, terminal = pty.openpty()
        process = subprocess.Popen([harness.SHEAF, "publish", "--config", sheaf.config], cwd=sheaf.folder,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=terminal)
        os.close(terminal)
        process.stdin.write(lines([status(1, n, id="shown-%d" % n) for n in range(1000)]))
        process.stdin.flush()
        time.sleep(0.5)
        process.stdin.write(lines([status(2, n, id="shown-%d" % n) for n in range(2000)]))
        process.stdin.close()
        shown = b""
        while True:
            try:
                part = os.read(reader, 65536)
            except OSError:  # how Linux says that nobody has the terminal open
                break
            if not part:
                break
            shown += part
        os.close(reader)
        self.assertRegex(shown.decode(), r"line \d+, \d+ a second: accepted \d+, duplicate \d+, rejected 0")
        self.assertEqual(process.stdout.read().decode(), "accepted 2000, duplicate 1000, rejected 0\n")
        self.assertEqual(process.wait(5), 0)
        process.stdout.close()

    def test_a_sandbox_whose_port_is_taken(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            done = self.run_bare("sandbox", "--port", str(port))
        self.assertEqual((done.returncode, done.stderr.decode()), (69, "cannot listen on 127.0.0.1:%d\n" % port))

    def test_a_short_signing_secret_signs_and_an_unknown_setting_of_kafka_is_refused(self):
        gateway = self.gateway()
        sheaf = self.sheaf({"gateway": {"url": gateway.url, "secret": "whsec_c2VjcmV0"}})
        sheaf.ended(sheaf.accept(status(1, 1))[0])
        [request] = eventually(lambda: gateway.requests)
        self.assertTrue(request.headers["webhook-signature"].startswith("v1,"))
        sheaf = self.sheaf({"kafka": {"options": {"bogus.option": "hunter2"}}}, start=False)
        for command in ("run", "migrate", "doctor"):
            done = sheaf.cli(command)
            self.assertEqual(done.returncode, 78)
            self.assertIn("%s: kafka.options.bogus.option: " % sheaf.config, done.stderr.decode())
            self.assertNotIn("hunter2", done.stderr.decode())

    def test_the_console_gateway_prints_a_line_a_notification(self):
        sheaf = self.sheaf()
        sheaf.ended(sheaf.accept(status(77, 1))[0])
        [line] = eventually(lambda: [l for l in sheaf.lines if l.startswith("77 ")])
        self.assertIn("Вы участвуете в распродаже", line)

    def test_demo_once_ends_with_0(self):
        done = self.run_bare("demo", "--once", SHEAF_HTTP_PORT="0")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("21 объявление больше не подходит под условия", done.stdout.decode())

"""The embedded database's file: what is acknowledged is in it, whatever becomes of it, and copies of it are whole."""

import contextlib
import http.client
import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import unittest

import harness
from harness import Case, eventually, item, promocode, status, window

# A file of the database may not become larger, in bytes.
LIMIT = 1 << 20
READER = """
import sqlite3, sys, time
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN")
print(database.execute("SELECT count(*) FROM events").fetchone(), flush=True)
time.sleep(600)
"""


def limit_files():
    """What a process does before it becomes Sheaf: from then on writing past the limit fails, and does not end it."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


@unittest.skipUnless(harness.MODE == "embedded", "of a file")
class CommitTests(Case):
    """SQLite writes a transaction at its commit: that is where the limit is met, after the last statement."""

    def acknowledged(self, sheaf, tries):
        """Publishes side by side, each sender until it failed so often; the ids that were acknowledged."""
        found, failures, lock = [], [], threading.Lock()

        def send(sender):
            failed = 0
            for n in range(5000):
                ids = ["%d-%d-%d" % (sender, n, k) for k in range(5)]
                body = json.dumps([item(sender + 1, n, k, id=id) for k, id in enumerate(ids)])
                try:
                    answer = sheaf.request("POST", "/v1/events", body, {"Content-Type": "application/json"}, fresh=True)
                except (OSError, http.client.HTTPException):
                    answer = None
                if answer is not None and answer.status == 202:
                    with lock:
                        found.extend(r["id"] for r in answer.json["results"])
                    continue
                with lock:
                    failures.append(answer)
                failed += 1
                if failed == tries:
                    return

        senders = [threading.Thread(target=send, args=(n,)) for n in range(4)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        return found, failures

    def check(self, sheaf, ids):
        """All of them are there after the next start."""
        self.assertGreater(len(ids), 50)
        sheaf.start()
        events = [item(int(id.split("-")[0]) + 1, *map(int, id.split("-")[1:]), id=id) for id in ids]
        missing = []
        for n in range(0, len(events), 500):
            results = sheaf.publish(events[n:n + 500]).json["results"]
            missing += [r["id"] for r in results if r["status"] != "duplicate"]
        self.assertEqual(missing, [], "%d of %d" % (len(missing), len(ids)))

    def test_what_was_acknowledged_is_there_though_commits_failed(self):
        sheaf = self.sheaf({"types": window("1h")})
        self.assertEqual(sheaf.terminate(), 0)
        sheaf.spawn(limit_files)
        sheaf.await_ready()
        ids, failures = self.acknowledged(sheaf, tries=10)
        self.assertEqual({answer.status for answer in failures}, {503})
        sheaf.kill()
        self.check(sheaf, ids)

    def test_what_was_acknowledged_is_there_though_the_process_is_killed_at_once(self):
        sheaf = self.sheaf({"types": window("1h")})
        for n in range(5):
            # Many rows, for which a commit takes a while.
            ids = ["9-%d-%d" % (n, k) for k in range(1000)]
            sheaf.accept([item(10, n, k, id=id) for k, id in enumerate(ids)])
            sheaf.kill()
            self.check(sheaf, ids)


@unittest.skipUnless(harness.MODE == "embedded", "of a file")
class FileTests(Case):
    def assertNotStored(self, sheaf, file):
        answer = sheaf.publish([status(1, 2)])
        self.assertEqual(answer.status, 503, answer)
        ready = sheaf.request("GET", "/readyz")
        self.assertEqual(ready.status, 503, ready)
        self.assertIn("deleted, moved or replaced", ready.json["parts"]["store"]["detail"], ready)
        self.assertIn(os.path.basename(file), ready.json["parts"]["store"]["detail"], ready)

    def test_nothing_is_acknowledged_once_a_file_is_gone(self):
        for suffix in ("", "-wal"):
            with self.subTest(suffix):
                sheaf = self.sheaf({"types": window("1h")})
                sheaf.accept([status(1, 1)])
                os.unlink(sheaf.database + suffix)
                self.assertNotStored(sheaf, sheaf.database + suffix)

    def test_another_file_in_its_place_is_not_taken_for_it_and_its_return_is_noticed(self):
        sheaf = self.sheaf({"types": window("1h")})
        sheaf.accept([status(1, 1, id="before")])
        os.rename(sheaf.database, sheaf.database + ".moved")
        sqlite3.connect(sheaf.database).close()
        open(sheaf.database, "ab").close()
        self.assertNotStored(sheaf, sheaf.database)
        os.rename(sheaf.database + ".moved", sheaf.database)
        sheaf.accept([status(1, 3, id="after")])
        eventually(lambda: sheaf.request("GET", "/readyz").status == 200)
        sheaf.kill()
        sheaf.start()
        for id in ("before", "after"):
            self.assertEqual(sheaf.event(id)["id"], id)

    def test_what_is_owed_to_the_erased_is_done_at_the_next_start(self):
        sheaf = self.sheaf({"types": window("60s")})

        def holds(text):
            files = (sheaf.database + suffix for suffix in ("", "-wal"))
            return [file for file in files if os.path.exists(file) and text in open(file, "rb").read()]

        sheaf.accept([promocode(7, 1, "HUSHHUSH7", id="notified")])
        sheaf.delivered(sheaf.ended("notified")["notification_id"])
        # Who reads on keeps the log from being emptied. It is killed: if it ended well, it would empty it itself.
        with subprocess.Popen([sys.executable, "-c", READER, sheaf.database], stdout=subprocess.PIPE) as reader:
            reader.stdout.readline()
            self.assertEqual(sheaf.request("DELETE", "/v1/recipients/7").status, 204)
            sheaf.kill()
            reader.kill()
        self.assertTrue(holds(b"HUSHHUSH7"))
        sheaf.start()
        self.assertEqual(holds(b"HUSHHUSH7"), [])


class LimitTests(Case):
    def test_a_batch_larger_than_what_may_wait_is_taken(self):
        sheaf = self.sheaf({"types": window("1h"), "ingest": {"max_pending": 1, "max_backlog": 1}})
        sheaf.accept([item(1, 1, n) for n in range(50)])
        sheaf.accept([item(1, 2, n) for n in range(50)])


class BackupTests(Case):
    @unittest.skipUnless(harness.MODE == "embedded", "of a file")
    def test_a_copy_is_whole_while_events_come(self):
        sheaf = self.sheaf({"types": window("1h")})
        ids = ["first-%d" % n for n in range(200)]
        sheaf.accept([item(1, n, n, id=id) for n, id in enumerate(ids)])
        ended, errors = threading.Event(), []

        def go_on():
            n = 0
            while not ended.is_set():
                n += 1
                answer = sheaf.publish([item(2, n, n, id="later-%d" % n)])
                if answer.status != 202:
                    errors.append(answer)

        sender = threading.Thread(target=go_on)
        sender.start()
        copy = os.path.join(sheaf.folder, "copy.db")
        done = sheaf.cli("backup", copy)
        ended.set()
        sender.join()
        self.assertEqual((done.returncode, done.stderr, errors), (0, b"", []))
        self.assertEqual(done.stdout.decode(), "copied the database to %s\n" % copy)
        self.assertEqual(os.stat(copy).st_mode & 0o777, 0o600)
        self.assertEqual([name for name in os.listdir(sheaf.folder) if name.startswith("copy")], ["copy.db"])
        with contextlib.closing(sqlite3.connect(copy)) as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            self.assertGreaterEqual(database.execute("SELECT count(*) FROM events").fetchone()[0], len(ids))

        # What exists is left as it is.
        before = open(copy, "rb").read()
        done = sheaf.cli("backup", copy)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn(b"already", done.stderr)
        self.assertEqual(open(copy, "rb").read(), before)
        done = sheaf.cli("backup", os.path.join(sheaf.folder, "none", "copy.db"))
        self.assertEqual(done.returncode, 69, done)

        # Sheaf runs on it.
        self.assertEqual(sheaf.terminate(), 0)
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(sheaf.database + suffix)
        os.rename(copy, sheaf.database)
        sheaf.start()
        results = sheaf.publish([item(1, n, n, id=id) for n, id in enumerate(ids)]).json["results"]
        self.assertEqual({result["status"] for result in results}, {"duplicate"})

    @unittest.skipUnless(harness.MODE == "embedded", "of a file")
    def test_there_is_nothing_to_copy(self):
        sheaf = self.sheaf(start=False)
        done = sheaf.cli("backup", "copy.db")
        self.assertEqual(done.returncode, 69, done)
        self.assertIn(b"there is no database at", done.stderr)
        self.assertEqual([name for name in os.listdir(sheaf.folder) if name.endswith(".db")], [])

    def test_another_database_has_a_command_of_its_own(self):
        sheaf = self.sheaf(start=False)
        sheaf.configure({"store": {"url": "postgres://sheaf@127.0.0.1:1/sheaf"}})
        done = sheaf.cli("backup", "copy.db")
        self.assertEqual(done.returncode, 78, done)
        self.assertIn(b"pg_dump", done.stderr)
        self.assertFalse(os.path.exists(os.path.join(sheaf.folder, "copy.db")))

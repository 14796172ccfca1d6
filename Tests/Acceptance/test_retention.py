"""Erasing, retention and replays."""

import os
import sqlite3
import time
import unittest

import harness
from harness import Case, eventually, item, promocode, status, window


def moment(seconds=0):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def content(path):
    """Every row of the database file."""
    database = sqlite3.connect(path)
    try:
        return list(database.iterdump())
    finally:
        database.close()


class UpgradeTests(Case):
    @unittest.skipUnless(harness.MODE == "embedded", "of a file")
    def test_a_database_from_before_the_first_release_is_refused(self):
        sheaf = self.sheaf(start=False)
        database = sqlite3.connect(sheaf.database)
        database.executescript("CREATE TABLE bindings (id BLOB PRIMARY KEY); PRAGMA user_version = 2")
        database.close()
        for command in (("migrate",), ("run",), ("replay", "--since", moment(-60), "--dry-run"), ("doctor",)):
            refused = sheaf.cli(*command)
            self.assertNotEqual(refused.returncode, 0, command)
            self.assertIn(b"is older than the first release", refused.stderr + refused.stdout, command)
        database = sqlite3.connect(sheaf.database)
        self.assertEqual(database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall(),
                         [("bindings",)], "nothing was changed")
        database.close()

    @unittest.skipUnless(harness.MODE == "embedded", "of a file")
    def test_migrating_twice_changes_nothing(self):
        sheaf = self.sheaf(start=False)
        for _ in range(2):
            self.assertEqual(sheaf.cli("migrate").returncode, 0)


class ErasingTests(Case):
    def test_erasing_under_way_brings_nothing_back(self):
        # The first attempts fail, so that messages of the notification are held back.
        gateway = self.gateway(lambda number, document: 503)
        sheaf = self.sheaf({"gateway": {"url": gateway.url, "max_attempts": 2}, "types": window("1s")})
        ended = sheaf.accept([status(5, n, id="ended-%d" % n) for n in range(20)])
        waits = [id for part in range(2) for id in sheaf.accept(
            [item(5, n % 7, n, id="waits-%d-%d" % (part, n)) for n in range(800)])]
        sheaf.accept(status(6, 1, id="other"))
        eventually(lambda: len(gateway.requests) >= 10)
        self.assertEqual(sheaf.request("DELETE", "/v1/recipients/5").status, 204)
        for id in (ended[0], ended[-1], waits[0], waits[-1]):
            self.assertEqual(sheaf.request("GET", "/v1/events/" + id).status, 404, id)
        # Past the window's end, and past the last attempt of what was in hand.
        sheaf.delivered(sheaf.event("other")["notification_id"], "failed", seconds=15)
        time.sleep(2)
        self.assertEqual(sheaf.feed(5), {"items": [], "next": None, "unread": 0})
        self.assertEqual([letter["recipient_id"] for letter in sheaf.get("/v1/dead-letters")["items"]
                          if letter.get("recipient_id") == 5], [])
        self.assertEqual(len(sheaf.get("/v1/dead-letters")["items"]), 1)
        self.assertEqual(sheaf.get("/v1/windows")["items"], [])
        eventually(lambda: sheaf.get("/v1/stats")["outbox_backlog"] == 0)
        # The producer's ids stay known.
        again = sheaf.publish([status(5, 0, id="ended-0")]).json["results"][0]
        self.assertEqual(again["status"], "duplicate")


    @unittest.skipUnless(harness.MODE == "embedded", "of a file")
    def test_no_copy_is_left_in_the_files(self):
        sheaf = self.sheaf({"types": window("60s")})
        def holds(text):
            files = (sheaf.database + suffix for suffix in ("", "-wal"))
            return [file for file in files if os.path.exists(file) and text in open(file, "rb").read()]
        # Later ones lie among what others left.
        sheaf.accept([promocode(1000 + n, 1, id="other-%d" % n) for n in range(200)])
        for recipient in (4, 5, 6):
            promo = promocode(recipient, 1, "HUSHHUSH%d" % recipient, id="ended-%d" % recipient)
            sheaf.accept([promo, item(recipient, 1, 1, id="waits-%d" % recipient)])
            sheaf.delivered(sheaf.ended("ended-%d" % recipient)["notification_id"])
            if recipient == 4:
                self.assertEqual(sheaf.request("DELETE", "/v1/recipients/4").status, 204)
                self.assertEqual(holds(b"HUSHHUSH4"), [])
        self.assertTrue(holds(b"HUSHHUSH5"))
        self.assertEqual(sheaf.request("DELETE", "/v1/recipients/5").status, 204)
        self.assertEqual(holds(b"HUSHHUSH5"), [])
        self.assertTrue(holds(b"HUSHHUSH6"))
        # Somebody who reads on delays it.
        reader = sqlite3.connect(sheaf.database, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        sheaf.accept(promocode(7, 1, "HUSHHUSH7", id="ended-7"))
        sheaf.delivered(sheaf.ended("ended-7")["notification_id"])
        self.assertEqual(sheaf.request("DELETE", "/v1/recipients/7").status, 204)
        self.assertTrue(holds(b"HUSHHUSH7"))
        reader.close()
        eventually(lambda: not holds(b"HUSHHUSH7"))
        # What is left is in the one file once the program has ended.
        self.assertEqual(sheaf.terminate(), 0)
        self.assertEqual(holds(b"HUSHHUSH6"), [sheaf.database])


class RetentionTests(Case):
    def test_what_was_kept_long_enough_is_removed(self):
        gateway = self.gateway(lambda number, document: 400 if document["recipient_id"] == 3 else 202)
        sheaf = self.sheaf({
            "gateway": {"url": gateway.url}, "types": window("60s"),
            "retention": {"events": "2s", "notifications": "4s", "dead_letters": "4s"}})
        sheaf.accept([status(1, n, id="old-%d" % n) for n in range(300)] + [item(2, 1, 1, id="waits")]
                     + [status(3, 1, id="refused")])
        notification = sheaf.ended("old-299")["notification_id"]
        eventually(lambda: sheaf.request("GET", "/v1/events/old-0").status == 404, seconds=15)
        eventually(lambda: sheaf.request("GET", "/v1/notifications/" + notification).status == 404, seconds=15)
        eventually(lambda: sheaf.feed(1)["items"] == [], seconds=15)
        eventually(lambda: sheaf.get("/v1/dead-letters")["items"] == [], seconds=15)
        self.assertNotIn("no description", sheaf.request("GET", "/metrics").body.decode())
        # What waits stays, and a producer's id is known for ever.
        self.assertEqual(sheaf.event("waits")["status"], "new")
        again = sheaf.publish([status(1, 0, id="old-0")]).json["results"][0]
        self.assertEqual(again["status"], "duplicate")


class ReplayTests(Case):
    def replayed(self):
        """A running service that notified of six events in three windows."""
        gateway = self.gateway()
        sheaf = self.sheaf({"gateway": {"url": gateway.url}, "types": window("500ms")})
        since = moment(-1)
        for part in range(3):
            ids = sheaf.accept([item(1, 1, 2 * part + n, id="e%d-%d" % (part, n)) for n in range(2)])
            for id in ids:
                sheaf.ended(id)
        eventually(lambda: len(gateway.documents()) == 3)
        return gateway, sheaf, since

    def test_a_dry_run_prints_what_would_differ_and_writes_nothing(self):
        gateway, sheaf, since = self.replayed()
        same = sheaf.cli("replay", "--since", since, "--dry-run")
        self.assertEqual(same.returncode, 0, same.stderr)
        self.assertIn("notifications: 3 before, 3 now, as many", same.stdout.decode())
        self.assertEqual(sheaf.terminate(), 0)
        before = content(sheaf.database) if harness.MODE == "embedded" else None
        sheaf.configure({"gateway": {"url": gateway.url}, "types": window("1h")})
        done = sheaf.cli("replay", "--since", since, "--dry-run")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.decode().splitlines()
        self.assertRegex(lines[0], r"^window sale_item_changed:1:1 of \S+, 6 events: merge of 3 windows$")
        self.assertEqual(lines[1:], [
            "events: 6; left out: 0 waiting, 0 given up",
            "windows: 3 before, 1 now; 1 merged, 0 split, 0 cut by the period",
            "notifications: 3 before, 1 now, 2 fewer; 0 reworded, 0 suppressed, 0 cannot be composed",
            "nothing was written or sent"])
        sheaf.configure({"gateway": {"url": gateway.url},
                         "types": {"sale_item_changed": {"delivery": "immediate"}}})
        done = sheaf.cli("replay", "--since", since, "--dry-run", "--type", "sale_item_changed")
        self.assertIn("windows: 3 before, 6 now; 0 merged, 3 split", done.stdout.decode())
        self.assertIn("notifications: 3 before, 6 now, 3 more", done.stdout.decode())
        if before is not None:
            self.assertEqual(content(sheaf.database), before)
        self.assertEqual(len(gateway.documents()), 3)

    def test_a_dry_run_prints_what_reads_differently(self):
        gateway, sheaf, since = self.replayed()
        sheaf.configure({"gateway": {"url": gateway.url}, "types": window("500ms"), "locale": "en"})
        done = sheaf.cli("replay", "--since", since, "--dry-run")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.decode().splitlines()
        self.assertEqual(len([line for line in lines if line.startswith("window ")]), 3)
        for line in lines[:3]:
            self.assertRegex(line, r'^window sale_item_changed:1:1 of \S+, 2 events: reworded: "[^"]*товар[^"]*" is now '
                                   r'"[^"]*item[^"]*"')
        self.assertIn("3 reworded", done.stdout.decode())

    def test_a_replay_sends_once_however_often_it_is_run(self):
        gateway, sheaf, since = self.replayed()
        sheaf.configure({"gateway": {"url": gateway.url}, "types": window("1h")})
        for expected in ("enqueued 1, composed before or gone 0", "enqueued 0, composed before or gone 1"):
            done = sheaf.cli("replay", "--since", since)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stdout.decode().splitlines()[-1], expected)
        eventually(lambda: len(gateway.documents()) == 4)
        time.sleep(0.5)
        self.assertEqual(len(gateway.documents()), 4)
        newest = sheaf.feed(1)["items"][0]
        self.assertEqual(newest["event_count"], 6)
        steps = [step for step in sheaf.event("e1-1")["history"] if step["step"] == "replayed"]
        self.assertEqual(len(steps), 1)
        self.assertIn(newest["id"], steps[0]["detail"])

    def test_wrong_usage(self):
        sheaf = self.sheaf(start=False)
        self.assertEqual(sheaf.cli("migrate").returncode, 0)
        for arguments in ([], ["--since", "yesterday"], ["--since", moment(), "--until", moment(-60)],
                          ["--since", moment(-60), "--type", "nonsense"]):
            done = sheaf.cli("replay", *arguments)
            self.assertEqual(done.returncode, 64, (arguments, done.stderr))
            self.assertTrue(done.stderr)

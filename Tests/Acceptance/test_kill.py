"""The process is killed at random moments while events flow: nothing lost, nothing doubled."""

import collections
import http.client
import json
import os
import random
import tempfile
import threading
import time

from harness import Case, eventually, item, note, promocode, status, window

# How often the process is killed; more kills meet more events.
KILLS = int(os.environ.get("SHEAF_TEST_KILLS", "50"))
EVENTS = 100 * KILLS
SEED = 20261123
# A declared type, whose words and policy change in between.
COMMENT = """
data: {post: id, comment_id: id}
key: [post]
delivery: {mode: %s, window: 1s}
texts: {en: {list_title: "version %d: {count, plural, one {# comment} other {# comments}}"}}
"""
REMOVED = "data: {comment_id: id}\nretracts: {type: comment, by: [comment_id]}\n"


class KillTests(Case):
    seconds = 60 * max(1, KILLS // 50)

    @staticmethod
    def reload(sheaf, pause):
        """Asks for a reload; the process may be killed in the middle of it."""
        time.sleep(pause)
        try:
            sheaf.request("POST", "/v1/reload", fresh=True)
        except (OSError, TypeError, http.client.HTTPException):
            pass

    def test_kills_lose_and_double_nothing(self):
        begun = time.monotonic()
        chance = random.Random(SEED)
        gateway = self.gateway()
        sales = self.sales(lambda sale, item: sale % 10 != 0)
        items = self.items()
        folder = tempfile.TemporaryDirectory(prefix="sheaf-acceptance-")
        self.addCleanup(folder.cleanup)
        versions = [0]

        def write(name, text):
            with open(os.path.join(folder.name, name + ".yaml"), "w", encoding="utf-8") as file:
                file.write(text)

        def declare():
            write("comment", COMMENT % (("tumbling", "sliding", "leading")[versions[0] % 3], versions[0]))

        write("comment_removed", REMOVED)
        declare()
        sheaf = self.sheaf({"gateway": {"url": gateway.url}, "sales": {"url": sales.url},
                            "items": {"url": items.url}, "types": dict(window("1s"), folder=folder.name),
                            "log": {"level": "notice"}})

        # Nine tenths are under 500 keys, a tenth of them that end suppressed; 200 are notified at once; the others are of
        # the declared type, a fourth of which take an earlier one back. Those of one key come within a second or two of
        # each other, as bursts do.
        declared = EVENTS // 10
        events = [item(recipient=n % 500 // 5 + 1, sale=n % 500 % 5 * 1000 + n % 500, item=n + 1,
                       id="item-%d" % n) for n in range(EVENTS - 200 - declared)]
        events += [status(n % 100 + 1, n, id="status-%d" % n) for n in range(100)]
        events += [promocode(n % 100 + 1, n, id="code-%d" % n) for n in range(100)]
        chance.shuffle(events)
        events.sort(key=lambda e: (e["data"].get("sale_id", 0) % 1000 % 500 if "item_id" in e["data"]
                                   else chance.random() * 500) + chance.random() * 40)
        comments = [{"type": "comment", "recipient_id": n // 50 + 1, "id": "comment-%d" % n,
                     "data": {"post": n // 10, "comment_id": n}} if n % 4 else
                    {"type": "comment_removed", "recipient_id": n // 50 + 1, "id": "removed-%d" % n,
                     "data": {"comment_id": n - chance.choice((1, 2, 3, 5, 6, 7, 17))}} for n in range(declared)]
        for place, comment in enumerate(comments):
            events.insert(place * 10 + chance.randrange(8), comment)
        batches = [events[n:n + 20] for n in range(0, EVENTS, 20)]

        statuses = collections.Counter()
        resent = [0]
        errors = []
        sending = threading.Event()
        pending = collections.deque(batches)

        def send():
            connection = None
            try:
                while True:
                    try:
                        batch = pending.popleft()
                    except IndexError:
                        break
                    body = json.dumps(batch)
                    sent = 0
                    while True:
                        port = sheaf.port
                        if port is None:
                            time.sleep(0.01)
                            continue
                        try:
                            if connection is None or connection.port != port:
                                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                            sent += 1
                            sending.set()
                            connection.request("POST", "/v1/events", body,
                                               {"Content-Type": "application/json"})
                            response = connection.getresponse()
                            answer = response.read()
                        except (OSError, http.client.HTTPException):
                            connection.close()
                            connection = None
                            time.sleep(0.01)
                            continue
                        if response.status == 503:
                            time.sleep(0.2)
                            continue
                        break
                    if response.status != 202:
                        errors.append("%d %r" % (response.status, answer[:200]))
                        return
                    results = json.loads(answer)["results"]
                    if [r["id"] for r in results] != [e["id"] for e in batch]:
                        errors.append("ids out of order: %r" % results[:3])
                    for result in results:
                        statuses[result["status"]] += 1
                        if result["status"] == "duplicate" and sent == 1:
                            errors.append("%s is a duplicate, though sent once" % result["id"])
                    resent[0] += sent - 1
                    # Paced, so that the flow lasts as long as the kills.
                    time.sleep(0.10 * chance.random() + 0.10)
            except Exception as error:  # pylint: disable=broad-except
                errors.append(repr(error))

        senders = [threading.Thread(target=send) for _ in range(2)]
        for sender in senders:
            sender.start()

        # Kills: with the work at hand looked up just before, from the running process.
        with_work = 0
        mid_send = 0
        for kill in range(KILLS):
            time.sleep(0.05 + chance.random() * 0.8)
            answer = None
            try:
                answer = sheaf.request("GET", "/v1/stats", fresh=True, timeout=5)
            except (OSError, http.client.HTTPException):
                pass
            if answer is not None and answer.status == 200:
                stats = answer.json
                if stats["unprocessed"] > 0:
                    with_work += 1
            if any(s.is_alive() for s in senders):
                mid_send += 1
            if kill % 2:
                # Every other kill is aimed at a batch on its way.
                sending.clear()
                if sending.wait(1):
                    time.sleep(chance.random() * 0.012)
            if kill % 10 == 7:
                versions[0] += 1
                declare()
                reload = threading.Thread(target=self.reload, args=(sheaf, chance.random() * 0.03))
                reload.start()
                reload.join(chance.random() * 0.1)
            sheaf.port = None
            sheaf.kill()
            sheaf.spawn()
            if kill % 5 == 4:
                sheaf.await_ready()
            else:
                sheaf.listening.wait(20)
                self.assertIsNotNone(sheaf.port, "\n".join(sheaf.lines[-20:]))
        flowing = time.monotonic() - begun
        for sender in senders:
            sender.join(60)
        self.assertEqual(errors, [])
        self.assertFalse(any(s.is_alive() for s in senders))
        self.assertEqual(sum(statuses.values()), EVENTS)
        self.assertEqual(statuses["rejected"], 0)
        self.assertEqual(statuses["accepted"] + statuses["duplicate"], EVENTS)

        # All ends.
        sheaf.await_ready()
        eventually(lambda: (lambda s: s["unprocessed"] == 0 and s["open_windows"] == 0
                            and s["outbox_backlog"] == 0 and s["queue_backlog"] == 0
                            and s["pending_notifications"] == 0)(
                                sheaf.get("/v1/stats")), 40, 0.2, "the end of all work")

        self.assertEqual(sheaf.request("POST", "/v1/reload").status, 200)
        self.assertGreaterEqual(sheaf.get("/v1/types")["revision"], max(2, KILLS // 40), "reloads must succeed")
        ends = collections.Counter()
        reasons = collections.Counter()
        bound = collections.defaultdict(set)
        for event in events:
            found = sheaf.event(event["id"])
            ends[found["status"]] += 1
            if found["status"] == "processed":
                bound[found["notification_id"]].add(event["id"])
            elif found["status"] == "suppressed":
                reasons[found["reason"]] += 1
                if event["type"] == "sale_item_changed":
                    self.assertEqual(found["reason"], "no_banned_items", found)
                    self.assertEqual(event["data"]["sale_id"] % 10, 0, found)
                else:
                    self.assertEqual(found["reason"], {"comment": "retracted",
                                                       "comment_removed": "retraction"}[event["type"]], found)
            else:
                self.fail("event did not end: %r" % found)

        by_key = gateway.by_key()
        in_notification = collections.Counter()
        two_bodies = []
        for key, requests in by_key.items():
            bodies = {r.body.decode() for r in requests}
            if len(bodies) > 1:
                two_bodies.append((key, sorted(bodies)))
            found = sheaf.notification(key)
            self.assertEqual(found["status"], "delivered", found)
            self.assertEqual(set(found["event_ids"]), bound[key])
            self.assertEqual(found["event_count"], len(found["event_ids"]))
            self.assertEqual(json.loads(requests[0].body)["event_count"], found["event_count"])
            in_notification.update(found["event_ids"])
        self.assertEqual(set(bound), set(by_key), "notifications = distinct keys at the gateway")
        twice = [e for e, n in in_notification.items() if n > 1]
        self.assertEqual(twice, [])
        self.assertEqual(len(in_notification), ends["processed"])
        notified = sum(1 for e in events if e["type"] != "comment_removed"
                   and (e["type"] != "sale_item_changed" or e["data"]["sale_id"] % 10 != 0)) - reasons["retracted"]
        self.assertEqual(reasons["retraction"], declared - declared * 3 // 4)
        self.assertGreater(reasons["retracted"], declared // 20, "some must be taken back in time")
        self.assertEqual(ends["processed"], notified)
        self.assertEqual(ends["suppressed"], EVENTS - notified)

        repeated = sum(len(r) - 1 for r in by_key.values())
        note("kill: %d kills, %d with work at hand, %d while events came in; %d batches resent, "
             "%d duplicates; %d taken back, %d revisions; %d notifications, %d repeated requests; %.0f s flowing, "
             "%.0f s in all"
             % (KILLS, with_work, mid_send, resent[0], statuses["duplicate"], reasons["retracted"],
                sheaf.get("/v1/types")["revision"], len(by_key), repeated, flowing, time.monotonic() - begun))
        self.assertEqual(two_bodies[:2], [], "%d keys came with different bodies" % len(two_bodies))
        self.assertGreaterEqual(with_work, 10, "kills must land while work goes on")
        self.assertGreaterEqual(mid_send, 25, "kills must land while events come in")
        self.assertGreaterEqual(resent[0], 3, "kills must meet batches on their way")

"""What the gateway sees: keys, retries, dead letters, signatures, traces."""

import base64
import datetime
import hashlib
import hmac
import json
import re
import time

import harness
from harness import Case, eventually, item, status, window

TRACE = r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"


class GatewayTests(Case):
    seconds = 22

    def pair(self, script=None, **gateway):
        server = self.gateway(script)
        gateway = dict({"url": server.url}, **gateway)
        return server, self.sheaf({"gateway": gateway, "types": window("200ms")})

    def notified(self, sheaf, event, state="delivered", seconds=15):
        [id] = sheaf.accept(event)
        found = sheaf.ended(id)
        return sheaf.delivered(found["notification_id"], state, seconds)

    def test_passing_failures_are_retried_under_one_key(self):
        steps = {n: [step, step] for n, step in enumerate((503, 500, 502, 504, 408, 409, 423, 425, 429, "break"))}
        gateway, sheaf = self.pair(
            lambda n, d: steps[d["recipient_id"]].pop() if steps[d["recipient_id"]] else 200)
        expected = {n: s[0] for n, s in steps.items()}
        ids = sheaf.accept([status(n, 1) for n in expected])
        for (recipient, step), id in zip(expected.items(), ids):
            with self.subTest(step=step):
                found = sheaf.delivered(sheaf.ended(id)["notification_id"], seconds=15)
                self.assertEqual(found["recipient_id"], recipient)
                requests = gateway.by_key()[found["id"]]
                self.assertEqual([r.answered for r in requests], [step, step, 200])
                self.assertEqual(len({r.body for r in requests}), 1)
                self.assertEqual([a["number"] for a in found["attempts"]], [1, 2, 3])
                self.assertEqual([a["http_status"] for a in found["attempts"]],
                                 [None if step == "break" else step] * 2 + [200])
        self.assertEqual(len(gateway.by_key()), len(expected))
        self.assertEqual(sheaf.get("/v1/dead-letters")["items"], [])

    def test_a_time_out_is_retried(self):
        gateway, sheaf = self.pair(["hang", 200], timeout="500ms")
        found = self.notified(sheaf, status(1, 1))
        self.assertEqual([r.key for r in gateway.requests], [found["id"]] * 2)

    def test_retry_after_is_heeded(self):
        gateway, sheaf = self.pair([(429, [("Retry-After", "2")]), (503, [("Retry-After", "2")]), 200])
        self.notified(sheaf, status(1, 1))
        times = [r.at for r in gateway.requests]
        for pause in (times[1] - times[0], times[2] - times[1]):
            self.assertGreaterEqual(pause, 1.9)
            self.assertLess(pause, 4.5)

    def test_any_status_with_retry_after_is_tried_again(self):
        gateway, sheaf = self.pair([(409, [("Retry-After", "1")]), (404, [("Retry-After", "1")]), 200])
        found = self.notified(sheaf, status(1, 1))
        self.assertEqual([r.key for r in gateway.requests], [found["id"]] * 3)

    def test_a_process_has_as_many_requests_under_way_as_it_may(self):
        """None is late because it waited for its turn: the last of them do for longer than an attempt may take."""
        for limit, count in ((None, 400), (5, 25)):
            with self.subTest(limit=limit):
                more = {} if limit is None else {"max_in_flight": limit}
                gateway, sheaf = self.pair(lambda n, d: 1.2, timeout="4s", max_attempts=1, **more)
                ids = sheaf.accept([status(n, 1) for n in range(count)])
                for id in ids:
                    sheaf.delivered(sheaf.ended(id)["notification_id"], seconds=40)
                self.assertEqual(len(gateway.requests), count)
                self.assertLessEqual(gateway.most_slow, limit or 128)
                self.assertGreaterEqual(gateway.most_slow, limit or 100)

    def test_a_forced_shutdown_is_no_attempt(self):
        gateway, sheaf = self.pair(lambda n, d: 6.0 if n == 0 else 200, max_attempts=1)
        sheaf.configure({"gateway": {"url": gateway.url, "max_attempts": 1}, "shutdown": {"timeout": "1s"}})
        sheaf.terminate()
        sheaf.start()
        [id] = sheaf.accept(status(1, 1))
        found = sheaf.ended(id)["notification_id"]
        eventually(lambda: gateway.requests, what="the request")
        self.assertEqual(sheaf.terminate(), 0)
        sheaf.start()
        found = sheaf.delivered(found, seconds=30)
        self.assertEqual([a["outcome"] for a in found["attempts"]], ["delivered"])
        self.assertEqual([r.key for r in gateway.requests], [found["id"]] * 2)
        self.assertEqual(sheaf.get("/v1/dead-letters")["items"], [])

    def test_one_that_fails_holds_no_other_up(self):
        gateway, sheaf = self.pair(lambda n, d: 503 if d["recipient_id"] == 1 else 200)
        [stuck] = sheaf.accept(status(1, 1))
        eventually(lambda: gateway.requests)
        begun = time.monotonic()
        for id in sheaf.accept([status(2, n) for n in range(20)]):
            sheaf.delivered(sheaf.ended(id)["notification_id"])
        self.assertLess(time.monotonic() - begun, 5)
        self.assertEqual(sheaf.notification(sheaf.event(stuck)["notification_id"])["status"], "pending")

    def hanging(self):
        """60 notifications that are all due at a start, of which recipient 1's hangs at the gateway."""
        gateway, sheaf = self.pair(lambda n, d: "hang")
        gateway.hang_seconds = 8
        ids = sheaf.accept([status(n + 1, 1) for n in range(60)])
        for id in ids:
            sheaf.ended(id)
        sheaf.kill()
        with gateway.lock:
            gateway.requests.clear()
        gateway.script = lambda n, d: "hang" if d["recipient_id"] == 1 else 200
        sheaf.start()
        # On servers what a killed process held is free when its lease ends.
        eventually(lambda: len(gateway.by_key()) == 60, 10 if harness.MODE == "embedded" else 30, what="60 requests")
        return gateway, sheaf, ids

    def test_one_that_hangs_keeps_no_other_from_being_recorded(self):
        gateway, sheaf, ids = self.hanging()
        time.sleep(1)
        late = [i for i in ids[1:] if sheaf.notification(sheaf.event(i)["notification_id"])["status"] != "delivered"]
        self.assertEqual(len(late), 0, "taken by the gateway a second ago, not recorded")

    def test_a_kill_repeats_requests_in_flight_only(self):
        gateway, sheaf, ids = self.hanging()
        time.sleep(1)
        sheaf.kill()
        gateway.script = None
        sheaf.start()
        for id in ids:
            sheaf.delivered(sheaf.ended(id)["notification_id"])
        repeated = [json.loads(r[0].body)["recipient_id"] for r in gateway.by_key().values() if len(r) > 1]
        self.assertEqual(repeated, [1], "answered a second before the kill, and sent again after it")

    def test_a_refusal_fails_at_once_and_a_redrive_delivers(self):
        answer = [400]
        gateway, sheaf = self.pair(lambda n, d: answer[0])
        for way in ("api", "cli", "cli --all"):
            with self.subTest(way=way):
                answer[0] = 400
                before = len(gateway.requests)
                found = self.notified(sheaf, status(1, 1), "failed")
                time.sleep(0.2)
                self.assertEqual(len(gateway.requests), before + 1, "a refusal is not tried again")
                [letter] = sheaf.get("/v1/dead-letters")["items"]
                self.assertEqual(letter["topic"], "notification_send")
                for member in ("id", "reason", "error", "message", "failed_at"):
                    self.assertTrue(letter[member], member)
                self.assertIn(found["id"], json.dumps(letter))
                self.assertRegex(letter["failed_at"], r"^\d{4}-\d\d-\d\dT[\d:.]+Z$")
                answer[0] = 200
                if way == "api":
                    path = "/v1/dead-letters/%s/redrive" % letter["id"]
                    self.assertEqual(sheaf.request("POST", path).status, 202)
                elif way == "cli":
                    done = sheaf.cli("dead-letters", "redrive", letter["id"])
                    self.assertEqual(done.returncode, 0, done.stderr)
                else:
                    done = sheaf.cli("dead-letters", "redrive", "--all")
                    self.assertEqual(done.returncode, 0, done.stderr)
                sheaf.delivered(found["id"])
                self.assertEqual(gateway.requests[-1].key, found["id"])
                self.assertEqual(gateway.requests[-1].body, gateway.requests[-2].body)
                self.assertEqual(sheaf.get("/v1/dead-letters")["items"], [])
                self.assertEqual(sheaf.request("POST", "/v1/dead-letters/%s/redrive" % letter["id"]).status, 404)

    def test_attempts_used_up_fail(self):
        gateway, sheaf = self.pair(lambda n, d: 503, max_attempts=2)
        found = self.notified(sheaf, status(1, 1, id="used-up"), "failed")
        time.sleep(2.5)
        self.assertEqual([r.key for r in gateway.requests], [found["id"]] * 2)
        self.assertEqual(len(sheaf.get("/v1/dead-letters")["items"]), 1)
        self.assertEqual(sheaf.event("used-up")["status"], "processed")
        self.assertIn("failed", json.dumps(sheaf.event("used-up")["history"]))
        self.assertTrue([v for k, v in sheaf.metrics().items()
                         if k.startswith("sheaf_dead_letters_total{") and v == 1])

    def test_signatures_are_right(self):
        key = bytes(range(32))
        gateway, sheaf = self.pair([503, 200], secret="whsec_" + base64.b64encode(key).decode())
        found = self.notified(sheaf, status(1, 1))
        self.assertEqual(len(gateway.requests), 2)
        for request in gateway.requests:
            headers = request.headers
            self.assertEqual(headers["webhook-id"], found["id"])
            self.assertEqual(headers["idempotency-key"], found["id"])
            self.assertTrue(headers["content-type"].startswith("application/json"))
            self.assertLess(abs(int(headers["webhook-timestamp"]) - time.time()), 30)
            text = ("%s.%s." % (headers["webhook-id"], headers["webhook-timestamp"])).encode() + request.body
            signed = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
            self.assertIn("v1," + signed, headers["webhook-signature"].split(" "))

    def test_without_a_secret_nothing_is_signed(self):
        gateway, sheaf = self.pair()
        self.notified(sheaf, status(1, 1))
        self.assertNotIn("webhook-signature", gateway.requests[0].headers)
        self.assertIn("webhook-timestamp", gateway.requests[0].headers)

    def test_the_producers_trace_goes_on(self):
        gateway, sheaf = self.pair()
        trace, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
        [id] = sheaf.accept(status(1, 1), headers={"traceparent": "00-%s-%s-01" % (trace, span)})
        sheaf.delivered(sheaf.ended(id)["notification_id"])
        found = gateway.requests[0].headers["traceparent"]
        self.assertRegex(found, "^%s$" % TRACE)
        self.assertEqual(found.split("-")[1], trace)
        self.assertNotEqual(found.split("-")[2], span)
        self.assertEqual(found.split("-")[3], "01")
        with self.subTest("through a window"):
            ids = sheaf.accept([item(2, 1, 1)], headers={"traceparent": "00-%s-%s-00" % (trace[::-1], span)})
            sheaf.delivered(sheaf.ended(ids[0])["notification_id"])
            self.assertEqual(gateway.requests[-1].headers["traceparent"].split("-")[1], trace[::-1])
        for bad in ("nonsense", "00-%s-%s-01" % ("0" * 32, span), "ff-%s-%s-01" % (trace, span), "00-" + "a" * 5000):
            with self.subTest(bad=bad[:40]):
                [id] = sheaf.accept(status(3, 1), headers={"traceparent": bad})
                sheaf.delivered(sheaf.ended(id)["notification_id"])
                found = gateway.requests[-1].headers["traceparent"]
                self.assertRegex(found, "^%s$" % TRACE)
                self.assertNotEqual(found.split("-")[1], "0" * 32)


class UpstreamTests(Case):
    """The sales and items services."""

    def test_sales_down_delays_and_loses_nothing(self):
        for way in (True, "break"):
            gateway, sales, items = self.gateway(), self.sales(), self.items()
            sheaf = self.sheaf({"gateway": {"url": gateway.url}, "sales": {"url": sales.url},
                                "items": {"url": items.url}, "types": window("300ms")})
            with self.subTest(way=way):
                sales.failing = way
                ids = sheaf.accept([item(1, 1, n) for n in range(30)])
                eventually(lambda: sales.failures >= 3, 10)
                time.sleep(2)
                self.assertEqual({sheaf.event(i)["status"] for i in ids}, {"new"})
                self.assertEqual(gateway.requests, [])
                # Others go on meanwhile.
                [other] = sheaf.accept(status(1, 1))
                sheaf.ended(other, seconds=2)
                sales.failing = False
                ends = [sheaf.ended(i, seconds=20) for i in ids]
                self.assertEqual(len({e["notification_id"] for e in ends}), 1)
                eventually(lambda: len(gateway.documents()) == 2)
                self.assertIn("30 товаров", gateway.documents()[1]["full_title"])
                self.assertEqual(sheaf.get("/v1/dead-letters")["items"], [])
            sheaf.close()

    def test_a_service_that_asks_for_ever_is_waited_for_a_minute_and_a_flush_ends_it(self):
        for way in ("api", "cli"):
            with self.subTest(way=way):
                gateway, sales = self.gateway(), self.sales()
                sheaf = self.sheaf({"gateway": {"url": gateway.url}, "sales": {"url": sales.url},
                                    "types": window("200ms")})
                sales.failing = [("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT")]
                [id] = sheaf.accept(item(1, 1, 1))

                def waits():
                    return [w for w in sheaf.get("/v1/windows")["items"] if w.get("waits_for") == "service"]
                [found] = eventually(waits, what="a window that waits")
                closes = datetime.datetime.fromisoformat(found["closes_at"].replace("Z", "+00:00"))
                left = (closes - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
                self.assertTrue(50 < left <= 61, left)
                self.assertEqual(sheaf.event(id)["status"], "new")
                self.assertEqual(sales.failures, 1, "it was asked to be left alone")
                sales.failing = False
                if way == "api":
                    self.assertEqual(sheaf.request("POST", "/v1/windows/%s/flush" % found["key"]).status, 202)
                else:
                    done = sheaf.cli("windows", "flush", found["key"])
                    self.assertEqual(done.returncode, 0, done.stderr)
                sheaf.delivered(sheaf.ended(id, seconds=5)["notification_id"])
                self.assertEqual(waits(), [])
                sheaf.close()

    def test_a_sales_service_that_is_away_at_start(self):
        gateway, sales = self.gateway(), self.sales()
        away = "http://127.0.0.1:%d" % sales.port
        sales.close()
        sheaf = self.sheaf({"gateway": {"url": gateway.url}, "sales": {"url": away}, "types": window("200ms")})
        [waits] = sheaf.accept(item(1, 1, 1))
        [id] = sheaf.accept(status(1, 1))
        sheaf.ended(id)
        time.sleep(1)
        self.assertEqual(sheaf.event(waits)["status"], "new")

    def test_five_thousand_items_are_one_notification(self):
        gateway, sales, items = self.gateway(), self.sales(), self.items()
        sheaf = self.sheaf({"gateway": {"url": gateway.url}, "sales": {"url": sales.url},
                            "items": {"url": items.url}, "types": window("4s")})
        ids = []
        for start in range(0, 5000, 1000):
            ids += sheaf.accept([item(1, 9, n + 1) for n in range(start, start + 1000)])
        [found] = eventually(lambda: gateway.documents(), 20)
        self.assertEqual(found["event_count"], 5000)
        self.assertIn("5000 товаров", found["full_title"].replace("\u00a0", "").replace("5 000", "5000"))
        self.assertEqual(set(sheaf.notification(found["id"])["event_ids"]), set(ids))
        time.sleep(0.5)
        self.assertEqual(len(gateway.documents()), 1)
        self.assertGreaterEqual(len(sales.asked), 50)
        self.assertTrue(all(sale == 9 and len(asked) <= 100 for sale, asked in sales.asked))
        self.assertEqual({i for _, asked in sales.asked for i in asked}, set(range(1, 5001)))
        self.assertTrue(all(len(asked) <= 100 for asked in items.asked))

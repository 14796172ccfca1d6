"""Windows by configuration."""

import time

from harness import Case, eventually, item, status, window


class WindowTests(Case):
    seconds = 24

    def begin(self, types):
        self.server = self.gateway()
        self.app = self.sheaf({"gateway": {"url": self.server.url}, "types": types})

    def drip(self, count, pause, sale=1):
        """`count` events with pauses between; their ids and when the first was sent."""
        begun = time.monotonic()
        ids = []
        for number in range(count):
            ids += self.app.accept(item(1, sale, number + 1))
            time.sleep(max(0, begun + (number + 1) * pause - time.monotonic()))
        return ids, begun

    def parts(self, ids, seconds=10):
        """How the events were bound, in order of their first event."""
        found = {}
        for id in ids:
            found.setdefault(self.app.ended(id, seconds=seconds)["notification_id"], []).append(id)
        return [len(v) for v in found.values()]

    def delays_after(self, begun):
        eventually(lambda: self.server.requests)
        return [r.at - begun for r in self.server.requests]

    def test_tumbling_closes_one_window_after_its_first_event(self):
        self.begin(window("1500ms", mode="tumbling"))
        ids, begun = self.drip(5, 0.25)
        self.assertEqual(self.parts(ids), [5])
        [delay] = self.delays_after(begun)
        self.assertGreater(delay, 1.45)
        self.assertLess(delay, 2.2)
        self.assertEqual(self.parts(self.drip(2, 0)[0]), [2], "the next generation is a window of its own")

    def test_sliding_closes_one_window_after_its_last_event(self):
        self.begin(window("800ms", mode="sliding"))
        ids, begun = self.drip(6, 0.4)
        self.assertEqual(self.parts(ids), [6])
        [delay] = self.delays_after(begun)
        self.assertGreater(delay, 2.0 + 0.75)
        self.assertLess(delay, 2.0 + 1.6)

    def test_sliding_waits_no_longer_than_max_wait(self):
        self.begin(window("800ms", mode="sliding", max_wait="1600ms"))
        ids, begun = self.drip(8, 0.4)
        parts = self.parts(ids)
        self.assertEqual(len(parts), 2, parts)
        delays = self.delays_after(begun)
        self.assertGreater(delays[0], 1.55)
        self.assertLess(delays[0], 2.3)

    def test_leading_notifies_the_first_at_once(self):
        self.begin(window("1500ms", mode="leading"))
        ids, begun = self.drip(4, 0.2)
        self.assertEqual(self.parts(ids), [1, 3])
        delays = eventually(lambda: (lambda t: t if len(t) == 2 else None)(self.delays_after(begun)))
        self.assertLess(delays[0], 0.6)
        self.assertGreater(delays[1], 1.45)
        self.assertLess(delays[1], 2.4)
        # After a quiet window the next is a first one again.
        time.sleep(2)
        ids, begun = self.drip(1, 0)
        self.app.ended(ids[0], seconds=1)

    def test_max_events_closes_at_once(self):
        self.begin(window("30s", max_events=10))
        begun = time.monotonic()
        ids = self.app.accept([item(1, 1, n) for n in range(25)])
        self.assertEqual(sorted(self.parts(ids[:20], seconds=3), reverse=True), [10, 10])
        self.assertLess(time.monotonic() - begun, 3)
        self.assertEqual({self.app.event(i)["status"] for i in ids[20:]}, {"new"})
        [open] = eventually(lambda: self.app.get("/v1/windows")["items"])
        self.assertEqual(open["events"], 5)

    def test_delivery_can_be_switched(self):
        self.begin({"sale_item_changed": {"delivery": "immediate"},
                    "sale_seller_status_changed": {"delivery": "debounced", "window": "1s"}})
        begun = time.monotonic()
        ids = self.app.accept([item(1, 1, 1), item(1, 1, 2)])
        self.assertEqual(self.parts(ids, 2), [1, 1])
        self.assertLess(time.monotonic() - begun, 0.8)
        ids = self.app.accept([status(1, 1), status(1, 2, status="blocked"), status(2, 1)])
        self.assertEqual(self.parts(ids), [2, 1])

    def test_windows_outlive_a_restart(self):
        self.begin(window("8s"))
        ids = self.app.accept([item(1, 1, n) for n in range(3)])
        eventually(lambda: self.app.get("/v1/windows")["items"])
        self.assertEqual(self.app.terminate(), 0)
        self.app.start()
        ids += self.app.accept([item(1, 1, 99)])
        self.assertEqual(self.parts(ids, seconds=20), [4])

    def test_what_is_retracted_is_not_notified(self):
        self.begin(window("1500ms"))
        ids = self.app.accept([item(1, 1, n, id="keep-%d" % n) for n in range(2)]
                              + [item(1, 1, 9, id="take"), item(1, 2, 9, id="only")])
        retract = lambda id: self.app.request("POST", "/v1/events/%s/retract" % id)
        for id in ("take", "only", "take"):
            self.assertEqual(retract(id).status, 204)
        self.assertEqual(self.parts(ids[:2]), [2])
        for id in ("take", "only"):
            event = self.app.event(id)
            self.assertEqual((event["status"], event["reason"], event["notification_id"]),
                             ("suppressed", "retracted", None))
            self.assertIn("retracted", event["history"][-1]["detail"])
            self.assertEqual(retract(id).status, 204)
        answer = retract("keep-0")
        self.assertEqual((answer.status, answer.json["error"]["code"]), (409, "already_ended"))
        self.assertEqual(retract("nobody").status, 404)
        [request] = self.server.requests
        self.assertEqual(self.app.feed(1)["items"][0]["event_count"], 2)
        finished = [value for series, value in self.app.metrics().items()
                    if series.startswith("sheaf_events_finished_total{")
                    and 'type="sale_item_changed"' in series and 'outcome="suppressed"' in series]
        self.assertEqual(finished, [2])

"""Declared types: retractions, and notifications at a time of day."""

import datetime
import json
import os
import signal
import tempfile
import threading
import time
import zoneinfo

from harness import Case, eventually, item, window

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
COMMENT = """
data: {post: string, comment_id: id, at: time?}
key: [post]
delivery: {window: %s}
texts: {en: {list_title: "{count, plural, one {# comment} other {# comments}} on {post}"}}
"""
REMOVED = """
data: {comment_id: id, sure: boolean}
retracts: {type: comment, by: [comment_id]}
when: data.sure
"""
WITHDRAWN = """
data: {sale_id: id, item_id: id}
retracts: {type: sale_item_changed, by: [sale_id, item_id]}
texts: {en: {list_title: "Item {last_item_id} is back"}}
delivery: immediate
"""
SUMMARY = """
data: {page: string, views: integer}
key: [page]
delivery: {at: "%s", days: [%s]}
texts: {en: {list_title: "{count} events, {sum_views} views"}}
"""


def comment(number, post="a", recipient=1, **more):
    return dict({"type": "comment", "recipient_id": recipient, "id": "c-%d" % number,
                 "data": {"post": post, "comment_id": number}}, **more)


def removed(number, sure=True, recipient=1):
    return {"type": "comment_removed", "recipient_id": recipient, "id": "r-%d-%s" % (number, sure),
            # A whole number, however it is written.
            "data": {"comment_id": str(number), "sure": sure}}


class TypesCase(Case):
    def begin(self, files, settings=None, **more):
        folder = tempfile.TemporaryDirectory(prefix="sheaf-acceptance-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        for name, text in files.items():
            self.write(name, text)
        self.server = self.gateway()
        types = dict({"folder": self.folder}, **(settings or {}))
        self.app = self.sheaf(dict({"gateway": {"url": self.server.url}, "types": types, "locale": "en"}, **more))

    def write(self, name, text):
        with open(os.path.join(self.folder, name + ".yaml"), "w", encoding="utf-8") as file:
            file.write(text)

    def titles(self, recipient=1):
        return sorted(n["list_title"] for n in self.app.feed(recipient)["items"])

    def settle(self, seconds=20):
        eventually(lambda: (lambda s: s["unprocessed"] == 0 and s["open_windows"] == 0)(self.app.get("/v1/stats")),
                   seconds, what="the end of all work")

    def assertEnded(self, ids, reason):
        for id in ids:
            event = self.app.event(id)
            self.assertEqual((event["status"], event["reason"], event["notification_id"]),
                             ("suppressed", reason, None), event)


class RetractionTests(TypesCase):
    seconds = 30

    def test_events_are_taken_back_by_those_of_another_type(self):
        self.begin({"comment": COMMENT % "3s", "comment_removed": REMOVED})
        self.app.accept([comment(1), comment(2), comment(3), comment(5, "b"), comment(6, recipient=2),
                         # Earlier in the same request, and not what comes after it.
                         comment(4), removed(4), dict(comment(4), id="later")])
        # From windows that live, wherever that is.
        eventually(lambda: len(self.app.get("/v1/windows")["items"]) == 3)
        self.app.accept([removed(2), removed(5), removed(3, sure=False), removed(6), removed(99)])
        self.settle()
        # Of another recipient nothing is taken back, and nothing without the condition.
        self.assertEqual(self.titles(), ["3 comments on a"])
        self.assertEqual(self.titles(2), ["1 comment on a"])
        self.assertEnded(["c-2", "c-4", "c-5"], "retracted")
        for id, by in (("c-2", "r-2-True"), ("c-4", "r-4-True"), ("c-5", "r-5-True")):
            self.assertEqual(self.app.event(id)["history"][-1]["detail"],
                             "suppressed, with no notification: retracted by event " + by)
        explanation = self.app.request("POST", "/v1/explain", json.dumps(dict(removed(7), id="new")),
                                {"Content-Type": "application/json"}).json
        self.assertEqual((explanation["outcome"], explanation["reason"], explanation["retracts"], explanation["window"], explanation["open_window"],
                          explanation["closes_at"]), ("suppressed", "retraction", "comment", None, None, None))
        self.assertIn("have the same comment_id; ", explanation["notes"][-1])
        types = {type["name"]: type for type in self.app.get("/v1/types")["items"]}
        self.assertEqual(types["comment_removed"]["retracts"], {"type": "comment", "by": ["comment_id"]})
        self.assertNotIn("retracts", types["comment"])
        self.assertEnded(["r-4-True", "r-2-True", "r-5-True", "r-6-True", "r-99-True"], "retraction")
        self.assertEnded(["r-3-False"], "not_matching")
        finished = {kind: sum(value for series, value in self.app.metrics().items()
                              if series.startswith("sheaf_events_finished_total{")
                              and 'type="%s"' % kind in series and 'outcome="suppressed"' in series)
                    for kind in ("comment", "comment_removed")}
        self.assertEqual(finished, {"comment": 3, "comment_removed": 6})
        # What was notified stays notified; sent again, an event retracts nothing.
        answer = self.app.publish([removed(1), removed(2)])
        self.assertEqual([r["status"] for r in answer.json["results"]], ["accepted", "duplicate"])
        self.assertEqual(self.app.event("c-1")["status"], "processed")

    def test_events_of_a_built_in_type_are_taken_back_also_while_they_are_composed(self):
        asked, answer = threading.Event(), threading.Event()
        self.addCleanup(answer.set)

        def banned(sale, item):
            asked.set()
            answer.wait(20)
            return True

        sales = self.sales(banned)
        self.begin({"sale_withdrawn": WITHDRAWN}, window("1s"), sales={"url": sales.url})
        self.app.accept([item(1, 7, n, id="i-%d" % n) for n in range(3)])
        self.assertTrue(asked.wait(10))
        # The window is claimed, and being digested.
        withdrawn, = self.app.accept([{"type": "sale_withdrawn", "recipient_id": 1,
                                       "data": {"sale_id": 7, "item_id": 1}}])
        self.assertEqual(self.app.request("POST", "/v1/events/i-2/retract").status, 204)
        self.app.ended(withdrawn)
        answer.set()
        self.settle()
        self.assertEnded(["i-1", "i-2"], "retracted")
        found = self.app.notification(self.app.ended("i-0")["notification_id"])
        self.assertEqual(found["event_ids"], ["i-0"])
        self.assertIn("Item 1 is back", self.titles())
        self.assertEqual(len(self.app.feed(1)["items"]), 2)

    def test_the_producer_takes_back_by_source(self):
        self.begin({"comment": COMMENT % "3s"})
        self.app.accept([comment(1)])
        self.app.accept({"specversion": "1.0", "id": "c-1", "source": "/shop", "type": "comment",
                         "data": {"recipient_id": 1, "post": "a", "comment_id": 1}},
                        content_type="application/cloudevents+json")
        retract = lambda query: self.app.request("POST", "/v1/events/c-1/retract" + query)  # noqa: E731
        self.assertEqual(retract("?source=nobody").status, 404)
        self.assertEqual(retract("?source=/shop").status, 204)
        self.settle()
        self.assertEqual(self.app.get("/v1/events/c-1?source=/shop")["reason"], "retracted")
        self.assertEqual(self.app.get("/v1/events/c-1?source=http")["status"], "processed")
        answer = retract("?source=http")
        self.assertEqual((answer.status, answer.json["error"]["code"]), (409, "already_ended"))
        self.assertEqual(self.titles(), ["1 comment on a"])


def occurrence(after, at, days, zone):
    """The first `at` after a moment by the zone's clocks, by another implementation."""
    zone = zoneinfo.ZoneInfo(zone)
    date = after.astimezone(zone).date() - datetime.timedelta(days=1)
    for offset in range(11):
        day = date + datetime.timedelta(days=offset)
        due = datetime.datetime.combine(day, at, zone).astimezone(datetime.timezone.utc)
        if due > after and DAYS[day.weekday()] in days:
            return due


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class ScheduledTests(TypesCase):
    seconds = 90
    ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu",
             "Pacific/Kiritimati", "Etc/GMT+12", "America/St_Johns", "Africa/Casablanca", "Asia/Tehran"]

    def patch(self, recipient, zone):
        answer = self.app.request("PATCH", "/v1/recipients/%d" % recipient,
                                  '{"time_zone": %s}' % ('"%s"' % zone if zone else "null"))
        self.assertEqual(answer.status, 200, answer)

    def windows(self):
        return {w["recipient_id"] if "recipient_id" in w else int(w["key"].split(":")[1]): w
                for w in self.app.get("/v1/windows?limit=100")["items"]}

    @staticmethod
    def event(recipient, page="Tea"):
        return {"type": "summary", "recipient_id": recipient, "data": {"page": page, "views": 3}}

    def test_windows_close_at_the_time_of_day_by_each_recipients_clocks(self):
        days = ("mon", "thu")
        self.begin({"summary": SUMMARY % ("02:15", ", ".join(days))}, time_zone="Asia/Tokyo")
        zones = dict(enumerate(self.ZONES, 1))
        for recipient, zone in zones.items():
            self.patch(recipient, zone)
        zones[99] = "Asia/Tokyo"
        self.app.accept([self.event(r, page) for r in zones for page in ("Tea", "Milk")])

        def check():
            found = self.windows()
            self.assertEqual(set(found), set(zones))
            for recipient, zone in zones.items():
                entry = found[recipient]
                self.assertEqual((entry["key"], entry["events"]), ("summary:%d" % recipient, 2))
                due = occurrence(moment(entry["opened_at"]), datetime.time(2, 15), days, zone)
                self.assertEqual(moment(entry["closes_at"]).replace(microsecond=0), due, zone)

        check()
        # A change of the zone counts at once, and outlives a kill right after it.
        for recipient in list(zones):
            zones[recipient] = self.ZONES[(recipient + 4) % len(self.ZONES)]
            self.patch(recipient, zones[recipient])
        self.app.kill()
        self.app.start()
        check()
        self.patch(1, None)
        zones[1] = "Asia/Tokyo"
        check()
        self.assertEqual(self.app.request("POST", "/v1/windows/summary:1/flush").status, 202)
        eventually(lambda: self.titles() == ["2 events, 6 views"])
        # A recipient is erased with the zone and the window.
        self.assertEqual(self.app.request("DELETE", "/v1/recipients/2").status, 204)
        self.assertNotIn(2, self.windows())

    def test_what_is_due_is_notified_at_once_and_together(self):
        due = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=75)).replace(second=0)
        self.begin({"summary": SUMMARY % (due.strftime("%H:%M"), ", ".join(DAYS))})
        self.patch(2, "Asia/Tokyo")
        self.patch(3, "Asia/Tokyo")
        self.app.accept([self.event(r, page) for r in (1, 2, 3) for page in ("Tea", "Milk")])
        self.patch(2, "Africa/Abidjan")
        while datetime.datetime.now(datetime.timezone.utc) < due.replace(microsecond=0):
            self.assertEqual(self.server.requests, [])
            time.sleep(0.5)
        eventually(lambda: len(self.server.requests) == 2, 5)
        for recipient in (1, 2):
            self.assertEqual(self.titles(recipient), ["2 events, 6 views"])
        # For the third it is past once the zone says so.
        self.assertEqual(self.titles(3), [])
        self.patch(3, None)
        eventually(lambda: self.titles(3) == ["2 events, 6 views"], 5)
        # What comes later is of the next day.
        self.app.accept([self.event(1)])
        self.assertGreater(moment(self.windows()[1]["closes_at"]), due + datetime.timedelta(hours=23))

    def test_a_window_closes_by_the_policy_it_was_opened_under_and_the_configuration_wins(self):
        self.begin({"summary": SUMMARY % ("09:00", "mon"), "comment": COMMENT % "1h"},
                   {"summary": {"max_events": 3}, "comment": {"max_events": 4}})
        self.app.accept([self.event(1)] + [comment(n) for n in range(2)])
        before = {w["key"]: w["closes_at"] for w in eventually(
            lambda: (lambda i: i if len(i) == 2 else None)(self.app.get("/v1/windows")["items"]))}
        self.write("summary", (SUMMARY % ("10:30", "tue")).replace("views\"", "seen\""))
        self.write("comment", (COMMENT % "1s").replace("comments", "remarks"))
        self.app.process.send_signal(signal.SIGHUP)
        eventually(lambda: self.app.get("/v1/types")["revision"] == 2, 5)
        self.app.accept([self.event(1), comment(8), comment(9, "b")])
        # It is notified by the new policy, with the new texts; the others wait on.
        eventually(lambda: self.titles() == ["1 comment on b"])
        items = eventually(lambda: (lambda i: i if [w["events"] for w in i] == [2, 3] or
                                    [w["events"] for w in i] == [3, 2] else None)(self.app.get("/v1/windows")["items"]))
        self.assertEqual({w["key"]: w["closes_at"] for w in items}, before)
        # Full is full as it was.
        self.app.accept([self.event(1), comment(10)])
        eventually(lambda: self.titles() == ["1 comment on b", "3 events, 9 seen", "4 remarks on a"])
        # A window that is configured goes before the time of day, and has its key again.
        self.app.terminate()
        self.app.configure({"gateway": {"url": self.server.url}, "locale": "en",
                            "types": {"folder": self.folder, "summary": {"window": "1s"}}})
        self.app.start()
        self.app.accept([self.event(5, page) for page in ("Tea", "Milk", "Tea")])
        eventually(lambda: self.titles(5) == ["1 events, 3 seen", "2 events, 6 seen"], 40)

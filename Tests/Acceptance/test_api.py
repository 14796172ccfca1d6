"""Events and the HTTP API."""

import base64
import gzip
import http.client
import json
import re
import shutil
import subprocess
import time
import unittest

import harness
from harness import Case, SharedCase, eventually, item, promocode, status, window


class EventTests(SharedCase):
    """What POST /v1/events takes, and how it answers."""

    def results(self, answer, status=202):
        self.assertEqual(answer.status, status, answer)
        return answer.json["results"]

    def test_one_object_is_accepted_and_keeps_its_id(self):
        self.assertEqual(self.results(self.sheaf.publish(status(1, 1, id="one"))),
                         [{"id": "one", "status": "accepted"}])

    def test_results_stand_in_the_order_given(self):
        self.sheaf.accept(status(1, 1, id="order-dup"))
        batch = [status(1, 1, id="order-a"), status(1, 1, id="order-dup"), {"type": "nonsense"},
                 status(1, 1, id="order-b"), status(1, 1, id="order-b"), 17]
        results = self.results(self.sheaf.publish(batch))
        self.assertEqual([r["status"] for r in results],
                         ["accepted", "duplicate", "rejected", "accepted", "duplicate", "rejected"])
        self.assertEqual([r["id"] for r in results[:2] + results[3:5]],
                         ["order-a", "order-dup", "order-b", "order-b"])
        for result in (results[2], results[5]):
            self.assertTrue(result["error"]["code"])
            self.assertTrue(result["error"]["message"])

    def test_without_an_id_every_event_is_new(self):
        ids = self.sheaf.accept([status(2, 1), status(2, 1), status(2, 1)])
        self.assertEqual(len(set(ids)), 3)
        for id in ids:
            self.assertEqual(self.sheaf.event(id)["id"], id)

    def test_a_duplicate_stays_one_though_its_content_differs(self):
        self.sheaf.accept(status(3, 1, id="for-ever"))
        again = self.results(self.sheaf.publish(status(3, 99, id="for-ever", status="blocked")))
        self.assertEqual(again, [{"id": "for-ever", "status": "duplicate"}])
        self.assertEqual(self.sheaf.event("for-ever")["data"], {"sale_id": 1, "status": "approved"})

    def test_all_rejected_is_422_and_says_why_by_event(self):
        answer = self.sheaf.publish([{"type": "unknown_type", "recipient_id": 1, "data": {}},
                                     {"recipient_id": 1, "data": {}}])
        self.assertError(answer, 422)
        results = answer.json["results"]
        self.assertEqual([r["status"] for r in results], ["rejected"] * 2)

    def test_what_is_rejected_keeps_its_id(self):
        for event in (item("x", 1, 1, id="kept"), item(1, "x", 1, id="kept"), {"id": "kept", "type": "unheard_of",
                      "recipient_id": 1, "data": {}}, {"id": "kept"}, item(1, 1, 1, id="kept", occurred_at="now")):
            with self.subTest(event=event):
                answer = self.sheaf.publish(event)
                self.assertEqual((answer.status, answer.json["results"][0]["id"]), (422, "kept"))

    def test_single_rejected_names_the_field(self):
        for event, field in [
                ({"recipient_id": 1, "data": {}}, "type"),
                ({"type": "sale_item_changed", "data": {"sale_id": 1, "item_id": 1}}, "recipient_id"),
                (item("forty-two", 1, 1), "recipient_id"),
                (item("4 2", 1, 1), "recipient_id"),
                (item(1.5, 1, 1), "recipient_id"),
                (item(1, "seven", 1), "data.sale_id"),
                (item(1, 2 ** 63, 1), "data.sale_id"),
                (item(1, 1, None), "data.item_id"),
                (status(1, 1, status="maybe"), "data.status"),
                (item(1, 1, 1, occurred_at="yesterday"), "occurred_at"),
                (item(1, 1, 1, id="x" * 201), "id"),
                (item(1, 1, 1, id=""), "id"),
                (item(1, 1, 1, id=17), "id")]:
            with self.subTest(field=field, event=str(event)[:80]):
                answer = self.sheaf.publish(event)
                self.assertError(answer, 422, field)
                self.assertEqual(answer.json["results"][0]["error"]["field"], field)

    def test_ids_up_to_200_characters_are_taken(self):
        for id in ("x" * 200, "ж" * 200, "a/b?c#d %25", "..", "🛒" * 200):
            with self.subTest(id=id[:10]):
                self.assertEqual(self.sheaf.accept(status(4, 1, id=id)), [id])
                from urllib.parse import quote
                found = self.sheaf.get("/v1/events/" + quote(id, safe=""))
                self.assertEqual(found["id"], id)

    def test_64_bit_numbers_are_kept_exactly(self):
        big = 2 ** 63 - 1
        [id] = self.sheaf.accept(item(big, big, -big - 1))
        found = self.sheaf.event(id)
        self.assertEqual((found["recipient_id"], found["data"]),
                         (big, {"sale_id": big, "item_id": -big - 1}))
        found = self.sheaf.ended(id)
        self.assertEqual(self.sheaf.notification(found["notification_id"])["recipient_id"], big)

    def test_not_json_is_400(self):
        for body in ("", "   ", "{", "nonsense", '{"a":1}}', "[1,]", "{'a':1}", "\ufeff", "NaN"):
            with self.subTest(body=body):
                self.assertError(self.sheaf.publish(body), 400)

    def test_too_many_events_are_413_and_none_is_stored(self):
        batch = [status(5, 1, id="many-%d" % n) for n in range(1001)]
        self.assertError(self.sheaf.publish(batch), 413)
        self.assertEqual(self.sheaf.request("GET", "/v1/events/many-0").status, 404)
        lines = "\n".join(json.dumps(e) for e in batch)
        self.assertError(self.sheaf.publish(lines, "application/x-ndjson"), 413)
        self.assertEqual(len(self.sheaf.accept(batch[:1000])), 1000)

    def test_too_many_bytes_are_413(self):
        event = status(5, 1)
        event["data"]["padding"] = "x" * (4 * 1024 * 1024)
        self.assertError(self.sheaf.request(
            "POST", "/v1/events", json.dumps(event), {"Content-Type": "application/json"}, fresh=True), 413)
        event["data"]["padding"] = "x" * (4 * 1024 * 1024 - 300)
        self.assertEqual(len(self.sheaf.accept(event)), 1)

    def test_other_media_types_are_415(self):
        for type in ("text/plain", "application/xml", "application/x-www-form-urlencoded",
                     "multipart/form-data; boundary=x", "application/json; charset=utf-16", "nonsense"):
            with self.subTest(type=type):
                self.assertError(self.sheaf.publish(status(1, 1), type), 415)
        for type in ("application/json; charset=utf-8", "Application/JSON", 'application/json;charset="UTF-8"'):
            with self.subTest(type=type):
                self.assertEqual(self.sheaf.publish(status(1, 1), type).status, 202)

    def test_packed_bodies_and_other_names_of_json(self):
        packed = gzip.compress(b"\xef\xbb\xbf" + json.dumps([status(75, n, id="packed-%d" % n) for n in range(500)]).encode())
        coded = {"Content-Encoding": "gzip"}
        self.assertEqual(len(self.results(self.sheaf.publish(packed, headers=coded))), 500)
        bomb = gzip.compress(b" " * (64 << 20))
        self.assertError(self.sheaf.publish(bomb, headers=coded), 413)
        self.assertError(self.sheaf.publish(packed[:-3], headers=coded), 400)
        answer = self.sheaf.publish(packed, headers={"Content-Encoding": "br"})
        self.assertError(answer, 415)
        self.assertEqual(answer.headers["Accept-Encoding"], "gzip")
        for type in ("application/ndjson", "application/jsonl", "application/vnd.shop+json"):
            self.assertEqual(self.results(self.sheaf.publish(status(75, 1), type))[0]["status"], "accepted")

    def test_a_sender_of_cloud_events_asks_first(self):
        answer = self.sheaf.request("OPTIONS", "/v1/events", headers={"WebHook-Request-Origin": "events.example.com"})
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual(answer.headers["WebHook-Allowed-Origin"], "events.example.com")
        self.assertEqual(answer.headers["WebHook-Allowed-Rate"], "*")
        self.assertIn("POST", answer.headers["Allow"])

    def test_ndjson_takes_good_lines_between_bad_ones(self):
        lines = [json.dumps(status(6, 1, id="line-1")), "{broken", "", json.dumps(status(6, 2, id="line-2")),
                 '{"type":"sale_item_changed"', "[" * 100_000, json.dumps({"type": "x"}),
                 json.dumps(status(6, 3, id="line-3"), ensure_ascii=False) + "\r", "null"]
        body = "\n".join(lines).encode() + b"\n\xff\xfe\n" + json.dumps(status(6, 4, id="line-4")).encode()
        results = self.results(self.sheaf.publish(body, "application/x-ndjson"))
        self.assertEqual([r["status"] for r in results],
                         ["accepted", "rejected", "accepted", "rejected", "rejected", "rejected", "accepted",
                          "rejected", "rejected", "accepted"])
        self.assertEqual([r["id"] for r in results if r["status"] == "accepted"],
                         ["line-1", "line-2", "line-3", "line-4"])

    def cloud(self, id, **more):
        event = {"specversion": "1.0", "id": id, "source": "/shop", "type": "sale_seller_status_changed",
                 "time": "2026-11-23T09:00:00.5+03:00",
                 "data": {"recipient_id": 7, "sale_id": 9, "status": "blocked"}}
        event.update(more)
        return event

    def test_structured_cloud_events(self):
        type = "application/cloudevents+json"
        [result] = self.results(self.sheaf.publish(self.cloud("ce-1"), type))
        self.assertEqual(result["status"], "accepted")
        found = self.sheaf.ended(result["id"])
        self.assertEqual(found["type"], "sale_seller_status_changed")
        self.assertEqual(found["recipient_id"], 7)
        self.assertRegex(found["occurred_at"], r"^2026-11-23T06:00:00\.50*Z$")
        [result] = self.results(self.sheaf.publish(self.cloud("ce-1"), type))
        self.assertEqual(result["status"], "duplicate")
        [result] = self.results(self.sheaf.publish(self.cloud("ce-1", source="/other"), type))
        self.assertEqual(result["status"], "accepted", "id + source identify the event")
        self.assertError(self.sheaf.publish(self.cloud("ce-2", specversion="0.3"), type), 422)

    def test_a_cloud_event_with_its_data_as_bytes(self):
        type = "application/cloudevents+json"
        event = self.cloud("ce-bytes")
        event["data_base64"] = base64.b64encode(json.dumps(event.pop("data")).encode()).decode()
        [result] = self.results(self.sheaf.publish(event, type))
        self.assertEqual(result["status"], "accepted", result)
        self.assertEqual(self.sheaf.ended(result["id"])["recipient_id"], 7)
        for wrong in ("%%%", base64.b64encode(b"no JSON").decode(), base64.b64encode(b"\xff").decode()):
            self.assertError(self.sheaf.publish(dict(event, id="ce-bad", data_base64=wrong), type), 422, "data_base64")

    def test_cloud_events_by_topic_name_and_seller(self):
        event = self.cloud("ce-topic", type="marketplace-sale.seller.status_changed",
                           data={"seller_id": 71, "sale_id": 9, "status": "approved"})
        [result] = self.results(self.sheaf.publish(event, "application/cloudevents+json; charset=UTF-8"))
        found = self.sheaf.ended(result["id"])
        self.assertEqual((found["type"], found["recipient_id"]), ("sale_seller_status_changed", 71))

    def test_a_batch_of_cloud_events(self):
        batch = [self.cloud("ceb-1"), {"specversion": "1.0"}, self.cloud("ceb-2"), self.cloud("ceb-1")]
        results = self.results(self.sheaf.publish(batch, "application/cloudevents-batch+json"))
        self.assertEqual([r["status"] for r in results], ["accepted", "rejected", "accepted", "duplicate"])

    def test_a_binary_cloud_event(self):
        headers = {"ce-specversion": "1.0", "ce-id": "bin-1", "ce-source": "/%D1%81",
                   "ce-type": "seller_promocode_limit_reached", "ce-time": "2026-11-23T09:00:00Z"}
        body = {"seller_id": 72, "promocode_id": 3, "code": "SALE", "limit": 5}
        [result] = self.results(self.sheaf.publish(body, headers=headers))
        found = self.sheaf.ended(result["id"])
        self.assertEqual((found["recipient_id"], found["data"]), (72, body))
        [result] = self.results(self.sheaf.publish(body, headers=headers))
        self.assertEqual(result["status"], "duplicate")
        del headers["ce-source"]
        self.assertError(self.sheaf.publish(body, headers=headers), 422)

    def test_a_binary_cloud_event_whose_attributes_are_no_text_is_refused(self):
        headers = {"ce-specversion": "1.0", "ce-id": "no-text", "ce-source": "/s", "ce-type": "sale_item_changed"}
        body = {"seller_id": 74, "sale_id": 3, "item_id": 5}
        for name, value in (("ce-id", "%FF-1"), ("ce-id", "%FE-1"), ("ce-source", "%FF"), ("ce-source", "%FE"),
                            ("ce-id", "\u00cf\u00f0")):
            with self.subTest(name=name, value=value):
                # http.client writes headers in Latin-1: the last is a text of cp1251 as it is.
                self.assertError(self.sheaf.publish(body, headers=dict(headers, **{name: value})), 400, name[3:])
        self.assertEqual(self.sheaf.get("/v1/recipients/74/events")["items"], [])

    def test_unknown_members_of_data_are_kept(self):
        data = {"sale_id": 5, "item_id": 6, "extra": {"deep": [1, None, "ж\"\\", {"n": 2 ** 53 + 1}]},
                "price": 12.5}
        [id] = self.sheaf.accept({"type": "sale_item_changed", "recipient_id": 73, "data": data})
        self.assertEqual(self.sheaf.event(id)["data"], data)
        self.assertEqual(self.sheaf.ended(id)["data"], data)


class WordingTests(SharedCase):
    """Bursts in, words out."""

    banned = staticmethod(lambda sale, item: item % 2 == 1 and sale != 13)

    def burst(self, count, recipient, sale):
        """`count` banned items, each in two events, and as many that are well."""
        events = [item(recipient, sale, 2 * n + 1) for n in range(count)] * 2
        events += [item(recipient, sale, 2 * n + 2) for n in range(count)]
        ids = self.sheaf.accept(events)
        ends = [self.sheaf.ended(id) for id in ids]
        self.assertEqual(len({e["notification_id"] for e in ends}), 1)
        document = next(d for d in self.gateway.documents() if d["id"] == ends[0]["notification_id"])
        self.assertEqual(document["event_count"], len(events))
        self.assertEqual(document["recipient_id"], recipient)
        self.assertEqual(document["type"], "sale_item_changed")
        for member in ("status", "delivered_at", "read_at"):
            self.assertNotIn(member, document)
        self.assertEqual(set(document), {
            "id", "recipient_id", "type", "list_title", "list_description", "full_title", "full_text",
            "event_count", "created_at", "locale", "category", "importance"})
        return document

    def test_russian_agrees_in_number(self):
        words = {2: ("Исключили 2 товара из распродажи", "2 объявления больше не подходят"),
                 5: ("Исключили 5 товаров из распродажи", "5 объявлений больше не подходят"),
                 21: ("Исключили 21 товар из распродажи", "21 объявление больше не подходит под условия"),
                 22: ("Исключили 22 товара из распродажи", "22 объявления больше не подходят"),
                 25: ("Исключили 25 товаров из распродажи", "25 объявлений больше не подходят")}
        for count, (title, description) in words.items():
            with self.subTest(count=count):
                document = self.burst(count, 1000 + count, 1)
                self.assertEqual(document["list_title"], "⚠️ Ваши товары исключили из распродажи")
                self.assertEqual(document["full_title"], title)
                self.assertTrue(document["list_description"].startswith(description), document)
                self.assertIn(description, document["full_text"])

    def test_one_item_is_spoken_of_by_its_title(self):
        document = self.burst(1, 1001, 1)
        self.assertEqual(document["list_title"], "⚠️ Ваш товар исключили из распродажи")
        self.assertEqual(document["list_description"], "«Велосипед №1» больше не подходит под условия")
        self.assertEqual(document["full_title"], "Исключили товар «Велосипед №1» из распродажи")

    def test_none_banned_is_suppressed(self):
        ids = self.sheaf.accept([item(1013, 13, n) for n in range(3)])
        for id in ids:
            found = self.sheaf.ended(id, "suppressed")
            self.assertEqual(found["reason"], "no_banned_items")
            self.assertIsNone(found["notification_id"])
        self.assertEqual(self.sheaf.feed(1013)["items"], [])
        self.assertFalse([d for d in self.gateway.documents() if d["recipient_id"] == 1013])

    def test_sales_of_one_seller_are_windows_of_their_own(self):
        ids = self.sheaf.accept([item(1014, 1, 1), item(1014, 2, 1), item(1015, 1, 1)])
        self.assertEqual(len({self.sheaf.ended(i)["notification_id"] for i in ids}), 3)

    def test_the_other_types_speak_at_once(self):
        ids = self.sheaf.accept([status(1016, 7, status=s) for s in ("approved", "rejected", "blocked")]
                                + [promocode(1016, 1, "ЛЕТО", 21)])
        words = [self.sheaf.notification(self.sheaf.ended(i, seconds=3)["notification_id"]) for i in ids]
        self.assertEqual(len({w["id"] for w in words}), 4)
        self.assertEqual(len({w["list_title"] + w["list_description"] for w in words}), 4)
        self.assertIn("ЛЕТО", words[3]["list_title"])
        self.assertIn("21 раз", words[3]["list_description"])


class EnglishTests(Case):
    def test_english_by_configuration(self):
        sheaf = self.sheaf({"locale": "en", "types": window("200ms")})
        [one] = sheaf.accept(item(1, 1, 1))
        many = sheaf.accept([item(2, 1, n) for n in range(21)])
        text = sheaf.notification(sheaf.ended(one)["notification_id"])
        self.assertNotRegex(json.dumps(text, ensure_ascii=False), "[а-яА-Я]")
        text = sheaf.notification(sheaf.ended(many[0])["notification_id"])
        self.assertIn("21 items", text["full_title"])


class ReadingTests(SharedCase):
    """Events, feeds, windows, erasing, numbers and health."""

    config = {"types": window("60s")}
    banned = staticmethod(lambda sale, item: True)

    def bound(self, event):
        [id] = self.sheaf.accept(event)
        found = self.sheaf.ended(id)
        return self.sheaf.delivered(found["notification_id"])

    def test_an_event_has_its_history(self):
        [id] = self.sheaf.accept(item(11, 5, 1, id="story", occurred_at="2026-11-23T12:00:00+03:00"))
        found = self.sheaf.event(id)
        self.assertEqual((found["status"], found["reason"], found["notification_id"]), ("new", None, None))
        self.assertEqual(found["occurred_at"][:19], "2026-11-23T09:00:00")
        key = eventually(lambda: self.sheaf.event(id)["window"], what="a window")
        # Its key is known before it is open.
        eventually(lambda: self.sheaf.request("POST", "/v1/windows/%s/flush" % key).status == 202, what="a flush")
        found = self.sheaf.ended(id)
        self.assertEqual(found["window"], key)
        self.sheaf.delivered(found["notification_id"])
        history = self.sheaf.event(id)["history"]
        self.assertGreaterEqual(len(history), 4)
        times = [h["at"] for h in history]
        self.assertEqual(times, sorted(times))
        self.assertIn(found["notification_id"], json.dumps(history))
        self.assertIn(key, json.dumps(history))

    def test_an_unknown_event_is_404(self):
        for path in ("/v1/events/none", "/v1/notifications/none",
                     "/v1/notifications/00000000-0000-7000-8000-000000000000"):
            self.assertError(self.sheaf.request("GET", path), 404)

    def test_the_feed_pages_newest_first(self):
        made = [self.bound(status(12, n))["id"] for n in range(7)]
        seen, after = [], ""
        for _ in range(10):
            page = self.sheaf.feed(12, "?limit=3" + after)
            self.assertLessEqual(len(page["items"]), 3)
            self.assertEqual(page["unread"], 7)
            seen += [n["id"] for n in page["items"]]
            if page["next"] is None:
                break
            after = "&after=" + page["next"]
        self.assertEqual(seen, made[::-1])
        for query in ("?limit=0", "?limit=-1", "?limit=x", "?limit=100000", "?after=nonsense"):
            with self.subTest(query=query):
                self.assertError(self.sheaf.request("GET", "/v1/recipients/12/notifications" + query), 400)
        nobody = self.sheaf.request("GET", "/v1/recipients/nobody/notifications")
        self.assertIn(nobody.status, (400, 404))
        self.assertError(nobody, nobody.status)

    def test_read_and_read_all(self):
        made = [self.bound(status(13, n))["id"] for n in range(4)]
        base = "/v1/recipients/13/notifications"
        self.assertEqual(self.sheaf.request("POST", "%s/%s/read" % (base, made[1])).status, 204)
        first = self.sheaf.notification(made[1])["read_at"]
        self.assertIsNotNone(first)
        self.assertEqual(self.sheaf.request("POST", "%s/%s/read" % (base, made[1])).status, 204)
        self.assertEqual(self.sheaf.notification(made[1])["read_at"], first, "read once")
        feed = self.sheaf.feed(13, "?unread=true")
        self.assertEqual([n["id"] for n in feed["items"]], [made[3], made[2], made[0]])
        self.assertEqual(feed["unread"], 3)
        other = self.sheaf.request("POST", "/v1/recipients/14/notifications/%s/read" % made[0])
        self.assertError(other, 404)
        self.assertIsNone(self.sheaf.notification(made[0])["read_at"])
        self.assertEqual(self.sheaf.request("POST", base + "/read-all").status, 204)
        self.assertEqual(self.sheaf.feed(13)["unread"], 0)
        self.assertEqual(self.sheaf.feed(13, "?unread=true")["items"], [])
        self.assertEqual(len(self.sheaf.feed(13, "?unread=false")["items"]), 4)

    def test_a_notification_has_its_events_and_attempts(self):
        found = self.bound(status(15, 1, id="notified"))
        self.assertEqual(found["event_ids"], ["notified"])
        self.assertEqual(found["event_count"], 1)
        self.assertIsNotNone(found["delivered_at"])
        [attempt] = found["attempts"]
        self.assertEqual(attempt["number"], 1)
        self.assertEqual(attempt["http_status"], 200)
        for member in ("created_at", "delivered_at"):
            self.assertRegex(found[member], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")

    def test_windows_are_listed_by_pages_and_flushed(self):
        ids = self.sheaf.accept([item(16, n, 1) for n in range(5)] + [item(16, 0, 2)])

        def mine():
            found, after = {}, ""
            while True:
                page = self.sheaf.get("/v1/windows?limit=2" + after)
                self.assertLessEqual(len(page["items"]), 2)
                self.assertGreaterEqual(page["total"], len(page["items"]))
                found.update((w["key"], w) for w in page["items"] if w["recipient_id"] == 16)
                if page["next"] is None:
                    return found
                after = "&after=" + page["next"]

        found = eventually(lambda: (lambda m: m if sum(w["events"] for w in m.values()) == 6 else None)(mine()),
                           what="six events in windows")
        self.assertEqual(len(found), 5)
        key, wide = next((k, w) for k, w in found.items() if w["events"] == 2)
        self.assertEqual(wide["type"], "sale_item_changed")
        seconds = [time.mktime(time.strptime(wide[m][:19], "%Y-%m-%dT%H:%M:%S"))
                   for m in ("opened_at", "closes_at")]
        self.assertAlmostEqual(seconds[1] - seconds[0], 60, delta=1.01)
        self.assertEqual(self.sheaf.request("POST", "/v1/windows/%s/flush" % key).status, 202)
        ends = [self.sheaf.ended(i, seconds=3) for i in (ids[0], ids[5])]
        self.assertEqual(ends[0]["notification_id"], ends[1]["notification_id"])
        self.assertEqual(self.sheaf.event(ids[1])["status"], "new")
        self.assertNotIn(key, mine())
        self.assertError(self.sheaf.request("POST", "/v1/windows/%s/flush" % key), 404)
        self.assertEqual(self.sheaf.request("POST", "/v1/windows/nonsense/flush").status // 100, 4)

    def test_erasing_a_recipient_leaves_nothing_of_it(self):
        notification = self.bound(status(17, 1, id="erase-notified"))
        self.sheaf.accept([item(17, 1, 1, id="erase-waits"), item(18, 1, 1, id="erase-other")])
        eventually(lambda: self.sheaf.event("erase-waits")["window"])
        self.assertEqual(self.sheaf.request("DELETE", "/v1/recipients/17").status, 204)
        for path in ("/v1/events/erase-notified", "/v1/events/erase-waits", "/v1/notifications/" + notification["id"]):
            self.assertError(self.sheaf.request("GET", path), 404)
        self.assertEqual(self.sheaf.feed(17), {"items": [], "next": None, "unread": 0})
        windows = self.sheaf.get("/v1/windows?limit=100")["items"]
        self.assertFalse([w for w in windows if w["recipient_id"] == 17])
        self.assertEqual(self.sheaf.event("erase-other")["status"], "new")
        self.assertEqual(self.sheaf.request("DELETE", "/v1/recipients/17").status, 204)
        # Erased is erased: the recipient starts anew.
        self.assertEqual(self.bound(status(17, 2))["event_count"], 1)

    def test_stats_count_every_stage(self):
        before = self.sheaf.get("/v1/stats")
        self.bound(status(19, 1))
        after = eventually(lambda: (lambda s: s if s["stages"]["delivered"]["total"]
                                    > before["stages"]["delivered"]["total"] else None)(
                                        self.sheaf.get("/v1/stats")))
        for stage in ("ingested", "processed", "notifications", "delivered"):
            self.assertGreater(after["stages"][stage]["total"], before["stages"][stage]["total"], stage)
        for member in ("outbox_backlog", "queue_backlog", "open_windows", "pending_notifications",
                       "oldest_unprocessed_seconds"):
            self.assertIn(member, after)

    def test_health_and_readiness(self):
        self.assertEqual(self.sheaf.request("GET", "/healthz").status, 200)
        ready = self.sheaf.get("/readyz")
        self.assertIs(ready["ready"], True)
        self.assertIn("store", ready["parts"])
        for part in ready["parts"].values():
            self.assertIs(part["ready"], True)
            self.assertIsInstance(part["detail"], str)

    def test_metrics(self):
        self.bound(status(19, 3))
        answer = self.sheaf.request("GET", "/metrics")
        self.assertEqual(answer.status, 200)
        self.assertTrue(answer.headers["Content-Type"].startswith("text/plain"), answer.headers)
        text = answer.body.decode()
        for name in ("sheaf_events_ingested_total", "sheaf_events_finished_total", "sheaf_notifications_total",
                     "sheaf_windows_open", "sheaf_window_events", "sheaf_window_lateness_seconds",
                     "sheaf_outbox_backlog", "sheaf_outbox_oldest_seconds", "sheaf_notifications_pending",
                     "sheaf_operation_duration_seconds",
                     "sheaf_consumer_restarts_total", "sheaf_messages_total", "sheaf_dead_letters_total",
                     "sheaf_gateway_requests_total"):
            with self.subTest(name=name):
                self.assertRegex(text, r"(?m)^# TYPE %s (counter|gauge|histogram)$" % name)
                self.assertRegex(text, r"(?m)^# HELP %s \S" % name)
        with self.subTest("gateway statuses"):
            self.assertRegex(text, r'(?m)^sheaf_gateway_requests_total\{status="200"\} [1-9]')
        if shutil.which("promtool"):
            check = subprocess.run(["promtool", "check", "metrics"], input=answer.body,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(check.returncode, 0, check.stdout.decode())
            self.assertEqual(check.stdout.decode().strip(), "")

    def test_unknown_routes_and_methods_are_json_errors(self):
        for method, path, expected in [
                ("GET", "/nothing", 404), ("POST", "/v1", 404), ("GET", "/v1/", 404),
                ("GET", "/v1/events/a/b", 404), ("GET", "/v2/events", 404),
                ("GET", "/v1/events", 405), ("PUT", "/v1/events", 405), ("DELETE", "/v1/events/x", 405),
                ("POST", "/healthz", 405), ("PATCH", "/v1/windows", 405), ("PUT", "/v1/recipients/1", 405),
                ("GET", "/v1/windows/a/flush", 405), ("POST", "/metrics", 405), ("OPTIONS", "/v1/stats", 405)]:
            with self.subTest(method=method, path=path):
                answer = self.sheaf.request(method, path, fresh=True)
                self.assertError(answer, expected)
                self.assertTrue(answer.headers["Content-Type"].startswith("application/json"))
                if expected == 405:
                    self.assertTrue(answer.headers["Allow"])

    def test_head_and_keep_alive(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.sheaf.port, timeout=5)
        self.addCleanup(connection.close)
        for _ in range(3):
            connection.request("GET", "/healthz")
            response = connection.getresponse()
            self.assertEqual(response.status, 200)
            response.read()
            self.assertFalse(response.will_close)
        connection.request("HEAD", "/healthz")
        response = connection.getresponse()
        self.assertIn(response.status, (200, 405))
        self.assertEqual(response.read(), b"")


class BacklogTests(Case):
    def test_stats_show_no_backlog_once_all_is_done(self):
        sheaf = self.sheaf({"types": window("300ms")})
        [id] = sheaf.accept(item(1, 1, 1))
        sheaf.ended(id)
        eventually(lambda: (lambda s: s["queue_backlog"] == 0 and s["outbox_backlog"] == 0)(
            sheaf.get("/v1/stats")), 5, what="an empty backlog")

    def test_a_window_that_waits_is_no_backlog(self):
        """What is delayed on purpose does not lag: an alarm on the backlog must not ring for open windows."""
        sheaf = self.sheaf({"types": window("60s")})
        sheaf.accept([item(n, 1, 1) for n in range(50)])
        eventually(lambda: sheaf.get("/v1/stats")["open_windows"] == 50)
        time.sleep(1.5)
        stats = sheaf.get("/v1/stats")
        metrics = sheaf.metrics()
        self.assertEqual((stats["outbox_backlog"], stats["queue_backlog"],
                          metrics["sheaf_outbox_backlog"], metrics["sheaf_outbox_oldest_seconds"]), (0, 0, 0, 0))


class PortTests(Case):
    def test_the_port_is_named_at_any_log_level_and_format(self):
        """`http.port: 0` "takes a free one and logs it"."""
        for log in ({"level": "warning"}, {"level": "error"}):
            with self.subTest(log=log):
                sheaf = self.sheaf({"log": log}, start=False)
                sheaf.spawn()
                sheaf.listening.wait(3)
                self.assertIsNotNone(sheaf.port, "no line names the port: %r" % sheaf.lines)
                [line] = [l for l in sheaf.lines if "listening" in l]
                self.assertRegex(line, r"\bNOTICE\b", "it is no warning")
        sheaf = self.sheaf({"log": {"format": "json"}}, start=False)
        sheaf.spawn()
        line = eventually(lambda: [l for l in sheaf.lines if "listening" in l and "port" in l], 5)[-1]
        self.assertGreater(int(re.search(r'"port":"?(\d+)', line).group(1)), 0)

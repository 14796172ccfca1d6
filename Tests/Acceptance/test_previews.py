"""What lets people look before they act: previews, explanations, and the doctor's look at types."""

import itertools
import json
import os
import re

import harness
from harness import Case, SharedCase, eventually, item, status
from test_types_running import Folder

REVIEWS = """data: {item_id: id, stars: integer, author: string?}
key: [item_id]
delivery: {mode: sliding, window: 5m, max_wait: 30m}
when: data.stars <= 3
texts:
  en:
    list_title: "{count, plural, one {# bad review} other {# bad reviews}}"
    list_description: "{count_author, plural, =0 {Answer the buyers} other {By {list_author}}}"
    url: "https://example.com/items/{item_id}{count_author, plural, =0 {} other {?by={last_author}}}"
  ru: {list_title: "{count, plural, one {# плохой отзыв} few {# плохих отзыва} many {# плохих отзывов} other {# плохого отзыва}}"}
examples:
  - name: one
    events: [{data: {item_id: 7, stars: 1, author: Anna}}]
    expect: {list_title: 1 плохой отзыв}
"""


def review(stars=1, item_id=7, **more):
    return dict({"item_id": item_id, "stars": stars}, **more)


class Looking(Case):
    assertError = SharedCase.assertError

    def running(self, **config):
        folder = Folder(self)
        folder.write(name="review_published", text=REVIEWS)
        return self.sheaf(dict({"types": {"folder": folder.path}}, **config))

    def ask(self, sheaf, path, document):
        return sheaf.request("POST", path, document if isinstance(document, str) else json.dumps(document),
                             {"Content-Type": "application/json"})


class PreviewTests(Looking):
    def preview(self, sheaf, events, type="review_published", **more):
        return self.ask(sheaf, "/v1/types/%s/preview" % type, dict({"events": events, "locale": "en"}, **more))

    def test_the_texts_in_each_language(self):
        sheaf = self.running()
        answer = self.preview(sheaf, [review(author="Anna"), review(5), review(2, author="Bo & Co")])
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json, {
            "type": "review_published", "locale": "en", "time_zone": "UTC", "list_title": "2 bad reviews",
            "list_description": "By Bo & Co and Anna", "full_title": "", "full_text": "", "category": "general",
            "importance": "normal", "url": "https://example.com/items/7?by=Bo%20%26%20Co", "event_count": 2,
            "windows": 1, "left_out": [{"event": 1, "reason": "not_matching"}], "notes": []})
        for locale, text in (("ru", "1 плохой отзыв"), ("ru-UA", "1 плохой отзыв"), ("pl", "1 плохой отзыв"),
                             ("en-GB", "1 bad review")):
            self.assertEqual(self.preview(sheaf, [review()], locale=locale).json["list_title"], text)
        nothing = self.preview(sheaf, [review(5)]).json
        self.assertEqual((nothing["suppressed"], nothing["event_count"]), ("not_matching", 0))
        self.assertNotIn("list_title", nothing)
        self.assertEqual(self.preview(sheaf, [review(item_id=n) for n in range(3)]).json["windows"], 3)
        self.assertEqual(sheaf.get("/v1/windows")["total"], 0)

    def test_types_of_the_program_are_previewed_without_their_services(self):
        sheaf = self.running(sales={"url": "http://127.0.0.1:1"}, items={"url": "http://127.0.0.1:1"})
        answer = self.preview(sheaf, [item(42, 7, n)["data"] for n in range(21)], "sale_item_changed", locale="ru").json
        self.assertEqual(answer["list_description"], "21 объявление больше не подходит под условия")
        self.assertEqual((answer["event_count"], answer["locale"], len(answer["notes"])), (21, "ru", 1))
        answer = self.preview(sheaf, [status(42, 7)["data"]], "sale_seller_status_changed").json
        self.assertIn("list_title", answer)

    def test_what_is_wrong_is_said_with_its_field(self):
        sheaf = self.running()
        bad = self.preview(sheaf, [review()] * 3 + [review("x")])
        self.assertError(bad, 422, "events[3].data.stars")
        self.assertError(self.preview(sheaf, [review(), {"stars": 1}]), 422, "events[1].data.item_id")
        self.assertError(self.preview(sheaf, [review()], locale="xq"), 422, "locale")
        self.assertError(self.preview(sheaf, [review()], time_zone="Mars"), 422, "time_zone")
        self.assertError(self.preview(sheaf, [review()], enrich={}), 422, "enrich")
        self.assertError(self.preview(sheaf, []), 422, "events")
        self.assertError(self.preview(sheaf, [review()], "unknown"), 404)
        self.assertError(self.preview(sheaf, [review()] * 1001), 413)
        self.assertError(self.ask(sheaf, "/v1/types/review_published/preview", "{"), 400)
        self.assertEqual(self.preview(sheaf, [review()] * 1000).json["event_count"], 1000)

    def test_the_types_are_listed_with_their_texts(self):
        type = {t["name"]: t for t in self.running().get("/v1/types")["items"]}["review_published"]
        self.assertEqual(type["texts"]["ru"], {"list_title": REVIEWS.split('ru: {list_title: "')[1].split('"}')[0]})
        self.assertEqual(set(type["texts"]["en"]), {"list_title", "list_description", "url"})
        self.assertEqual(type["sample"], [review(author="Anna")])
        self.assertEqual(type["example"], {"name": "one", "now": "2026-01-05T12:00:00.000Z"})
        self.assertEqual((type["when"], type["key"]), ("data.stars <= 3", ["item_id"]))


class ExplainTests(Looking):
    def event(self, stars=1, **more):
        return dict({"type": "review_published", "recipient_id": 42, "data": review(stars)}, **more)

    def explain(self, sheaf, event):
        answer = self.ask(sheaf, "/v1/explain", event)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def test_what_would_happen_to_an_event(self):
        sheaf = self.running()
        answer = self.explain(sheaf, self.event())
        self.assertEqual((answer["outcome"], answer["window"], answer["open_window"], answer["reason"] if "reason" in answer else None),
                         ("opens_window", "review_published:42:7", None, None))
        self.assertEqual((answer["notification"]["list_title"], answer["notification"]["event_count"]),
                         ("1 плохой отзыв", 1))
        self.assertEqual(answer["recipient"], {"recipient_id": 42, "described": False, "locale": "ru", "time_zone": "UTC"})
        self.assertEqual(answer["policy"], {"outcome": "notify"})
        sheaf.request("PATCH", "/v1/recipients/42", '{"locale":"en"}', {"Content-Type": "application/json"})
        first, = sheaf.accept([self.event(id="order-1")])
        # Windows in Redis are joined after the answer.
        eventually(lambda: self.explain(sheaf, self.event())["outcome"] == "joins_window", what="the open window")
        answer = self.explain(sheaf, self.event())
        self.assertEqual(answer["open_window"]["events"], 1)
        self.assertGreater(answer["closes_at"], answer["open_window"]["closes_at"], "a sliding window is prolonged")
        self.assertEqual((answer["notification"]["list_title"], answer["recipient"]["described"]), ("1 bad review", True))
        self.assertEqual(self.explain(sheaf, self.event(id="order-1"))["outcome"], "duplicate")
        answer = self.explain(sheaf, self.event(4))
        self.assertEqual((answer["outcome"], answer["reason"], answer["notification"]), ("suppressed", "not_matching", None))
        self.assertEqual(self.explain(sheaf, status(42, 7))["outcome"], "sent_at_once")
        self.assertEqual(sheaf.get("/v1/windows")["items"][0]["events"], 1, "nothing was stored")
        self.assertError(self.ask(sheaf, "/v1/explain", self.event("x")), 422, "data.stars")
        self.assertError(self.ask(sheaf, "/v1/explain", dict(self.event(), type="x")), 422, "type")
        self.assertError(self.ask(sheaf, "/v1/explain", [self.event(), self.event()]), 422)
        self.assertError(self.ask(sheaf, "/v1/explain", "{"), 400)

    def test_the_command_says_it_in_lines(self):
        sheaf = self.running()
        sheaf.accept([self.event(id="order-1")])
        eventually(lambda: self.explain(sheaf, self.event())["outcome"] == "joins_window", what="the open window")
        done = sheaf.cli("explain", input=json.dumps(self.event(), indent=2).encode())
        lines = done.stdout.decode().splitlines()
        self.assertEqual((done.returncode, lines[0]),
                         (0, "review_published for recipient 42: it would join an open window"), done)
        self.assertRegex(lines[1], r"^window       review_published:42:7, open since \S+Z with 1 event$")
        self.assertIn("list_title        1 плохой отзыв", lines)
        path = os.path.join(sheaf.folder, "event.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(self.event(5), file)
        done = sheaf.cli("explain", path)
        self.assertIn(b"it would end suppressed, not_matching", done.stdout)
        done = sheaf.cli("explain", "--json", path)
        self.assertEqual(json.loads(done.stdout)["outcome"], "suppressed")
        for text, message in ((b"", b"JSON"), (b"[]", b"expected one event, got none"),
                              (json.dumps(self.event("x")).encode(), b"data.stars: ")):
            done = sheaf.cli("explain", input=text)
            self.assertEqual((done.returncode, done.stdout), (1, b""), done)
            self.assertIn(message, done.stderr)
        self.assertEqual(sheaf.cli("explain", "nowhere.json").returncode, 1)

    def test_no_file_is_made(self):
        sheaf = self.sheaf(start=False)
        if harness.MODE != "embedded":
            self.skipTest("a server has no file")
        done = sheaf.cli("explain", input=json.dumps(status(42, 7)).encode())
        self.assertEqual(done.returncode, 69, done)
        self.assertIn(b"there is no database", done.stderr)
        self.assertEqual(sheaf.cli("types", "history").stdout.split(), b'{ "items" : [ ] }'.split())
        self.assertIn(b'"sale_item_changed"', sheaf.cli("types", "list").stdout)
        self.assertEqual(sheaf.cli("types", "rollback", "1").returncode, 1)
        self.assertEqual([name for name in os.listdir(sheaf.folder) if name.endswith(".db")], [])


class DoctorTests(Looking):
    def look(self, sheaf):
        done = sheaf.cli("doctor")
        lines = done.stdout.decode().splitlines()
        at = next(n for n, line in enumerate(lines) if " types.folder " in line)
        mistakes = list(itertools.takewhile(lambda line: line.startswith("      "), lines[at + 1:]))
        return done.returncode, re.sub(r"\s+", " ", lines[at]), mistakes

    def test_the_folder_is_compared_with_what_is_in_use(self):
        folder = Folder(self)
        folder.write(window="1h")
        sheaf = self.sheaf({"types": {"folder": folder.path}}, start=False)
        self.assertEqual(self.look(sheaf)[:2], (0, "ok types.folder 1 type; no set is stored yet, and the start applies this one"))
        sheaf.start()
        self.assertEqual(self.look(sheaf)[:2], (0, "ok types.folder 1 type, the same as revision 1"))
        folder.write(window="2h")
        self.assertEqual(self.look(sheaf)[:2],
                         (0, "ok types.folder 1 type, another set than revision 1: changed news; the start applies it"))
        sheaf.accept([{"type": "news", "recipient_id": 1, "data": {"topic": "a", "stars": 1}}])
        folder.write(text="data: {topic: string, stars: string}\nkey: [topic]\ntexts: {en: {list_title: '{count}'}}\n")
        code, line, rest = self.look(sheaf)
        self.assertEqual((code, line), (1, "fail types.folder is refused:"))
        self.assertRegex(rest[0], r"^ +\S+/news.yaml:1:\d+: data.stars: was integer and is string ")
        folder.write(text="data: {a: it}\ntexts: {en: {list_title: '{b}'}}\n")
        code, line, rest = self.look(sheaf)
        self.assertEqual((code, line, len(rest)), (1, "fail types.folder is refused:", 2))
        self.assertRegex(rest[0], r"^ +\S+/news.yaml:1:11: ")
        self.assertEqual(sheaf.get("/v1/types")["revision"], 1)

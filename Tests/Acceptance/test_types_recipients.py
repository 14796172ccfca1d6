"""Digests of declared types: in the recipient's language and zone, and with what the type's own service says."""

import base64
import os
import threading
import time
import unittest
import unittest.mock

import backends
from harness import Case, eventually, item, promocode, status, window
from servers import Collector, Hook
from test_types_running import Folder, news

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes....").decode()
REVIEWS = """
data: {item_id: id, author: string?}
delivery: {mode: tumbling, window: 300ms}
enrich: {url: "%s/enrich", secret_env: REVIEWS_SECRET%s, returns: {title: string}}
texts:
  en: {list_title: "{count, plural, one {# review} other {# reviews}} of {title}"}
  ru: {list_title: "{count, plural, one {# отзыв} few {# отзыва} many {# отзывов} other {# отзыва}}: {title}"}
  pt: {list_title: "{count, plural, one {# avaliação} other {# avaliações}}: {title}"}
"""


def review(number, recipient=1, **data):
    return {"type": "reviews", "recipient_id": recipient, "data": dict({"item_id": number}, **data)}


def verify(secret, body, headers):
    """As another implementation of Standard Webhooks sees it."""
    try:
        from standardwebhooks import Webhook
    except ImportError:
        import hashlib
        import hmac
        signed = b"%s.%s." % (headers["webhook-id"].encode(), headers["webhook-timestamp"].encode()) + body
        key = base64.b64decode(secret[len("whsec_"):])
        expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == expected
    else:
        Webhook(secret).verify(body, headers)


class TypesCase(Case):
    settings = {}

    def setUp(self):
        patch = unittest.mock.patch.dict(os.environ, {"REVIEWS_SECRET": SECRET})
        patch.start()
        self.addCleanup(patch.stop)
        self.folder = Folder(self)

    def running(self, **settings):
        return self.sheaf(dict(self.settings, types=dict({"folder": self.folder.path}, **settings.pop("types", {})),
                               **settings))

    def hook(self, script=lambda number, question: {"variables": {"title": "Tea"}}, more=""):
        hook = self._keep(Hook(script))
        self.folder.write(name="reviews", text=REVIEWS % (hook.url, more))
        return hook

    def notified(self, sheaf, id, seconds=10):
        return sheaf.notification(sheaf.ended(id, seconds=seconds)["notification_id"])


class HookTests(TypesCase):
    """Windows in the store."""

    def test_a_service_gives_variables_and_is_asked_in_a_way_it_can_check(self):
        hook = self.hook()
        sheaf = self.running()
        trace = "0af7651916cd43dd8448eb211c80319c"
        ids = sheaf.accept([review(7, author="Anna", more={"a": [1]}), review(8)],
                           headers={"traceparent": "00-%s-b7ad6b7169203331-01" % trace})
        notification = self.notified(sheaf, ids[0])
        self.assertEqual((notification["list_title"], notification["event_count"], notification["locale"]),
                         ("2 отзыва: Tea", 2, "ru"))
        (question, headers, body), = hook.requests
        self.assertEqual(question, {"type": "reviews", "recipient_id": 1, "locale": "ru", "events": [
            {"item_id": 7, "author": "Anna", "more": {"a": [1]}}, {"item_id": 8}]})
        self.assertEqual(headers["content-type"], "application/json")
        self.assertEqual(headers["traceparent"].split("-")[1], trace)
        verify(SECRET, body, headers)
        with self.assertRaises(Exception):
            verify(SECRET, body + b" ", headers)

    def test_a_service_keeps_some_events(self):
        self.hook(lambda number, question: {
            "variables": {"title": "Tea"}, "keep": [i for i, e in enumerate(question["events"]) if e["item_id"] % 2]})
        sheaf = self.running()
        ids = sheaf.accept([review(n) for n in range(5)])
        notification = self.notified(sheaf, ids[1])
        self.assertEqual((notification["list_title"], notification["event_count"]), ("2 отзыва: Tea", 2))
        for number, id in enumerate(ids):
            event = sheaf.event(id)
            expected = ("processed", None, notification["id"]) if number % 2 else ("suppressed", "not_kept", None)
            self.assertEqual((event["status"], event.get("reason"), event.get("notification_id")), expected)
        alone, = sheaf.accept([review(2, recipient=2)])
        self.assertEqual(sheaf.ended(alone, "suppressed")["reason"], "not_kept")

    def test_a_service_suppresses_the_events(self):
        self.hook(lambda number, question: {"suppress": "sold_out"})
        sheaf = self.running()
        ids = sheaf.accept([review(1), review(2)])
        for id in ids:
            self.assertEqual(sheaf.ended(id, "suppressed")["reason"], "sold_out")
        self.assertEqual(sheaf.feed(1)["items"], [])

    def test_while_a_service_fails_the_window_waits_and_flush_ends_the_wait(self):
        failing = [(503, [("Retry-After", "45")]), 404, {"variables": {"title": 7}}]
        state = {"answer": failing[0]}
        hook = self.hook(lambda number, question: state["answer"])
        sheaf = self.running()
        ids = sheaf.accept([review(1, author="secret-payload"), review(2)])
        for number, answer in enumerate(failing):
            state["answer"] = answer
            if number:
                self.assertEqual(sheaf.request("POST", "/v1/windows/reviews:1/flush").status, 202)
            # All of its attempts have failed.
            eventually(lambda n=number: sum("a window waits for another attempt" in line for line in sheaf.lines) > n,
                       what="the window having to wait")
            eventually(lambda: [w for w in sheaf.get("/v1/windows")["items"] if w.get("waits_for") == "service"],
                       what="a window that waits")
        state["answer"] = {"variables": {"title": "Tea"}}
        self.assertEqual(sheaf.request("POST", "/v1/windows/reviews:1/flush").status, 202)
        self.assertEqual(self.notified(sheaf, ids[0])["list_title"], "2 отзыва: Tea")
        self.assertEqual(len(set(headers["webhook-id"] for _, headers, _ in hook.requests)), 1)
        log = "\n".join(sheaf.lines)
        self.assertIn("variables.title has the wrong type, expected a string", log)
        self.assertNotIn("secret-payload", log)
        self.assertNotIn(SECRET, log)
        self.assertEqual(sheaf.get("/v1/dead-letters")["items"], [])

    def test_a_service_that_recovers_soon_is_not_waited_for(self):
        hook = self.hook(lambda number, question: 503 if number < 2 else {"variables": {"title": "Tea"}})
        sheaf = self.running()
        id, = sheaf.accept([review(1)])
        self.assertEqual(self.notified(sheaf, id)["list_title"], "1 отзыв: Tea")
        self.assertEqual(len(hook.requests), 3)

    def test_texts_do_without_a_service_that_is_not_needed(self):
        self.hook(lambda number, question: 500, more=", needed: false")
        sheaf = self.running()
        id, = sheaf.accept([review(1)])
        self.assertEqual(self.notified(sheaf, id)["list_title"], "1 отзыв: ")

    def test_a_service_that_does_not_answer_in_time_is_given_up(self):
        def silent(number, question):
            time.sleep(0.7)
            return {"variables": {"title": "Tea"}}

        hook = self.hook(silent, more=", needed: false, timeout: 200ms")
        sheaf = self.running()
        id, = sheaf.accept([review(1)])
        self.assertEqual(self.notified(sheaf, id)["list_title"], "1 отзыв: ")
        self.assertEqual(len(hook.requests), 3)

    def test_a_slow_service_is_asked_so_many_times_at_once_and_holds_up_no_other_type(self):
        released = threading.Event()

        def slow(number, question):
            released.wait(30)
            return {"variables": {"title": "Tea"}}

        hook = self.hook(slow, more=", timeout: 30s")
        self.folder.write(window="300ms")
        sheaf = self.running()
        ids = sheaf.accept([review(1, recipient=n) for n in range(200)])
        other, = sheaf.accept([news()])
        eventually(lambda: hook.most == 32, what="32 requests at once")
        self.notified(sheaf, other)
        self.assertEqual({sheaf.event(id)["status"] for id in ids}, {"new"})
        released.set()
        for id in ids:
            sheaf.ended(id, seconds=20)
        self.assertEqual((len(hook.requests), hook.most), (200, 32))

    def test_trying_out_a_type_asks_nobody(self):
        hook = self.hook()
        with open(os.path.join(self.folder.path, "reviews.yaml"), "a", encoding="utf-8") as file:
            file.write("examples:\n  - {name: one, locale: en, events: [{data: {item_id: 7}}], "
                       "enrich: {variables: {title: Tea}}, expect: {list_title: 1 review of Tea}}\n")
        sheaf = self.running()
        done = sheaf.cli("types", "test", self.folder.path)
        self.assertEqual((done.returncode, hook.requests), (0, []), done)

    def test_a_traced_question_is_part_of_its_composition(self):
        collector = self._keep(Collector())
        hook = self.hook()
        sheaf = self.running(tracing={"url": collector.url, "sample_ratio": 1})
        id, = sheaf.accept([review(1)])
        self.notified(sheaf, id)
        compose = collector.named("compose")
        self.assertEqual(hook.requests[0][1]["traceparent"].split("-")[1:3], [compose["traceId"], compose["spanId"]])

    def test_a_secret_that_is_not_set_is_a_mistake_at_a_start_and_at_a_reload(self):
        self.hook()
        with unittest.mock.patch.dict(os.environ):
            del os.environ["REVIEWS_SECRET"]
            sheaf = self.sheaf(dict(self.settings, types={"folder": self.folder.path}), start=False)
            # On an empty store, too, the doctor says that a start would be refused.
            done = sheaf.cli("doctor")
            self.assertEqual(done.returncode, 1, done)
            self.assertRegex(done.stdout.decode(), r"(?m)^fail +types\.folder +is refused:\n.*REVIEWS_SECRET")
            sheaf.spawn()
            self.assertEqual(sheaf.process.wait(20), 78)
            # Set when all that it wrote was read, too.
            self.assertTrue(sheaf.listening.wait(10))
            place = "/reviews.yaml:4:"
            self.assertTrue(any(place in line and "enrich.secret_env" in line and "REVIEWS_SECRET" in line
                                for line in sheaf.lines), sheaf.lines)
            self.folder.remove("reviews")
            self.folder.write()
            sheaf.start()
            self.hook()
            answer = sheaf.request("POST", "/v1/reload")
            self.assertEqual(answer.status, 422)
            self.assertIn("enrich.secret_env", answer.json["error"]["mistakes"][0])
            # Neither checking nor trying out needs it, nor calls anybody.
            self.assertEqual(sheaf.cli("types", "check", self.folder.path).returncode, 0)
            os.environ["REVIEWS_SECRET"] = "not-a-secret"
            self.assertEqual(sheaf.terminate(), 0)
            sheaf.spawn()
            self.assertEqual(sheaf.process.wait(20), 78)
            self.assertTrue(sheaf.listening.wait(10))
            self.assertTrue(any(place in line and "does not begin with" in line for line in sheaf.lines))
            self.assertFalse(any("not-a-secret" in line for line in sheaf.lines))
            # A set that was stored by a process that had it is likewise of no use to one that has not.
            del os.environ["REVIEWS_SECRET"]
            other = self.sheaf(self.settings, start=False)
            done = other.cli("types", "apply", self.folder.path)
            self.assertEqual(done.returncode, 0, done)
            self.assertRegex(done.stderr.decode(),
                             r"(?m)^warning: \S+/reviews.yaml:4:\d+: enrich.secret_env: .*REVIEWS_SECRET")
            lack = "revision 1, reviews.yaml: enrich.secret_env: the environment variable REVIEWS_SECRET"
            done = other.cli("doctor")
            self.assertEqual(done.returncode, 1, done)
            self.assertRegex(done.stdout.decode(), r"(?m)^fail +types +is refused:\n +" + lack)
            other.spawn()
            self.assertEqual(other.process.wait(20), 78)
            self.assertTrue(other.listening.wait(10))
            self.assertTrue(any(lack in line for line in other.lines), other.lines)


class RelayedHookTests(HookTests):
    """Windows in Redis."""

    def setUp(self):
        if "SHEAF_TEST_REDIS_URL" not in os.environ:
            self.skipTest("there is no Redis")
        super().setUp()
        self.settings = backends.redis_settings()


class RecipientTests(TypesCase):
    """Languages and zones."""

    def test_a_recipient_is_notified_in_a_language_and_zone_of_their_own(self):
        self.folder.write(name="meetings", text='''
data: {at: time}
delivery: immediate
texts:
  en: {list_title: "At {last_at, time, short}"}
  ru: {list_title: "В {last_at, time, short}"}
  pt: {list_title: "Às {last_at, time, short}"}
''')
        sheaf = self.running(time_zone="Europe/Moscow")

        def texts():
            id, = sheaf.accept([{"type": "meetings", "recipient_id": 7, "data": {"at": "2026-01-05T12:00:00Z"}}])
            notification = self.notified(sheaf, id)
            return notification["list_title"].replace("\u202f", " "), notification["locale"]

        def set(settings):
            answer = sheaf.request("PATCH", "/v1/recipients/7", settings)
            self.assertEqual(answer.status, 200, answer)

        self.assertEqual(texts(), ("В 15:00", "ru"))
        set('{"locale":"pt-BR"}')
        self.assertEqual(texts(), ("Às 15:00", "pt"))
        set('{"time_zone":"Asia/Tokyo"}')
        self.assertEqual(texts(), ("Às 21:00", "pt"))
        set('{"locale":"en-GB"}')
        self.assertEqual(texts(), ("At 9:00 PM", "en"))
        # Nothing is written in French.
        set('{"locale":"fr"}')
        self.assertEqual(texts(), ("В 21:00", "ru"))
        # The types of the program have texts in two languages.
        set('{"locale":"en"}')
        id, = sheaf.accept([status(7, 1)])
        notification = self.notified(sheaf, id)
        self.assertEqual((notification["list_title"], notification["locale"]), ("You are in the sale", "en"))
        set('{"locale":null,"time_zone":null}')
        self.assertEqual(texts(), ("В 15:00", "ru"))

    def test_a_replay_is_in_the_language_of_now(self):
        self.folder.write(name="news", text="data: {n: integer}\ndelivery: immediate\ntexts:\n"
                          "  en: {list_title: 'News'}\n  ru: {list_title: 'Новости'}\n")
        sheaf = self.running()
        id, = sheaf.accept([{"type": "news", "recipient_id": 7, "data": {"n": 1}}])
        self.assertEqual(self.notified(sheaf, id)["list_title"], "Новости")
        self.assertEqual(sheaf.request("PATCH", "/v1/recipients/7", '{"locale":"en"}').status, 200)
        done = sheaf.cli("replay", "--since", "2020-01-01T00:00:00Z", "--type", "news")
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual([(n["list_title"], n["locale"]) for n in sheaf.feed(7)["items"]],
                         [("News", "en"), ("Новости", "ru")])


ITEMS = """
data: {sale_id: id, item_id: id}
key: [sale_id]
delivery: {window: 400ms}
enrich: {url: "%s", returns: {banned: integer, title: string, names: string}}
texts:
  ru:
    list_title: "⚠️ {banned, plural, =1 {Ваш товар} one {Ваши товары} few {Ваши товары} many {Ваши товары} other {Ваши товары}} исключили из распродажи"
    list_description: "{title, select, none {{banned, plural, one {# объявление больше не подходит} few {# объявления больше не подходят} many {# объявлений больше не подходят} other {# объявления больше не подходят}} под условия} other {«{title}» больше не подходит под условия}}"
    full_title: "Исключили {title, select, none {{banned, plural, one {# товар} few {# товара} many {# товаров} other {# товара}}} other {товар «{title}»}} из распродажи"
    full_text: >-
      {title, select, none {{banned, plural, one {# объявление больше не подходит} few {# объявления больше не подходят}
      many {# объявлений больше не подходят} other {# объявления больше не подходят}} под условия{names}} other
      {Его объявление больше не подходит под условия}}. {banned, plural, =1 {Проверьте цену и описание товара.}
      one {Проверьте цены и описания товаров.} few {Проверьте цены и описания товаров.}
      many {Проверьте цены и описания товаров.} other {Проверьте цены и описания товаров.}}
"""
STATUS = """
data: {sale_id: id, status: [approved, rejected, blocked]}
delivery: immediate
texts:
  ru:
    list_title: "{last_status, select, approved {Вы участвуете в распродаже} rejected {Вы не участвуете в распродаже} other {Участие в распродаже заблокировано}}"
    list_description: "{last_status, select, approved {Заявка на участие одобрена} rejected {Заявка на участие отклонена} other {Ваши товары в ней не участвуют}}"
    full_title: "{last_status, select, approved {Заявка на участие в распродаже одобрена} rejected {Заявка на участие в распродаже отклонена} other {Ваше участие в распродаже заблокировано}}"
    full_text: "{last_status, select, approved {Мы одобрили вашу заявку: вы участвуете в распродаже №{last_sale_id}.} rejected {Мы отклонили вашу заявку на участие в распродаже №{last_sale_id}. Проверьте, подходите ли вы под её условия.} other {Мы заблокировали ваше участие в распродаже №{last_sale_id}. Если вы считаете это ошибкой, напишите в поддержку.}}"
"""
PROMOCODE = """
data: {promocode_id: id, code: string, limit: integer}
delivery: immediate
texts:
  ru:
    list_title: "Лимит промокода «{last_code}» исчерпан"
    list_description: "Промокод использован {last_limit, plural, one {# раз} few {# раза} many {# раз} other {# раза}}"
    full_title: "Промокод «{last_code}» больше не действует"
    full_text: "Промокод использован {last_limit, plural, one {# раз} few {# раза} many {# раз} other {# раза}} — это весь его лимит. Чтобы скидка снова работала, увеличьте лимит или создайте новый промокод."
"""
DECLARED = {"sale_item_changed": "items_excluded", "sale_seller_status_changed": "seller_status",
            "seller_promocode_limit_reached": "promocode_used_up"}
SHOWN = ("recipient_id", "list_title", "list_description", "full_title", "full_text", "event_count", "locale",
         "category", "importance")


class DeclaredBuiltInTests(TypesCase):
    """The types of the program, declared in files under other names."""

    def test_the_same_events_make_the_same_notifications(self):
        def is_banned(sale, item):
            return item % 4 != 0 and sale != 9

        sales, items = self.sales(is_banned), self.items()

        def answer(number, question):
            """What the sales and items services say, as the type in Swift takes it."""
            seen = []
            for event in question["events"]:
                if is_banned(event["sale_id"], event["item_id"]) and event["item_id"] not in seen:
                    seen.append(event["item_id"])
            if not seen:
                return {"suppress": "no_banned_items"}
            titles = ["Велосипед №%d" % item for item in seen]
            words = ["«%s»" % title for title in titles]
            names = ", ".join(words[:-1]) + (" и " if len(words) > 1 else "") + words[-1]
            return {"variables": {"banned": len(seen), "title": titles[0] if len(seen) == 1 else "none",
                                  "names": "" if len(seen) > 5 else ": " + names}}

        hook = self._keep(Hook(answer))
        for name, text in (("items_excluded", ITEMS % hook.url), ("seller_status", STATUS),
                           ("promocode_used_up", PROMOCODE)):
            self.folder.write(name=name, text=text)
        sheaf = self.running(sales={"url": sales.url}, items={"url": items.url}, types=window())
        events = [promocode(1, 5, limit=21), promocode(2, 6, limit=1)]
        events += [status(n, 70 + n, status=s) for n, s in enumerate(("approved", "rejected", "blocked"))]
        for recipient, count in enumerate((1, 2, 3, 7, 28, 34)):
            events += [item(recipient, 7, n) for n in range(1, count + 1)] + [item(recipient, 7, 1)]
        events += [item(3, 9, 1), item(3, 9, 2), item(4, 8, 4)]
        built_in = sheaf.accept(events)
        declared = sheaf.accept([dict(event, type=DECLARED[event["type"]]) for event in events])

        def outcome(id):
            event = eventually(lambda: (lambda e: e if e["status"] != "new" else None)(sheaf.event(id)), 20,
                               what="the end of an event")
            notification = sheaf.notification(event["notification_id"]) if event.get("notification_id") else {}
            return event["status"], event.get("reason"), {name: notification.get(name) for name in SHOWN}

        for event, one, other in zip(events, built_in, declared):
            with self.subTest(event=event):
                self.assertEqual(outcome(one), outcome(other))
        self.assertEqual({outcome(id)[:2] for id in declared},
                         {("processed", None), ("suppressed", "no_banned_items")})

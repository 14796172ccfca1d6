"""One script of events through every backend: the same notifications as a model has them."""

import collections
import json
import os
import random
import tempfile
import threading
import time

from cluster import PROBES, PROMOCODE_TOPIC, SALE_TOPIC, STATUS_TOPIC, ClusterCase
from harness import Sheaf, eventually, item, note, promocode, status, window

EVENTS = 20_000
SEED = 20261124
BATCH = 500
# Long against the time within which all of one window's events are handled, which come in one batch.
WINDOW = "4s"
# Of the declared type: also against what comes in the next batches and takes events back.
DECLARED_WINDOW = "9s"
CODES = ("ВЕСНА", "SALE-10", "Осень «24»", "лето 7")


# The texts, written down a second time.


def form(number, one, few, many):
    if number % 10 == 1 and number % 100 != 11:
        return one
    return few if 2 <= number % 10 <= 4 and not 12 <= number % 100 <= 14 else many


def items_texts(items):
    """List title and full text for items of one sale that were banned, in the order of their events."""
    if len(items) == 1:
        return ("⚠️ Ваш товар исключили из распродажи",
                "Его объявление больше не подходит под условия. Проверьте цену и описание товара.")
    count = len(items)
    unfit = "%d %s больше не %s под условия" % (
        count, form(count, "объявление", "объявления", "объявлений"),
        form(count, "подходит", "подходят", "подходят"))
    names = ["«%s»" % title(item) for item in items] if count <= 5 else []
    listed = ": %s и %s" % (", ".join(names[:-1]), names[-1]) if names else ""
    return ("⚠️ Ваши товары исключили из распродажи",
            "%s%s. Проверьте цены и описания товаров." % (unfit, listed))


def status_texts(data):
    list_title, full_text = {
        "approved": ("Вы участвуете в распродаже",
                     "Мы одобрили вашу заявку: вы участвуете в распродаже №%d."),
        "rejected": ("Вы не участвуете в распродаже",
                     "Мы отклонили вашу заявку на участие в распродаже №%d. Проверьте, подходите ли вы под её условия."),
        "blocked": ("Участие в распродаже заблокировано",
                    "Мы заблокировали ваше участие в распродаже №%d. Если вы считаете это ошибкой, напишите в "
                    "поддержку."),
    }[data["status"]]
    return list_title, full_text % data["sale_id"]


def promocode_texts(data):
    times = "%d %s" % (data["limit"], form(data["limit"], "раз", "раза", "раз"))
    return ("Лимит промокода «%s» исчерпан" % data["code"],
            "Промокод использован %s — это весь его лимит. Чтобы скидка снова работала, увеличьте лимит или создайте "
            "новый промокод." % times)


def comments_texts(words, data, count):
    """Of the declared type, in the words of a phase."""
    authors = list(dict.fromkeys(d["author"] for d in data))
    return ("%s: %d comment%s" % (words, count, "" if count == 1 else "s"),
            "%d words by %d, first %s" % (sum(d["words"] for d in data), len(authors), data[0]["author"]))


# The declared types, in the words and by the policy of a phase.
COMMENT = """
data: {post: id, comment_id: id, author: string, words: integer}
key: [post]
delivery: {mode: %s, window: %s, max_wait: 60s}
when: data.words > 0
texts:
  en:
    list_title: "%s: {count, plural, one {# comment} other {# comments}}"
    full_text: "{sum_words} words by {count_author}, first {first_author}"
"""
COMMENT_REMOVED = """
data: {comment_id: id}
retracts: {type: comment, by: [comment_id]}
"""
OTHER = 'data: {a: integer}\ndelivery: {at: "09:00"}\ntexts: {en: {list_title: "%d"}}\n'


class TypeFolder:
    """The folder of declared types; what stands in it is put to use by a reload."""

    def __init__(self, case):
        folder = tempfile.TemporaryDirectory(prefix="sheaf-acceptance-")
        case.addCleanup(folder.cleanup)
        self.path = folder.name
        self.reloads = 0
        self.write("comment_removed", COMMENT_REMOVED)
        self.phase(0)

    def phase(self, number):
        mode = ("tumbling", "sliding")[number]
        self.write("comment", COMMENT % (mode, DECLARED_WINDOW, Script.WORDS[number]))

    def reload(self, sheaf):
        """Puts another type to use, which changes nothing for the others."""
        self.reloads += 1
        self.write("other", OTHER % self.reloads)
        self.apply(sheaf)

    def apply(self, sheaf):
        answer = sheaf.request("POST", "/v1/reload")
        assert answer.status == 200 and answer.json["stored"], answer

    def write(self, name, text):
        with open(os.path.join(self.path, name + ".yaml"), "w", encoding="utf-8") as file:
            file.write(text)


def title(item):
    return "Велосипед №%d" % item


def banned(sale, item):
    """Of one sale in eight nothing is banned, of the others a part."""
    return sale % 8 != 0 and item % 5 != 0


# The script


Notified = collections.namedtuple("Notified", "recipient type list_title full_text events")


class Script:
    """Batches of events in two phases, of which the second is to be sent when nothing of the first is left to do, and
    what must come of them."""

    # What the texts of the declared type begin with in each phase.
    WORDS = ("New", "More")

    def __init__(self, seed=SEED, count=EVENTS):
        self.chance = random.Random(seed)
        self.phases = [[], []]
        self.notified = set()
        # By the reason.
        self.suppressed = collections.defaultdict(set)
        self.results = collections.Counter()
        self.count = 0
        self.number = 0
        self.item = 0
        keys = []
        chance = self.chance
        recipients = list(range(1, 161))
        while self.count < count * 0.82:
            kind = chance.random()
            if kind < 0.12:
                for events in self.comments(0, chance.choice(recipients)):
                    self.add(0, events)
            elif kind < 0.40:
                key = (chance.choice(recipients), len(keys) + 1)
                keys.append(key)
                self.add(0, self.window(*key))
            elif kind < 0.65:
                self.add(0, [self.sent_at_once(chance.choice(recipients), status(
                    0, chance.randrange(1, 60), status=chance.choice(("approved", "rejected", "blocked"))))])
            elif kind < 0.90:
                self.add(0, [self.sent_at_once(chance.choice(recipients), promocode(
                    0, chance.randrange(1, 60), code=chance.choice(CODES), limit=chance.randrange(0, 130)))])
            else:
                self.add(0, [self.bad()])
        # Late ones: windows of the same keys once more, and events that were sent long ago.
        old = [event for batch in self.phases[0] for event in batch if event.get("id") and not self.is_bad(event)]
        for key in chance.sample(keys, len(keys) // 3):
            self.add(1, self.window(*key))
            if self.count > count - 800:
                break
        for _ in range(30):
            for events in self.comments(1, chance.choice(recipients)):
                self.add(1, events)
        old = [event for event in old if event["type"] not in ("comment", "comment_removed")]
        while self.count < count - 5:
            self.add(1, [self.duplicate(event) for event in chance.sample(old, min(25, count - self.count))])
        while self.count < count:
            self.add(1, [self.bad()])

    # Each gives events with the marks that the expectation needs taken care of.

    def next_id(self):
        self.number += 1
        return "e-%d" % self.number

    def window(self, recipient, sale):
        """The events of one window: a burst, with items that come twice and events that are sent twice."""
        chance = self.chance
        size = chance.choice((1, 1, 2, 3, 5, 6, 11, 14, 21, 22, 25, 40, 60, 101, 130))
        events = []
        for _ in range(size):
            self.item += 1
            item_id = self.item if chance.random() > 0.05 or not events else events[-1]["data"]["item_id"]
            events.append(item(recipient, sale, item_id, id=self.next_id()))
        ids = frozenset(e["id"] for e in events)
        gone = list(dict.fromkeys(
            e["data"]["item_id"] for e in events if banned(sale, e["data"]["item_id"])))
        if gone:
            self.notified.add(Notified(recipient, "sale_item_changed", *items_texts(gone), ids))
        else:
            self.suppressed["no_banned_items"] |= ids
        self.results["accepted"] += len(events)
        for _ in range(size // 12):
            # After its first, wherever that is.
            place = chance.randrange(len(events))
            again = self.duplicate(events[place])
            events.insert(chance.randrange(place + 1, len(events) + 1), again)
        return events

    def comments(self, phase, recipient):
        """The events of one window of the declared type, some of which do not meet its condition, and some of which are
        taken back: in the same request, or in one that comes soon."""
        chance = self.chance
        events, later = [], []
        post = self.item
        for _ in range(chance.choice((1, 2, 3, 5, 8, 13))):
            self.item += 1
            data = {"post": post, "comment_id": self.item, "author": chance.choice("abcdefg"),
                    "words": chance.randrange(0, 9)}
            events.append({"type": "comment", "recipient_id": recipient, "data": data, "id": self.next_id()})
        notified = [e for e in events if e["data"]["words"] > 0]
        gone = [e for e in notified if chance.random() < 0.2]
        for event in gone:
            taking = {"type": "comment_removed", "recipient_id": recipient, "id": self.next_id(),
                      "data": {"comment_id": event["data"]["comment_id"]}}
            (events if chance.random() < 0.5 else later).append(taking)
            self.suppressed["retraction"].add(taking["id"])
        self.suppressed["not_matching"] |= {
            e["id"] for e in events if e["type"] == "comment" and e["data"]["words"] == 0}
        self.suppressed["retracted"] |= {e["id"] for e in gone}
        left = [e for e in notified if e not in gone]
        if left:
            self.notified.add(Notified(recipient, "comment",
                               *comments_texts(self.WORDS[phase], [e["data"] for e in left], len(left)),
                               frozenset(e["id"] for e in left)))
        self.results["accepted"] += len(events) + len(later)
        return [part for part in (events, later) if part]

    def duplicate(self, event):
        self.results["duplicate"] += 1
        return dict(event)

    def sent_at_once(self, recipient, event):
        event.update(recipient_id=recipient, id=self.next_id())
        texts = status_texts if event["type"] == "sale_seller_status_changed" else promocode_texts
        self.notified.add(Notified(recipient, event["type"], *texts(event["data"]), frozenset([event["id"]])))
        self.results["accepted"] += 1
        return event

    def bad(self):
        """An event that is refused, with what would be the next one's identifier."""
        self.results["rejected"] += 1
        recipient = self.chance.randrange(1, 161)
        return dict(self.chance.choice((
            {"type": "sale_item_removed", "recipient_id": recipient, "data": {"sale_id": 1, "item_id": 1}},
            {"type": "sale_item_changed", "recipient_id": recipient, "data": {"sale_id": "x", "item_id": 1}},
            {"type": "sale_item_changed", "recipient_id": recipient, "data": {"item_id": 1}},
            {"type": "sale_seller_status_changed", "recipient_id": recipient,
             "data": {"sale_id": 1, "status": "asleep"}},
            {"type": "seller_promocode_limit_reached", "data": {"promocode_id": 1, "code": "A", "limit": 1}},
        )), id="bad-%d" % self.results["rejected"])

    @staticmethod
    def is_bad(event):
        return event["id"].startswith("bad-")

    def add(self, phase, events):
        """Puts events that belong together in one batch."""
        batches = self.phases[phase]
        if not batches or len(batches[-1]) + len(events) > BATCH:
            batches.append([])
        batches[-1] += events
        self.count += len(events)
        # A duplicate within the batch or of an earlier one, which changes nothing.
        if phase == 0 and self.chance.random() < 0.1:
            event = self.chance.choice(self.chance.choice(batches))
            if not self.is_bad(event):
                batches[-1].append(self.duplicate(event))
                self.count += 1


class EquivalenceTests(ClusterCase):
    seconds = 240

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.script = Script()

    def setUp(self):
        self.gate = self.gateway()
        self.folder = TypeFolder(self)
        self.settings = {
            "gateway": {"url": self.gate.url}, "sales": {"url": self.sales(banned).url},
            "items": {"url": self.items().url}, "types": dict(window(WINDOW), folder=self.folder.path), "log": {"level": "notice"}}
        self.figures = []
        self.begun = time.monotonic()

    # The backends

    def test_embedded(self):
        sheaf = self._keep(Sheaf(self.settings))
        sheaf.start(60)
        self.run_script("embedded", sheaf)

    def test_embedded_with_redis(self):
        self.run_script("SQLite + Redis", self.embedded(kafka=False).api)

    def test_embedded_with_kafka(self):
        cluster = self.embedded(redis=False)
        cluster.await_flow()
        self.run_script("SQLite + Kafka", cluster.api)

    def test_embedded_with_redis_and_kafka(self):
        cluster = self.embedded()
        cluster.await_flow()
        self.run_script("SQLite + Redis + Kafka", cluster.api)

    def embedded(self, **servers):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        store = {"url": "sqlite:" + os.path.join(folder.name, "sheaf.db")}
        return self.cluster("run", settings=dict(self.settings, store=store), **servers)

    def test_postgres_alone(self):
        cluster = self.cluster("run", settings=self.settings, redis=False, kafka=False)
        self.run_script("PostgreSQL", cluster.api)

    def test_postgres_and_redis(self):
        cluster = self.cluster("run", settings=self.settings, kafka=False)
        self.run_script("PostgreSQL + Redis", cluster.api)

    def test_postgres_and_kafka(self):
        cluster = self.cluster("run", settings=self.settings, redis=False)
        cluster.await_flow()
        self.run_script("PostgreSQL + Kafka", cluster.api)

    def test_postgres_redis_kafka_with_one_worker(self):
        cluster = self.cluster("run", settings=self.settings)
        cluster.await_flow()
        self.run_script("PostgreSQL + Redis + Kafka, 1 worker", cluster.api)

    def test_postgres_redis_kafka_with_three_workers(self):
        cluster = self.cluster("service", "qaas", "qaas", "qaas", "databus", settings=self.settings, databus=True)
        cluster.await_databus()
        cluster.await_flow()
        self.run_script("PostgreSQL + Redis + Kafka, 3 workers", cluster.api, Databus(self.servers.kafka))
        worked = [p.name for p in cluster.of("qaas")
                  if p.metric("sheaf_messages_total", topic="event_occurred", outcome="handled") > 100]
        self.assertEqual(len(worked), 3, "all workers have their part")

    # The steps

    def run_script(self, name, sheaf, databus=None):
        results = collections.Counter()
        for number, batches in enumerate(self.script.phases):
            begun = time.monotonic()
            if number:
                self.folder.phase(number)
                self.folder.apply(sheaf)
                # Every process takes it within five seconds.
                time.sleep(5)
            by_http, by_databus = (batches, []) if databus is None else databus.divide(batches)
            feeder = threading.Thread(target=databus.feed, args=(by_databus,)) if databus else None
            if feeder:
                feeder.start()
            for place, batch in enumerate(by_http):
                if place % 8 == 5:
                    self.folder.reload(sheaf)
                answer = sheaf.publish(batch)
                self.assertEqual(answer.status, 202, answer)
                found = answer.json["results"]
                self.assertEqual([r["status"] for r in found if r["status"] == "rejected"],
                                 ["rejected"] * sum(1 for e in batch if Script.is_bad(e)))
                self.assertEqual([r["id"] for r in found if r["status"] != "rejected"],
                                 [e["id"] for e in batch if not Script.is_bad(e)])
                results.update(r["status"] for r in found)
            if feeder:
                feeder.join(120)
                self.assertEqual(databus.errors, [])
                events = [e for _, _, records in by_databus for e in records]
                last = [records[-1]["id"] for _, _, records in by_databus if not Script.is_bad(records[-1])]
                for id in last[-60:]:
                    eventually(lambda id=id: sheaf.request("GET", "/v1/events/" + id).status == 200, 60,
                               what="%s coming in" % id)
                databus.expected_letters += sum(1 for e in events if Script.is_bad(e))
                eventually(lambda: len(self.letters(sheaf)) >= databus.expected_letters, 30, 0.2, "the dead letters")
            eventually(lambda: (lambda s: s["unprocessed"] == 0 and s["open_windows"] == 0)(
                sheaf.get("/v1/stats")), 120, 0.1, "the end of phase %d" % (number + 1))
            self.figures.append("phase %d %.0f s" % (number + 1, time.monotonic() - begun))
        letters = self.letters(sheaf)
        self.assertEqual(len(letters), databus.expected_letters if databus else 0)
        if databus is None:
            self.assertEqual(results, self.script.results)
        else:
            self.assertGreater(databus.sent, 4_000)
            self.assertEqual(sum(results.values()) + databus.sent, self.script.count)
            self.assertEqual(results["rejected"] + len(letters), self.script.results["rejected"])

        # What came of it.
        documents = lambda: [d for d in self.gate.documents() if d["recipient_id"] < PROBES]  # noqa: E731
        eventually(lambda: len(documents()) >= len(self.script.notified), 60, 0.2,
                   "%d notifications at the gateway" % len(self.script.notified))
        time.sleep(1)
        sent = collections.Counter()
        for document in documents():
            found = sheaf.notification(document["id"])
            self.assertEqual(found["event_count"], len(found["event_ids"]))
            sent[Notified(document["recipient_id"], document["type"], document["list_title"], document["full_text"],
                      frozenset(found["event_ids"]))] += 1
        expected = collections.Counter(self.script.notified)
        if sent != expected:
            missing, surplus = list((expected - sent).elements()), list((sent - expected).elements())
            self.fail("%d of %d notifications are missing and %d are not as expected, for example\n%s" % (
                len(missing), len(expected), len(surplus), self.explain(missing, surplus)))
        for reason, ids in self.script.suppressed.items():
            for id in random.Random(1).sample(sorted(ids), min(100, len(ids))):
                event = sheaf.event(id)
                self.assertEqual((event["status"], event["reason"]), ("suppressed", reason), event)
        note("equivalence: %s: %d events, %d notifications as in the model, %d taken back, %d reloads; %s; %.0f s" % (
            name, self.script.count, sum(sent.values()), len(self.script.suppressed["retracted"]),
            self.folder.reloads + 1, ", ".join(self.figures), time.monotonic() - self.begun))

    @staticmethod
    def letters(sheaf):
        found, after = [], ""
        while True:
            page = sheaf.get("/v1/dead-letters?limit=100" + after)
            found += page["items"]
            if not page["next"]:
                return found
            after = "&after=" + page["next"]

    @staticmethod
    def explain(missing, surplus):
        lines = []
        for one in missing[:3]:
            others = [s for s in surplus if s.events & one.events]
            lines.append("expected %r\n   found %s" % (one, others or "nothing of these events"))
        for one in [s for s in surplus if not any(s.events & m.events for m in missing)][:3]:
            lines.append("unexpected %r" % (one,))
        return "\n".join(lines)


class Databus:
    """Feeds a part of the script by kcat: what belongs to some recipients, in plain JSON, or as CloudEvents, structured
    for some and binary for others. All that is sent of one event has one form, since its source is part of its
    identity."""

    def __init__(self, kafka):
        self.kafka = kafka
        self.sent = 0
        self.errors = []
        self.expected_letters = 0

    TOPICS = {"sale_item_changed": SALE_TOPIC, "sale_seller_status_changed": STATUS_TOPIC,
              "seller_promocode_limit_reached": PROMOCODE_TOPIC}

    @classmethod
    def form_of(cls, event):
        """`None` for what goes over HTTP."""
        recipient = event.get("recipient_id")
        if recipient is None or event["type"] not in cls.TOPICS:
            return None
        if Script.is_bad(event):
            return "plain" if recipient % 3 == 0 else None
        if recipient % 3 != 0:
            return None
        # Headers are a whole message's, so the binary form is one call of kcat for each event: few, and no windows.
        if event["type"] == "seller_promocode_limit_reached" and recipient % 60 == 0:
            return "binary"
        return "structured" if recipient % 2 else "plain"

    def divide(self, batches):
        """Batches without what is fed here, and (topic, form, events) in the order of their sending."""
        left, fed = [], []
        for batch in batches:
            left.append([event for event in batch if self.form_of(event) is None])
            parts = collections.OrderedDict()
            for event in batch:
                form = self.form_of(event)
                if form is not None:
                    parts.setdefault((self.TOPICS[event["type"]], form), []).append(event)
            fed += [(topic, form, events) for (topic, form), events in parts.items()]
        self.sent += sum(len(events) for _, _, events in fed)
        return [batch for batch in left if batch], fed

    def feed(self, parts):
        try:
            for topic, form, events in parts:
                getattr(self, form)(topic, events)
        except Exception as error:  # pylint: disable=broad-except
            self.errors.append("%r %s" % (error, getattr(error, "stderr", "")))

    def plain(self, topic, events):
        self.kafka.produce(topic, [(e["recipient_id"], json.dumps(dict(
            e["data"], seller_id=e["recipient_id"], event_id=e["id"]))) for e in events])

    def structured(self, topic, events):
        self.kafka.produce(topic, [(e["recipient_id"], json.dumps({
            "specversion": "1.0", "id": e["id"], "source": "/shop", "type": topic,
            "data": dict(e["data"], recipient_id=e["recipient_id"])})) for e in events],
            ["content-type=application/cloudevents+json; charset=UTF-8"])

    def binary(self, topic, events):
        for e in events:
            self.kafka.produce(topic, [(e["recipient_id"], json.dumps(dict(
                e["data"], seller_id=e["recipient_id"])))],
                ["ce_specversion=1.0", "ce_id=" + e["id"], "ce_source=/shop", "ce_type=" + e["type"],
                 "content-type=application/json"])

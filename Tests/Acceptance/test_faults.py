"""Servers go away, processes are killed and stopped while events flow: nothing is lost, nothing is doubled."""

import collections
import http.client
import json
import random
import threading
import time

from cluster import SALE_TOPIC, STATUS_TOPIC, PROBES, ClusterCase, confluent_kafka
from harness import eventually, item, note, promocode, status, window
from servers import Sales

SEED = 20261125
WINDOW = "2s"


def has_banned(sale):
    return sale % 10 != 0


class SlowSales(Sales):
    """Takes its time for an answer, and knows which process it owes one."""

    def __init__(self):
        super().__init__(lambda sale, item: has_banned(sale))
        self.delay = 0
        self.owed = {}
        self.questions = []

    def get(self, handler):
        sale = int(handler.path.split("/")[3])
        port = handler.client_address[1]
        with self.lock:
            self.owed[port] = sale
            self.questions.append((time.monotonic(), sale, port))
        time.sleep(self.delay)
        try:
            super().get(handler)
        finally:
            with self.lock:
                self.owed.pop(port, None)


class Flow:
    """Sends events at a steady pace until it is stopped, each batch again and again until it is answered."""

    def __init__(self, cluster, databus=None):
        self.cluster = cluster
        self.databus = databus
        self.chance = random.Random(SEED)
        self.lock = threading.Lock()
        self.numbers = iter(range(1, 1_000_000))
        self.events = []
        self.statuses = collections.Counter()
        self.answers = collections.Counter()
        self.resent = 0
        self.produced_again = 0
        self.errors = []
        self.ended = threading.Event()
        bodies = [(self.send, n) for n in range(2)] + ([(self.produce, 0)] if databus else [])
        self.threads = [threading.Thread(target=self.guard, args=body, daemon=True) for body in bodies]
        for thread in self.threads:
            thread.start()

    def guard(self, body, number):
        try:
            body(number)
        except Exception as error:  # pylint: disable=broad-except
            self.errors.append(repr(error))

    def batch(self, size, tag):
        """Events of some bursts, a tenth of which is suppressed, and now and then one that is notified of at once."""
        with self.lock:
            events = []
            for _ in range(size):
                n = next(self.numbers)
                id = "%s-%d" % (tag, n)
                kind = n % 25
                # A key goes on for a while, so that its windows follow each other.
                recipient = n // 400 * 12 % 90 + self.chance.randrange(12) + 1
                if kind == 0:
                    events.append(status(recipient, n, id=id))
                elif kind == 1:
                    events.append(promocode(recipient, n, id=id))
                else:
                    events.append(item(recipient, recipient % 10 * 7 + 10 * (n % 3), n, id=id))
            self.events += events
            return events

    def send(self, number):
        services = self.cluster.of("service")
        connection, turn = None, number
        while not self.ended.is_set():
            batch = self.batch(8, "http")
            body = json.dumps(batch)
            sent = 0
            while True:
                port = services[turn % len(services)].port
                if port is None:
                    turn += 1
                    time.sleep(0.05)
                    continue
                try:
                    if connection is None or connection.port != port:
                        if connection is not None:
                            connection.close()
                        # A process that stands still gives no answer.
                        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                    sent += 1
                    connection.request("POST", "/v1/events", body, {"Content-Type": "application/json"})
                    response = connection.getresponse()
                    answer = response.read()
                except (OSError, http.client.HTTPException):
                    connection.close()
                    connection = None
                    turn += 1
                    time.sleep(0.05)
                    continue
                self.answers[response.status] += 1
                if response.status >= 500:
                    turn += 1
                    time.sleep(0.2)
                    continue
                break
            if response.status != 202:
                self.errors.append("%d %r" % (response.status, answer[:300]))
                return
            results = json.loads(answer)["results"]
            if [r["id"] for r in results] != [e["id"] for e in batch]:
                self.errors.append("ids out of order: %r" % results[:3])
            with self.lock:
                for result in results:
                    self.statuses[result["status"]] += 1
                    if result["status"] == "duplicate" and sent == 1:
                        self.errors.append("%s is a duplicate, though sent once" % result["id"])
                self.resent += sent - 1
            time.sleep(0.25 + 0.2 * self.chance.random())

    def produce(self, _):
        while not self.ended.is_set():
            batch = [e for e in self.batch(12, "bus")]
            lines = {SALE_TOPIC: [], STATUS_TOPIC: []}
            for event in batch:
                if event["type"] == "seller_promocode_limit_reached":
                    event.update(status(event["recipient_id"], event["data"]["promocode_id"], id=event["id"]))
                topic = SALE_TOPIC if event["type"] == "sale_item_changed" else STATUS_TOPIC
                lines[topic].append((event["recipient_id"], json.dumps(dict(
                    event["data"], seller_id=event["recipient_id"], event_id=event["id"]))))
            for topic, pairs in lines.items():
                while pairs and self.databus.produce(topic, pairs, check=False).returncode != 0:
                    self.produced_again += 1
                    time.sleep(0.5)
            time.sleep(0.5)

    def end(self, seconds=60):
        self.ended.set()
        for thread in self.threads:
            thread.join(seconds)


class FaultCase(ClusterCase):
    def begin(self, **backend):
        self.begun = time.monotonic()
        self.chance = random.Random(SEED + 1)
        self.gate = self.gateway()
        self.market = self._keep(SlowSales())
        self.facts = []
        self.addCleanup(self.report_failure)
        return self.cluster(settings={
            "gateway": {"url": self.gate.url}, "sales": {"url": self.market.url},
            "items": {"url": self.items().url}, "types": window(WINDOW), "debouncer": {"lease": "10s"}, "log": {"level": "notice"}}, **backend)

    def report_failure(self):
        """What the processes logged last, if the test failed."""
        result = self._outcome.result
        if any(test.id() == self.id() for test, _ in result.failures + result.errors):
            for process in self.cluster_now.processes:
                lines = [line for line in process.lines if " DEBUG " not in line and "facility=" not in line]
                note("%s\n    %s" % (process.name, "\n    ".join(lines[-25:])))

    def landed(self, text, *values):
        self.facts.append(text % values)

    def stats(self):
        for process in self.services:
            try:
                answer = process.request("GET", "/v1/stats", fresh=True, timeout=5)
                if answer.status == 200:
                    return answer.json
            except (OSError, http.client.HTTPException, TypeError):
                continue
        return None

    def work_at_hand(self, seconds=20):
        """Waits until there are open windows and events that have not ended, and gives their number."""
        return eventually(lambda: (lambda s: s and s["open_windows"] and s["unprocessed"])(self.stats()), seconds,
                          0.05, "work at hand")

    def all_ready(self, processes, seconds=60):
        for process in processes:
            eventually(process.is_ready, seconds, 0.2, "%s being ready: %s\n%s" % (
                process.name, process.readiness(), process.tail()))

    def not_ready(self, process, part, seconds=30):
        def is_named():
            code, parts = process.readiness()
            return code == 503 and part in parts and not parts[part]["ready"]
        eventually(is_named, seconds, 0.1, "%s saying that %s is away: %s" % (process.name, part, process.readiness()))

    # The faults

    def kills(self, processes, count):
        with_work = 0
        for _ in range(count):
            time.sleep(0.2 + 1.3 * self.chance.random())
            found = self.stats()
            with_work += bool(found and found["unprocessed"] > 0 and found["outbox_backlog"] > 0)
            victim = self.chance.choice(eventually(
                lambda: [p for p in processes if p.port is not None], 30, what="one that has started"))
            victim.kill()
            victim.spawn()
        self.all_ready(processes)
        killed = sum(p.starts - 1 for p in processes)
        self.assertEqual(killed, count)
        self.assertGreaterEqual(with_work, count // 2, "kills must land while work goes on")
        self.landed("%d kills, %d with events and messages at hand", killed, with_work)

    def redis_loses_all(self):
        redis = self.servers.redis
        emptied = 0
        for _ in range(3):
            self.work_at_hand()
            keys = int(redis.run("DBSIZE"))
            redis.run("FLUSHALL")
            emptied += keys > 0
            time.sleep(1.5)
        self.assertGreaterEqual(emptied, 2, "there must be windows to lose")
        self.landed("Redis emptied %d times with windows in it", emptied)

        self.work_at_hand()
        before = redis.run("INFO", "server").split("run_id:")[1][:40]
        begun = time.monotonic()
        redis.stop()
        for process in self.services + self.workers:
            self.not_ready(process, "debouncer")
        time.sleep(max(0, 6 - (time.monotonic() - begun)))
        redis.start()
        self.assertNotEqual(redis.run("INFO", "server").split("run_id:")[1][:40], before)
        self.all_ready(self.cluster_now.processes)
        self.landed("Redis away for %.0f s, and back with nothing", time.monotonic() - begun)

    def postgres_restarts(self):
        postgres = self.servers.postgres
        self.work_at_hand()
        before = postgres.sql("SELECT pg_postmaster_start_time()")
        connections = postgres.connections()
        begun = time.monotonic()
        postgres.stop()
        for process in self.cluster_now.processes:
            self.not_ready(process, "store")
        postgres.start()
        away = time.monotonic() - begun
        self.assertNotEqual(postgres.sql("SELECT pg_postmaster_start_time()"), before)
        self.assertGreater(connections, len(self.cluster_now.processes))
        self.all_ready(self.cluster_now.processes)
        self.landed("PostgreSQL with %d connections restarted, %.1f s away", connections, away)

    def connections_end(self):
        postgres = self.servers.postgres
        ended = []
        for _ in range(3):
            self.work_at_hand()
            ended.append(postgres.terminate_connections())
            time.sleep(1)
        self.assertGreater(min(ended), len(self.cluster_now.processes))
        said = postgres.log_text().count("terminating connection due to administrator command")
        self.assertGreaterEqual(said, sum(ended) // 2)
        self.all_ready(self.cluster_now.processes)
        self.landed("%s connections terminated", " + ".join(map(str, ended)))

    def broker_is_away(self, seconds=30):
        """The broker keeps its topics in memory, so it is the proxy before it that cuts and resets connections."""
        proxy = self.servers.kafka.proxy
        self.work_at_hand()
        begun = time.monotonic()
        cut, refused = proxy.cut, proxy.refused
        proxy.leave()
        first = self.stats()["outbox_backlog"]
        for process in self.services + self.workers:
            self.not_ready(process, "queue")
        for process in self.cluster_now.of("databus"):
            self.not_ready(process, "databus")
        # Meanwhile events are taken in, and wait: the longer it is away, the more.
        time.sleep(max(0, seconds - (time.monotonic() - begun)))
        last = self.stats()["outbox_backlog"]
        self.assertGreater(last, first, "the outbox holds what the broker does not take")
        proxy.come_back()
        cut, refused = proxy.cut - cut, proxy.refused - refused
        self.assertGreater(cut, 5)
        self.assertGreater(refused, 20)
        self.all_ready(self.cluster_now.processes)
        back = time.monotonic()
        eventually(lambda: (lambda s: s and s["outbox_backlog"] < last)(self.stats()), 90, 0.2,
                   "the outbox going down: %s" % self.stats())
        self.landed("broker away for %.0f s: %d connections cut, %d refused, outbox %d to %d, which went down "
                    "%.0f s after its return", seconds, cut, refused, first, last, time.monotonic() - back)

    def rebalances(self, seconds=14):
        """Members that read nothing come and go, each for four seconds, so that the group changes every two; and then
        a worker does."""
        module = confluent_kafka()
        kafka = self.cluster_now.settings["kafka"]

        def join():
            member = module.Consumer({
                "bootstrap.servers": self.servers.kafka.address, "group.id": kafka["group"] + ".event_occurred",
                "enable.auto.commit": False, "auto.offset.reset": "earliest", "session.timeout.ms": 6000})
            member.subscribe([kafka["topic_prefix"] + "event_occurred"])
            return member

        def taken_away():
            return sum(line.count("partitions were revoked") for p in self.workers for line in list(p.lines))

        self.work_at_hand()
        before, changes, joined = taken_away(), 0, 0
        members = collections.deque()
        end = time.monotonic() + seconds
        while time.monotonic() < end or members:
            begun = time.monotonic()
            if begun < end:
                members.append(join())
                changes += 1
            if len(members) > 2 or begun >= end:
                member = members.popleft()
                joined += bool(member.assignment())
                member.close()
                changes += 1
            time.sleep(max(0, begun + 2 - time.monotonic()))
        extra = self.cluster_now.process("qaas")
        for _ in range(2):
            extra.spawn().await_ready(60)
            time.sleep(2)
            self.assertEqual(extra.terminate(), 0, extra.tail())
            changes += 2
        self.cluster_now.processes.remove(extra)
        rebalanced = taken_away() - before
        self.assertGreaterEqual(rebalanced, 4, "workers must have lost partitions to members that came")
        self.landed("%d changes of the group, by which the workers' partitions were taken away %d times; %d members "
                    "that read nothing held some", changes, rebalanced, joined)

    def leases_run_out(self):
        """A service is stopped while it holds claims of windows, and a worker while it reads, for longer than leases
        (10 s each of claims and of the outbox) and the group's sessions (6 s) last. Others take over."""
        stopped, other = self.services
        worker = self.workers[0]
        # What was killed before holds its shares for another 10 s.
        eventually(lambda: self.members() == 4, 30, 0.2, "every member's share of the outbox")
        self.market.delay = 0.7
        try:
            def holds():
                stopped.stop()
                with self.market.lock:
                    owed = dict(self.market.owed)
                sales = [sale for port, sale in owed.items() if stopped.owns_port(port)]
                if len(sales) < 2:
                    stopped.go_on()
                    return None
                return sales
            held = eventually(holds, 30, 0.15, "a service that holds claims")
            worker.stop()
            begun = time.monotonic()
            members = self.members()
            self.market.delay = 0
            time.sleep(14)
            self.assertIsNone(stopped.readiness()[0], "it stands still")
            after = self.members()
            worker.go_on()
            asked = [(sale, port) for at, sale, port in list(self.market.questions) if at > begun]
            again = [sale for sale in held if any(sale == s for s, _ in asked)]
            self.assertTrue(other.is_ready())
            stopped.go_on()
            away = time.monotonic() - begun
        finally:
            self.market.delay = 0
            stopped.go_on()
            worker.go_on()
        self.assertLess(after, members, "the stopped member's share of the outbox must go to others")
        self.assertTrue(again, "the windows that were being worded are worded by another")
        self.all_ready(self.cluster_now.processes)
        self.landed("stopped for %.0f s: a service amid %d windows, %d of these worded elsewhere meanwhile, a worker; "
                    "%d members of the outbox, then %d", away, len(held), len(again), members, after)

    def members(self):
        """How many members hold parts of the outbox under leases that have not run out."""
        return int(self.servers.postgres.sql(
            "SELECT count(DISTINCT holder) FROM outbox_shards "
            "WHERE lease_until > extract(epoch FROM clock_timestamp()) * 1000000", self.cluster_now.database))

    # The count

    def await_gateway(self, keys):
        """Waits until all notifications are at the gateway, and says what became of those that are not."""
        try:
            eventually(lambda: keys <= self.gate.by_key().keys(), 60, 0.2, "all notifications at the gateway")
        except AssertionError as error:
            missing = sorted(keys - self.gate.by_key().keys())
            found = [self.services[0].notification(key) for key in missing[:3]]
            outbox = self.servers.postgres.sql(
                "SELECT topic, shard, count(*), min(due) FROM outbox GROUP BY 1, 2", self.cluster_now.database)
            raise AssertionError("%s: %d are not, such as %s; statistics %s; outbox %s" % (
                error, len(missing), found, self.services[0].get("/v1/stats"), outbox)) from None

    def account(self, flow, seconds):
        cluster = self.cluster_now
        flow.end()
        self.assertEqual(flow.errors, [])
        self.assertFalse([t for t in flow.threads if t.is_alive()])
        self.assertLessEqual(set(flow.answers), {202, 503}, "what is away is said by 503")
        http_events = [e for e in flow.events if e["id"].startswith("http-")]
        self.assertEqual(flow.statuses["rejected"], 0)
        self.assertEqual(sum(flow.statuses.values()), len(http_events))
        settling = time.monotonic()
        if flow.databus:
            for event in [e for e in flow.events if e["id"].startswith("bus-")]:
                eventually(lambda id=event["id"]: self.services[0].request("GET", "/v1/events/" + id).status == 200,
                           60, 0.2, "%s coming in" % event["id"])
        cluster.await_end(seconds)
        settled = time.monotonic() - settling

        ends = collections.Counter()
        bound = collections.defaultdict(set)
        wrong = []
        for event in flow.events:
            answer = self.services[0].request("GET", "/v1/events/" + event["id"])
            found = answer.json if answer.status == 200 else {"status": "lost", "id": event["id"]}
            ends[found["status"]] += 1
            nothing = "item_id" in event["data"] and not has_banned(event["data"]["sale_id"])
            if found["status"] == "processed" and not nothing:
                bound[found["notification_id"]].add(event["id"])
            elif not (found["status"] == "suppressed" and nothing and found["reason"] == "no_banned_items"):
                wrong.append(found)
        self.assertEqual(wrong[:3], [], "%d events did not end as they should: %s" % (len(wrong), ends))
        self.assertEqual(sum(ends.values()), len(flow.events))

        self.await_gateway(bound.keys())
        time.sleep(2)
        by_key = collections.OrderedDict(
            (key, requests) for key, requests in self.gate.by_key().items()
            if json.loads(requests[0].body)["recipient_id"] < PROBES)
        counted = collections.Counter()
        two_bodies = [key for key, requests in by_key.items() if len({r.body for r in requests}) > 1]
        for key, requests in by_key.items():
            found = self.services[0].notification(key)
            self.assertEqual(found["status"], "delivered", found)
            self.assertEqual(set(found["event_ids"]), bound[key], "the notification's events are those that name it")
            self.assertEqual(len(found["event_ids"]), found["event_count"])
            self.assertEqual(json.loads(requests[0].body)["event_count"], found["event_count"])
            counted.update(found["event_ids"])
        lost = ends["processed"] - len(counted)
        doubled = [event for event, count in counted.items() if count > 1]
        self.assertEqual((lost, doubled[:3], two_bodies[:3]), (0, [], []))
        self.assertEqual(set(bound), set(by_key))
        self.assertEqual(self.services[0].get("/v1/dead-letters")["items"], [])
        note("%s: %d events (%d by the databus), %d processed, %d suppressed, lost %d, doubled %d; %d notifications, "
             "%d repeated requests; %d batches resent, answers %s; ended %.0f s after the last; %.0f s in all" % (
                 self.id().split(".")[-1], len(flow.events), len(flow.events) - len(http_events), ends["processed"],
                 ends["suppressed"], lost, len(doubled), len(by_key),
                 sum(len(r) - 1 for r in by_key.values()), flow.resent, dict(flow.answers), settled,
                 time.monotonic() - self.begun))
        for fact in self.facts:
            note("    " + fact)


class DistributedFaultTests(FaultCase):
    seconds = 230

    def test_faults_on_postgres_redis_and_kafka(self):
        cluster = self.cluster_now = self.begin(databus=True)
        # Rebalances are logged at the level debug only.
        cluster.details = ["qaas"]
        cluster.start("service", "service", "qaas", "qaas", "databus")
        self.services, self.workers = cluster.of("service"), cluster.of("qaas")
        cluster.await_databus()
        cluster.await_flow()
        flow = Flow(cluster, self.servers.kafka)
        self.addCleanup(flow.ended.set)

        self.kills(cluster.processes, 12)
        survivors = {p.name: p.pid for p in cluster.processes}
        # What Redis loses the rescuer republishes a minute and a half later, so that comes first.
        self.redis_loses_all()
        self.postgres_restarts()
        self.connections_end()
        self.leases_run_out()
        self.broker_is_away()
        self.rebalances()

        self.account(flow, 150)
        self.assertEqual({p.name: p.pid for p in cluster.processes if p.alive()}, survivors, "none ended")
        self.assertEqual([p.readiness()[0] for p in cluster.processes], [200] * 5)
        restarts = sum(p.metric("sheaf_consumer_restarts_total") for p in cluster.processes)
        self.assertGreater(restarts, 0, "the metrics count what failed")
        note("    consumers restarted %d times in processes that lived on" % restarts)


class PostgresFaultTests(FaultCase):
    seconds = 55

    servers_needed = ("postgres",)

    def test_faults_on_postgres_alone(self):
        cluster = self.cluster_now = self.begin(redis=False, kafka=False)
        cluster.start("service", "service", "qaas", "qaas")
        self.services, self.workers = cluster.of("service"), cluster.of("qaas")
        cluster.await_flow()
        flow = Flow(cluster)
        self.addCleanup(flow.ended.set)

        self.kills(cluster.processes, 12)
        survivors = {p.name: p.pid for p in cluster.processes}
        self.postgres_restarts()
        self.connections_end()
        self.leases_run_out()

        self.account(flow, 60)
        self.assertEqual({p.name: p.pid for p in cluster.processes if p.alive()}, survivors, "none ended")
        self.assertEqual([p.readiness()[0] for p in cluster.processes], [200] * 4)

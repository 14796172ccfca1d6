"""The three programs side by side: how they start, what they say while a server is away, what the databus takes."""

import json
import os
import re
import subprocess
import time
from urllib.parse import quote

import harness
from cluster import PROMOCODE_TOPIC, SALE_TOPIC, STATUS_TOPIC, ClusterCase, RedisServer
from harness import eventually, item, note, promocode, window
from servers import Collector
from with_servers import tools


class RoleTests(ClusterCase):
    def test_three_programs_share_one_configuration(self):
        gateway = self.gateway()
        cluster = self.cluster(settings={"gateway": {"url": gateway.url}, "types": window("1s")}, databus=True)
        service, databus, qaas = cluster.start("service", "databus", "qaas")
        self.assertEqual(len({service.port, databus.port, qaas.port}), 3)
        expected = {service: {"store", "debouncer", "queue", "consumers"},
                    qaas: {"store", "debouncer", "queue", "consumers"},
                    databus: {"store", "debouncer", "queue", "databus", "consumers"}}
        for process, parts in expected.items():
            status, found = process.readiness()
            self.assertEqual((status, set(found)), (200, parts), process.name)
            self.assertEqual(process.request("GET", "/healthz").status, 200)
            self.assertIn("sheaf_", process.request("GET", "/metrics").body.decode())
        # The API is the service's alone.
        for process in (databus, qaas):
            self.assertEqual(process.request("POST", "/v1/events", json.dumps(promocode(1, 1)),
                                             {"Content-Type": "application/json"}).status, 404)
        cluster.await_flow()
        ids = service.accept([item(7, 1, n) for n in range(3)])
        notification = service.ended(ids[0], seconds=20)["notification_id"]
        self.assertEqual(sorted(service.delivered(notification)["event_ids"]), sorted(ids))
        for process in (databus, qaas, service):
            self.assertEqual(process.terminate(), 0, process.tail())

    def test_what_waits_in_kafka_counts_to_the_backlog(self):
        gateway = self.gateway()
        cluster = self.cluster(settings={"gateway": {"url": gateway.url}, "ingest": {"max_backlog": 50}})
        [service] = cluster.start("service")

        def await_backlog(outbox, queue):
            # Without qaas the relay empties the outbox, and nobody the queue.
            eventually(lambda: (lambda s: s["outbox_backlog"] == outbox and s["queue_backlog"] == queue)(cluster.stats())
                       if queue else cluster.stats()["outbox_backlog"] == outbox, 30, 0.2, "the backlog")

        def publish():
            return service.request("POST", "/v1/events", json.dumps(promocode(9, 1)),
                                   {"Content-Type": "application/json"})

        service.accept([promocode(9, n) for n in range(48)])
        await_backlog(0, None)
        # Tansu reports the beginning of the last batch as the end of a partition: this one is a batch of its own.
        service.accept([promocode(9, 48)])
        await_backlog(0, 49)
        refused = eventually(lambda: (lambda a: a if a.status == 503 else None)(publish()), 20, 0.5, "the refusal")
        self.assertIn("Retry-After", refused.headers)
        cluster.start("qaas")
        eventually(lambda: cluster.stats()["queue_backlog"] == 0, 60, 0.2, "the end of the queue's backlog")
        eventually(lambda: publish().status == 202, 10, 0.2, "the intake's return")

    def test_run_takes_roles(self):
        cluster = self.cluster(settings={"types": window("1s")}, kafka=False)
        front = cluster.process("run", "--roles", "service").spawn()
        front.await_ready(60)
        id, = front.accept([promocode(1, 1)])
        time.sleep(1)
        self.assertEqual(front.event(id)["status"], "new", "without the role qaas nothing handles it")
        behind = cluster.process("run", "--roles", "qaas").spawn()
        behind.await_ready(60)
        self.assertEqual(behind.request("GET", "/v1/stats").status, 404)
        front.delivered(front.ended(id, seconds=30)["notification_id"], seconds=20)
        # The numbers are those of all processes, whichever is asked.
        twin = cluster.process("run", "--roles", "service").spawn()
        twin.await_ready(60)
        for process in (front, twin):
            eventually(lambda: [process.get("/v1/stats")["stages"][stage]["total"] for stage in
                                ("ingested", "processed", "notifications", "delivered")] == [1, 1, 1, 1],
                       15, what="the counts of all, from " + process.name)
        for roles, word in (("service,sexton", "sexton"), ("", "least one")):
            refused = front.cli("run", "--roles", roles)
            self.assertEqual(refused.returncode, 64)
            self.assertIn(word, refused.stderr.decode())
        refused = front.cli("run", "--roles", "databus")
        self.assertEqual(refused.returncode, 78, refused.stderr)
        self.assertIn("databus.url", refused.stderr.decode())


class AwayTests(ClusterCase):
    """Each test has its own configuration, in which one server is not where it should be."""

    seconds = 29

    def away(self, name, port=None, **more):
        """A cluster whose server `name` is to be at `port`, on which nothing listens yet."""
        port = port or tools.free_port()
        settings = {"startup": {"timeout": "1s"}}
        cluster = self.cluster(settings=dict(settings, **more), databus=True)
        cluster.configure({
            "postgres": {"store": {"url": re.sub(r":\d+/", ":%d/" % port, cluster.database)}},
            "redis": {"debouncer": {"url": "redis://127.0.0.1:%d" % port}},
            "kafka": {"queue": {"url": "kafka://127.0.0.1:%d" % port}},
            "databus": {"databus": {"url": "kafka://127.0.0.1:%d" % port}},
        }[name])
        return cluster

    def end(self, cluster, role="run", *arguments, seconds=40):
        """Runs a process to its end: its status, what it said, and how long it took."""
        begun = time.monotonic()
        process = cluster.process(role, *arguments).spawn()
        status = process.process.wait(seconds)
        time.sleep(0.1)
        return status, "\n".join(process.lines), time.monotonic() - begun

    def doctor(self, cluster):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SHEAF_")}
        return subprocess.run([harness.SHEAF, "doctor", "--config", cluster.config], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=60,
                              env=dict(environment, **self.servers.environment))

    def test_doctor_names_the_server_that_is_away(self):
        cluster = self.cluster(databus=True)
        well = self.doctor(cluster)
        self.assertEqual(well.returncode, 0, well.stdout)
        for name in ("configuration", "store", "debouncer", "queue", "databus"):
            self.assertRegex(well.stdout, r"(?m)^ok\s+%s\b" % name)
        for server, part in (("postgres", "store"), ("redis", "debouncer"), ("kafka", "queue"),
                             ("databus", "databus")):
            with self.subTest(away=server):
                ill = self.doctor(self.away(server))
                self.assertNotEqual(ill.returncode, 0, ill.stdout)
                failed = re.findall(r"(?m)^fail\s+(\w+)", ill.stdout)
                self.assertEqual(failed, [part], ill.stdout)

    def test_start_ends_with_69_where_a_server_stays_away(self):
        for server in ("postgres", "redis", "kafka"):
            with self.subTest(away=server):
                status, said, seconds = self.end(self.away(server))
                self.assertEqual(status, 69, said)
                self.assertLess(seconds, 25, said)
                self.assertRegex(said, {"postgres": r"(?i)postgres|store", "redis": r"(?i)redis|debouncer",
                                        "kafka": r"(?i)kafka|broker|queue"}[server])
        status, said, _ = self.end(self.away("databus"), "databus")
        self.assertEqual(status, 69, said)
        for role in ("service", "qaas"):
            with self.subTest(role=role):
                status, said, _ = self.end(self.away("redis"), role)
                self.assertEqual(status, 69, said)

    def test_start_goes_on_when_the_server_comes_up(self):
        redis = RedisServer(self.servers.make_folder("late"))
        self.addCleanup(redis.close)
        cluster = self.away("redis", redis.port, startup={"timeout": "40s"})
        process = cluster.process("run").spawn()
        eventually(lambda: any("waiting for a server" in line for line in process.lines), 20, what="its waiting")
        self.assertTrue(process.alive())
        self.assertIsNone(process.port, "nothing is served before the servers are there")
        redis.start()
        process.await_ready(60)
        self.assertEqual(process.starts, 1)

    def test_redis_that_evicts_is_refused_by_name(self):
        redis = RedisServer(self.servers.make_folder("evicting"), policy="allkeys-lru")
        self.addCleanup(redis.close)
        redis.start()
        cluster = self.away("redis", redis.port)
        for role in ("run", "service", "qaas"):
            with self.subTest(role=role):
                status, said, _ = self.end(cluster, role)
                self.assertEqual(status, 69, said)
                self.assertIn("maxmemory-policy", said)
                self.assertIn("allkeys-lru", said)
        found = self.doctor(cluster)
        self.assertNotEqual(found.returncode, 0)
        self.assertRegex(found.stdout, r"(?m)^fail\s+debouncer.*allkeys-lru")
        # Set right, it is taken.
        redis.run("CONFIG", "SET", "maxmemory-policy", "noeviction")
        cluster.process("run").spawn().await_ready(60)


class ReadinessTests(ClusterCase):
    seconds = 24

    def test_readyz_names_the_part_while_a_server_is_away(self):
        cluster = self.cluster(databus=True, settings={"types": window("1s")})
        service, qaas, databus = cluster.start("service", "qaas", "databus")
        cluster.await_flow()
        pids = [p.pid for p in cluster.processes]
        servers = self.servers

        def is_named(process, part, others):
            status, parts = process.readiness()
            if status != 503 or parts[part]["ready"]:
                return False
            self.assertTrue(parts[part]["detail"])
            # The consumers fail with any server; the other servers are well.
            return all(parts[other]["ready"] for other in others)

        times = []

        def check(part, processes, leave, come_back, others):
            with self.subTest(away=part):
                begun = time.monotonic()
                leave()
                try:
                    for process in processes:
                        eventually(lambda p=process: is_named(p, part, others), 40, 0.2,
                                   "%s naming %s: %s" % (process.name, part, process.readiness()))
                        self.assertEqual(process.request("GET", "/healthz").status, 200, "it lives all the same")
                finally:
                    come_back()
                for process in cluster.processes:
                    eventually(process.is_ready, 60, 0.2, "%s being ready again: %s\n%s" % (
                        process.name, process.readiness(), process.tail()))
                self.assertEqual([p.pid for p in cluster.processes if p.alive()], pids, "none ended")
                times.append("%s %.0f s" % (part, time.monotonic() - begun))

        check("debouncer", [service, qaas], servers.redis.stop, servers.redis.start, ["store", "queue"])
        check("store", [service, qaas, databus], servers.postgres.stop, servers.postgres.start,
              ["debouncer", "queue"])
        check("queue", [service, qaas], servers.kafka.proxy.leave, servers.kafka.proxy.come_back,
              ["store", "debouncer"])
        check("databus", [databus], servers.kafka.proxy.leave, servers.kafka.proxy.come_back,
              ["store", "debouncer"])
        self.assertEqual([p.starts for p in cluster.processes], [1, 1, 1])
        note("readiness: away, named and back again: " + ", ".join(times))
        # And they work again.
        cluster.await_flow()
        cluster.await_databus()


class DatabusTests(ClusterCase):
    seconds = 37

    def test_a_records_trace_goes_through_three_processes_to_the_gateway(self):
        gateway, collector = self.gateway(), self._keep(Collector())
        cluster = self.cluster(databus=True, settings={
            "gateway": {"url": gateway.url}, "types": window("300ms"),
            "tracing": {"url": collector.url, "sample_ratio": 0}})
        processes = cluster.start("service", "qaas", "databus")
        trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
        self.servers.kafka.produce(
            SALE_TOPIC, [(48, json.dumps({"sale_id": 5, "item_id": 6, "seller_id": 48, "event_id": "traced"}))],
            ["traceparent=00-%s-%s-01" % (trace, parent), "tracestate=vendor=1"])
        ingest, compose, deliver = (collector.named(name, 60) for name in ("ingest", "compose", "deliver"))
        self.assertEqual([s["traceId"] for s in (ingest, compose, deliver)], [trace] * 3)
        self.assertEqual([s["kind"] for s in (ingest, compose, deliver)], [5, 1, 3])
        self.assertEqual([s["parentSpanId"] for s in (ingest, compose, deliver)],
                         [parent, ingest["spanId"], compose["spanId"]])
        # The broker still has what the tests before this one left there.
        [request] = [r for r in gateway.requests if json.loads(r.body)["recipient_id"] == 48]
        self.assertEqual(request.headers["traceparent"], "00-%s-%s-01" % (trace, deliver["spanId"]))
        self.assertEqual(request.headers["tracestate"], "vendor=1")
        # Three processes reported their stages.
        instances = {a["value"]["stringValue"] for _, _, document in collector.requests
                     for a in document["resourceSpans"][0]["resource"]["attributes"]
                     if a["key"] == "service.instance.id"}
        self.assertEqual(len(instances), 3)
        self.assertServersMetrics(processes)

    def assertServersMetrics(self, processes):
        """The metrics of PostgreSQL and Redis that operators rely on."""
        series = {name for process in processes for name in process.metrics()}
        for name, labels in (("redis_command_duration_seconds_count", {"command", "outcome"}),
                             ("redis_pool_connections", {"state"}), ("redis_pool_wait_seconds", set()),
                             ("postgres_pool_connections", {"state"}), ("postgres_pool_wait_seconds", set())):
            found = [s for s in series if s.partition("{")[0] == name]
            self.assertTrue(found, name)
            self.assertEqual({label for s in found for label in re.findall(r'(\w+)="', s)}, labels, name)

    def test_forms_identifiers_and_poison(self):
        gateway = self.gateway()
        cluster = self.cluster(settings={"gateway": {"url": gateway.url}, "types": window("1s")}, databus=True)
        service, _, databus = cluster.start("service", "qaas", "databus")
        kafka = self.servers.kafka
        cluster.await_databus()
        cluster.await_flow()

        def event(name, **expected):
            answer = eventually(lambda: (lambda a: a if a.status == 200 else None)(
                service.request("GET", "/v1/events/" + name)), 20, what="event " + name)
            found = answer.json
            for member, value in expected.items():
                self.assertEqual(found[member], value, found)
            return found

        # Plain JSON of each topic; a second one with the same id is the same event.
        sale = {"sale_id": 5, "item_id": 6, "seller_id": 42, "event_id": "plain-sale", "colour": "red"}
        kafka.produce(SALE_TOPIC, [(42, json.dumps(sale)), (42, json.dumps(dict(sale, item_id=7)))])
        kafka.produce(STATUS_TOPIC, [(42, json.dumps(
            {"sale_id": 5, "seller_id": 42, "status": "rejected", "event_id": "plain-status"}))])
        kafka.produce(PROMOCODE_TOPIC, [(42, json.dumps(
            {"promocode_id": 9, "seller_id": 42, "code": "ВЕСНА", "limit": 3, "event_id": "plain-code"}))])
        found = event("plain-sale", type="sale_item_changed", recipient_id=42, source=SALE_TOPIC)
        self.assertEqual((found["data"]["item_id"], found["data"]["colour"]), (6, "red"))
        event("plain-status", type="sale_seller_status_changed", recipient_id=42)
        event("plain-code", type="seller_promocode_limit_reached", recipient_id=42)

        # CloudEvents, structured: with and without the header that says so; and by a type's or a topic's name.
        cloud = {"specversion": "1.0", "id": "cloud-1", "source": "/shop", "type": "sale_item_changed",
                 "time": "2026-11-23T09:00:00Z", "data": {"sale_id": 8, "item_id": 1, "recipient_id": 43}}
        kafka.produce(SALE_TOPIC, [(43, json.dumps(cloud))], ["content-type=application/cloudevents+json"])
        kafka.produce(SALE_TOPIC, [(43, json.dumps(dict(cloud, id="cloud-2", type=SALE_TOPIC, data={
            "sale_id": 8, "item_id": 2, "seller_id": 43})))])
        event("cloud-1", type="sale_item_changed", recipient_id=43, source="/shop",
              occurred_at="2026-11-23T09:00:00.000Z")
        event("cloud-2", type="sale_item_changed", recipient_id=43, source="/shop")

        # Binary: attributes in headers.
        kafka.produce(SALE_TOPIC, [(43, json.dumps({"sale_id": 8, "item_id": 3, "seller_id": 43}))],
                      ["ce_specversion=1.0", "ce_id=cloud-3", "ce_source=/shop", "ce_type=" + SALE_TOPIC,
                       "ce_time=2026-11-23T10:00:00Z", "content-type=application/json"])
        event("cloud-3", type="sale_item_changed", recipient_id=43, source="/shop",
              occurred_at="2026-11-23T10:00:00.000Z")

        # Without an identifier: topic, partition and offset, which kcat reads back.
        kafka.produce(PROMOCODE_TOPIC, [(44, json.dumps(
            {"promocode_id": 1, "seller_id": 44, "code": "БЕЗ", "limit": 1}))])
        read = kafka.kcat("-C", "-t", PROMOCODE_TOPIC, "-o", "beginning", "-e", "-q", "-f", "%k %p %o\n")
        places = [line.split() for line in read.stdout.decode().splitlines() if line.startswith("44 ")]
        self.assertEqual(len(places), 1, read)
        position = "%s/%s/%s" % (PROMOCODE_TOPIC, places[0][1], places[0][2])
        event(quote(position, safe=""), id=position, type="seller_promocode_limit_reached", recipient_id=44)

        # Poison between two good ones of the same key, so in one partition.
        poison = {"not JSON": "{nonsense", "no recipient": json.dumps({"sale_id": 1, "item_id": 1}),
                  "a bad status": json.dumps({"sale_id": 1, "seller_id": 45, "status": "asleep"}),
                  "a list": "[1,2]"}
        before = service.get("/v1/dead-letters")["items"]
        self.assertEqual(before, [])
        for n, (name, text) in enumerate(poison.items()):
            good = [(45, json.dumps({"sale_id": 2, "seller_id": 45, "status": "approved",
                                     "event_id": "around-%d-%d" % (n, side)})) for side in (0, 1)]
            kafka.produce(STATUS_TOPIC, [good[0], (45, text), good[1]])
        for n in range(len(poison)):
            for side in (0, 1):
                event("around-%d-%d" % (n, side), recipient_id=45)
        letters = eventually(lambda: (lambda i: i if len(i) == len(poison) else None)(
            service.get("/v1/dead-letters")["items"]), 20, what="the dead letters")
        read = kafka.kcat("-C", "-t", STATUS_TOPIC, "-o", "beginning", "-e", "-q", "-f", "%p\t%o\t%s\n")
        places = {text: (p, o) for p, o, text in (
            line.split("\t") for line in read.stdout.decode().splitlines())}
        self.assertEqual({letter["message"] for letter in letters}, set(poison.values()))
        for letter in letters:
            partition, offset = places[letter["message"]]
            self.assertEqual(letter["topic"], STATUS_TOPIC)
            self.assertTrue(letter["reason"], letter)
            self.assertIn("partition %s, offset %s" % (partition, offset), letter["error"])
        self.assertEqual(databus.metric("sheaf_dead_letters_total", topic=STATUS_TOPIC), len(poison))
        # What could be read is counted with its type.
        self.assertEqual(databus.metric("sheaf_events_ingested_total", type="sale_seller_status_changed",
                                        source="databus", result="rejected"), 1)

        # What came in went out: each once.
        cluster.await_end(30)
        for recipient, count in ((42, 3), (43, 1), (44, 1), (45, 2 * len(poison))):
            feed = service.feed(recipient)["items"]
            self.assertEqual(len(feed), count, feed)
        self.assertEqual([f["event_count"] for f in service.feed(43)["items"]], [3])
        # What was refused of a recipient is erased with the rest.
        self.assertEqual(service.request("DELETE", "/v1/recipients/45").status, 204)
        self.assertEqual(service.get("/v1/dead-letters")["items"], [])

    def test_tombstones_batches_and_ids_that_are_no_text(self):
        cluster = self.cluster(databus=True, settings={"types": window("1s")})
        service, _, databus = cluster.start("service", "qaas", "databus")
        cluster.await_databus()
        kafka = self.servers.kafka
        kafka.kcat("-P", "-t", PROMOCODE_TOPIC, "-K", "\t", "-Z", "-X", "partitioner=murmur2_random", input="480\t\n" * 3)
        limit = {"seller_id": 480, "promocode_id": 1, "code": "A", "limit": 1}
        cloud = {"specversion": "1.0", "source": "/batch", "type": PROMOCODE_TOPIC, "data": limit}
        batch = [dict(cloud, id="batch-1"), cloud, dict(cloud, id="batch-2", data={"seller_id": 480}), cloud]
        kafka.produce(PROMOCODE_TOPIC, [(480, json.dumps(batch))], ["content-type=application/cloudevents-batch+json"])
        binary = ["ce_specversion=1.0", "ce_source=/binary", "ce_type=" + PROMOCODE_TOPIC]
        for id in (b"ce_id=\xff-1", b"ce_id=\xfe-1", b"ce_id=good"):
            kafka.produce(PROMOCODE_TOPIC, [(480, json.dumps(limit))], binary + [id])
        events = eventually(lambda: (lambda i: i if len(i) >= 4 else None)(
            service.get("/v1/recipients/480/events")["items"]), 20, what="the events")
        ids = {event["id"] for event in events}
        self.assertEqual(len(ids), 4, ids)
        self.assertTrue({"batch-1", "good"} < ids, ids)
        self.assertEqual({id[id.rindex("/"):] for id in ids - {"batch-1", "good"}}, {"/1", "/3"})
        # The broker still has what the tests before this one left there.
        letters = eventually(lambda: (lambda i: i if len(i) >= 3 else None)(
            [letter for letter in service.get("/v1/dead-letters")["items"] if ": 480" in letter["message"]]), 20,
            what="the dead letters")
        texts = sorted(letter["error"].split(": ", 1)[1] for letter in letters)
        self.assertEqual(texts, ["data.promocode_id: is missing"] + 2 * ["id: is not valid UTF-8"], letters)
        self.assertIn(json.dumps(batch[2]), [letter["message"] for letter in letters])
        self.assertEqual(databus.metric("sheaf_events_ingested_total", type="seller_promocode_limit_reached",
                                        source="databus", result="skipped"), 3)

    def test_readers_that_are_killed_neither_lose_nor_double(self):
        cluster = self.cluster(databus=True, settings={"types": window("1s")})
        service, _, databus = cluster.start("service", "qaas", "databus")
        cluster.await_databus()

        def produce(name):
            self.servers.kafka.produce(STATUS_TOPIC, [(47, "{nonsense " + name), (47, json.dumps(
                {"sale_id": 2, "seller_id": 47, "status": "approved", "event_id": name}))])

        def letters():
            # The broker still has what the test before this one left there.
            return sorted(letter["message"] for letter in service.get("/v1/dead-letters")["items"]
                          if letter["message"].startswith("{nonsense "))

        def come(name):
            # The good ones of a batch come before the dead letters.
            eventually(lambda: service.request("GET", "/v1/events/" + name).status == 200
                       and "{nonsense " + name in letters(), 60, 0.02, name)

        # Long after the record was done, the brokers know of it.
        produce("first")
        come("first")
        time.sleep(3)
        databus.kill()
        produce("second")
        databus.spawn().await_ready(60)
        come("second")
        self.assertEqual(letters(), ["{nonsense first", "{nonsense second"])
        # At once, they may not, and hand it out again.
        produce("third")
        come("third")
        databus.kill()
        produce("fourth")
        databus.spawn().await_ready(60)
        come("fourth")
        cluster.await_end(30)
        self.assertEqual(len(service.feed(47)["items"]), 4)
        self.assertEqual(letters(), ["{nonsense " + name for name in ("first", "fourth", "second", "third")])

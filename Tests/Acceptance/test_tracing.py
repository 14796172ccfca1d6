"""Traces: from a request's headers to the gateway's, and to a collector; and what logs never say."""

import json
import time

from harness import Case, eventually, item, status, window
from servers import Collector

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
TRACEPARENT = "00-%s-%s-01" % (TRACE, PARENT)


def attributes(span):
    return {a["key"]: list(a["value"].values())[0] for a in span["attributes"]}


class TracingTests(Case):
    def trio(self, answer=200, **tracing):
        gateway = self.gateway()
        collector = self._keep(Collector(answer))
        tracing = dict({"url": collector.url}, **tracing)
        return gateway, collector, self.sheaf(
            {"gateway": {"url": gateway.url}, "tracing": tracing, "types": window("300ms")})

    def delivered_request(self, gateway, sheaf, id):
        found = sheaf.delivered(sheaf.ended(id)["notification_id"])
        [request] = gateway.by_key()[found["id"]]
        return request

    def test_a_trace_goes_from_the_request_to_the_gateway_and_the_collector(self):
        gateway, collector, sheaf = self.trio()
        began = time.time_ns()
        ids = sheaf.accept([item(1, 7, 1), item(1, 7, 2)],
                           headers={"traceparent": TRACEPARENT, "tracestate": "vendor=abc,other=1"})
        request = self.delivered_request(gateway, sheaf, ids[0])
        ingest, compose, deliver = (collector.named(name) for name in ("ingest", "compose", "deliver"))

        self.assertEqual({s["traceId"] for s in (ingest, compose, deliver)}, {TRACE})
        self.assertEqual(ingest["parentSpanId"], PARENT)
        self.assertEqual(compose["parentSpanId"], ingest["spanId"])
        self.assertEqual(deliver["parentSpanId"], compose["spanId"])
        self.assertEqual(request.headers["traceparent"], "00-%s-%s-01" % (TRACE, deliver["spanId"]))
        self.assertEqual(request.headers["tracestate"], "vendor=abc,other=1")
        self.assertEqual([s["kind"] for s in (ingest, compose, deliver)], [2, 1, 3])
        self.assertEqual(attributes(deliver)["http.response.status_code"], "200")
        self.assertEqual(attributes(compose)["sheaf.type"], "sale_item_changed")
        self.assertEqual(attributes(compose)["sheaf.events"], "2")
        for span in (ingest, compose, deliver):
            self.assertRegex(span["spanId"], r"^[0-9a-f]{16}$")
            self.assertLess(began - 10**9, int(span["startTimeUnixNano"]))
            self.assertLessEqual(int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"]))

        path, content_type, document = collector.requests[0]
        self.assertEqual((path, content_type), ("/v1/traces", "application/json"))
        resource = attributes(document["resourceSpans"][0]["resource"])
        self.assertEqual(resource["service.name"], "sheaf")
        self.assertTrue(resource["service.instance.id"])
        eventually(lambda: sheaf.metrics().get('sheaf_spans_total{outcome="exported"}') == 3)

    def test_the_address_may_hold_the_path_and_the_doctor_asks_there(self):
        gateway = self.gateway()
        for path in ("", "/v1/traces"):
            with self.subTest(path=path):
                collector = self._keep(Collector())
                sheaf = self.sheaf({"gateway": {"url": gateway.url},
                                    "tracing": {"url": collector.url + path, "sample_ratio": 1}})
                sheaf.accept(status(1, 1))
                collector.named("deliver")
                self.assertEqual({request[0] for request in collector.requests}, {"/v1/traces"})
                done = sheaf.cli("doctor")
                self.assertRegex(done.stdout.decode(), r"(?m)^ok\s+tracing\s")
                self.assertEqual(collector.paths, ["/v1/traces"])
        for answer in (501, 404):
            collector.answer_status = answer
            done = sheaf.cli("doctor")
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("HTTP %d" % answer, (done.stdout + done.stderr).decode())

    def test_events_of_several_traces_are_linked_where_they_are_bound(self):
        gateway, collector, sheaf = self.trio()
        traces = ["%032x" % (number + 1) for number in range(40)]
        ids = [sheaf.accept(item(1, 7, number), headers={"traceparent": "00-%s-%s-01" % (trace, PARENT)})[0]
               for number, trace in enumerate(traces[:3])]
        request = self.delivered_request(gateway, sheaf, ids[0])
        compose = collector.named("compose")
        ingests = {s["traceId"]: s["spanId"] for s in collector.spans if s["name"] == "ingest"}
        self.assertEqual({l["traceId"]: l["spanId"] for l in compose["links"]}, ingests)
        self.assertEqual(compose["traceId"], traces[0])
        self.assertEqual(request.headers["traceparent"].split("-")[1], traces[0])

        # Of many no more than 32 are linked.
        events = [{"specversion": "1.0", "id": str(n), "source": "/t", "type": "sale_item_changed",
                   "traceparent": "00-%s-%s-01" % (trace, PARENT),
                   "data": {"recipient_id": 2, "sale_id": 1, "item_id": n}} for n, trace in enumerate(traces)]
        sheaf.accept(events, content_type="application/cloudevents-batch+json")
        many = eventually(lambda: [s for s in collector.spans
                                   if s["name"] == "compose" and attributes(s)["sheaf.events"] == "40"])[0]
        self.assertEqual(len(many["links"]), 32)
        self.assertEqual(attributes(many)["sheaf.links_omitted"], "8")

    def test_the_callers_flag_and_the_share_of_own_traces_are_heeded(self):
        gateway, collector, sheaf = self.trio(sample_ratio=0)
        [own] = sheaf.accept(status(1, 1))
        [quiet] = sheaf.accept(status(2, 1), headers={"traceparent": TRACEPARENT[:-2] + "00"})
        [heard] = sheaf.accept(status(3, 1), headers={"traceparent": TRACEPARENT})
        requests = [self.delivered_request(gateway, sheaf, id) for id in (own, quiet, heard)]
        collector.named("deliver")
        self.assertEqual({s["traceId"] for s in collector.spans}, {TRACE})
        self.assertEqual(len(collector.spans), 3)
        self.assertEqual([r.headers["traceparent"][-2:] for r in requests], ["00", "00", "01"])
        self.assertEqual(requests[1].headers["traceparent"][3:35], TRACE)

    def test_a_collector_that_is_away_holds_nothing_up(self):
        gateway = self.gateway()
        sheaf = self.sheaf({"gateway": {"url": gateway.url}, "types": window("300ms"),
                            "tracing": {"url": "http://127.0.0.1:1", "sample_ratio": 1}})
        ids = sheaf.accept([status(n, 1) for n in range(1, 101)])
        for id in ids:
            sheaf.delivered(sheaf.ended(id)["notification_id"])
        eventually(lambda: any("traces cannot be exported" in line for line in sheaf.lines))
        began = time.monotonic()
        self.assertEqual(sheaf.terminate(), 0)
        self.assertLess(time.monotonic() - began, 10)

    def test_what_is_left_is_exported_at_the_end(self):
        gateway, collector, sheaf = self.trio(sample_ratio=1)
        [id] = sheaf.accept(status(1, 1))
        self.delivered_request(gateway, sheaf, id)
        self.assertEqual(sheaf.terminate(), 0)
        self.assertEqual(sorted(s["name"] for s in collector.spans), ["compose", "deliver", "ingest"])

    def test_doctor_looks_for_the_collector(self):
        collector = self._keep(Collector())
        sheaf = self.sheaf({"tracing": {"url": collector.url}}, start=False)
        self.assertEqual(sheaf.cli("doctor").returncode, 0)
        collector.close()
        away = sheaf.cli("doctor")
        self.assertNotEqual(away.returncode, 0)
        self.assertIn(b"tracing", away.stdout)

    def test_without_a_collector_the_trace_still_goes_on(self):
        gateway = self.gateway()
        sheaf = self.sheaf({"gateway": {"url": gateway.url}})
        [id] = sheaf.accept(status(1, 1), headers={"traceparent": TRACEPARENT, "tracestate": "vendor=abc"})
        request = self.delivered_request(gateway, sheaf, id)
        self.assertEqual(request.headers["traceparent"][3:35], TRACE)
        self.assertNotEqual(request.headers["traceparent"][36:52], PARENT)
        self.assertEqual(request.headers["tracestate"], "vendor=abc")


class LogTests(Case):
    KEYS = {"time", "level", "logger", "message", "fields"}

    def test_logs_are_json_with_stable_keys_and_hold_no_payload_or_secret(self):
        gateway = self.gateway(lambda number, document: 400 if document["recipient_id"] == 5 else 200)
        collector = self._keep(Collector(answer=400))
        marks = {"payload": "MARKPAYLOAD", "id": "MARKID", "state": "MARKSTATE"}
        sheaf = self.sheaf({
            "gateway": {"url": gateway.url, "secret": "whsec_TUFSS1NFQ1JFVE1BUktTRUNSRVRNQVJLU0VDUkVU"},
            "sales": {"url": "http://127.0.0.1:1"}, "log": {"level": "trace", "format": "json"},
            "tracing": {"url": collector.url, "sample_ratio": 1}, "types": window("100ms")}, start=False)
        sheaf.spawn()
        # The line that names the port is JSON here.
        def port():
            fields = [json.loads(line)["fields"] for line in sheaf.lines if '"message":"listening"' in line]
            return int(fields[0]["port"]) if fields else None

        sheaf.port = eventually(port, 20)
        eventually(lambda: sheaf.try_request("GET", "/readyz") == 200, 20)
        headers = {"traceparent": TRACEPARENT, "tracestate": "v=" + marks["state"],
                   "Authorization": "Bearer MARKTOKEN"}
        event = dict(status(5, 1), id=marks["id"])
        event["data"]["note"] = marks["payload"]
        promo = {"type": "seller_promocode_limit_reached", "recipient_id": 6,
                 "data": {"promocode_id": 1, "code": marks["payload"], "limit": 1}}
        waiting = dict(item(7, 1, 2))
        waiting["data"]["note"] = marks["payload"]
        answer = sheaf.publish([event, promo, waiting], headers=headers)
        self.assertEqual(answer.status, 202, answer)
        for bad in ('{"type": "MARKPAYLOAD"', '[{"type":"x","recipient_id":1,"data":{"a":"MARKPAYLOAD"}}]',
                    '{"type":"sale_item_changed","recipient_id":1,"data":{"sale_id":"MARKPAYLOAD"}}'):
            self.assertIn(sheaf.publish(bad, headers=headers).status, (400, 422))
        failed = sheaf.delivered(sheaf.ended(marks["id"])["notification_id"], "failed")
        self.assertTrue(failed)
        sheaf.get("/v1/dead-letters")
        eventually(lambda: any("waits for another attempt" in line for line in sheaf.lines))
        self.assertEqual(sheaf.terminate(), 0)

        self.assertGreater(len(sheaf.lines), 3)
        for line in sheaf.lines:
            record = json.loads(line)
            self.assertEqual(set(record), self.KEYS, line)
            self.assertRegex(record["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
            self.assertIn(record["level"], ("trace", "debug", "info", "notice", "warning", "error", "critical"))
            self.assertIsInstance(record["fields"], dict)
        text = "\n".join(sheaf.lines)
        for mark in ("MARKPAYLOAD", "MARKTOKEN", "MARKSTATE", "whsec_", "TUFSS1NFQ1JFVA", "MARKSECRET"):
            self.assertNotIn(mark, text)
        # What is logged within a span can be found from its trace.
        waits = next(json.loads(l) for l in sheaf.lines if "waits for another attempt" in l)
        self.assertTrue(waits["fields"]["error"])

"""What operators' tools read: metrics, alert rules, the dashboard, and the page that they lead to."""

import json
import os
import re
import subprocess
import tempfile
import unittest

from harness import Case, eventually, item, status, window

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RULES = os.path.join(ROOT, "deploy/prometheus/sheaf.rules.yaml")
RULE_TESTS = os.path.join(ROOT, "deploy/prometheus/sheaf.rules.test.yaml")
DASHBOARD = os.path.join(ROOT, "deploy/grafana/sheaf.json")

OTHERS = {"up", "ALERTS"}
NAME = r"\b(?:sheaf|redis|postgres|process)_[a-z_]+|\bup\b"


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


# The metrics that operators rely on, and which labels each has.
CONTRACT = {name: set(re.findall(r'"(\w+)"', labels)) for name, labels in re.findall(
    r'name: "(\w+)", type: "\w+", labels: \[([^\]]*)\]',
    read(os.path.join(ROOT, "Tests/SheafObservabilityTests/ContractMetrics.swift")))}
# Others are there with servers only; the tests of the roles look at them.
SHEAF = {name: labels for name, labels in CONTRACT.items() if name.startswith("sheaf_")}


def promtool(*arguments, input=None):
    found = subprocess.run(["promtool"] + list(arguments), input=input, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True)
    return found.returncode, found.stdout


def expressions(dashboard):
    return [(panel["title"], target["expr"])
            for panel in dashboard["panels"] for target in panel.get("targets", [])]


def filled(expression):
    """What Grafana would ask."""
    for variable, value in (("$__rate_interval", "5m"), ("$job", ".*"), ("$instance", ".*")):
        expression = expression.replace(variable, value)
    return expression


def names(text):
    """The metrics in an expression, without what histograms add to their names."""
    text = re.sub(r'"[^"]*"', '""', text)
    return {re.sub(r"_(bucket|count|sum)$", "", name) for name in re.findall(NAME, text)}


class MetricsTests(Case):
    def test_every_metric_of_the_contract_has_its_labels_and_the_tools_ask_for_no_other(self):
        gateway = self.gateway(lambda number, document: 400 if document["recipient_id"] == 9 else 200)
        sheaf = self.sheaf({"gateway": {"url": gateway.url}, "types": window("100ms")})
        ids = sheaf.accept([item(1, 1, 1), item(1, 1, 2), status(2, 1), status(9, 1)])
        for id in ids[:3]:
            sheaf.delivered(sheaf.ended(id)["notification_id"])
        sheaf.delivered(sheaf.ended(ids[3])["notification_id"], "failed")
        sheaf.publish({"type": "sale_item_changed", "recipient_id": 1, "data": {}})
        eventually(lambda: any("sheaf_window_events_count" in s and v for s, v in sheaf.metrics().items()))

        answer = sheaf.request("GET", "/metrics")
        self.assertEqual(promtool("check", "metrics", input=answer.body.decode()), (0, ""))
        types = dict(re.findall(r"(?m)^# TYPE (\S+) (\S+)$", answer.body.decode()))
        labels = {}
        for series in sheaf.metrics():
            name, _, rest = series.partition("{")
            if name not in types:
                name = re.sub(r"_(bucket|count|sum)$", "", name)
            labels.setdefault(name, set()).update(re.findall(r'(\w+)="', rest))
        self.assertGreater(len(SHEAF), 10)
        for name, expected in SHEAF.items():
            with self.subTest(metric=name):
                self.assertIn(name, types)
                # Nothing was restarted here, so there is no series of that one.
                if name != "sheaf_consumer_restarts_total":
                    self.assertEqual(labels[name] - {"le"}, expected)

        source = read(os.path.join(ROOT, "Sources/SheafCore/Metrics/Metric+Sheaf.swift"))
        known = set(types) | set(re.findall(r'static let \w+ = \w+\(\s*"([a-z_]+)"', source)) | OTHERS
        self.assertLessEqual(set(CONTRACT), known)
        asked = {name for _, expression in expressions(json.loads(read(DASHBOARD))) for name in names(expression)}
        for line in re.findall(r"(?ms)expr: (.*?)\n        (?:for|labels):", read(RULES)):
            asked |= names(line)
        self.assertGreater(len(asked), 15)
        self.assertEqual(asked - known, set())
        # What they rely on is looked at somewhere.
        self.assertEqual(set(CONTRACT) - asked, set())


class RulesTests(unittest.TestCase):
    def test_the_alert_rules_are_valid_and_do_what_their_tests_say(self):
        for arguments in (("check", "rules", RULES), ("test", "rules", RULE_TESTS)):
            code, text = promtool(*arguments)
            self.assertEqual(code, 0, text)
            self.assertIn("SUCCESS", text)

    def test_every_alert_leads_to_its_section_of_the_operating_page(self):
        alerts = re.findall(r"(?m)^      - alert: (\w+)$", read(RULES))
        self.assertGreater(len(alerts), 8)
        links = re.findall(r"runbook_url: docs/operating\.md#(\w+)", read(RULES))
        self.assertEqual(links, [alert.lower() for alert in alerts])
        sections = re.findall(r"(?m)^### (\w+)$", read(os.path.join(ROOT, "docs/operating.md")))
        self.assertEqual(sorted(sections), sorted(alerts))


class DashboardTests(unittest.TestCase):
    def setUp(self):
        self.dashboard = json.loads(read(DASHBOARD))

    def test_it_can_be_provisioned(self):
        variables = {v["name"]: v for v in self.dashboard["templating"]["list"]}
        self.assertEqual(variables["datasource"]["type"], "datasource")
        identifiers = [panel["id"] for panel in self.dashboard["panels"]]
        self.assertEqual(len(identifiers), len(set(identifiers)))
        self.assertEqual(self.dashboard["uid"], "sheaf")
        for panel in self.dashboard["panels"]:
            if panel["type"] == "row":
                continue
            with self.subTest(panel=panel["title"]):
                self.assertEqual(panel["datasource"]["uid"], "${datasource}")
                self.assertTrue(panel["description"])
                place = panel["gridPos"]
                self.assertLessEqual(place["x"] + place["w"], 24)

    def test_prometheus_can_read_every_expression(self):
        rules = {"groups": [{"name": "panels", "rules": [
            {"record": "panel_%d" % number, "expr": filled(expression)}
            for number, (_, expression) in enumerate(expressions(self.dashboard))]}]}
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            json.dump(rules, file)
            file.flush()
            code, text = promtool("check", "rules", file.name)
        self.assertEqual(code, 0, text)

"""Has schemathesis try the API as its description says, and as it does not."""

import http.client
import json
import os
import re
import shutil
import subprocess

from harness import Case, eventually, item, promocode

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMATHESIS = shutil.which("schemathesis")
BEARER = {"Authorization": "Bearer all"}
EXAMPLES = {"file": "console.css", "key": "sale_item_changed:42:7", "notification": "x", "id": "42",
            "name": "sale_item_changed"}


class Description(Case):
    def setUp(self):
        self.site = self.sheaf({
            "log": {"level": "warning"}, "http": {"tokens": ["all:publish+read+admin"]},
            "types": {"sale_item_changed": {"window": "1h"}},
            "gateway": {"url": self.gateway(lambda number, _: 400 if number else 200).url}})

    def ask(self, method, path):
        return self.site.request(method, path, headers=BEARER)

    def fill(self):
        """So that there is some of all that can be asked for: an open window, notifications, dead letters."""
        self.site.accept([item(42, 7, 1001, id="evt-1")] + [promocode(42, n) for n in range(20)], headers=BEARER)
        eventually(lambda: len(self.ask("GET", "/v1/dead-letters").json["items"]) >= 19, what="dead letters")

    def test_schemathesis_finds_nothing(self):
        self.assertTrue(SCHEMATHESIS, "schemathesis is not installed: scripts/install-deps.sh test")
        self.fill()
        done = subprocess.run(
            [SCHEMATHESIS, "--config-file", os.path.join(HERE, "schemathesis.toml"), "run",
             "http://127.0.0.1:%d/openapi.json" % self.site.port,
             # It has no end, and schemathesis waits for one. test_the_stream tries it.
             "--exclude-path", "/v1/stream",
             "--header", "Authorization: Bearer all", "--seed", "4", "--max-examples", "40", "--workers", "1",
             "--generation-database", "none", "--request-timeout", "15", "--no-color"],
            cwd=self.site.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
            env=dict(os.environ, SCHEMATHESIS_HOOKS="openapi_hooks", PYTHONPATH=HERE, PYTHONDONTWRITEBYTECODE="1"))
        said = done.stdout.decode()
        self.assertEqual(done.returncode, 0, said[-6000:])
        self.assertRegex(said, r"\d+ generated, \d+ passed")

    def test_what_was_erased_is_gone(self):
        self.fill()
        notification = self.ask("GET", "/v1/recipients/42/notifications").json["items"][0]["id"]
        self.assertEqual(self.ask("DELETE", "/v1/recipients/42").status, 204)
        self.assertEqual(
            self.ask("GET", "/v1/recipients/42/notifications").json, {"items": [], "next": None, "unread": 0})
        for path in ("/v1/events/evt-1", "/v1/notifications/" + notification):
            self.assertEqual(self.ask("GET", path).status, 404, path)

    def test_every_operation_exists(self):
        for path, operations in self.ask("GET", "/openapi.json").json["paths"].items():
            for method in operations:
                real = re.sub(r"{(\w+)}", lambda name: EXAMPLES[name[1]], path)
                # The head of what can be got, since the stream has no end.
                answer = self.ask("HEAD" if method == "get" else method.upper(), real)
                with self.subTest(method=method, path=path):
                    self.assertNotEqual(answer.status, 405)
                    self.assertNotIn(b"there is nothing at this path", answer.body)

    def test_the_stream(self):
        from jsonschema_rs import validator_for
        description = self.ask("GET", "/openapi.json").json
        operation = description["paths"]["/v1/stream"]["get"]
        self.fill()
        connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=10)
        self.addCleanup(connection.close)
        connection.request("GET", "/v1/stream?recent=1", headers=BEARER)
        response = connection.getresponse()
        self.assertEqual(response.status, 200)
        self.assertIn(response.headers["Content-Type"], operation["responses"]["200"]["content"])
        schemas = {"stats": "Statistics", "notification": "Notification"}
        kind = None
        while schemas:
            line = response.readline().decode()
            if line.startswith("event: "):
                kind = line.split()[1]
            elif line.startswith("data: ") and kind in schemas:
                schema = dict(description, **{"$ref": "#/components/schemas/" + schemas.pop(kind)})
                validator_for(schema).validate(json.loads(line[len("data: "):]))
        for wrong in ("201", "-1", "x"):
            answer = self.ask("GET", "/v1/stream?recent=" + wrong)
            self.assertEqual((answer.status, answer.json["error"]["field"]), (400, "recent"), answer)

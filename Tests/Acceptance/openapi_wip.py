"""Has schemathesis try the API as its description says, and as it does not."""

import os
import shutil
import subprocess

from harness import Case, item, promocode

SCHEMATHESIS = shutil.which("schemathesis")


class Description(Case):
    def try_all(self, sheaf, *arguments):
        done = subprocess.run(
            [SCHEMATHESIS, "run", "http://127.0.0.1:%d/openapi.json" % sheaf.port, "--checks", "all", "--seed", "4",
             "--max-examples", "8", "--workers", "2", "--generation-database", "none", "--no-color"]
            + list(arguments), cwd=sheaf.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
            env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"))
        self.assertEqual(done.returncode, 0, done.stdout.decode()[-6000:])

    def setUp(self):
        self.assertTrue(SCHEMATHESIS, "schemathesis is not installed: scripts/install-deps.sh test")

    def test_without_tokens(self):
        sheaf = self.sheaf({"log": {"level": "warning"}})
        sheaf.accept([item(1, 2, 3), promocode(1, 2)])
        self.try_all(sheaf)

    def test_with_tokens(self):
        sheaf = self.sheaf({"log": {"level": "warning"}, "http": {"tokens": ["all:publish+read+admin"]}})
        self.try_all(sheaf, "--header", "Authorization: Bearer all")

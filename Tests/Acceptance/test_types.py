"""Types that are declared in files: what those who write them run."""

import os
import re
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree

import harness
from harness import Case

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EXAMPLES = os.path.join(ROOT, "examples/types")
GOOD = 'data: {item_id: id}\ntexts: {en: {list_title: "{count, plural, one {# item} other {# items}}"}}\n'


class TypesTests(Case):
    seconds = 60

    def setUp(self):
        super().setUp()
        self.folder = tempfile.TemporaryDirectory(prefix="sheaf-acceptance-")
        self.addCleanup(self.folder.cleanup)

    def types(self, *arguments):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("SHEAF_")}
        done = subprocess.run([harness.SHEAF, "types"] + list(arguments), env=clean, cwd=self.folder.name, timeout=40,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def write(self, name, text):
        with open(os.path.join(self.folder.name, name), "w", encoding="utf-8") as file:
            file.write(text)

    def test_a_new_type_passes_and_is_not_written_over(self):
        self.assertEqual(self.types("new", "review_published")[0], 0)
        status, out, _ = self.types("test", ".")
        self.assertEqual((status, out.splitlines()[-1]), (0, "1 example: 1 passed, 0 failed"))
        self.assertEqual(self.types("check", ".")[:2], (0, "1 type, 1 category: no mistakes\n"))
        status, _, err = self.types("new", "review_published")
        self.assertEqual((status, err), (1, "review_published.yaml is there already\n"))
        self.assertEqual(self.types("new", "Reviews")[0], 64)
        self.assertEqual(os.listdir(self.folder.name), ["review_published.yaml"])

    def test_mistakes_have_their_place(self):
        self.write("a.yaml", "data: {item_id: it}\nkey: [item]\ntexts: {en: {list_title: '{cont}'}}\n")
        self.write("b.yaml", "data: {a: id\n")
        status, out, _ = self.types("check", self.folder.name)
        self.assertEqual(status, 1)
        places = [re.match(r"(.*)/(.*?):(\d+):(\d+): .+", line).groups() for line in out.splitlines()]
        self.assertEqual(places, [(self.folder.name, "a.yaml", "1", "17"), (self.folder.name, "a.yaml", "2", "7"),
                                  (self.folder.name, "a.yaml", "3", "28"), (self.folder.name, "b.yaml", "2", "1")])
        self.assertEqual(self.types("test", self.folder.name)[:2], (status, out))
        self.assertEqual(self.types("check", "nowhere")[0], 1)
        self.assertEqual(self.types("check")[0], 64)

    def test_what_would_break_is_listed(self):
        self.write("a.yaml", GOOD)
        self.assertEqual(self.types("check", ".", "--against", ".")[0], 0)
        with tempfile.TemporaryDirectory() as old:
            with open(os.path.join(old, "a.yaml"), "w", encoding="utf-8") as file:
                file.write(GOOD.replace("item_id: id", "item_id: string"))
            status, out, _ = self.types("check", ".", "--against", old)
        self.assertEqual((status, out), (1, "./a.yaml:1:8: data.item_id: was string and is id; "
                                            "give the new field another name\n"))

    def test_texts_are_shown_for_counts(self):
        self.write("a.yaml", GOOD)
        status, out, _ = self.types("check", ".", "--counts")
        self.assertEqual(status, 0)
        self.assertEqual(out.splitlines()[:6], ["a en list_title", "   0  0 items", "   1  1 item", "   2  2 items",
                                                "   5  5 items", "  21  21 items"])

    def test_examples_are_reported_for_pipelines(self):
        status, out, _ = self.types("test", EXAMPLES, "--format", "junit")
        self.assertEqual(status, 0)
        suites = ElementTree.fromstring(out)
        self.assertEqual((suites.get("failures"), len(suites)), ("0", 5))
        self.write("a.yaml", GOOD + "examples: [{name: one, events: [{data: {item_id: 1}}], "
                                    "expect: {list_title: 2 items}}]\n")
        status, out, _ = self.types("test", ".", "--format", "junit")
        self.assertEqual((status, ElementTree.fromstring(out).get("failures")), (1, "1"))
        status, out, _ = self.types("test", ".", "--format", "github")
        self.assertEqual(status, 1)
        self.assertIn("::error file=./a.yaml,line=3,col=", out)
        self.assertEqual(self.types("test", ".", "--format", "xml")[0], 64)
        self.write("a.yaml", "data: {item_id: it}\ntexts: {en: {list_title: '{cont} <&>'}}\n")
        status, out, _ = self.types("test", ".", "--format", "junit")
        suites = ElementTree.fromstring(out)
        self.assertEqual((status, suites.get("errors"), [case.get("line") for case in suites.iter("testcase")]),
                         (1, "2", ["1", "2"]))
        status, out, _ = self.types("test", ".", "--format", "github")
        self.assertEqual((status, [line.split(",")[0] for line in out.splitlines()]), (1, ["::error file=./a.yaml"] * 2))

    def test_what_takes_no_effect_yet_is_noticed(self):
        self.write("a.yaml", GOOD + "expires: 2d\n")
        self.write("_categories.yaml", "news: {title: {en: News}, cap: 3/1d, quiet_hours: none}\n")
        status, out, err = self.types("check", ".")
        self.assertEqual((status, out), (0, "1 type, 2 categories: no mistakes\n"))
        self.assertEqual(err, "./_categories.yaml: notice: cap, quiet_hours take no effect yet\n"
                              "./a.yaml: notice: expires takes no effect yet\n")

    def test_what_is_named_by_mistake_is_said(self):
        self.write("a.yaml", GOOD)
        self.assertEqual(self.types("check", "a.yaml")[:2],
                         (1, "a.yaml:1:1: is a file; name the folder that it is in\n"))
        with tempfile.TemporaryDirectory() as empty:
            self.assertEqual(self.types("check", empty)[:2],
                             (0, "0 types, 1 category: no mistakes; a type is a file NAME.yaml in the folder\n"))
        self.assertEqual(self.types("check", ".", "--config", "nowhere.yaml")[0], 78)
        self.write("sheaf.json", '{"types": {"folder": "later"}}')
        status, _, err = self.types("new", "b", "--config", "sheaf.json")
        self.assertEqual((status, err), (78, "types.folder: there is no folder later; make it first\n"))
        os.mkdir(os.path.join(self.folder.name, "later"))
        self.assertEqual(self.types("new", "b", "--config", "sheaf.json")[:2],
                         (0, "later/b.yaml is written; 'sheaf types test later' runs its example\n"))
        self.write("later/a\nb.yaml", GOOD)
        status, out, _ = self.types("check", "later")
        self.assertEqual((status, len(out.splitlines())), (1, 1), out)
        os.remove(os.path.join(self.folder.name, "later/a\nb.yaml"))
        self.write("later/c.yaml", "#" * 300_000)
        self.assertIn("c.yaml:1:1: has more than 262144 bytes; ", self.types("check", "later")[1])

    def test_a_required_field_that_is_gone_breaks(self):
        self.write("a.yaml", GOOD)
        with tempfile.TemporaryDirectory() as old:
            with open(os.path.join(old, "a.yaml"), "w", encoding="utf-8") as file:
                file.write(GOOD.replace("item_id: id", "item_id: id, stars: integer, author: string?"))
            status, out, _ = self.types("check", ".", "--against", old)
        self.assertEqual((status, len(out.splitlines())), (1, 1), out)
        self.assertTrue(out.startswith("./a.yaml:1:7: data.stars: is gone, "), out)

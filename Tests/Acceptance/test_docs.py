"""The documents say what the code says, their links lead somewhere, and the documentation of the modules can be made."""

import json
import os
import re
import shutil
import subprocess
import unittest

from documents import ROOT, anchors, code, fences, links, pages, prose, read, table, tables

ARCHIVE = os.path.join(ROOT, ".build/docs/SheafCore.doccarchive")


def sources(*ends):
    """All of the sources' files that end so, by path, without tests' helpers and benchmarks."""
    found = {}
    for folder, _, names in os.walk(os.path.join(ROOT, "Sources")):
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), ROOT)
            if name.endswith(ends) and not path.startswith(("Sources/SheafTesting", "Sources/sheaf-bench")):
                found[path] = read(path)
    return found


class LinkTests(unittest.TestCase):
    def test_every_link_leads_to_a_file_and_a_heading(self):
        count = 0
        for page in pages():
            for target in links(read(page)):
                with self.subTest(page=page, target=target):
                    path, _, anchor = target.partition("#")
                    file = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
                    self.assertTrue(os.path.exists(os.path.join(ROOT, file)), "there is no " + file)
                    if anchor:
                        self.assertIn(anchor, anchors(read(file)))
                    count += 1
        self.assertGreater(count, 100)

    def test_every_page_can_be_reached_from_the_index(self):
        reached, left = set(), ["README.md"]
        while left:
            page = left.pop()
            if page in reached or not page.endswith(".md"):
                continue
            reached.add(page)
            left += [os.path.normpath(os.path.join(os.path.dirname(page), target.partition("#")[0]))
                     for target in links(read(page)) if not target.startswith("#")]
        self.assertEqual(set(pages()) - reached, set())

    def test_the_index_lists_every_page_beside_it(self):
        there = {name for name in os.listdir(os.path.join(ROOT, "docs")) if name.endswith(".md")} - {"README.md"}
        self.assertLessEqual(there | {"decisions/README.md"}, set(links(read("docs/README.md"))))

    def test_every_file_that_is_named_is_there(self):
        there = subprocess.run(["git", "ls-files"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        if there.returncode != 0:
            self.skipTest("there is no repository here")
        names = {path.rsplit("/", 1)[-1] for path in there.stdout.splitlines()}
        for page in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md") + tuple(
                p for p in pages() if p.startswith("docs/") and "/types" not in p):
            for name in re.findall(r"`(?:[\w/.-]*/)?([\w+-]+\.(?:swift|py|sh))(?: [^`]*)?`", prose(read(page))):
                with self.subTest(page=page, name=name):
                    self.assertIn(name, names)


class LengthTests(unittest.TestCase):
    def test_what_is_read_first_is_short(self):
        for page, most in (("README.md", 900), ("ARCHITECTURE.md", 1500)):
            self.assertLessEqual(len(read(page).split()), most, page)


class KeyTests(unittest.TestCase):
    """docs/configuration.md against the types' own policy and the example; SettingsKeyTests compares keys and
    defaults."""

    def setUp(self):
        self.rows = tables(read("docs/configuration.md"), "key", "default", "values")

    def test_the_windows_defaults_are_those_of_the_code(self):
        policy = read("Sources/SheafCore/Windows/DeliveryPolicy.swift")
        [(mode, length, wait, events)] = re.findall(
            r"mode: Mode = \.(\w+), length: Duration = \.seconds\((\d+)\), maxWait: Duration = \.seconds\((\d+)\),"
            r"\s+maxEvents: Int = ([\d_]+)", policy)
        documented = {code(row[0])[0]: row[1].split()[-1].strip("`") for row in self.rows}
        self.assertEqual(documented["types.NAME.mode"], mode)
        self.assertEqual(documented["types.NAME.window"], "%ss" % length)
        self.assertEqual(documented["types.NAME.max_wait"], "%dm" % (int(wait) // 60))
        self.assertEqual(documented["types.NAME.max_events"], events.replace("_", ""))
        self.assertIn("tumbling and %s s long" % length, read("docs/concepts.md"))
        mebibytes = re.search(r"mostBytes = (\d+) << 20", read("Sources/SheafCore/Windows/WindowState.swift"))[1]
        self.assertIn("or %s MiB of data, closes at once" % mebibytes, read("docs/concepts.md"))

    def test_the_example_has_the_keys_of_the_embedded_mode(self):
        documented = {key for row in self.rows for key in code(row[0])}
        section, found = [], set()
        for line in read("examples/sheaf.yaml").splitlines():
            # A key without a default is in a comment.
            match = re.match(r"( *)(# )?( *)(\w+):", line)
            if match:
                section = section[:len(match[1] + match[3]) // 2] + [match[4]]
                key = re.sub(r"^types\.(?!folder$)\w+", "types.NAME", ".".join(section))
                found.add(key)
                if not match[2]:
                    self.assertTrue(any((k + ".").startswith(key + ".") for k in documented), key)
        embedded = {key for key in documented if key.split(".")[0] not in ("databus", "kafka", "redis")}
        self.assertEqual(embedded - found, set())


class LimitTests(unittest.TestCase):
    def test_every_policy_of_retries_is_in_one_file(self):
        for path, text in sources(".swift").items():
            if path != "Sources/SheafCore/Outbox/RetryPolicy+Sheaf.swift":
                self.assertNotIn("RetryPolicy(", text, path)

    def test_the_api_has_the_limits_that_are_documented(self):
        limits = dict(re.findall(r"(\w+): Int = ([\d *]+?)[,\n]", read("Sources/SheafHTTP/APILimits.swift")))
        page = prose(read("docs/http-api.md"))
        self.assertIn("hold {:,} events and {} MiB".format(
            int(limits["events"]), int(limits["bodyBytes"].split("*")[0])), page)
        self.assertIn("above {:,} requests at once".format(int(limits["concurrentRequests"])), page)


class NameTests(unittest.TestCase):
    def test_the_modules_are_those_of_the_package(self):
        modules = {name for name in os.listdir(os.path.join(ROOT, "Sources"))
                   if re.match(r"[A-Z]", name) and not re.match(r"C[A-Z]", name)} | {"CEL"}
        documented = {name for row in table(read("ARCHITECTURE.md"), "module", "holds") for name in code(row[0])}
        self.assertEqual(documented - {"sheaf…"}, modules)

    def test_every_name_of_the_code_is_there(self):
        words = set(re.findall(r"\w+", " ".join(sources(".swift").values())))
        words |= {os.path.basename(path).split(".")[0].split("+")[0] for path in sources(".swift")}
        words |= {path.split("/")[-2] for path in sources(".swift")}
        names = set()
        for page in ["ARCHITECTURE.md"] + [p for p in pages() if p.startswith("docs/decisions/0")]:
            for name in re.findall(r"`([A-Z][a-z]\w+(?:\.[a-z]\w+)?)(?:\([^`]*\))?`", prose(read(page))):
                if name.endswith(".swift"):
                    continue
                for part in name.split("."):
                    names.add(part)
                    with self.subTest(page=page, name=name):
                        self.assertTrue(part in words, "not in the sources: " + part)
        self.assertGreater(len(names), 60)

    def test_the_metrics_are_those_of_the_code(self):
        documented = {name: set(code(row[1])) for row in table(read("docs/operating.md"), "metric", "labels")
                      for name in code(row[0])}
        text = read("Sources/SheafCore/Metrics/Metric+Sheaf.swift")
        declared = re.findall(r'static let (\w+) = \w+\(\s*"([a-z_]+)",(?:\s*labels: \[([^\]]*)\])?', text)
        described = {name: set(re.findall(r'"(\w+)"', labels)) for _, name, labels in declared}
        self.assertEqual({n: l for n, l in documented.items() if not n.startswith("process_")}, described)
        listed = re.search(r"static let all = \[(.*?)\]", text, re.S)[1]
        self.assertEqual(sorted(re.findall(r"\w+", listed)), sorted(member for member, _, _ in declared))

    def test_a_metrics_name_is_written_once(self):
        declaring = "Sources/SheafCore/Metrics/Metric+Sheaf.swift"
        names = set(re.findall(r'static let \w+ = \w+\(\s*"([a-z_]+)"', read(declaring)))
        self.assertGreater(len(names), 20)
        for path, text in sources(".swift").items():
            if path != declaring:
                self.assertEqual(names & set(re.findall(r'"([a-z_]+)"', text)), set(), path)

    def test_the_decisions_are_listed(self):
        there = {name for name in os.listdir(os.path.join(ROOT, "docs/decisions")) if name != "README.md"}
        self.assertEqual(set(links(read("docs/decisions/README.md"))), there)
        for name in there:
            self.assertEqual(re.findall(r"(?m)^## (.+)$", read("docs/decisions", name)),
                             ["Context", "Decision", "Consequences"], name)

    def test_the_type_in_swift_is_the_one_that_is_built(self):
        text = read("docs/types-in-swift.md")
        shown = re.findall(r"<!-- (Sources/\S+) -->\n```swift\n(.*?)```", text, re.S)
        self.assertEqual(len(shown), len(fences(text, "swift")))
        for path, block in shown:
            self.assertEqual(block.strip(), read(path).strip(), path)


class DocumentationTests(unittest.TestCase):
    seconds = 40

    @unittest.skipUnless(shutil.which("swift"), "there is no Swift here")
    def test_docc_makes_the_pages_and_the_tutorial(self):
        made = subprocess.run([os.path.join(ROOT, "scripts/build-docs.sh"), "SheafCore"], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        self.assertEqual(made.returncode, 0, made.stdout[-3000:])
        with open(os.path.join(ARCHIVE, "data/documentation/sheafcore.json"), encoding="utf-8") as file:
            page = json.load(file)
        self.assertIn("Adding a type of notification", [t["title"] for t in page["topicSections"]])
        tutorial = os.path.join(ARCHIVE, "data/tutorials/sheafcore/your-own-notification-type.json")
        with open(tutorial, encoding="utf-8") as file:
            shown = json.load(file)["references"]
        # What is shown is what TutorialTests builds and runs.
        resources = os.path.join(ROOT, "Sources/SheafCore/SheafCore.docc/Resources")
        for name in os.listdir(resources):
            with self.subTest(file=name), open(os.path.join(resources, name), encoding="utf-8") as file:
                self.assertEqual("\n".join(shown[name]["content"]).strip(), file.read().strip())

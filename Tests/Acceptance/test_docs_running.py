"""The documents against a running program: commands, endpoints, metrics and types are those that there are, and the
commands in console blocks run and print what the documents say."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

import harness
from documents import ROOT, appear, code, commands, fences, pages, read, table, tables
from harness import Case, eventually
from with_servers import tools

# Documented ahead of the code that brings them; a name that is there now has to leave this list.
COMING = set()


class NameTests(Case):
    seconds = 40

    def compare(self, documented, there):
        """Both ways, but for what is coming."""
        self.assertEqual(sorted(there & COMING), [], "this is there now: take it out of COMING")
        self.assertEqual(sorted(there - documented), [], "not documented")
        self.assertEqual(sorted(documented - there - COMING), [], "documented, and not there")

    def help(self, *arguments):
        done = subprocess.run([harness.SHEAF] + list(arguments) + ["--help"], stdout=subprocess.PIPE, check=True)
        return done.stdout.decode()

    def subcommands(self, *arguments):
        text = self.help(*arguments).partition("SUBCOMMANDS:")[2].partition("See 'sheaf help")[0]
        names = re.findall(r"(?m)^  ([a-z][a-z-]*)(?: \(default\))?(?: {2,}|$)", text)
        if not names:
            return {" ".join(("sheaf",) + arguments)}
        return set().union(*(self.subcommands(*arguments, name) for name in names))

    def test_the_commands_are_those_of_the_program(self):
        rows = table(read("docs/command-line.md"), "command", "does")
        documented = {re.sub(r" (--.*|[A-Z\[].*)$", "", code(row[0])[0]): row[1] for row in rows}
        there = self.subcommands()
        self.assertGreater(len(there), 18)
        self.compare(set(documented), there)
        common = {"--config", "--version", "--help"}
        first = {re.sub(r" (--.*|[A-Z\[].*)$", "", code(row[0])[0]): code(row[0])[0] for row in rows}
        for command in there & set(documented):
            with self.subTest(command=command):
                options = set(re.findall(r"(?m)^  (?:-\w, )?(--[a-z-]+)", self.help(*command.split()[1:]))) - common
                named = set(re.findall(r"--[a-z-]+", first[command] + documented[command]))
                self.assertEqual(named, options)

    def test_the_endpoints_are_those_of_the_program(self):
        sheaf = self.sheaf({"http": {"tokens": ["tok-0123456789abcdef:publish+read+admin"]}})
        description = sheaf.get("/openapi.json")
        there = {}
        for path, operations in description["paths"].items():
            for method, operation in operations.items():
                if method != "parameters":
                    scopes = [s for need in operation.get("security", []) for s in need.get("token", [])]
                    there["%s %s" % (method.upper(), path)] = scopes
        documented = {code(row[0])[0]: code(row[1]) for row in table(read("docs/http-api.md"), "request", "scope", "answer")}
        self.assertGreater(len(there), 20)
        self.compare(set(documented), set(there))
        for endpoint in set(there) & set(documented):
            self.assertEqual(documented[endpoint], there[endpoint], endpoint)

    def test_the_metrics_of_a_running_process_are_documented(self):
        sheaf = self.sheaf()
        shown = set(re.findall(r"(?m)^# TYPE (\S+) ", sheaf.request("GET", "/metrics").body.decode()))
        documented = {name for row in table(read("docs/operating.md"), "metric", "labels") for name in code(row[0])}
        self.assertGreater(len(shown), 15)
        self.assertEqual(shown - documented, set())
        # The others are there once a driver or the tracing is used.
        self.assertEqual({n for n in documented - shown if not n.startswith(("redis_", "postgres_"))},
                         {"sheaf_spans_total"})

    def test_the_built_in_types_are_those_of_the_program(self):
        there = {(t["name"], str(t["code"])): [f["name"] for f in t["fields"]] for t in self.sheaf().get("/v1/types")["items"]}
        text = read("docs/contracts.md")
        rows = table(text, "type", "code", "`data`")
        self.assertEqual({(code(row[0])[0], row[1]) for row in rows}, set(there))
        for row in rows:
            self.assertEqual(code(row[2])[:len(there[code(row[0])[0], row[1]])], there[code(row[0])[0], row[1]])
        topics = {(t["name"], t["topic"]) for t in self.sheaf().get("/v1/types")["items"]}
        self.assertEqual({(code(row[2])[0], code(row[0])[0]) for row in table(text, "topic", "value")}, topics)

    def test_every_key_can_be_set_to_its_default(self):
        """The program knows all that is documented."""
        lines = []
        for row in tables(read("docs/configuration.md"), "key", "default", "values"):
            default = re.fullmatch(r"`(.+)`", row[1])
            for key in code(row[0]):
                if default and "kafka.options" not in key:
                    lines.append("%s: '%s'" % (key.replace("NAME", "sale_item_changed"), default[1]))
        self.assertGreater(len(lines), 30)
        sheaf = self.sheaf(start=False)
        path = os.path.join(sheaf.folder, "all.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        done = subprocess.run([harness.SHEAF, "doctor", "--config", path], cwd=sheaf.folder, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=40)
        self.assertEqual(done.returncode, 0, done.stdout.decode())


class Session:
    """A shell in a folder of its own, beside a Sheaf that runs as a reader of the page has it running."""

    def __init__(self, case):
        self.folder = tempfile.mkdtemp(prefix="sheaf-acceptance-")
        case.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.ports = {"8080": tools.free_port(), "8090": tools.free_port()}
        self.servers = {}
        bin = os.path.join(self.folder, ".bin")
        os.mkdir(bin)
        os.symlink(harness.SHEAF, os.path.join(bin, "sheaf"))
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SHEAF_")}
        environment.update(PATH=bin + ":" + environment["PATH"], SHEAF_HTTP_PORT=str(self.ports["8080"]))
        self.shell = subprocess.Popen(["bash"], cwd=self.folder, env=environment, stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        case.addCleanup(self.close)

    def run(self, command):
        """The status and the printed lines."""
        for known, port in self.ports.items():
            command = command.replace("127.0.0.1:" + known, "127.0.0.1:%d" % port)
        # The shell keeps what was exported, and where it is.
        self.shell.stdin.write(("{ %s\n} </dev/null; echo \"END:$?\"\n" % command).encode())
        self.shell.stdin.flush()
        lines = []
        for raw in self.shell.stdout:
            line = raw.decode("utf-8", "replace").rstrip("\n")
            end = re.search(r"END:(\d+)$", line)
            if end:
                return int(end[1]), lines + ([line[:end.start()]] if end.start() else [])
            lines.append(line)
        raise AssertionError("the shell ended: " + "\n".join(lines))

    def serve(self, command, port):
        """Starts a server of the shell's, in the place of an older one, and waits until it listens."""
        old = self.servers.pop(port, None)
        if old:
            self.run("kill -TERM %d; wait %d" % (old, old))
        log = os.path.join(self.folder, ".log-" + port)
        self.servers[port] = int(self.run("%s >%s 2>&1 & echo $!" % (command, log))[1][-1])

        def listens():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.ports[port]), 1):
                return True
        try:
            eventually(listens, 20)
        except AssertionError:
            with open(log, encoding="utf-8") as file:
                raise AssertionError(command + ": " + file.read()) from None

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.shell.pid, signal.SIGKILL)
        self.shell.wait()
        self.shell.stdin.close()
        self.shell.stdout.close()


@unittest.skipUnless(harness.MODE == "embedded", "the documents' commands begin with the embedded mode")
class ConsoleTests(Case):
    """Every command of every console block, a page as one session."""

    seconds = 90

    # What a reader has at hand before a command, which the page describes in words.
    BEFORE = {
        "sheaf publish events.ndjson": "echo '{\"type\":\"sale_seller_status_changed\",\"recipient_id\":1,"
                                       "\"data\":{\"sale_id\":1,\"status\":\"approved\"}}' > events.ndjson",
        "sheaf types check types --against types-as-released": "cp -r types types-as-released",
    }
    # A mistake that the page shows is made before, and mended after.
    MISTAKES = {("docs/types.md", "sheaf types check ."): ("s/data.stars <=/data.starz <=/", "s/data.starz <=/data.stars <=/")}

    def test_every_console_block_runs(self):
        ran = 0
        for page in pages():
            text = read(page)
            blocks = fences(text, "console")
            if not blocks or page.startswith("deploy/"):
                continue
            session = Session(self)
            # The guide to types starts its own, on an empty folder.
            if page != "docs/types.md":
                session.serve("sheaf run", "8080")
            for place, block in blocks:
                if page == "docs/types.md":
                    self.write_files(session, text[:place])
                for command, expected in commands(block):
                    with self.subTest(page=page, command=command):
                        self.run_command(session, page, command, expected)
                        ran += 1
            session.close()
        self.assertGreater(ran, 25)

    def write_files(self, session, text):
        """What a reader of the guide has in the files by then: the type, and from step 6 on what is beside it."""
        steps, _, last = text.partition("## 6. ")
        files = {"types/review_published.yaml": "".join(block for _, block in fences(steps, "yaml"))}
        for name, language in (("sheaf.yaml", "yaml"), ("event.json", "json")):
            files[name] = "".join(block for _, block in fences(last, language)[:1])
        for name, written in files.items():
            if written:
                with open(os.path.join(session.folder, name), "w", encoding="utf-8") as file:
                    file.write(written)

    def run_command(self, session, page, command, expected):
        words = re.sub(r"\s+#.*", "", command).split()
        while words and "=" in words[0]:
            words.pop(0)
        if self.is_checked_otherwise(words):
            return
        if words[0] == "sheaf" and words[1] in ("run", "sandbox"):
            port = "8080" if words[1] == "run" else "8090"
            return session.serve(command + ("" if port == "8080" else " --port %d" % session.ports["8090"]), port)
        mistake = self.MISTAKES.get((page, " ".join(words)))
        if mistake:
            session.run("sed -i '%s' review_published.yaml" % mistake[0])
        if command in self.BEFORE or " ".join(words) in self.BEFORE:
            self.assertEqual(session.run(self.BEFORE[" ".join(words)])[0], 0)
        if "--config sheaf.yaml" in command:
            session.run("touch sheaf.yaml")
        # The token of the scope `admin` is the last of those exported.
        command = command.replace("Bearer …", "Bearer $(sed 's/.*,//; s/:.*//' <<< \"$SHEAF_HTTP_TOKENS\")")
        status, lines = session.run(command)
        if mistake:
            session.run("sed -i '%s' review_published.yaml" % mistake[1])
            self.assertEqual(status, 1, lines)
            self.assertRegex("\n".join(lines), r"^\./review_published\.yaml:\d+:\d+: when: ")
            return
        self.assertEqual(status, 0, lines)
        self.assertFalse([line for line in lines if line.startswith('{"error"')], lines)
        expected, lines = ([re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", line) for line in some]
                           for some in (expected, lines))
        # What an answer prints in one line may be broken in the document.
        missing = appear(expected, lines) and appear(["".join(expected)], lines)
        self.assertIsNone(missing, lines)

    def is_checked_otherwise(self, words):
        """Commands that build or test: what they name is there."""
        if words[0] == "make":
            self.assertRegex(read("Makefile"), r"(?m)^%s:" % words[1])
        elif words[0] == "python3":
            self.assertTrue(os.path.exists(os.path.join(ROOT, words[1])))
            if "-k" in words:
                name = words[words.index("-k") + 1]
                tests = "".join(read("Tests/Acceptance", f) for f in os.listdir(os.path.join(ROOT, "Tests/Acceptance"))
                                if f.startswith("test_") and name in f)
                self.assertIn("def test_", tests)
        elif words[:2] == ["swift", "test"]:
            self.assertTrue(os.path.isdir(os.path.join(ROOT, "Tests", words[-1])))
        else:
            return False
        return True

    def test_the_demo_prints_what_the_readme_shows(self):
        shown = next(block for _, block in fences(read("README.md"), "") if "became" in block)
        with tempfile.TemporaryDirectory(prefix="sheaf-acceptance-") as folder:
            environment = dict(os.environ, SHEAF_HTTP_PORT="0")
            done = subprocess.run([harness.SHEAF, "demo", "--once"], cwd=folder, env=environment, timeout=60,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)

        def without_times(lines):
            return sorted(re.sub(r"after \d+ s", "after N s", line) for line in lines)
        printed = [line for line in done.stdout.decode().splitlines() if re.match(r"\d+ ", line)]
        printed = [line for line in printed if "happen at once" not in line]
        self.assertEqual(without_times(shown.splitlines()), without_times(printed))

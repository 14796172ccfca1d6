"""Types that are declared in files, put to use in processes that run."""

import os
import signal
import tempfile
import time

import harness
from cluster import ClusterCase
from with_servers import tools
from harness import Case, eventually

NEWS = ('data: {topic: string, stars: integer}\nkey: [topic]\ndelivery: {mode: tumbling, window: %s}\n'
        'texts: {en: {list_title: "%s {count, plural, one {# item} other {# items}}"}}\n')


def news(topic="a", recipient=1):
    return {"type": "news", "recipient_id": recipient, "data": {"topic": topic, "stars": 1}}


def names(process):
    return {t["name"]: t for t in process.get("/v1/types")["items"] if not t["built_in"]}


class Folder:
    def __init__(self, case):
        temporary = tempfile.TemporaryDirectory(prefix="sheaf-acceptance-")
        case.addCleanup(temporary.cleanup)
        self.path = temporary.name

    def write(self, window="1s", word="New:", name="news", text=None):
        with open(os.path.join(self.path, name + ".yaml"), "w", encoding="utf-8") as file:
            file.write(text or NEWS % (window, word))
        return self.path

    def remove(self, name="news"):
        os.remove(os.path.join(self.path, name + ".yaml"))


class RunningTypesTests(Case):
    """One process."""

    def test_a_folder_is_applied_at_the_start_and_reloaded(self):
        folder = Folder(self)
        folder.write()
        sheaf = self.sheaf({"types": {"folder": folder.path}})
        self.assertEqual(names(sheaf)["news"]["delivery"]["window"], "1s")
        id, = sheaf.accept([news()])
        notification = sheaf.notification(sheaf.ended(id)["notification_id"])
        self.assertEqual((notification["type"], notification["list_title"]), ("news", "New: 1 item"))
        counted = [value for series, value in sheaf.metrics().items() if series.startswith("sheaf_events_finished_total")
                   and 'type="news"' in series and 'outcome="processed"' in series]
        self.assertEqual(counted, [1])
        folder.write(word="Newer:")
        folder.write(name="more", text=NEWS % ("1s", "More:"))
        answer = sheaf.request("POST", "/v1/reload")
        self.assertEqual(answer.json, {"revision": 2, "stored": True, "added": ["more"], "changed": ["news"],
                                       "removed": []})
        id, = sheaf.accept([news()])
        self.assertEqual(sheaf.notification(sheaf.ended(id)["notification_id"])["list_title"], "Newer: 1 item")
        # A mistake changes nothing.
        folder.write(name="more", text="data: {a: it}\ntexts: {en: {list_title: '{b}'}}\n")
        answer = sheaf.request("POST", "/v1/reload")
        self.assertEqual(answer.status, 422)
        self.assertEqual(len(answer.json["error"]["mistakes"]), 2)
        self.assertTrue(answer.json["error"]["mistakes"][0].startswith(folder.path + "/more.yaml:1:"))
        self.assertEqual(set(names(sheaf)), {"news", "more"})
        folder.remove("more")
        sheaf.process.send_signal(signal.SIGHUP)
        eventually(lambda: set(names(sheaf)) == {"news"}, 5, what="the reload by a signal")
        self.assertTrue(sheaf.alive())

    def test_a_signal_to_reload_during_a_start_does_not_end_the_process(self):
        away = "postgres://user:password@127.0.0.1:%d/none" % tools.free_port()
        sheaf = self.sheaf({"store": {"url": away}, "startup": {"timeout": "20s"}}, start=False)
        sheaf.spawn()
        eventually(lambda: sheaf.lines, 10, what="a word about the server that is away")
        sheaf.process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        self.assertTrue(sheaf.alive())
        sheaf.process.terminate()
        self.assertEqual(sheaf.process.wait(20), 0)

    def test_a_start_with_a_mistake_ends_with_status_78(self):
        folder = Folder(self)
        folder.write(text="data: {a: it}\n")
        sheaf = self.sheaf({"types": {"folder": folder.path}}, start=False)
        sheaf.spawn()
        self.assertEqual(sheaf.process.wait(20), 78)
        self.assertTrue(any("/news.yaml:1:" in line for line in sheaf.lines), sheaf.lines)

    def test_a_type_with_live_windows_stays(self):
        folder = Folder(self)
        folder.write(window="1h")
        sheaf = self.sheaf({"types": {"folder": folder.path}})
        id, = sheaf.accept([news()])
        folder.remove()
        answer = sheaf.request("POST", "/v1/reload")
        self.assertEqual(answer.status, 422)
        self.assertIn("news", answer.json["error"]["message"])
        folder.write(text=(NEWS % ("1h", "New:")).replace("stars: integer", "stars: string"))
        self.assertEqual(sheaf.request("POST", "/v1/reload").status, 422)
        self.assertEqual(sheaf.terminate(), 0)
        # At a start it is a warning.
        sheaf.start()
        self.assertEqual(set(names(sheaf)), {"news"})
        self.assertEqual(sheaf.request("POST", "/v1/windows/news:1:a/flush").status, 202)
        sheaf.ended(id)
        self.assertEqual(sheaf.request("POST", "/v1/reload").status, 200)
        self.assertEqual(sheaf.get("/v1/types")["revision"], 2)

    def test_commands_apply_and_bring_back_what_a_process_then_takes(self):
        folder = Folder(self)
        sheaf = self.sheaf()
        self.assertEqual(sheaf.cli("types", "apply", folder.write()).returncode, 0)
        eventually(lambda: set(names(sheaf)) == {"news"}, 5, what="the set that was applied")
        self.assertEqual(sheaf.cli("types", "apply", folder.write(word="Newer:")).returncode, 0)
        done = sheaf.cli("types", "rollback", "1")
        self.assertEqual((done.returncode, b'"revision" : 3' in done.stdout), (0, True), done)
        self.assertIn(b'"brought_back" : 1', sheaf.cli("types", "history").stdout)
        self.assertIn(b'"news"', sheaf.cli("types", "list").stdout)
        eventually(lambda: sheaf.get("/v1/types")["revision"] == 3, 5, what="the set that was brought back")
        bad = sheaf.cli("types", "apply", folder.write(text="data: {a: it}\n"))
        self.assertEqual(bad.returncode, 1)
        self.assertIn(b"/news.yaml:1:", bad.stderr)
        self.assertEqual(sheaf.cli("types", "rollback", "9").returncode, 1)
        self.assertEqual(sheaf.cli("publish", input=b'{"type":"news","recipient_id":9,"data":{"topic":"a","stars":1}}')
                         .stdout, b"accepted 1, duplicate 0, rejected 0\n")


class SharedTypesTests(ClusterCase):
    """Two processes on PostgreSQL."""

    servers_needed = ("postgres",)

    def test_what_one_process_applies_the_other_takes_within_seconds(self):
        ahead, behind = Folder(self), Folder(self)
        behind.write()
        gateway = self.gateway()
        cluster = self.cluster(settings={"gateway": {"url": gateway.url}, "types": {"folder": behind.path}},
                               redis=False, kafka=False)
        one, other = cluster.start("run", "run")
        self.assertEqual([set(names(p)) for p in (one, other)], [{"news"}] * 2)
        self.assertEqual(one.get("/v1/types")["revision"], 1)
        ahead.write(word="Newer:")
        ahead.write(name="more", text=NEWS % ("1s", "More:"))
        begin = time.monotonic()
        self.assertEqual(one.cli("types", "apply", ahead.path).returncode, 0)
        for process in (one, other):
            eventually(lambda p=process: set(names(p)) == {"news", "more"}, 5, what="the set in " + process.name)
        harness.note("both took the set within %.1f s" % (time.monotonic() - begin))
        ids = []
        for process in (one, other):
            ids += process.accept([dict(news(recipient=n), type=name) for n in range(20) for name in ("news", "more")])
        for id in ids:
            notification = one.notification(one.ended(id, seconds=20)["notification_id"])
            self.assertIn(notification["list_title"].split(" ")[0], ("Newer:", "More:"))
        # A process that starts with the older folder brings nothing back.
        third, = cluster.start("run")
        self.assertEqual((third.get("/v1/types")["revision"], set(names(third))), (2, {"news", "more"}))
        # Only if it is asked to.
        self.assertEqual(third.request("POST", "/v1/reload").json["removed"], ["more"])
        eventually(lambda: set(names(one)) == {"news"}, 5, what="the older set")
        self.assertEqual(one.get("/v1/dead-letters")["items"], [])

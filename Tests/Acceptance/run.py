#!/usr/bin/env python3
"""Black-box acceptance tests: python3 Tests/Acceptance/run.py --sheaf PATH [-k NAME] [--jobs N]

Classes of tests run side by side, each in a process of its own, the longest first; what a class prints comes when it
has ended. One that measures times says `alone = True` and runs after the others, and one that takes minutes gives its
`seconds`.
"""

import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

import backends  # noqa: E402


class Result(unittest.TextTestResult):
    """Counts what passed, and how long each test took."""

    passed = 0

    def startTest(self, test):
        self.began = time.monotonic()
        super().startTest(test)

    def addSuccess(self, test):
        self.passed += 1
        if self.showAll:
            self.stream.write("(%.1f s) " % (time.monotonic() - self.began))
        super().addSuccess(test)


def classes(suite):
    """Suites of a class each."""
    for part in suite:
        tests = list(part)
        if tests and isinstance(tests[0], unittest.TestCase):
            yield part
        elif tests:
            yield from classes(part)


def run(suites):
    """Runs suites here; the numbers of tests that passed and failed."""
    import harness
    result = unittest.TextTestRunner(verbosity=2, resultclass=Result, stream=sys.stdout).run(unittest.TestSuite(suites))
    for line in harness.NOTES:
        print(line)
    # A test may fail in several of its parts, and counts once.
    failed = len({getattr(test, "test_case", test).id() for test, _ in result.failures + result.errors})
    return result.passed, failed


class SideBySide:
    """Runs classes of tests in processes of their own."""

    def __init__(self, arguments):
        self.command = [sys.executable, os.path.abspath(__file__)] + arguments

    def run_all(self, suites, jobs):
        def key(suite):
            return -getattr(type(next(iter(suite))), "seconds", 0)

        alone = [suite for suite in suites if getattr(type(next(iter(suite))), "alone", False)]
        together = sorted((suite for suite in suites if suite not in alone), key=key)
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            counts = list(pool.map(self.run_class, together))
        counts += map(self.run_class, alone)
        return [sum(column) for column in zip(*counts)]

    def run_class(self, suite):
        name = unittest.util.strclass(type(next(iter(suite))))
        done = subprocess.run(self.command + ["--class", name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        text = done.stdout.decode(errors="replace")
        count = re.search(r"^(\d+) passed, (\d+) failed\n\Z", text, re.MULTILINE)
        sys.stdout.write(text[:count.start()] if count else text)
        sys.stdout.flush()
        if count:
            return int(count[1]), int(count[2])
        print("%s ended with status %d in the middle" % (name, done.returncode))
        return 0, 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sheaf", required=True, help="the program under test")
    parser.add_argument("--mode", default="embedded", choices=sorted(backends.MODES),
                        help="what Sheaf runs on; servers are found from the variables that scripts/with-servers.py sets")
    parser.add_argument("-k", dest="names", action="append", help="run what matches NAME only")
    parser.add_argument("--jobs", type=int, default=1, help="classes that run side by side")
    parser.add_argument("--class", dest="only", help=argparse.SUPPRESS)
    arguments = parser.parse_args()

    import harness
    harness.MODE = arguments.mode
    harness.SHEAF = os.path.abspath(arguments.sheaf)
    loader = unittest.TestLoader()
    if arguments.names:
        loader.testNamePatterns = [n if "*" in n else "*%s*" % n for n in arguments.names]
    suites = list(classes(loader.discover(HERE, pattern="test_*.py", top_level_dir=HERE)))
    if arguments.only:
        suites = [suite for suite in suites if unittest.util.strclass(type(next(iter(suite)))) == arguments.only]
    if arguments.jobs > 1 and not arguments.only:
        passed, failed = SideBySide(sys.argv[1:]).run_all(suites, arguments.jobs)
    else:
        passed, failed = run(suites)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Black-box acceptance tests: python3 Tests/Acceptance/run.py --sheaf PATH [-k NAME]"""

import argparse
import os
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


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sheaf", required=True, help="the program under test")
    parser.add_argument("--mode", default="embedded", choices=sorted(backends.MODES),
                        help="what Sheaf runs on; servers are found as scripts/with-servers.py tells them")
    parser.add_argument("-k", dest="names", action="append", help="run what matches NAME only")
    arguments = parser.parse_args()

    import harness
    harness.MODE = arguments.mode
    harness.SHEAF = os.path.abspath(arguments.sheaf)
    loader = unittest.TestLoader()
    if arguments.names:
        loader.testNamePatterns = [n if "*" in n else "*%s*" % n for n in arguments.names]
    suite = loader.discover(HERE, pattern="test_*.py", top_level_dir=HERE)
    result = unittest.TextTestRunner(verbosity=2, resultclass=Result, stream=sys.stdout).run(suite)
    for line in harness.NOTES:
        print(line)
    # A test may fail in several of its parts, and counts once.
    failed = len({getattr(test, "test_case", test).id()
                  for test, _ in result.failures + result.errors})
    print("%d passed, %d failed" % (result.passed, failed))
    return 1 if failed or not result.testsRun else 0


if __name__ == "__main__":
    sys.exit(main())

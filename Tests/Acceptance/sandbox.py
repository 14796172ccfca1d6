"""Runs `sheaf sandbox`: the marketplace and the gateway as the program itself makes them up."""

import os
import re
import subprocess

import harness


class Sandbox:
    """A process of `sheaf sandbox`. In it three of four items are banned: all but those that four divides."""

    def __init__(self, port=0):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SHEAF_")}
        self.process = subprocess.Popen(
            [harness.SHEAF, "sandbox", "--port", str(port)], env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said = []
        for line in self.process.stdout:
            said.append(line)
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found:
                self.url = found.group()
                return
        raise AssertionError("the sandbox did not start: " + "".join(said))

    def close(self):
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()

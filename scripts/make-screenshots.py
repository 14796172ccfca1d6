#!/usr/bin/env python3
"""Takes the pictures of the console page that the documents show, of a running Sheaf with made-up data.

    .build/test-venv/bin/python3 scripts/make-screenshots.py --sheaf .build/debug/sheaf [--to docs/images]

It needs what `scripts/install-deps.sh test` installs.
"""

import argparse
import os
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "Tests", "Acceptance"))
sys.dont_write_bytecode = True

import harness  # noqa: E402
from browser import Browser  # noqa: E402
from harness import Sheaf, eventually, item, promocode, status, window  # noqa: E402
from sandbox import Sandbox  # noqa: E402
from with_servers import tools  # noqa: E402


class Scene:
    """A Sheaf in which something of everything has happened, and goes on happening."""

    def __init__(self):
        self.port = tools.free_port()
        self.market = Sandbox()
        self.gateway = None
        self.sheaf = Sheaf({
            "gateway": {"url": "http://127.0.0.1:%d" % self.port, "max_attempts": 1},
            "sales": {"url": self.market.url}, "items": {"url": self.market.url}, "types": window("90s")}).start()

    def prepare(self):
        # While the gateway is away, one notification is dead-lettered.
        self.sheaf.accept([promocode(3107, 12, "ОСЕНЬ15", 500)])
        eventually(lambda: self.sheaf.get("/v1/dead-letters")["items"], what="a dead letter")
        self.gateway = Sandbox(self.port)
        self.sheaf.accept([item(1001, 7, n) for n in (1, 5, 6)] + [item(77, 9, 4), status(2208, 7, status="approved")])
        for key in ("1001:7", "77:9"):
            self.flush(key)
        self.sheaf.accept([promocode(1001, 5, "СКИДКА10", 100), status(42, 8, status="rejected")])
        self.sheaf.accept([item(512, 7, n) for n in range(1, 15)])
        self.flush("512:7")
        self.burst = self.sheaf.accept([item(42, 7, n) for n in range(1, 19)])

    def flush(self, key):
        path = "/v1/windows/sale_item_changed:%s/flush" % key
        eventually(lambda: self.sheaf.request("POST", path).status == 202, what="the window " + key)

    def go_on(self, seconds):
        """Events that keep coming, into windows that stay open."""
        sales = [(42, 8), (1001, 8), (2208, 11), (77, 7), (3107, 7)]
        for second in range(seconds):
            begun = time.monotonic()
            self.sheaf.accept([item(*sale, 100 * second + n) for sale in sales[:2 + second // 3]
                               for n in range(1 + second * 7 % 4)])
            if second == 6:
                self.sheaf.accept([item(42, 7, n) for n in range(19, 29)])
            if second == 9:
                self.flush("42:7")
            if second % 5 == 3:
                self.sheaf.accept([status(4000 + second, 7, status=("approved", "blocked")[second % 2])])
            time.sleep(max(0, 1 - (time.monotonic() - begun)))

    def close(self):
        for part in (self.sheaf, self.market, self.gateway):
            if part is not None:
                part.close()


def take(browser, scene, folder, url):
    browser.size(1280, 1000)
    browser.scheme("light")
    browser.open(url)
    scene.go_on(14)
    browser.reads("#connection", "Live")
    browser.save(os.path.join(folder, "console-light.png"))
    browser.scheme("dark")
    browser.type("#query", scene.burst[0])
    browser.find("#search").submit()
    browser.reads("#answer", "[Dd]elivered")
    browser.save(os.path.join(folder, "console-dark.png"))
    browser.scheme("light")
    browser.size(390, 844, 2)
    browser.run("document.getElementById('answer-close').click(); document.activeElement.blur();"
                "document.querySelector('.phone').scrollIntoView()")
    browser.save(os.path.join(folder, "console-phone.png"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sheaf", required=True, help="the program")
    parser.add_argument("--to", default=os.path.join(ROOT, "docs", "images"), help="the folder for the pictures")
    arguments = parser.parse_args()
    harness.SHEAF = os.path.abspath(arguments.sheaf)
    os.makedirs(arguments.to, exist_ok=True)
    scene = Scene()
    try:
        scene.prepare()
        browser = Browser()
        try:
            take(browser, scene, arguments.to, "http://127.0.0.1:%d/" % scene.sheaf.port)
        finally:
            browser.close()
    finally:
        scene.close()


if __name__ == "__main__":
    main()

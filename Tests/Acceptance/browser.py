"""Chromium without a screen, driven as a person uses it: with eyes (what is shown), mouse and keys."""

import json
import os
import re
import shutil
import time

try:
    from selenium import webdriver
    from selenium.common.exceptions import StaleElementReferenceException
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
except ImportError:
    webdriver = None

from harness import eventually

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "chrome", "chrome-headless-shell")

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "audit.js"), encoding="utf-8") as source:
    AUDIT = source.read()

# The longest time between two frames while the page is left alone, in milliseconds.
LONGEST_FRAME = """
const done = arguments[1], end = performance.now() + arguments[0];
let last = performance.now(), longest = 0;
requestAnimationFrame(function frame(now) {
  longest = Math.max(longest, now - last);
  last = now;
  if (now < end) requestAnimationFrame(frame); else done(longest);
});
"""


def chromium():
    """The path of Chromium and that of its driver."""
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None), shutil.which("chromedriver")
    if webdriver is None or None in found:
        raise AssertionError("this needs selenium, Chromium and chromedriver: scripts/install-deps.sh test")
    return found


class Browser:
    """One window of one browser."""

    def __init__(self):
        program, driver = chromium()
        options = webdriver.ChromeOptions()
        options.binary_location = program
        # Nothing outside this machine can be reached.
        for argument in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                         "--disable-background-networking", "--disable-component-update", "--disable-sync",
                         "--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                         "--force-color-profile=srgb", "--lang=en"):
            options.add_argument(argument)
        if os.geteuid() == 0:
            options.add_argument("--no-sandbox")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(driver))
        self.driver.set_script_timeout(20)
        self.messages = []
        self.requested = []

    def close(self):
        self.driver.quit()

    # What surrounds the page

    def size(self, width, height=900, scale=1):
        """Shows the page as on a screen of this size; narrow ones are phones."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": scale, "mobile": width < 600})

    def scheme(self, name, motion="no-preference"):
        """`light` or `dark`; `reduce` asks for less motion."""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": name}, {"name": "prefers-reduced-motion", "value": motion}]})

    def open(self, url):
        self.drain()
        self.messages, self.requested = [], []
        self.driver.get(url)

    def drain(self):
        """Takes in what the browser noted since the last time."""
        self.messages += [entry["message"] for entry in self.driver.get_log("browser")
                          if entry["level"] in ("SEVERE", "WARNING")]
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                self.requested.append(message["params"]["request"]["url"])

    # Eyes

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        """What a person reads there, white space made one; empty if nothing is shown."""
        try:
            return re.sub(r"\s+", " ", " ".join(node.text for node in self.all(selector))).strip()
        except StaleElementReferenceException:
            return ""

    def reads(self, selector, pattern, seconds=10):
        """Waits until `pattern`, a regular expression, is read there; gives what is read."""
        last = [""]

        def look():
            last[0] = self.text(selector)
            return re.search(pattern, last[0]) and last[0]
        try:
            return eventually(look, seconds)
        except AssertionError:
            raise AssertionError("%s says %r, not %r" % (selector, last[0], pattern)) from None

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def focused(self):
        """The accessible name of what has the focus."""
        return self.driver.switch_to.active_element.accessible_name

    def audit(self):
        """What WCAG asks of the page and it does not keep, as `faults`, with the lowest contrast of `text` and of a `part`."""
        found = self.run(AUDIT)
        # Beside a dialog nothing can be reached.
        place = "dialog[open]" if self.all("dialog[open]") else "body"
        found["faults"] += ["no name: " + node.get_attribute("outerHTML")[:80] for node in
                            self.all(place + " :is(a, button, input, select, textarea, summary)")
                            if node.is_displayed() and not node.accessible_name]
        return found

    def longest_frame(self, milliseconds):
        return self.driver.execute_async_script(LONGEST_FRAME, milliseconds)

    # Hands

    def click(self, selector):
        """Clicks what is there, also if the page draws it again at this moment."""
        def attempt():
            try:
                self.find(selector).click()
                return True
            except StaleElementReferenceException:
                return False
        eventually(attempt, what="a click on " + selector)

    def type(self, selector, text):
        field = self.find(selector)
        field.clear()
        field.send_keys(text)

    def press(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    def tab_to(self, name, most=80):
        """Presses Tab until what has this accessible name has the focus."""
        passed = []
        for _ in range(most):
            self.press(Keys.TAB)
            passed.append(self.focused())
            if re.fullmatch(name, passed[-1] or ""):
                return
        raise AssertionError("Tab reaches %r, not %r" % (passed, name))

    def save(self, path):
        self.driver.save_screenshot(path)

    def timed(self, action, *arguments):
        """How many seconds it takes."""
        begun = time.monotonic()
        action(*arguments)
        return time.monotonic() - begun

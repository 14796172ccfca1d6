"""What the console page says first, and that everybody reaches all of it: by keyboard, in any size and colours."""

import json
import os
import subprocess

from browser import Keys
from harness import eventually, item, promocode, status
from test_console import ConsoleCase
from test_previews import REVIEWS
from test_types_running import Folder


class FirstStepsTests(ConsoleCase):
    def type_in(self, **environment):
        """Runs what the page shows, as in a terminal."""
        shown = self.browser.find("#first-command").text
        done = subprocess.run(["sh", "-c", shown], env=dict(os.environ, **environment), stdout=subprocess.PIPE)
        return json.loads(done.stdout)

    def test_an_empty_system_says_how_to_send_a_first_event(self):
        sheaf, page = self.marketplace(), self.browser
        self.show(sheaf)
        page.reads("#first", "^Nothing has come in yet .*curl -s %s/v1/events .*is sent at once" % self.url)
        self.assertNotRegex(page.text("#first"), "TOKEN")
        self.assertAccessible()

        page.driver.execute_cdp_cmd("Browser.grantPermissions", {
            "origin": self.url, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})
        page.click("#first-copy")
        page.reads("#notice", "^The command is copied.$")
        self.assertEqual(page.run("return navigator.clipboard.readText()"), page.find("#first-command").text)
        # Pages of other machines have no clipboard without TLS.
        page.run("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        page.click("#first-copy")
        page.reads("#notice", "^The command is selected: ")
        self.assertEqual(page.run("return getSelection().toString()"), page.find("#first-command").text)

        self.assertEqual(self.type_in(), {"results": [{"id": "first-event", "status": "accepted"}]})
        page.reads("#feed", "^to 42 ")
        eventually(lambda: not page.find("#first").is_displayed(), what="the first steps to go")
        self.assertEqual(page.focused(), "Latest notifications", "the focus is not lost with them")
        page.type("#query", "first-event")
        page.press(Keys.ENTER)
        page.reads("#answer", "^Event first-event .*Notified")
        page.driver.refresh()
        page.reads("#feed", "^to 42 ")
        page.reads("#rates-since", " [2-9] s ago")
        self.assertFalse(page.find("#first").is_displayed())

    def test_types_of_ones_own_come_first_and_quotes_are_kept(self):
        folder = Folder(self)
        folder.write(name="review_published", text=REVIEWS.replace("author: Anna", 'author: "O\'Hara `$HOME`"'))
        sheaf, page = self.sheaf({"types": {"folder": folder.path}}), self.browser
        self.show(sheaf)
        page.reads("#first", "“Review published” waits for more of its kind")
        self.assertEqual(self.type_in()["results"][0]["status"], "accepted")
        self.assertEqual(sheaf.get("/v1/events/first-event")["data"]["author"], "O'Hara `$HOME`")
        page.reads("#windows", "^Review published for 42")


class FirstTokenTests(ConsoleCase):
    expected = ("status of 401", "status of 403")

    def test_the_command_takes_a_token_that_the_page_does_not_show(self):
        sheaf = self.sheaf({"http": {"tokens": ["reader-0123456789:read", "sender-0123456789:publish"]}}, start=False)
        sheaf.start()
        page = self.browser
        self.show(sheaf)
        page.reads("#token", "A token is needed")
        self.assertFalse(page.find("#first").is_displayed())
        page.type("#token-value", "reader-0123456789")
        page.press(Keys.ENTER)
        page.reads("#first", "set TOKEN in that terminal to a token with the scope “publish”")
        self.assertNotIn("reader", page.text("#first"))
        shown = FirstStepsTests.type_in(self, TOKEN="sender-0123456789")
        self.assertEqual(shown["results"][0]["status"], "accepted")
        page.reads("#feed", "^to 42 ")


class KeyboardTests(ConsoleCase):
    def setUp(self):
        super().setUp()
        self.show(self.marketplace())
        self.live()

    def is_open(self):
        return self.browser.find("#keys").is_displayed()

    def test_the_help_opens_keeps_the_focus_and_gives_it_back(self):
        page = self.browser
        page.click("h1")
        page.tab_to("Search")
        page.press("?")
        page.reads("#keys", "^Keys Close / Search for a recipient .* Esc Close a dialog, or the search's result Use single keys$")
        self.assertAccessible()
        for _ in range(6):
            page.press(Keys.TAB)
            self.assertTrue(page.run("return document.activeElement === document.body"
                                     " || document.getElementById('keys').contains(document.activeElement)"))
        page.press("w")
        self.assertTrue(self.is_open(), "the page under a dialog is not gone through")
        page.press(Keys.ESCAPE)
        self.assertFalse(self.is_open())
        self.assertEqual(page.focused(), "Search")
        page.tab_to("Keys")
        page.press(Keys.ENTER)
        page.press(Keys.ENTER)
        self.assertFalse(self.is_open(), "“Close” has the focus")
        self.assertEqual(page.focused(), "Keys")

    def test_keys_lead_to_the_parts_and_can_be_turned_off(self):
        page = self.browser
        for key, name in (("w", "Open windows"), ("d", "Dead letters"), ("n", "Latest notifications"),
                          ("r", "The last ten minutes"), ("t", "Types"), ("/", "Recipient or event id")):
            page.press(key)
            self.assertEqual(page.focused(), name)
        page.press("w?/")
        self.assertFalse(self.is_open(), "what is typed is typed")
        self.assertEqual(page.find("#query").get_attribute("value"), "w?/")
        page.click("#keys-open")
        page.click("#keys-on")
        page.press(Keys.ESCAPE)
        page.press("w")
        self.assertEqual(page.focused(), "Keys")
        page.driver.refresh()
        self.live()
        page.press("?")
        self.assertFalse(self.is_open(), "and stay off")
        page.run("localStorage.clear()")

    def test_the_first_key_skips_to_the_content(self):
        page = self.browser
        page.press(Keys.TAB)
        self.assertEqual(page.focused(), "Skip to content")
        self.assertGreaterEqual(page.run("return document.activeElement.getBoundingClientRect().top"), 0)
        page.press(Keys.ENTER)
        self.assertEqual(page.run("return document.activeElement.id"), "main")

    def test_all_that_has_the_focus_shows_it(self):
        page = self.browser
        hidden = []
        for _ in range(60):
            page.press(Keys.TAB)
            at = page.run("const n = document.activeElement, s = getComputedStyle(n); return n === document.body ? null"
                          " : [n.outerHTML.slice(0, 60), s.outlineStyle, parseFloat(s.outlineWidth)]")
            if at is None:
                break
            if at[1] == "none" or at[2] < 2:
                hidden.append(at)
        self.assertEqual(hidden, [])


class NumbersAndTimesTests(ConsoleCase):
    def test_numbers_lead_to_what_they_count_and_times_are_exact_too(self):
        sheaf, page = self.marketplace(), self.browser
        self.show(sheaf)
        sheaf.accept([item(42, 7, n) for n in range(3)] + [promocode(1001, 5), status(42, 7)])
        page.reads("#windows-count", "^1 window$")
        page.reads("#feed", "to 1001")
        for number, name in (("#station-windows .waiting a", "Open windows"), ("#station-gateway .waiting a", "Dead letters"),
                             ("#station-notifications .done a", "Latest notifications"), ("#numbers a", "Dead letters")):
            page.click(number)
            self.assertEqual(page.focused(), name)
        self.assertEqual(len(page.all("#way a, #numbers a")), 4, "what has no list is no link")

        page.press("n")
        page.tab_to("to (42|1001).*")
        found = page.run("const t = document.activeElement.querySelector('time');"
                         "return [t.textContent, t.title, getComputedStyle(t, '::after').content]")
        self.assertRegex(found[0], r"^(now|\d+ s ago)$")
        self.assertRegex(found[1], r"^\d+ \w+ 20\d\d, \d\d:\d\d:\d\d \S+$")
        self.assertRegex(found[2], r'^", at "? ?"?\d\d:\d\d:\d\d"$')
        shown = page.run("return import('/console/times.js').then(({ relative }) => [0, 5, 59, 60, 3599, 7200, 2e5, -90].map("
                        "(ago) => relative(new Date(Date.now() - ago * 1000).toISOString())))")
        self.assertEqual(shown, ["now", "5 s ago", "59 s ago", "1 min ago", "59 min ago", "2 h ago", "2 d ago", "in 1 min"])
        page.click("#windows .link")
        page.reads("#answer", "^Recipient 42 ")
        page.press(Keys.ESCAPE)
        self.assertFalse(page.find("#answer").is_displayed())
        self.assertEqual(page.focused(), "Recipient or event id")

    def test_a_row_that_is_pushed_out_hands_its_focus_on(self):
        sheaf, page = self.marketplace(), self.browser
        self.show(sheaf)
        sheaf.accept([promocode(n, 5) for n in range(30)])
        eventually(lambda: len(page.all("#feed li")) == 30, what="thirty rows")
        page.run("document.querySelector('#feed li:last-child button').focus()")
        sheaf.accept([promocode(77, 6)])
        page.reads("#feed li:first-child", "^to 77 ")
        self.assertTrue(page.run("return document.activeElement.matches('#feed li:last-child button')"))

    def test_nothing_moves_for_those_who_ask_for_it(self):
        sheaf, page = self.marketplace(), self.browser
        self.show(sheaf)
        sheaf.accept([promocode(n, 5) for n in range(50)])
        eventually(lambda: page.run("return document.getAnimations().length") > 0, what="something that moves")
        page.scheme("light", motion="reduce")
        self.assertEqual(page.run("return document.getAnimations().length"), 0)

"""The console page, as a person sees and uses it in Chromium."""

import signal

from browser import Browser, Keys
from harness import Case, eventually, item, note, promocode, status, window
from sandbox import Sandbox
from with_servers import tools

KEY = "sale_item_changed:%d:%d"


class ConsoleCase(Case):
    """One browser for all tests of the class; the page must keep to its server and its policy in each of them."""

    # What the browser may say of requests that a test has fail on purpose, as parts of its messages.
    expected = ()

    @classmethod
    def setUpClass(cls):
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        self.browser.size(1280)
        self.browser.scheme("light")

    def show(self, sheaf):
        self.url = "http://127.0.0.1:%d" % sheaf.port
        self.browser.open(self.url + "/")

    def live(self):
        self.browser.reads("#connection", "^Live$")

    def assertAccessible(self, widths=(1280, 640, 320), schemes=("light", "dark")):
        """The page keeps WCAG's rules as it is shown now; 640 pixels are what 200 % leave of 1,280."""
        for width in widths:
            self.browser.size(width)
            for scheme in schemes:
                with self.subTest(width=width, scheme=scheme):
                    self.browser.scheme(scheme)
                    self.assertEqual(self.browser.audit()["faults"], [])
        self.browser.size(1280)
        self.browser.scheme("light")

    def tearDown(self):
        self.browser.drain()
        said = [m for m in self.browser.messages if not any(part in m for part in self.expected)]
        self.assertEqual(said, [], "the browser complains")
        strangers = [u for u in self.browser.requested if not u.startswith((self.url + "/", "data:"))]
        self.assertEqual(strangers, [], "the page asks others")
        self.browser.driver.get("about:blank")

    def sandbox(self, port=0):
        return self._keep(Sandbox(port))

    def marketplace(self, **config):
        """A Sheaf whose marketplace and gateway are the sandbox."""
        sandbox = self.sandbox()
        return self.sheaf(dict({"gateway": {"url": sandbox.url}, "sales": {"url": sandbox.url},
                                "items": {"url": sandbox.url}, "types": window("60s")}, **config))


class ConsoleTests(ConsoleCase):
    def test_a_burst_is_seen_flushed_read_and_explained(self):
        sheaf, page = self.marketplace(), self.browser
        self.show(sheaf)
        self.live()
        page.reads("#windows", "^No window is open. Events that wait for others show here.$")
        page.reads("#dead", "^There are no dead letters.$")
        self.assertEqual(page.text("#feed-empty"), "No notification yet.")
        self.assertEqual(page.text("#station-windows .done"), "0 events digested")

        # Three of four items are banned, so 28 make 21; the one item of sale 9 stays.
        big = sheaf.accept([item(42, 7, n) for n in range(1, 29)])
        waiting = sheaf.accept([item(42, 8, n) for n in range(1, 10)])
        [silent] = sheaf.accept([item(77, 9, 4)])
        sheaf.accept([status(42, 7), promocode(1001, 5)])
        row = "li[data-key='%s']"
        page.reads(row % KEY % (42, 7), r"^Sale item changed for 42 sale_item_changed:42:7 28 events "
                                        r"closes in (\d+ s|1 min) Flush$")
        page.reads("#windows-count", "^3 windows$")
        page.reads("#feed", "Вы участвуете в распродаже")
        page.reads("#feed", "to 1001")
        page.reads("#station-ingest", r"^Ingest [\d.]+ events a second 40 events taken in 0 messages in the outbox$")
        page.reads("#station-windows", "2 events digested 3 windows open$")
        page.reads("#station-gateway", "2 delivered 0 failed$")
        page.reads("#numbers", r"Events on their way 38 Overdue by none Notifications pending 0")
        before = int(page.text(row % KEY % (42, 8) + " .countdown").split()[2])
        eventually(lambda: int(page.text(row % KEY % (42, 8) + " .countdown").split()[2]) < before,
                   what="the countdown")

        # By keyboard alone: flush, and read what came of it.
        page.click("#query")
        page.tab_to("Flush window " + KEY % (42, 7))
        page.press(Keys.ENTER)
        page.reads("#notice", "^Window sale_item_changed:42:7 closes now.$")
        page.reads("#feed", "Ваши товары исключили из распродажи 21 объявление больше не подходит под условия")
        eventually(lambda: not page.all(row % KEY % (42, 7)), what="the row to go")
        self.assertEqual(page.focused(), "Flush window " + KEY % (42, 8), "the focus stays in the list")
        page.tab_to("to 42 .*Ваши товары исключили из распродажи.*")
        page.press(Keys.ENTER)
        page.reads("#detail", "Made of 28 events")
        shown = page.reads("#detail", r"Recipient 42 Type Sale item changed .*Delivered \d\d:\d\d:\d\d \(\d+ s ago\)")
        self.assertIn("товар", page.text("#detail-body .full"))
        self.assertRegex(shown, r"Attempts at delivery \d\d:\d\d:\d\d \(\d+ s ago\) Delivered, HTTP 200")
        page.press(Keys.ESCAPE)
        eventually(lambda: not page.find("#detail").is_displayed(), what="the dialog to close")
        self.assertRegex(page.focused(), "to 42 .*Ваши товары исключили", "the focus goes back to where it was")

        self.search(big[0])
        text = page.reads("#answer", "Delivered to the gateway")
        self.assertIn("Sale item changed for recipient 42 Notified It is in a notification.", text)
        steps = [step.text for step in page.all("#answer .history li > span")]
        self.assertEqual(steps[0], "Received from http")
        self.assertEqual(steps[1:3], ["Window sale_item_changed:42:7 opened",
                                      "Window sale_item_changed:42:7 closed with 28 events"])
        self.assertRegex(steps[3], "^Digested with 27 other events into notification [0-9a-f-]{36}$")
        self.assertEqual(steps[4:], ["Delivery attempt 1 delivered (HTTP 200)", "Delivered to the gateway"])

        self.search(waiting[0])
        page.reads("#answer", r"On its way It is in no notification yet. .*Waiting in window sale_item_changed:42:8 "
                              r"with 8 other events until \d\d:\d\d:\d\d \(in \d+ s\) Flush its window")

        page.click("[aria-label='Flush window %s']" % (KEY % (77, 9)))
        sheaf.ended(silent, "suppressed")
        self.search(silent)
        page.reads("#answer", "Suppressed No notification was made of it. The reason: no banned items. .*"
                              "Suppressed, with no notification: no banned items")

        self.search("42")
        page.reads("#answer", "Recipient 42 Close 2 notifications, 2 unread. .*Ваши товары исключили")
        page.reads("#answer .events li", r"^\d+ s ago Sale seller status changed. In a notification that was "
                                         "delivered. ")
        page.reads("#answer .events", r"Sale item changed. Waiting in window sale_item_changed:42:8 until \d\d:\d\d:\d\d \(in \d+ s\). "
                                      + waiting[8])
        self.assertEqual(len(page.all("#answer .events li")), 20)
        page.click("#answer .events + button")
        eventually(lambda: len(page.all("#answer .events li")) == 38, what="the older events")
        self.assertFalse(page.find("#answer .events + button").is_displayed())
        self.search("77")
        page.reads("#answer", "Recipient 77 Close This recipient got no notification. Events .*Sale item changed. "
                              "Suppressed: no banned items. " + silent)
        page.click("#answer .events button")
        page.reads("#answer", "^Event " + silent + " .*Suppressed, with no notification: no banned items")
        self.search("78")
        page.reads("#answer", "This recipient got no notification. Events No event of this recipient is kept.")
        self.expected = ("status of 404",)
        self.search("nobody-knows")
        page.reads("#answer", "No event, notification or recipient has this id.")

    def search(self, text):
        self.browser.type("#query", text)
        self.browser.press(Keys.ENTER)

    def test_numbers_of_64_bits_are_shown_exactly(self):
        sheaf, page = self.marketplace(), self.browser
        self.show(sheaf)
        self.live()
        big = "9007199254740993"
        sheaf.accept([item(big, big, 1), promocode(int(big), 5)])
        page.reads("#windows", "Sale item changed for %s sale_item_changed:%s:%s 1 event " % (big, big, big))
        page.reads("#feed", "to " + big)
        page.click("#feed button")
        page.reads("#detail", "Recipient " + big)

    def test_of_a_burst_the_newest_are_shown(self):
        sheaf, page = self.marketplace(), self.browser
        self.show(sheaf)
        self.live()
        ids = sheaf.accept([promocode(n, 5) for n in range(1000)])
        page.reads("#station-notifications .done", "^1,000 composed$")
        last = max(sheaf.ended(id)["notification_id"] for id in ids[-100:])
        eventually(lambda: page.find("#feed li").get_attribute("data-id") >= last, what="the newest on top")
        self.assertEqual(len(page.all("#feed li")), 30)
        self.assertFalse(page.find("#feed-gap").is_displayed())
        # What the stream says if there are more than it may send.
        page.run("import('/console/feed.js').then(({ Feed }) => new Feed(() => {}).gap(1234))")
        page.reads("#feed-gap", "^1,234 notifications went by too fast to be shown here.$")

    def test_a_dead_letter_is_redriven(self):
        port = tools.free_port()
        page = self.browser
        sheaf = self.sheaf({"gateway": {"url": "http://127.0.0.1:%d" % port, "max_attempts": 1}})
        self.show(sheaf)
        sheaf.accept([status(42, 7)])
        page.reads("#dead", "^Attempts used up · A notification for 42 the gateway refused the connection "
                            r"failed (now|\d+ s ago) Message Redrive$")
        page.reads("#dead-count", "^1 letter$")
        page.reads("#station-gateway .waiting", "^1 failed$")
        self.sandbox(port)
        page.click("#dead [aria-label^='Redrive']")
        page.reads("#notice", "^The message is on its way again.$")
        page.reads("#dead", "^There are no dead letters.$")
        page.reads("#station-gateway .done", "^1 delivered$")
        page.click("#feed .message")
        page.reads("#detail", r"Delivered \d\d:\d\d:\d\d \(.*Failed, .*Delivered, HTTP 200 Made of 1 event")

    def test_it_fits_screens_and_eyes(self):
        sheaf, page = self.marketplace(), self.browser
        self.show(sheaf)
        ids = sheaf.accept([item(9_000_000_000 + n, 7_000_000_000, n, id="e" * 190 + str(n)) for n in range(4)]
                           + [promocode(42, 7, "<b onclick=alert(1)>СКИДКА</b>")])
        page.reads("#feed", "to 42")
        page.reads("#windows-count", "4 windows")
        self.search(ids[0])
        page.reads("#answer", "Waiting in window")
        self.assertAccessible((1280, 640, 390, 320))
        page.size(390)
        page.click("#feed .message")
        page.reads("#detail", "<b onclick=alert\\(1\\)>СКИДКА</b>.*Made of 1 event")
        self.assertAccessible()
        page.press(Keys.ESCAPE)
        page.size(390)
        small = page.run("return [...document.querySelectorAll('button:not(.link), input:not([type=checkbox])')].filter(n => n.checkVisibility()"
                         " && n.getBoundingClientRect().height < 34).map(n => n.textContent)")
        self.assertEqual(small, [], "too small for a thumb")

    def test_it_stays_fluent_with_ten_thousand_windows(self):
        page = self.browser
        sheaf = self.sheaf({"types": window("1h")})
        for first in range(0, 10_000, 1000):
            sheaf.accept([item(first + n, 7, 1) for n in range(1000)])
        eventually(lambda: sheaf.get("/v1/windows?limit=1")["total"] == 10_000, 40, what="10,000 windows")
        self.show(sheaf)
        page.reads("#windows-count", "^10,000 windows$")
        page.reads("#windows .pager", "^Previous Page 1 of 400 Next$")
        first = page.text("#windows-list li:first-child code")
        slowest = page.longest_frame(3000)
        turn = page.timed(lambda: (page.click("#windows .pager button:last-child"),
                                   page.reads("#windows .pager", "Page 2 of 400")))
        self.assertEqual(len(page.all("#windows-list li")), 25)
        self.assertLess(page.run("return document.querySelectorAll('*').length"), 1000)
        second = page.text("#windows-list li:first-child code")
        self.assertNotEqual(first, second)
        flush = page.timed(lambda: (page.click("#windows-list li:first-child .flush"),
                                    page.reads("#feed", "распродаж")))
        page.reads("#windows-count", "^9,999 windows$")
        note("console page with 10,000 windows: longest frame %.0f ms, next page %.2f s, flushed and shown %.2f s"
             % (slowest, turn, flush))
        self.assertLess(slowest, 500)
        self.assertLess(turn, 2)


class BrokenStreamTests(ConsoleCase):
    expected = ("Failed to load resource: net::ERR",)

    def test_it_says_that_the_stream_broke_and_comes_back_by_itself(self):
        page = self.browser
        sheaf = self.sheaf(start=False)
        sheaf.configure({"http": {"port": tools.free_port()}})
        sheaf.start()
        self.show(sheaf)
        sheaf.accept([status(1, 7)])
        page.reads("#feed", "to 1")
        self.live()
        sheaf.kill()
        page.reads("#connection", "^Connection lost$")
        page.reads("#stale", r"^What you see is from \d\d:\d\d:\d\d \((now|\d+ s ago)\). Trying again (in \d+ s.|…)$")
        self.assertEqual(page.run("return document.getElementById('connection-said').textContent"), "Connection lost")
        page.reads("#feed", "to 1")
        sheaf.start()
        self.live()
        self.assertEqual(page.text("#stale"), "")
        sheaf.accept([status(2, 7)])
        page.reads("#feed", "^to 2 .* to 1 ")
        self.assertEqual(len(page.all("#feed li")), 2, "nothing is shown twice")

        # A server that hangs breaks no connection; its silence is noticed.
        sheaf.process.send_signal(signal.SIGSTOP)
        page.reads("#connection", "^Connection lost$")
        sheaf.process.send_signal(signal.SIGCONT)
        self.live()


class TokenTests(ConsoleCase):
    # The browser notes refused requests; what the page does about them is what is tested.
    expected = ("status of 401", "status of 403")

    def test_it_asks_for_a_token_and_works_with_it(self):
        page = self.browser
        sheaf = self.sheaf({"http": {"tokens": ["reader-0123456789:read", "keeper-0123456789:read+admin",
                                                "sender-0123456789:publish"]}, "types": window("60s")}, start=False)
        sheaf.start()
        bearer = {"Authorization": "Bearer sender-0123456789"}
        sheaf.accept([item(42, 7, 1), status(42, 7)], headers=bearer)
        self.show(sheaf)
        page.reads("#token", "^A token is needed This page asks the API under a token")
        page.reads("#connection", "^Waiting for a token$")
        self.assertEqual(page.focused(), "Token")
        self.assertRegex(page.text("main"), "^A token is needed .* It is kept until this tab is closed.$")

        self.use("wrong")
        page.reads("#token-why", "does not know this token")
        self.use("sender-0123456789")
        page.reads("#token-why", "scope does not allow to read")

        self.use("reader-0123456789")
        self.live()
        page.reads("#feed", "to 42")
        page.reads("#windows", "^The token's scope does not allow this.$")
        self.assertFalse(page.find("#token").is_displayed())

        page.run("sessionStorage.clear(); location.reload()")
        page.reads("#token", "A token is needed")
        self.use("keeper-0123456789")
        self.live()
        page.reads("#windows", "^Sale item changed for 42")
        page.click("#windows [aria-label^='Flush']")
        page.reads("#feed", "распродаж.*распродаж")
        for place in (page.driver.current_url, page.driver.page_source):
            self.assertNotIn("keeper", place)
        page.driver.refresh()
        self.live()

    def use(self, token):
        self.browser.type("#token-value", token)
        self.browser.press(Keys.ENTER)

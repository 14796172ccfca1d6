"""The console's types, their preview and the charts of rates, as a person sees and uses them in Chromium."""

import json

from browser import Keys
from harness import eventually, promocode
from test_console import ConsoleCase
from test_previews import REVIEWS
from test_types_running import Folder

ARABIC = """data: {item_id: id, price: number, at: time, sort: "[a, b]", shop: string}
enrich: {url: "http://127.0.0.1:1", needed: false, returns: {title: string}}
texts:
  ar: {list_title: "{count, plural, zero {#} one {#} two {#} few {#} many {#} other {# عرض}} {title}", full_text: "<b onclick=alert(1)>{last_shop}</b>"}
  en: {list_title: "{count, plural, one {# offer} other {# offers}} of {title}", full_text: "at {last_at, time, short}"}
"""


LATE = """data: {item_id: id, at: time}
when: occurred_at >= timestamp("2026-03-01T00:00:00Z")
retracts: {type: late, by: [item_id]}
enrich: {url: "http://127.0.0.1:1", returns: {title: string}}
texts:
  en: {list_title: "{count} late, {title}, {last_at, time, short}"}
  ru: {list_title: "{count} позже, {title}, {last_at, time, short}"}
examples:
  - name: at night
    locale: ru
    time_zone: Asia/Kolkata
    now: 2026-03-01T22:00:00Z
    events: [{data: {item_id: 1, at: 2026-03-01T22:00:00Z}}]
    enrich: {variables: {title: чай}}
    expect: {list_title: "1 позже, чай, 03:30"}
"""


class ConsoleTypesTests(ConsoleCase):
    def running(self):
        folder = Folder(self)
        folder.write(name="review_published", text=REVIEWS)
        folder.write(name="offers", text=ARABIC.replace('sort: "[a, b]"', "sort: [a, b]"))
        sheaf = self.sheaf({"types": {"folder": folder.path}})
        self.show(sheaf)
        self.live()
        self.browser.reads("#types-count", "^5 types, revision 1$")
        return folder, sheaf

    def test_a_type_is_looked_at_and_tried(self):
        folder, sheaf = self.running()
        page = self.browser
        page.reads("#types-list", "Review published 5m after the last event, at the latest 30m after the first, at most "
                                  "10,000 events English \\(en\\), Russian \\(ru\\)")
        # By keyboard alone.
        page.click("#query")
        page.tab_to("Review published.*")
        page.press(Keys.ENTER)
        shown = page.reads("#type-detail", "Windows by recipient, item_id Only if data.stars <= 3 Category general")
        self.assertIn("Field Holds Needed item_id id yes stars integer yes author string no", shown)
        self.assertRegex(page.focused(), "^Review published")
        for details in page.all("#type-detail details:not([open]) summary"):
            details.click()
        texts = page.text("#type-detail")
        self.assertIn("{count, plural, one {# bad review} other {# bad reviews}}", texts)
        self.assertIn("{# плохой отзыв} few {# плохих отзыва}", texts)

        # It begins with the type's first example.
        page.reads(".device", "^In the list, of 1 event general now 1 bad review By Anna Opened "
                              "No texts of its own. https://example.com/items/7\\?by=Anna$")
        page.type("#preview-events", json.dumps([{"item_id": "9007199254740993", "stars": 1},
                                                 {"item_id": 9007199254740993, "stars": 5}, {"item_id": 8, "stars": 2}]))
        page.reads(".device", "of 2 events general now 2 bad reviews Answer the buyers .* Event 2 is left out: not matching. "
                              "These events are of 2 windows; they are in one notification here.$")
        page.type("#preview-events", '[{"item_id": 7, "stars": 5}]')
        page.reads(".device", "^No notification: not matching. ")
        page.type("#preview-events", '[{"item_id": 9007199254740993, "stars": 1, "author": "<img src=x onerror=alert(1)>"}]')
        page.reads(".device", "By <img src=x onerror=alert\\(1\\)> .*items/9007199254740993\\?by=%3Cimg")
        page.run("const s = document.getElementById('preview-locale'); s.value = 'ru'; s.dispatchEvent(new Event('change'))")
        page.reads(".device", "1 плохой отзыв")
        page.type("#preview-events", "[{")
        page.reads(".preview-form .error", "^The list of events is not JSON: ")
        page.reads(".device", "1 плохой отзыв", seconds=1)

        # What changes elsewhere is seen here; what was not touched stays as it was.
        folder.write(name="review_published", text=REVIEWS.replace("# bad review}", "# awful review}"))
        self.assertEqual(sheaf.request("POST", "/v1/reload").status, 200)
        page.reads("#types-count", "revision 2$", seconds=20)
        page.reads(".device", "^In the list, of 1 event general now 1 awful review", seconds=5)
        self.assertEqual(page.run("return document.querySelectorAll('#types-list [aria-expanded=true]').length"), 1)
        page.press(Keys.ESCAPE)

    def test_what_is_wrong_is_said_beside_it(self):
        self.running()
        self.expected = ("status of 422",)
        page = self.browser
        page.click("#types-list [data-type='review_published']")
        page.reads(".device", "1 bad review")
        page.type("#preview-events", '[{"item_id": 7, "stars": 1}, {"item_id": 7, "stars": "x"}]')
        page.reads(".preview-form .error", r"^events\[1\].data.stars: has the wrong type, expected a whole number of 64 bits$")
        page.type("#preview-events", '[{"item_id": 7, "stars": 1}]')
        page.reads(".device", "Answer the buyers")
        eventually(lambda: page.text(".preview-form .error") == "", what="the error to go")
        page.type("#preview-zone", "Mars/Base")
        page.reads(".preview-form .error", "^time_zone: ")

    def test_a_service_is_answered_for_and_zones_count(self):
        self.running()
        page = self.browser
        page.click("#types-list [data-type='offers']")
        page.reads(".device", "1 offer of title")
        page.run("const s = document.getElementById('preview-locale'); s.value = 'ar'; s.dispatchEvent(new Event('change'))")
        page.reads(".device", "title .*<b onclick=alert\\(1\\)>shop</b> .*The service that enrich names was not called")
        self.assertEqual(page.run("return document.querySelector('.device strong').dir"), "auto")
        self.assertEqual(page.all(".device b"), [])
        page.run("const s = document.getElementById('preview-locale'); s.value = 'en'; s.dispatchEvent(new Event('change'))")
        page.reads(".device", "1 offer of title .* at 12:00.PM")
        page.type("#preview-enrich", '{"variables": {"title": "tea"}}')
        page.type("#preview-zone", "Asia/Tokyo")
        page.reads(".device", "1 offer of tea .* at 9:00.PM")

    def test_an_example_is_shown_as_it_is_notified(self):
        folder = Folder(self)
        folder.write(name="late", text=LATE)
        self.show(self.sheaf({"types": {"folder": folder.path}}))
        self.live()
        page = self.browser
        page.click("#types-list [data-type='late']")
        page.reads("#type-detail", "Takes back events of late with the same item_id ")
        page.reads(".device", "1 позже, чай, 03:30 ")
        page.type("#preview-now", "2026-01-05T12:00:00Z")
        page.reads(".device", "^No notification: not matching. ")

    def test_types_of_the_program_have_a_preview_too(self):
        self.running()
        page = self.browser
        page.click("#types-list [data-type='seller_promocode_limit_reached']")
        page.reads("#type-detail", "Texts The program has them. Preview")
        page.reads(".device", "In the list, of 1 event .*code")

    def test_rates_are_drawn_and_said(self):
        _, sheaf = self.running()
        page = self.browser
        sheaf.accept([promocode(n, 5) for n in range(200)])
        page.reads("#rate-ingested .now", r"^[1-9][\d.]* a second now$")
        said = page.find("#rate-ingested svg").accessible_name
        self.assertRegex(said, r"^Events taken in: [\d.]+ a second now, at most [\d.]+. Upright axis: 0 to (1|2|5)0* a "
                               r"second. Level axis: 10 minutes ago to now.$")
        self.assertRegex(page.find("#rate-ingested .line").get_attribute("d"), r"^M[\d. ]+L")
        page.reads("#rates-since", "^Collected since this page was opened, .* ago; Sheaf keeps none from before.$")
        # Ten minutes are kept, and a line is broken while there was no news.
        parts = page.run("""
            return import('/console/rates.js').then(({ Rates, ceiling }) => {
              document.getElementById('rates').replaceChildren();
              const rates = new Rates(), stages = Object.fromEntries(['ingested', 'processed', 'suppressed', 'dead',
                'notifications', 'delivered'].map((name) => [name, { rate: 30 }]));
              for (let second = 0; second < 900; second += 1) {
                if (second < 700 || second > 720) rates.add({ stages }, 1e12 + second * 1000);
              }
              const d = document.querySelector('#rate-finished .line').getAttribute('d');
              return [d.split('M').length - 1, d.split(/[ML]/).length - 1, ceiling(0), ceiling(21), ceiling(600)];
            });""")
        self.assertEqual(parts, [2, 579, 1, 50, 1000])

    def test_it_fits_screens_and_eyes(self):
        self.running()
        page = self.browser
        page.click("#types-list [data-type='offers']")
        page.reads(".device", "title")
        for details in page.all("#type-detail details:not([open]) summary"):
            details.click()
        self.assertAccessible((1280, 640, 390, 320))
        page.size(390)
        small = page.run("return [...document.querySelectorAll('button:not(.link), input:not([type=checkbox]), select, textarea')].filter((n) =>"
                         " n.checkVisibility() && n.getBoundingClientRect().height < 34).map((n) => n.id || n.textContent)")
        self.assertEqual(small, [], "too small for a thumb")

import Testing

@testable import DeclaredTypes

/// A file with one mistake, and the beginning of the expected message.
struct BadFile: Sendable, CustomTestStringConvertible {
    let yaml: String
    let expected: String

    init(_ yaml: String, _ expected: String) {
        self.yaml = yaml
        self.expected = expected
    }

    var testDescription: String { expected }

    /// A valid file except for some lines besides `data` and `texts`.
    static func with(_ lines: String, _ expected: String) -> BadFile {
        BadFile(
            "data: {item_id: id, stars: integer, price: number, author: string?}\ntexts: {en: {list_title: Hello}}\n"
                + lines,
            expected)
    }

    /// A valid file except for its only text.
    static func titled(_ title: String, _ expected: String) -> BadFile {
        BadFile(
            "data: {item_id: id, stars: integer, at: time, author: string?}\nkey: [item_id]\ntexts:\n  en:\n    list_title: "
                + title + "\n", expected)
    }
}

/// An example of two events with what a service answers.
private func answer(_ answer: String) -> String {
    """
    enrich: {url: 'http://a', returns: {a: string, b: string}}
    examples:
      - events: [{data: {item_id: 1, stars: 1, price: 1}}, {data: {item_id: 1, stars: 1, price: 1}}]
        enrich: \(answer)
        name: a
        expect: {list_title: Hello}
    """
}

private let badFiles: [BadFile] = [
    // The file as a whole.
    BadFile("", "1:1: is empty"),
    BadFile("just text", "1:1: a file has members"),
    BadFile("- data", "1:1: a file has members"),
    BadFile("texts: {en: {list_title: Hello}}", "1:1: data: is missing"),
    BadFile("data: {item_id: id}", "1:1: texts: is missing"),
    .with("colour: red", "3:1: colour: no member has this name; there are topic, category"),
    .with("exmaples: []", "3:1: exmaples: no member has this name; did you mean examples?"),
    .with("data: {}", "3:1: data stands twice, first in line 1"),
    // data
    BadFile("data: [item_id]\ntexts: {en: {list_title: a}}", "1:7: data: has no members"),
    BadFile(
        "data: {item_id: it}\ntexts: {en: {list_title: a}}",
        "1:17: data.item_id: 'it' is no type of a field; did you mean id?"),
    BadFile(
        "data: {item_id: strng}\ntexts: {en: {list_title: a}}",
        "1:17: data.item_id: 'strng' is no type of a field; did you mean string?"),
    BadFile("data: {item-id: id}\ntexts: {en: {list_title: a}}", "1:8: data.item-id: is no name of a field"),
    BadFile("data: {1st: id}\ntexts: {en: {list_title: a}}", "1:8: data.1st: is no name of a field"),
    BadFile("data: {a: []}\ntexts: {en: {list_title: a}}", "1:11: data.a: is empty; list the words"),
    BadFile("data: {a: [x, x]}\ntexts: {en: {list_title: a}}", "1:15: data.a[1]: 'x' stands twice"),
    BadFile("data: {a: {max_length: 3}}\ntexts: {en: {list_title: a}}", "1:11: data.a.type: is missing"),
    BadFile(
        "data: {a: {type: id, max_length: 3}}\ntexts: {en: {list_title: a}}",
        "1:34: data.a.max_length: is for strings alone"),
    BadFile(
        "data: {a: {type: string, max_length: 0}}\ntexts: {en: {list_title: a}}",
        "1:38: data.a.max_length: '0' is not a whole number of at least 1"),
    BadFile(
        "data: {a: {type: string, maxlength: 3}}\ntexts: {en: {list_title: a}}",
        "1:26: data.a.maxlength: no member has this name; did you mean max_length?"),
    BadFile(
        "data: {a: id, first_a: id}\nkey: [first_a]\ntexts: {en: {list_title: a}}",
        "1:15: data.first_a: the name first_a stands for two"),
    BadFile(
        "data: {count: id}\nkey: [count]\ntexts: {en: {list_title: a}}",
        "1:8: data.count: the name count stands for two"),
    // key
    .with("key: item_id", "3:6: key: is no list, expected a list of fields, as [item_id]"),
    .with("key: [item]", "3:7: key[0]: data has no field 'item'; there are item_id"),
    .with("key: [item_idd]", "3:7: key[0]: data has no field 'item_idd'; did you mean item_id?"),
    .with("key: [author]", "3:7: key[0]: author is optional"),
    .with("key: [price]", "3:7: key[0]: price is a number"),
    .with("key: [stars, stars]", "3:14: key[1]: stars stands twice"),
    // delivery
    .with("delivery: soon", "3:11: delivery: 'soon' is no delivery; write immediate"),
    .with(
        "delivery: {mode: slidng}",
        "3:18: delivery.mode: 'slidng' is not one of tumbling, sliding, leading; did you mean sliding?"),
    .with("delivery: {window: 5 min}", "3:20: delivery.window: '5 min' is not a duration"),
    .with("delivery: {window: 0s}", "3:20: delivery.window: '0s' is not a duration"),
    .with("delivery: {mode: sliding, window: 5m, max_wait: 1m}", "3:49: delivery.max_wait: 1m is less than the window"),
    .with("delivery: {max_events: none}", "3:24: delivery.max_events: 'none' is not a whole number"),
    .with("delivery: {at: 9am}", "3:16: delivery.at: '9am' is no time of day"),
    .with("delivery: {at: \"25:00\"}", "3:16: delivery.at: '25:00' is no time of day"),
    .with("delivery: {at: \"09:00\", days: [monday]}", "3:32: delivery.days[0]: 'monday' is not one of sun, mon"),
    .with("delivery: {at: \"09:00\", days: []}", "3:31: delivery.days: is empty"),
    .with("delivery: {at: \"09:00\", window: 5m}", "3:33: delivery.window: does not go with at"),
    .with("delivery: {days: [mon]}", "3:18: delivery.days: needs at"),
    // when
    .with("when: data.star <= 3", "3:7: when: there is no field `data.star`; did you mean `data.stars`?"),
    .with("when: |\n  data.stars <= 3 &&\n  data.author == \"x\"", "5:3: when: `data.author` may be absent"),
    .with("when: data.stars <= 3.0", "3:18: when: "),
    .with("when: \"data.stars <= \"", "3:2"),
    .with("when: data.stars", "3:"),
    // others
    .with("category: news", "3:11: category: the category 'news' is not declared; declare it in _categories.yaml"),
    .with("importance: high", "3:13: importance: 'high' is not one of low, normal, critical"),
    .with("expires: soon", "3:10: expires: 'soon' is not a duration"),
    .with("topic: a b", "3:8: topic: 'a b' is no topic"),
    .with("distinct: item", "3:11: distinct: data has no field 'item'"),
    .with("retired: yes", "3:10: retired: 'yes' is neither true nor false"),
    .with("retracts: {type: other, by: [item_id]}", "3:11: retracts.type: there is no type 'other'"),
    .with("retracts: {type: other}", "3:11: retracts.by: is missing"),
    .with("enrich: {returns: {title: string}}", "3:9: enrich.url: is missing"),
    .with(
        "enrich: {url: 'http://a', secret_env: SHEAF_SECRET, returns: {title: string}}",
        "3:39: enrich.secret_env: names a setting of Sheaf itself"),
    .with("enrich: {url: example.com}", "3:15: enrich.url: is no address"),
    .with(
        "enrich: {url: 'http://a', returns: {title: text}}", "3:44: enrich.returns.title: 'text' is no type of a field"),
    .with(
        "enrich: {url: 'http://a', returns: {count: integer}}",
        "3:37: enrich.returns.count: the name count stands for two"),
    .with(
        "enrich: {url: 'http://a', timeout: 61s}",
        "3:36: enrich.timeout: 61s is longer than a service is waited for; write 60s or less"),
    .with(
        answer("{variables: {a: x}}"),
        "6:25: examples[0].enrich.variables: b is missing; a service has to return all that enrich.returns has"),
    .with(answer("{}"), "6:13: examples[0].enrich: is empty; write variables, keep or suppress"),
    .with(
        answer("{keep: [0, 1, 2]}"),
        "6:27: examples[0].enrich.keep[2]: no event has the index 2; there are 2, and the first is 0"),
    // texts
    BadFile("data: {}\ntexts: {xx-yy: {list_title: a}}", "2:9: texts.xx-yy: 'xx-yy' is no language"),
    BadFile("data: {}\ntexts: {en: {full_title: a}}", "2:13: texts.en.list_title: is missing"),
    BadFile("data: {}\ntexts: {en: {list_title: a, titel: b}}", "2:29: texts.en.titel: no member has this name"),
    BadFile("data: {}\ntexts: {en: {list_title: ''}}", "2:26: texts.en.list_title: is empty"),
    BadFile(
        "data: {}\ntexts: {en: {list_title: {count}}}", "2:26: texts.en.list_title: is a list of members, expected text"
    ),
    BadFile("data: {}\ntexts: {}", "2:8: texts: is empty"),
    .titled(
        #""a\0b""#,
        "5:19: texts.en.list_title: a text cannot hold the control character U+0000; take it away"),
    .titled("\"{cont} items\"", "5:19: texts.en.list_title: no variable has the name 'cont'; did you mean count?"),
    .titled(
        "\"by {author}\"", "5:22: texts.en.list_title: a window may hold several values of author; write last_author"),
    .titled("\"by {last_author}\"", "5:22: texts.en.list_title: author is optional"),
    .titled(
        "\"{count_author, plural, =0 {none} other {# {lst_author}}}\"",
        "5:61: texts.en.list_title: no variable has the name 'lst_author'; did you mean"),
    .titled(
        "\"{list_stars, plural, one {#} other {#}}\"",
        "5:19: texts.en.list_title: list_stars is no number, which plural needs; did you mean count_stars?"),
    .titled("\"{last_stars, date}\"", "5:19: texts.en.list_title: last_stars is no time"),
    .titled("\"{last_at, number}\"", "5:19: texts.en.list_title: last_at is no number"),
    .titled("\"{lines}\"", "5:19: texts.en.list_title: lines needs a text for each event"),
    .titled("\"{count, plural, one {#}}\"", "5:19: texts.en.list_title: The plural on count has no branch other"),
    .titled("\"{count, plural, one {#} other {#}\"", "5:18: texts.en.list_title: The { is not closed"),
    .titled("\"it's {count} o'clock '{now\"", "5:39: texts.en.list_title: The quote that begins here is not closed"),
    .titled("\"# {count}\"", "5:18: texts.en.list_title: "),
    .titled("\"{count, number, currency}\"", "5:34: texts.en.list_title: The style currency does not say which one"),
    .titled("|\n      Hello\n      {cont}", "7:8: texts.en.list_title: no variable has the name 'cont'"),
    // examples
    .with("examples: {a: b}", "3:11: examples: is no list"),
    .with(
        "examples: [{name: a, events: [{data: {}}], expct: {}}]",
        "3:44: examples[0].expct: no member has this name; did you mean expect?"),
    .with("examples: [{name: a, events: [], expect: {list_title: a}}]", "3:30: examples[0].events: is empty"),
    .with(
        "examples: [{name: a, events: [{data: 7}], expect: {list_title: a}}]",
        "3:38: examples[0].events[0].data: has no members"),
    .with(
        "examples: [{name: a, locale: klingon, events: [{data: {}}], expect: {list_title: a}}]",
        "3:30: examples[0].locale: 'klingon' is no language"),
    .with(
        "examples: [{name: a, time_zone: Mars/Olympus, events: [{data: {}}], expect: {list_title: a}}]",
        "3:33: examples[0].time_zone: 'Mars/Olympus' is no time zone"),
    .with(
        "examples: [{name: a, events: [{data: {}, after: soon}], expect: {list_title: a}}]",
        "3:49: examples[0].events[0].after: 'soon' is not a duration"),
    .with(
        "examples: [{name: a, events: [{data: {}}], expect: {suppressed: x, list_title: a}}]",
        "3:65: examples[0].expect.suppressed: stands alone"),
    .with(
        "examples: [{name: a, events: [{data: {}}], expect: {list_title: a, at: noon}}]",
        "3:72: examples[0].expect.at: 'noon' is no moment"),
    .with(
        "examples: [{name: a, settings: {quiet_hours: \"22:00-22:00\"}, events: [{data: {}}], expect: {list_title: a}}]",
        "3:46: examples[0].settings.quiet_hours: '22:00-22:00' are no quiet hours"),
    .with(
        "examples: [{name: a, enrich: {}, events: [{data: {}}], expect: {list_title: a}}]",
        "3:30: examples[0].enrich: the type has no enrich"),
]

@Suite("Bad files")
struct BadFilesTests {
    @Test("A mistake is reported with its position and a correction", arguments: badFiles)
    func bad(file: BadFile) {
        let found = mistakes(file.yaml)
        #expect(found.contains { $0.hasPrefix(file.expected) }, "\(found)")
    }

    @Test("All mistakes of all files are reported at once, by file and position")
    func all() {
        do throws(Findings) {
            _ = try set([
                "b.yaml": "data: {x: strin}\nkey: [y]\ntexts: {en: {list_title: \"{z}\"}}",
                "a.yaml": "dat: {}", "_categories.yaml": "news: {titel: a}",
            ])
            #expect(Bool(false))
        } catch {
            let lines = error.all.map(\.description)
            #expect(lines == lines.sorted { $0.prefix(3) < $1.prefix(3) })
            #expect(Set(error.all.map(\.file)) == ["a.yaml", "b.yaml", "_categories.yaml"])
            #expect(error.all.filter { $0.file == "b.yaml" }.count == 3, "\(lines)")
        }
    }

    @Test("Consequences of an unreadable field are not reported as mistakes")
    func consequences() {
        let found = mistakes(
            "data: {stars: int}\nkey: [stars]\nwhen: data.stars < 3\ntexts: {en: {list_title: \"{last_stars}\"}}")
        #expect(found.count == 1, "\(found)")
    }

    @Test(
        "Categories have their own mistakes",
        arguments: [
            ("news: {titel: {en: a}}", "1:8: news.titel: no member has this name; did you mean title?"),
            ("News: {title: {en: a}}", "1:1: News: is no name of a category"),
            ("news: {title: {xx-yy: a}}", "1:16: news.title.xx-yy: 'xx-yy' is no language"),
            ("news: {title: {en: a}, cap: 3}", "1:29: news.cap: '3' is no cap"),
            ("news: {title: {en: a}, cap: 0/1d}", "1:29: news.cap: '0/1d' is no cap"),
            ("news: {title: {en: a}, optional: no}", "1:34: news.optional: 'no' is neither true nor false"),
            ("news: {title: {en: a}, quiet_hours: night}", "1:37: news.quiet_hours: 'night' are no quiet hours"),
            ("news: {title: {en: a}, was: [news]}", "1:30: news.was: 'news' is the name of another category"),
            ("news: {cap: 3/1d}", "1:7: news.title: is missing; write what recipients read"),
            ("news: {title: {}}", "1:15: news.title: is empty; write a language"),
            ("news:", "1:6: news: is empty, expected title and others"),
            ("x", "1:1: has no members, expected categories"),
            ("general: {optional: false}", "1:21: general.optional: general is always optional"),
        ])
    func categories(yaml: String, expected: String) {
        do throws(Findings) {
            _ = try set(["_categories.yaml": yaml])
            #expect(Bool(false))
        } catch {
            let found = error.all.map { "\($0.position.line):\($0.position.column): \($0.message)" }
            #expect(found.contains { $0.hasPrefix(expected) }, "\(found)")
        }
    }

    @Test("Types of one set must not clash with each other or with built-in ones")
    func clashes() {
        let text = "data: {a: id}\ntexts: {en: {list_title: a}}\n"
        func found(_ files: [String: String]) -> [String] {
            do throws(Findings) {
                _ = try set(files, builtIn: builtIn)
                return []
            } catch {
                return error.all.map(\.description)
            }
        }
        #expect(found(["sale_item_changed.yaml": text]).first?.contains("is the name of a built-in type") == true)
        #expect(
            found(["a.yaml": text + "topic: marketplace-sale.item.changed"]).first?.hasPrefix("a.yaml:3:8: topic:")
                == true)
        #expect(
            found(["a.yaml": text + "topic: t", "b.yaml": text + "topic: t"]).first?.hasPrefix("b.yaml:3:8: topic:")
                == true)
        #expect(
            found(["a.yaml": text + "retracts: {type: sale_item_changed, by: [a]}"]).first?.contains("has no field a")
                == true)
        #expect(
            found([
                "a.yaml": text.replacing("{a: id}", with: "{sale_id: string}")
                    + "retracts: {type: sale_item_changed, by: [sale_id]}"
            ]).first?.contains("sale_id is string here and integer in sale_item_changed") == true)
        let other = "data: {a: string}\ntexts: {en: {list_title: a}}\n"
        #expect(
            found(["a.yaml": text + "retracts: {type: b, by: [a]}", "b.yaml": other]).first?.contains(
                "give both one type") == true)
        for name in ["A.yaml", "a-b.yaml", "_a.yaml"] {
            #expect(found([name: text]).first?.contains("is no name of a type") == true)
        }
        #expect(found(["a.yaml": text, "a.yml": text]).first?.contains("is declared in a.yaml, too") == true)
    }
}

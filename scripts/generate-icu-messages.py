#!/usr/bin/env python3
"""Writes what ICU itself makes of many messages, which the tests of the module MessageFormat compare with.

    apt-get install libicu-dev pkg-config && pip install PyICU
    scripts/generate-icu-messages.py > Tests/MessageFormatTests/icu-messages.jsonl

A line a message and language: [language, message, variables, {values: text …}]. A value is a letter for its kind and the
value: i5, d1.5, stext, t1767614400 (seconds since 1970); bars divide those of several variables. A line without variables
and texts is a message that ICU refuses.
"""

import json

import icu

PLURAL_LANGUAGES = (
    "ru en ar pl cy ja he fr pt pt-PT lt sl de hi es cs uk lv ga mt is ro mk tr fa bn da si gd br be sr hr sk sv it kk"
).split()
SIX = "zero {z #} one {o #} two {t #} few {f #} many {m #} other {x #}"
WHOLE = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 14, 20, 21, 22, 40, 60, 80, 99, 100, 101, 102, 103, 111, 1000, 1234]
WHOLE += [12345, 1000000, 1234567, -1, -2]
FRACTIONS = [0.0, 0.1, 0.5, 1.0, 1.1, 1.21, 1.5, 2.0, 2.5, 3.141592, 21.0, 21.1, 0.0004, 1234.5, -1.5]
NOON = "t1767614400"
# Foundation's CLDR has Latin digits for these, that of ICU 72 does not.
LATIN_DIGITS = {"ar": "ar@numbers=latn", "bn": "bn@numbers=latn"}
# CLDR says of these that numbers of four digits have no groups. ICU's MessageFormat does not heed it, Foundation does.
UNGROUPED = {"be", "es", "it", "lv", "pl", "pt-PT", "sl"}
# Messages (by a part of their text) that print otherwise by the newer CLDR of Foundation or Babel.
NEWER = {
    ("es", "selectordinal"): "Ordinals of Spanish came later.",
    ("ja", "{t, date, short}"): "There is a space before the day of the week now.",
    ("sl", "{t, date, short}"): "Months have no zero before them now.",
    ("cs", "{t, date, short}"): "The year has four digits now.",
    ("cs", "::yMMMd"): "Other spaces stand between day, month and year now.",
    ("it", "::yMMMd"): "Days and months have a zero before them now.",
    ("tr", "::yMMMd"): "Days have no zero before them now.",
}
STYLES = "ru en pl cy ja he fr pt lt sl de es cs uk it tr sv".split()


def numbers(name: str, values: list) -> list:
    return [{name: (f"d{value}" if isinstance(value, float) else f"i{value}")} for value in values]


def messages():
    """Yields languages, message and values."""
    # Plural rules, and digits of numbers.
    for language in PLURAL_LANGUAGES:
        yield [language], f"{{n, plural, {SIX}}}", numbers("n", WHOLE)
        yield [language], f"{{n, selectordinal, {SIX}}}", numbers("n", WHOLE[:24])
        yield [language], f"{{n, plural, {SIX}}} {{n}}", numbers("n", FRACTIONS)
        yield [language], f"{{n, plural, offset:1 =0 {{none #}} =1 {{only #}} {SIX}}}", numbers("n", WHOLE[:12])

    # Apostrophes.
    n = numbers("n", [1, 3])
    for text in [
        "it's", "it''s", "'", "''", "'''", "''''", "don't {n}", "don''t {n}", "'{n}'", "'{'n'}'", "'{n}", "a '{' b",
        "a '}' b", "'{''}'", "'{'''{n}", "''{n}''", "'''{n}'''", "l'{n} d'{n}", "a'b'c {n}", "'a {n}'", "'#' {n}", "# {n}",
        "'{n} it''s' {n}", "}", "{n}}", "a } b {n}", "''", "'' ''", "'{' '{' {n}", "|{n}|", "'|'{n}", "\\'{n}", "\"{n}\"",
        "{n}'", "'{n", "'}", "x'{", "п'ять {n}", "’{n}’", "<b>{n}</b>", "$ % & {n}", " {n} ", "{n}\n{n}", "\t{n}",
    ]:
        yield ["en", "ru"], text, n
    for text in [
        "#", "'#'", "'#", "##", "# #", "''#''", "'#'#", "'{'#'}'", "it's #", "it''s #", "'{#}'", "'#''#'", "a'#'b'{'c",
        "#'", "'a' #", "|#", "'|#'", "#.", "№#", "#{n}", "{n}#", "{n} '{n}' #", "  #  ", "#\n", "😀 #", "",
    ]:
        yield ["en"], f"{{n, plural, one {{{text}}} other {{{text}!}}}}", n
        yield ["ru"], f"a{{n, plural, one{{{text}}}few{{{text}?}}many{{{text}}}other{{{text}!}}}}b", n

    # White space and letter case.
    for text in [
        "{ n }", "{n }", "{ n}", "{\nn\n}", "{n,number}", "{n , number}", "{ n , number , integer }", "{n,number, integer}",
        "{n, NUMBER, Integer}", "{n,plural,other{#}}", "{ n , plural , one { # } other { # } }", "{n, PLURAL, other {#}}",
        "{n, plural,\n  one {a}\n  other {b}\n}", "{n, plural, =1{a}other{b}}", "{n, plural, = 1 {a} other {b}}",
        "{n, plural, offset:1 other {#}}", "{n, plural, offset: 1 other {#}}", "{n, plural,offset:1 =1{a} other{#}}",
        "{n, plural, offset:0 other {#}}", "{n, plural, offset:-1 other {#}}", "{n, plural, offset:0.5 other {#}}",
        "{n, plural, =1.0 {a} other {b}}", "{n, plural, =+1 {a} other {b}}", "{n, plural, =01 {a} other {b}}",
        "{n, plural, =1e0 {a} other {b}}", "{n, plural, =-3 {a} =3 {b} other {c}}", "{n, SelectOrdinal, one {#st} other {#th}}",
        "{n,number,}", "{n, plural, one {a} one {b} other {c} other {d}}", "{n, plural, other {a} one {b}}",
        "{n, plural, foo {a} other {b}}", "{n, plural, =1 {a} =1 {b} other {c}}", "{n_1}{n}", "{имя} {n}",
        "{n, plural, one_1 {a} other {b}}", "{n, plural, offset:2 one {a} other {#}}",
    ]:
        yield ["en"], text, [{**value, "n_1": "sx", "имя": "sИван"} for value in numbers("n", [1, 3, -3])]

    # Nesting.
    nested = [{"n": f"i{n}", "m": f"i{m}", "s": s} for n in (1, 2, 5) for m, s in ((1, "sf"), (3, "sm"), (21, "szz"))]
    for text in [
        "{n, plural, one {{m, plural, one {# a} other {# b}} #} other {{m, plural, one {# c} other {# d}} #}}",
        "{s, select, f {she {n}} m {he {n}} other {they {n}}}",
        "{s, select, f {{n, plural, one {# она} few {# они} many {# их} other {#}}} other {{n, plural, one {#} other {#!}}}}",
        "{n, plural, one {{s, select, f {# f} other {# o}}} other {{s, select, m {# m} other {#}} #}}",
        "{n, plural, one {{s, select, f {'#' f} other {o}}} other {{s, select, m {'{#}' m} other {#}} '#'}}",
        "{n, plural, offset:1 one {{m} {m, plural, offset:1 one {# a} other {# b}} #} other {# {n} {m}}}",
        "{n, plural, one {{n, number, percent}} other {{n, number, integer} #}}",
        "{s, select, f {{s, select, f {x} other {y}}} other {{s, select, f {x} other {z}}}} {s}",
        "{n, selectordinal, one {{m, plural, one {#} other {#}}} two {#nd} few {#rd} other {#th}}",
        "{s, select, other {{n}}} {s, select, f {} other {'}'}}",
        "{n, plural, =1 {{s}} other {{s} {m, plural, =1 {} other {(+#)}}}}",
        "{s, select, f{a'{'}m{b'}'}other{c''}}",
    ]:
        yield ["en", "ru"], text, nested

    # Real texts.
    yield ["ru"], "{count, plural, one {# плохой отзыв} few {# плохих отзыва} many {# плохих отзывов} other {# отзыва}}", numbers(
        "count", [1, 2, 5, 11, 21, 1234, 0])
    yield ["ru"], (
        "{count_author, plural, =0 {Ответьте покупателям} =1 {Пишет {list_author}} other {Пишут {list_author}"
        "{more_author, plural, =0 {} other { (и ещё #)}}}}"
    ), [
        {"count_author": f"i{count}", "list_author": "sАня, Боря", "more_author": f"i{more}"}
        for count, more in ((0, 0), (1, 0), (2, 0), (5, 2), (1500, 1497))
    ]
    yield ["en"], "Your {n, selectordinal, one {#st} two {#nd} few {#rd} other {#th}} sale", numbers(
        "n", [1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111, 1001])
    yield ["fr"], "{n, plural, one {l''avis} other {les # avis}} d''{s}", [{"n": f"i{n}", "s": "sÉmile"} for n in (0, 1, 2, 2000)]
    yield ["de"], "{n, plural, =0 {Keine Nachricht} one {Eine Nachricht} other {# Nachrichten}}", numbers("n", [0, 1, 2, 12345])
    yield ["ar"], "{n, plural, zero {لا رسائل} one {رسالة} two {رسالتان} few {رسائل} many {رسالة كثيرة} other {رسالة أخرى}}", numbers(
        "n", [0, 1, 2, 3, 11, 100])
    yield ["he"], "{n, plural, one {הודעה אחת} two {שתי הודעות} other {הודעות}}", numbers("n", [1, 2, 3])
    yield ["pl"], "{n, plural, one {# plik} few {# pliki} many {# plików} other {# pliku}}", numbers("n", [1, 2, 5, 22, 1.5, 10000])
    yield ["ja"], "{n, plural, other {#件の通知}}", numbers("n", [0, 1, 12345])
    yield ["hi"], "{n, plural, one {# संदेश} other {# संदेश हैं}}", numbers("n", [0, 1, 2, 1234567])
    yield ["cy"], "{n, plural, zero {# cŵn} one {# ci} two {# gi} few {# chi} many {# chi!} other {# ci.}}", numbers("n", [0, 1, 2, 3, 4, 6])
    yield ["lt"], "{n, plural, one {# minutė} few {# minutės} many {# minutės!} other {# minučių}}", numbers("n", [1, 2, 10, 21, 1.5])
    yield ["sl"], "{n, plural, one {# ura} two {# uri} few {# ure} other {# ur}}", numbers("n", [1, 2, 3, 5, 101, 1.5])

    # Styles of numbers.
    amounts = numbers("n", [0, 1, 5, -7, 999, 1000, 9999, 10000, 1234567, 0.5, 1.005, 2.675, 0.125, -1234.5678, 12345678.9, 1e15])
    for language in STYLES:
        yield [language], "{n}|{n, number}|{n, number, integer}", amounts
    for language in "ru en ja fr pt lt sl de es it sv cs uk hi".split():
        yield [language], "{n, number, percent}", numbers("n", [0, 1, 0.5, 0.255, 0.245, 9.9, 123.45, -0.5])
    for language in "ru en ja fr pt de pl uk".split():
        yield [language], "{n, number, ::currency/USD}|{n, number, ::currency/EUR}", numbers("n", [0, 1, 1234, 1234.5, 0.995])
        if language != "ja":  # The sign of the yen has another width in Foundation's CLDR.
            yield [language], "{n, number, ::currency/JPY}", numbers("n", [1, 1234567, 1234.5])
    yield ["ru"], "{n, number, ::currency/RUB}", numbers("n", [0, 1, 100, 1234, 1234567, 1234.5, 99.999])
    for text in [
        "{n, plural, one {{n, number, integer}} other {{n, number, integer}!}}", "{n, plural, one {a #} other {{n, number, percent}}}",
        "{n, plural, one {a} other {# {n, number, integer}}}", "{n, plural, one {a} other {{n} {n, number, integer}}}",
        "{n, plural, one {a} other {{n, number, ::currency/USD}}}", "{n, plural, offset:1 one {#} other {{n, number, integer} #}}",
    ]:
        yield ["en"], text, numbers("n", [0, 1, 2, 0.01, 0.5, 1.0, 1.2, 1.5, 2.5, 0.6])

    # Dates and times, in the zone Europe/Moscow.
    for language in STYLES:
        yield [language], "{t, date, short}|{t, date, medium}|{t, date}|{t, date, long}|{t, date, full}", [{"t": NOON}]
        yield [language], "{t, time, short}|{t, time, medium}|{t, time}", [{"t": NOON}]
        yield [language], "{t, date, ::yMMMd}|{t, date, ::MMMMd}|{t, time, ::Hm}|{t, date, ::yMd}", [{"t": NOON}]
    for language in ["ru", "en", "de", "fr"]:
        yield [language], "{t, time, long}|{t}", [{"t": NOON}]

    # What ICU refuses.
    for text in [
        "{", "{n", "{n,", "{n, number", "{n, plural}", "{n, plural,}", "{n, plural, one {a}}", "{n, plural, other}", "{}", "{ }",
        "{n, plural, other {a}", "{n, plural, other {a", "{n, select, a {b}}", "{n, select, =1 {a} other {b}}", "{n m}", "{n-m}",
        "{n, plural, one {a} offset:1 other {b}}", "{n, plural, offset:x other {b}}", "{n, plural, = {a} other {b}}", "{01}",
        "{n, foo}", "{n, plural, one a other {b}}", "{n, plural, {a} other {b}}", "{n, plural, other {'{}}", "{n, select, a-b {c} other {d}}",
        "{n,,}", "{n, plural other {a}}", "{#}", "{n, plural, other {#}} {", "{n.m}", "{n, number, ::currency/}", "{n, select}",
    ]:
        yield ["en"], text, None


def formattable(value: str):
    kind, text = value[0], value[1:]
    if kind == "t":
        return icu.Formattable(float(text), icu.Formattable.kIsDate)
    return icu.Formattable({"i": int, "d": float, "s": str}[kind](text))


def has_four_digits(value: str) -> bool:
    return value[0] in "id" and 1_000 <= abs(float(value[1:])) < 10_000


def main() -> None:
    icu.ICUtzinfo.setDefault(icu.ICUtzinfo.getInstance("Europe/Moscow"))
    icu.TimeZone.setDefault(icu.TimeZone.createTimeZone("Europe/Moscow"))
    for languages, text, values in messages():
        for language in languages:
            if any(language == newer and part in text for newer, part in NEWER):
                continue
            try:
                message = icu.MessageFormat(text, icu.Locale(LATIN_DIGITS.get(language, language)))
                if values is None:
                    raise SystemExit(f"ICU takes {text}")
                made = {
                    "|".join(value.values()): message.format(list(value), [formattable(item) for item in value.values()])
                    for value in values
                    if not (language in UNGROUPED and any(has_four_digits(item) for item in value.values()))
                }
                line = [language, text, " ".join(values[0]), made]
            except icu.ICUError:
                line = [language, text]
            print(json.dumps(line, ensure_ascii=False, separators=(",", ":")))


if __name__ == "__main__":
    main()

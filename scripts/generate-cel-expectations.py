#!/usr/bin/env python3
"""Writes what another implementation of CEL makes of conditions, which the tests hold the module CEL to.

    pip install cel-python==0.5.0
    scripts/generate-cel-expectations.py > Tests/CELTests/Resources/expectations.jsonl

A line a condition: whether the event has the optional fields, the expression and what it comes to. Some are written by
hand, twice as many are made by a generator with a fixed seed. The event is that of Tests/CELTests/Fixtures.swift.

cel-python deviates from the specification, which counts. These the conditions below stay away from:
- a double divided by zero is an error there, and infinite or no number in the specification;
- durations have microseconds there and nanoseconds in the specification, and another range;
- the sum of times can leave the years 1 to 9999 only with an OverflowError, which counts as an error here;
- a list ends with no comma there, and with one if it likes in the specification;
- a negative index counts from the list's end there, and is an error in the specification;
- a sum of strings has no methods there;
- durations have days there, and hours as their longest unit in the specification;
- a comparison of an int with a double is answered there, and refused by the specification's checker.
"""

import itertools
import json
import logging
import random

import celpy
from celpy import celtypes

EVENT = {
    "stars": celtypes.IntType(3),
    "price": celtypes.DoubleType(2.5),
    "title": celtypes.StringType("naïve"),
    "paid": celtypes.BoolType(True),
    "at": celtypes.TimestampType("2026-01-05T12:00:00Z"),
    "kind": celtypes.StringType("a"),
}
OPTIONAL = {"author": celtypes.StringType("Ann"), "count": celtypes.IntType(7)}

HANDWRITTEN = """
data.stars <= 3
data.stars <= 3 && data.kind in ["a", "b"]
data.kind == "b" || data.stars > 3
!(data.stars == 3)
!data.paid || data.price < 3.0
data.paid ? data.stars == 3 : data.stars == 4
has(data.author) && data.author.startsWith("A")
!has(data.author) || data.author == "Ann"
has(data.author) ? data.author.endsWith("nn") : true
has(data.author) && has(data.count) && data.count > 5
has(data.author) || has(data.count)
!(has(data.author) && data.author == "Ann")
has(data.stars)
(has(data.count) ? data.count : 0) == 7
(has(data.count) ? data.count : data.stars) % 2 == 1
1 / 0 == 1 || true
true || 1 / 0 == 1
1 / 0 == 1 && false
false && 1 / 0 == 1
1 / 0 == 1 || false
1 / 0 == 1 && true
false || 1 / 0 == 1
1 / 0 == 1 || 1 % 0 == 1
1 / 0 == 1 ? true : false
true ? true : 1 / 0 == 1
false ? 1 / 0 == 1 : true
!(1 / 0 == 1)
data.stars / (data.stars - 3) == 1 || data.paid
9223372036854775807 + 1 == 0
9223372036854775807 + data.stars > 0
-9223372036854775808 - 1 == 0
9223372036854775807 * 2 == 0
-9223372036854775808 / -1 == 0
-(-9223372036854775808) == 0
9223372036854775807 + 1 == 0 || data.paid
-7 / 2 == -3
7 / -2 == -3
-7 % 3 == -1
7 % -3 == 1
7 % 3 == 1
5 / 2 * 2 == 4
2 + 3 * 4 == 14
(2 + 3) * 4 == 20
10 - 4 - 3 == 3
100 / 10 / 5 == 2
- 5 + 8 == 3
-data.stars == -3
--data.stars == 3
!!data.paid
1 + 2 < 4 == true
true || false && false
(true || false) && false
false || true ? true : false
0x10 == 16
0xFF + data.stars == 258
1.5e3 == 1500.0
.5 + .5 == 1.0
1e-3 < 0.01
data.price * 2.0 == 5.0
data.price / 2.0 < 1.26
-data.price < 0.0
0.1 + 0.2 == 0.3
size(data.title) == 5
data.title.size() == 5
size("naïve") == size(data.title)
size("nai\\u0308ve") == 6
"nai\\u0308ve" == data.title
size("😀") == 1
size("👨‍👩‍👧") == 5
size("") == 0
size([]) == 0
size([1, 2, 3]) == data.stars
[1, 2, 3].size() == 3
"é" < "z"
"z" < "é"
"Z" < "a"
"" < "a"
"a" < "aa"
"\\uFFFD" < "\\U0001F600"
"abc" <= "abd"
"b" >= "abc"
data.title.contains("ïv")
data.title.contains("iv")
data.title.contains("")
data.title.startsWith("naï")
data.title.startsWith("nai")
data.title.endsWith("ve")
data.title.endsWith("naïve!")
"".contains("a")
"aaab".contains("aab")
"abcabcabd".contains("abcabd")
data.title + "!" == "naïve!"
"a" + "b" + "c" == "abc"
("[" + data.title + "]").size() == 7
"a" in ["b", "a"]
data.stars in [1, 2]
data.stars in []
data.stars in [data.stars]
!(data.stars in [1, 2])
data.title in [data.title + "", "x"]
[1, 2] == [1, 2]
[1, 2] == [2, 1]
[1, 2] != [1]
[1] + [2] == [1, 2]
[] + [1] == [1]
[[1], []] == [[1], []]
[1, 2] in [[1], [1, 2]]
[1, 2, 3][2] == 3
[1, 2, 3][3] == 3
[1, 2, 3][3] == 3 || true
["a", "b"][data.stars - 2] == "b"
data.paid == true
data.paid != true
false < true
true <= false
"\\x41" == "A"
"\\101" == "A"
"\\u00e9" == "é"
'single' == "single"
'it\\'s' == "it's"
r"\\n" == "\\\\n"
size(r"\\n") == 2
size("\\n") == 1
\"\"\"a "quoted" b\"\"\" == 'a "quoted" b'
'''a'b''' == "a'b"
"a" == 'a' // a comment
data.at == timestamp("2026-01-05T12:00:00Z")
data.at < timestamp("2026-01-05T12:00:01Z")
data.at >= timestamp("2026-01-05T13:00:00+01:00")
data.at == timestamp("2026-01-05T07:00:00-05:00")
data.at + duration("1h") == timestamp("2026-01-05T13:00:00Z")
duration("1h") + data.at > data.at
data.at - duration("24h") == timestamp("2026-01-04T12:00:00Z")
data.at - timestamp("2026-01-05T11:00:00Z") == duration("60m")
timestamp("2024-02-29T00:00:00Z") + duration("24h") == timestamp("2024-03-01T00:00:00Z")
timestamp("2023-02-28T23:59:59Z") + duration("1s") == timestamp("2023-03-01T00:00:00Z")
timestamp("2026-01-05T12:00:00.5Z") > data.at
timestamp("1969-12-31T23:59:59Z") < timestamp("1970-01-01T00:00:00Z")
timestamp("9999-12-31T23:59:59Z") + duration("1s") > data.at
timestamp("0001-01-01T00:00:00Z") - duration("1s") < data.at
timestamp("2026-13-01T00:00:00Z") < data.at
timestamp("2026-02-30T00:00:00Z") < data.at
timestamp(data.title) < data.at
duration("1h30m") == duration("90m")
duration("1.5h") == duration("5400s")
duration("-1h") < duration("0s")
duration("1h") + duration("30m") == duration("90m")
duration("1h") - duration("30m") == duration("1800s")
duration("1500ms") > duration("1s")
duration("1000us") == duration("1ms")
duration("") == duration("0s")
duration("1") == duration("1s")
duration(data.title) == duration("1s")
occurred_at == data.at
occurred_at - duration("1h") < data.at
recipient_id == 42
recipient_id % 10 == 2
recipient_id in [1, 42]
"""


class Generator:
    """Conditions of all operators, well typed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def bool(self, depth: int) -> str:
        if depth == 0:
            return self.pick("true", "false", "data.paid", "has(data.author)", "has(data.count)")
        match self.random.randrange(10):
            case 0 | 1:
                return f"({self.bool(depth - 1)} {self.pick('&&', '||')} {self.bool(depth - 1)})"
            case 2:
                return f"!{self.bool(depth - 1)}"
            case 3:
                return f"({self.bool(depth - 1)} ? {self.bool(depth - 1)} : {self.bool(depth - 1)})"
            case 4 | 5:
                kind = self.pick("int", "string", "double", "time", "span")
                left, right = (getattr(self, kind)(depth - 1) for _ in range(2))
                return f"({left} {self.pick('==', '!=', '<', '<=', '>', '>=')} {right})"
            case 6:
                kind = self.pick("int", "string")
                items = ", ".join(getattr(self, kind)(depth - 1) for _ in range(self.random.randrange(4)))
                return f"({getattr(self, kind)(depth - 1)} in [{items}])"
            case 7:
                method = self.pick("startsWith", "endsWith", "contains")
                return f"{self.string(0)}.{method}({self.string(depth - 1)})"
            case 8:
                return f"(has(data.count) && data.count {self.pick('<', '==', '>')} {self.int(depth - 1)})"
            case _:
                return f"(!has(data.author) || {self.string(0)}.contains(data.author))"

    def int(self, depth: int) -> str:
        if depth == 0:
            return self.pick("0", "1", "2", "3", "-1", "9223372036854775807", "data.stars", "recipient_id")
        match self.random.randrange(4):
            case 0:
                return f"size({self.string(depth - 1)})"
            case 1:
                return f"-{self.int(0)}" if self.random.random() < 0.5 else self.int(0)
            case _:
                return f"({self.int(depth - 1)} {self.pick('+', '-', '*', '/', '%')} {self.int(depth - 1)})"

    def double(self, depth: int) -> str:
        if depth == 0:
            return self.pick("0.0", "1.5", "-2.25", "1e3", "data.price")
        return f"({self.double(depth - 1)} {self.pick('+', '-', '*')} {self.double(depth - 1)})"

    def string(self, depth: int) -> str:
        if depth == 0:
            return self.pick('""', '"a"', "'na'", '"ï"', '"Ann"', '"😀"', "data.title")
        return f"({self.string(depth - 1)} + {self.string(0)})" if self.random.random() < 0.4 else self.string(0)

    def time(self, depth: int) -> str:
        if depth == 0:
            return self.pick("data.at", "occurred_at", 'timestamp("2026-01-05T12:30:00+02:00")')
        return f"({self.time(depth - 1)} {self.pick('+', '-')} {self.span(depth - 1)})"

    def span(self, depth: int) -> str:
        if depth == 0:
            return self.pick('duration("30m")', 'duration("-1h")', 'duration("0s")', 'duration("1.5s")')
        if self.random.random() < 0.3:
            return f"({self.time(depth - 1)} - {self.time(depth - 1)})"
        return f"({self.span(depth - 1)} {self.pick('+', '-')} {self.span(depth - 1)})"


def evaluate(environment: celpy.Environment, text: str, complete: bool) -> bool | None:
    """None if it comes to an error."""
    data = EVENT | (OPTIONAL if complete else {})
    activation = {
        "data": celtypes.MapType({celtypes.StringType(name): value for name, value in data.items()}),
        "recipient_id": celtypes.IntType(42),
        "occurred_at": EVENT["at"],
    }
    try:
        result = environment.program(environment.compile(text)).evaluate(activation)
    except (celpy.CELEvalError, ValueError, OverflowError):
        return None
    return bool(result) if isinstance(result, (bool, celtypes.BoolType)) else None


def main() -> None:
    logging.disable(logging.CRITICAL)
    environment = celpy.Environment()
    generator = Generator(seed=8)
    generated = (generator.bool(depth) for depth in itertools.cycle([1, 2, 3, 4]))
    texts = dict.fromkeys(line for line in HANDWRITTEN.splitlines() if line)
    handwritten = len(texts)
    for text in generated:
        if len(texts) == 3 * handwritten:
            break
        if len(text) < 300:
            texts.setdefault(text)
    for text, complete in itertools.product(texts, [True, False]):
        if not complete and "has(" not in text:
            continue
        result = evaluate(environment, text, complete)
        outcome = {"error": True} if result is None else {"bool": result}
        print(json.dumps({"text": text, "complete": complete} | outcome, ensure_ascii=True))


if __name__ == "__main__":
    main()

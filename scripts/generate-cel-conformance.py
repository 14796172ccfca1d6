#!/usr/bin/env python3
"""Writes what CEL's own conformance tests expect, which the tests hold the module CEL to.

    git clone https://github.com/google/cel-spec
    scripts/generate-cel-conformance.py cel-spec > Tests/CELTests/Resources/conformance.jsonl

A line a test: where it is from, the expression and what comes of it: a value by its kind, an error, or "outside" with the
reason why the subset leaves it out. Tests with variables, of messages and of unknowns are left out.
"""

import json
import pathlib
import re
import sys

FILES = ["basic", "comparisons", "conversions", "fields", "fp_math", "integer_math", "lists", "logic", "macros", "parse",
         "plumbing", "string", "timestamps"]  # fmt: skip

TOKEN = re.compile(
    r"""\s+|\#[^\n]*|(?P<mark>[{}:,;\[\]<>])|(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<word>[^\s{}:,;\[\]<>"'#]+)"""
)
ESCAPE = re.compile(r"""\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)""", re.DOTALL)
SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
STRING = re.compile(r"""[rR]?(\"\"\".*?\"\"\"|'''.*?'''|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", re.DOTALL)

# What the subset leaves out, looked for beside the contents of strings.
OUTSIDE = [
    ("bytes", r"\b([bB][rR]?|[rR][bB])(?=S)|\bbytes\b"),
    ("unsigned integers", r"\b(\d+|0x[0-9a-fA-F]+)[uU]\b|\buint\b"),
    ("conversions and types", r"\b(int|double|string|bool|dyn|type|bytes|uint)\s*\(|\b(int|double|string|bool|list|map|null_type|type)\b"),
    ("null", r"\bnull\b"),
    ("maps and messages", r"[{}]"),
    ("macros over lists", r"\.(all|exists|exists_one|map|filter|existsOne|transformList|transformMap)\("),
    ("regular expressions", r"\bmatches\("),
    ("parts of times", r"\.get[A-Z]\w*\("),
    ("variables", r"\b(x|y|a|b|TestAllTypes|google)\b"),
    ("escaped names", r"`"),
]

# Tests of lists with elements of several types.
MIXED = {"not_eq_list_false_vs_types", "elem_in_mixed_type_list"}


def unescape(quoted: str) -> str:
    def one(match: re.Match) -> bytes:
        code = match.group(1)
        if code[0] == "x":
            return bytes([int(code[1:], 16)])
        if code[0] in "01234567":
            return bytes([int(code, 8)])
        if code[0] in "uU" and len(code) > 1:
            return chr(int(code[1:], 16)).encode()
        return SIMPLE.get(code, code).encode()

    parts, end, body = [], 0, quoted[1:-1]
    for match in ESCAPE.finditer(body):
        parts += [body[end : match.start()].encode(), one(match)]
        end = match.end()
    return b"".join(parts + [body[end:].encode()]).decode("utf-8", "replace")


def message(tokens: list, place: int) -> tuple[list, int]:
    """The members of a message in text format, and the place of its end."""
    members = []
    while place < len(tokens) and tokens[place] != ("mark", "}"):
        kind, name = tokens[place]
        place += 1
        if kind == "mark":
            continue
        if tokens[place] == ("mark", ":"):
            place += 1
        kind, text = tokens[place]
        place += 1
        if (kind, text) == ("mark", "{"):
            value, place = message(tokens, place)
            place += 1
        elif kind == "text":
            value = text
            while place < len(tokens) and tokens[place][0] == "text":
                value += tokens[place][1]
                place += 1
        else:
            value = text
        members.append((name, value))
    return members, place


def read(path: pathlib.Path) -> list:
    tokens = []
    for match in TOKEN.finditer(path.read_text()):
        if match.lastgroup == "text":
            tokens.append(("text", unescape(match.group())))
        elif match.lastgroup:
            tokens.append((match.lastgroup, match.group()))
    return message(tokens, 0)[0]


def value(members: list) -> dict | None:
    """The value as a line has it; None if it is of no kind of the subset."""
    (kind, text), *_ = members
    match kind:
        case "bool_value":
            return {"bool": text == "true"}
        case "int64_value":
            return {"int": text}
        case "double_value":
            return {"double": text}
        case "string_value":
            return {"string": text}
        case "list_value":
            elements = [value(element) for name, element in text if name == "values"]
            return None if None in elements else {"list": elements}
    return None


def outside(test: dict) -> str | None:
    bare = STRING.sub("S", test["expr"])
    for reason, pattern in OUTSIDE:
        if re.search(pattern, bare):
            return reason
    return "dynamic types" if test.get("disable_check") == "true" or test["name"] in MIXED else None


def main() -> None:
    folder = pathlib.Path(sys.argv[1]) / "tests/simple/testdata"
    for name in FILES:
        for section in (members for kind, members in read(folder / f"{name}.textproto") if kind == "section"):
            title = dict(section)["name"]
            for test in (dict(members) for kind, members in section if kind == "test"):
                if "bindings" in test or "type_env" in test or "unknown" in test or "any_unknowns" in test:
                    continue
                line = {"from": f"{name}/{title}/{test['name']}", "text": test["expr"]}
                if reason := outside(test):
                    line["outside"] = reason
                elif "eval_error" in test:
                    line["error"] = True
                else:
                    # A test that names no value expects true.
                    expected = value(test["value"]) if "value" in test else {"bool": True}
                    if expected is None:
                        sys.exit(f"{line['from']} expects a value that no expression of the subset has")
                    line |= expected
                print(json.dumps(line, ensure_ascii=True))


if __name__ == "__main__":
    main()

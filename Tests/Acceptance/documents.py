"""Reads the documents: their tables, links, and the commands in their console blocks."""

import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def pages():
    """Every document by its path."""
    found = [name for name in os.listdir(ROOT) if name.endswith(".md")]
    for top in ("docs", "deploy"):
        for folder, _, names in os.walk(os.path.join(ROOT, top)):
            found += [os.path.relpath(os.path.join(folder, name), ROOT) for name in names if name.endswith(".md")]
    return sorted(found)


def prose(text):
    """The text without its fenced blocks."""
    return re.sub(r"(?ms)^ *```.*?^ *```$", "", text)


def anchors(text):
    """What GitHub makes of the headings."""
    seen, found = {}, set()
    for heading in re.findall(r"(?m)^#+ +(.+?) *$", prose(text)):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        count = seen.get(name, 0)
        seen[name] = count + 1
        found.add(name if count == 0 else "%s-%d" % (name, count))
    return found


def links(text):
    """Where links and pictures lead, but for other sites."""
    found = re.findall(r"\]\(([^)\s]+)\)", prose(text)) + re.findall(r'<img [^>]*src="([^"]+)"', prose(text))
    return [target for target in found if not re.match(r"[a-z]+:", target)]


def table(text, *heading):
    """The rows under the first table row that begins with these cells; cells keep their marks."""
    rows = None
    for line in text.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]] if line.startswith("|") else None
        if cells is None:
            if rows is not None:
                return rows
        elif rows is not None:
            if not set("".join(cells)) <= set("-: "):
                rows.append(cells)
        elif cells[:len(heading)] == list(heading):
            rows = []
    if rows is None:
        raise AssertionError("no table with the heading %r" % (heading,))
    return rows


def tables(text, *heading):
    """The rows under all such tables."""
    found = []
    for part in re.split(r"(?m)^## ", text):
        try:
            found += table(part, *heading)
        except AssertionError:
            pass
    return found


def code(cell):
    """What is between backticks in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def fences(text, language):
    """The fenced blocks of a language, with the place where each begins."""
    return [(m.start(), m[2]) for m in re.finditer(r"(?ms)^```(\S*)\n(.*?)^```$", text) if m[1] == language]


def is_whole(command):
    return subprocess.run(["bash", "-n"], input=command.encode(), stderr=subprocess.DEVNULL).returncode == 0


def commands(block):
    """The commands of a console block, each with the lines that it is said to print."""
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append([line[2:], []])
        elif found and not is_whole(found[-1][0]) or found and found[-1][0].endswith("\\"):
            found[-1][0] += "\n" + line
        elif found:
            found[-1][1].append(line)
    return found


def appear(expected, actual):
    """Whether the expected lines are among the actual ones, in order; `…` matches anything."""
    position = 0
    for line in expected:
        pattern = ".*".join(re.escape(part) for part in line.split("…"))
        while position < len(actual) and not re.fullmatch(pattern, actual[position]):
            position += 1
        if position == len(actual):
            return line
        position += 1
    return None

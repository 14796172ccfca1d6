#!/usr/bin/env python3
"""Compares the dependencies of each target in Package.swift with what its source files import.

A dependency that no file imports costs every build of the target, and an import of what another target happens to depend
on breaks when that one changes. The manifest is evaluated; nothing is resolved, built or fetched. A library is known
here by its product's name, which has to be its module's: depend on the products of single modules if a package offers
both.
"""

import json
import os
import re
import subprocess
import sys

IMPORT = re.compile(
    r"^[ \t]*(?:@\w+(?:\([^)]*\))?[ \t]+)*(?:(?:public|package|internal|fileprivate|private)[ \t]+)?"
    r"import[ \t]+(?:(?:struct|class|enum|protocol|func|var|let|typealias)[ \t]+)?(\w+)", re.MULTILINE)


def manifest():
    dump = subprocess.run(["swift", "package", "dump-package"], stdout=subprocess.PIPE, check=True).stdout
    return json.loads(dump)


def folder(target):
    if target.get("path"):
        return target["path"]
    return os.path.join("Tests" if target["type"] == "test" else "Sources", target["name"])


def imports(root):
    found = set()
    for path, folders, files in os.walk(root):
        # What documentation shows is compiled by another target, if at all.
        folders[:] = [name for name in folders if not name.endswith(".docc")]
        for name in files:
            if name.endswith(".swift"):
                with open(os.path.join(path, name), encoding="utf-8") as file:
                    found.update(IMPORT.findall(file.read()))
    return found


def dependencies(target):
    """The names of what a target depends on: targets of this package, and products of others."""
    for dependency in target["dependencies"]:
        [(kind, value)] = dependency.items()
        if kind in ("byName", "target", "product"):
            yield value[0]


def main():
    targets = [target for target in manifest()["targets"] if target["type"] != "system"]
    # A module's name has no hyphen.
    declared = {t["name"]: {name.replace("-", "_") for name in dependencies(t)} for t in targets}
    known = set(declared).union(*declared.values())
    status = 0
    for target in targets:
        name, imported = target["name"], imports(folder(target)) & known - {target["name"]}
        for module in sorted(declared[name] - imported):
            complain("%s depends on %s, which none of its files imports" % (name, module))
            status = 1
        for module in sorted(imported - declared[name]):
            complain("%s imports %s, which is no dependency of it" % (name, module))
            status = 1
    return status


def complain(text):
    print("Package.swift: error: " + text, file=sys.stderr)


if __name__ == "__main__":
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    sys.exit(main())

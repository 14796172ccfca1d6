#!/usr/bin/env bash
# Checks that `swift format` does not make. It reads the sources and the manifest only, and needs no build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly max_lines=400
status=0

complain() {
    echo "$1: error: $2" >&2
    status=1
}

# Files with the ending in the folders.
files() {
    local ending=$1
    shift
    find "$@" -name "*.$ending" -type f | sort
}

# Library modules: all but the programs and the command line, which talk to people on standard output.
libraries() { find Sources -mindepth 1 -maxdepth 1 -type d ! -name 'sheaf*' ! -name SheafCLI | sort; }

# The lines of the files on standard input where the pattern stands in code. A line passes whose end, or the line above
# it, is a comment: it says why.
uncommented() {
    # shellcheck disable=SC2016 # The dollars are awk's.
    xargs -d '\n' -r awk -v pattern="$1" '
        FNR == 1 { above = "" }
        {
            code = $0
            sub(/^[ \t]*\/\/.*/, "", code)
            has_comment = code ~ /[ \t]\/\/ / || above ~ /^[ \t]*\/\//
            sub(/[ \t]\/\/ .*/, "", code)
            if (code ~ pattern && !has_comment) print FILENAME ":" FNR
            above = $0
        }'
}

# Complains of each place that `uncommented` finds.
refuse() {
    local pattern=$1 message=$2 place
    while IFS= read -r place; do complain "$place" "$message"; done < <(uncommented "$pattern")
}

check_length() {
    local file lines
    while IFS= read -r file; do
        lines=$(wc -l <"$file")
        [ "$lines" -le "$max_lines" ] || complain "$file" "has $lines lines, more than $max_lines"
    done < <(files swift Sources)
}

check_code() {
    local -a folders
    mapfile -t folders < <(libraries)
    files swift "${folders[@]}" | refuse '(^|[^A-Za-z0-9_.])(print|debugPrint|dump)[(]' \
        'a library does not print: return it, log it, or say in a comment why it has to'
    files swift Sources | refuse 'try!' 'try! ends the program: throw, or say in a comment why it cannot fail'
    files swift Sources | refuse '[^A-Za-z0-9_]as!' 'as! ends the program: use as?, or say in a comment why it cannot fail'
    files swift Sources | refuse '(^|[^A-Za-z0-9_.])(fatalError|preconditionFailure)[(]' \
        'this needs a comment that says why nothing else does'
    files swift Sources | refuse '@unchecked Sendable|nonisolated[(]unsafe[)]' \
        'this needs a comment that says why it is safe'
}

check_unfinished() {
    local place
    while IFS= read -r place; do complain "$place" 'open an issue instead'; done < <(
        grep -rnowE 'TODO|FIXME' --include='*.swift' --include='*.sh' --include='*.py' --exclude=lint.sh \
            Package.swift Sources Tests scripts | sed -E 's/:[A-Z]+$//'
    )
}

# The core has no I/O. Foundation is not a dependency that the package could leave out, so it is looked for here.
check_core() {
    local place
    while IFS= read -r place; do complain "$place" 'the core imports FoundationEssentials at most'; done < <(
        grep -rnE '^[^/]*import (Foundation|FoundationNetworking|FoundationXML|Glibc|Musl|Darwin|Dispatch)$' \
            Sources/SheafCore | cut -d: -f1,2
    )
}

check_dependencies() { scripts/check-dependencies.py || status=1; }

check_scripts() {
    local -a scripts
    mapfile -t scripts < <(files sh scripts && echo .ci/run)
    local script
    for script in "${scripts[@]}"; do
        bash -n "$script" || complain "$script" 'is not valid bash'
        [ -x "$script" ] || complain "$script" 'is not executable'
    done
    if command -v shellcheck >/dev/null; then
        shellcheck "${scripts[@]}" || complain scripts 'shellcheck found something'
    fi
}

check_length
check_code
check_unfinished
check_core
check_dependencies
check_scripts
exit "$status"

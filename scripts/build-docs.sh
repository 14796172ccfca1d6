#!/usr/bin/env bash
# Makes the documentation of the library modules, of what a build has left, into .build/docs.
#
#     scripts/build-docs.sh [MODULE...]
#
# A warning of DocC, such as a link that leads nowhere, is an error; but that not every parameter is described is meant.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly output=.build/docs
# `swift` may be a link; the tools lie beside what it leads to.
tools=$(dirname "$(readlink -f "$(command -v swift)")")
readonly tools

modules=("$@")
if [ ${#modules[@]} -eq 0 ]; then modules=(SheafCore SheafEngine SheafTesting); fi

build=$(swift build --show-bin-path)
# The target's name without the versions of systems that have any: x86_64-unknown-linux-gnu.
target=$("$tools/swiftc" -print-target-info | sed -n 's/.*"unversionedTriple": "\(.*\)",*/\1/p')

# The complaints of a report that count. Modules are documented each by itself, so that what one says of the core's
# types is no link there.
complaints() {
    grep -E '^(warning|error): ' | grep -vE "^warning: Parameter '[^']*' is missing documentation" |
        while IFS= read -r line; do
            name=$(sed -nE "s/^warning: '(\w+)' doesn't exist at .*/\1/p" <<<"$line")
            if [ -z "$name" ] || ! grep -rqE "(struct|enum|class|actor|protocol|typealias) $name\b" Sources/SheafCore; then
                echo "$line"
            fi
        done
}

for module in "${modules[@]}"; do
    graphs=$output/graphs/$module
    mkdir -p "$graphs"
    "$tools/swift-symbolgraph-extract" -module-name "$module" -target "$target" -I "$build/Modules" \
        -minimum-access-level public -skip-synthesized-members -output-dir "$graphs"
    report=$("$tools/docc" convert "Sources/$module/$module.docc" --additional-symbol-graph-dir "$graphs" \
        --fallback-display-name "$module" --fallback-bundle-identifier "sheaf.$module" \
        --output-path "$output/$module.doccarchive" 2>&1) || { echo "$report" >&2; exit 1; }
    found=$(complaints <<<"$report") || true
    if [ -n "$found" ]; then
        echo "$found" >&2
        exit 1
    fi
    echo "$output/$module.doccarchive"
done

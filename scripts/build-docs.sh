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
if [ ${#modules[@]} -eq 0 ]; then modules=(SheafCore); fi

build=$(swift build --show-bin-path)
# The target's name without the versions of systems that have any: x86_64-unknown-linux-gnu.
target=$("$tools/swiftc" -print-target-info | sed -n 's/.*"unversionedTriple": "\(.*\)",*/\1/p')

for module in "${modules[@]}"; do
    graphs=$output/graphs/$module
    mkdir -p "$graphs"
    "$tools/swift-symbolgraph-extract" -module-name "$module" -target "$target" -I "$build/Modules" \
        -minimum-access-level public -skip-synthesized-members -output-dir "$graphs"
    if ! report=$("$tools/docc" convert "Sources/$module/$module.docc" --additional-symbol-graph-dir "$graphs" \
        --fallback-display-name "$module" --fallback-bundle-identifier "sheaf.$module" \
        --output-path "$output/$module.doccarchive" 2>&1) ||
        grep -E '^(warning|error): ' <<<"$report" | grep -vE "^warning: Parameter '[^']*' is missing documentation"; then
        echo "$report" >&2
        exit 1
    fi
    echo "$output/$module.doccarchive"
done

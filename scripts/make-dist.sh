#!/usr/bin/env bash
# Makes a package to install without a compiler: .build/dist/sheaf-VERSION-DISTRIBUTION-MACHINE.tar.gz, and its checksum.
#
# It holds the four programs with Swift's libraries linked in, what starts and probes them, examples, and an INSTALL.md
# that names the system libraries they need, as packages of the distribution that it was built on.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly products=(sheaf sheaf-service sheaf-databus sheaf-qaas)
readonly output=.build/dist

die() {
    echo "make-dist: $*" >&2
    exit 1
}

if [ ! -r /etc/os-release ] || ! command -v dpkg-query >/dev/null; then
    die "it names packages of Debian or Ubuntu, so it has to run on one of them"
fi
# shellcheck source=/dev/null # The system's own file.
distribution=$(. /etc/os-release && echo "$ID-${VERSION_ID:-rolling}")

for product in "${products[@]}"; do
    swift build -c release --static-swift-stdlib --product "$product"
done
programs=$(swift build -c release --static-swift-stdlib --show-bin-path)
version=$("$programs/sheaf" --version | sed 's/.* //')
name=sheaf-$version-$distribution-$(uname -m)

# The packages that hold the shared libraries of the programs, one a line.
libraries() {
    local path owner
    ldd "${products[@]/#/$programs/}" | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p' | sort -u | while IFS= read -r path; do
        # If /lib is a link to /usr/lib, a package may have the file under either.
        owner=$(dpkg-query --search "$path" 2>/dev/null || dpkg-query --search "$(realpath "$path")" 2>/dev/null) ||
            die "no package holds $path"
        echo "${owner%%:*}"
    done | sort -u
}

ldd "${products[@]/#/$programs/}" | grep -E 'not found|libswift|libFoundation' &&
    die "the programs ask for libraries above, which no package holds"

rm -rf "${output:?}/$name"
mkdir -p "$output/$name/bin"
for product in "${products[@]}"; do install --strip "$programs/$product" "$output/$name/bin/"; done
install deploy/sheaf-probe "$output/$name/bin/"
cp -r README.md CHANGELOG.md LICENSE docs examples "$output/$name/"
mkdir -p "$output/$name/deploy"
cp -r deploy/systemd deploy/grafana deploy/prometheus "$output/$name/deploy/"

# ca-certificates: for https and rediss addresses; tzdata: recipients' time zones; openssl: sheaf-probe asks over TLS by it.
packages=$({ libraries && printf '%s\n' ca-certificates openssl tzdata; } | sort -u | grep -vx libc6 | paste -sd ' ')
cat >"$output/$name/INSTALL.md" <<END
# Sheaf $version for $distribution

As root, install the system libraries and the programs:

\`\`\`console
# apt-get update && apt-get install --no-install-recommends -y $packages
# install -m 0755 bin/* /usr/local/bin/
\`\`\`

Then try it: \`sheaf demo\` shows 42 events become 5 notifications, \`sheaf run\` takes yours (see README.md).
Units of systemd are in deploy/systemd, the first type of your own in docs/types.md.
END

# The time of the last commit, and sorted names, so that the same programs make the same package.
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$(git log -1 --format=%ct 2>/dev/null || echo 0)" \
    -C "$output" -c "$name" | gzip -n >"$output/$name.tar.gz"
(cd "$output" && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
rm -rf "${output:?}/$name"
echo "$output/$name.tar.gz"

#!/usr/bin/env bash
# Installs the package that `make dist` made in an empty Debian, as its INSTALL.md says, and runs the demo there.
#
#     scripts/try-dist.sh PACKAGE [MIRROR]
#
# Needs root and debootstrap. MIRROR is where Debian's packages come from.
set -euo pipefail

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
    echo "usage: scripts/try-dist.sh PACKAGE [MIRROR]" >&2
    exit 64
fi
package=$(realpath "$1")
mirror=${2:-http://deb.debian.org/debian}
# shellcheck source=/dev/null # The system's own file.
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT

debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$root.log" 2>&1 || {
    tail -5 "$root.log" >&2
    exit 1
}
# What the host needs to reach the mirror.
cp /etc/resolv.conf "$root/etc/resolv.conf"
if [ -d /etc/apt/apt.conf.d ]; then cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"; fi
tar -xzf "$package" -C "$root/opt"
cat >"$root/try.sh" <<'TRY'
set -euo pipefail
cd /opt/sheaf-*
# The commands of INSTALL.md are those after "# ".
sed -n '/^```console$/,/^```$/ s/^# //p' INSTALL.md >/install.sh
DEBIAN_FRONTEND=noninteractive bash -euo pipefail /install.sh >/install.log 2>&1 || { tail -5 /install.log; exit 1; }
for program in sheaf sheaf-service sheaf-databus sheaf-qaas; do "$program" --version; done
cd "$(mktemp -d)"
timeout --signal=INT 20 sheaf demo >demo.log 2>&1 || true
grep "42 events became 5 notifications" demo.log
# A free port: the network is the host's.
SHEAF_HTTP_PORT=0 sheaf run >run.log 2>&1 &
trap 'kill $! 2>/dev/null || true' EXIT
for _ in $(seq 100); do
    if sheaf-probe readyz 2>/dev/null; then
        echo "sheaf run is ready"
        exit 0
    fi
    sleep 0.1
done
cat run.log
exit 1
TRY
unshare --mount --pid --fork --mount-proc="$root/proc" \
    env --ignore-environment PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    chroot "$root" /bin/bash /try.sh

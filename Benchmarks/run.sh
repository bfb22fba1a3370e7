#!/usr/bin/env bash
# Measures CPU per message of the connector, the broker and the gateway, each as its own process on loopback.
# What is measured and what came out stands in README.md. Arguments: the benchmarks to run (default: all but
# memory, which takes minutes).

source "$(dirname "${BASH_SOURCE[0]}")/../setup/install.sh"
cd "$root"

need_swift
need_packages "${build_packages[@]}" kcat nginx-light wrk
say "building release"
for product in connector-sim kafka-connector load-producer; do
    quietly swift build "${release[@]}" --product "$product"
done
exec python3 Benchmarks/bench.py "$(swift build "${release[@]}" --show-bin-path)" "$@"

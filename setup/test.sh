#!/usr/bin/env bash
# Installs what the tests need and runs them all: style, unit, conformance, integration with public clients.
# Arguments are passed on to `swift test`, for example: setup/test.sh --filter FakeBroker

source "$(dirname "${BASH_SOURCE[0]}")/install.sh"
cd "$root"

need_swift
need_packages librdkafka-dev pkg-config kcat
need_python kafka-python==3.0.12 kio==0.6.5 aiokafka==0.14.0 confluent-kafka==2.16.1

# One set of flags for every build, or everything is built twice.
flags=(-Xswiftc -warnings-as-errors --explicit-target-dependency-import-check error)

say "checking the format"
swift format lint --strict --parallel --recursive Package.swift Sources Tests

say "building"
quietly swift build --build-tests "${flags[@]}"

# One test after the other: many of them are real clients and processes with deadlines of their own, and all of them
# at once starve each other on a machine of two cores.
say "testing"
swift test --skip-build --no-parallel "${flags[@]}" "$@"

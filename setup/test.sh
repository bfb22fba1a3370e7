#!/usr/bin/env bash
# Installs what the tests need and runs them all: style, unit, conformance, integration with public clients.
# Arguments are passed on to `swift test`, for example: setup/test.sh --filter FakeBroker

source "$(dirname "${BASH_SOURCE[0]}")/install.sh"
cd "$root"

need_swift
# sarama, a client in Go, is built by its test from the sources that Debian packages.
need_packages "${build_packages[@]}" kcat curl openssl golang-go golang-github-shopify-sarama-dev
need_rabbitmq
# The second line: codecs of kafka-python and aiokafka. The third: SNS as moto has it, for sns-connector.
need_python kafka-python==3.0.12 kio==0.6.5 aiokafka==0.14.0 confluent-kafka==2.16.1 \
    lz4==4.4.5 zstandard==0.25.0 python-snappy==0.7.3 cramjam==2.14.0 \
    'moto[sns,sqs,server]==5.2.5'

say "checking the format"
swift format lint --strict --parallel --recursive Package.swift Sources Tests

say "building"
quietly swift build --build-tests "${flags[@]}"

# Not for a few tests.
[ $# -gt 0 ] || setup/check.sh

# Six tests side by side: most of them wait for clients and processes that have deadlines of their own, and seven
# hundred at once would starve each other on a machine of two cores.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=${SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH:-6}
# A minute more than what `swift test` does by itself.
export FAKE_BROKER_FUZZ_FRAMES=${FAKE_BROKER_FUZZ_FRAMES:-1000000}
say "testing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! swift test --skip-build "${flags[@]}" "$@" 2>&1 | tee "$log"; then
    say "what failed, again"
    grep -A 5 -E '^✘ Test .* recorded an issue' "$log" | grep -vE '^(◇|✔|--)' >&2 || true
    exit 1
fi

# The whole system from seeds: the same ones each time, and as many of today's as half a minute holds. A failure prints
# the command that replays it. Only where everything is tested.
if [ $# -eq 0 ]; then
    say "exploring seeds"
    sim=$(swift build --show-bin-path "${flags[@]}")/connector-sim
    "$sim" explore --first 1 --seeds 300 --minutes 0.5 --reports "$root/simulation-reports"
    "$sim" explore --first "$(date +%Y%m%d)000000" --seeds 1000000 --minutes 0.5 --reports "$root/simulation-reports"
fi

#!/usr/bin/env bash
# Installs, in a stage of an image, the Debian packages that it needs:  packages.sh build|runtime [PACKAGE...]
set -euo pipefail

case "${1:-}" in
build) packages=(librdkafka-dev librabbitmq-dev zlib1g-dev liblz4-dev libzstd-dev pkg-config) ;;
runtime) packages=(ca-certificates librdkafka1 zlib1g liblz4-1 libzstd1 "${@:2}") ;;
*)
    echo "usage: packages.sh build|runtime [PACKAGE...]" >&2
    exit 2
    ;;
esac

export DEBIAN_FRONTEND=noninteractive
apt-get update --quiet
apt-get install --quiet --yes --no-install-recommends "${packages[@]}"
rm -rf /var/lib/apt/lists/*

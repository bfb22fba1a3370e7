#!/usr/bin/env bash
# Compiles products for release into a folder, Swift's libraries linked in and symbols left out; what the build stage of
# each image runs:  compile.sh FOLDER PRODUCT...
set -euo pipefail

out=$1
shift
flags=(--configuration release -Xswiftc -enforce-exclusivity=unchecked --static-swift-stdlib -Xlinker -s)
for product; do
    swift build "${flags[@]}" --product "$product"
    install -D --mode 0555 "$(swift build "${flags[@]}" --show-bin-path)/$product" "$out/$product"
done

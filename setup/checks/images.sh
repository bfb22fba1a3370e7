#!/usr/bin/env bash
# Builds the images as setup/build.sh does and runs what is in them, on a machine that has neither a Docker engine nor
# a registry of images: buildah builds, in chroots; debootstrap makes what stands in for debian:…-slim, with no package
# more than Debian's minimum; and what stands in for swift:… is that with this machine's toolchain mounted. Needs root.
#
# Nothing is done while what the images are made of is what it was at the last success.
#
#   images.sh [if-possible]    with it, a machine that cannot build images is no failure

source "$(dirname "${BASH_SOURCE[0]}")/../install.sh"
cd "$root"

mode=${1:-}
work=$root/.build-images
sums=$(git ls-files -z --cached --others --exclude-standard Package.swift Sources setup/docker setup/build.sh \
    setup/checks/*images.sh setup/checks/stand-ins.sh .dockerignore | sort -z | xargs -0 sha256sum | sha256sum)
[ "$(cat "$work/passed" 2>/dev/null)" != "$sums" ] || exit 0
cannot() {
    [ "$mode" = if-possible ] || fail "the images cannot be checked: $1"
    say "the images are not checked: $1"
    exit 0
}
[ "$(id -u)" = 0 ] || cannot "chroots are made by root"
unshare --mount true 2>/dev/null || cannot "nothing can be mounted here"
need_packages debootstrap buildah uidmap curl

mkdir -p "$work/tmp"
cat >"$work/storage.conf" <<END
[storage]
driver = "overlay"
graphroot = "$work/storage"
runroot = "$work/run"
END
export CONTAINERS_STORAGE_CONF=$work/storage.conf TMPDIR=$work/tmp BUILDAH_ISOLATION=chroot
export RUNTIME_IMAGE=localhost/stand-in/debian:12 SWIFT_IMAGE=localhost/stand-in/swift:12

toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")
export work toolchain
if ! setup/checks/stand-ins.sh; then
    [ "$mode" = if-possible ] || exit 1
    cannot "this machine does not let them be built"
fi

BUILDAH_ARGUMENTS="--pull-never --quiet --volume $(dirname "$toolchain"):/toolchain:ro"
while read -r folder; do
    BUILDAH_ARGUMENTS+=" --volume $folder:$folder:ro"
done <"$work/folders"
export BUILDAH_ARGUMENTS

say "building the images (the first time takes some minutes)"
quietly setup/build.sh --tag check
say "running what is in them"
quietly setup/checks/run-images.sh check
echo "$sums" >"$work/passed"
# What was written goes to the disk now, and not while the tests wait for it.
sync

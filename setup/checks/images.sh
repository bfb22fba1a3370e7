#!/usr/bin/env bash
# Builds the images as setup/build.sh does and runs what is in them, on a machine that has neither a Docker engine nor
# a registry of images: buildah builds, in chroots; debootstrap makes what stands in for debian:…-slim, with no package
# more than Debian's minimum; and what stands in for swift:… is that with this machine's toolchain mounted. Needs root.
#
# Nothing is done while what the images are made of is what it was at the last success.

source "$(dirname "${BASH_SOURCE[0]}")/../install.sh"
cd "$root"

work=$root/.build-images
sums=$(git ls-files -z --cached --others --exclude-standard Package.swift Sources setup/docker setup/build.sh \
    setup/checks/images.sh .dockerignore | sort -z | xargs -0 sha256sum | sha256sum)
[ "$(cat "$work/passed" 2>/dev/null)" != "$sums" ] || exit 0
[ "$(id -u)" = 0 ] || fail "setup/checks/images.sh makes chroots: run it as root"
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

if ! buildah inspect --type image "$RUNTIME_IMAGE" >/dev/null 2>&1; then
    say "making a minimal Debian"
    # From where this machine gets its own packages.
    # shellcheck disable=SC2016 # apt's own variables
    mirror=$(apt-get indextargets --format '$(ORIGIN) $(SITE) $(REPO_URI)' 'Codename: bookworm' 'Created-By: Packages' |
        awk '$1 == "Debian" { print $3; exit }')
    rm -rf "$work/debian"
    quietly debootstrap --variant=minbase bookworm "$work/debian" "${mirror:-}"
    container=$(buildah from scratch)
    quietly buildah add "$container" "$work/debian" /
    quietly buildah commit --rm "$container" "$RUNTIME_IMAGE"
    rm -rf "$work/debian"
fi
if ! buildah inspect --type image "$SWIFT_IMAGE" >/dev/null 2>&1; then
    rm -f "$work/gitconfig" "$work/folders.all"
    # What the images of Swift for Debian have beside the toolchain.
    container=$(buildah from --pull-never "$RUNTIME_IMAGE")
    quietly buildah run "$container" -- apt-get update
    quietly buildah run "$container" -- env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        binutils-gold ca-certificates git libc6-dev libcurl4 libedit2 libgcc-12-dev libncurses6 libpython3.11 \
        libsqlite3-0 libstdc++-12-dev libxml2 libz3-4 tzdata zlib1g-dev
    # A machine may read packages from a folder of its own instead of from where Package.swift says.
    git config --get-regexp '^url\..*\.insteadof$' | while read -r key from; do
        folder=${key#url.}
        folder=${folder%.insteadof}
        [ -d "$folder" ] || continue
        echo "$folder" >>"$work/folders.all"
        git config --file "$work/gitconfig" --add "$key" "$from"
    done
    touch "$work/gitconfig" "$work/folders.all"
    sort -u "$work/folders.all" >"$work/folders"
    quietly buildah copy "$container" "$work/gitconfig" /etc/gitconfig
    quietly buildah config --env "PATH=/toolchain/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin" "$container"
    quietly buildah commit --rm "$container" "$SWIFT_IMAGE"
fi

toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")
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

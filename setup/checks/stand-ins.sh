#!/usr/bin/env bash
# Makes the images that stand in for those of a registry, and sees that a toolchain works in them.
# Called by images.sh, with its storage and variables.

source "$(dirname "${BASH_SOURCE[0]}")/../install.sh"
: "${work:?}" "${toolchain:?}"

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

container=$(buildah from --pull-never "$SWIFT_IMAGE")
quietly buildah run --volume "$(dirname "$toolchain"):/toolchain:ro" "$container" -- sh -c "swift --version"
buildah rm "$container" >/dev/null

#!/usr/bin/env bash
# Builds the images of the products with Docker, or with buildah where there is no Docker engine.
#
#   setup/build.sh [--platform PLATFORMS] [--tag TAG] [--registry PREFIX] [--push] [PRODUCT...]
#
#   --platform   linux/amd64, linux/arm64 or both, separated by a comma; default: this machine's. An image of both
#                exists only in a registry, so both need --push.
#   --tag        default: what setup/VERSION says
#   --registry   put before the names, as in registry.example.com/team
#   --push       push the images
#   PRODUCT      kafka-connector, rabbitmq-connector, sns-connector, load-producer, connector-sim; default: all of them
#
# SWIFT_IMAGE and RUNTIME_IMAGE in the environment replace the images that they stand on. BUILDAH_ARGUMENTS are added
# to `buildah build`.

source "$(dirname "${BASH_SOURCE[0]}")/install.sh"
cd "$root"

all=(kafka-connector rabbitmq-connector sns-connector load-producer connector-sim)
platform='' push='' registry='' tag=$(cat setup/VERSION) products=()
while [ $# -gt 0 ]; do
    case "$1" in
    --platform | --tag | --registry)
        [ $# -gt 1 ] || fail "$1 needs a value"
        declare "${1#--}=$2"
        shift
        ;;
    --push) push=1 ;;
    -h | --help)
        sed -n '2,/^$/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
        exit
        ;;
    *)
        [[ " ${all[*]} " == *" $1 "* ]] || fail "$1 is no option and no product: ${all[*]}"
        products+=("$1")
        ;;
    esac
    shift
done
[ ${#products[@]} -gt 0 ] || products=("${all[@]}")
[[ $tag != latest ]] || fail "--tag latest: name a version, so that a cluster can tell what it runs"
[[ $platform != *,* || -n $push ]] || fail "--platform $platform: an image of both exists only in a registry: --push"

if docker info >/dev/null 2>&1; then
    builder=docker
elif command -v buildah >/dev/null; then
    builder=buildah
else
    fail "neither a Docker engine nor buildah is here"
fi

revision=$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
for product in "${products[@]}"; do
    name="${registry:+$registry/}$product:$tag"
    arguments=(--build-arg "VERSION=$tag" --build-arg "REVISION=$revision" --file "setup/docker/$product.Dockerfile")
    for image in SWIFT_IMAGE RUNTIME_IMAGE; do
        [ -z "${!image:-}" ] || arguments+=(--build-arg "$image=${!image}")
    done
    [ -z "$platform" ] || arguments+=(--platform "$platform")
    say "building $name"
    if [ $builder = docker ]; then
        docker buildx build "${arguments[@]}" --tag "$name" "$([ -n "$push" ] && echo --push || echo --load)" .
    else
        # Health checks are not part of OCI's format of images.
        # shellcheck disable=SC2086 # several arguments
        buildah build --format docker ${BUILDAH_ARGUMENTS:-} "${arguments[@]}" \
            "$([[ $platform == *,* ]] && echo --manifest || echo --tag)" "$name" .
        [ -z "$push" ] || buildah manifest push --all "$name" "docker://$name" 2>/dev/null || buildah push "$name"
    fi
done

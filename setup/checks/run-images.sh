#!/usr/bin/env bash
# Runs what is in the images of a tag, on loopback, each in a chroot whose root is read-only, as its own user:
# messages of load-producer go through connector-sim's broker and kafka-connector to connector-sim's gateway.
# Called by images.sh, with its storage.   setup/checks/run-images.sh TAG

source "$(dirname "${BASH_SOURCE[0]}")/../install.sh"

tag=$1
# Mounts of its own, gone with this process.
if [ -z "${OWN_MOUNTS:-}" ]; then OWN_MOUNTS=1 exec unshare --mount "$0" "$@"; fi

declare -A folders
started=()
end() {
    [ ${#started[@]} = 0 ] || kill "${started[@]}" 2>/dev/null || true
    for product in "${!folders[@]}"; do
        umount --recursive "${folders[$product]}" 2>/dev/null || true
        rmdir "${folders[$product]}" 2>/dev/null || true
        buildah rm "check-$product" >/dev/null 2>&1 || true
    done
}
trap end EXIT

# become PRODUCT COMMAND...: turns this shell into a command in the product's image, with `settings` as its environment
become() {
    local product=$1
    shift
    exec chroot --userspec=65532:65532 "${folders[$product]}" \
        /usr/bin/env -i "PATH=/usr/bin:/bin" "${settings[@]}" "$@"
}
inside() { (become "$@"); }
settings=()

for product in kafka-connector rabbitmq-connector sns-connector load-producer connector-sim; do
    buildah rm "check-$product" >/dev/null 2>&1 || true
    buildah from --pull-never --name "check-$product" "localhost/$product:$tag" >/dev/null
    folder=$(mktemp -d)
    folders[$product]=$folder
    mount --bind "$(buildah mount "check-$product")" "$folder"
    mount --rbind /dev "$folder/dev"
    mount --bind /proc "$folder/proc"
    mount -o remount,ro,bind "$folder"

    configuration=$(buildah inspect --type image "localhost/$product:$tag" | tr -d ' \n')
    grep -q '"User":"65532:65532"' <<<"$configuration" || fail "$product: its user is not 65532:65532"
    grep -q '"Healthcheck":{"Test":\["\(CMD\|NONE\)"' <<<"$configuration" || fail "$product: no health check"
    for label in title description version revision; do
        grep -q "\"org.opencontainers.image.$label\":\"[^\"]" <<<"$configuration" || fail "$product: no label $label"
    done
    inside "$product" "/usr/bin/$product" --help >/dev/null
    ! inside "$product" touch /tmp/file 2>/dev/null || fail "$product: its root is not read-only"
    if [ "$product" != load-producer ] && inside "$product" probe 1 /healthz 2>/dev/null; then
        fail "$product: the probe succeeds where nobody listens"
    fi
done

# until_true COMMAND...: by tries, not by the clock, which goes on when the machine stands still
until_true() {
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        if "$@"; then return; fi
        sleep 0.2
    done
    fail "not true in time: $*"
}
# So that what was on its way when the machine stood still arrives after all.
patient=(kafka.socket.timeout.ms=300000 kafka.socket.connection.setup.timeout.ms=300000)

broker=127.0.0.1:39092 gateway=127.0.0.1:38080 status=38081 messages=1000
become connector-sim connector-sim broker --listen $broker --topic faas-request:4 & started+=($!)
become connector-sim connector-sim gateway --listen $gateway --function figlet=faas-request & started+=($!)
until_true inside connector-sim probe 38080 /healthz
settings=("broker_hosts=$broker" "gateway_url=http://$gateway" topics=faas-request "status_listen=127.0.0.1:$status"
    upstream_timeout=10m kafka.session.timeout.ms=300000 "${patient[@]}")
inside kafka-connector kafka-connector --print-config
become kafka-connector kafka-connector & connector=$!
started+=("$connector")
settings=()
until_true inside kafka-connector probe $status /healthz
until_true inside kafka-connector probe $status /readyz
settings=(message_timeout=10m "${patient[@]}")
inside load-producer load-producer --brokers $broker --topic faas-request --messages $messages
settings=()
called() {
    curl --silent "http://127.0.0.1:$status/metrics" |
        grep -q "^connector_invocations_total{function=\"figlet\".*code=\"200\"} $messages\$"
}
until_true called
kill -TERM "$connector"
wait "$connector" || fail "kafka-connector: exit status $? after SIGTERM"
settings=("gateway_url=http://$gateway" topics=arn:aws:sns:us-east-1:1:t listen=127.0.0.1:38082
    "status_listen=127.0.0.1:$status")
become sns-connector sns-connector & connector=$!
started+=("$connector")
settings=()
until_true inside sns-connector probe $status /readyz
[ "$(curl --silent --output /dev/null --write-out '%{http_code}' --data '{}' http://127.0.0.1:38082/)" = 400 ] ||
    fail "sns-connector: takes what is no message"
kill -TERM "$connector"
wait "$connector" || fail "sns-connector: exit status $? after SIGTERM"
settings=("gateway_url=http://$gateway" topics=t broker_url=amqp://127.0.0.1:1 "status_listen=127.0.0.1:$status")
become rabbitmq-connector rabbitmq-connector & connector=$!
started+=("$connector")
settings=()
until_true inside rabbitmq-connector probe $status /healthz
kill -TERM "$connector"
wait "$connector" || fail "rabbitmq-connector: exit status $? after SIGTERM"
say "$messages messages went through the images"

# The same seeds give the same runs in the image, which is built for release, and in the debug build of the tests.
sim=$(swift build --show-bin-path)/connector-sim
if [ -x "$sim" ]; then
    [ "$("$sim" explore --seeds 300 | grep '^all traces')" = \
        "$(inside connector-sim connector-sim explore --seeds 300 | grep '^all traces')" ] ||
        fail "connector-sim: the simulation runs otherwise in the image than in the tests' build"
fi

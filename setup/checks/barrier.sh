#!/usr/bin/env bash
# Checks that setup/docker/barrier.sh returns when the last replica has a name in DNS, and no sooner.

source "$(dirname "${BASH_SOURCE[0]}")/../install.sh"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
printf '%s\n' '#!/usr/bin/env bash' "grep -qx \"\$2\" '$scratch/names'" >"$scratch/getent"
chmod +x "$scratch/getent"
printf 'load-%s.producers\n' 0 2 >"$scratch/names"

PATH=$scratch:$PATH "$root/setup/docker/barrier.sh" 3 load producers &
barrier=$!
sleep 1
kill -0 $barrier 2>/dev/null || fail "the barrier opened before load-1 was there"
echo load-1.producers >>"$scratch/names"
for ((tries = 0; tries < 100; tries++)); do
    kill -0 $barrier 2>/dev/null || break
    sleep 0.1
done
! kill $barrier 2>/dev/null || fail "the barrier stays shut though all are there"
wait $barrier

#!/usr/bin/env bash
# Checks that setup/docker/barrier.sh returns when the last replica has a name in DNS, and no sooner.

source "$(dirname "${BASH_SOURCE[0]}")/../install.sh"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
printf '%s\n' '#!/usr/bin/env bash' "echo \"\$2\" >>'$scratch/asked'" "grep -qx \"\$2\" '$scratch/names'" \
    >"$scratch/getent"
chmod +x "$scratch/getent"
printf 'load-%s.producers\n' 0 2 >"$scratch/names"
touch "$scratch/asked"

PATH=$scratch:$PATH "$root/setup/docker/barrier.sh" 3 load producers &
barrier=$!
# Once it has asked again and again, it has had the answer that there is none.
for ((tries = 0; tries < 1000; tries++)); do
    [ "$(grep -cx load-1.producers "$scratch/asked")" -lt 5 ] || break
    kill -0 $barrier 2>/dev/null || break
    sleep 0.1
done
kill -0 $barrier 2>/dev/null || fail "the barrier opened before load-1 was there"
echo load-1.producers >>"$scratch/names"
for ((tries = 0; tries < 1000; tries++)); do
    kill -0 $barrier 2>/dev/null || break
    sleep 0.1
done
! kill $barrier 2>/dev/null || fail "the barrier stays shut though all are there"
wait $barrier

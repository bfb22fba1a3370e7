#!/usr/bin/env bash
# Lets the replicas of a Kubernetes Job begin together: returns once the name of each is known in DNS, which it is as
# soon as its pod has an address.  barrier COUNT NAME SERVICE, for NAME-0.SERVICE, NAME-1.SERVICE, …
set -euo pipefail

for ((index = 0; index < $1; index++)); do
    until getent hosts "$2-$index.$3" >/dev/null; do sleep 0.2; done
done

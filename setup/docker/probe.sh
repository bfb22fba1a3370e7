#!/usr/bin/env bash
# The health check of an image, which has no curl: succeeds if http://127.0.0.1:PORT/PATH answers 200.  probe PORT PATH
set -euo pipefail

exec 3<>"/dev/tcp/127.0.0.1/$1"
printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$2" >&3
read -r _ status _ <&3
[[ $status == 200 ]]

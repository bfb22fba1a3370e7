#!/usr/bin/env bash
# A RabbitMQ server of its own, in its own folder, on ports of its own, with its own epmd:
#
#   rabbitmq.sh FOLDER PORT TLS_PORT DIST_PORT EPMD_PORT
#
# Takes commands from standard input: `start`, `kill` (SIGKILL), `stall` and `resume` (SIGSTOP, SIGCONT). At its end,
# which comes too when who started this dies, the server is killed and the folder removed. RABBITMQ is the folder of the
# server's programs.
set -uo pipefail

folder=$1
export HOME=$folder ERL_EPMD_PORT=$5 ERL_EPMD_ADDRESS=127.0.0.1
export RABBITMQ_NODENAME=test@localhost RABBITMQ_DIST_PORT=$4
export RABBITMQ_MNESIA_BASE=$folder/data RABBITMQ_LOG_BASE=$folder/log RABBITMQ_LOGS=$folder/log/server.log
export RABBITMQ_CONFIG_FILE=$folder/rabbitmq.conf RABBITMQ_ENABLED_PLUGINS_FILE=$folder/plugins
export RABBITMQ_CONF_ENV_FILE=$folder/none RABBITMQ_PID_FILE=$folder/pid
# One scheduler that does not spin: tests run beside it.
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 1:1 +sbwt none"
mkdir -p "$folder/log"
echo '[].' >"$folder/plugins"
cat >"$folder/rabbitmq.conf" <<CONF
listeners.tcp.1 = 127.0.0.1:$2
disk_free_limit.absolute = 1MB
log.file.level = warning
CONF
if [ -f "$folder/cert.pem" ]; then
    cat >>"$folder/rabbitmq.conf" <<CONF
listeners.ssl.1 = 127.0.0.1:$3
ssl_options.cacertfile = $folder/cert.pem
ssl_options.certfile = $folder/cert.pem
ssl_options.keyfile = $folder/key.pem
CONF
fi

server=
kill_server() {
    [ -n "$server" ] || return 0
    kill -KILL -- "-$server" 2>/dev/null
    wait "$server" 2>/dev/null
    server=
}

while read -r command; do
    case $command in
        start)
            setsid "$RABBITMQ/rabbitmq-server" >>"$folder/log/console" 2>&1 </dev/null &
            server=$!
            ;;
        kill) kill_server ;;
        stall) kill -STOP -- "-$server" ;;
        resume) kill -CONT -- "-$server" ;;
    esac
done
kill_server
# It takes a moment to see that the server is gone, and does not end before.
for _ in $(seq 50); do
    epmd -kill >/dev/null 2>&1 && break
    sleep 0.1
done
rm -rf "$folder"

# shellcheck shell=bash
# Servers of other people, each private: in $directory, on a free port of 127.0.0.1, by an unprivileged user, gone when stopped.
# start_KIND sets $port and returns when the server serves; server_stop ends it. Sourced by scripts/bench-peers.

server_pids=() server_end=KILL server_log='' directory=''

# Root is not what a server should run as, and PostgreSQL refuses to. The server dies with this script, even if that is killed.
as_server() {
    if [ "$(id -u)" = 0 ]; then
        chown -R nobody:nogroup "$directory"
        exec setpriv --reuid nobody --regid nogroup --clear-groups --pdeathsig KILL -- "$@"
    fi
    exec setpriv --pdeathsig KILL -- "$@"
}

# launch COMMAND...: in the background, its output in $server_log.
launch() {
    (cd "$directory" && as_server "$@") >>"$server_log" 2>&1 &
    server_pids+=($!)
}

port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Below the ports that the system gives to clients.
port_choose() {
    for _ in {1..100}; do
        port=$((15000 + RANDOM % 16000))
        port_open "$port" || return 0
    done
    return 1
}

# server_await COMMAND...: until it says that the server serves; false when the server ended, or took a minute.
server_await() {
    for _ in {1..600}; do
        ! "$@" || return 0
        kill -0 "${server_pids[-1]}" 2>/dev/null || return 1
        sleep 0.1
    done
    return 1
}

# At once: nobody wants the data any more. PostgreSQL alone has shared memory to give back, and does so by itself.
server_stop() {
    local pid
    for pid in "${server_pids[@]}"; do kill "-$server_end" "$pid" 2>/dev/null || true; done
    for pid in "${server_pids[@]}"; do wait "$pid" 2>/dev/null || true; done
    server_pids=() server_end=KILL
}

start_redis() { # always|everysec
    port_choose
    launch redis-server --port "$port" --bind 127.0.0.1 --dir "$directory" --appendonly yes --appendfsync "$1" --save '' --auto-aof-rewrite-percentage 0
    server_await port_open "$port"
}

start_beanstalkd() {
    port_choose
    launch beanstalkd -l 127.0.0.1 -p "$port" -b "$directory" -f 0
    server_await port_open "$port"
}

start_nats() {
    port_choose
    launch nats-server --addr 127.0.0.1 --port "$port" --jetstream --store_dir "$directory"
    server_await port_open "$port"
}

# A node with its own name server. Its script then becomes the server, instead of watching over it.
start_rabbitmq() {
    local names distribution environment
    port_choose; names=$port
    port_choose; distribution=$port
    port_choose
    environment=(HOME="$directory" ERL_EPMD_PORT="$names" ERL_EPMD_ADDRESS=127.0.0.1 RABBITMQ_NODENAME=bench@localhost
        RABBITMQ_DIST_PORT="$distribution" RABBITMQ_MNESIA_BASE="$directory" RABBITMQ_LOG_BASE="$directory" RABBITMQ_LOGS=-
        RUNNING_UNDER_SYSTEMD=1 RABBITMQ_ENABLED_PLUGINS_FILE="$directory/plugins" RABBITMQ_CONFIG_FILE="$directory/rabbitmq" RABBITMQ_CONF_ENV_FILE=/dev/null)
    echo '[].' >"$directory/plugins"
    printf 'listeners.tcp.default = 127.0.0.1:%s\nlog.console.level = warning\n' "$port" >"$directory/rabbitmq.conf"
    launch epmd -port "$names" -address 127.0.0.1
    launch env "${environment[@]}" /usr/lib/rabbitmq/bin/rabbitmq-server
    server_await port_open "$port"
}

start_postgresql() {
    local bin
    bin=$(find /usr/lib/postgresql/*/bin -name postgres -printf '%h\n' | sort -V | tail -n 1)
    port_choose
    (cd "$directory" && as_server "$bin/initdb" -D "$directory/data" -U relevo -A trust -E UTF8 --locale=C) >>"$server_log" 2>&1 || return 1
    launch "$bin/postgres" -D "$directory/data" -h 127.0.0.1 -p "$port" -k '' -c synchronous_commit=on -c fsync=on -c full_page_writes=on \
        -c shared_buffers=1GB -c wal_buffers=64MB -c max_wal_size=8GB -c checkpoint_timeout=30min -c wal_level=minimal -c max_wal_senders=0 \
        -c autovacuum_naptime=1s -c autovacuum_vacuum_cost_delay=0 -c jit=off -c logging_collector=off
    server_end=QUIT
    # It accepts connections before it serves them, to say that it is starting up.
    server_await "$bin/pg_isready" -q -h 127.0.0.1 -p "$port"
}

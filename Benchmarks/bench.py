"""The benchmarks that run.sh prints: whole processes, their CPU by the operating system's own account.

Python's standard library only. Each benchmark starts what it needs on free ports of 127.0.0.1 and ends it.
"""

import contextlib
import datetime
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request

BIN = sys.argv[1]
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """User and system time of a process, its children left out."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_mib(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) / 1024


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until(condition, what, seconds=120, pause=0.02):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(pause)
    sys.exit(f"error: {what} did not happen within {seconds} s")


@contextlib.contextmanager
def running(command, ready=None, env=None):
    """A process for the length of a `with`; waits for a line that starts with `ready` and yields (process, line)."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, **(env or {})})
    try:
        line = ""
        while ready and not line.startswith(ready):
            line = process.stdout.readline()
            if not line:
                sys.exit(f"error: {command[0]} ended before it was ready")
        yield process, line.strip()
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        if process.poll() is None:
            process.kill()
            process.wait()


def broker(*arguments):
    return running([f"{BIN}/connector-sim", "broker", "--listen", "127.0.0.1:0", *arguments], ready="ready bootstrap=")


def address(line):
    return line.partition("=")[2]


@contextlib.contextmanager
def nginx(functions=(("f", "bench"),), log=None):
    """One worker that answers every POST with 200, and the listing with functions, each with its topic; yields (URL,
    process id of the worker).

    With `log`, a file gets a line a call: when, the header by which load-producer knows the record, and its timestamp.
    """
    access_log = f"{log} call buffer=64k flush=1s" if log else "off"
    folder = tempfile.mkdtemp()
    port = free_port()
    listing = json.dumps([
        {"name": name, "image": "f", "namespace": "openfaas-fn", "annotations": {"topic": topic}}
        for name, topic in functions], separators=(",", ":"))
    with open(f"{folder}/functions", "w") as file:
        file.write(listing)
    with open(f"{folder}/nginx.conf", "w") as conf:
        conf.write(f"""
daemon off; worker_processes 1; pid {folder}/pid; error_log /dev/null;
events {{ worker_connections 2048; }}
http {{ log_format call '$msec $http_x_kafka_load_record $http_ce_time'; access_log {access_log}; keepalive_requests 100000000; default_type application/json;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port} backlog=1024;
    location = /system/namespaces {{ return 200 '[]'; }}
    location = /system/functions {{ alias {folder}/functions; }}
    location = /count {{ stub_status; }}
    location / {{ return 200; }} }} }}
""")
    with running(["nginx", "-p", folder, "-c", f"{folder}/nginx.conf"]) as (master, _):
        url = f"http://127.0.0.1:{port}"

        def is_up():
            with contextlib.suppress(OSError):
                return urllib.request.urlopen(f"{url}/count").status == 200

        wait_until(is_up, "nginx listening")
        try:
            yield url, child(master.pid)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def child(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as children:
        return int(children.read().split()[0])


def requests_served(url):
    text = urllib.request.urlopen(f"{url}/count").read().decode()
    return int(text.split("\n")[2].split()[2])


def produce(bootstrap, topic, messages, size, *more):
    subprocess.run(
        [f"{BIN}/load-producer", "--brokers", bootstrap, "--topic", topic, "--messages", str(messages),
         "--size", str(size), "--verification", "false", *more],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def connector(bootstrap, gateway, topics="bench", **settings):
    """kafka-connector as every benchmark runs it: 64 in flight, and a log at level warning."""
    return running([f"{BIN}/kafka-connector"], env={
        "broker_host": bootstrap, "gateway_url": gateway, "topics": topics, "max_in_flight": "64",
        "log_level": "warning", "status_listen": "127.0.0.1:0", **settings})


def dispatch(messages=200_000):
    """CPU of the connector per message, from Kafka through to nginx; and beside what it costs nginx, for another machine
    has another microsecond.
    """
    for partitions, ordering in [(1, "none"), (1, "key"), (8, "none"), (8, "key")]:
        with broker("--topic", f"bench:{partitions}") as (_, line), nginx() as (url, worker):
            produce(address(line), "bench", messages, 100, *(["--keys", "uniform:1000"] if ordering == "key" else []))
            before, nginx_before = requests_served(url), cpu_seconds(worker)
            start = time.monotonic()
            with connector(address(line), url, ordering=ordering) as (process, _):
                wait_until(lambda: requests_served(url) - before >= messages, "every message invoked")
                wall = time.monotonic() - start
                cpu, nginx_cpu = cpu_seconds(process.pid), cpu_seconds(worker) - nginx_before
                memory = resident_mib(process.pid)
            print(f"dispatch, {partitions} partition{'s' * (partitions > 1)}, ordering {ordering}: "
                  f"{cpu / messages * 1e6:.1f} µs CPU a message, {cpu / nginx_cpu:.2f} of nginx's "
                  f"{nginx_cpu / messages * 1e6:.1f}, {messages / wall:,.0f} messages/s, {memory:.0f} MiB", flush=True)


def functions(messages=100_000):
    """CPU of the connector per message with 1,000 functions on 100 topics beside one function on one, in turn."""
    many = [(f"f{number}", f"bench-{number % 100}") for number in range(1_000)]
    cpus = {}
    for name, bound, topics in [("1 function", [("f", "bench-0")], 1), ("1,000 functions", many, 100)]:
        names = [f"bench-{number}" for number in range(topics)]
        flags = [word for topic in names for word in ("--topic", f"{topic}:1")]
        # Every function of a topic is called.
        calls = messages * len(bound) // topics
        sent = messages * messages // calls
        with broker(*flags) as (_, line), nginx(bound) as (url, _):
            produce(address(line), ",".join(names), sent, 100)
            before = requests_served(url)
            with connector(address(line), url, topics=",".join(names), ordering="none") as (process, _):
                wait_until(lambda: requests_served(url) - before >= messages, "every function called")
                cpus[name] = cpu_seconds(process.pid) / messages * 1e6
        print(f"functions, {name} on {topics} topic{'s' * (topics > 1)}: {cpus[name]:.1f} µs CPU a call, "
              f"{messages:,} calls of {sent:,} messages", flush=True)
    print(f"functions: {cpus['1,000 functions'] / cpus['1 function']:.2f} of the CPU of one", flush=True)


def steady(rate, seconds=8):
    """What is added to messages at a steady rate, by nginx's log and two times that the messages carry to it: the
    intended one, in load-producer's header, and that of the append, which the topic has for its timestamps and
    CloudEvents tell.

    Returns a pair a message, milliseconds from intended and from appended to called, by intended time; the producer's
    own until the acknowledgement; and what CPU a message cost the connector and the broker.
    """
    log = f"{tempfile.mkdtemp()}/calls"
    messages = int(rate * seconds)
    with broker() as (kafka, line), nginx(log=log) as (url, _):
        create_topic(address(line), "bench", 8, {"message.timestamp.type": "LogAppendTime"})
        before = requests_served(url)
        with connector(address(line), url, ordering="none", cloud_events="binary") as (process, _):
            # A member of the group, connected, before the time runs.
            produce(address(line), "bench", 2_000, 100)
            wait_until(lambda: requests_served(url) - before >= 2_000, "the first messages invoked")
            before = requests_served(url)
            start = cpu_seconds(process.pid), cpu_seconds(kafka.pid)
            report = subprocess.run(
                [f"{BIN}/load-producer", "--brokers", address(line), "--topic", "bench", "--rate", str(rate),
                 "--messages", str(messages), "--linger", "1ms", "--keys", "uniform:1000", "--json", "-"],
                check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
            wait_until(lambda: requests_served(url) - before >= messages, "every message invoked")
            cpus = [(now - then) / messages * 1e6
                    for now, then in zip((cpu_seconds(process.pid), cpu_seconds(kafka.pid)), start)]
    calls = []
    with open(log) as lines:
        for line in lines:
            if call := re.match(r"([\d.]+) .*intended=(\d+)\S* (\S+)", line):
                called, intended = float(call[1]) * 1e3, int(call[2])
                appended = datetime.datetime.fromisoformat(call[3]).timestamp() * 1e3
                calls.append((intended, called - intended / 1e6, called - appended))
    shutil.rmtree(os.path.dirname(log))
    return [took for _, *took in sorted(calls)], json.loads(report)["latencyMilliseconds"], cpus


def top_rate():
    """The highest rate, in steps of a tenth, that is kept up with for four seconds."""
    top, rate = 0, 10_000
    while True:
        times, _, _ = steady(rate, seconds=4)
        # So far behind at the end, some 6 of 100 are too many.
        behind = sorted(from_intended for from_intended, _ in times[-len(times) // 20:])
        if behind[len(behind) // 2] > 250:
            return top
        top, rate = rate, int(rate * 1.1)


def added():
    """What is added to a message's time at two rates and at half of the highest."""
    def percentiles(times):
        times.sort()
        p50, p99, most = times[len(times) // 2], times[len(times) * 99 // 100], times[-1]
        return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, max {most:.1f} ms"

    top = top_rate()
    print(f"added: {top:,} messages/s are kept up with", flush=True)
    for rate in (5_000, 10_000, top // 2):
        times, produced, (cpu, broker_cpu) = steady(rate)
        from_intended, from_appended = (list(column) for column in zip(*times))
        print(f"added, {rate:,} messages/s, appended to called: {percentiles(from_appended)} of {len(times):,} calls",
              flush=True)
        print(f"added, {rate:,} messages/s, intended to called: {percentiles(from_intended)}, of which to the "
              f"producer's acknowledgement p50 {produced['p50']:.1f} ms, p99 {produced['p99']:.1f} ms; "
              f"{cpu:.1f} µs CPU a message, the broker {broker_cpu:.1f} µs", flush=True)


def memory(messages=10_000_000, step=500_000):
    """Resident memory of the connector over ten million messages; the broker keeps them all, in some 2 GiB."""
    with broker("--topic", "bench:8") as (_, line), nginx() as (url, _):
        before = requests_served(url)
        with connector(address(line), url, ordering="none", delivery="at-least-once") as (process, _):
            sizes = []
            for sent in range(step, messages + 1, step):
                produce(address(line), "bench", step, 100)
                wait_until(lambda: requests_served(url) - before >= sent, f"{sent:,} messages invoked", pause=0.2)
                sizes.append(resident_mib(process.pid))
                print(f"memory, after {sent:,} messages: {sizes[-1]:.0f} MiB", flush=True)
    print(f"memory: {min(sizes[1:]):.0f} to {max(sizes[1:]):.0f} MiB after the first {step:,}", flush=True)


def broker_cpu():
    """CPU of the broker for producing and consuming."""
    for messages, size in [(1_000_000, 100), (200_000, 1024)]:
        with broker("--topic", "bench:1") as (process, line):
            start = cpu_seconds(process.pid)
            produce(address(line), "bench", messages, size)
            produced = cpu_seconds(process.pid)
            memory = resident_mib(process.pid)
            subprocess.run(
                ["kcat", "-C", "-b", address(line), "-t", "bench", "-o", "beginning", "-c", str(messages), "-q",
                 "-D", ""],
                check=True, stdout=subprocess.DEVNULL)
            consumed = cpu_seconds(process.pid)
            print(f"broker, {messages:,} x {size} B: produce {produced - start:.2f} s, "
                  f"consume {consumed - produced:.2f} s of CPU, {memory:.0f} MiB after", flush=True)


def gateway(seconds=5, connections=64):
    """Requests a second of FakeGateway beside nginx, under wrk, in turn."""
    def wrk(url):
        output = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", url], check=True, capture_output=True, text=True).stdout
        return float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])

    command = [f"{BIN}/connector-sim", "gateway", "--listen", "127.0.0.1:0"]
    ratios = []
    with nginx() as (peer, _), running(command, ready="ready url=") as (process, line):
        for _ in range(3):
            before = cpu_seconds(process.pid)
            ours = wrk(f"{address(line)}/function/echo")
            cpu = (cpu_seconds(process.pid) - before) / (ours * seconds) * 1e6
            theirs = wrk(f"{peer}/function/echo")
            ratios.append(ours / theirs)
            print(f"gateway: {ours:,.0f} requests/s at {cpu:.1f} µs CPU each, nginx {theirs:,.0f}/s, "
                  f"ratio {ours / theirs:.2f}", flush=True)
    print(f"gateway: median ratio {sorted(ratios)[1]:.2f}", flush=True)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def record_batch(value):
    """A record batch of format 2 with one record without key."""
    body = b"\0\0\0\x01" + bytes([len(value) << 1]) + value + b"\0"
    record = bytes([len(body) << 1]) + body
    after = struct.pack(">hiqqqhii", 0, 0, 0, 0, -1, -1, -1, 1) + record
    rest = struct.pack(">ibI", -1, 2, crc32c(after)) + after
    return struct.pack(">qi", 0, len(rest)) + rest


class Connection:
    """Kafka's frames on a socket, written out by hand: what is measured is the broker, not a client."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, api, version, body):
        header = struct.pack(">hhih", api, version, 0, -1)
        self.socket.sendall(struct.pack(">i", len(header) + len(body)) + header + body)

    def receive(self):
        data = b""
        while len(data) < 4 or len(data) < 4 + struct.unpack(">i", data[:4])[0]:
            more = self.socket.recv(1 << 16)
            if not more:
                sys.exit("error: the broker closed the connection")
            data += more
        return data


def create_topic(address, name, partitions, config):
    """CreateTopics version 0."""
    def string(text):
        return struct.pack(">h", len(text)) + text.encode()

    connection = Connection(address)
    connection.send(19, 0, struct.pack(">i", 1) + string(name) + struct.pack(">ihi", partitions, 1, 0) + struct.pack(
        ">i", len(config)) + b"".join(string(key) + string(value) for key, value in config.items()) + struct.pack(
        ">i", 10_000))
    # Length, correlation, one topic, its name, and the error code.
    if connection.receive()[-2:] != b"\0\0":
        sys.exit(f"error: the broker did not create {name}")


def fetch_at(offset):
    """Fetch version 4 of `bench` partition 0, which waits up to ten seconds for one byte."""
    return struct.pack(">iiiibih", -1, 10_000, 1, 1 << 20, 0, 1, 5) + b"bench" + struct.pack(
        ">iiqi", 1, 0, offset, 1 << 20)


def latency(messages=5000):
    """From a produce to the reply of the fetch that waits for it, and from the broker's start to its first Metadata."""
    batch = record_batch(b"x" * 50)
    produce_body = struct.pack(">hhiih", -1, 1, 5000, 1, 5) + b"bench" + struct.pack(">iii", 1, 0, len(batch)) + batch
    with broker("--topic", "bench:1") as (_, line):
        producer, consumer = Connection(address(line)), Connection(address(line))
        times = []
        for offset in range(messages):
            consumer.send(1, 4, fetch_at(offset))
            time.sleep(0.0005)
            start = time.perf_counter()
            producer.send(0, 3, produce_body)
            consumer.receive()
            times.append(time.perf_counter() - start)
            producer.receive()
    times.sort()
    print(f"broker, produce to consume: p50 {times[messages // 2] * 1e3:.3f} ms, "
          f"p99 {times[messages * 99 // 100] * 1e3:.3f} ms", flush=True)

    starts = []
    for _ in range(21):
        begin = time.perf_counter()
        with broker("--topic", "bench:1") as (_, line):
            connection = Connection(address(line))
            connection.send(3, 1, struct.pack(">i", -1))
            connection.receive()
            starts.append(time.perf_counter() - begin)
    print(f"broker, process start to first Metadata: median {sorted(starts)[10] * 1e3:.1f} ms", flush=True)


def measured(command):
    """Standard output, and user and system time in seconds, of a process run to its end."""
    before = os.times()
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    after = os.times()
    return output, after.children_user + after.children_system - before.children_user - before.children_system


def load(messages=1_000_000, size=100, rounds=3):
    """load-producer beside the least that can be written in C on the same librdkafka, in turn; and its schedule."""
    bare = f"{tempfile.mkdtemp()}/bare_producer"
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "rdkafka"], check=True, capture_output=True, text=True).stdout.split()
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bare_producer.c")
    subprocess.run(["cc", "-O2", "-Wall", "-o", bare, source, *flags], check=True)
    for verification, header in (("false", []), ("true", ["85"])):
        ratios = []
        for _ in range(rounds):
            with broker("--topic", "bench:1") as (_, line):
                output, theirs = measured([bare, address(line), "bench", str(messages), str(size), *header])
                rate = float(output)
            with broker("--topic", "bench:1") as (_, line):
                output, ours = measured([
                    f"{BIN}/load-producer", "--brokers", address(line), "--topic", "bench", "--messages",
                    str(messages), "--size", str(size), "--json", "-", "--progress", "false", "--verification",
                    verification])
                own = json.loads(output)["rate"]
            ratios.append((own / rate, ours / theirs))
            print(f"load, verification {verification}: {own:,.0f} messages/s at {ours / messages * 1e6:.2f} µs CPU each, "
                  f"bare C {rate:,.0f} at {theirs / messages * 1e6:.2f} µs: rate {own / rate:.2f}, "
                  f"CPU {ours / theirs:.2f}", flush=True)
        rates, cpus = zip(*ratios)
        print(f"load, verification {verification}: median rate ratio {sorted(rates)[rounds // 2]:.2f}, "
              f"median CPU ratio {sorted(cpus)[rounds // 2]:.2f}", flush=True)
    with broker("--topic", "bench:1") as (_, line):
        output, _ = measured([
            f"{BIN}/load-producer", "--brokers", address(line), "--topic", "bench", "--rate", "10000", "--messages",
            "0", "--duration", "10s", "--json", "-", "--progress", "false"])
        behind = json.loads(output)["behindScheduleMilliseconds"]
        print(f"load: 10,000/s, behind schedule p50 {behind['p50']} ms, p99 {behind['p99']} ms, max {behind['max']} ms",
              flush=True)


def simulation(seeds=5000, jobs=2):
    """Whole-system schedules a second, of the size that the aim counts."""
    output, cpu = measured([f"{BIN}/connector-sim", "explore", "--seeds", str(seeds), "--jobs", str(jobs)])
    summary = next(line for line in output.splitlines() if " a second, " in line and " steps " in line)
    print(f"simulation, {jobs} threads: {summary}; {cpu / seeds * 1e3:.2f} ms CPU each", flush=True)


BENCHMARKS = {
    "load": load, "dispatch": dispatch, "functions": functions, "added": added, "broker": broker_cpu,
    "latency": latency, "gateway": gateway, "simulation": simulation,
    "memory": memory,
}
# Takes minutes: only where it is named.
NAMED_ONLY = {"memory"}

if __name__ == "__main__":
    for name in sys.argv[2:] or [name for name in BENCHMARKS if name not in NAMED_ONLY]:
        if name not in BENCHMARKS:
            sys.exit(f"error: no benchmark {name}; there are {', '.join(BENCHMARKS)}")
        BENCHMARKS[name]()

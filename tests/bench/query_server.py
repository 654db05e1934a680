"""query_server.py - query-service on the embedded log, as a process of its own, and what is sold to it."""
import json, os, re, select, signal, socket, subprocess, time, urllib.request
from sitting import stop

HOUR_MS, NINE_MS = 3600 * 1000, 1772182800000  # 2026-02-27T09:00:00Z
WAIT_SECONDS = 60


def pinned(core, *command):
    return ["taskset", "-c", str(core), *command] if os.cpu_count() > 1 else list(command)


def fetch(at, path):
    with urllib.request.urlopen(at + path, timeout=30) as answer:
        return answer.read().decode()


def wait_for(check, what, process):
    """What check gives once it is true; stops when the process or the patience ends."""
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            found = check()
        except OSError:
            found = None
        if found:
            return found
        time.sleep(0.05)
    stop(f"there was no {what}")


class QueryServer:
    """Ready when it is made. Its log goes to a pipe, so that the port is known at once."""

    def __init__(self, sitting, core=None, name="query"):
        self.sitting, self.broker = sitting, "file:" + os.path.join(sitting.scratch, name + "-log")
        self.state = os.path.join(sitting.scratch, name + "-state")
        self.core = core
        self.start()
        wait_for(lambda: fetch(self.at, "/health/ready"), "readiness of query-service", self.process)

    def start(self):
        """Starts it (again, over the same log and state); returns as soon as it listens."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith("KAFKA_")}
        command = [os.path.join(self.sitting.build, "query-service/query-service")]
        self.began = time.monotonic()
        self.process = subprocess.Popen(command if self.core is None else pinned(self.core, *command),
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={
                                            **clean, "KAFKA_BOOTSTRAP_SERVERS": self.broker, "LOG_FORMAT": "json",
                                            "QUERY_SERVER_PORT": "0", "STATE_DIR": self.state})
        self.port = self.read_port()
        self.at = f"http://127.0.0.1:{self.port}"

    def read_port(self):
        text, said = b"", None
        end = time.monotonic() + WAIT_SECONDS
        while not said and select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))[0]:
            piece = os.read(self.process.stdout.fileno(), 65536)
            if not piece:
                break
            text += piece
            said = re.search(rb'listens.*?"port":(\d+)', text)
        return int(said.group(1)) if said else stop(f"query-service has no port: {text.decode()[-2000:]}")

    def answers(self, path):
        """Whether the server answers this with 200; a plain socket, which is quicker than a client."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as client:
                client.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
                return client.recv(64).startswith(b"HTTP/1.1 200 ")
        except OSError:
            return False

    def produce(self, topic, events):
        """events: (key, timestamp, event)."""
        lines = [json.dumps({"key": str(key), "timestamp": timestamp, "value": json.dumps(event)}) for key, timestamp, event in events]
        done = subprocess.run([os.path.join(self.sitting.build, "stateful/cli/stateful"), "produce", topic, "--json", "-b",
                               self.broker], input="\n".join(lines) + "\n", text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.returncode != 0:
            stop(f"produce failed: {done.stdout}")

    def sell_by_the_hour(self, hours):
        """One order worth 1000.0 of product 1 in each hour; comes back when they are counted."""
        self.produce("order-events", [(n, NINE_MS + n * HOUR_MS, {
            "eventType": "OrderCreated", "version": 1, "payload": {"id": n, "customerId": 1, "status": "CREATED", "items": [
                {"productId": 1, "quantity": 2, "price": 500.0}]}}) for n in range(1, hours + 1)])
        wait_for(lambda: f'"totalSales":{hours * 1000}.0' in fetch(self.at, "/api/analytics/products/1/sales"), "sale",
                 self.process)

    def resident_kib(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate()

"""The whole system as separate processes: PostgreSQL, a broker, both services; to be started, killed and
started again, with a load of commands running, and held against what PostgreSQL says in the end."""
import decimal
import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
KAFKA = os.path.join(ROOT, "tests/support/kafka")
POSTGRES = os.path.join(ROOT, "tests/support/postgres")
UNCOUNTED = ("CANCELLED", "RETURNED", "REFUNDED", "FAILED")


def free_ports(count):
    """All different: none is let go before the last one is drawn."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def wait_until(condition, seconds, what):
    """Polls until condition() is true and returns its value; fails with what after that time."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"after {seconds} s still not: {what}"
        time.sleep(0.05)


def kafka_available():
    return subprocess.run([KAFKA, "available"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode == 0


class Journal:
    """The embedded log; it has no process of its own."""
    def __init__(self, folder):
        self.address = "file:" + os.path.join(folder, "log")

    def close(self):
        pass


class Kafka:
    """A single node of our own; kill() and start() are a crash and a recovery on the same port."""
    def __init__(self, folder):
        self.folder = os.path.join(folder, "kafka")
        self.address = None
        self.start()

    def run(self, verb):
        return subprocess.run([KAFKA, verb, self.folder], stdout=subprocess.PIPE, text=True, check=True).stdout

    def start(self):
        self.address = re.search(r"bootstrap=(\S+)", self.run("start")).group(1)

    def kill(self):
        self.run("kill")

    def close(self):
        self.run("stop")


class Postgres:
    def __init__(self, folder):
        self.folder = os.path.join(folder, "postgres")
        printed = subprocess.run([POSTGRES, "start", self.folder, "fsync=off"], stdout=subprocess.PIPE, text=True,
                                 check=True).stdout
        self.told = dict(line.split("=", 1) for line in printed.splitlines() if "=" in line)

    def environment(self):
        return {"DB_HOST": self.told["host"], "DB_PORT": self.told["port"], "POSTGRES_DB": self.told["database"],
                "POSTGRES_USER": self.told["user"], "POSTGRES_PASSWORD": self.told["password"]}

    def rows(self, statement):
        import psycopg2
        connection = psycopg2.connect(host=self.told["host"], port=self.told["port"], dbname=self.told["database"],
                                      user=self.told["user"], password=self.told["password"])
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall()
        finally:
            connection.close()

    def close(self):
        subprocess.run([POSTGRES, "stop", self.folder, "immediate"], stdout=subprocess.DEVNULL)


class Service:
    """One of the two programs. Its output of all its lives is in one file."""
    def __init__(self, name, port_variable, port, folder, environment):
        self.name, self.port = name, port
        self.log = os.path.join(folder, name + ".log")
        self.environment = dict(os.environ, LOG_FORMAT="json", **environment, **{port_variable: str(port)})
        self.process = None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([os.path.join(ROOT, "build/release", self.name, self.name)],
                                            env=self.environment, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=subprocess.STDOUT, cwd=os.path.dirname(self.log))

    def request(self, method, path, body=None, timeout=10):
        """(status, parsed body); numbers are exact. OSError or HTTPException if nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, None if body is None else json.dumps(body),
                               {} if body is None else {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read().decode()
            return answer.status, json.loads(text, parse_float=decimal.Decimal) if text else None
        finally:
            connection.close()

    def is_ready(self):
        assert self.process.poll() is None, f"{self.name} ended with {self.process.returncode}: {self.tail()}"
        try:
            return self.request("GET", "/health/ready")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def wait_ready(self, seconds=60):
        try:
            wait_until(self.is_ready, seconds, f"{self.name} ready")
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.tail()}") from None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Asks it to end; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()

    def tail(self, lines=30):
        with open(self.log, errors="replace") as log:
            return "".join(log.readlines()[-lines:])

    def lines(self):
        with open(self.log, errors="replace") as log:
            return log.read().splitlines()


class System:
    """folder: a fresh directory; broker: Journal or Kafka in it."""
    def __init__(self, folder, broker):
        self.folder, self.broker = folder, broker
        self.postgres = Postgres(folder)
        shared = {"KAFKA_BOOTSTRAP_SERVERS": broker.address}
        command_port, query_port = free_ports(2)
        self.command = Service("command-service", "SERVER_PORT", command_port, folder,
                               dict(shared, **self.postgres.environment()))
        self.query = Service("query-service", "QUERY_SERVER_PORT", query_port, folder,
                             dict(shared, STATE_DIR=os.path.join(folder, "state")))

    def start(self):
        self.command.start()
        self.query.start()
        self.command.wait_ready()
        self.query.wait_ready()

    def close(self):
        for part in (self.query, self.command, self.postgres, self.broker):
            part.close()

    def pending_events(self):
        return self.postgres.rows("SELECT count(*) FROM event_states WHERE state <> 'published'")[0][0]

    # What PostgreSQL says: orders that count, line by line, under the category that was valid then.
    def expected(self):
        lines = self.postgres.rows(
            "SELECT i.product_id, i.quantity * i.price, o.created_at FROM order_items i JOIN orders o "
            f"ON o.id = i.order_id WHERE o.status NOT IN {UNCOUNTED}")
        history = self.postgres.rows(
            "SELECT aggregate_id, occurred_at, payload->>'category' FROM events "
            "WHERE aggregate_type = 'product' ORDER BY aggregate_id, version")
        versions = {}
        for product, at, category in history:
            versions.setdefault(product, []).append((at, category))
        products, categories, total = {}, {}, decimal.Decimal(0)
        for product, amount, at in lines:
            valid = [category for since, category in versions[product] if since <= at]
            category = valid[-1] if valid else versions[product][0][1]
            products[product] = products.get(product, 0) + amount
            categories[category] = categories.get(category, 0) + amount
            total += amount
        for known in versions.values():
            for _, category in known:
                categories.setdefault(category, decimal.Decimal(0))
        return {"products": {p: products.get(p, decimal.Decimal(0)) for p in versions}, "categories": categories,
                "total": total}

    def sum_of(self, path, member):
        """A sum that the query side answers; None while it cannot be read (503)."""
        status, body = self.query.request("GET", path)
        assert status in (200, 503), (path, status, body)
        return body[member] if status == 200 else None

    # What the query side answers now.
    def answered(self, expected):
        products = {p: self.sum_of(f"/api/analytics/products/{p}/sales", "totalSales") for p in expected["products"]}
        categories = {c: self.sum_of(f"/api/analytics/categories/{c}/revenue", "totalRevenue")
                      for c in expected["categories"]}
        start = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() - 2 * 86400))
        end = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() + 2 * 86400))
        status, hours = self.query.request("GET", f"/api/analytics/hourly-sales?start={start}&end={end}")
        total = sum((row["totalSales"] for row in hours), decimal.Decimal(0)) if status == 200 else None
        return {"products": products, "categories": categories, "total": total}

    def wait_until_equal(self, seconds=60):
        """All events published and every sum equal to PostgreSQL's, to the cent."""
        wait_until(lambda: self.pending_events() == 0, seconds, "every event published")
        expected = self.expected()
        end = time.monotonic() + seconds
        while True:
            answered = self.answered(expected)
            if answered == expected:
                return expected
            assert time.monotonic() < end, (f"the views differ from PostgreSQL:\n{answered}\n{expected}\n"
                                            f"{self.query.tail()}")
            time.sleep(0.1)


class Load:
    """Commands from several threads, without pause, until stop(). What was answered is counted; PostgreSQL
    knows what became of the rest."""
    def __init__(self, system, seed, threads=4):
        self.system, self.stopping = system, threading.Event()
        self.created, self.refused, self.lost, self.codes = 0, 0, 0, {}
        self.lock = threading.Lock()
        self.orders = []
        self.products = [self.make_product(i) for i in range(6)]
        self.threads = [threading.Thread(target=self.work, args=(random.Random(seed * 100 + i),))
                        for i in range(threads)]

    def make_product(self, number):
        status, product = self.system.command.request(
            "POST", "/api/products", {"name": f"Product {number}", "category": f"Category{number % 3}",
                                      "price": round(9.99 + number * 7.77, 2)})
        assert status == 201, product
        return product["id"]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def work(self, dice):
        while not self.stopping.is_set():
            method, path, body = self.next_command(dice)
            try:
                status, answer = self.system.command.request(method, path, body, timeout=5)
            except (OSError, http.client.HTTPException, ValueError):
                with self.lock:
                    self.lost += 1
                time.sleep(0.05)
                continue
            with self.lock:
                self.codes[status] = self.codes.get(status, 0) + 1
                if status == 201:
                    self.created += 1
                    self.orders.append(answer["id"])
                elif status >= 500:
                    self.refused += 1
            if status >= 500:
                time.sleep(0.05)

    def next_command(self, dice):
        choice = dice.random()
        if self.orders and choice < 0.15:
            order = dice.choice(self.orders)
            return "PUT", f"/api/orders/{order}/status", {"status": dice.choice(["PAID", "SHIPPED", "CANCELLED"])}
        if choice < 0.17:
            product = dice.choice(self.products)
            return "PUT", f"/api/products/{product}", {"name": f"Product {product}", "price": 1.25,
                                                       "category": f"Category{dice.randrange(4)}"}
        items = [{"productId": dice.choice(self.products), "quantity": dice.randint(1, 5),
                  "price": round(dice.randint(1, 99999) / 100, 2)} for _ in range(dice.randint(1, 3))]
        return "POST", "/api/orders", {"customerId": dice.randint(1, 50), "items": items}

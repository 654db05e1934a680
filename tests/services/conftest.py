"""Fixtures for tests that look at the services from outside: a private PostgreSQL for the session, a
fresh database, log and state for each test, and services on free ports that are gone afterwards.

    def test_something(system):
        command = system.start_command()
        assert command.post("/api/products", {...}).status == 201
        system.events("order-events")          # what the topic holds
        system.query("SELECT count(*) FROM orders")
        command.kill()                         # SIGKILL; .stop() is SIGTERM and returns the exit code

BUILD names the build that is tested (default build/release); BROKER=kafka runs everything that uses
`system` over a real Kafka (KAFKA_BOOTSTRAP_SERVERS, or one that tests/support/kafka starts).
"""
import collections
import contextlib
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import uuid

import psycopg2
import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build/release"))
SUPPORT = os.path.join(ROOT, "tests/support")
WAIT_SECONDS = 30  # until something is said to have gone wrong; never slept through

Response = collections.namedtuple("Response", "status headers text")


class Answer(Response):
    @property
    def json(self):
        return json.loads(self.text)


def eventually(check, what="the condition", seconds=WAIT_SECONDS):
    """Asks again and again until the answer is true, and returns it."""
    end = time.monotonic() + seconds
    while True:
        answer = check()
        if answer:
            return answer
        assert time.monotonic() < end, f"{what} did not come about within {seconds} s"
        time.sleep(0.02)


class Service:
    """A service under test: its process, its port, its log."""

    def __init__(self, name, environment, folder):
        self.name = name
        self.folder = folder
        self.environment = environment
        self.log_path = os.path.join(folder, f"{name}-{uuid.uuid4().hex[:6]}.log")
        self.port = None
        self.process = None

    def start(self):
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("KAFKA_", "DB_", "POSTGRES_"))}
        with open(self.log_path, "a") as log:
            self.process = subprocess.Popen([binary(self.name)], env={**clean, **self.environment},
                                            stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        return self

    def log(self):
        with open(self.log_path) as log:
            return log.read()

    def find_port(self):
        said = re.findall(r'listens.*?"port":(\d+)', self.log())
        if not said:
            assert self.process.poll() is None, f"{self.name} ended: {self.log()}"
            return None
        self.port = int(said[-1])
        return self.port

    def wait_until_live(self):
        eventually(self.find_port, f"{self.name} listening")
        return self

    def wait_until_ready(self):
        self.wait_until_live()
        eventually(lambda: self.get("/health/ready").status == 200, f"{self.name} being ready")
        return self

    def connect(self, timeout=WAIT_SECONDS):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def call(self, method, path, body=None, headers=None, connection=None):
        """body: an object for JSON, or bytes as they are. Another process may have the port: see .port."""
        headers = dict(headers or {})
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
            if not isinstance(body, bytes):
                body = json.dumps(body).encode()
        own = connection is None
        connection = connection or self.connect()
        try:
            connection.request(method, path, body, headers)
            got = connection.getresponse()
            return Answer(got.status, got.headers, got.read().decode())
        finally:
            if own:
                connection.close()

    def get(self, path, **options):
        return self.call("GET", path, **options)

    def post(self, path, body, **options):
        return self.call("POST", path, body, **options)

    def put(self, path, body, **options):
        return self.call("PUT", path, body, **options)

    def stop(self):
        """Asks it to end and returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(WAIT_SECONDS)

    def kill(self):
        self.process.kill()
        self.process.wait()


class Postgres:
    """A private server; started and stopped at will."""

    def __init__(self, folder, *settings):
        self.folder = folder
        self.settings = settings
        self.start()

    def start(self):
        told = subprocess.run([os.path.join(SUPPORT, "postgres"), "start", self.folder, *self.settings],
                              check=True, stdout=subprocess.PIPE, text=True).stdout
        self.at = dict(line.split("=", 1) for line in told.splitlines())

    def stop(self, how="fast"):
        subprocess.run([os.path.join(SUPPORT, "postgres"), "stop", self.folder, how], check=True)

    def connect(self, database):
        connection = psycopg2.connect(host=self.at["host"], port=self.at["port"], user=self.at["user"],
                                      password=self.at["password"], dbname=database)
        connection.autocommit = True
        return connection

    def execute(self, sql, *values, database="postgres"):
        with contextlib.closing(self.connect(database)) as connection, connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.fetchall() if cursor.description else None

    def environment(self, database):
        return {"DB_HOST": self.at["host"], "DB_PORT": self.at["port"], "POSTGRES_DB": database,
                "POSTGRES_USER": self.at["user"], "POSTGRES_PASSWORD": self.at["password"]}


class System:
    """A database, a broker and what is started on them, for one test."""

    def __init__(self, postgres, broker, folder, suffix=""):
        self.postgres = postgres
        self.broker = broker
        self.folder = folder
        self.product_topic = "product-events" + suffix
        self.order_topic = "order-events" + suffix
        self.customer_topic = "customer-events" + suffix
        self.app_id = "analytics" + suffix
        self.services = []
        self.database = "test_" + uuid.uuid4().hex
        postgres.execute(f"CREATE DATABASE {self.database}")

    def close(self):
        for service in self.services:
            if service.process.poll() is None:
                service.kill()
        with contextlib.suppress(psycopg2.Error):  # a test may have stopped the server
            self.postgres.execute(f"DROP DATABASE {self.database} WITH (FORCE)")

    def environment(self):
        return {**self.postgres.environment(self.database), "KAFKA_BOOTSTRAP_SERVERS": self.broker,
                "PRODUCT_TOPIC": self.product_topic, "ORDER_TOPIC": self.order_topic,
                "CUSTOMER_TOPIC": self.customer_topic,
                "KAFKA_STREAMS_APP_ID": self.app_id, "LOG_FORMAT": "json", "SERVER_PORT": "0",
                "QUERY_SERVER_PORT": "0", "STATE_DIR": os.path.join(self.folder, "state")}

    def start(self, name, settings):
        service = Service(name, {**self.environment(), **settings}, self.folder)
        self.services.append(service)
        return service.start()

    def start_command(self, wait="ready", **settings):
        """wait: "ready", "live", or None to return at once."""
        return self.wait_for(self.start("command-service", settings), wait)

    def start_query(self, wait="ready", **settings):
        return self.wait_for(self.start("query-service", settings), wait)

    @staticmethod
    def wait_for(service, wait):
        if wait == "ready":
            service.wait_until_ready()
        elif wait == "live":
            service.wait_until_live()
        return service

    def run(self, name, *arguments, **settings):
        """Runs a program of ours to its end."""
        return subprocess.run([binary(name), *arguments], env={**os.environ, **self.environment(), **settings},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)

    def query(self, sql, *values):
        return self.postgres.execute(sql, *values, database=self.database)

    def value(self, sql, *values):
        return self.query(sql, *values)[0][0]

    def events(self, topic):
        """The records of "product-events", "order-events" or "customer-events"; .value is decoded."""
        name = {"product-events": self.product_topic, "order-events": self.order_topic,
                "customer-events": self.customer_topic}[topic]
        done = subprocess.run([os.path.join(BUILD, "tests/services/read_topic"), self.broker, name],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        records = [json.loads(line) for line in done.stdout.splitlines()]
        return [{**record, "text": record["value"], "value": json.loads(record["value"])}
                for record in records]

    def wait_until_published(self, seconds=WAIT_SECONDS):
        eventually(lambda: self.pending() == 0, "everything being published", seconds)

    def pending(self):
        return self.value("SELECT count(*) FROM event_states WHERE state = 'pending'")

    def make_failed(self, event, reason):
        """As the relay does with an event that can never be published."""
        self.query("INSERT INTO outbox_stopped SELECT id, aggregate_type, aggregate_id, %s FROM events WHERE id = %s",
                   reason, event)


def binary(name):
    return os.path.join(BUILD, name, name)


@pytest.fixture(scope="session")
def session_folder():
    """A directory that user postgres can enter when the tests run as root."""
    folder = tempfile.mkdtemp(prefix="services-")
    os.chmod(folder, 0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def tools():
    """tools("st"): the path of a program of requirements.txt, in a virtual environment that is made once
    for each state of that file. Without a package index the test is skipped, or fails where CI is set."""
    with open(os.path.join(ROOT, "tests/services/requirements.txt"), "rb") as file:
        made = os.path.join(ROOT, "build/python-" + hashlib.sha256(file.read()).hexdigest()[:12])
    if not os.path.exists(os.path.join(made, "complete")):
        for command in (["/usr/bin/python3", "-m", "venv", "--clear", made],
                        [os.path.join(made, "bin/pip"), "install", "-q", "--disable-pip-version-check", "--no-cache-dir",
                         "-r", os.path.join(ROOT, "tests/services/requirements.txt")]):
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if done.returncode != 0:
                reason = f"the tools of tests/services/requirements.txt cannot be installed: {done.stdout[-300:]}"
                pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
        with open(os.path.join(made, "complete"), "w"):
            pass
    return lambda name: os.path.join(made, "bin", name)


@pytest.fixture(scope="session")
def postgres(session_folder):
    """One server for all tests; durable only as far as processes being killed goes."""
    server = Postgres(os.path.join(session_folder, "postgres"), "fsync=off", "max_connections=200")
    yield server
    server.stop("immediate")


@pytest.fixture(scope="session")
def kafka_tool():
    """The program that starts and kills a Kafka; without one to run the test is skipped, or fails with
    KAFKA_REQUIRED."""
    tool = os.path.join(SUPPORT, "kafka")
    if subprocess.run([tool, "available"]).returncode != 0:
        reason = "no Kafka: set KAFKA_BOOTSTRAP_SERVERS or KAFKA_HOME, or run 'make kafka'"
        pytest.fail(reason) if os.environ.get("KAFKA_REQUIRED") else pytest.skip(reason)
    return tool


@pytest.fixture(scope="session")
def kafka(request, session_folder):
    """The address of a real Kafka: that of KAFKA_BOOTSTRAP_SERVERS, or one of our own."""
    if os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        yield os.environ["KAFKA_BOOTSTRAP_SERVERS"]
        return
    tool = request.getfixturevalue("kafka_tool")
    folder = os.path.join(session_folder, "kafka")
    told = subprocess.run([tool, "start", folder], check=True, stdout=subprocess.PIPE, text=True).stdout
    yield re.search(r"bootstrap=(\S+)", told).group(1)
    subprocess.run([tool, "kill", folder], check=False)


@pytest.fixture
def folder(session_folder):
    path = tempfile.mkdtemp(dir=session_folder)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def system(request, postgres, folder):
    """On the embedded log, or with BROKER=kafka on a real Kafka, in topics of its own."""
    if os.environ.get("BROKER") == "kafka":
        made = System(postgres, request.getfixturevalue("kafka"), folder, "-" + uuid.uuid4().hex[:8])
    else:
        made = System(postgres, "file:" + os.path.join(folder, "log"), folder)
    yield made
    made.close()


@pytest.fixture
def kafka_system(postgres, kafka, folder):
    """On a real Kafka, always."""
    made = System(postgres, kafka, folder, "-" + uuid.uuid4().hex[:8])
    yield made
    made.close()


@pytest.fixture
def command(system):
    return system.start_command()

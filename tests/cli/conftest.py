"""Fixtures for tests that run the command `stateful` as a person does, on both kinds of broker.

    def test_something(stateful):
        stateful.well("topics", "create", "t")        # exit code 0; what it printed
        stateful.rows("topics", "list")               # the same with --json, as objects
        stateful.refused("topics", "create", "t")     # exit code 1; the sentence
        stateful.misused("topics")                    # exit code 2; the sentence

Kafka is KAFKA_BOOTSTRAP_SERVERS, or one that tests/support/kafka starts; without either the Kafka half is
skipped (KAFKA_REQUIRED=1: fails)."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build/release"))
WAIT_SECONDS = 30


def eventually(check, what="the condition", seconds=WAIT_SECONDS):
    """Asks again and again until the answer is true, and returns it."""
    end = time.monotonic() + seconds
    while True:
        answer = check()
        if answer:
            return answer
        assert time.monotonic() < end, f"{what} did not come about within {seconds} s"
        time.sleep(0.02)


def clean_environment():
    return {name: value for name, value in os.environ.items() if not name.startswith(("KAFKA_", "STATEFUL_"))}


class Stateful:
    """The command, with a broker; names of topics made by .topic() are nobody else's."""

    def __init__(self, address, folder):
        self.address = address
        self.folder = folder
        self.is_kafka = not address.startswith("file:")
        self.children = []

    def start(self, *words, **options):
        child = subprocess.Popen([os.path.join(BUILD, "stateful/cli/stateful"), *words], text=True,
                                 env={**clean_environment(), "STATEFUL_BROKER": self.address}, **options)
        self.children.append(child)
        return child

    def run(self, *words, given=""):
        child = self.start(*words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = child.communicate(given, WAIT_SECONDS)
        return child.returncode, out, err

    def expect(self, code, *words, given=""):
        got, out, err = self.run(*words, given=given)
        assert got == code, f"stateful {' '.join(words)} ended with {got}: {out}{err}"
        return out if code == 0 else next(line for line in err.splitlines() if line.startswith("stateful: "))

    def well(self, *words, given=""):
        return self.expect(0, *words, given=given)

    def refused(self, *words, given=""):
        return self.expect(1, *words, given=given)

    def misused(self, *words, given=""):
        return self.expect(2, *words, given=given)

    def rows(self, *words):
        return [json.loads(line) for line in self.well(*words, "--json").splitlines()]

    def name(self, word):
        return f"{word}-{uuid.uuid4().hex[:10]}"

    def topic(self, partitions=1, *words):
        name = self.name("cli")
        self.well("topics", "create", name, "--partitions", str(partitions), *words)
        return name

    def send(self, topic, *lines, options=("-K", ":")):
        self.well("produce", topic, *options, given="".join(line + "\n" for line in lines))

    def end(self):
        for child in self.children:
            if child.poll() is None:
                child.kill()
                child.wait()


def give_up(reason):
    if os.environ.get("KAFKA_REQUIRED") == "1":
        pytest.fail(f"a Kafka is required: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def kafka_address():
    given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if given:
        yield given
        return
    tool = os.path.join(ROOT, "tests/support/kafka")
    if subprocess.run([tool, "available"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        give_up("no Kafka (make kafka)")
    folder = tempfile.mkdtemp(prefix="stateful-cli-kafka-")
    said = subprocess.run([tool, "start", folder, "--while", str(os.getpid())], stdout=subprocess.PIPE, check=True,
                          text=True).stdout
    yield said.split()[0].removeprefix("bootstrap=")
    subprocess.run([tool, "stop", folder], stdout=subprocess.DEVNULL)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def folder():
    path = tempfile.mkdtemp(prefix="stateful-cli-")
    yield path
    shutil.rmtree(path)


@pytest.fixture
def journal(folder):
    made = Stateful(f"file:{folder}/journal", folder)
    yield made
    made.end()


@pytest.fixture(params=["journal", "kafka"])
def stateful(request, folder):
    address = f"file:{folder}/journal" if request.param == "journal" else request.getfixturevalue("kafka_address")
    made = Stateful(address, folder)
    yield made
    made.end()


@pytest.fixture
def kcat(kafka_address):
    """Runs kcat against the same Kafka: what another client sees."""
    if not shutil.which("kcat"):
        pytest.skip("kcat is not installed")

    def run(*words, given=""):
        return subprocess.run(["kcat", "-b", kafka_address, *words], input=given, text=True, check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=WAIT_SECONDS).stdout
    return run


def interrupt(child):
    child.send_signal(signal.SIGINT)
    return child.wait(WAIT_SECONDS)


class Application:
    """counting_app.c: running with .start(), ended with .stop() or .kill()."""

    def __init__(self, stateful):
        self.stateful = stateful
        self.id = stateful.name("app")
        self.input, self.output = f"{self.id}-in", f"{self.id}-out"
        self.state_dir = os.path.join(stateful.folder, "state")
        self.process = None

    def start(self, **environment):
        self.process = subprocess.Popen(
            [os.path.join(BUILD, "tests/cli/counting_app"), self.stateful.address, self.id, self.state_dir],
            env={**clean_environment(), **environment}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.stateful.children.append(self.process)
        said = self.process.stdout.readline()
        assert said == "running\n", said + self.process.stderr.read()

    def stop(self):
        _, err = self.process.communicate(timeout=WAIT_SECONDS)
        assert self.process.returncode == 0, err

    def run(self, *words, **environment):
        """Starts, sends the words, waits until all are counted, stops."""
        before = len(self.results())
        self.start(**environment)
        self.stateful.send(self.input, *words, options=())
        good = [word for word in words if not (word == "bad" and "BAD_WORDS" in environment)]
        eventually(lambda: self.counts_reflect(before, good), "the counts")
        self.stop()

    def results(self):
        code, out, _ = self.stateful.run("topics", "list", "--json")  # a journal is made by the first start
        if code or not any(json.loads(line)["topic"] == self.output for line in out.splitlines()):
            return []
        return [(row["key"], row["value"]) for row in self.stateful.rows("consume", self.output, "--values", "int64")]

    def counts_reflect(self, before, words):
        new = self.results()[before:]
        return set(words) <= {key for key, _ in new}

    def topics(self):
        return {row["topic"] for row in self.stateful.rows("topics", "list") if row["topic"].startswith(self.id)}


@pytest.fixture
def application(stateful):
    return Application(stateful)

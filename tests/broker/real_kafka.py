"""A real Kafka of a test's own, and what can be seen of it without the library under test: records by kcat,
offsets by Kafka's protocol, transaction markers and group generations by reading the log's files."""
import collections
import contextlib
import os
import re
import signal
import socket
import struct
import subprocess
import time

import pytest

import kafka_log

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CONTROL = os.path.join(ROOT, "tests/support/kafka")
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build/release"))

# What the tests wait for instead of half a minute: the broker looks for overdue transactions each second.
QUICK = ["transaction.abort.timed.out.transaction.cleanup.interval.ms=500", "group.min.session.timeout.ms=1000"]

COORDINATOR_TO_COME = (14, 15, 16)  # it loads the group, or is not there yet
LEADER_TO_COME = (3, 5, 6)  # a broker that has just started does not know yet what it leads

Record = collections.namedtuple("Record", "partition offset timestamp key value")


def wait_until(condition, seconds, what):
    """Polls until condition() is true and returns its value; fails with what after that time."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"after {seconds} s still not: {what() if callable(what) else what}"
        time.sleep(0.05)


def need_kafka():
    available = subprocess.run([CONTROL, "available"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if available.returncode == 0:
        return
    if os.environ.get("KAFKA_REQUIRED") == "1":
        pytest.fail("a Kafka is required: make kafka")
    print("skip: no Kafka (make kafka)")
    pytest.skip("no Kafka (make kafka)")


def text(value):
    return struct.pack(">h", len(value)) + value.encode()


class Reply:
    """Reads an answer of Kafka's protocol from left to right."""
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        values = struct.unpack_from(form, self.data, self.at)
        self.at += struct.calcsize(form)
        return values if len(values) > 1 else values[0]

    def text(self):
        size = self.take(">h")
        start, self.at = self.at, self.at + max(size, 0)
        return None if size < 0 else self.data[start:self.at].decode()


class RealKafka:
    """A node that ends with this process; kill() and start() are a crash and a recovery on the same data."""
    def __init__(self, folder, settings=()):
        need_kafka()
        self.folder = os.path.join(folder, "kafka")
        self.settings = [word for setting in [*QUICK, *settings] for word in ("--set", setting)]
        self.pids = []  # of all its starts
        self.start(["--while", str(os.getpid())])

    def start(self, words=()):
        printed = subprocess.run([CONTROL, "start", self.folder, *words, *self.settings], stdout=subprocess.PIPE,
                                 text=True, check=True).stdout
        self.address, pid = re.search(r"bootstrap=(\S+) pid=(\d+)", printed).groups()
        self.pids.append(int(pid))

    def kill(self):
        subprocess.run([CONTROL, "kill", self.folder], check=True)

    def freeze(self):
        """It keeps its connections and does not answer any more."""
        os.kill(self.pids[-1], signal.SIGSTOP)

    def stop(self):
        subprocess.run([CONTROL, "stop", self.folder], check=True)

    # ---- Kafka's protocol ----

    def ask(self, api, version, body):

        host, port = self.address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            message = struct.pack(">hhih", api, version, 1, -1) + body
            connection.sendall(struct.pack(">i", len(message)) + message)
            with connection.makefile("rb") as stream:
                size = struct.unpack(">i", stream.read(4))[0]
                return Reply(stream.read(size)[4:])

    def create_topic(self, name, partitions, **settings):
        """CreateTopics, version 2."""
        body = struct.pack(">i", 1) + text(name) + struct.pack(">ihi", partitions, 1, 0)
        body += struct.pack(">i", len(settings))
        for key, value in settings.items():
            body += text(key.replace("_", ".")) + text(str(value))
        reply = self.ask(19, 2, body + struct.pack(">ib", 10000, 0))
        reply.take(">ii")
        reply.text()
        code = reply.take(">h")
        assert code == 0, f"topic {name} cannot be made: error {code} {reply.text()}"
        # The broker itself hears of a new topic a moment later.
        wait_until(lambda: self.partition_count(name) == partitions, 10, f"topic {name} is known")
        # Known is not yet led: of two batches on the way the first may be refused and the second taken, and then
        # the broker never takes the first.
        self.ends(name, partitions)

    def delete_topic(self, name):
        """DeleteTopics, version 1; returns once it is gone."""
        reply = self.ask(20, 1, struct.pack(">i", 1) + text(name) + struct.pack(">i", 10000))
        reply.take(">ii")
        reply.text()
        code = reply.take(">h")
        assert code == 0, f"topic {name} cannot be deleted: error {code}"
        wait_until(lambda: self.partition_count(name) is None, 10, f"topic {name} is gone")

    def partition_count(self, topic):
        """Metadata, version 1; None if there is no such topic."""
        reply = self.ask(3, 1, struct.pack(">i", 1) + text(topic))
        for _ in range(reply.take(">i")):  # brokers
            reply.take(">i")
            reply.text()
            reply.take(">i")
            reply.text()
        reply.take(">ii")  # the controller, one topic
        code = reply.take(">h")
        reply.text()
        reply.take(">b")
        return reply.take(">i") if code == 0 else None

    def committed(self, group, topic, partitions):
        """OffsetFetch, version 1: what the group has committed, -1 for nothing, by partition."""
        body = text(group) + struct.pack(">i", 1) + text(topic)
        body += struct.pack(f">i{partitions}i", partitions, *range(partitions))

        def fetch():
            reply = self.ask(9, 1, body)
            offsets = {}
            assert reply.take(">i") == 1
            reply.text()
            for _ in range(reply.take(">i")):
                partition, offset = reply.take(">iq")
                reply.text()
                code = reply.take(">h")
                if code in COORDINATOR_TO_COME:
                    return None
                assert code == 0, f"offset of {topic}-{partition}: error {code}"
                offsets[partition] = offset
            return [offsets[partition] for partition in range(partitions)]
        return wait_until(fetch, 60, "the group has a coordinator")

    def end(self, topic, partition, committed=True):
        """ListOffsets, version 2: the last stable offset, or the high watermark."""
        body = struct.pack(">ibi", -1, 1 if committed else 0, 1) + text(topic)

        def ask_leader():
            reply = self.ask(2, 2, body + struct.pack(">iiq", 1, partition, -1))
            reply.take(">ii")
            reply.text()
            _, _, code, _, offset = reply.take(">iihqq")
            assert code in (0, *LEADER_TO_COME), f"end of {topic}-{partition}: error {code}"
            return None if code else (offset,)
        return wait_until(ask_leader, 60, f"{topic}-{partition} has a leader")[0]

    def ends(self, topic, partitions, committed=True):
        return [self.end(topic, partition, committed) for partition in range(partitions)]

    def wait_settled(self, topic, partitions, seconds=60):
        """Until no transaction is open there."""
        wait_until(lambda: self.ends(topic, partitions) == self.ends(topic, partitions, False), seconds,
                   f"no open transaction on {topic}")

    # ---- kcat ----

    def read(self, topic, committed=True, form="%p\t%o\t%T\t%k\t%s\n"):
        """All records of a topic, by partition and offset; keys and values are texts."""
        isolation = "read_committed" if committed else "read_uncommitted"
        done = subprocess.run(["kcat", "-C", "-q", "-e", "-b", self.address, "-t", topic, "-o", "beginning", "-f", form,
                               "-X", f"isolation.level={isolation}", "-X", "fetch.wait.max.ms=20"],
                              stdout=subprocess.PIPE, check=True)
        rows = (line.split("\t") for line in done.stdout.decode(errors="replace").splitlines())
        return sorted(Record(int(row[0]), int(row[1]), int(row[2]), *row[3:5]) for row in rows)

    def read_keys(self, topic):
        """The same for values that are no texts: their size stands in their place."""
        return self.read(topic, form="%p\t%o\t%T\t%k\t%S\n")

    # ---- the files of the log ----

    @property
    def data(self):
        return os.path.join(self.folder, "data")

    def abort_markers(self, topic_pattern):
        return sum(1 for batch in kafka_log.batches_of(self.data, topic_pattern)
                   if kafka_log.is_marker(batch, kafka_log.ABORT))

    def generations(self, group):
        """The generations of the group in the order in which its coordinator wrote them down, each once in a
        row: a group that was empty for a while begins anew."""
        found = []
        for batch in kafka_log.batches_of(self.data, "__consumer_offsets"):
            for key, value in () if kafka_log.is_marker(batch) else kafka_log.records_of(batch):
                generation = kafka_log.generation_of(key, value, group)
                if generation is not None and found[-1:] != [generation]:
                    found.append(generation)
        return found


class Feeder:
    """A kcat that writes lines of key and value to a topic, by Java's partitioner; with nulls, a value without
    letters is none. It gives up when it sees no broker; another one goes on then, and what the first had not
    delivered is lost: what counts as input is what the topic holds."""
    def __init__(self, kafka, topic, nulls=False):
        self.command = ["kcat", "-P", "-b", kafka.address, "-t", topic, "-K", "\t", "-X", "partitioner=murmur2_random",
                        "-X", "reconnect.backoff.max.ms=500", "-X", "linger.ms=2"] + ["-Z"] * nulls
        self.open()

    def open(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                        bufsize=1)

    def send(self, key, value):
        try:
            self.process.stdin.write(f"{key}\t{value}\n")
        except BrokenPipeError:
            self.close()
            self.open()

    def close(self):
        """Whether all was delivered."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        return self.process.wait(120) == 0


def feed(kafka, topic, rows, nulls=False):
    feeder = Feeder(kafka, topic, nulls)
    for key, value in rows:
        feeder.send(key, value)
    assert feeder.close(), f"kcat could not deliver all to {topic}"

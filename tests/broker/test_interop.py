"""What others wrote reads what we write and writes what we read: the official Java client, the serdes of Kafka
Streams, kcat. One real Kafka for all."""
import collections
import random
import signal
import subprocess
import time

import pytest

import kafka_log
from interop_clients import JavaClient, OurClient, Record
from real_kafka import BUILD, RealKafka, feed, wait_until

HOUR, MINUTE, SECOND = 3600000, 60000, 1000
BASE = int(time.time() * 1000) // HOUR * HOUR - 12 * HOUR  # brokers remove what is much older
CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}  # as batches number them
PARTITIONS = 3


@pytest.fixture(scope="module")
def kafka(tmp_path_factory):
    made = RealKafka(str(tmp_path_factory.mktemp("interop")))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def java(tmp_path_factory):
    made = JavaClient(str(tmp_path_factory.mktemp("java")))
    yield made
    made.close()


@pytest.fixture(scope="module")
def ours():
    return OurClient()


@pytest.fixture(scope="module")
def clients(java, ours):
    return {"java": java, "ours": ours}


def strange_records():
    """All that a record may be."""
    dice = random.Random(5)
    rows = [
        Record(0, -1, BASE, b"key", b"value", ()),
        Record(0, -1, BASE + 1, b"", b"", (("empty", b""), ("null", None), ("bytes", bytes(range(256))))),
        Record(1, -1, BASE - HOUR, None, b"no key", (("twice", b"1"), ("twice", b"2"))),
        Record(1, -1, BASE, b"deleted", None, ()),
        Record(2, -1, BASE + HOUR, None, None, ()),
        Record(2, -1, 1, b"long ago", b"\x00\xff", ()),
        Record(2, -1, BASE, "Schlüssel".encode(), dice.randbytes(200000), ()),
    ]
    return rows + [Record(0, -1, BASE + i, b"run-%d" % i, b"x" * 500, ()) for i in range(200)]


def as_written(records):
    """What a reader is to see of records that were written to an empty topic."""
    ends = collections.Counter()
    seen = []
    for record in records:
        seen.append(record._replace(offset=ends[record.partition]))
        ends[record.partition] += 1
    return sorted(seen, key=lambda record: record[:2])


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("writer,reader", [("java", "ours"), ("ours", "java")])
def test_records_arrive_as_they_were_written(kafka, clients, writer, reader, codec):
    topic = f"strange-{writer}-{codec}"
    kafka.create_topic(topic, PARTITIONS, retention_ms=-1)

    clients[writer].write(kafka, topic, strange_records(), f"compression.type={codec}", "linger.ms=50")

    assert clients[reader].read(kafka, topic) == as_written(strange_records())
    used = {batch.attributes & kafka_log.COMPRESSED for batch in kafka_log.batches_of(kafka.data, topic)}
    assert CODECS[codec] in used and used <= {CODECS["none"], CODECS[codec]}  # random bytes do not become smaller


def random_keys(count):
    dice = random.Random(17)
    keys = [b"", b"\x00", b"k" * 30000, dice.randbytes(25000)]
    while len(keys) < count:
        keys.append(dice.randbytes(dice.randrange(1, 40)))
        keys.append("".join(dice.choice("abcdefgäöü-0123456789€") for _ in range(dice.randrange(1, 24))).encode())
    return keys[:count]


def test_ten_thousand_keys_are_placed_alike(kafka, clients):
    keys = random_keys(10000)
    places = {}

    for name, client in clients.items():
        kafka.create_topic(f"places-{name}", 7)
        client.write(kafka, f"places-{name}", [Record(-1, -1, BASE, key, b"", ()) for key in keys])
        places[name] = {record.key: record.partition for record in clients["java"].read(kafka, f"places-{name}")}

    assert len(places["java"]) == len(set(keys))
    assert places["ours"] == places["java"]
    asked = clients["ours"].run("place", 7, lines=(key.hex() for key in keys))
    assert [int(place) for place in asked] == [places["java"][key] for key in keys]
    assert set(places["java"].values()) == set(range(7))


def random_windows(count, are_sessions):
    dice = random.Random(3)
    windows = [(b"", 0, 0 if are_sessions else HOUR)]
    while len(windows) < count:
        start = dice.choice([0, 1, BASE, dice.randrange(1 << 40)])
        end = start + (dice.randrange(HOUR) if are_sessions else HOUR)
        windows.append((dice.randbytes(dice.randrange(30)), start, end))
    return windows


@pytest.mark.parametrize("kind", [["time", HOUR], ["session"]], ids=["time", "session"])
def test_windowed_keys_are_read_by_the_serdes_of_kafka_streams_and_theirs_by_ours(java, ours, kind):
    windows = random_windows(500, kind[0] == "session")

    assert java.encode(windows, *kind) == ours.encode(windows, *kind)
    assert java.decode(ours.encode(windows, *kind), *kind) == windows
    assert ours.decode(java.encode(windows, *kind), *kind) == windows


@pytest.mark.parametrize("writer,reader", [("java", "ours"), ("ours", "java")])
def test_what_one_aborts_the_other_does_not_see(kafka, clients, writer, reader):
    topic = f"aborted-by-{writer}"
    kept = [Record(0, -1, BASE, b"kept", b"%d" % i, ()) for i in range(5)]
    taken_back = [Record(0, -1, BASE, b"taken back", b"%d" % i, ()) for i in range(5)]
    kafka.create_topic(topic, 1)

    clients[writer].write(kafka, topic, taken_back, "abort")
    clients[writer].write(kafka, topic, kept, "commit")
    kafka.wait_settled(topic, 1)

    assert [record.value for record in clients[reader].read(kafka, topic)] == [record.value for record in kept]
    everything = clients[reader].read(kafka, topic, "uncommitted")
    assert [record.key for record in everything] == [b"taken back"] * 5 + [b"kept"] * 5


# ---- an application between them ----

class Windowing:
    """windowing.c as a process."""
    def __init__(self, kafka, folder):
        self.process = subprocess.Popen([f"{BUILD}/tests/broker/windowing", kafka.address, "windowing", folder, "input"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        said = self.process.stdout.readline()
        assert said == "running\n", self.process.stderr.read()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        errors = self.process.communicate(timeout=60)[1]
        assert self.process.returncode == 0, errors

    def kill(self):
        self.process.kill()
        self.process.wait()


def visits_input(seed, count):
    """Keyed records in the order of their times, for a few visits of each key; some without a value."""
    dice = random.Random(seed)
    rows, moment = [], BASE + seed * HOUR
    for i in range(count):
        moment += dice.choice([SECOND, SECOND, 40 * SECOND, 3 * MINUTE])
        headers = (("trace", b"%d" % i),) if i % 3 == 0 else ()
        rows.append(Record(-1, -1, moment, b"key-%d" % dice.randrange(9), None if i % 17 == 5 else b"v%d" % i, headers))
    return rows


def sessions_of(records):
    """Number of records by (key, start, end), a minute apart at most."""
    found = {}
    for key in {record.key for record in records}:
        spans = []
        for moment in sorted(record.timestamp for record in records if record.key == key):
            if spans and moment - spans[-1][1] <= MINUTE:
                spans[-1] = (spans[-1][0], moment, spans[-1][2] + 1)
            else:
                spans.append((moment, moment, 1))
        found.update({(key, start, end): count for start, end, count in spans})
    return found


def hours_of(records):
    return dict(collections.Counter((record.key, record.timestamp // HOUR * HOUR, record.timestamp // HOUR * HOUR + HOUR)
                                    for record in records))


def counts_of(records):
    return dict(collections.Counter(record.key for record in records if record.value is not None))


def newest(records):
    """What a table of them holds: the last value of each key."""
    rows = {record.key: record.value for record in records}
    return {key: value for key, value in rows.items() if value is not None}


def number(data):
    return int.from_bytes(data, "big", signed=True)


def windowed(java, rows, *words):
    """The rows with their keys as the reference reads them."""
    return dict(zip(java.windows(words[0], rows.keys(), *words[1:]), rows.values()))


def check_sinks(kafka, java, records):
    counts = newest(java.read(kafka, "counts-out"))
    hours = windowed(java, newest(java.read(kafka, "hours-out")), "decode", "time", HOUR)
    visits = windowed(java, newest(java.read(kafka, "visits-out")), "decode", "session")

    assert {key: number(value) for key, value in counts.items()} == counts_of(records)
    assert {key: number(value) for key, value in hours.items()} == hours_of(records)
    assert {key: number(value) for key, value in visits.items()} == sessions_of(records)


def check_changelogs(kafka, java, records):
    """Their keys are those of Kafka Streams' changelogs, their values carry the time in front as its stores do."""
    def held(store):
        rows = newest(java.read(kafka, f"windowing-{store}-changelog"))
        stored = (line.split("\t") for line in java.run("stored", lines=(value.hex() for value in rows.values())))
        return dict(zip(rows, ((int(moment), number(bytes.fromhex(value))) for moment, value in stored)))

    last = {}
    for record in records:
        if record.value is not None:
            last[record.key] = max(record.timestamp, last.get(record.key, 0))
    assert held("counts") == {key: (last[key], count) for key, count in counts_of(records).items()}
    hours = windowed(java, held("hours"), "logged", "window", HOUR)
    assert {key: count for key, (_, count) in hours.items()} == hours_of(records)
    visits = windowed(java, held("visits"), "logged", "session")
    assert visits == {key: (key[2], count) for key, count in sessions_of(records).items()}


def check_echo(kafka, readers, records):
    """In the order of each key, read by all."""
    def by_key(rows):
        keys = collections.defaultdict(list)
        for row in rows:
            keys[row.key].append((row.timestamp, row.value, row.headers))
        return keys

    for reader in readers:
        assert by_key(reader.read(kafka, "echo")) == by_key(records), reader.name
    seen = kafka.read("echo")  # by kcat, which shows null as nothing
    assert sorted((row.key, row.value, row.timestamp) for row in seen) == sorted(
        (record.key.decode(), (record.value or b"").decode(), record.timestamp) for record in records)


def test_an_application_stands_between_java_and_kcat(kafka, java, ours, tmp_path):
    """Inputs by Java's transactions, one of them aborted, and by kcat; outputs and changelogs read by all."""
    first, aborted, second = visits_input(1, 120), visits_input(2, 60), visits_input(3, 120)
    for name in "input", "echo", "counts-out", "hours-out", "visits-out":
        kafka.create_topic(name, PARTITIONS)
    application = Windowing(kafka, str(tmp_path))
    try:
        java.write(kafka, "input", first, "commit", "compression.type=lz4")
        java.write(kafka, "input", aborted, "abort", "compression.type=zstd")
        java.write(kafka, "input", second, "commit", "compression.type=gzip")
        began = int(time.time() * 1000)
        feed(kafka, "input", [(f"key-{i % 9}", f"by kcat {i}") for i in range(90)])
        wait_until(lambda: kafka.committed("windowing", "input", PARTITIONS) == kafka.ends("input", PARTITIONS), 60,
                   "all inputs are processed")
        application.stop()
    finally:
        application.kill()

    records = java.read(kafka, "input")
    assert len(records) == 330
    assert all(record.timestamp >= began for record in records if (record.value or b"").startswith(b"by kcat"))
    assert kafka.abort_markers("input") > 0
    check_echo(kafka, [java, ours], records)
    check_sinks(kafka, java, records)
    check_changelogs(kafka, java, records)

"""What the ledger must have put out and must hold, computed again from the committed inputs. Nothing here
uses the library under test: topics are read by kcat, offsets by Kafka's protocol."""
import collections

import pytest

import kafka_log
from ledger_process import GROUP, PARTITIONS

WINDOW_MS = 10000
USER_TOPICS = "[a-z][a-z-]*"  # those of the brokers begin with an underscore


def first_difference(expected, found):
    for at in range(max(len(expected), len(found))):
        one = expected[at] if at < len(expected) else None
        other = found[at] if at < len(found) else None
        if one != other:
            return f"at {at} of {len(expected)} expected, {len(found)} found: expected {one}, found {other}"
    return None


def assert_same(expected, found, what):
    """Compares by partition, record by record; tells the first difference of each."""
    told = []
    for partition in range(PARTITIONS):
        difference = first_difference(expected.get(partition, []), found.get(partition, []))
        if difference is not None:
            told.append(f"{what} partition {partition}: {difference}")
    assert not told, "\n".join(told)


def assert_committed_only(kafka, topic, records):
    """kcat, broker and files agree on what counts: else not the application is at fault."""
    counted = collections.Counter()
    for batch, outcome in kafka_log.with_outcomes(kafka_log.batches_of(kafka.data, topic)):
        if outcome and outcome.startswith("committed"):
            counted[batch.partition] += batch.count
    found = collections.Counter(record.partition for record in records)
    assert found == counted, f"{topic}: read {dict(found)}, committed by the log's markers {dict(counted)}"


def skip_if_markers_were_lost(kafka):
    """Then the broker itself shows aborted records as committed, and nothing can be said of who wrote them."""
    lost = list(kafka_log.lost_markers(kafka.data, USER_TOPICS))
    if lost:
        pytest.skip(f"this broker ended transactions without their markers, as 4.3.0 does (KAFKA-20734): {len(lost)} "
                    f"batches, the first {lost[0]}")


def by_partition(records, of=lambda record: (record.key, record.value)):
    lists = collections.defaultdict(list)
    for record in records:
        lists[record.partition].append(of(record))
    return lists


def committed_records(kafka, topic, records):
    ends = kafka.committed(GROUP, topic, PARTITIONS)
    return [record for record in records if record.offset < ends[record.partition]]


class Totals:
    """Recomputes everything from the inputs in their order."""
    def __init__(self, numbers, prices):
        self.running, self.digits, self.windows = {}, collections.Counter(), collections.Counter()
        self.running_sequence = collections.defaultdict(list)
        for record in numbers:
            self.take(record)
        self.prices = last_values(prices)

    def take(self, record):
        number = int(record.value)
        total, count, least, most = self.running.get(record.key, (0, 0, number, number))
        now = (total + number, count + 1, min(least, number), max(most, number))
        self.running[record.key] = now
        self.running_sequence[record.partition].append((record.key, "%d %d %d %d" % now))
        self.windows[record.key, record.timestamp - record.timestamp % WINDOW_MS] += 1
        self.digits[f"digit-{abs(number) % 10}"] += 1

    def joined(self):
        return {key: f"{self.running[key][0]}*{price}" for key, price in self.prices.items() if key in self.running}

    def rows(self):
        """What all stores hold together: {(store, key, start): value}."""
        rows = {("running", key, 0): "%d %d %d %d" % values for key, values in self.running.items()}
        rows.update({("prices", key, 0): price for key, price in self.prices.items()})
        rows.update({("windows", key, start): str(count) for (key, start), count in self.windows.items()})
        rows.update({("digits", key, 0): str(count) for key, count in self.digits.items()})
        return rows


def last_values(records):
    """A key lies in one partition; kcat shows a deletion as a value without letters."""
    values = {record.key: record.value for record in records}
    return {key: value for key, value in values.items() if value}


def check_joined(joined, totals):
    assert last_values(joined) == totals.joined(), "the last values of joined are others"


def check_windows(kafka, totals):
    windowed = kafka.read("windowed")
    expected = {f"{key}@{start}": str(count) for (key, start), count in totals.windows.items()}
    assert last_values(windowed) == expected, "the last values of windowed are others"
    highest = {}
    for record in windowed:  # cached: not each change is seen, but none twice
        assert int(record.value) > highest.get(record.key, 0), f"{record.key} went back to {record.value}"
        highest[record.key] = int(record.value)


def check_digits(kafka, totals):
    """Each record against the committed order of the repartition topic."""
    repartition = f"{GROUP}-by-digit-repartition"
    passed = committed_records(kafka, repartition, kafka.read_keys(repartition))
    assert collections.Counter(record.key for record in passed) == totals.digits, f"{repartition} has other records"
    counts, expected = collections.Counter(), collections.defaultdict(list)
    for record in passed:
        counts[record.key] += 1
        expected[record.partition].append((record.key, str(counts[record.key])))
    found = kafka.read("digits")
    assert_same(expected, by_partition(found), "digits")
    expected = {key: str(count) for key, count in totals.digits.items()}
    assert last_values(found) == expected, "the last values of digits are others"


def all_of(*checks):
    """Makes each of them; fails with what all that failed told."""
    told = []
    for check in checks:
        try:
            check()
        except AssertionError as failure:
            told.append(str(failure))
    assert not told, "\n".join(told)


def check_outputs(kafka):
    """No loss, no duplicate, no wrong value; returns the totals."""
    for topic in ("echo", "running", "joined", "windowed", "digits"):
        kafka.wait_settled(topic, PARTITIONS)
    numbers = committed_records(kafka, "numbers", kafka.read("numbers"))
    prices = committed_records(kafka, "prices", kafka.read("prices"))
    totals = Totals(numbers, prices)
    echo, running, joined = (kafka.read(topic) for topic in ("echo", "running", "joined"))
    skip_if_markers_were_lost(kafka)
    whole = lambda record: (record.key, record.value, record.timestamp)
    all_of(lambda: assert_same(by_partition(numbers, whole), by_partition(echo, whole), "echo"),
           lambda: assert_committed_only(kafka, "echo", echo),
           lambda: assert_same(totals.running_sequence, by_partition(running), "running"),
           lambda: assert_committed_only(kafka, "running", running),
           lambda: check_joined(joined, totals),
           lambda: check_windows(kafka, totals),
           lambda: check_digits(kafka, totals))
    return totals


def stored(ledgers):
    """What all of them hold together; a row that two hold is an error."""
    rows = {}
    for ledger in ledgers:
        for store, _, key, start, value in ledger.dump():
            assert (store, key, start) not in rows, f"{store} {key} {start} is held twice"
            rows[store, key, start] = value
    return rows


def check_stores(ledgers, totals):
    expected, found = totals.rows(), stored(ledgers)
    wrong = {row: (expected.get(row), found.get(row)) for row in expected.keys() | found.keys()
             if row[0] != "ticks" and expected.get(row) != found.get(row)}
    assert not wrong, f"{len(wrong)} rows of {len(expected)} differ, among them {list(wrong.items())[:5]}"

"""What a broker wrote into its files, read without any client: batches with their producers, transaction
markers, states of transactions, positions and generations of groups. tell_transactions() puts it into one
story by time, for whoever has to find out why a record counted twice or not at all.

Layouts: record batches of magic 2; records of __consumer_offsets and __transaction_state up to what all
their versions have in common. Compressed batches are told by their headers alone."""
import collections
import os
import re
import struct
import time

Batch = collections.namedtuple("Batch", "topic partition offset last attributes timestamp producer epoch sequence count "
                                        "records")
HEADER = 61
COMPRESSED, TRANSACTIONAL, CONTROL = 0x07, 0x10, 0x20
STATES = ["empty", "ongoing", "prepare commit", "prepare abort", "complete commit", "complete abort", "dead",
          "prepare epoch fence"]
ENDED = ("empty", "complete commit", "complete abort")
ABORT, COMMIT = 0, 1


# ---- batches ----

def batches_of(data, topic_pattern):
    """Those of all segments of the topics that match, by topic, partition and offset."""
    for folder in sorted(os.listdir(data)):
        place = re.fullmatch(f"({topic_pattern})-(\\d+)", folder)
        if not place:
            continue
        topic, partition = folder.rsplit("-", 1)
        for name in sorted(os.listdir(os.path.join(data, folder))):
            if name.endswith(".log"):
                with open(os.path.join(data, folder, name), "rb") as segment:
                    yield from parse_batches(topic, int(partition), segment.read())


def parse_batches(topic, partition, data):
    at = 0
    while at + HEADER <= len(data):
        offset, size = struct.unpack_from(">qi", data, at)
        if size <= 0 or at + 12 + size > len(data):
            return  # an end that was not written whole, or space that is reserved
        attributes, last, first_time, _, producer, epoch, sequence, count = struct.unpack_from(">hiqqqhii", data, at + 21)
        yield Batch(topic, partition, offset, offset + last, attributes, first_time, producer, epoch, sequence, count,
                    data[at + HEADER:at + 12 + size])
        at += 12 + size


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1), at


def records_of(batch):
    """(key, value) of each."""
    assert not batch.attributes & COMPRESSED, f"the records of {batch.topic} are compressed"
    data, at = batch.records, 0
    while at < len(data):
        size, start = varint(data, at)
        at = start + size
        _, place = varint(data, start + 1)  # timestamp, after the attributes
        _, place = varint(data, place)
        size, place = varint(data, place)
        key, place = (data[place:place + size], place + size) if size >= 0 else (None, place)
        size, place = varint(data, place)
        yield key, data[place:place + size] if size >= 0 else None


def is_marker(batch, kind=None):
    if not batch.attributes & CONTROL:
        return False
    return kind is None or marker_kind(batch) == kind


def marker_kind(batch):
    key, _ = next(records_of(batch))
    return struct.unpack(">hh", key)[1]


# ---- records of the coordinators ----

def text_at(data, at):
    size, = struct.unpack_from(">h", data, at)
    return data[at + 2:at + 2 + size].decode(), at + 2 + size


def generation_of(key, value, group):
    """The generation in the metadata of a group, or None."""
    if not key or not value or struct.unpack_from(">h", key)[0] != 2 or text_at(key, 2)[0] != group:
        return None
    version, size = struct.unpack_from(">hh", value)
    assert version <= 4, f"group metadata of version {version}"
    return struct.unpack_from(">i", value, 4 + size)[0]


def position_of(key, value, group):
    """(topic, partition, offset) of a committed position, or None."""
    if not key or not value or struct.unpack_from(">h", key)[0] > 1:
        return None
    name, at = text_at(key, 2)
    topic, at = text_at(key, at)
    if name != group:
        return None
    return topic, struct.unpack_from(">i", key, at)[0], struct.unpack_from(">q", value, 2)[0]


def transaction_of(key, value):
    """(transactional id, producer, epoch, state), or None."""
    if not key or not value:
        return None
    producer, epoch, _, state = struct.unpack_from(">qhib", value, 2)
    return text_at(key, 2)[0], producer, epoch, STATES[state]


# ---- the story ----

UNMARKED = ", a marker of its own is missing"


def with_outcomes(batches):
    """Each batch with what became of it: "committed at" the marker's offset, "aborted at" it, "open", or None
    outside of transactions. A producer that goes on with a newer epoch has ended what it left open in the
    epoch before, by a marker; where there is none, the next marker seems to be that of both (UNMARKED)."""
    batches, ends, pending = list(batches), {}, collections.defaultdict(list)
    for batch in batches:
        owner = (batch.topic, batch.partition, batch.producer)
        if is_marker(batch):
            end = "aborted" if is_marker(batch, ABORT) else "committed"
            left = pending.pop(owner, [])
            newest = max((one.epoch for one in left), default=0)
            for one in left:
                ends[id(one)] = f"{end} at {batch.offset}" + (UNMARKED if one.epoch < newest else "")
        elif batch.attributes & TRANSACTIONAL:
            ends[id(batch)] = "open"
            pending[owner].append(batch)
    return [(batch, ends.get(id(batch))) for batch in batches]


def states_of_transactions(data):
    """{producer: (offset of the record, transactional id, producer, epoch, state)}, the last of each."""
    states = {}
    for batch in batches_of(data, "__transaction_state"):
        for key, value in records_of(batch):
            told = transaction_of(key, value)
            if told:
                states[told[1]] = (batch.offset, *told)
    return states


def lost_markers(data, topic_pattern):
    """Batches whose transaction has ended, by what its coordinator wrote, without a marker behind them: brokers
    4.3.0 and 4.3.1 forget it for partitions that have no leader at that moment (KAFKA-20734). The broker may be
    at work: a transaction that begins or ends while its files are read is none of these."""
    before = states_of_transactions(data)
    batches = with_outcomes(batches_of(data, topic_pattern))
    after = states_of_transactions(data)
    for batch, outcome in batches:
        state = after.get(batch.producer)
        ended = state is not None and state == before.get(batch.producer) and state[-1] in ENDED
        if outcome and (outcome.endswith(UNMARKED) or (outcome == "open" and ended)):
            yield f"{batch.topic}-{batch.partition} {batch.offset}..{batch.last} of producer {batch.producer} epoch {batch.epoch}"


def clock(timestamp):
    return time.strftime("%H:%M:%S", time.localtime(timestamp / 1000)) + f".{timestamp % 1000:03d}"


def tell_batch(batch, outcome):
    place = f"{batch.topic}-{batch.partition}"
    who = f"producer {batch.producer} epoch {batch.epoch}"
    if is_marker(batch):
        return f"{place} {batch.offset}: {'abort' if is_marker(batch, ABORT) else 'commit'} marker of {who}"
    return (f"{place} {batch.offset}..{batch.last}: {batch.count} records of {who} sequence {batch.sequence}, "
            f"{outcome or 'no transaction'}")


def tell_coordinators(batch, group):
    """What stands in a batch of __consumer_offsets or __transaction_state, a line each."""
    for key, value in () if is_marker(batch) else records_of(batch):
        if batch.topic == "__transaction_state":
            told = transaction_of(key, value)
            if told:
                yield "    %s: producer %d epoch %d is %s" % told
            continue
        position, generation = position_of(key, value, group), generation_of(key, value, group)
        if position:
            yield "    position %s-%d: %d" % position
        if generation is not None:
            yield f"    generation {generation}"


def tell_transactions(data, group, topic_pattern):
    """Lines: each batch of the topics that match, by its place; then all that the coordinators of the group
    and of transactions wrote, by time."""
    for batch, outcome in with_outcomes(batches_of(data, topic_pattern)):
        yield f"{clock(batch.timestamp)} {tell_batch(batch, outcome)}"
    coordinators = with_outcomes(batches_of(data, "__consumer_offsets|__transaction_state"))
    for batch, outcome in sorted(coordinators, key=lambda pair: pair[0].timestamp):
        yield f"{clock(batch.timestamp)} {tell_batch(batch, outcome)}"
        yield from tell_coordinators(batch, group)

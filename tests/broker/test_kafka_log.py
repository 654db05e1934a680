"""What kafka_log makes of a broker's files: which batches count, and which were left without their marker."""
import struct

import kafka_log
from kafka_log import Batch

PRODUCER = 3


def batch(offset, epoch, count=2):
    return Batch("digits", 0, offset, offset + count - 1, kafka_log.TRANSACTIONAL, 0, PRODUCER, epoch, 0, count, b"")


def marker(offset, epoch, kind):
    key = struct.pack(">hh", 0, kind)
    body = b"\0\0\0" + bytes([2 * len(key)]) + key + b"\0\0"
    attributes = kafka_log.TRANSACTIONAL | kafka_log.CONTROL
    return Batch("digits", 0, offset, offset, attributes, 0, PRODUCER, epoch, -1, 1, bytes([2 * len(body)]) + body)


def outcomes(*batches):
    return [outcome for one, outcome in kafka_log.with_outcomes(batches) if not kafka_log.is_marker(one)]


def test_a_marker_ends_all_batches_of_its_producer_before_it():
    assert outcomes(batch(0, 1), batch(2, 1), marker(4, 1, kafka_log.COMMIT), batch(5, 1),
                    marker(7, 2, kafka_log.ABORT), batch(8, 3)) == [
        "committed at 4", "committed at 4", "aborted at 7", "open"]


def test_a_batch_of_an_older_epoch_that_the_next_marker_seems_to_commit_has_lost_its_own():
    assert outcomes(batch(0, 2), batch(2, 4), marker(4, 4, kafka_log.COMMIT)) == [
        "committed at 4" + kafka_log.UNMARKED, "committed at 4"]


def test_lost_markers_are_told_and_transactions_that_go_on_are_not(monkeypatch):
    logs = {"digits": [batch(0, 2), batch(2, 4), marker(4, 4, kafka_log.COMMIT), batch(5, 4)], "__transaction_state": []}
    monkeypatch.setattr(kafka_log, "batches_of", lambda data, pattern: logs[pattern])

    assert list(kafka_log.lost_markers("", "digits")) == ["digits-0 0..1 of producer 3 epoch 2"]

    kind = struct.pack(">hh", 0, kafka_log.COMMIT)
    monkeypatch.setattr(kafka_log, "records_of", lambda batch: iter([(kind, b"")]))
    logs["__transaction_state"] = [batch(0, 4)._replace(topic="__transaction_state")]
    for state, lost in (("ongoing", 1), ("prepare abort", 1), ("complete abort", 2), ("empty", 2)):
        monkeypatch.setattr(kafka_log, "transaction_of", lambda key, value: ("ledger-b-0", PRODUCER, 4, state))
        assert len(list(kafka_log.lost_markers("", "digits"))) == lost, state


def test_a_transaction_that_begins_while_the_files_are_read_has_lost_no_marker(monkeypatch):
    states = iter([{PRODUCER: (7, "ledger-b-0", PRODUCER, 4, "complete commit")},
                   {PRODUCER: (8, "ledger-b-0", PRODUCER, 4, "ongoing")},
                   {PRODUCER: (7, "ledger-b-0", PRODUCER, 4, "ongoing")},
                   {PRODUCER: (8, "ledger-b-0", PRODUCER, 4, "complete commit")}])
    monkeypatch.setattr(kafka_log, "batches_of", lambda data, pattern: [batch(0, 4)])
    monkeypatch.setattr(kafka_log, "states_of_transactions", lambda data: next(states))

    assert list(kafka_log.lost_markers("", "digits")) == []
    assert list(kafka_log.lost_markers("", "digits")) == []

"""A database of an earlier version is brought up to date with what it holds."""
import hashlib
import os
import re

from conftest import ROOT, eventually

SQL = os.path.join(ROOT, "command-service/sql")
INSERT = ("INSERT INTO events (aggregate_type, aggregate_id, version, event_type, payload, occurred_at, state, published_at,"
          " kafka_partition, kafka_offset, failure) VALUES (%s, %s, %s, 'Happened', '{}', now(), %s, %s, %s, %s, %s)")


def migrate_up_to(system, last):
    """As a binary of that time did it."""
    system.query("CREATE TABLE schema_migrations (number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,"
                 " applied_at timestamptz NOT NULL DEFAULT clock_timestamp())")
    for name in sorted(os.listdir(SQL))[:last]:
        with open(os.path.join(SQL, name)) as file:
            text = file.read()
        system.query(text)
        system.query("INSERT INTO schema_migrations VALUES (%s, %s, %s)", int(name[:3]), name[:-4],
                     hashlib.sha256(text.encode()).hexdigest())


def test_s4_26_events_of_before_the_outbox_keep_their_state(system):
    migrate_up_to(system, 5)
    for version in (1, 2):
        system.query(INSERT, "product", 7, version, "published", "2026-01-01", 3, version, None)
    system.query(INSERT, "product", 7, 3, "pending", None, None, None, None)
    system.query(INSERT, "invoice", 1, 1, "failed", None, None, None, "there is no topic for events of 'invoice'")
    system.query(INSERT, "invoice", 1, 2, "pending", None, None, None, None)
    system.query("SELECT setval('events_id_seq', 2000)")  # another block
    system.query(INSERT, "order", 9, 1, "pending", None, None, None, None)

    assert system.run("command-service", "migrate").returncode == 0
    before = system.query("SELECT aggregate_type, version, state, failure FROM event_states ORDER BY id")
    places = system.query("SELECT id, kafka_partition, kafka_offset FROM event_publications ORDER BY id")
    said = system.run("command-service", "outbox").stdout
    system.start_command()
    eventually(lambda: system.events("order-events"), "the pending ones going out")
    eventually(lambda: system.value("SELECT count(*) FROM outbox") == 0, "the outbox being empty")

    assert before == [
        ("product", 1, "published", None), ("product", 2, "published", None), ("product", 3, "pending", None),
        ("invoice", 1, "failed", "there is no topic for events of 'invoice'"), ("invoice", 2, "pending", None),
        ("order", 1, "pending", None)]
    assert places == [(1, 3, 1), (2, 3, 2)]
    assert re.search(r"^product +1 +2 +0 +\d+$", said, re.M) and re.search(r"^invoice +1 +0 +1 +\d+$", said, re.M)
    assert [record["value"]["version"] for record in system.events("product-events")] == [3]
    assert [record["value"]["version"] for record in system.events("order-events")] == [1]
    assert system.query("SELECT version, state FROM event_states WHERE aggregate_type = 'invoice' ORDER BY id") == [
        (1, "failed"), (2, "pending")]

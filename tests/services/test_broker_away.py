"""Kafka away for 20 s under load: every command is accepted, and the backlog drains in order afterwards."""
import os
import time

import pytest

from whole_system import Kafka, Load, System, kafka_available

SECONDS_AWAY = 20


@pytest.fixture
def system(tmp_path):
    if not kafka_available():
        if os.environ.get("KAFKA_REQUIRED"):
            pytest.fail("no Kafka, though one is required (make kafka)")
        pytest.skip("no Kafka (make kafka)")
    made = System(str(tmp_path), Kafka(str(tmp_path)))
    try:
        made.start()
        yield made
    finally:
        made.close()


def test_s4_36_commands_go_on_while_kafka_is_away_and_the_backlog_drains_in_order(system):
    with Load(system, seed=1, threads=2) as load:
        time.sleep(1)
        system.broker.kill()
        time.sleep(SECONDS_AWAY)
        away = system.pending_events()
        system.broker.start()
        time.sleep(1)
    system.wait_until_equal(120)

    assert away > 100, "events waited in the outbox while the broker was away"
    assert load.lost == 0 and load.refused == 0 and load.created > 100, load.codes
    out_of_order = system.postgres.rows(
        "WITH placed AS (SELECT aggregate_type, aggregate_id, version, min(kafka_offset) AS place FROM events "
        "JOIN event_publications USING (id) GROUP BY 1, 2, 3) "
        "SELECT a.aggregate_type, a.aggregate_id, a.version FROM placed a JOIN placed b USING "
        "(aggregate_type, aggregate_id) WHERE a.version < b.version AND a.place >= b.place")
    assert out_of_order == []

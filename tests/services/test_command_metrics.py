"""/metrics of command-service: the database's connections and breaker, the outbox."""
from conftest import eventually
from test_command_rest import LAPTOP
from test_shell import samples


def test_x_01_the_database_and_the_outbox_are_measured(system):
    command = system.start_command(DB_POOL_SIZE="3")
    for _ in range(5):
        command.post("/api/products", LAPTOP)
    system.wait_until_published()

    got = eventually(lambda: (lambda s: s if s["outbox_published_total"] == 5 and
                              s.get("outbox_pending_events") == 0 and
                              s['db_pool_connections{state="missing"}'] == 0 else None)(samples(command)))

    assert got['db_pool_connections{state="idle"}'] + got['db_pool_connections{state="busy"}'] == 3
    assert got['db_pool_connections{state="missing"}'] == 0
    assert got["db_breaker_state"] == 0
    assert got["outbox_relay_active"] == 1
    assert (got["outbox_failed_events"], got["outbox_oldest_pending_age_seconds"]) == (0, 0)
    assert got["outbox_relay_failures_total"] == 0


def test_x_01_a_backlog_is_measured_while_the_broker_is_away(system):
    system.broker = "127.0.0.1:1"
    command = system.start_command()
    command.post("/api/products", LAPTOP)

    got = eventually(lambda: (lambda s: s if s.get("outbox_pending_events") == 1 and
                              s["outbox_relay_failures_total"] > 0 else None)(samples(command)))

    assert got["outbox_oldest_pending_age_seconds"] >= 0
    assert command.get("/health/events").status == 503
    assert command.get("/health/ready").status == 200


def test_x_01_only_the_active_relay_tells_the_backlog(system):
    first = system.start_command()
    eventually(lambda: samples(first).get("outbox_relay_active") == 1)
    second = system.start_command()

    assert samples(second)["outbox_relay_active"] == 0
    assert "outbox_pending_events" not in samples(second)
    first.kill()
    eventually(lambda: samples(second)["outbox_relay_active"] == 1, "the other one taking over")


def test_x_02_old_keys_are_forgotten(system):
    system.run("command-service", "migrate")
    system.query("INSERT INTO idempotency_keys VALUES ('old', 'f', '[]', now() - interval '3 hours'),"
                 " ('young', 'f', '[]', now() - interval '1 hour')")

    system.start_command(IDEMPOTENCY_KEY_HOURS="2")

    eventually(lambda: system.query("SELECT key FROM idempotency_keys") == [("young",)], "the old one being forgotten")

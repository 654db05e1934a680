"""From the events table to the topics: nothing lost, in order, whatever happens in between."""
import concurrent.futures
import contextlib
import http.client
import os
import re
import subprocess
import threading

import pytest

from conftest import System, eventually
from test_shell import samples

LAPTOP = {"name": "Laptop", "category": "Electronics", "price": 500.0}
ORDER = {"customerId": 1, "items": [{"productId": 1, "quantity": 2, "price": 500.0}]}


def first_occurrences(records):
    """(key, version) of each event in the order of the log, repetitions left out."""
    seen = []
    for record in records:
        event = (record["key"], record["value"]["version"])
        if event not in seen:
            seen.append(event)
    return seen


def assert_in_order(records):
    """Each aggregate's events: all of them, in order, in one partition."""
    versions, partitions = {}, {}
    for record in records:
        partitions.setdefault(record["key"], set()).add(record["partition"])
    for key, version in first_occurrences(records):
        versions.setdefault(key, []).append(version)
    assert all(len(found) == 1 for found in partitions.values())
    for key, found in versions.items():
        assert found == list(range(1, len(found) + 1)), key
    return versions


def assert_topics_have_all_events(system):
    for aggregate, topic in (("product", "product-events"), ("order", "order-events")):
        versions = assert_in_order(system.events(topic))
        assert sum(map(len, versions.values())) == system.value(
            "SELECT count(*) FROM events WHERE aggregate_type = %s", aggregate)


def test_s3_08_s3_09_s3_10_s3_11_s3_12_events_reach_their_topics(command, system):
    command.post("/api/products", LAPTOP)
    command.post("/api/orders", ORDER)
    command.put("/api/orders/1/status", {"status": "SHIPPED"})
    system.wait_until_published()

    (product,), (created, changed) = system.events("product-events"), system.events("order-events")

    assert product["key"] == created["key"] == changed["key"] == "1"
    assert product["value"]["eventType"] == "ProductCreated"
    assert product["value"]["payload"] == {"id": 1, **LAPTOP}
    assert created["value"]["eventType"] == "OrderCreated"
    assert created["value"]["payload"] == {"id": 1, "customerId": 1, "status": "CREATED", "items": [
        {"productId": 1, "quantity": 2, "price": 500.0, "listPrice": 500.0}]}
    assert changed["value"]["eventType"] == "OrderStatusUpdated"
    assert changed["value"]["payload"] == {"orderId": 1, "newStatus": "SHIPPED", "previousStatus": "CREATED"}
    assert [record["value"]["version"] for record in (product, created, changed)] == [1, 1, 2]


def test_s3_10_s4_32_a_record_is_the_golden_one(command, system):
    command.post("/api/products", LAPTOP, headers={
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "X-Request-Id": "cart-7"})
    system.wait_until_published()

    (record,) = system.events("product-events")

    event_id, milliseconds = system.query(
        "SELECT event_id::text, (extract(epoch FROM occurred_at) * 1000)::bigint FROM events")[0]
    time = record["value"]["occurredAt"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z", time)
    assert record["text"] == (
        '{"eventType":"ProductCreated",'
        '"payload":{"id":1,"name":"Laptop","category":"Electronics","price":500.0},'
        f'"eventId":"{event_id}","aggregateId":1,"version":1,"occurredAt":"{time}","schema":1}}')
    assert record["timestamp"] == milliseconds
    assert record["headers"] == {
        "content-type": "application/json", "ce_specversion": "1.0", "ce_id": event_id,
        "ce_type": "com.example.ecommerce.product.created.v1", "ce_source": "/command-service",
        "ce_time": time, "ce_subject": "product/1", "ce_partitionkey": "1",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "correlationid": "cart-7"}


def test_s3_09_where_an_event_went_is_noted(command, system):
    for _ in range(20):
        command.post("/api/products", LAPTOP)
    system.wait_until_published()

    places = {(record["key"], record["partition"], record["offset"])
              for record in system.events("product-events")}

    assert places == {(str(key), partition, offset) for key, partition, offset in system.query(
        "SELECT aggregate_id, kafka_partition, kafka_offset FROM events JOIN event_publications USING (id)")}
    assert len({partition for _, partition, _ in places}) > 1
    assert system.query("SELECT state, count(*) FROM event_states GROUP BY state") == [("published", 20)]
    assert system.value("SELECT count(*) FROM outbox") == 0


def test_s4_36_what_was_sent_but_not_noted_is_sent_again(system):
    """A crash between the broker's acknowledgement and the note: the same event twice, told by its id."""
    command = system.start_command()
    command.post("/api/products", LAPTOP)
    system.wait_until_published()
    command.kill()
    system.query("SELECT enter_again(array_agg(id)) FROM events")

    system.start_command()
    system.wait_until_published()

    first, second = system.events("product-events")
    assert first["text"] == second["text"]
    assert first["offset"] < second["offset"]


def place_orders_until(command, is_over, statuses):
    """Orders and steps of them from several clients; connection errors are what a kill looks like."""
    def client(number):
        while not is_over.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException):
                answer = command.post("/api/orders", ORDER)
                statuses.append(answer.status)
                if answer.status == 201 and number % 2:
                    path = f"/api/orders/{answer.json['id']}/status"
                    statuses.append(command.put(path, {"status": "PAID"}).status)
    threads = [threading.Thread(target=client, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    return threads


def test_s4_36_killed_under_load_nothing_is_lost(system):
    command = system.start_command()
    command.post("/api/products", LAPTOP)
    for _ in range(3):
        is_over, statuses = threading.Event(), []
        threads = place_orders_until(command, is_over, statuses)
        eventually(lambda: statuses.count(201) > 100, "some load")
        command.kill()
        is_over.set()
        for thread in threads:
            thread.join()
        assert set(statuses) <= {200, 201}
        command = system.start_command()
    system.wait_until_published()

    assert_topics_have_all_events(system)


def test_s4_36_a_stop_under_load_answers_all_and_publishes_all(system):
    command = system.start_command()
    command.post("/api/products", LAPTOP)
    is_over, statuses = threading.Event(), []
    threads = place_orders_until(command, is_over, statuses)
    eventually(lambda: statuses.count(201) > 50, "some load")

    code = command.stop()
    is_over.set()
    for thread in threads:
        thread.join()

    assert code == 0
    assert set(statuses) <= {200, 201}
    assert system.value("SELECT count(*) FROM event_states WHERE state <> 'published'") == 0
    assert system.value("SELECT count(*) FROM orders") >= statuses.count(201)
    assert_topics_have_all_events(system)


def test_s4_36_without_a_broker_commands_go_on_and_the_backlog_drains_in_order(system):
    embedded, system.broker = system.broker, "127.0.0.1:1"
    command = system.start_command()
    command.post("/api/products", LAPTOP)
    for number in range(1, 31):
        assert command.post("/api/orders", ORDER).status == 201
        assert command.put(f"/api/orders/{number}/status", {"status": "PAID"}).status == 200
    command.post("/api/products", LAPTOP)
    assert command.get("/health/ready").status == 200
    assert system.pending() == 62
    assert command.stop() == 0

    system.broker = embedded
    system.start_command()
    system.wait_until_published()

    assert_topics_have_all_events(system)


def test_s4_36_a_row_that_commits_late_is_not_passed_over(command, system):
    """Ids are drawn before the commit: a lower one may come to light after a higher one went out."""
    insert = ("INSERT INTO events (aggregate_type, aggregate_id, version, event_type, payload, occurred_at)"
              " VALUES ('product', %s, 1, 'ProductCreated', '{}', now()) RETURNING id")
    with contextlib.closing(system.postgres.connect(system.database)) as slow:
        slow.autocommit = False
        with slow.cursor() as cursor:
            cursor.execute(insert, (1001,))
            low = cursor.fetchone()[0]
            high = system.value(insert, 1002)
            eventually(lambda: system.value("SELECT state FROM event_states WHERE id = %s", high) == "published",
                       "the higher one going out")
            slow.commit()
    assert low < high
    system.wait_until_published()

    assert [record["key"] for record in sorted(system.events("product-events"), key=lambda r: r["timestamp"])]
    assert {record["key"] for record in system.events("product-events")} == {"1001", "1002"}


def test_s4_36_an_event_that_cannot_go_out_holds_its_aggregate_only(command, system):
    insert = ("INSERT INTO events (aggregate_type, aggregate_id, version, event_type, payload, occurred_at)"
              " VALUES (%s, 1, %s, 'Happened', '{}', now())")
    system.query(insert, "invoice", 1)
    eventually(lambda: system.value("SELECT count(*) FROM event_states WHERE state = 'failed'") == 1, "the failure")
    system.query(insert, "invoice", 2)
    command.post("/api/products", LAPTOP)
    eventually(lambda: system.value("SELECT count(*) FROM event_states WHERE state = 'published'") == 1, "the product going out")

    assert len(system.events("product-events")) == 1
    assert system.query("SELECT aggregate_type, state, failure FROM event_states ORDER BY id") == [
        ("invoice", "failed", "there is no topic for events of 'invoice'"),
        ("invoice", "pending", None), ("product", "published", None)]
    assert "its aggregate is held" in command.log()

    command.stop()
    for table in ("events", "outbox_stopped"):
        system.query(f"UPDATE {table} SET aggregate_type = 'product', aggregate_id = 2 WHERE aggregate_type = 'invoice'")
    assert system.run("command-service", "outbox", "retry").returncode == 0
    system.start_command()
    system.wait_until_published()
    assert len(system.events("product-events")) == 3


INSERT = ("INSERT INTO events (aggregate_type, aggregate_id, version, event_type, payload, occurred_at)"
          " SELECT %s, %s, version, 'Happened', '{}', now() FROM generate_series(%s, %s) version")


def test_s4_36_what_waits_behind_a_failure_goes_out_in_order_when_it_is_tried_again(command, system):
    """Also what the failure shared a statement, and so a row of the outbox, with."""
    system.query("INSERT INTO events (aggregate_type, aggregate_id, version, event_type, payload, occurred_at)"
                 " VALUES ('product', 7, 1, 'Happened', '{}', now()), ('invoice', 8, 1, 'Happened', '{}', now()),"
                 " ('invoice', 8, 2, 'Happened', '{}', now()), ('product', 9, 1, 'Happened', '{}', now())")
    system.query(INSERT, "invoice", 8, 3, 5)
    eventually(lambda: system.value("SELECT count(*) FROM outbox_stopped") == 5, "all of it being held")
    eventually(lambda: len(system.events("product-events")) == 2, "the others going out")
    assert system.value("SELECT count(*) FROM outbox") == 0

    command.stop()
    for table in ("events", "outbox_stopped"):
        system.query(f"UPDATE {table} SET aggregate_type = 'product' WHERE aggregate_type = 'invoice'")
    system.query(INSERT, "product", 8, 6, 6)
    assert "1 events are pending again" in system.run("command-service", "outbox", "retry").stdout
    system.start_command()
    system.wait_until_published()

    versions = assert_in_order(system.events("product-events"))
    assert versions == {"7": [1], "8": [1, 2, 3, 4, 5, 6], "9": [1]}
    assert len(system.events("product-events")) == 8


def test_s4_36_what_is_held_behind_nothing_is_set_free(command, system):
    """As when an operator tried the failure again while the relay set what follows it aside."""
    system.query("BEGIN; " + INSERT + "; INSERT INTO outbox_stopped SELECT id, aggregate_type, aggregate_id FROM events;"
                 " DELETE FROM outbox; COMMIT", "product", 1, 1, 3)

    eventually(lambda: len(system.events("product-events")) == 3, "them going out")

    assert_in_order(system.events("product-events"))


def test_s4_36_a_deleted_event_does_not_stay_in_the_outbox(system):
    system.broker, embedded = "127.0.0.1:1", system.broker
    command = system.start_command()
    for _ in range(3):
        command.post("/api/products", LAPTOP)
    command.stop()
    system.query("DELETE FROM events WHERE aggregate_id = 2")

    system.broker = embedded
    system.start_command()
    eventually(lambda: system.value("SELECT count(*) FROM outbox") == 0, "the outbox being empty")

    assert {record["key"] for record in system.events("product-events")} == {"1", "3"}


def test_s4_36_a_row_that_commits_long_after_others_is_not_passed_over(command, system):
    """Reading begins behind what is known to be done; a transaction that is not over holds that back."""
    command.post("/api/products", LAPTOP)
    with contextlib.closing(system.postgres.connect(system.database)) as slow:
        slow.autocommit = False
        with slow.cursor() as cursor:
            cursor.execute(INSERT, ("product", 1000, 1, 1))
            for number in range(1, 4):
                system.query(INSERT, "invoice", number, 1, 1)
                eventually(lambda: samples(command).get("outbox_failed_events") == number,
                           "the relay looking after the outbox, and how far all is done")
                command.post("/api/products", LAPTOP)
            slow.commit()
    eventually(lambda: len(system.events("product-events")) == 5, "all going out")

    assert {record["key"] for record in system.events("product-events")} == {"1", "2", "3", "4", "1000"}


def test_s0_17_of_two_instances_one_relays_and_the_other_takes_over(system):
    first = system.start_command()
    eventually(lambda: "relay is active" in first.log(), "the first one relaying")
    second = system.start_command()
    second.post("/api/products", LAPTOP)
    system.wait_until_published()
    assert "relay is active" not in second.log()

    first.kill()
    for _ in range(10):
        assert second.post("/api/orders", ORDER).status == 201
    system.wait_until_published()

    assert "relay is active" in second.log()
    assert_topics_have_all_events(system)


def test_s3_29_s3_30_topics_are_made_as_they_were_asked_for(system):
    system.start_command(TOPIC_PARTITIONS="7").post("/api/products", LAPTOP)
    system.wait_until_published()

    for number in range(60):
        system.services[0].post("/api/products", LAPTOP)
    system.wait_until_published()

    assert {record["partition"] for record in system.events("product-events")} == set(range(7))


def test_s3_26_over_a_real_kafka_it_is_the_same(kafka_system):
    command = kafka_system.start_command()
    command.post("/api/products", LAPTOP)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: command.post("/api/orders", ORDER).status, range(200)))
    assert set(answers) == {201}
    kafka_system.wait_until_published()

    assert_topics_have_all_events(kafka_system)
    assert command.stop() == 0


@pytest.fixture
def own_kafka_system(kafka_tool, postgres, folder):
    """A Kafka that the test may kill: (system, do), do("kill") or do("start")."""
    kafka_folder = os.path.join(folder, "kafka")

    def do(action):
        return subprocess.run([kafka_tool, action, kafka_folder], check=True, stdout=subprocess.PIPE,
                              text=True).stdout
    made = System(postgres, re.search(r"bootstrap=(\S+)", do("start")).group(1), folder)
    yield made, do
    made.close()
    do("kill")


def test_s4_36_a_kafka_that_dies_under_load_loses_nothing(own_kafka_system):
    system, do = own_kafka_system
    command = system.start_command()
    command.post("/api/products", LAPTOP)
    is_over, statuses = threading.Event(), []
    threads = place_orders_until(command, is_over, statuses)
    eventually(lambda: statuses.count(201) > 100, "some load")

    do("kill")
    count = len(statuses)
    seconds = 20 if os.environ.get("TEST_LONG") else 3
    is_over.wait(seconds)  # how long it is down is the point here
    eventually(lambda: len(statuses) > count + 100, "commands going on")
    pending = system.pending()
    do("start")
    is_over.set()
    for thread in threads:
        thread.join()
    system.wait_until_published(60)

    assert pending > 0
    assert set(statuses) <= {200, 201}
    assert_topics_have_all_events(system)

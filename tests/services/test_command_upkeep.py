"""The words that look after the database: outbox, republish, rebuild, migrate."""
import re

from conftest import eventually
from test_command_rest import LAPTOP, ORDER

STATE = {"products": "id, version, name, category, price, occurred_at",
         "customers": "id, version, name, email, occurred_at",
         "orders": "id, version, customer_id, status, created_at, occurred_at",
         "order_items": "order_id, line, product_id, quantity, price, list_price"}


def say(system, *words, code=0, **settings):
    done = system.run("command-service", *words, **settings)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stderr


def state(system):
    return {table: system.query(f"SELECT {columns} FROM {table} ORDER BY 1, 2") for table, columns in STATE.items()}


def make_history(command):
    command.post("/api/products", LAPTOP)
    command.post("/api/products", {"name": 'Mo"use \\ ä', "category": "Elec", "price": "19.99"})
    command.put("/api/products/2", {"name": "Mouse", "category": "Small", "price": 17.49})
    command.post("/api/customers", {"id": 9, "name": "Ann", "email": "ann@example.com"})
    command.put("/api/customers/9", {"name": "Anna"})
    command.post("/api/customers", {"name": "Bob", "email": "bob@example.com"})
    command.post("/api/orders", ORDER)
    command.post("/api/orders", {"customerId": 9, "items": [
        {"productId": 2, "quantity": 3, "price": 18.05}, {"productId": 1, "quantity": 1}, {"productId": 2, "quantity": 1}]})
    command.put("/api/orders/2/status", {"status": "PAID"})
    command.put("/api/orders/2/status", {"status": "REFUNDED"})


# ---- rebuild ----

def test_s4_34_the_state_is_rebuilt_from_the_events_as_it_was(command, system):
    make_history(command)
    before = state(system)

    assert "10 events make 10 rows; 0 rows have changed" in say(system, "rebuild")

    assert state(system) == before


def test_s4_34_what_was_changed_behind_the_events_is_put_right(command, system):
    make_history(command)
    before = state(system)
    system.query("UPDATE products SET price = 1 WHERE id = 1")
    system.query("DELETE FROM order_items WHERE line = 2")
    system.query("DELETE FROM customers WHERE id = 1")

    assert "4 rows would change" in say(system, "rebuild", "--dry-run")
    assert system.value("SELECT price FROM products WHERE id = 1") == 1
    assert "4 rows have changed" in say(system, "rebuild")

    assert state(system) == before
    assert command.post("/api/products", LAPTOP).json["id"] == 3
    assert command.post("/api/orders", ORDER).json["id"] == 3
    assert command.post("/api/customers", {"name": "Cid"}).json["id"] == 2


def test_s4_34_an_empty_state_is_made_from_events_alone(command, system):
    """As after a copy of nothing but the events table into a fresh database."""
    make_history(command)
    before = state(system)
    system.query("TRUNCATE products, customers, orders, order_items RESTART IDENTITY")

    assert "10 rows have changed" in say(system, "rebuild")

    assert state(system) == before
    assert command.post("/api/products", LAPTOP).json["id"] == 3


def test_s4_34_a_gap_or_an_unknown_event_changes_nothing(command, system):
    make_history(command)
    before = state(system)

    system.query("UPDATE events SET event_type = 'OrderLost' WHERE event_type = 'OrderCreated' AND aggregate_id = 1")
    assert "'OrderLost'" in say(system, "rebuild", code=1)
    system.query("UPDATE events SET event_type = 'OrderCreated' WHERE event_type = 'OrderLost'")
    system.query("DELETE FROM events WHERE aggregate_type = 'order' AND aggregate_id = 2 AND version = 2")
    assert "events of order/2 are missing: there are 2 of 3" in say(system, "rebuild", code=1)

    assert state(system) == before
    assert command.post("/api/products", LAPTOP).status == 201


def test_s4_34_an_order_of_a_product_that_never_was_changes_nothing(command, system):
    make_history(command)
    before = state(system)
    system.query("DELETE FROM events WHERE aggregate_type = 'product' AND aggregate_id = 1")

    assert "order 1 names product 1, of which there is no event" in say(system, "rebuild", code=1)

    assert state(system) == before


# ---- outbox ----

def test_s4_36_the_outbox_says_how_it_stands(command, system):
    make_history(command)
    system.wait_until_published()
    said = say(system, "outbox")
    assert re.search(r"^customer +0 +3 +0 +0$", said, re.M)
    assert re.search(r"^order +0 +4 +0 +0$", said, re.M)
    assert "no event has failed" in say(system, "outbox", "failed")

    command.stop()
    system.query("UPDATE events SET occurred_at = occurred_at - interval '1 hour' WHERE id = 1")
    system.query("SELECT enter_again('{1}')")
    system.make_failed(3, "too large")
    assert re.search(r"^product +1 +1 +1 +36\d\d$", say(system, "outbox"), re.M)
    assert "event 3  product/2 version 2  ProductUpdated: too large; 0 held behind it" in say(system, "outbox", "failed")


def test_s4_36_one_failed_event_is_tried_again(command, system):
    make_history(command)
    system.wait_until_published()
    command.stop()
    for event in (1, 3):
        system.make_failed(event, "x")

    assert "there is no failed event 2" in say(system, "outbox", "retry", "2", code=1)
    assert "'two'" in say(system, "outbox", "retry", "two", code=1)
    assert "'again'" in say(system, "outbox", "again", code=1)
    assert "1 events are pending again" in say(system, "outbox", "retry", "3")
    assert system.query("SELECT id, state FROM event_states WHERE state <> 'published' ORDER BY id") == [
        (1, "failed"), (3, "pending")]
    assert "1 events are pending again" in say(system, "outbox", "retry")
    system.start_command()
    system.wait_until_published()


# ---- republish ----

def test_s4_35_events_are_published_once_more_in_their_order(command, system):
    make_history(command)
    system.wait_until_published()

    assert "'invoice'" in say(system, "republish", "invoice", code=1)
    assert "4 events are pending again" in say(system, "republish", "order")
    eventually(lambda: len(system.events("order-events")) == 8, "the events going out again")
    system.wait_until_published()
    assert "10 events are pending again" in say(system, "republish")
    eventually(lambda: len(system.events("order-events")) == 12, "all going out again")

    records = system.events("order-events")
    assert [record["value"]["version"] for record in records if record["key"] == "2"] == [1, 2, 3] * 3
    assert len({record["text"] for record in records}) == 4


# ---- without a database ----

def test_x_13_words_say_what_is_wrong_in_one_sentence(system):
    for words in (["outbox"], ["republish"], ["rebuild"]):
        said = say(system, *words, code=1, DB_HOST="127.0.0.1", DB_PORT="1")
        assert said.startswith("command-service: cannot connect to PostgreSQL") and said.count("\n") == 1
    assert "does not exist" in say(system, "outbox", code=1)

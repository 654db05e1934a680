"""Idempotency-Key: a command that is sent again is done once, and answered as the first time."""
import concurrent.futures
import uuid

import pytest

from test_command_rest import LAPTOP, ORDER, assert_problem


def keyed(key, **more):
    return {"headers": {"Idempotency-Key": key, **more}}


def assert_same(first, again):
    assert (again.status, again.text) == (first.status, first.text)
    for name in ("ETag", "Location", "Content-Type"):
        assert again.headers[name] == first.headers[name]
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"


def counts(system):
    return [system.value(f"SELECT count(*) FROM {table}") for table in ("products", "orders", "order_items", "events")]


@pytest.fixture
def shop(command):
    command.post("/api/products", LAPTOP)
    return command


def test_x_02_an_order_sent_again_is_answered_again_and_made_once(shop, system):
    first = shop.post("/api/orders", ORDER, **keyed("k-1"))
    again = shop.post("/api/orders", ORDER, **keyed("k-1"))

    assert first.status == 201
    assert_same(first, again)
    assert counts(system) == [1, 1, 1, 2]


def test_x_02_every_post_takes_a_key(shop, system):
    for path, body in (("/api/products", LAPTOP), ("/api/customers", {"name": "Ann"}), ("/api/orders", ORDER),
                       ("/commands", {"type": "createProduct", "payload": LAPTOP}),
                       ("/commands", {"type": "updateProduct", "payload": {"id": 1, **LAPTOP, "price": 2}}),
                       ("/commands", {"type": "updateOrderStatus", "payload": {"orderId": 1, "status": "PAID"}}),
                       ("/commands", {"type": "updateCustomer", "payload": {"id": 1, "name": "Bob"}})):
        key = keyed(str(uuid.uuid4()))
        events = system.value("SELECT count(*) FROM events")
        first, again = shop.post(path, body, **key), shop.post(path, body, **key)
        assert first.status < 300
        assert_same(first, again)
        assert system.value("SELECT count(*) FROM events") == events + 1, path


def test_x_02_prices_that_were_filled_in_are_those_of_the_first_time(shop):
    body = {"customerId": 1, "items": [{"productId": 1, "quantity": 1}, {"productId": 1, "quantity": 2, "price": 3}]}
    first = shop.post("/api/orders", body, **keyed("k"))
    shop.put("/api/products/1", {**LAPTOP, "price": 1})

    again = shop.post("/api/orders", body, **keyed("k"))

    assert_same(first, again)
    assert [item["price"] for item in again.json["items"]] == [500.0, 3.0]


def test_x_02_a_status_is_replayed_as_it_was_even_when_the_order_went_on(shop, system):
    shop.post("/api/orders", ORDER)
    paid = {"type": "updateOrderStatus", "payload": {"orderId": 1, "status": "PAID"}}
    first = shop.post("/commands", paid, **keyed("k"))
    shop.put("/api/orders/1/status", {"status": "SHIPPED"})

    again = shop.post("/commands", paid, **keyed("k"))

    assert_same(first, again)
    assert again.json["status"] == "PAID"
    assert system.value("SELECT status FROM orders") == "SHIPPED"


def test_x_02_an_update_that_changed_nothing_does_nothing_later(shop, system):
    same = {"type": "updateProduct", "payload": {"id": 1, **LAPTOP}}
    first = shop.post("/commands", same, **keyed("k"))
    shop.put("/api/products/1", {**LAPTOP, "price": 1})

    assert_same(first, shop.post("/commands", same, **keyed("k")))
    assert system.value("SELECT price FROM products") == 1


def test_x_02_the_same_command_in_other_words_is_the_same(shop):
    first = shop.post("/api/orders", b'{"customerId":1,"items":[{"productId":1,"quantity":2,"price":500.0}]}',
                      **keyed("k"))
    words = b' {"items" : [{"price":5e2, "quantity":2.0,"productId":1}], "customerId":1, "note":"x"}'

    assert_same(first, shop.post("/api/orders", words, **keyed("k")))
    assert_same(first, shop.post("/api/orders", words, **keyed('"k"')))
    assert_same(first, shop.post("/commands", {"type": "createOrder", "payload": ORDER}, **keyed("k")))


@pytest.mark.parametrize("path, body", [
    ("/api/orders", {**ORDER, "customerId": 2}), ("/api/products", LAPTOP),
    ("/api/orders", {"customerId": 1, "items": [{"productId": 1, "quantity": 2}]}),
    ("/api/orders", {"customerId": 1, "items": ORDER["items"] * 2})])
def test_x_02_the_same_key_with_another_command_is_refused(shop, system, path, body):
    shop.post("/api/orders", ORDER, **keyed("k"))

    assert_problem(shop.post(path, body, **keyed("k")), 422, "idempotency-key-reused")
    assert counts(system) == [1, 1, 1, 2]


def test_x_02_a_refused_command_is_judged_anew(command, system):
    assert_problem(command.post("/api/orders", ORDER, **keyed("k")), 422, "unknown-product")
    command.post("/api/products", LAPTOP)

    answer = command.post("/api/orders", ORDER, **keyed("k"))

    assert answer.status == 201
    assert "Idempotent-Replayed" not in answer.headers
    assert command.post("/api/orders", ORDER, **keyed("k")).headers["Idempotent-Replayed"] == "true"
    assert counts(system) == [1, 1, 1, 2]


def test_x_02_many_at_once_with_one_key_make_one_order_and_all_get_it(shop, system):
    keys = [str(uuid.uuid4()) for _ in range(10)]
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda n: (n % 10, shop.post("/api/orders", ORDER, **keyed(keys[n % 10]))),
                                range(240)))

    assert {answer.status for _, answer in answers} == {201}
    for number in range(10):
        of_key = [answer for key, answer in answers if key == number]
        assert len({answer.text for answer in of_key}) == 1
        assert sum("Idempotent-Replayed" not in answer.headers for answer in of_key) == 1
    assert counts(system) == [1, 10, 10, 11]


def test_x_02_a_key_outlives_the_service(system):
    command = system.start_command()
    command.post("/api/products", LAPTOP)
    first = command.post("/api/orders", ORDER, **keyed("k"))
    command.kill()

    assert_same(first, system.start_command().post("/api/orders", ORDER, **keyed("k")))


def test_x_02_a_key_is_free_again_after_its_time(shop, system):
    first = shop.post("/api/orders", ORDER, **keyed("k"))
    system.query("UPDATE idempotency_keys SET created_at = created_at - interval '49 hours'")

    again = shop.post("/api/orders", {**ORDER, "customerId": 2}, **keyed("k"))

    assert (first.json["id"], again.status, again.json["id"]) == (1, 201, 2)


@pytest.mark.parametrize("key", ["", "a" * 256, "a b", "\xe9", '""'])
def test_x_02_a_key_that_is_none_is_refused(shop, system, key):
    assert_problem(shop.post("/api/orders", ORDER, **keyed(key)), 400, "invalid-header")
    assert counts(system) == [1, 0, 0, 1]


def test_x_02_the_key_travels_as_the_events_cause(shop, system):
    shop.post("/api/orders", ORDER, **keyed("k-7", **{"X-Request-Id": "cart"}))
    system.wait_until_published()

    (record,) = system.events("order-events")
    assert (record["headers"]["causationid"], record["headers"]["correlationid"]) == ("k-7", "cart")

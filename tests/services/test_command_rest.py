"""The REST contract of command-service, and what it leaves in the database."""
import concurrent.futures
import json

import pytest

LAPTOP = {"name": "Laptop", "category": "Electronics", "price": 500.0}
ORDER = {"customerId": 1, "items": [{"productId": 1, "quantity": 2, "price": 500.0}]}


def assert_problem(answer, status, slug, pointer=None):
    assert answer.status == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json
    assert problem["type"] == "/problems/" + slug
    assert problem["status"] == status
    if pointer is not None:
        assert pointer in [error["pointer"] for error in problem["errors"]]
    return problem


def assert_nothing_stored(system):
    for table in ("products", "orders", "order_items", "events"):
        assert system.value(f"SELECT count(*) FROM {table}") == 0, table


def statuses(system):
    return [row[0] for row in system.query(
        "SELECT payload->>'newStatus' FROM events WHERE event_type = 'OrderStatusUpdated' ORDER BY id")]


# ---- what the contract says, byte for byte ----

def test_s3_01_s3_43_a_product_is_created(command):
    answer = command.post("/api/products", LAPTOP)

    assert answer.status == 201
    assert answer.text == '{"id":1,"name":"Laptop","category":"Electronics","price":500.0}'
    assert answer.headers["Location"] == "/api/products/1"
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Content-Type"] == "application/json"


def test_s3_02_s3_43_an_order_is_created(command):
    command.post("/api/products", LAPTOP)

    answer = command.post("/api/orders", ORDER)

    assert answer.status == 201
    assert answer.text == ('{"id":1,"customerId":1,"status":"CREATED",'
                           '"items":[{"productId":1,"quantity":2,"price":500.0}]}')
    assert answer.headers["Location"] == "/api/orders/1"
    assert answer.headers["ETag"] == '"1"'


def test_s3_03_s3_43_a_status_is_changed(command):
    command.post("/api/products", LAPTOP)
    command.post("/api/orders", ORDER)

    answer = command.put("/api/orders/1/status", {"status": "SHIPPED"})

    assert answer.status == 200
    assert answer.text == ('{"id":1,"customerId":1,"status":"SHIPPED",'
                           '"items":[{"productId":1,"quantity":2,"price":500.0}]}')
    assert answer.headers["ETag"] == '"2"'


# ---- products ----

def test_s3_01_s3_02_ids_begin_at_one_and_refusals_use_none_up(command):
    for _ in range(3):
        command.post("/api/products", {"name": "", "category": "x", "price": 1})
        command.post("/api/orders", ORDER)

    assert command.post("/api/products", LAPTOP).json["id"] == 1
    assert command.post("/api/products", LAPTOP).json["id"] == 2
    assert command.post("/api/orders", ORDER).json["id"] == 1


@pytest.mark.parametrize("sent, shown", [
    ("500", "500.0"), ("19.99", "19.99"), ("0", "0.0"), ("1e3", "1000.0"), ("0.10", "0.1"),
    ('"12.50"', "12.5"), ("10000000000.00", "10000000000.0")])
def test_s3_01_a_price_is_exact_and_shown_shortest(command, sent, shown):
    answer = command.post("/api/products", b'{"name":"a","category":"b","price":' + sent.encode() + b"}")

    assert answer.status == 201, answer.text
    assert answer.text.endswith(f'"price":{shown}}}')


def test_s3_01_texts_are_trimmed_and_kept_as_they_are(command, system):
    answer = command.post("/api/products", {"name": '  Käse "1\\2" \'; DROP TABLE products--  ',
                                            "category": "Lebens/Mittel 🧀", "price": 1})

    assert answer.status == 201
    assert answer.json["name"] == 'Käse "1\\2" \'; DROP TABLE products--'
    assert system.value("SELECT name FROM products") == 'Käse "1\\2" \'; DROP TABLE products--'
    payload = system.value("SELECT payload FROM events")
    assert payload == {"id": 1, "name": 'Käse "1\\2" \'; DROP TABLE products--',
                       "category": "Lebens/Mittel 🧀", "price": 1.0}


def test_x_07_a_product_is_updated(command, system):
    command.post("/api/products", LAPTOP)

    answer = command.put("/api/products/1", {"name": "Laptop 2", "category": "Office", "price": 450.5})

    assert answer.status == 200
    assert answer.text == '{"id":1,"name":"Laptop 2","category":"Office","price":450.5}'
    assert answer.headers["ETag"] == '"2"'
    assert system.query("SELECT event_type, version, payload FROM events ORDER BY id")[1] == (
        "ProductUpdated", 2, {"id": 1, "name": "Laptop 2", "category": "Office", "price": 450.5})


def test_x_07_an_update_that_changes_nothing_is_no_event(command, system):
    command.post("/api/products", LAPTOP)

    answer = command.put("/api/products/1", {**LAPTOP, "price": "500.00"})

    assert answer.status == 200
    assert answer.headers["ETag"] == '"1"'
    assert system.value("SELECT count(*) FROM events") == 1


def test_x_03_x_07_an_update_of_another_version_is_refused(command, system):
    command.post("/api/products", LAPTOP)

    stale = command.put("/api/products/1", {**LAPTOP, "price": 1}, headers={"If-Match": '"7"'})
    fresh = command.put("/api/products/1", {**LAPTOP, "price": 2}, headers={"If-Match": '"1"'})
    after = command.put("/api/products/1", {**LAPTOP, "price": 3}, headers={"If-Match": '"1"'})
    odd = command.put("/api/products/1", {**LAPTOP, "price": 4}, headers={"If-Match": "1"})

    assert_problem(stale, 412, "version-differs")
    assert fresh.status == 200
    assert_problem(after, 412, "version-differs")
    assert_problem(odd, 400, "invalid-header")
    assert str(system.value("SELECT price FROM products")) == "2.0000"


def test_x_07_an_unknown_product_cannot_be_updated(command, system):
    assert_problem(command.put("/api/products/9", LAPTOP), 404, "not-found")
    assert_nothing_stored(system)


# ---- orders ----

def test_s3_02_lines_are_echoed_in_their_order_also_the_same_product_twice(command):
    command.post("/api/products", LAPTOP)
    command.post("/api/products", {"name": "Mouse", "category": "Electronics", "price": 19.99})
    items = [{"productId": 2, "quantity": 1, "price": 18.0}, {"productId": 1, "quantity": 3, "price": 500.0},
             {"productId": 2, "quantity": 5, "price": 19.99}]

    answer = command.post("/api/orders", {"customerId": 7, "items": items})

    assert answer.status == 201
    assert answer.json["items"] == items
    changed = command.put("/api/orders/1/status", {"status": "PAID"})
    assert changed.json == {"id": 1, "customerId": 7, "status": "PAID", "items": items}


def test_s3_02_a_price_left_out_is_the_products(command, system):
    command.post("/api/products", {"name": "Mouse", "category": "Electronics", "price": 19.99})

    answer = command.post("/api/orders", {"customerId": 1, "items": [{"productId": 1, "quantity": 2}]})

    assert answer.json["items"] == [{"productId": 1, "quantity": 2, "price": 19.99}]
    assert system.value("SELECT payload->'items' FROM events WHERE aggregate_type = 'order'") == [
        {"productId": 1, "quantity": 2, "price": 19.99, "listPrice": 19.99}]


def test_s3_02_an_agreed_price_goes_out_beside_the_list_price(command, system):
    command.post("/api/products", LAPTOP)

    command.post("/api/orders", {"customerId": 1, "items": [{"productId": 1, "quantity": 1, "price": 450}]})

    assert system.value("SELECT payload->'items' FROM events WHERE aggregate_type = 'order'") == [
        {"productId": 1, "quantity": 1, "price": 450.0, "listPrice": 500.0}]


def test_s3_02_policy_list_takes_the_products_price(system):
    command = system.start_command(ORDER_PRICE_POLICY="list")
    command.post("/api/products", LAPTOP)

    answer = command.post("/api/orders", {"customerId": 1, "items": [{"productId": 1, "quantity": 1, "price": 1}]})

    assert answer.json["items"][0]["price"] == 500.0


def test_s3_02_policy_strict_refuses_another_price(system):
    command = system.start_command(ORDER_PRICE_POLICY="strict")
    command.post("/api/products", LAPTOP)

    other = command.post("/api/orders", {"customerId": 1, "items": [
        {"productId": 1, "quantity": 1, "price": 500}, {"productId": 1, "quantity": 1, "price": 499.99}]})
    same = command.post("/api/orders", ORDER)

    assert "500.0" in assert_problem(other, 409, "price-changed", "/items/1/price")["detail"]
    assert same.status == 201
    assert same.json["id"] == 1


def test_s4_44_unknown_products_are_all_named(command, system):
    command.post("/api/products", LAPTOP)

    answer = command.post("/api/orders", {"customerId": 1, "items": [
        {"productId": 8, "quantity": 1, "price": 1}, {"productId": 1, "quantity": 1, "price": 1},
        {"productId": 9, "quantity": 1}]})

    problem = assert_problem(answer, 422, "unknown-product", "/items/0/productId")
    assert [error["pointer"] for error in problem["errors"]] == ["/items/0/productId", "/items/2/productId"]
    assert system.value("SELECT count(*) FROM orders") == 0
    assert system.value("SELECT count(*) FROM events") == 1


def test_s4_44_a_total_beyond_the_bound_is_refused_also_when_prices_are_filled_in(command, system):
    command.post("/api/products", {"name": "Castle", "category": "Houses", "price": 10000000000})

    answer = command.post("/api/orders", {"customerId": 1, "items": [{"productId": 1, "quantity": 1001}]})

    assert_problem(answer, 422, "invalid-field", "/items")
    assert system.value("SELECT count(*) FROM orders") == 0


# ---- status ----

def test_s3_03_the_same_status_again_is_no_event(command, system):
    command.post("/api/products", LAPTOP)
    command.post("/api/orders", ORDER)
    command.put("/api/orders/1/status", {"status": "PAID"})

    again = command.put("/api/orders/1/status", {"status": "paid"})

    assert again.status == 200
    assert again.json["status"] == "PAID"
    assert again.headers["ETag"] == '"2"'
    assert statuses(system) == ["PAID"]


def test_s3_03_an_illegal_step_is_refused_with_those_allowed(command, system):
    command.post("/api/products", LAPTOP)
    command.post("/api/orders", ORDER)
    command.put("/api/orders/1/status", {"status": "SHIPPED"})

    answer = command.put("/api/orders/1/status", {"status": "PAID"})

    problem = assert_problem(answer, 409, "illegal-transition")
    assert (problem["from"], problem["to"]) == ("SHIPPED", "PAID")
    assert problem["allowed"] == ["DELIVERED", "COMPLETED", "RETURNED", "REFUNDED"]
    assert statuses(system) == ["SHIPPED"]


def test_s3_03_s4_44_an_unknown_status_or_order_is_refused(command):
    command.post("/api/products", LAPTOP)
    command.post("/api/orders", ORDER)

    assert_problem(command.put("/api/orders/1/status", {"status": "LOST"}), 422, "invalid-field", "/status")
    assert_problem(command.put("/api/orders/2/status", {"status": "PAID"}), 404, "not-found")
    assert command.put("/api/orders/x/status", {"status": "PAID"}).status == 400


# ---- refusals before anything is looked up ----

@pytest.mark.parametrize("items, pointer", [
    ([{"productId": 1, "quantity": -2, "price": 500.0}], "/items/0/quantity"),
    ([{"productId": 1, "quantity": 0}], "/items/0/quantity"),
    ([{"productId": 1, "quantity": 1.5}], "/items/0/quantity"),
    ([{"productId": 1, "quantity": "2"}], "/items/0/quantity"),
    ([{"productId": 1, "quantity": 1, "price": 1.999}], "/items/0/price"),
    ([{"productId": 1, "quantity": 1, "price": -1}], "/items/0/price"),
    ([{"productId": 9007199254740992, "quantity": 1}], "/items/0/productId"),
    ([], "/items"), ("none", "/items")])
def test_s4_44_a_wrong_line_is_named(command, system, items, pointer):
    assert_problem(command.post("/api/orders", {"customerId": 1, "items": items}), 422, "invalid-field", pointer)
    assert_nothing_stored(system)


@pytest.mark.parametrize("body", [
    b'{"customerId":1,"items":[{"productId":1,', b"", b"[", b'{"customerId":1,"customerId":2,"items":[]}',
    b'{"name":"a\x00"}', b'{"customerId":01,"items":[]}', b"\xef\xbb\xbf{}", b'{"name":"\xff\xfe"}'])
def test_s4_44_broken_json_is_refused(command, system, body):
    for path in ("/api/products", "/api/orders"):
        assert_problem(command.post(path, body), 400, "malformed-json")
    assert_nothing_stored(system)


def test_s4_44_a_too_large_body_is_refused(command, system):
    body = json.dumps({"name": "x" * 1100000, "category": "b", "price": 1}).encode()

    assert_problem(command.post("/api/products", body), 413, "body-too-large")
    assert_nothing_stored(system)


def test_s4_44_unknown_routes_and_methods_are_refused(command):
    assert_problem(command.get("/api/nothing"), 404, "no-such-route")
    answer = command.get("/api/products")
    assert answer.status == 405
    assert "POST" in answer.headers["Allow"]
    assert command.post("/api/products", b"name=a", headers={"Content-Type": "text/plain"}).status == 415


# ---- many at once ----

def test_s3_13_changes_of_one_aggregate_get_versions_without_gaps(command, system):
    command.post("/api/products", LAPTOP)

    def reprice(number):
        return command.put("/api/products/1", {**LAPTOP, "price": number}).status

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(reprice, range(1, 201)))

    assert set(answers) == {200}
    events = system.query("SELECT version, occurred_at, payload FROM events ORDER BY id")
    assert [event[0] for event in events] == list(range(1, len(events) + 1))
    assert events == sorted(events, key=lambda event: event[1])
    assert events[-1][2]["price"] == float(system.value("SELECT price FROM products"))
    assert system.value("SELECT version FROM products") == len(events)


def test_x_03_of_two_rivals_for_one_version_exactly_one_wins(command):
    command.post("/api/products", LAPTOP)

    def reprice(number):
        return command.put("/api/products/1", {**LAPTOP, "price": number}, headers={"If-Match": '"1"'}).status

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(reprice, range(1, 9)))

    assert sorted(answers) == [200] + [412] * 7


def test_s3_13_s4_25_good_and_refused_commands_at_once_do_not_disturb_each_other(command, system):
    for _ in range(3):
        command.post("/api/products", LAPTOP)

    def order(number):
        known = number % 3 != 0
        answer = command.post("/api/orders", {"customerId": number + 1, "items": [
            {"productId": 1 + number % 3 if known else 99, "quantity": 1, "price": 1.25}]})
        return known, answer

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(order, range(300)))

    assert all(answer.status == (201 if known else 422) for known, answer in answers)
    ids = sorted(answer.json["id"] for known, answer in answers if known)
    assert ids == list(range(1, 201))
    for known, answer in answers:
        if known:
            made = answer.json
            assert system.value("SELECT customer_id FROM orders WHERE id = %s", made["id"]) == made["customerId"]
    assert system.value("SELECT count(*) FROM events WHERE aggregate_type = 'order'") == 200


def test_s4_34_the_events_tell_all_of_the_state(command, system):
    """products and orders can be rebuilt from events alone."""
    command.post("/api/products", LAPTOP)
    command.put("/api/products/1", {**LAPTOP, "price": 450})
    command.post("/api/orders", ORDER)
    command.post("/api/orders", {"customerId": 2, "items": [{"productId": 1, "quantity": 1}]})
    command.put("/api/orders/1/status", {"status": "PAID"})
    command.put("/api/orders/1/status", {"status": "CANCELLED"})

    products, orders = {}, {}
    for kind, payload in system.query("SELECT event_type, payload FROM events ORDER BY id"):
        if kind in ("ProductCreated", "ProductUpdated"):
            products[payload["id"]] = (payload["name"], payload["category"], payload["price"])
        elif kind == "OrderCreated":
            orders[payload["id"]] = [payload["customerId"], payload["status"],
                                     [(i["productId"], i["quantity"], i["price"]) for i in payload["items"]]]
        else:
            assert orders[payload["orderId"]][1] == payload["previousStatus"]
            orders[payload["orderId"]][1] = payload["newStatus"]

    assert products == {row[0]: (row[1], row[2], float(row[3]))
                        for row in system.query("SELECT id, name, category, price FROM products")}
    assert orders == {row[0]: [row[1], row[2], [(p, q, float(price)) for p, q, price in system.query(
        "SELECT product_id, quantity, price FROM order_items WHERE order_id = %s ORDER BY line", row[0])]]
        for row in system.query("SELECT id, customer_id, status FROM orders")}


# ---- health ----

def test_s4_05_it_is_live_and_ready(command):
    assert command.get("/health/live").status == 200
    assert command.get("/health/ready").status == 200


def test_s3_01_connections_are_kept_open(command):
    connection = command.connect()
    first = command.post("/api/products", LAPTOP, connection=connection)
    socket_of_first = connection.sock
    second = command.post("/api/products", LAPTOP, connection=connection)

    assert (first.status, second.status) == (201, 201)
    assert connection.sock is socket_of_first is not None
    connection.close()

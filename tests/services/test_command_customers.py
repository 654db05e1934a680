"""Customers: S2's users under their own name."""
import concurrent.futures

import pytest

from test_command_rest import assert_problem


def names(system):
    return system.query("SELECT id, version, name, email FROM customers ORDER BY id")


def test_s4_11_s4_12_s4_20_a_customer_is_created_and_told_to_the_topic(command, system):
    answer = command.post("/api/customers", {"name": "Ann", "email": "ann@example.com"})

    assert answer.status == 201
    assert answer.text == '{"id":1,"name":"Ann","email":"ann@example.com"}'
    assert answer.headers["Location"] == "/api/customers/1"
    assert answer.headers["ETag"] == '"1"'
    system.wait_until_published()
    (record,) = system.events("customer-events")
    assert record["key"] == "1"
    assert record["value"]["eventType"] == "CustomerCreated"
    assert record["value"]["payload"] == {"id": 1, "name": "Ann", "email": "ann@example.com"}
    assert record["headers"]["ce_type"] == "com.example.ecommerce.customer.created.v1"


def test_s4_11_s4_12_s4_14_a_customer_is_updated(command, system):
    command.post("/api/customers", {"name": "Ann", "email": "ann@example.com"})

    answer = command.put("/api/customers/1", {"name": "Anna"}, headers={"If-Match": '"1"'})

    assert answer.status == 200
    assert answer.text == '{"id":1,"name":"Anna"}'
    assert answer.headers["ETag"] == '"2"'
    assert names(system) == [(1, 2, "Anna", None)]
    assert command.put("/api/customers/1", {"name": "Anna"}).headers["ETag"] == '"2"'
    assert_problem(command.put("/api/customers/1", {"name": "X"}, headers={"If-Match": '"1"'}), 412, "version-differs")
    assert_problem(command.put("/api/customers/9", {"name": "X"}), 404, "not-found")
    system.wait_until_published()
    assert [(r["value"]["eventType"], r["value"]["version"]) for r in system.events("customer-events")] == [
        ("CustomerCreated", 1), ("CustomerUpdated", 2)]


def test_s2_02_an_id_of_the_clients_own_is_taken_if_it_is_free(command, system):
    assert command.post("/api/customers", {"id": 2, "name": "Bob"}).headers["Location"] == "/api/customers/2"
    assert_problem(command.post("/api/customers", {"id": 2, "name": "Eve"}), 409, "id-taken")

    drawn = [command.post("/api/customers", {"name": "Ann"}).json["id"] for _ in range(3)]

    assert drawn == [1, 3, 4]
    assert system.value("SELECT name FROM customers WHERE id = 2") == "Bob"


def test_s2_02_of_rivals_for_one_id_exactly_one_wins(command, system):
    def create(number):
        return command.post("/api/customers", {"id": 7, "name": f"n{number}"}).status

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(create, range(8))) == [201] + [409] * 7
    assert system.value("SELECT count(*) FROM events") == 1


@pytest.mark.parametrize("body, pointer", [
    ({"name": ""}, "/name"), ({"name": "x" * 256}, "/name"), ({"name": "a\tb"}, "/name"), ({}, ""),
    ({"id": 0, "name": "a"}, "/id"), ({"id": "1", "name": "a"}, "/id"), ({"id": 2 ** 53, "name": "a"}, "/id"),
    ({"name": "a", "email": "nobody"}, "/email"), ({"name": "a", "email": "a b@c"}, "/email"),
    ({"name": "a", "email": "a@b@c"}, "/email"), ({"name": "a", "email": "@c"}, "/email"),
    ({"name": "a", "email": "a@"}, "/email"), ({"name": "a", "email": 1}, "/email")])
def test_s4_11_s4_44_a_wrong_customer_is_refused_by_name(command, system, body, pointer):
    assert_problem(command.post("/api/customers", body), 422, "invalid-field", pointer or None)
    assert names(system) == []


def test_s4_11_policy_known_refuses_orders_of_strangers(system):
    command = system.start_command(CUSTOMER_POLICY="known")
    command.post("/api/products", {"name": "a", "category": "b", "price": 1})
    order = {"customerId": 1, "items": [{"productId": 1, "quantity": 1}]}

    assert_problem(command.post("/api/orders", order), 422, "unknown-customer", "/customerId")
    command.post("/api/customers", {"name": "Ann"})
    assert command.post("/api/orders", order).json["id"] == 1

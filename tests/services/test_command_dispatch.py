"""POST /commands: every command as {"type","payload"}, answered as by its own route."""
import pytest

from test_command_rest import LAPTOP, ORDER, assert_problem

STATUS = {"orderId": 1, "status": "SHIPPED"}


def send(command, kind, payload, **headers):
    return command.post("/commands", {"type": kind, "payload": payload}, headers=headers)


def test_s2_01_all_commands_answer_as_their_routes_do(command, system):
    """The same history twice: by routes, and by commands on the next ids."""
    routes = [command.post("/api/products", LAPTOP), command.put("/api/products/1", {**LAPTOP, "price": 1}),
              command.post("/api/customers", {"name": "Ann"}), command.put("/api/customers/1", {"name": "Anna"}),
              command.post("/api/orders", ORDER), command.put("/api/orders/1/status", {"status": "SHIPPED"})]
    kinds = [("createProduct", LAPTOP), ("updateProduct", {"id": 2, **LAPTOP, "price": 1}),
             ("createCustomer", {"name": "Ann"}), ("updateCustomer", {"id": 2, "name": "Anna"}),
             ("createOrder", ORDER), ("updateOrderStatus", {"orderId": 2, "status": "SHIPPED"})]

    for by_route, (kind, payload) in zip(routes, kinds):
        by_command = send(command, kind, payload)
        assert by_command.status == by_route.status < 300, kind
        assert by_command.json == {**by_route.json, "id": 2}, kind
        assert by_command.headers["ETag"] == by_route.headers["ETag"], kind
        assert (by_command.headers["Location"] or "").replace("2", "1") == (by_route.headers["Location"] or "")
    assert [row[0] for row in system.query(
        "SELECT count(*) FROM events GROUP BY event_type")] == [2] * 6


def test_s2_01_s2_02_s4_14_users_are_customers(command):
    created = send(command, "createUser", {"id": 5, "name": "Ann"})
    updated = send(command, "updateUser", {"id": 5, "name": "Anna"})

    assert (created.status, created.text) == (201, '{"id":5,"name":"Ann"}')
    assert (updated.status, updated.text) == (200, '{"id":5,"name":"Anna"}')
    assert_problem(send(command, "createUser", {"id": 5, "name": "Eve"}), 409, "id-taken")


def test_s2_01_an_unknown_type_is_told_those_known(command):
    problem = assert_problem(send(command, "dropTables", {}), 422, "unknown-command", "/type")

    assert "dropTables" in problem["detail"]
    assert {"createProduct", "updateOrderStatus", "createUser"} <= set(problem["known"])


def test_s2_01_the_type_may_stand_behind_the_payload(command):
    answer = command.post("/commands", b'{"payload":{"name":"a","category":"b","price":1},"type":"createProduct"}')

    assert answer.status == 201


@pytest.mark.parametrize("body, pointer", [
    ({"type": "createProduct", "payload": {**LAPTOP, "price": -1}}, "/payload/price"),
    ({"type": "createOrder", "payload": {"customerId": 1, "items": [{"productId": 0, "quantity": 1}]}},
     "/payload/items/0/productId"),
    ({"type": "updateProduct", "payload": LAPTOP}, "/payload/id"),
    ({"type": "updateOrderStatus", "payload": {"status": "PAID"}}, "/payload/orderId"),
    ({"type": "createProduct", "payload": []}, "/payload"), ({"type": "createProduct"}, "/payload"),
    ({"payload": {}}, "/type"), ({"type": 1, "payload": {}}, "/type")])
def test_s2_01_s4_44_errors_point_into_the_payload(command, system, body, pointer):
    assert_problem(command.post("/commands", body), 422, "invalid-field", pointer)
    assert system.value("SELECT count(*) FROM events") == 0


def test_s2_01_domain_refusals_are_those_of_the_routes(command):
    assert_problem(send(command, "createOrder", ORDER), 422, "unknown-product", "/items/0/productId")
    assert_problem(send(command, "updateOrderStatus", STATUS), 404, "not-found")
    command.post("/api/products", LAPTOP)
    send(command, "createOrder", ORDER)
    send(command, "updateOrderStatus", STATUS)
    assert_problem(send(command, "updateOrderStatus", {"orderId": 1, "status": "PAID"}), 409, "illegal-transition")
    assert_problem(send(command, "updateProduct", {"id": 1, **LAPTOP, "price": 2}, **{"If-Match": '"7"'}),
                   412, "version-differs")


def test_s4_44_broken_json_is_refused(command):
    for body in (b"", b"{", b'{"type":"createProduct","payload":{"a":1,"a":2}}', b'{"type":"x","payload":01}'):
        assert_problem(command.post("/commands", body), 400, "malformed-json")

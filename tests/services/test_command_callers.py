"""Who calls: roles of commands, prices that a customer may not agree, keys that are the caller's own."""
import base64
import hashlib
import hmac
import json
import os
import time

import pytest

from test_command_rest import LAPTOP, ORDER, assert_problem

SECRET = b"a secret of the tests, long enough to be one"


def part(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def bearer(*roles, subject="ann"):
    claims = {"sub": subject, "roles": roles, "exp": int(time.time()) + 600}
    signed = part(b'{"alg":"HS256","typ":"JWT"}') + "." + part(json.dumps(claims).encode())
    return {"Authorization": f"Bearer {signed}.{part(hmac.digest(SECRET, signed.encode(), hashlib.sha256))}"}


@pytest.fixture
def guarded(system, folder):
    path = os.path.join(folder, "secret")
    with open(path, "wb") as file:
        file.write(SECRET)
    return system.start_command(AUTH_MODE="jwt", AUTH_JWT_KEY_FILE=path)


ALLOWED = {
    ("POST", "/api/products"): {"admin", "sales"}, ("PUT", "/api/products/1"): {"admin", "sales"},
    ("POST", "/api/customers"): {"admin", "sales"}, ("PUT", "/api/customers/1"): {"admin", "sales"},
    ("POST", "/api/orders"): {"admin", "sales", "customer"}, ("PUT", "/api/orders/1/status"): {"admin", "sales"},
    ("GET", "/api/orders/1/events"): {"admin", "sales", "viewer"}}


def test_s4_41_each_route_is_for_certain_roles(guarded):
    for (method, path), allowed in ALLOWED.items():
        assert_problem(guarded.call(method, path), 401, "unauthenticated")
        for role in ("admin", "sales", "customer", "viewer", "nobody"):
            status = guarded.call(method, path, headers=bearer(role)).status
            assert (status == 403) == (role not in allowed), (method, path, role, status)
    assert guarded.get("/health/ready").status == 200


def test_s4_41_commands_have_the_roles_of_their_routes(guarded):
    for kind in ("createProduct", "updateProduct", "createUser", "updateCustomer", "updateOrderStatus"):
        assert_problem(guarded.post("/commands", {"type": kind, "payload": {}}, headers=bearer("customer")), 403,
                       "not-allowed")
        assert guarded.post("/commands", {"type": kind, "payload": {}}, headers=bearer("sales")).status == 422
    assert guarded.post("/commands", {"type": "createOrder", "payload": {}}, headers=bearer("customer")).status == 422
    assert guarded.post("/commands", {"type": "createOrder", "payload": {}}, headers=bearer("viewer")).status == 403


def test_s4_41_a_customer_pays_the_price_of_the_product(guarded):
    guarded.post("/api/products", LAPTOP, headers=bearer("sales"))
    cheap = {"customerId": 1, "items": [{"productId": 1, "quantity": 1, "price": 1}]}

    assert_problem(guarded.post("/api/orders", cheap, headers=bearer("customer")), 409, "price-changed")
    assert guarded.post("/api/orders", ORDER, headers=bearer("customer")).status == 201
    assert guarded.post("/api/orders", cheap, headers=bearer("customer", "sales")).status == 201


def test_x_02_a_key_is_its_callers_own(guarded, system):
    guarded.post("/api/products", LAPTOP, headers=bearer("sales"))

    def order(subject):
        return guarded.post("/api/orders", ORDER, headers={**bearer("customer", subject=subject), "Idempotency-Key": "k"})

    assert [order("ann").json["id"], order("bob" * 100).json["id"], order("ann").json["id"]] == [1, 2, 1]
    assert system.value("SELECT count(*) FROM orders") == 2


def test_x_03_if_match_may_be_required(system):
    command = system.start_command(IF_MATCH="required")
    command.post("/api/products", LAPTOP)

    assert_problem(command.put("/api/products/1", LAPTOP), 428, "precondition-required")
    assert command.put("/api/products/1", LAPTOP, headers={"If-Match": '"1"'}).status == 200
    assert command.put("/api/products/1", LAPTOP, headers={"If-Match": "*"}).status == 200
    assert_problem(command.put("/api/products/1", LAPTOP, headers={"If-Match": '"9"'}), 412, "version-differs")

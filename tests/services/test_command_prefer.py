"""Prefer: wait – a command that is answered when its event is in its topic."""
import pytest

from test_command_rest import LAPTOP, ORDER

LONG_WAIT = {"Prefer": "respond-async, wait=5"}


def test_x_04_who_prefers_to_wait_is_answered_when_the_event_is_in_its_topic(command, system):
    for path, body in (("/api/products", LAPTOP), ("/api/customers", {"name": "Ann"}), ("/api/orders", ORDER)):
        answer = command.post(path, body, headers=LONG_WAIT)
        assert answer.status == 201
        assert (answer.headers["Preference-Applied"], answer.headers["Event-Published"]) == ("wait=5", "true")
    assert command.put("/api/orders/1/status", {"status": "PAID"}, headers=LONG_WAIT).headers["Event-Published"] == "true"

    assert [record["value"]["eventType"] for record in system.events("order-events")] == [
        "OrderCreated", "OrderStatusUpdated"]
    assert len(system.events("customer-events")) == len(system.events("product-events")) == 1


def test_x_04_another_instances_relay_is_waited_for_too(system):
    system.start_command().post("/api/products", LAPTOP)
    standing_by = system.start_command()

    assert standing_by.post("/api/orders", ORDER, headers=LONG_WAIT).headers["Event-Published"] == "true"


def test_x_04_what_is_not_published_in_time_is_done_all_the_same(system):
    system.broker = "127.0.0.1:1"
    command = system.start_command()

    answer = command.post("/api/products", LAPTOP, headers={"Prefer": "wait=1"})

    assert (answer.status, answer.json["id"]) == (201, 1)
    assert (answer.headers["Preference-Applied"], answer.headers["Event-Published"]) == ("wait=1", "false")
    assert answer.headers["ETag"] == '"1"'
    assert command.stop() == 0


@pytest.mark.parametrize("prefer", ["wait", "wait=x", "wait=-1", "wait=0", "waiting=5", "wait=5x", "return=minimal"])
def test_x_04_other_preferences_are_ignored(command, prefer):
    answer = command.post("/api/products", LAPTOP, headers={"Prefer": prefer})

    assert answer.status == 201
    assert "Preference-Applied" not in answer.headers and "Event-Published" not in answer.headers


def test_x_04_nobody_waits_behind_a_refusal(command):
    answer = command.post("/api/orders", ORDER, headers=LONG_WAIT)

    assert answer.status == 422
    assert "Event-Published" not in answer.headers

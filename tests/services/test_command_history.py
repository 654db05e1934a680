"""GET /api/orders/{id}/events: what became of an order, from the event log."""
import json

from conftest import eventually
from test_command_rest import LAPTOP, ORDER, assert_problem


def test_x_05_the_history_of_an_order_is_its_events(command, system):
    command.post("/api/products", LAPTOP)
    command.post("/api/orders", ORDER)
    command.post("/api/orders", ORDER)
    command.put("/api/orders/1/status", {"status": "PAID"})
    command.put("/api/orders/1/status", {"status": "CANCELLED"})
    command.put("/api/orders/1/status", {"status": "REFUNDED"})
    system.wait_until_published()

    answer = command.get("/api/orders/1/events")

    assert answer.status == 200
    assert answer.headers["ETag"] == '"3"'
    assert answer.json["orderId"] == 1
    assert [(e["eventType"], e["version"], e["published"]) for e in answer.json["items"]] == [
        ("OrderCreated", 1, True), ("OrderStatusUpdated", 2, True), ("OrderStatusUpdated", 3, True)]
    assert answer.json["items"][1]["payload"] == {"orderId": 1, "newStatus": "PAID", "previousStatus": "CREATED"}
    told = {record["value"]["eventId"]: record["value"] for record in system.events("order-events")}
    for event in answer.json["items"]:
        assert {**told[event["eventId"]], "published": True} == {**event, "aggregateId": 1}


def test_x_05_an_order_that_is_not_there_has_no_history(command):
    assert_problem(command.get("/api/orders/1/events"), 404, "not-found")
    assert command.get("/api/orders/x/events").status == 400


def test_s4_40_a_trace_is_in_the_log_in_the_event_and_in_the_problem(system):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    traced = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    command = system.start_command(LOG_LEVEL="debug")
    command.post("/api/products", LAPTOP, headers=traced)
    refused = command.put("/api/orders/7/status", {"status": "PAID"}, headers=traced)
    system.wait_until_published()

    assert assert_problem(refused, 404, "not-found")["traceId"] == trace
    (record,) = system.events("product-events")
    assert record["headers"]["traceparent"] == traced["traceparent"]

    def logged():  # each line comes after its answer, so that either may be first
        lines = [json.loads(line) for line in command.log().splitlines() if line.endswith("}")]
        return sorted((line["http.route"], line["http.response.status_code"]) for line in lines if line.get("trace_id") == trace)
    eventually(lambda: logged() == [("/api/orders/{id}/status", 404), ("/api/products", 201)], "both being logged")

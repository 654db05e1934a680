"""The samples in tests/data/events: what command-service writes, and what query-service takes."""
import glob
import json
import os
import re

from conftest import ROOT, eventually
from test_query_rows import HOUR, NINE, produce

SAMPLES = os.path.join(ROOT, "tests/data/events")


def sample(name):
    with open(os.path.join(SAMPLES, name + ".json")) as file:
        return file.read().rstrip("\n")


def without_chance(text):
    """With an id and a time that are always the same."""
    text = re.sub(r'"eventId":"[0-9a-f-]{36}"', '"eventId":"…"', text)
    return re.sub(r'"occurredAt":"[^"]+Z"', '"occurredAt":"…"', text)


def write_one_of_each(command):
    shipped = {"status": "SHIPPED"}
    assert command.post("/api/products", {"name": "Laptop", "category": "Electronics", "price": 500.0}).status == 201
    assert command.post("/api/customers", {"name": "Ann", "email": "ann@example.com"}).status == 201
    assert command.put("/api/customers/1", {"name": "Ann B.", "email": "ann@example.com"}).status == 200
    order = {"customerId": 1, "items": [{"productId": 1, "quantity": 2, "price": 500.0}]}
    assert command.post("/api/orders", order).status == 201
    assert command.put("/api/orders/1/status", shipped).status == 200
    assert command.put("/api/products/1", {"name": "Laptop", "category": "Computers", "price": 450.0}).status == 200


def test_s4_32_s4_12_every_type_is_written_as_its_sample(command, system):
    write_one_of_each(command)
    system.wait_until_published()

    written = {record["value"]["eventType"]: without_chance(record["text"])
               for topic in ("product-events", "order-events", "customer-events") for record in system.events(topic)}

    assert written == {json.loads(text)["eventType"]: without_chance(text) for text in (
        sample(os.path.basename(path)[:-5]) for path in glob.glob(SAMPLES + "/*.json") if "/plain_" not in path)}
    with open(f"{ROOT}/command-service/src/domain/event.c") as source:
        assert set(re.findall(r'\{"(\w+)", "com\.', source.read())) == set(written)


def test_s4_32_every_sample_is_taken(system):
    query = system.start_query()
    paths = sorted(glob.glob(SAMPLES + "/*.json"))
    for path in paths:
        at = NINE if "plain_" in path else NINE + HOUR  # a time of their own have all but the plain ones
        topic = re.search(r"(product|order|customer)_", os.path.basename(path)).group(1)
        event = json.loads(sample(os.path.basename(path)[:-5]))
        produce(system, topic, (event["payload"].get("id") or event["payload"]["orderId"], event, at, None))

    eventually(lambda: query.get("/api/customers/1").text.find("Ann B.") > 0, "the customer's newest version")
    eventually(lambda: query.get("/api/orders/1").text.find("SHIPPED") > 0, "the order's newest version")
    eventually(lambda: query.get("/api/analytics/products/1").text.find("Computers") > 0, "the product's newest version")
    assert 'streams_dropped_records_total{reason="dead_letter"} 0' in query.get("/metrics").text

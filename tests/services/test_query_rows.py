"""What query-service answers, row by row of the feature tables (S0 to S4, X): one shop with a few orders
for all tests that only read, and shops of their own for those that write.

Events come by command-service where that is the point, else straight into the topics, as another writer
would send them."""
import datetime
import json
import os
import subprocess
import tempfile
import shutil
import threading
import time

import pytest

from conftest import BUILD, System, eventually

HOUR = 3600 * 1000
NINE = 1772182800000  # 2026-02-27T09:00:00Z


def produce(system, topic, *records):
    """records: (key, event, milliseconds or None, headers)."""
    name = {"product": system.product_topic, "order": system.order_topic, "customer": system.customer_topic}[topic]
    lines = [json.dumps({k: v for k, v in {
        "key": str(key), "value": event if isinstance(event, str) else json.dumps(event),
        "timestamp": at, "headers": headers}.items() if v is not None})
        for key, event, at, headers in records]
    done = subprocess.run([os.path.join(BUILD, "stateful/cli/stateful"), "produce", name, "--json", "-b", system.broker],
                          input="\n".join(lines) + "\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=60)
    assert done.returncode == 0, done.stderr


def consume(system, topic):
    done = subprocess.run([os.path.join(BUILD, "stateful/cli/stateful"), "consume", topic, "--json", "-b", system.broker],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def product(number, category, name="Thing", version=1, at=NINE):
    event = {"eventType": "ProductCreated" if version == 1 else "ProductUpdated", "version": version,
             "payload": {"id": number, "name": name, "category": category, "price": 1.0}}
    return (number, event, at, None)


def order(number, lines, at=NINE, customer=1, headers=None):
    """lines: (product, quantity, price)."""
    event = {"eventType": "OrderCreated", "version": 1,
             "payload": {"id": number, "customerId": customer, "status": "CREATED",
                         "items": [{"productId": p, "quantity": q, "price": c} for p, q, c in lines]}}
    return (number, event, at, headers)


def status(number, word, version, at=NINE, kind="OrderStatusUpdated"):
    return (number, {"eventType": kind, "version": version, "payload": {"orderId": number, "newStatus": word}}, at, None)


def customer(number, name, version=1):
    event = {"eventType": "CustomerCreated" if version == 1 else "CustomerUpdated", "version": version,
             "payload": {"id": number, "name": name}}
    return (number, event, NINE, None)


def fill(system):
    produce(system, "product", product(1, "Electronics", "Laptop"), product(2, "Bücher & mehr", "Buch"),
            product(10, "Home/Garden"), product(1, "Computers", "Laptop 2", 2, NINE + 3 * HOUR))
    produce(system, "order", order(1, [(1, 2, 500.0)], NINE + 15 * 60000),
            order(2, [(2, 2, 9.99), (1, 1, 499.99)], NINE + HOUR - 1, customer=2),
            order(3, [(10, 3, 0.1)], NINE + HOUR, customer=2),
            order(4, [(2, 1, 100.0)], NINE + HOUR, customer=3), status(4, "CANCELLED", 2, NINE + 5 * HOUR),
            order(5, [(1, 1, 1000.0)], NINE + 4 * HOUR), status(5, "SHIPPED", 2, NINE + 5 * HOUR),
            order(6, [(77, 1, 7.0)], NINE + 2 * HOUR))
    produce(system, "customer", customer(1, "Ann"), customer(2, "Ben"), customer(2, "Bén", 2))


@pytest.fixture(scope="module")
def shop(postgres, session_folder):
    """query-service over a log that holds all of the above, all of it counted."""
    folder = tempfile.mkdtemp(dir=session_folder)
    system = System(postgres, "file:" + os.path.join(folder, "log"), folder)
    query = system.start_query(DB_HOST="nowhere.invalid")
    fill(system)
    expected = {"Electronics": "1499.99", "Bücher & mehr": "19.98", "Computers": "1000.0", "Home/Garden": "0.3",
                "UNKNOWN": "7.0"}
    eventually(lambda: all(f":{total}}}" in revenue(query, name) for name, total in expected.items()),
               "all orders being counted")
    eventually(lambda: [item["version"] for item in query.get("/api/customers").json["items"]] == [1, 2],
               "the customers being there")
    eventually(lambda: [item["status"] for item in query.get("/api/orders").json["items"]] ==
               ["CREATED", "CREATED", "CREATED", "CANCELLED", "SHIPPED", "CREATED"], "the orders being there")
    eventually(lambda: query.get("/api/analytics/products/2").json.get("cancelledAmount") == 100.0, "one being taken out")
    query.system = system
    yield query
    system.close()
    shutil.rmtree(folder, ignore_errors=True)


def quoted(text):
    return "".join(chr(b) if chr(b).isalnum() and b < 128 else f"%{b:02X}" for b in text.encode())


def revenue(query, category):
    return query.get(f"/api/analytics/categories/{quoted(category)}/revenue").text


def hours(query, start, end, more=""):
    return query.get(f"/api/analytics/hourly-sales?start={start}&end={end}{more}")


# ---- S3: the contract ----


def test_s3_04_sales_of_a_product(shop):
    assert shop.get("/api/analytics/products/1/sales").text == '{"productId":1,"totalSales":2499.99}'
    assert shop.get("/api/analytics/products/999/sales").text == '{"productId":999,"totalSales":0.0}'


@pytest.mark.parametrize("wrong", ["0", "-1", "x", "1.0", "01", "9007199254740992", "%31%00", "1%20"])
def test_s3_04_a_wrong_id_is_refused(shop, wrong):
    answer = shop.get(f"/api/analytics/products/{wrong}/sales")

    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_s3_05_revenue_of_a_category(shop):
    assert revenue(shop, "Bücher & mehr") == '{"category":"Bücher & mehr","totalRevenue":19.98}'
    assert revenue(shop, "Home/Garden") == '{"category":"Home/Garden","totalRevenue":0.3}'
    assert revenue(shop, "electronics") == '{"category":"electronics","totalRevenue":0.0}'


def test_s3_06_hourly_sales_are_a_bare_array_of_windows(shop):
    rows = hours(shop, "2026-02-27T09:00:00Z", "2026-02-27T10:00:00Z")

    assert rows.text == (
        '[{"windowStart":"2026-02-27T09:00:00Z","windowEnd":"2026-02-27T10:00:00Z","productId":1,"totalSales":1499.99},'
        '{"windowStart":"2026-02-27T09:00:00Z","windowEnd":"2026-02-27T10:00:00Z","productId":2,"totalSales":19.98}]')
    assert "Link" not in rows.headers


def test_s3_06_pages_follow_by_link_and_are_the_whole(shop):
    path = "/api/analytics/hourly-sales?start=2026-02-27T00:00:00Z&end=2026-02-28T00:00:00Z"
    whole = shop.get(path).json
    pages, target = [], path + "&limit=2"

    while target:
        page = shop.get(target)
        assert 0 < len(page.json) <= 2
        pages += page.json
        link = page.headers.get("Link")
        target = link[1:link.index(">")] if link else None

    assert pages == whole and len(whole) == 5


def test_s3_06_offsets_and_spaces_in_times_are_understood(shop):
    utc = hours(shop, "2026-02-27T09:00:00Z", "2026-02-27T10:00:00Z").text
    assert utc.startswith("[{")

    assert hours(shop, "2026-02-27T10:00:00%2B01:00", "2026-02-27T11:00:00%2B01:00").text == utc
    assert hours(shop, "2026-02-27T10:00:00+01:00", "2026-02-27T11:00:00%2001:00").text == utc


def test_s3_06_kafkas_own_rule_can_be_asked_for(shop):
    def starts(more):
        rows = hours(shop, "2026-02-27T09:30:00Z", "2026-02-27T10:00:00Z", more).json
        return sorted({row["windowStart"] for row in rows})

    assert starts("") == ["2026-02-27T09:00:00Z"]
    assert starts("&match=start") == ["2026-02-27T10:00:00Z"]


def test_s3_07_topology_is_text_for_viewers_and_json_for_programs(shop):
    text = shop.get("/api/analytics/topology")
    document = shop.get("/api/analytics/topology", headers={"Accept": "application/json"})

    assert text.headers["Content-Type"].startswith("text/plain")
    assert text.text.startswith("Topologies:\n   Sub-topology: 0\n    Source: ")
    nodes = [node for part in document.json["subtopologies"] for node in part["nodes"]]
    assert {n["topics"][0] for n in nodes if n["kind"] == "source"} >= {"order-events", "product-events", "customer-events"}
    for node in nodes:
        assert f" {node['name']} (" in text.text


def test_s3_12_the_event_is_understood_by_both_its_names(system):
    query = system.start_query()
    produce(system, "order", order(1, [(1, 1, 5.0)]), order(2, [(1, 1, 7.0)]),
            status(1, "CANCELLED", 2, kind="OrderUpdated"), status(2, "CANCELLED", 2))

    eventually(lambda: query.get("/api/orders/1").text.find('"CANCELLED"') > 0 and
               query.get("/api/orders/2").text.find('"CANCELLED"') > 0, "both orders being cancelled")
    eventually(lambda: query.get("/api/analytics/products/1/sales").text == '{"productId":1,"totalSales":0.0}',
               "both being taken out")


def test_s3_14_a_redelivered_event_counts_once(system):
    query = system.start_query()
    produce(system, "order", *[order(1, [(1, 1, 5.0)])] * 5, order(2, [(2, 1, 1.0)]))

    eventually(lambda: query.get("/api/analytics/products/2/sales").text.find(":1.0") > 0, "the last order")
    eventually(lambda: query.get("/api/orders/2").status == 200, "the order")
    eventually(lambda: query.get("/api/analytics/products/1/sales").text.find(":0.0") < 0, "the first order")
    eventually(lambda: 'streams_dropped_records_total{reason="passed"} 4\n' in query.get("/metrics").text, "the repeated ones")
    assert query.get("/api/analytics/products/1/sales").text == '{"productId":1,"totalSales":5.0}'


def test_s3_15_a_product_that_comes_late_takes_its_sales_along(system):
    query = system.start_query()
    produce(system, "order", order(1, [(1, 1, 5.0)]))
    eventually(lambda: ":5.0" in revenue(query, "UNKNOWN"), "the sale being booked")

    produce(system, "product", product(1, "Books"))

    eventually(lambda: ":5.0" in revenue(query, "Books"), "the sale moving")
    eventually(lambda: ":0.0" in revenue(query, "UNKNOWN"), "the sale being gone")


def test_s3_15_a_product_that_moves_leaves_its_past_behind(shop):
    assert revenue(shop, "Electronics") == '{"category":"Electronics","totalRevenue":1499.99}'
    assert revenue(shop, "Computers") == '{"category":"Computers","totalRevenue":1000.0}'


@pytest.mark.parametrize("store, key", [("product-sales-store", "1"), ("category-revenue-store", "Electronics"),
                                        ("hourly-sales-store", "1")])
def test_s3_16_s3_17_s3_18_stores_have_the_names_of_the_contract(shop, store, key):
    names = [item["store"] for item in shop.get("/api/state/stores").json["items"]]

    assert store in names
    assert shop.get(f"/api/state/stores/{store}/{key}").status == 200


def test_s3_06_s3_19_reads_are_refused_while_nothing_is_known(system):
    query = system.start_query("live", KAFKA_BOOTSTRAP_SERVERS="localhost:1")

    for path in ("/api/analytics/products/1/sales", "/api/orders/1", "/api/orders", "/api/customers",
                 "/api/analytics/categories", "/api/analytics/summary", "/api/analytics/top-products"):
        answer = query.get(path)
        assert (answer.status, answer.json["type"]) == (503, "/problems/state-store-restoring"), path
        assert answer.headers["Retry-After"] == "1"


def test_s3_20_s3_28_s3_31_the_usual_ports(system):
    assert "SERVER_PORT=8080 " in system.run("command-service", "--print-config", SERVER_PORT="").stdout
    assert "QUERY_SERVER_PORT=8081 " in system.run("query-service", "--print-config", QUERY_SERVER_PORT="").stdout


def test_s3_27_the_application_id_names_what_is_inside(system):
    query = system.start_query(KAFKA_STREAMS_APP_ID="other-name")
    produce(system, "order", order(1, [(1, 1, 5.0)]))
    eventually(lambda: query.get("/api/orders/1").status == 200, "the order")

    assert consume(system, "other-name-orders-store-changelog")


def test_s3_29_s3_30_topics_have_other_names_where_they_are_set(system):
    system.order_topic, system.product_topic = "sales.orders", "sales.products"
    query = system.start_query(ORDER_TOPIC="sales.orders", PRODUCT_TOPIC="sales.products")
    produce(system, "product", product(1, "Books"))
    produce(system, "order", order(1, [(1, 1, 5.0)]))

    eventually(lambda: ":5.0" in revenue(query, "Books") or ":5.0" in revenue(query, "UNKNOWN"), "the sale")


def test_s1_11_the_broker_by_its_other_name(system):
    said = system.run("query-service", "--print-config", KAFKA_BOOTSTRAP_SERVERS="", KAFKA_BROKER="elsewhere:9092")

    assert "KAFKA_BOOTSTRAP_SERVERS=elsewhere:9092" in said.stdout


# ---- S0, S1, S2, S4: lists from the read model ----


def test_s0_02_s1_03_orders_as_a_list(shop):
    listed = shop.get("/api/orders").json

    assert [item["id"] for item in listed["items"]] == [1, 2, 3, 4, 5, 6]
    assert listed["next"] is None
    assert listed["items"][1] == {
        "id": 2, "customerId": 2, "status": "CREATED",
        "items": [{"productId": 2, "quantity": 2, "price": 9.99}, {"productId": 1, "quantity": 1, "price": 499.99}],
        "version": 1, "createdAt": "2026-02-27T09:59:59.999Z"}


def test_s0_02_orders_by_customer_and_status(shop):
    def ids(query):
        return [item["id"] for item in shop.get("/api/orders?" + query).json["items"]]

    assert ids("customerId=2") == [2, 3]
    assert ids("status=CANCELLED") == [4]
    assert ids("status=shipped&customerId=1") == [5]
    assert ids("customerId=99") == []
    assert shop.get("/api/orders?customerId=x").status == 400


def test_s0_02_pages_of_orders_are_the_whole(shop):
    seen, cursor = [], ""
    while cursor is not None:
        page = shop.get(f"/api/orders?limit=2{cursor}").json
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"] and "&cursor=" + page["next"]

    assert seen == [1, 2, 3, 4, 5, 6]
    assert shop.get("/api/orders?cursor=zz").status == 400
    assert shop.get("/api/orders?limit=0").status == 400


def test_s0_16_the_read_side_needs_no_database(shop):
    assert shop.environment["DB_HOST"] == "nowhere.invalid"
    assert shop.get("/health/ready").status == 200


def test_s0_17_s2_05_state_is_on_disk_and_comes_back_at_once(system):
    query = system.start_query()
    produce(system, "order", order(1, [(1, 1, 5.0)]))
    eventually(lambda: query.get("/api/orders/1").status == 200, "the order")
    query.kill()

    again = system.start_query()

    assert again.get("/api/orders/1").status == 200


def test_s2_03_customers_and_users_are_the_same_list(shop):
    listed = shop.get("/api/customers").json

    assert listed == {"items": [{"id": 1, "name": "Ann", "version": 1}, {"id": 2, "name": "Bén", "version": 2}],
                      "next": None}
    assert shop.get("/users").json == listed


def test_s4_11_a_customer_by_id(shop):
    answer = shop.get("/api/customers/2")

    assert answer.json == {"id": 2, "name": "Bén", "version": 2}
    assert answer.headers["ETag"] == '"2"'
    assert shop.get("/api/customers/2", headers={"If-None-Match": '"2"'}).status == 304
    assert shop.get("/api/customers/3").status == 404


def test_s4_12_s4_20_customers_come_by_their_events(system):
    command, query = system.start_command(), system.start_query()

    made = command.post("/api/customers", {"name": "Ann", "email": "ann@example.com"}).json
    seen = query.get(f"/api/customers/{made['id']}?wait=25s")

    assert seen.json == {**made, "version": 1}


def test_s4_40_a_trace_goes_from_the_event_to_the_changelog_of_a_category(system):
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    query = system.start_query()
    produce(system, "order", order(1, [(1, 1, 5.0)], headers=[{"name": "traceparent", "value": trace}]))
    eventually(lambda: ":5.0" in revenue(query, "UNKNOWN"), "the sale")

    for name in ("lines-by-product", "lines-by-category"):
        records = consume(system, f"{system.app_id}-{name}-repartition")
        assert trace in json.dumps(records), name


# ---- X: what every good system has ----


def test_x_01_metrics_tell_of_the_engine(shop):
    text = shop.get("/metrics").text
    told = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))

    assert float(told["streams_records_consumed_total"]) >= 15
    assert told['streams_state{state="RUNNING"}'] == "1"
    assert float(told["streams_commits_total"]) >= 1
    assert told["streams_tasks"] == told["streams_tasks_running"] != "0"
    assert told['streams_dropped_records_total{reason="dead_letter"}'] == "0"
    assert told["streams_restore_remaining_records"] == "0"


def test_x_03_an_order_has_its_version_as_etag(shop):
    assert shop.get("/api/orders/5").headers["ETag"] == '"2"'
    unchanged = shop.get("/api/orders/5", headers={"If-None-Match": '"2"'})
    assert (unchanged.status, unchanged.text) == (304, "")
    assert shop.get("/api/orders/5", headers={"If-None-Match": '"1"'}).status == 200


def test_x_04_a_read_waits_for_what_was_just_written(system):
    query = system.start_query()
    answers = []
    reader = threading.Thread(target=lambda: answers.append(query.get("/api/orders/1?minVersion=2&wait=30s")))

    produce(system, "order", order(1, [(1, 1, 5.0)]))
    reader.start()
    eventually(lambda: "http_waiting_reads 1" in query.get("/metrics").text, "the read waiting")
    produce(system, "order", status(1, "PAID", 2))
    reader.join(30)

    assert answers[0].status == 200
    assert (answers[0].json["status"], answers[0].json["version"]) == ("PAID", 2)


def test_x_04_an_older_version_is_told_apart_from_none(shop):
    older = shop.get("/api/orders/1?minVersion=2&wait=10ms")
    none = shop.get("/api/orders/1000?wait=10ms")

    assert (older.status, older.json["type"], older.json["version"]) == (409, "/problems/not-yet-visible", 1)
    assert (none.status, none.json["type"]) == (404, "/problems/not-found")
    for wrong in ("wait=5", "wait=1h", "wait=31s", "minVersion=0", "minVersion=x"):
        assert shop.get("/api/orders/1?" + wrong).status == 400, wrong


def test_x_04_sync_status(shop):
    said = shop.get("/api/analytics/sync-status").json

    assert said["lastProcessedEventTimestamp"] == "2026-02-27T14:00:00Z"
    assert said["lagSeconds"] > 0


@pytest.mark.parametrize("key, event, reason", [
    (1, "no json", "expected true, false or null"), (2, order(1, [(1, 1, 5.0)])[1], "is not the event's id"),
    (3, {"eventType": "OrderCreated", "payload": {"id": 3, "customerId": 1, "items": []}}, "items"),
    (4, {**order(4, [(1, 1, 5.0)])[1], "occurredAt": "2099-01-01T00:00:00Z"}, "future-timestamp")])
def test_x_06_what_makes_no_sense_becomes_a_dead_letter_with_its_reason(system, key, event, reason):
    query = system.start_query()
    produce(system, "order", (key, event, NINE, None), order(9, [(1, 1, 5.0)]))
    eventually(lambda: query.get("/api/orders/9?wait=10s").status == 200, "the next order")

    letters = eventually(lambda: consume(system, f"{system.app_id}-dlq"), "the dead letter")

    assert len(letters) == 1
    headers = {h["name"]: h["value"] for h in letters[0]["headers"]}
    assert headers["__streams.errors.topic"] == system.order_topic
    assert headers["__streams.errors.offset"] == "0" or headers["__streams.errors.partition"]
    assert letters[0]["value"] == (event if isinstance(event, str) else json.dumps(event))
    assert reason in headers["__streams.errors.message"]
    warnings = [json.loads(line) for line in query.log().splitlines() if "dead letter" in line]
    assert [w["level"] for w in warnings] == ["warn"] and warnings[0]["topic"] == system.order_topic


def test_x_11_the_best_products(shop):
    best = shop.get("/api/analytics/top-products?limit=2").json["items"]

    assert best == [{"productId": 1, "name": "Laptop 2", "totalSales": 2499.99, "unitsSold": 4},
                    {"productId": 2, "name": "Buch", "totalSales": 19.98, "unitsSold": 2}]
    assert len(shop.get("/api/analytics/top-products").json["items"]) == 4


# ---- detail forms ----


def test_s3_04_detail_of_a_product(shop):
    detail = shop.get("/api/analytics/products/2").json

    assert detail.pop("asOf").endswith("Z")
    assert detail == {"productId": 2, "name": "Buch", "category": "Bücher & mehr", "totalSales": 19.98,
                      "totalSalesMinor": 1998, "cancelledAmount": 100.0, "currency": "USD", "unitsSold": 2,
                      "orderCount": 1, "lastSaleAt": "2026-02-27T10:00:00Z"}
    assert shop.get("/api/analytics/products/77").json["name"] is None
    assert shop.get("/api/analytics/products/78").status == 404


def test_s3_05_categories_and_their_summary(shop):
    listed = shop.get("/api/analytics/categories").json

    assert {i["category"]: i["totalRevenue"] for i in listed["items"]} == {
        "Bücher & mehr": 19.98, "Computers": 1000.0, "Electronics": 1499.99, "Home/Garden": 0.3, "UNKNOWN": 7.0}
    summary = shop.get("/api/analytics/summary").json
    assert (summary["totalRevenueMinor"], summary["categories"], summary["linesSold"]) == (252727, 5, 6)
    pages, cursor = [], ""
    while cursor is not None:
        page = shop.get(f"/api/analytics/categories?limit=2{cursor}").json
        pages += page["items"]
        cursor = page["next"] and "&cursor=" + page["next"]
    assert pages == listed["items"]


def test_s3_19_state_can_be_looked_into(shop):
    assert shop.get("/api/state/stores/products-store/1").json["value"] == {
        "name": "Laptop 2", "versions": [
            {"validFrom": "2026-02-27T09:00:00Z", "firstVersion": 1, "lastVersion": 1, "category": "Electronics"},
            {"validFrom": "2026-02-27T12:00:00Z", "firstVersion": 2, "lastVersion": 2, "category": "Computers"}]}
    assert shop.get("/api/state/stores/category-revenue-store/Computers").json == {
        "store": "category-revenue-store", "key": "Computers", "value": {"amount": 1000.0, "lines": 1}}
    assert shop.get("/api/state/stores/orders-store/5").json["value"]["status"] == "SHIPPED"
    assert shop.get("/api/state/stores/orders-store/500").status == 404
    assert shop.get("/api/state/stores/orders-store/x").status == 400
    assert shop.get("/api/state/stores/no-store/1").status == 404
    own = shop.get("/api/state/instances").json["items"][0]
    assert own["state"] == "RUNNING" and own["tasks"] == own["tasksRunning"] > 0


def test_s3_06_hours_are_streamed_in_bounded_memory(system):
    """A hundred thousand rows, 13 MB of them, through a process that does not grow by half of that."""
    query = system.start_query()
    first = NINE - NINE % (24 * HOUR)
    produce(system, "order", *[order(i, [(100 * i + k, 1, 1.0) for k in range(100)], first + i % 24 * HOUR)
                               for i in range(1, 1001)])
    path = "/api/analytics/hourly-sales?start=2026-02-27T00:00:00Z&end=2026-02-28T00:00:00Z"
    eventually(lambda: query.get("/api/orders/1000").status == 200, "the last order")
    rows = eventually(lambda: (lambda r: r if len(r) == 100000 else None)(query.get(path).json), "all rows", 120)
    assert rows == sorted(rows, key=lambda r: (r["windowStart"], r["productId"]))

    def peak():
        with open(f"/proc/{query.process.pid}/status") as told:
            return int([line.split()[1] for line in told if line.startswith("VmHWM")][0])

    eventually(lambda: ":100000.0}" in revenue(query, "UNKNOWN"), "nothing being left to do", 120)
    with open(f"/proc/{query.process.pid}/clear_refs", "w") as file:
        file.write("5")  # the peak begins anew
    before = peak()
    answer = query.get(path)
    assert len(answer.text) > 10.5e6
    assert answer.headers["Transfer-Encoding"] == "chunked"
    print(f"grew by {peak() - before} KiB for {len(answer.text) // 1024} KiB")
    assert peak() - before < 6 * 1024

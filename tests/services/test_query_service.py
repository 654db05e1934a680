"""query-service as a process: its answers end to end, its starts and its stops."""
import datetime
import json
import os
import re
import shutil
import socket
import subprocess
import time

from conftest import binary, eventually

LAPTOP = {"name": "Laptop", "category": "Electronics", "price": 500.0}
ORDER = {"customerId": 1, "items": [{"productId": 1, "quantity": 2, "price": 500.0}]}


def run(*arguments, **environment):
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run([binary("query-service"), *arguments], env={**clean, **environment},
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)


def hour_of(time_text):
    return time_text[:13] + ":00:00Z"


def hours_around_now():
    now = datetime.datetime.now(datetime.timezone.utc)
    form = "%Y-%m-%dT%H:00:00Z"
    return [(now + datetime.timedelta(hours=h)).strftime(form) for h in (-1, 2)]


def sales(query, product=1):
    return query.get(f"/api/analytics/products/{product}/sales").text


def revenue(query, category="Electronics"):
    return query.get(f"/api/analytics/categories/{category}/revenue").text


def order_a_laptop(command, query):
    """Returns once it is counted everywhere: the category is the last to know."""
    assert command.post("/api/products", LAPTOP).status == 201
    assert command.post("/api/orders", ORDER).status == 201
    eventually(lambda: "1000.0" in revenue(query) and "1000.0" in sales(query), "the order being counted")


def test_s3_04_s3_05_s3_06_an_order_is_in_all_three_views_within_a_second(system):
    command, query = system.start_command(), system.start_query()
    start, end = hours_around_now()

    assert command.post("/api/products", LAPTOP).status == 201
    assert command.post("/api/orders", ORDER).status == 201
    began = time.monotonic()
    eventually(lambda: sales(query) == '{"productId":1,"totalSales":1000.0}', "the product's sales")
    eventually(lambda: revenue(query) == '{"category":"Electronics","totalRevenue":1000.0}', "the revenue")
    rows = query.get(f"/api/analytics/hourly-sales?start={start}&end={end}").text
    took = time.monotonic() - began

    sold_at = hour_of(system.events("order-events")[0]["value"]["occurredAt"])
    until = datetime.datetime.strptime(sold_at, "%Y-%m-%dT%H:%M:%SZ") + datetime.timedelta(hours=1)
    assert rows == ('[{"windowStart":"%s","windowEnd":"%s","productId":1,"totalSales":1000.0}]' %
                    (sold_at, until.strftime("%Y-%m-%dT%H:%M:%SZ")))
    print(f"visible after {took * 1000:.0f} ms")


def test_s3_04_s3_05_s3_06_a_cancelled_order_is_taken_out_of_all_views(system):
    command, query = system.start_command(), system.start_query()
    start, end = hours_around_now()
    order_a_laptop(command, query)
    hours = f"/api/analytics/hourly-sales?start={start}&end={end}"
    assert all('"totalSales":1000.0' in query.get(hours).text for _ in range(2))  # the second may be kept

    assert command.put("/api/orders/1/status", {"status": "CANCELLED"}).status == 200

    eventually(lambda: sales(query) == '{"productId":1,"totalSales":0.0}', "the sales being gone")
    eventually(lambda: revenue(query) == '{"category":"Electronics","totalRevenue":0.0}', "the revenue being gone")
    assert query.get(hours).text == "[]"


def test_s2_05_a_restart_finds_its_state_and_restores_nothing(system):
    command, query = system.start_command(), system.start_query()
    order_a_laptop(command, query)
    assert query.stop() == 0

    again = system.start_query()

    assert "1000.0" in sales(again)
    restored = [int(n) for n in re.findall(r'"msg":"task running".*?"restored":(\d+)', again.log())]
    assert len(restored) == 16 and sum(restored) == 0


def test_s4_35_a_lost_disk_is_restored_from_the_changelogs(system):
    command, query = system.start_command(), system.start_query()
    order_a_laptop(command, query)
    query.kill()
    shutil.rmtree(os.path.join(system.folder, "state"))

    again = system.start_query()

    assert "1000.0" in sales(again) and "1000.0" in revenue(again)


def test_s3_14_a_kill_between_two_steps_loses_nothing(system):
    command, query = system.start_command(), system.start_query()
    assert command.post("/api/products", LAPTOP).status == 201
    assert command.post("/api/orders", ORDER).status == 201
    eventually(lambda: "1000.0" in sales(query), "the product's sales")
    query.kill()  # the category may not know of it yet
    shutil.rmtree(os.path.join(system.folder, "state"))

    again = system.start_query()

    assert "1000.0" in sales(again)
    eventually(lambda: "1000.0" in revenue(again), "the category's revenue")


def test_s0_16_it_needs_no_database(system):
    query = system.start_query(DB_HOST="nowhere.invalid")

    assert query.get("/health/ready").status == 200
    assert sales(query) == '{"productId":1,"totalSales":0.0}'


def test_s4_05_it_is_ready_soon_and_small(system):
    query = system.start_query()
    took = eventually(lambda: re.findall(r'"msg":"ready","ms":(\d+)', query.log()), "its saying so")
    with open(f"/proc/{query.process.pid}/status") as status:
        resident = int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1))

    print(f"ready after {took[0]} ms, {resident} KiB resident")
    assert len(took) == 1
    assert resident < 64 * 1024 or "asan" in os.environ.get("BUILD", "")


def test_s4_05_a_broker_that_is_away_is_waited_for_and_does_not_hold_up_the_stop(system):
    query = system.start_query("live", KAFKA_BOOTSTRAP_SERVERS="localhost:1")

    assert query.get("/health/live").status == 200
    assert query.get("/health/ready").status == 503
    refused = query.get("/api/analytics/products/1/sales")
    assert refused.status == 503
    assert refused.headers["Retry-After"] == "1"
    assert refused.json["type"] == "/problems/state-store-restoring"
    assert query.stop() == 0


def test_s3_06_s4_44_a_wrong_parameter_is_named(system):
    query = system.start_query()

    answer = query.get("/api/analytics/hourly-sales?start=yesterday&end=2026-02-27T12:00:00Z")

    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert json.loads(answer.text)["errors"][0]["parameter"] == "start"


def test_s3_46_a_second_one_on_the_same_state_is_refused(system):
    system.start_query()

    said = system.run("query-service", LOG_FORMAT="text")

    assert said.returncode == 1
    assert "in use by another process" in said.stderr.splitlines()[-1]


def test_s3_46_a_taken_port_is_one_sentence(system):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = system.run("query-service", QUERY_SERVER_PORT=str(taken.getsockname()[1]), LOG_FORMAT="text")

    assert said.returncode == 1
    assert "QUERY_SERVER_PORT" in said.stderr.splitlines()[-1]


def test_s3_46_a_state_directory_that_cannot_be_made_is_one_sentence(system, tmp_path):
    (tmp_path / "file").write_text("")

    said = system.run("query-service", STATE_DIR=f"{tmp_path}/file/state", LOG_FORMAT="text")

    assert said.returncode == 1
    assert "STATE_DIR" in said.stderr.splitlines()[-1]


def test_x_13_wrong_settings_are_named():
    for variable, value in (("QUERY_SERVER_PORT", "eighty"), ("CURRENCY", "dollars"), ("SALES_COUNTING", "some"),
                            ("NUM_STREAM_THREADS", "0"), ("MEMORY_MAX_BYTES", "lots")):
        said = run("--check-config", **{variable: value})
        assert said.returncode == 2
        assert variable in said.stderr and value in said.stderr
    assert run("--check-config").returncode == 0


def test_x_13_the_command_line_says_what_there_is():
    assert "KAFKA_STREAMS_APP_ID" in run("--help").stdout
    assert "QUERY_SERVER_PORT=9999" in run("--print-config", QUERY_SERVER_PORT="9999").stdout
    assert run("--version").stdout.startswith("query-service ")
    assert run("--nonsense").returncode == 2

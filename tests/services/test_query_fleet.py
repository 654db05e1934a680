"""Several instances of query-service on a real Kafka, seen from outside: any of them answers for all, what cannot
be answered is said, and nothing is ever answered wrongly while partitions move.

The shop is one application for all tests; each leaves it as it found it. Membership is dynamic, so that partitions
move as soon as an instance stops."""
import concurrent.futures
import itertools
import json
import os
import shutil
import signal
import tempfile
import threading
import time
import uuid

import pytest

from conftest import System, eventually
from test_command_callers import SECRET, bearer
from test_query_rows import HOUR, NINE, customer, order, produce, product, quoted, status
from whole_system import free_ports

ORDERS, PRODUCTS, CUSTOMERS = 40, 12, 9
CATEGORIES = ["Electronics", "Bücher & mehr", "Home/Garden", "Toys", "Garden"]
DAY = "start=2026-02-27T00:00:00Z&end=2026-02-28T00:00:00Z"
TIMEOUT_MS = 1000
MOVE_SECONDS = 40  # a killed instance: session timeout, transaction timeout and 10 s at most


def tell(what, began=time.monotonic()):
    print(f"{time.monotonic() - began:6.1f} s {what}", flush=True)


class Fleet:
    """Instances of one application, each with an address and a directory of its own."""

    def __init__(self, system):
        self.system = system
        self.numbers = itertools.count(1)
        self.instances = []

    def start(self, wait="ready", **settings):
        name = f"instance-{next(self.numbers)}"
        port = str(free_ports(1)[0])
        made = self.system.start_query(
            None, DB_HOST="nowhere.invalid", QUERY_SERVER_PORT=port, ADVERTISED_ADDRESS=f"127.0.0.1:{port}",
            FORWARD_TIMEOUT_MS=str(TIMEOUT_MS), MEMBERSHIP="dynamic", KAFKA_SESSION_TIMEOUT_MS="6000",
            STATE_DIR=os.path.join(self.system.folder, name), INSTANCE_ID=name, **settings)
        self.system.wait_for(made, wait)
        self.instances.append(made)
        return made

    def remove(self, instance):
        """Asks it to end if it still runs; from then on nobody asks it."""
        self.instances.remove(instance)
        if instance.process.poll() is None:
            assert instance.stop() == 0


def holders(instance, store):
    answer = instance.get(f"/api/state/stores/{store}")
    return [p["instance"] for p in answer.json["partitions"]] if answer.status == 200 else [None]


def address(instance):
    return instance.environment["ADVERTISED_ADDRESS"]


STORES = ["orders-store", "product-sales-store", "category-revenue-store", "customers-store"]


def is_whole(fleet):
    """Whether each instance can answer for all; and, where there are several, none of them by itself."""
    return all(i.get(path).status == 200 for i in fleet.instances
               for path in ("/api/orders", "/api/customers", "/api/analytics/summary", "/api/analytics/top-products",
                            f"/api/analytics/hourly-sales?{DAY}"))


def is_shared(fleet):
    known = {address(i) for i in fleet.instances}
    return all({h for store in STORES for h in holders(i, store)} == known for i in fleet.instances)


def fill(system):
    produce(system, "product", *[product(n, CATEGORIES[n % len(CATEGORIES)], f"Product {n}")
                                 for n in range(1, PRODUCTS + 1)])
    produce(system, "order", *[order(n, [(n % PRODUCTS + 1, n % 3 + 1, n + 0.25), ((n + 5) % PRODUCTS + 1, 1, 2.5)],
                                     NINE + n % 5 * HOUR, customer=n % 4 + 1) for n in range(1, ORDERS + 1)],
            status(7, "CANCELLED", 2, NINE + HOUR), status(8, "SHIPPED", 2, NINE + HOUR))
    produce(system, "customer", *[customer(n, f"Customer {n}") for n in range(1, CUSTOMERS + 1)], customer(3, "Bén", 2))


def expected_minor():
    """What all orders but the cancelled one come to."""
    return sum((n % 3 + 1) * (100 * n + 25) + 250 for n in range(1, ORDERS + 1) if n != 7)


READS = (
    [f"/api/orders/{n}" for n in range(1, ORDERS + 2)] +
    [f"/api/customers/{n}" for n in range(1, CUSTOMERS + 2)] +
    [f"/api/analytics/products/{n}/sales" for n in range(1, PRODUCTS + 3)] +
    [f"/api/analytics/products/{n}" for n in range(1, PRODUCTS + 3)] +
    [f"/api/analytics/categories/{quoted(c)}/revenue" for c in CATEGORIES + ["UNKNOWN", "none"]] +
    [f"/api/state/stores/{store}/{key}" for store, key in (
        ("orders-store", 8), ("customers-store", 3), ("products-store", 4), ("product-sales-store", 5),
        ("hourly-sales-store", 6), ("category-revenue-store", "Toys"), ("orders-store", 999))] +
    ["/api/orders", "/api/orders?limit=7", "/api/orders?customerId=2&limit=1000", "/api/orders?status=CANCELLED",
     "/api/customers", "/api/customers?limit=2", "/users", "/api/analytics/categories",
     "/api/analytics/categories?limit=2", "/api/analytics/summary", "/api/analytics/top-products",
     "/api/analytics/top-products?limit=3", f"/api/analytics/hourly-sales?{DAY}",
     f"/api/analytics/hourly-sales?{DAY}&limit=4", f"/api/analytics/hourly-sales?{DAY}&productId=3",
     f"/api/analytics/hourly-sales?{DAY}&productId=3&limit=1", f"/api/analytics/hourly-sales?{DAY}&closed=true",
     "/api/analytics/topology", "/api/orders/x", "/api/orders?limit=0", "/api/orders?cursor=zz",
     f"/api/analytics/hourly-sales?{DAY}&limit=x", "/api/orders?allowPartial=maybe", "/api/state/stores/none/1",
     "/api/orders/8?minVersion=3", "/api/orders/8?minVersion=2&wait=1s"])

LISTS = ["/api/orders?limit=7", "/api/customers?limit=2", "/api/analytics/categories?limit=2",
         "/api/orders?customerId=2&limit=3", f"/api/analytics/hourly-sales?{DAY}&limit=4"]


def ask(instance, path, **options):
    """Asks again while another instance does not answer in time, which on a busy machine it may not."""
    def answered():
        answer = instance.get(path, **options)
        return None if answer.status == 503 and "missing" in answer.json else answer
    return eventually(answered, f"an answer to {path}")


def told(instance, path, **options):
    """What a client sees, but for the moment at which it asked."""
    answer = ask(instance, path, **options)
    text = answer.text
    if '"asOf"' in text:
        text = json.dumps({k: v for k, v in answer.json.items() if k != "asOf"})
    return answer.status, text, {n: answer.headers.get(n) for n in ("Content-Type", "ETag", "Link")}


def pages(instance, path):
    """A list to its end, by cursor or by link."""
    items, target = [], path
    while target:
        answer = ask(instance, target)
        assert answer.status == 200, answer.text
        if isinstance(answer.json, list):
            items.append(answer.json)
            link = answer.headers.get("Link")
            target = link[1:link.index(">")] if link else None
        else:
            items.append(answer.json["items"])
            target = answer.json["next"] and f"{path}&cursor={answer.json['next']}"
    return list(itertools.chain(*items))


@pytest.fixture(scope="module")
def fleet(postgres, kafka, session_folder):
    """Two instances that share the work, and in .alone what one of them said before the other one came."""
    folder = tempfile.mkdtemp(dir=session_folder)
    system = System(postgres, kafka, folder, "-fleet-" + uuid.uuid4().hex[:8])
    made = Fleet(system)
    tell("Kafka is there")
    first = made.start()
    tell("one is ready")
    fill(system)
    eventually(lambda: first.get("/api/analytics/summary").json.get("totalRevenueMinor") == expected_minor(),
               "all orders being counted")
    eventually(lambda: first.get("/api/orders/7").json["status"] == "CANCELLED" and
               first.get("/api/orders/8").json["version"] == 2, "the last events")
    eventually(lambda: first.get("/api/customers/3").json.get("version") == 2, "the customers")
    tell("all is counted")
    made.alone = {path: told(first, path) for path in READS}
    made.alone_pages = {path: pages(first, path) for path in LISTS}
    made.start()
    eventually(lambda: is_shared(made) and is_whole(made), "the two sharing the work", MOVE_SECONDS)
    tell("two share the work")
    yield made
    for service in system.services:  # shown when a test has failed
        lines = [line for line in service.log().splitlines() if '"info"' not in line and '"request"' not in line]
        print(address(service), service.process.poll(), *lines[-20:], sep="\n")
    system.close()
    shutil.rmtree(folder, ignore_errors=True)


def test_s0_17_s3_19_any_instance_answers_anything_as_one_alone(fleet):
    for path in READS:
        for instance in fleet.instances:
            assert told(instance, path) == fleet.alone[path], (path, address(instance))


def test_s0_17_pages_of_merged_lists_are_the_whole(fleet):
    for path in LISTS:
        for instance in fleet.instances:
            assert pages(instance, path) == fleet.alone_pages[path], path


def test_s3_19_what_is_read_with_a_condition_is_forwarded_with_it(fleet):
    etag = ask(fleet.instances[0], "/api/orders/8").headers["ETag"]

    for instance in fleet.instances:
        unchanged = ask(instance, "/api/orders/8", headers={"If-None-Match": etag})
        assert (unchanged.status, unchanged.text, unchanged.headers["ETag"]) == (304, "", etag)


def test_s4_38_the_fleet_finds_itself_through_its_group(fleet):
    for instance in fleet.instances:
        items = instance.get("/api/state/instances").json["items"]
        assert {i["address"] for i in items} == {address(i) for i in fleet.instances}
        assert all(i["state"] == "RUNNING" and i["tasks"] == i["tasksRunning"] > 0 for i in items)
        assert [i["instanceId"] for i in items] == sorted(i["instanceId"] for i in items)
        partitions = instance.get("/api/state/stores/orders-store").json["partitions"]
        assert [p["partition"] for p in partitions] == [0, 1, 2, 3]
        assert all(p["isLocal"] == (p["instance"] == address(instance)) for p in partitions)


def test_s3_19_a_forwarded_request_travels_no_further(fleet):
    """Each order is asked for at both with the mark of a forwarded request: one of them has it."""
    for number in range(1, 9):
        answers = [i.get(f"/api/orders/{number}", headers={"Stateful-Forwarded": "?"}) for i in fleet.instances]
        assert sorted(a.status for a in answers) == [200, 503], number


def test_x_04_a_read_waits_at_whoever_has_the_order(fleet):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = [pool.submit(i.get, "/api/customers/500?wait=20s") for i in fleet.instances]
        eventually(lambda: any("http_waiting_reads 2" in i.get("/metrics").text for i in fleet.instances),
                   "both reads waiting at one of the two")
        produce(fleet.system, "customer", customer(500, "Zoe"))
        assert [w.result().json["name"] for w in waiting] == ["Zoe", "Zoe"]


def test_x_01_questions_to_others_are_counted(fleet):
    for instance in fleet.instances:
        text = instance.get("/metrics").text
        assert float(text.split("\nfleet_questions_total ")[1].split("\n")[0]) > 0


class Reader(threading.Thread):
    """Asks for a sum again and again: it may be refused, it is never wrong and never falls."""

    def __init__(self, fleet):
        super().__init__()
        self.fleet = fleet
        self.ends = threading.Event()
        self.answers = {200: 0, 503: 0}
        self.wrong = []

    def ask(self, instance, least):
        answer = instance.get("/api/analytics/summary")
        self.answers[answer.status] = self.answers.get(answer.status, 0) + 1
        if answer.status == 200:
            total = answer.json["totalRevenueMinor"]
            if total < least or "partial" in answer.json:
                self.wrong.append((address(instance), least, answer.text))
            return max(least, total)
        if answer.status != 503 or "missing" not in answer.json:
            self.wrong.append((address(instance), answer.status, answer.text))
        return least

    def run(self):
        least = expected_minor()
        while not self.ends.wait(0.01):
            for instance in list(self.fleet.instances):
                try:
                    least = self.ask(instance, least)
                except OSError:
                    pass  # it is stopping

    def stop(self):
        self.ends.set()
        self.join()


def test_s0_17_an_instance_that_joins_under_load_and_leaves_again_changes_no_answer(fleet):
    system, before = fleet.system, len(fleet.instances)
    reader = Reader(fleet)
    reader.start()
    for n in range(100, 130):
        produce(system, "order", *[order(n * 10 + k, [(k + 1, 1, 1.0)], NINE) for k in range(5)])
        if n == 105:
            tell("a third one joins")
            third = fleet.start("live")
    eventually(lambda: is_shared(fleet) and is_whole(fleet), "three sharing the work", MOVE_SECONDS)
    total = expected_minor() + 30 * 5 * 100
    eventually(lambda: all(i.get("/api/analytics/summary").json.get("totalRevenueMinor") == total
                           for i in fleet.instances), "all orders being counted")
    tell("three share the work")
    fleet.remove(third)
    eventually(lambda: is_whole(fleet), "the two having all", MOVE_SECONDS)
    reader.stop()

    print(f"asked under moves: {reader.answers}")
    assert reader.wrong == []
    assert reader.answers[200] > 50
    assert len(fleet.instances) == before
    for instance in fleet.instances:
        assert ask(instance, "/api/analytics/summary").json["totalRevenueMinor"] == total
        assert len(pages(instance, "/api/orders?limit=50")) == ORDERS + 150


def held_by(holder, other):
    """The number of an order that the one has and the other one has not; None while they move."""
    for number in range(1, ORDERS + 1):
        asked = [i.get(f"/api/orders/{number}", headers={"Stateful-Forwarded": "?"}) for i in (holder, other)]
        if [answer.status for answer in asked] == [200, 503]:
            return number
    return None


def freeze(instance):
    """Stops the process, and waits until each of its threads stands."""
    folder = f"/proc/{instance.process.pid}/task"
    instance.process.send_signal(signal.SIGSTOP)

    def stands(thread):
        with open(os.path.join(folder, thread, "stat")) as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] == "T"

    eventually(lambda: all(stands(thread) for thread in os.listdir(folder)), "the process standing still")


def test_s3_22_a_silent_instance_costs_a_bounded_time_and_is_named(fleet):
    asked, silent = fleet.instances[0], fleet.instances[1]
    eventually(lambda: is_shared(fleet) and is_whole(fleet), "the two sharing the work", MOVE_SECONDS)
    number = eventually(lambda: held_by(silent, asked), "an order that the silent one has")
    paths = (f"/api/orders/{number}", "/api/orders", "/api/analytics/summary?allowPartial=true",
             f"/api/analytics/hourly-sales?{DAY}&allowPartial=true", "/api/state/instances")

    def timed(path):
        began = time.monotonic()
        answer = asked.get(path)
        assert time.monotonic() - began < 10 * TIMEOUT_MS / 1000, path
        return answer

    try:
        freeze(silent)
        with concurrent.futures.ThreadPoolExecutor(len(paths)) as pool:  # all before its session ends
            answers = dict(zip(paths, pool.map(timed, paths)))
    finally:
        silent.process.send_signal(signal.SIGCONT)

    for path in (f"/api/orders/{number}", "/api/orders"):
        refused = answers[path]
        assert refused.status == 503, refused.text
        assert refused.json["type"] == "/problems/state-store-restoring"
        assert refused.headers["Retry-After"] == "1"
        assert {m["instance"] for m in refused.json["missing"]} == {address(silent)}
        assert all(m["store"] == "orders-store" and m["reason"].startswith("does not answer")
                   for m in refused.json["missing"])
    partial = answers["/api/analytics/summary?allowPartial=true"]
    assert partial.status == 200 and partial.json["partial"] is True
    assert {m["instance"] for m in partial.json["missing"]} == {address(silent)}
    hours = answers[f"/api/analytics/hourly-sales?{DAY}&allowPartial=true"]
    assert hours.status == 200 and hours.headers["Missing-Instances"] == address(silent)
    assert hours.headers["Missing-Partitions"]
    states = {i["address"]: i["state"] for i in answers["/api/state/instances"].json["items"]}
    assert states[address(silent)] == "UNREACHABLE" and states[address(asked)] == "RUNNING"
    eventually(lambda: is_whole(fleet), "the two being whole again", MOVE_SECONDS)


def test_s3_22_a_killed_instance_is_named_until_the_others_have_its_partitions(fleet):
    asked, killed = fleet.instances[0], fleet.instances[1]
    before = {path: told(asked, path) for path in READS}
    killed.kill()
    refused, partial = asked.get("/api/analytics/summary"), asked.get("/api/orders?allowPartial=true&limit=1000")
    fleet.remove(killed)

    assert refused.status == 503
    assert {m["instance"] for m in refused.json["missing"]} == {address(killed)}
    assert all(isinstance(m["partition"], int) for m in refused.json["missing"])
    assert partial.status == 200 and partial.json["partial"] is True
    assert 0 < len(partial.json["items"]) < ORDERS + 150
    began = time.monotonic()
    eventually(lambda: is_whole(fleet), "the one that is left having all", MOVE_SECONDS)
    print(f"taken over after {time.monotonic() - began:.1f} s")
    for path in READS:
        assert told(asked, path) == before[path], path


@pytest.fixture
def guarded(postgres, kafka, session_folder):
    """Two instances that take requests with a token alone, also from each other."""
    folder = tempfile.mkdtemp(dir=session_folder)
    system = System(postgres, kafka, folder, "-guarded-" + uuid.uuid4().hex[:8])
    secret = os.path.join(folder, "secret")
    with open(secret, "wb") as file:
        file.write(SECRET)
    made = Fleet(system)
    for _ in range(2):
        made.start(AUTH_MODE="jwt", AUTH_JWT_KEY_FILE=secret)
    yield made
    system.close()
    shutil.rmtree(folder, ignore_errors=True)


def test_s3_19_the_askers_token_goes_with_what_is_forwarded(guarded):
    everyone, nobody = bearer("viewer"), {}
    numbers = range(1, 13)
    produce(guarded.system, "order", *[order(n, [(1, 1, 2.5)], NINE) for n in numbers])

    def statuses(path, headers):
        return [ask(i, path, headers=headers).status for i in guarded.instances]

    def is_shared_and_whole():
        held = [sum(i.get(f"/api/orders/{n}", headers={**everyone, "Stateful-Forwarded": "?"}).status == 200
                    for n in numbers) for i in guarded.instances]
        return min(held) > 0 and sum(held) == len(numbers)

    eventually(is_shared_and_whole, "each having some of the orders and both all", MOVE_SECONDS)
    for n in numbers:
        assert statuses(f"/api/orders/{n}", everyone) == [200, 200], n
        assert statuses(f"/api/orders/{n}", nobody) == [401, 401], n
    for instance in guarded.instances:
        assert len(ask(instance, "/api/orders", headers=everyone).json["items"]) == len(numbers)
    assert statuses("/api/orders", nobody) == [401, 401]
    assert statuses("/api/state/stores/orders-store/1", everyone) == [403, 403]
    assert statuses("/api/state/stores/orders-store/1", bearer("admin")) == [200, 200]

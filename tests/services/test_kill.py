"""SIGKILL at random points under load: the services come back, the sums equal PostgreSQL's to the cent,
nothing was wiped and nothing restored beyond the changelog's tail."""
import json
import os
import random
import re
import time

import pytest

from whole_system import Journal, Kafka, Load, System, kafka_available

KILLS = 20 if os.environ.get("TEST_LONG") else 5
SEED = int(os.environ.get("TEST_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 31)


def make_broker(kind, folder):
    if kind == "journal":
        return Journal(folder)
    if not kafka_available():
        if os.environ.get("KAFKA_REQUIRED"):
            pytest.fail("no Kafka, though one is required (make kafka)")
        pytest.skip("no Kafka (make kafka)")
    return Kafka(folder)


@pytest.fixture(params=["journal", "kafka"])
def system(request, tmp_path):
    made = System(str(tmp_path), make_broker(request.param, str(tmp_path)))
    try:
        made.start()
        yield made
    finally:
        made.close()


# A kill may leave what one commit wrote, or two, to be read again: COMMIT_INTERVAL_MS is 100, and 4 threads
# of Load write some hundred orders a second, with a few changelog records each. All of it is thousands.
# The first commit of a start has all that was ordered while there was no service: seconds on a slow machine.
TAIL_RECORDS = 500
RECORDS_PER_ORDER = 8


def tail_limits(backlogs):
    """What each start may restore: the commits of the one before it, which had that many orders to catch up with."""
    return [0] + [TAIL_RECORDS + RECORDS_PER_ORDER * backlog for backlog in backlogs]


def lives(service):
    """The log lines of each start of the service, as objects."""
    found = []
    for line in service.lines():
        try:
            entry = json.loads(line)
        except ValueError:  # cut off by a kill
            continue
        if "listens" in entry.get("msg", ""):
            found.append([])
        if found:
            found[-1].append(entry)
    return found


def restored_records(life):
    """How many changelog records this start put into its stores."""
    return sum(entry["restored"] for entry in life if entry.get("msg", "") == "task running")


def wiped(life):
    """What this start says about state that it did not build upon."""
    return [entry for entry in life if re.search("cleared|from the beginning|begin empty|begins anew", entry.get("msg", ""))]


def print_start_and_memory(service):
    """Printed, not asserted: the machine decides."""
    ready = [entry["ms"] for life in lives(service) for entry in life if entry.get("msg", "") == "ready"]
    with open(f"/proc/{service.process.pid}/status") as status:
        resident = int(re.search(r"VmRSS:\s*(\d+)", status.read()).group(1))
    print(f"query-service: ready after {ready} ms, resident {resident / 1024:.1f} MB")
    return resident


@pytest.mark.parametrize("victims", ["query", "command", "both"])
def test_s3_14_killed_at_random_points_the_sums_equal_postgresql(system, victims):
    print(f"seed {SEED}")
    dice = random.Random(f"{SEED} {victims}")
    backlogs = [0]
    with Load(system, SEED) as load:
        for _ in range(KILLS):
            time.sleep(dice.uniform(0.3, 1.5))
            killed = {"query": [system.query], "command": [system.command],
                      "both": [system.query, system.command]}[victims]
            created = load.created
            for service in killed:
                service.kill()
            for service in killed:
                service.start()
            for service in killed:
                service.wait_ready()
            backlogs.append(load.created - created)
        time.sleep(0.5)
    expected = system.wait_until_equal()

    starts = lives(system.query)
    restored = [restored_records(life) for life in starts]
    print(f"restored records, by start: {restored}; orders: {load.created}")
    print_start_and_memory(system.query)
    assert expected["total"] > 0 and load.created > 0
    assert len(starts) == 1 + (0 if victims == "command" else KILLS)
    assert [entry for life in starts for entry in wiped(life)] == []
    assert all(records <= limit for records, limit in zip(restored, tail_limits(backlogs))), backlogs
    assert system.query.stop() == 0 and system.command.stop() == 0


def test_s2_05_the_query_service_is_small_on_the_journal(tmp_path):
    system = System(str(tmp_path), Journal(str(tmp_path)))
    try:
        system.start()
        assert print_start_and_memory(system.query) < 64 * 1024
    finally:
        system.close()

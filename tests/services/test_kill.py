"""SIGKILL at random points under load: the services come back, the sums equal PostgreSQL's to the cent,
nothing was wiped and nothing restored beyond the changelog's tail."""
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


def restored_records(service):
    """Of each start of the service, how many changelog records it put into its stores."""
    return [int(count) for line in service.lines() for count in re.findall(r'"restored":\s*"?(\d+)', line)]


@pytest.mark.parametrize("victims", ["query", "command", "both"])
def test_killed_at_random_points_the_sums_equal_postgresql(system, victims):
    print(f"seed {SEED}")
    dice = random.Random(f"{SEED} {victims}")
    with Load(system, SEED) as load:
        for _ in range(KILLS):
            time.sleep(dice.uniform(0.3, 1.5))
            killed = {"query": [system.query], "command": [system.command],
                      "both": [system.query, system.command]}[victims]
            for service in killed:
                service.kill()
            for service in killed:
                service.start()
            for service in killed:
                service.wait_ready()
        time.sleep(0.5)
    expected = system.wait_until_equal()

    assert expected["total"] > 0 and load.created > 0
    assert system.query.stop() == 0 and system.command.stop() == 0

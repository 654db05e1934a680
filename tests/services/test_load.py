"""tests/load/load against services that are killed meanwhile: whatever was answered is there once, and all
sums agree to the cent."""
import os
import random
import re
import subprocess
import threading

from conftest import ROOT

LOAD = os.path.join(ROOT, "tests/load/load")


def start_load(system, command, query, *arguments):
    """On ports that outlive a restart."""
    command.environment["SERVER_PORT"], query.environment["QUERY_SERVER_PORT"] = str(command.port), str(query.port)
    return subprocess.Popen([LOAD, "--command", f"http://127.0.0.1:{command.port}", "--query", f"http://127.0.0.1:{query.port}",
                             *arguments], env={**os.environ, **system.environment()}, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True)


def kill_now_and_then(services, dice, is_over, pauses):
    """Kills one or the other and starts it again, until is_over; how often that was."""
    kills = 0
    while not is_over.wait(dice.uniform(*pauses)):
        service = dice.choice(services)
        service.kill()
        service.start()
        service.wait_until_live()
        kills += 1
    return kills


def test_x_10_orders_are_counted_once_while_services_are_killed(system):
    long_run = bool(os.environ.get("TEST_LONG"))
    seed = int(os.environ.get("TEST_SEED") or random.randrange(10**6))
    command, query = system.start_command(), system.start_query()
    load = start_load(system, command, query, "--rate", "60", "--duration", "600" if long_run else "20", "--clients", "8",
                      "--seed", str(seed), "--patience", "90")
    is_over, killed = threading.Event(), []
    killer = threading.Thread(target=lambda: killed.append(
        kill_now_and_then([command, query], random.Random(seed), is_over, (1, 4))))
    killer.start()
    try:
        load.wait(15000 if long_run else 18)
    except subprocess.TimeoutExpired:
        pass  # the last orders and the sums are asked for in peace
    finally:
        is_over.set()
        killer.join()
    said = load.communicate(timeout=200)[0]

    assert load.returncode == 0, f"TEST_SEED={seed}: {said}\n{query.log()[-3000:]}\n{command.log()[-3000:]}"
    assert "no order twice" in said
    assert killed[0] >= 2
    print(f"{killed[0]} kills; {said}")


def test_x_10_a_difference_is_found(system):
    """An order that the read side does not know of: the load must not end well."""
    command, query = system.start_command(), system.start_query()
    load = start_load(system, command, query, "--rate", "20", "--duration", "1", "--patience", "60")
    assert "no order twice" in load.communicate(timeout=120)[0]
    system.query("UPDATE order_items SET price = price + 0.01 WHERE order_id = 1 AND quantity > 0")

    again = start_load(system, command, query, "--rate", "20", "--duration", "1", "--patience", "15")

    said = again.communicate(timeout=120)[0]
    assert again.returncode == 1
    assert re.search(r"PostgreSQL says \d+\.\d+, the read side", said), said


def test_x_10_the_generator_says_what_it_takes():
    said = subprocess.run([LOAD, "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout

    for word in "--rate", "--duration", "--clients", "--seed", "--command", "--query":
        assert word in said

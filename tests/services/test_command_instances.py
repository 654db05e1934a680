"""Several command-services on one database: one relay at a time, and ends that nobody notices."""
import contextlib
import http.client
import json
import threading

from conftest import eventually
from test_command_relay import LAPTOP, ORDER, assert_topics_have_all_events
from test_shell import samples

STEPS = ("CONFIRMED", "PAID", "PROCESSING", "SHIPPED", "DELIVERED", "COMPLETED")


class Clients:
    """Threads that place orders and take each through all its steps, by whichever instance answers."""

    def __init__(self, services, count=4):
        self.services, self.done, self.statuses = services, 0, []
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(number,), daemon=True) for number in range(count)]
        for thread in self.threads:
            thread.start()

    def run(self, number):
        while not self.is_over.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException):
                order = self.services[number % len(self.services)].post("/api/orders", ORDER)
                self.statuses.append(order.status)
                for step in STEPS if order.status == 201 else ():
                    number += 1  # each step goes to the other instance
                    answer = self.services[number % len(self.services)].put(
                        f"/api/orders/{order.json['id']}/status", {"status": step})
                    self.statuses.append(answer.status)
                self.done += 1
            number += 1

    def stop(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join()


def active(services):
    return [service for service in services if samples(service)["outbox_relay_active"] == 1]


def test_s0_17_s4_36_when_the_active_relay_is_killed_under_load_the_other_goes_on_in_order(system):
    services = [system.start_command() for _ in range(2)]
    eventually(lambda: active(services), "a relay being active")
    services[0].post("/api/products", LAPTOP)
    clients = Clients(services)
    for _ in range(3):
        enough = clients.done + 12
        eventually(lambda: clients.done > enough, "some orders")
        (victim,) = active(services)
        other = services[1 - services.index(victim)]
        victim.kill()
        eventually(lambda: active([other]), "the other one taking over")
        services[services.index(victim)] = system.start_command()
        assert active(services) == [other]
    clients.stop()
    system.wait_until_published()

    assert set(clients.statuses) <= {200, 201}
    assert_topics_have_all_events(system)


def send_until_refused(service, outcomes):
    """A connection for each request, as a load balancer's. Refused is fine; taken and not answered is not."""
    while True:
        connection = service.connect()
        try:
            connection.connect()
        except ConnectionRefusedError:
            return
        try:
            connection.request("POST", "/api/orders", json.dumps(ORDER).encode(), {"Content-Type": "application/json"})
            outcomes.append(connection.getresponse().status)
        except (OSError, http.client.HTTPException) as failure:
            outcomes.append(repr(failure))
        finally:
            connection.close()


def test_s4_05_a_stop_under_load_drops_no_request(system):
    command = system.start_command()
    command.post("/api/products", LAPTOP)
    outcomes = []
    clients = [threading.Thread(target=send_until_refused, args=(command, outcomes), daemon=True) for _ in range(8)]
    for client in clients:
        client.start()
    eventually(lambda: len(outcomes) > 100, "some load")

    code = command.stop()
    for client in clients:
        client.join()

    assert code == 0
    assert set(outcomes) <= {201, 503}, set(outcomes)
    assert outcomes.count(201) == system.value("SELECT count(*) FROM orders")
    assert_topics_have_all_events(system)

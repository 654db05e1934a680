"""PostgreSQL away, back, empty, changed behind our back."""
import os
import signal
import threading
import time

import psycopg2
import pytest

from conftest import Postgres, System, eventually

LAPTOP = {"name": "Laptop", "category": "Electronics", "price": 500.0}


@pytest.fixture
def own_postgres(folder):
    os.chmod(folder, 0o755)
    server = Postgres(os.path.join(folder, "postgres"), "fsync=off")
    yield server
    server.stop("immediate")


@pytest.fixture
def fragile(own_postgres, folder):
    """A system whose database server may be stopped."""
    made = System(own_postgres, "file:" + os.path.join(folder, "log"), folder)
    yield made
    made.close()


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_s4_25_without_its_database_it_says_so_and_comes_back_by_itself(fragile, how):
    command = fragile.start_command()
    assert command.post("/api/products", LAPTOP).status == 201

    fragile.postgres.stop(how)
    eventually(lambda: command.get("/health/ready").status == 503, "it noticing")
    refused = command.post("/api/products", LAPTOP)
    assert refused.status == 503
    assert refused.json["type"] == "/problems/database-away"
    assert refused.headers["Retry-After"] == "1"
    assert command.get("/health/live").status == 200

    fragile.postgres.start()
    command.wait_until_ready()
    assert command.post("/api/products", LAPTOP).status == 201
    fragile.wait_until_published()
    assert [record["key"] for record in fragile.events("product-events")].count("1") >= 1


def test_s4_25_lost_under_load_every_201_is_there_afterwards(fragile):
    command = fragile.start_command()
    is_over, created, others = threading.Event(), [], set()

    def client():
        while not is_over.is_set():
            answer = command.post("/api/products", LAPTOP)
            if answer.status == 201:
                created.append(answer.json["id"])
            else:
                others.add((answer.status, answer.json["type"]))

    threads = [threading.Thread(target=client) for _ in range(4)]
    for thread in threads:
        thread.start()
    eventually(lambda: len(created) > 50, "some load")
    fragile.postgres.stop("immediate")
    eventually(lambda: others, "a refusal")
    fragile.postgres.start()
    count = len(created)
    eventually(lambda: len(created) > count + 50, "load after the return")
    is_over.set()
    for thread in threads:
        thread.join()

    assert others <= {(503, "/problems/database-away"), (503, "/problems/outcome-unknown")}
    assert set(created) <= {row[0] for row in fragile.query("SELECT id FROM products")}
    fragile.wait_until_published()
    assert {str(one) for one in created} <= {record["key"] for record in fragile.events("product-events")}


def test_s4_25_it_waits_for_a_database_that_comes_later(fragile):
    fragile.postgres.stop()
    command = fragile.start_command(wait="live")
    assert command.get("/health/live").status == 200
    assert command.get("/health/ready").status == 503
    assert command.post("/api/products", LAPTOP).status == 503

    fragile.postgres.start()
    command.wait_until_ready()
    assert command.post("/api/products", LAPTOP).status == 201
    assert command.stop() == 0


def test_s4_25_it_can_be_stopped_while_it_waits_for_its_database(fragile):
    fragile.postgres.stop()
    command = fragile.start_command(wait="live")

    assert command.stop() == 0


def test_s4_26_the_schema_is_made_once_whoever_comes_first(system):
    services = [system.start_command(wait=None) for _ in range(3)]
    for service in services:
        service.wait_until_ready()

    assert system.query("SELECT number, name FROM schema_migrations ORDER BY number")[0] == (1, "001_products")
    applied = sum(service.log().count("migration applied") for service in services)
    assert applied == system.value("SELECT count(*) FROM schema_migrations")


def test_s4_26_an_applied_migration_that_differs_is_an_error(system):
    system.start_command().stop()
    system.query("UPDATE schema_migrations SET checksum = 'x' WHERE number = 2")

    service = system.start_command(wait=None)
    code = service.process.wait(30)
    migrate = system.run("command-service", "migrate")

    assert (code, migrate.returncode) == (1, 1)
    for said in (service.log(), migrate.stderr):
        assert "command-service: migration 002_orders was applied to this database with another content" in said


def test_s4_26_migrations_can_be_run_by_hand(system):
    command = system.start_command(wait="live", DB_MIGRATE="off")
    assert command.get("/health/ready").status == 503

    done = system.run("command-service", "migrate")
    assert done.returncode == 0, done.stderr
    command.wait_until_ready()

    assert command.post("/api/products", LAPTOP).status == 201
    again = system.run("command-service", "migrate")
    assert again.returncode == 0
    assert '"applied":0' in again.stderr


def test_s4_25_a_lock_that_is_held_too_long_is_answered_as_busy(command, system):
    command.post("/api/products", LAPTOP)
    connection = system.postgres.connect(system.database)
    connection.autocommit = False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM products WHERE id = 1 FOR UPDATE")
        answer = command.put("/api/products/1", {**LAPTOP, "price": 1})
        connection.rollback()
    connection.close()

    assert answer.status == 503
    assert answer.json["type"] == "/problems/overloaded"
    assert command.put("/api/products/1", {**LAPTOP, "price": 1}).status == 200


# ---- what lines name ----

def test_s3_13_what_a_line_names_cannot_be_taken_away(command, system):
    for _ in range(2):
        command.post("/api/products", LAPTOP)
    command.post("/api/orders", {"customerId": 1, "items": [{"productId": 1, "quantity": 2, "price": 500.0}]})

    for sql in ("DELETE FROM products WHERE id = 1", "UPDATE products SET id = DEFAULT WHERE id = 1", "TRUNCATE products",
                "DELETE FROM orders"):
        with pytest.raises(psycopg2.errors.ForeignKeyViolation, match="order 1 has a line"):
            system.query(sql)
    with pytest.raises(psycopg2.errors.FeatureNotSupported):
        system.query("BEGIN ISOLATION LEVEL REPEATABLE READ; DELETE FROM products WHERE id = 2; COMMIT")
    system.query("DELETE FROM products WHERE id = 2")

    assert system.query("SELECT id FROM products") == [(1,)]
    assert command.post("/api/orders", {"customerId": 1, "items": [{"productId": 2, "quantity": 1}]}).status == 422


def test_s3_13_a_line_that_is_being_written_is_waited_for(command, system):
    command.post("/api/products", LAPTOP)
    writer = system.postgres.connect(system.database)
    writer.autocommit = False
    with writer.cursor() as cursor:
        cursor.execute("INSERT INTO orders (customer_id, status, created_at, occurred_at) VALUES (1, 'CREATED', now(), now())")
        cursor.execute("INSERT INTO order_items VALUES (1, 0, 1, 1, 1, 1)")
    refusals = []

    def delete():
        with pytest.raises(psycopg2.errors.ForeignKeyViolation) as refusal:
            system.query("DELETE FROM products")
        refusals.append(refusal)

    hand = threading.Thread(target=delete)
    hand.start()
    eventually(lambda: system.value("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'order_items'::regclass"),
               "the hand waiting")
    writer.commit()
    writer.close()
    hand.join()

    assert len(refusals) == 1


# ---- the circuit breaker ----

def state_of(process):
    with open(f"/proc/{process}/stat") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0]


def silence(postgres):
    """Stops the server, which makes no more children then, and those that it has; the ids of all."""
    with open(os.path.join(postgres.at["data"], "postmaster.pid")) as file:
        server = int(file.readline())
    os.kill(server, signal.SIGSTOP)
    eventually(lambda: state_of(server) == "T", "the server standing still")
    with open(f"/proc/{server}/task/{server}/children") as file:
        children = [int(child) for child in file.read().split()]
    for child in children:
        os.kill(child, signal.SIGSTOP)
    return [server, *children]


def seconds_to_be_refused(command):
    began = time.monotonic()
    answer = command.post("/api/products", LAPTOP)
    assert (answer.status, answer.json["type"]) == (503, "/problems/database-away"), answer.text
    assert answer.headers["Retry-After"] == "1"
    return time.monotonic() - began


@pytest.mark.parametrize("how", ["stopped", "silent"])
def test_s4_39_while_the_database_does_not_answer_commands_are_refused_at_once(fragile, how):
    """The time that S3 gives: 50 ms once the breaker is open; the median, so that a busy machine does not matter."""
    command = fragile.start_command()
    command.post("/api/products", LAPTOP)
    clients = [threading.Thread(target=command.post, args=("/api/products", LAPTOP)) for _ in range(8)]
    if how == "stopped":
        fragile.postgres.stop("immediate")
    else:
        stopped = silence(fragile.postgres)
    try:
        for client in clients:
            client.start()
        eventually(lambda: command.get("/health/ready").status == 503, "the breaker opening")
        times = sorted(seconds_to_be_refused(command) for _ in range(41))
        assert command.get("/health/db").status == 503
        assert command.get("/health/live").status == 200
    finally:
        if how == "stopped":
            fragile.postgres.start()
        else:
            for process in stopped:
                os.kill(process, signal.SIGCONT)
    assert times[20] < 0.05, times
    for client in clients:
        client.join()

    command.wait_until_ready()
    assert command.post("/api/products", LAPTOP).status == 201
    assert command.get("/health/db").status == 200
    assert "commands are refused until it answers" in command.log()


def end_connections(system):
    """The server ends those of the pool, as on a failover behind a proxy; the relay's too."""
    system.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                 " AND application_name = 'command-service' AND pid <> pg_backend_pid()")


def test_s4_39_connections_that_died_while_idle_are_replaced_unseen(system):
    """Nothing was sent on them, so no command is the worse for it."""
    command = system.start_command(DB_POOL_SIZE="4")
    for _ in range(10):
        end_connections(system)
        assert [command.post("/api/products", LAPTOP).status for _ in range(8)] == [201] * 8
        assert command.get("/health/ready").status == 200
    assert "commands are refused" not in command.log()


def test_s4_39_when_it_says_that_it_is_ready_it_takes_commands(fragile):
    command = fragile.start_command(DB_POOL_SIZE="16")
    for _ in range(5):
        fragile.postgres.stop("immediate")
        for _ in range(4):
            assert command.post("/api/products", LAPTOP).status == 503
        eventually(lambda: command.get("/health/ready").status == 503, "it noticing")
        fragile.postgres.start()
        command.wait_until_ready()
        assert [command.post("/api/products", LAPTOP).status for _ in range(20)] == [201] * 20


def test_s4_39_a_silent_database_is_noticed_though_nobody_asks(fragile):
    command = fragile.start_command()
    stopped = silence(fragile.postgres)
    try:
        eventually(lambda: command.get("/health/ready").status == 503, "it noticing")
    finally:
        for process in stopped:
            os.kill(process, signal.SIGCONT)
    command.wait_until_ready()
    assert command.post("/api/products", LAPTOP).status == 201


def test_x_02_s4_39_a_keyed_command_whose_connection_is_lost_is_done_once(system):
    """Killed while it waits for a lock: with its key it may be run again, whatever became of it."""
    command = system.start_command()
    command.post("/api/products", LAPTOP)
    holder = system.postgres.connect(system.database)
    holder.autocommit = False
    holder.cursor().execute("SELECT 1 FROM products WHERE id = 1 FOR UPDATE")
    answers = []
    update = {"type": "updateProduct", "payload": {"id": 1, **LAPTOP, "price": 2}}
    client = threading.Thread(target=lambda: answers.append(
        command.post("/commands", update, headers={"Idempotency-Key": "k"})))
    client.start()
    waiting = ("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
               " AND datname = current_database()")
    pid = eventually(lambda: system.query(waiting), "the command waiting for the lock")[0][0]
    system.query(f"SELECT pg_terminate_backend({pid})")
    eventually(lambda: pid not in [row[0] for row in system.query(waiting)], "its connection ending")
    holder.rollback()
    holder.close()
    client.join()

    assert answers[0].status == 200, answers[0].text
    assert system.value("SELECT version FROM products WHERE id = 1") == 2

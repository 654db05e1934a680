"""What the project promises of itself: where things are, and how its tests are run."""
import glob
import os
import re
import subprocess

import pytest

from conftest import BUILD, ROOT, eventually

RUN_TESTS = os.path.join(ROOT, "tests/support/run-tests")


def run_tests(*words, **settings):
    """What run-tests would run or ran, and what it ended with."""
    said = subprocess.run([RUN_TESTS, os.path.relpath(BUILD, ROOT), *words], cwd=ROOT, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=300, env={**os.environ, **settings})
    return said.returncode, said.stdout


def listed(*words):
    code, output = run_tests(*words, TEST_LIST="1")
    assert code == 0, output
    return output.split()


def included_by(path):
    with open(path) as source:
        return re.findall(r'^#include [<"]([^>"]+)[>"]', source.read(), re.M)


def sources(*folders):
    return [path for folder in folders for kind in "ch" for path in glob.glob(f"{ROOT}/{folder}/**/*.{kind}", recursive=True)]


def test_rows_every_core_row_has_a_test():
    said = subprocess.run([os.path.join(ROOT, "tests/services/rows")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    assert said.returncode == 0, said.stdout
    assert said.stdout.splitlines()[-1] == "core rows without a test: 0"


def test_rows_every_test_of_a_service_shows_a_row():
    for path in glob.glob(f"{ROOT}/tests/services/test_*.py"):
        with open(path) as file:
            bare = [name for name in re.findall(r"^def (test_\w+)", file.read(), re.M)
                    if not re.match(r"test_((s\d|x)_\d\d|rows)_", name)]
        assert not bare, f"{os.path.basename(path)}: no row in the name of {bare}"


def test_s3_40_one_command_runs_every_kind_of_test():
    found = listed()

    for kind in "unit", "topology", "conformance", "runtime", "broker", "services", "cli", "simulation":
        assert [name for name in found if name.startswith(f"tests/{kind}/")], f"no test of {kind}"
    every = {os.path.relpath(path, ROOT) for path in glob.glob(f"{ROOT}/tests/services/test_*.py")}
    assert every <= set(found)


def test_s3_40_what_failed_is_counted_and_the_command_fails():
    if not os.path.exists(os.path.join(BUILD, "tests/unit/base/test_bytes")):
        pytest.skip("the test programs are not built: make tests")
    code, output = run_tests("unit/base/test_bytes")
    assert code == 0
    assert re.fullmatch(r"[1-9]\d* passed, 0 failed, 0 skipped", output.splitlines()[-1])
    code, output = run_tests("no-such-test")
    assert code != 0


def test_s3_41_s3_42_a_word_picks_the_tests_of_a_service():
    command, query, outside = listed("command"), listed("query"), listed("tests/services")

    assert any(name.startswith("tests/unit/command/") for name in command)
    assert any(name.startswith("tests/services/test_command_") for name in command)
    assert any(name.startswith("tests/unit/query/") for name in query)
    assert any(name.startswith("tests/services/test_query_") for name in query)
    assert all(name.startswith("tests/services/") for name in outside)
    assert not [name for name in command if name.startswith(("tests/unit/query/", "tests/services/test_query"))]


def test_s3_07_s3_44_the_topology_that_runs_is_the_one_that_is_written_down(system):
    with open(os.path.join(ROOT, "tests/data/query_topology.txt")) as golden:
        assert system.start_query("live").get("/api/analytics/topology").text == golden.read()


def test_s3_45_the_project_is_laid_out_as_it_says():
    for path in ("command-service/src/main.c", "query-service/src/main.c", "tests/services", "docker-compose.yml", ".env.example",
                 "README.md", "Makefile", "stateful/include/stateful/stateful.h"):
        assert os.path.exists(os.path.join(ROOT, path)), path
    with open(os.path.join(ROOT, "README.md")) as readme:
        for link in re.findall(r"\]\(([^)#:]+)\)", readme.read()):
            assert os.path.exists(os.path.join(ROOT, link)), f"README.md leads to {link}"


def test_s0_14_s4_33_the_domain_does_nothing_but_think():
    """Rules have no sockets, no database, no broker and no files: they read and decide."""
    outside = re.compile(r"libpq|rdkafka|microhttpd|sys/|unistd|pthread|http|broker|postgres|relay|stateful/(broker|streams|view)")
    for path in sources("command-service/src/domain", "query-service/src/state"):
        assert not [name for name in included_by(path) if outside.search(name)], path


def test_s0_14_handlers_know_neither_sql_nor_kafka():
    handlers = [path for path in sources("command-service/src", "query-service/src/http") if re.search(r"(_routes|/http/)", path)]
    assert len(handlers) > 10
    for path in handlers:
        with open(path) as source:
            text = source.read()
        assert not re.search(r'"[^"]*\b(SELECT|INSERT INTO|UPDATE|DELETE FROM)\b', text), path
        assert not [name for name in included_by(path) if re.search(r"libpq|rdkafka|rocksdb", name)], path


def test_s0_16_the_services_share_nothing_but_topics():
    """Neither is built with the other's code, and the read side is built without PostgreSQL's."""
    for path in sources("query-service/src"):
        assert not [name for name in included_by(path) if "libpq" in name or "command" in name], path
    for path in sources("command-service/src"):
        assert not [name for name in included_by(path) if "query" in name], path


def test_s4_30_tests_start_what_they_need_and_leave_nothing(system):
    command, query = system.start_command(), system.start_query()
    ports = command.port, query.port
    assert len(set(ports)) == 2 and min(ports) > 1023
    assert command.stop() == 0 and query.stop() == 0
    eventually(lambda: command.process.poll() is not None and query.process.poll() is not None)


def test_s4_32_how_to_add_an_event_is_written_down_with_all_there_are():
    with open(os.path.join(ROOT, "docs/adding-an-event.md")) as page:
        text = page.read()
    with open(os.path.join(ROOT, "command-service/src/domain/event.c")) as source:
        written = set(re.findall(r'"([A-Z][a-z]+(?:Created|Updated|StatusUpdated))"', source.read()))

    assert written >= {"ProductCreated", "OrderCreated", "OrderStatusUpdated"}
    for name in written:
        assert name in text, f"docs/adding-an-event.md does not name {name}"
    for path in re.findall(r"`((?:command-service|query-service|tests)/[^` ]+)`", text):
        assert glob.glob(os.path.join(ROOT, path)), f"docs/adding-an-event.md leads to {path}"

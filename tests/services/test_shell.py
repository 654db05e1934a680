"""What both services answer besides their own calls: health, metrics, documents, problems; and their
command lines."""
import glob
import json
import os
import re
import shutil
import subprocess

import pytest

from conftest import ROOT, eventually

NAMES = ["command-service", "query-service"]


@pytest.fixture(params=NAMES)
def service(system, request):
    return system.start_command() if request.param == "command-service" else system.start_query()


def samples(service):
    """name{labels} -> value, of all lines of /metrics."""
    text = service.get("/metrics").text
    return {name: float(value) for name, value in re.findall(r"^([^#\s]\S*) (\S+)$", text, re.M)}


def test_s4_02_health_says_each_check_and_how_long_it_took(service):
    answer = service.get("/health")

    assert answer.status == 200
    assert answer.json["status"] == "UP"
    assert answer.json["checks"]["db"]["status"] == "UP"
    assert answer.json["checks"]["db"]["latencyMs"] >= 0


def test_s4_03_health_of_the_database_or_of_the_stores(service):
    assert service.get("/health/db").json == {"status": "UP"}


def test_s4_04_health_of_the_events(service):
    eventually(lambda: service.get("/health/events").status == 200, "the broker being seen")
    assert service.get("/health").json["checks"]["events"]["status"] == "UP"


def test_s4_05_live_and_ready(service):
    assert service.get("/health/live").json == {"status": "UP"}
    assert service.get("/health/ready").json["status"] == "UP"
    assert service.get("/health/nothing").status == 404


def test_x_01_metrics_count_requests_by_route(service):
    service.get("/health/live")
    service.get("/nowhere/at/all")
    service.get("/health/live?x=1")
    name = service.name
    live = f'http_requests_total{{service="{name}",method="GET",route="/health/live",code="200"}}'
    lost = f'http_requests_total{{service="{name}",method="GET",route="none",code="404"}}'

    def counted():
        seen = samples(service)
        is_whole = seen.get(live, 0) >= 2 and seen.get(lost) == 1
        is_alone = seen["http_in_flight_requests"] == 1  # the one that reads them; others end after their answers
        return seen if is_whole and is_alone else None

    got = eventually(counted)

    took = f'{{service="{name}",method="GET",route="/health/live"'
    assert got[f"http_request_duration_seconds_count{took}}}"] == got[live]
    assert got[f'http_request_duration_seconds_bucket{took},le="+Inf"}}'] == got[live]
    assert got["process_resident_memory_bytes"] > 1e6
    assert got["process_open_fds"] > 3
    assert [k for k in got if k.startswith(f'build_info{{service="{name}",version="')]


def test_x_01_metrics_are_in_the_text_format(service):
    answer = service.get("/metrics")
    seen = set()

    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    for line in answer.text.splitlines():
        if line.startswith("# TYPE "):
            name = line.split()[2]
            assert name not in seen, f"{name} comes twice"
            seen.add(name)
        elif not line.startswith("# HELP "):
            name = re.match(r"([a-z_]+)(\{[^{}]*\})? [-0-9.e+]+$", line).group(1)
            assert re.sub(r"_(bucket|sum|count)$", "", name) in seen or name in seen


NAMES_OF_BOTH = {"http_requests_total", "http_request_duration_seconds", "http_in_flight_requests", "build_info",
                 "process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds", "process_start_time_seconds"}
NAMES_OF_ONE = {
    "command-service": {"db_pool_connections", "db_breaker_state", "outbox_pending_events", "outbox_oldest_pending_age_seconds",
                        "outbox_published_total"},
    "query-service": {"streams_records_consumed_total", "streams_consumer_lag_records", "streams_commit_duration_seconds",
                      "streams_dropped_records_total", "streams_restore_remaining_records", "streams_state",
                      "rocksdb_block_cache_bytes", "rocksdb_memtable_bytes"}}


def test_x_01_metrics_have_the_names_that_others_use(service):
    service.get("/health/live")
    text = service.get("/metrics").text

    assert NAMES_OF_BOTH | NAMES_OF_ONE[service.name] <= set(re.findall(r"^# TYPE (\S+)", text, re.M))


def test_x_01_metrics_pass_before_a_judge(service, tools):
    """promtool where it is, and in any case the parser of Prometheus' own Python client."""
    service.get("/health/live")
    text = service.get("/metrics").text
    program = ("import sys; from prometheus_client.parser import text_string_to_metric_families as parse\n"
               "assert all(family.type != 'unknown' and family.documentation for family in parse(sys.stdin.read()))\n")

    read = subprocess.run([tools("python"), "-c", program], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert read.returncode == 0, read.stdout
    if shutil.which("promtool"):
        said = subprocess.run(["promtool", "check", "metrics"], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert said.returncode == 0, said.stdout


@pytest.mark.parametrize("name", NAMES)
def test_s4_40_a_request_is_in_the_log_with_its_trace(system, name):
    start = system.start_command if name == "command-service" else system.start_query
    service = start(LOG_LEVEL="debug")
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    assert service.get("/nowhere", headers=headers).json["traceId"] == trace
    service.get("/nowhere", headers={"traceparent": "00-" + "0" * 32 + "-00f067aa0ba902b7-01"})
    service.stop()

    lines = [json.loads(line) for line in service.log().splitlines()]
    traced = [line for line in lines if line.get("trace_id")]

    assert [line["trace_id"] for line in traced] == [trace]
    assert traced[0]["http.response.status_code"] == 404


def test_s4_01_openapi_names_itself_and_its_problems_resolve(service):
    document = service.get("/openapi.json")

    assert document.json["openapi"].startswith("3.1")
    assert document.json["info"]["title"]
    again = service.get("/openapi.json", headers={"If-None-Match": document.headers["ETag"]})
    assert (again.status, again.text) == (304, "")
    problem = service.get("/nowhere").json
    page = service.get(problem["type"])
    assert page.status == 200 and "no-such-route" in page.text


def test_s4_01_docs_is_one_page_that_needs_nothing_from_elsewhere(service):
    page = service.get("/docs")

    assert page.status == 200
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page.text)


def problems_replied(*folders):
    """The slugs in the sources, as they stand behind a status."""
    found = set()
    for folder in folders:
        for path in glob.glob(f"{ROOT}/{folder}/**/*.c", recursive=True):
            if not path.endswith(("_problems.c", "problem_catalogue.c")):
                with open(path) as source:
                    found |= set(re.findall(r'\b[45]\d\d,\s*"([a-z-]+)"', source.read()))
    return found


def test_s4_44_every_problem_replied_has_a_page_and_no_page_is_idle(service):
    listed = set(re.findall(r'href="/problems/([a-z-]+)"', service.get("/problems").text))
    shared = problems_replied("stateful/src/service")

    assert problems_replied(f"{service.name}/src") | shared <= listed
    assert listed <= shared | problems_replied(*(f"{name}/src" for name in NAMES))
    for slug in listed:
        page = service.get("/problems/" + slug)
        assert page.status == 200 and "What to do" in page.text


@pytest.mark.parametrize("name", NAMES)
def test_x_13_help_version_and_settings(system, name):
    said = system.run(name, "--help")
    assert said.returncode == 0
    for word in ("--check-config", "--print-config", "--healthcheck", "--version", "AUTH_MODE", "LOG_LEVEL"):
        assert word in said.stdout
    assert re.fullmatch(name + r" \d+\.\d+\.\d+\n", system.run(name, "--version").stdout)
    assert system.run(name, "--check-config").returncode == 0
    wrong = system.run(name, "--check-config", LOG_LEVEL="loud")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "LOG_LEVEL is 'loud', must be one of: debug info warn error" in wrong.stderr
    assert system.run(name, "--nonsense").returncode == 2
    assert system.run(name, "--check-config", "more").returncode == 2


def test_x_13_printed_settings_hold_no_secret(system):
    said = system.run("command-service", "--print-config", POSTGRES_PASSWORD="very-secret-indeed")

    assert "POSTGRES_PASSWORD=***  # from the environment" in said.stdout
    assert "very-secret-indeed" not in said.stdout + said.stderr


def test_s3_25_a_secret_may_stand_in_a_file(system, folder):
    path = os.path.join(folder, "password")
    with open(path, "w") as file:
        file.write(system.environment()["POSTGRES_PASSWORD"] + "\n")

    command = system.start_command(POSTGRES_PASSWORD="", POSTGRES_PASSWORD_FILE=path)

    assert command.get("/health/db").status == 200


def test_s1_07_a_service_probes_itself(service, system):
    variable = "SERVER_PORT" if service.name == "command-service" else "QUERY_SERVER_PORT"
    port = {variable: str(service.port)}

    assert system.run(service.name, "--healthcheck", **port).returncode == 0
    service.stop()
    gone = system.run(service.name, "--healthcheck", **port)
    assert gone.returncode == 1
    assert "nothing answers" in gone.stderr


def test_s4_29_logs_are_json_lines(service):
    service.stop()
    lines = [json.loads(line) for line in service.log().splitlines()]

    assert {"ts", "level", "service", "msg"} <= set(lines[0])
    assert all(line["service"] == service.name for line in lines)

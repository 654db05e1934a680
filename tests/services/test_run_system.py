"""`make run`: what it prints can be pasted, it stops as a whole, and finds its data again."""
import os
import re
import shlex
import signal
import socket
import subprocess

import pytest

from conftest import BUILD, SUPPORT, eventually
from whole_system import free_ports


def is_taken(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) == 0


def as_at_a_terminal():
    """A shell's background job ignores these signals, and hands that on; a shell script cannot undo it."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


class Run:
    def __init__(self, folder, **settings):
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("KAFKA", "DB_", "POSTGRES_", "MAKE", "MFLAGS"))}
        command_port, query_port = free_ports(2)
        self.environment.update(RUN_DIR=folder, BUILD=BUILD, SERVER_PORT=str(command_port),
                                QUERY_SERVER_PORT=str(query_port))
        self.environment.update(settings)
        self.output_path = os.path.join(folder, "terminal")
        os.makedirs(folder, exist_ok=True)
        with open(self.output_path, "w") as output:
            self.process = subprocess.Popen([os.path.join(SUPPORT, "run-system")], env=self.environment,
                                            stdout=output, stderr=output, stdin=subprocess.DEVNULL,
                                            preexec_fn=as_at_a_terminal)

    def output(self):
        with open(self.output_path) as output:
            return output.read()

    def wait_until_up(self):
        def is_up():
            assert self.process.poll() is None, self.output()
            return "Ctrl-C stops" in self.output()
        eventually(is_up, "everything being up", 120)
        return self

    def curl_lines(self):
        return re.findall(r"^  (curl .*)$", self.output(), re.M)

    def stop(self, by=signal.SIGINT):
        if self.process.poll() is None:
            self.process.send_signal(by)
        return self.process.wait(60)


@pytest.fixture
def run(folder):
    os.chmod(folder, 0o755)
    runs = []

    def start(name="run", **settings):
        runs.append(Run(os.path.join(folder, name), **settings))
        return runs[-1]
    yield start
    for one in runs:
        one.stop()


def processes_that_name(path):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as command:
                if path.encode() in command.read():
                    found.append(int(pid))
        except OSError:  # it has just ended
            pass
    return found


def services_of(run):
    with open(f"/proc/{run.process.pid}/task/{run.process.pid}/children") as file:
        children = [int(child) for child in file.read().split()]
    return [child for child in children if child in processes_that_name(f"{BUILD}/command-service/") +
            processes_that_name(f"{BUILD}/query-service/")]


def call(line):
    return subprocess.run(["curl", "-s", *shlex.split(line)[1:]], stdout=subprocess.PIPE, text=True,
                          check=True).stdout


def test_s3_46_the_six_lines_it_prints_answer_as_the_contract_says(run):
    lines = run().wait_until_up().curl_lines()
    assert len(lines) == 6

    assert call(lines[0]) == '{"id":1,"name":"Laptop","category":"Electronics","price":500.0}'
    assert call(lines[1]) == ('{"id":1,"customerId":1,"status":"CREATED",'
                              '"items":[{"productId":1,"quantity":2,"price":500.0}]}')
    assert call(lines[2]) == ('{"id":1,"customerId":1,"status":"SHIPPED",'
                              '"items":[{"productId":1,"quantity":2,"price":500.0}]}')
    hour = "2[0-9-]{9}T[0-9]{2}:00:00Z"
    eventually(lambda: call(lines[3]) == '{"productId":1,"totalSales":1000.0}', "the sale being seen")
    eventually(lambda: call(lines[4]) == '{"category":"Electronics","totalRevenue":1000.0}', "the revenue")
    assert re.fullmatch(r'\[\{"windowStart":"%s","windowEnd":"%s","productId":1,"totalSales":1000.0\}\]'
                        % (hour, hour), call(lines[5]))


def test_s3_46_it_stops_as_a_whole_and_finds_its_data_again(run):
    first = run()
    lines = first.wait_until_up().curl_lines()
    for line in lines[:3]:
        call(line)
    eventually(lambda: call(lines[3]) == '{"productId":1,"totalSales":1000.0}', "the sale being seen")
    first.stop()
    eventually(lambda: not processes_that_name(first.environment["RUN_DIR"]), "all of it having ended")

    again = run().wait_until_up().curl_lines()
    assert call(again[3]) == '{"productId":1,"totalSales":1000.0}'
    assert call(again[0]).startswith('{"id":2,')


def test_s3_46_a_closed_terminal_stops_it_as_a_whole(run):
    one = run()
    one.wait_until_up()
    ports = [one.environment["SERVER_PORT"], one.environment["QUERY_SERVER_PORT"]]

    one.stop(by=signal.SIGHUP)

    eventually(lambda: not processes_that_name(one.environment["RUN_DIR"]), "all of it having ended")
    assert not any(is_taken(port) for port in ports)


def test_s3_46_killed_itself_it_starts_again_on_the_same_ports(run):
    first = run()
    lines = first.wait_until_up().curl_lines()
    for line in lines[:3]:
        call(line)
    eventually(lambda: call(lines[3]) == '{"productId":1,"totalSales":1000.0}', "the sale being seen")
    ports = {name: first.environment[name] for name in ("SERVER_PORT", "QUERY_SERVER_PORT")}
    services = services_of(first)
    assert len(services) == 2
    first.process.kill()
    first.process.wait()
    for port in ports.values():
        eventually(lambda: not is_taken(port), "the services ending")
    # They let go of their ports before they let go of their data.
    eventually(lambda: not set(services) & set(processes_that_name(BUILD)), "the services having ended")

    again = run(**ports).wait_until_up().curl_lines()
    assert call(again[3]) == '{"productId":1,"totalSales":1000.0}'


def test_s3_46_a_second_one_in_the_same_place_is_refused(run):
    first = run()
    first.wait_until_up()

    second = subprocess.run([os.path.join(SUPPORT, "run-system")], env=first.environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)

    assert second.returncode == 1
    assert "it runs already" in second.stderr


@pytest.mark.parametrize("variable", ["SERVER_PORT", "QUERY_SERVER_PORT"])
def test_s3_46_a_taken_port_is_one_sentence(run, variable):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        one = run(**{variable: str(taken.getsockname()[1])})

        assert one.process.wait(60) == 1
        said = one.output().splitlines()
        assert len(said) == 1 and variable in said[0] and "in use" in said[0]


def test_s3_46_without_postgresql_it_says_what_to_do(run):
    one = run(POSTGRES_BIN="/nonexistent")

    assert one.process.wait(60) == 1
    assert "PostgreSQL is not installed; run 'make deps'" in one.output()
    assert len(one.output().splitlines()) == 1


def test_s3_46_a_directory_that_cannot_be_written_is_one_sentence(folder):
    with open(os.path.join(folder, "file"), "w"):
        pass

    said = subprocess.run([os.path.join(SUPPORT, "run-system")], text=True, stderr=subprocess.PIPE,
                          env={**os.environ, "RUN_DIR": os.path.join(folder, "file/run")}, timeout=60)

    assert said.returncode == 1
    assert "cannot write in" in said.stderr and len(said.stderr.splitlines()) == 1

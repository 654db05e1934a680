"""command_side.py - what the benchmarks of command-service start and ask: a PostgreSQL of their own, the
services, and how much processor time each of them took."""
import json, os, re, shutil, signal, subprocess, time
from machine import ROOT, processor_seconds
from sitting import Sitting, stop

POSTGRES = os.path.join(ROOT, "tests/support/postgres")


def missing(*programs):
    """The sentence about those that are not there; "" if they all are."""
    lacking = [program for program in programs if not shutil.which(program)]
    return f"{', '.join(lacking)} (make deps) are needed" if lacking else ""


class Server:
    """A PostgreSQL; a commit is on the disk when it is answered, as with its defaults."""

    def __init__(self, scratch, *settings):
        self.folder = os.path.join(scratch, "postgres")
        told = Sitting.output_of(POSTGRES, "start", self.folder, "max_connections=200", *settings)
        self.at = dict(line.split("=", 1) for line in told.splitlines())
        self.words = ["-h", self.at["host"], "-p", self.at["port"], "-U", self.at["user"]]
        self.environment = {**os.environ, "PGPASSWORD": self.at["password"]}
        self.pid = int(self.query("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)"))

    def query(self, sql):
        return Sitting.output_of("psql", *self.words, "-d", self.at["database"], "-v", "ON_ERROR_STOP=1", "-XAtc", sql,
                         env=self.environment).strip()

    def number(self, sql):
        return int(self.query(sql))

    def seconds(self):
        """Processor time of all its processes, those that have ended, too."""
        with open(f"/proc/{self.pid}/stat") as stat:
            ended = stat.read().rsplit(")", 1)[1].split()[13:15]
        return processor_seconds(self.pid) + sum(map(int, ended)) / os.sysconf("SC_CLK_TCK")

    def version(self):
        return self.query("SHOW server_version")

    def wait_until_published(self, service):
        service.wait_for(lambda: self.query("SELECT NOT EXISTS (SELECT FROM outbox)") == "t", "end of its work", 300)

    def settings(self):
        return {"DB_HOST": self.at["host"], "DB_PORT": self.at["port"], "POSTGRES_DB": self.at["database"],
                "POSTGRES_USER": self.at["user"], "POSTGRES_PASSWORD": self.at["password"]}

    def stop(self):
        subprocess.run([POSTGRES, "stop", self.folder, "immediate"], stdout=subprocess.DEVNULL)


class Service:
    """A program of ours that listens on a port of its choice."""

    def __init__(self, sitting, name, settings):
        program = os.path.join(sitting.build, name, name)
        self.name, self.log_path = name, os.path.join(sitting.scratch, name + ".log")
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("KAFKA_", "DB_", "POSTGRES_"))}
        with open(self.log_path, "w") as log:
            self.process = subprocess.Popen([program], stdout=log, stderr=log,
                                            env={**clean, "LOG_FORMAT": "json", "SERVER_PORT": "0", "QUERY_SERVER_PORT": "0", **settings})
        self.port = int(self.wait_for(self.port_said, "port"))
        self.at = f"http://127.0.0.1:{self.port}"
        self.wait_for(lambda: self.curl("/health/ready", "-f"), "readiness")

    def port_said(self):
        with open(self.log_path) as log:
            said = re.search(r'listens.*?"port":(\d+)', log.read())
        return said and said.group(1)

    def wait_for(self, check, what, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            found = check()
            if found:
                return found
            time.sleep(0.05)
        with open(self.log_path) as log:
            stop(f"{self.name} has no {what}: {log.read()[-2000:]}")

    def curl(self, path, *words):
        return subprocess.run(["curl", "-s", *words, self.at + path], stdout=subprocess.PIPE, text=True).stdout

    def post(self, path, body):
        said = self.curl(path, "-f", "-H", "Content-Type: application/json", "-d", json.dumps(body))
        return json.loads(said) if said else stop(f"POST {path} failed")

    def seconds(self):
        return processor_seconds(self.process.pid)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

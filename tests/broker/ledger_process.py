"""The ledger (ledger.c) as processes that can be killed, frozen and asked."""
import os
import re
import signal
import subprocess

from real_kafka import BUILD, wait_until

PROGRAM = os.path.join(BUILD, "tests/broker/ledger")
PARTITIONS = 4
GROUP = "ledger"
OUTPUTS = ("echo", "running", "joined", "windowed", "digits")


def make_topics(kafka, names=("numbers", "prices", *OUTPUTS)):
    for name in names:
        kafka.create_topic(name, PARTITIONS)


class Ledger:
    """An instance with a directory of its own, over all its lives. options as in ledger.c."""
    def __init__(self, kafka, folder, name, **options):
        self.kafka, self.name, self.options = kafka, name, options
        self.folder = os.path.join(folder, name)
        os.makedirs(self.folder, exist_ok=True)
        self.log = os.path.join(self.folder, "log")
        self.dumped = os.path.join(self.folder, "dump")
        self.process = None
        self.is_frozen = False

    def start(self, **options):
        words = {"servers": self.kafka.address, "app": GROUP, "state": os.path.join(self.folder, "state"),
                 "instance": self.name, "dump": self.dumped, **self.options, **options}
        self.said_before = len(self.lines())
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([PROGRAM] + [f"{key}={value}" for key, value in words.items()],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        self.is_frozen = False

    @property
    def is_up(self):
        return self.process is not None and self.process.poll() is None

    def check_alive(self):
        assert self.process.poll() is None, f"{self.name} ended with {self.process.returncode}:\n{self.tail()}"

    def kill(self):
        self.check_alive()
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Asks it to end, which has to go well; one that has just begun is given the time to say something,
        then it listens."""
        def has_begun():
            self.check_alive()
            return len(self.lines()) > self.said_before
        wait_until(has_begun, 60, f"{self.name} says something")
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        assert code == 0, f"{self.name} ended with {code}:\n{self.tail()}"

    def freeze(self):
        self.check_alive()
        self.process.send_signal(signal.SIGSTOP)
        self.is_frozen = True

    def wait_frozen(self, seconds=30):
        """Until it has stopped itself (freeze=)."""
        wait_until(lambda: self.state() == "T", seconds, lambda: f"{self.name} frozen\n{self.tail()}")
        self.is_frozen = True

    def state(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0]

    def resume(self):
        self.process.send_signal(signal.SIGCONT)
        self.is_frozen = False

    def close(self):
        if self.is_up:
            self.process.kill()
            self.process.wait()

    # ---- what it says ----

    def lines(self):
        if not os.path.exists(self.log):
            return []
        with open(self.log, errors="replace") as log:
            return log.read().splitlines()

    def said(self, pattern):
        """Matches in what it has said in this life."""
        return [found for line in self.lines()[self.said_before:] if (found := re.search(pattern, line))]

    def ever_said(self, pattern):
        return [found for line in self.lines() if (found := re.search(pattern, line))]

    def tail(self, count=40):
        return "\n".join(self.lines()[-count:])

    def wait_said(self, pattern, seconds=60):
        def look():
            self.check_alive()
            return self.said(pattern)
        return wait_until(look, seconds, lambda: f"{self.name} says {pattern}\n{self.tail()}")

    def wait_running(self, seconds=60):
        self.wait_said(r"state changed state=RUNNING", seconds)

    def dump(self, seconds=20):
        """[(store, partition, key, start, value)] of what is published here."""
        if os.path.exists(self.dumped):
            os.unlink(self.dumped)
        self.check_alive()
        self.process.send_signal(signal.SIGUSR1)
        wait_until(lambda: os.path.exists(self.dumped), seconds, lambda: f"{self.name} dumps\n{self.tail()}")
        with open(self.dumped) as file:
            rows = [line.rstrip("\n").split("\t") for line in file]
        return [(store, int(partition), key, int(start), value) for store, partition, key, start, value in rows]


def wait_caught_up(kafka, ledgers, topics=("numbers", "prices"), seconds=120):
    """Until the group has committed all that the topics hold, and the repartition topic too."""
    def behind():
        for ledger in ledgers:
            ledger.check_alive()
        for topic in topics:
            if kafka.committed(GROUP, topic, PARTITIONS) != kafka.ends(topic, PARTITIONS):
                return topic
        repartition = f"{GROUP}-by-digit-repartition"
        committed = kafka.committed(GROUP, repartition, PARTITIONS)
        for record in kafka.read_keys(repartition):
            if record.offset >= committed[record.partition]:
                return repartition
        return None

    def told():
        logs = "\n".join(f"== {ledger.name}\n{ledger.tail(15)}" for ledger in ledgers)
        numbers = {topic: (kafka.committed(GROUP, topic, PARTITIONS), kafka.ends(topic, PARTITIONS)) for topic in topics}
        return f"all committed: {numbers}\n{logs}"
    wait_until(lambda: behind() is None, seconds, told)

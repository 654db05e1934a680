"""Three instances of the ledger under load, struck by faults in an order that a seed decides: SIGKILL inside
open transactions, clean stops, SIGSTOP for longer than the session (zombies), a broker that is killed.
Afterwards every output and every store is what the committed inputs make of it, record by record.

TEST_SEED=n runs the faults of that seed again (their order, victims and waits; the machine's timing is
never the same). TEST_LONG: a quarter of an hour instead of two minutes. TEST_FAULTS=kind,kind,...: what a
round is made of, to strike some kinds more often."""
import collections
import os
import random
import re
import shutil
import threading
import time

import kafka_log
from ledger_check import USER_TOPICS, check_outputs, check_stores
from ledger_process import GROUP, PARTITIONS, Ledger, make_topics, wait_caught_up
from real_kafka import BUILD, Feeder, RealKafka, wait_until

SEED = int(os.environ.get("TEST_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 31)
LONG = bool(os.environ.get("TEST_LONG"))
ROUNDS = 22 if LONG else 3
USUAL_ROUND = ["kill"] * 3 + ["stop"] * 2 + ["zombie"] * 2 + ["broker"]
ROUND = os.environ["TEST_FAULTS"].split(",") if "TEST_FAULTS" in os.environ else USUAL_ROUND
SESSION_S = 3.0
KEYS = 40
OPTIONS = {"commit_ms": 300, "session_ms": int(SESSION_S * 1000), "transaction_ms": 3000}

Fault = collections.namedtuple("Fault", "kind wait_s victim away_s")


def history(seed, rounds, kinds_of_round=USUAL_ROUND):
    """The faults of a seed. victim is a number to choose among those that are up by then."""
    dice = random.Random(seed)
    faults = []
    for _ in range(rounds):
        kinds = list(kinds_of_round)
        dice.shuffle(kinds)
        for kind in kinds:
            away = dice.choice([dice.uniform(0, 1), SESSION_S + dice.uniform(1, 3)])
            if kind == "zombie":
                away = SESSION_S + dice.uniform(1, 5)
            if kind == "broker":
                away = dice.uniform(0, 2)
            faults.append(Fault(kind, dice.uniform(0.5, 3), dice.randrange(1 << 16), away))
    return faults


def test_a_seed_always_gives_the_same_history():
    assert history(7, 3) == history(7, 3)
    assert history(7, 3) != history(8, 3)
    assert collections.Counter(fault.kind for fault in history(7, 2)) == {"kill": 6, "stop": 4, "zombie": 4, "broker": 2}


class Load:
    """Numbers of random keys and now and then a new price, until close()."""
    def __init__(self, kafka, seed):
        self.numbers, self.prices = Feeder(kafka, "numbers"), Feeder(kafka, "prices")
        self.dice, self.stopping = random.Random(seed), threading.Event()
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        while not self.stopping.wait(0.05):
            for _ in range(self.dice.randrange(1, 20)):
                self.numbers.send(f"key-{self.dice.randrange(KEYS)}", self.dice.randrange(1 << 30))
            if self.dice.random() < 0.3:
                self.prices.send(f"key-{self.dice.randrange(KEYS)}", self.dice.randrange(1000))

    def close(self):
        self.stopping.set()
        self.thread.join()
        self.numbers.close()
        self.prices.close()


class Chaos:
    def __init__(self, kafka, folder):
        self.kafka = kafka
        self.ledgers = [Ledger(kafka, folder, name, **OPTIONS) for name in ("a", "b", "c")]
        self.due = []  # (when, call): what comes back
        self.quick_returns = []  # (ledger, line of its log, wall clock in ms of its kill): killed and back soon
        self.began = time.monotonic()

    def say(self, what):
        print(f"{time.monotonic() - self.began:7.2f} s  {what}", flush=True)

    def serve(self, seconds):
        """Lets time pass; brings back what is due."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.due.sort(key=lambda entry: entry[0])
            if self.due and self.due[0][0] <= time.monotonic():
                self.due.pop(0)[1]()
            for ledger in self.ledgers:
                if ledger.process and not ledger.is_up and ledger.name not in self.away:
                    ledger.check_alive()
            time.sleep(0.02)

    away = property(lambda self: {entry[2] for entry in self.due})

    def victim(self, number):
        """One of those that are up; waits while there is none but one."""
        while True:
            up = [ledger for ledger in self.ledgers if ledger.is_up and ledger.name not in self.away]
            if len(up) >= 2:
                return up[number % len(up)]
            self.serve(0.1)

    def come_back(self, ledger, after, call, what):
        def back():
            self.say(f"{ledger.name} {what}")
            call()
        self.due.append((time.monotonic() + after, back, ledger.name))

    def strike(self, fault):
        if fault.kind == "broker":
            self.say(f"broker killed for {fault.away_s:.1f} s")
            self.kafka.kill()
            self.serve(fault.away_s)
            self.kafka.start()
            return
        ledger = self.victim(fault.victim)
        self.say(f"{ledger.name}: {fault.kind} for {fault.away_s:.1f} s")
        if fault.kind == "zombie":
            ledger.freeze()
            self.come_back(ledger, fault.away_s, ledger.resume, "wakes up")
            return
        ledger.kill() if fault.kind == "kill" else ledger.stop()
        killed = time.time()

        def start():
            if fault.kind == "kill" and fault.away_s < SESSION_S / 2:
                self.quick_returns.append((ledger, len(ledger.lines()), int(killed * 1000)))
            ledger.start()
        self.come_back(ledger, fault.away_s, start, "starts")

    def bring_all_back(self):
        while self.due:
            self.serve(0.1)


# ---- what came of it ----

def check_restores(chaos):
    """Of each directory, no part of a changelog was ever read twice, and nothing was wiped."""
    records = 0
    for ledger in chaos.ledgers:
        reached = {}
        for line in ledger.lines():
            assert not re.search("from the beginning|is cleared|begin empty", line), f"{ledger.name}: {line}"
            found = re.search(r"changelog is read task=\S+ topic=(\S+) partition=(\d+) from=(\d+) to=(\d+)", line)
            if found:
                place, start, end = found.group(1, 2), int(found.group(3)), int(found.group(4))
                assert start >= reached.get(place, 0), f"{ledger.name} reads {place} again: {line}"
                reached[place] = start
            found = re.search(r"changelog was read task=\S+ topic=(\S+) partition=(\d+) to=(\d+)", line)
            if found:
                reached[found.group(1, 2)] = int(found.group(3))
            found = re.search(r"task running task=\S+ restored=(\d+)", line)
            records += int(found.group(1)) if found else 0
    return records


def tasks_at_end(lines):
    """Those that surely ran when the log ended: they began after the last ones were taken away."""
    tasks = set()
    for line in lines:
        if "tasks revoked" in line or "state=REBALANCING before=CREATED" in line:
            tasks = set()
        found = re.search(r"task running task=(\S+)", line)
        if found:
            tasks.add(found.group(1))
    return tasks


def commits_between(ends, topic, partition, start, end):
    """How many committed transactions have records there; ends as kafka_log.with_outcomes tells them."""
    return len({outcome for batch, outcome in ends
                if (batch.topic, batch.partition) == (topic, partition) and start <= batch.last and batch.offset < end
                and outcome and outcome.startswith("committed")})


def was_unnoticed(lines, killed_ms):
    """Whether it had tasks again before its session was over: nobody else has worked on them."""
    assigned = next((line for line in lines if "tasks assigned" in line), None)
    return assigned is not None and int(assigned.split()[0]) - killed_ms < SESSION_S * 1000


def check_quick_returns(chaos):
    """Killed and back at once with its directory: it restores what its last commit changed, at most."""
    checked, ends = 0, kafka_log.with_outcomes(kafka_log.batches_of(chaos.kafka.data, f"{GROUP}-[a-z-]*-changelog"))
    for ledger, start, killed_ms in chaos.quick_returns:
        held, lines = tasks_at_end(ledger.lines()[:start]), ledger.lines()[start:]
        for line in lines if was_unnoticed(lines, killed_ms) else ():
            if "tasks revoked" in line or "state=RUNNING" in line:
                break
            found = re.search(r"changelog is read task=(\S+) topic=(\S+) partition=(\d+) from=(\d+) to=(\d+)", line)
            if found and found.group(1) in held:
                commits = commits_between(ends, found.group(2), *(int(word) for word in found.group(3, 4, 5)))
                assert commits <= 1, f"{ledger.name} restored {commits} commits after a kill: {line}"
                checked += 1
    return checked


def check_that_it_hurt(kafka, faults, kinds):
    """Each kind of fault is seen from outside."""
    topics = ("echo", "running", f"{GROUP}-running-changelog", f"{GROUP}-by-digit-repartition")
    hidden = sum(len(kafka.read(topic, committed=False, form="%p\t%o\t%T\t%k\t-\n")) -
                 len(kafka.read(topic, form="%p\t%o\t%T\t%k\t-\n")) for topic in topics)
    kafka.stop()
    markers = kafka.abort_markers(".*")
    generations = len(kafka.generations(GROUP))
    story = list(kafka_log.tell_transactions(kafka.data, GROUP, USER_TOPICS))
    assert sum("abort marker" in line for line in story) >= markers
    assert any(re.search(r"position numbers-\d: \d+", line) for line in story)
    assert any(re.search(rf"{GROUP}-a-0: producer \d+ epoch \d+ is complete commit", line) for line in story)
    print(f"{faults} faults {dict(kinds)}: {markers} markers of aborted transactions, {hidden} records in them, "
          f"{generations} generations, {len(kafka.pids)} broker starts")
    assert markers >= kinds["kill"], "kills hit no open transactions"
    assert hidden >= 10 * kinds["kill"]
    assert generations >= 3 + kinds["zombie"]
    assert len(set(kafka.pids)) == 1 + kinds["broker"]


def keep_evidence(chaos, folder):
    """What explains a failure: the broker's files, all logs, and the story of all transactions."""
    kept = os.path.join(BUILD, f"chaos-{SEED}")
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(folder, kept, ignore=shutil.ignore_patterns("state"))
    with open(os.path.join(kept, "transactions"), "w") as story:
        for line in kafka_log.tell_transactions(chaos.kafka.data, GROUP, USER_TOPICS):
            story.write(line + "\n")
    for ledger in chaos.ledgers:
        print(f"== {ledger.name}\n{ledger.tail(60)}")
    print(f"the broker's files, all logs and the story of all transactions are kept in {kept}")


def test_every_record_counts_once_whatever_is_struck(tmp_path):
    faults = history(SEED, ROUNDS, ROUND)
    kafka = RealKafka(str(tmp_path))
    make_topics(kafka)
    chaos = Chaos(kafka, str(tmp_path))
    print(f"TEST_SEED={SEED}")
    try:
        for ledger in chaos.ledgers:
            ledger.start()
        load = Load(kafka, SEED)
        chaos.serve(5)
        for fault in faults:
            chaos.strike(fault)
            chaos.serve(fault.wait_s)
        chaos.bring_all_back()
        load.close()
        chaos.say("the load ends")
        wait_caught_up(kafka, chaos.ledgers)
        chaos.say("all is committed")
        totals = check_outputs(kafka)
        wait_until(lambda: stores_agree(chaos, totals), 30, "stores agree")
        check_stores(chaos.ledgers, totals)
        for ledger in chaos.ledgers:
            ledger.stop()
        print(f"{sum(count for _, count, _, _ in totals.running.values())} numbers, "
              f"{check_restores(chaos)} changelog records restored, "
              f"{check_quick_returns(chaos)} changelogs read at once after a kill, for the last commit at most")
        check_that_it_hurt(kafka, len(faults), collections.Counter(fault.kind for fault in faults))
    except BaseException:
        keep_evidence(chaos, tmp_path)
        raise
    finally:
        for ledger in chaos.ledgers:
            ledger.close()


def stores_agree(chaos, totals):
    """A moment after the outputs they do."""
    try:
        check_stores(chaos.ledgers, totals)
        return True
    except AssertionError:
        return False

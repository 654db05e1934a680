"""Histories in which exactly-once is known to be hard, each on a real Kafka of its own. What comes out is held
against what the committed inputs make of it, as in test_chaos.py."""
import os
import random
import time

import pytest

from ledger_check import check_outputs, check_stores, last_values
from ledger_process import GROUP, PARTITIONS, Ledger, make_topics, wait_caught_up
from real_kafka import RealKafka, feed, wait_until

OPTIONS = {"commit_ms": 300, "session_ms": 3000, "transaction_ms": 3000}
WIPED = "from the beginning|is cleared|begin empty"


class Stage:
    """A broker, its topics and the ledgers on it, which end with the test."""
    def __init__(self, folder, settings=()):
        self.folder, self.ledgers, self.fed = folder, [], 0
        self.kafka = RealKafka(folder, settings)
        make_topics(self.kafka)

    def ledger(self, name, **options):
        made = Ledger(self.kafka, self.folder, name, **{**OPTIONS, **options})
        self.ledgers.append(made)
        return made

    def feed(self, count=200):
        """Other numbers each time."""
        self.fed += 1
        dice = random.Random(self.fed)
        feed(self.kafka, "numbers", [(f"key-{dice.randrange(30)}", dice.randrange(1 << 30)) for _ in range(count)])
        feed(self.kafka, "prices", [(f"key-{dice.randrange(30)}", dice.randrange(1000)) for _ in range(count // 20)])

    def check(self, running):
        """Outputs are exact, and so is what those that run hold together."""
        wait_caught_up(self.kafka, running)
        totals = check_outputs(self.kafka)
        agree = lambda: raises_nothing(lambda: check_stores(running, totals))
        wait_until(agree, 30, "stores agree with the outputs")
        for ledger in self.ledgers:
            assert not ledger.ever_said(WIPED), ledger.ever_said(WIPED)[0].string
        return totals

    def close(self):
        for ledger in self.ledgers:
            ledger.close()
        self.kafka.kill()


def raises_nothing(call):
    try:
        call()
        return True
    except AssertionError:
        return False


@pytest.fixture
def stage(tmp_path, request):
    made = Stage(str(tmp_path), getattr(request, "param", ()))
    try:
        yield made
    finally:
        for ledger in made.ledgers:
            print(f"== {ledger.name}\n{ledger.tail(40)}")
        made.close()


def feed_until_frozen(stage, ledger):
    def frozen():
        if ledger.state() == "T":
            return True
        ledger.check_alive()
        stage.feed(40)
        return False
    wait_until(frozen, 60, lambda: f"{ledger.name} frozen\n{ledger.tail()}")
    ledger.is_frozen = True


def test_two_take_overs_from_a_zombie_that_has_sent_no_offsets(stage):
    """Its changelog records lie in an open transaction that names no positions: whoever takes over finds no
    reason to wait in the group, only in the changelog."""
    zombie = stage.ledger("zombie", freeze="2:6")
    first, second = stage.ledger("first"), stage.ledger("second")
    zombie.start()
    zombie.wait_running()
    feed_until_frozen(stage, zombie)
    changelog = f"{GROUP}-running-changelog"
    assert stage.kafka.ends(changelog, PARTITIONS) != stage.kafka.ends(changelog, PARTITIONS, committed=False)

    first.start()
    stage.feed()
    wait_caught_up(stage.kafka, [first])
    stage.feed()
    first.kill()
    second.start()
    stage.feed()
    wait_caught_up(stage.kafka, [second])
    zombie.resume()
    zombie.wait_said("commit taken back|taken up anew")
    stage.feed()
    stage.check([zombie, second])
    assert stage.kafka.abort_markers(f"{changelog}") > 0


def test_a_zombie_with_an_overdue_punctuation_writes_nothing_that_counts(stage):
    make_topics(stage.kafka, ("ticks", "ticked"))
    zombie, other = stage.ledger("zombie", ticks_ms=200), stage.ledger("other", ticks_ms=200)
    for ledger in (zombie, other):
        ledger.start()
    for ledger in (zombie, other):
        ledger.wait_said("task running")
    wait_until(lambda: len(stage.kafka.read("ticked")) > 30, 60, "ticks")
    zombie.freeze()
    before = last_values(stage.kafka.read("ticked"))
    wait_until(lambda: all(int(value) > int(before.get(key, 0)) + 3
                           for key, value in last_values(stage.kafka.read("ticked")).items()), 60,
               lambda: f"the other ticks for all tasks\n{other.tail()}")
    zombie.resume()
    zombie.wait_said("commit taken back|taken up anew")
    stage.feed()
    ticks = last_values(stage.kafka.read("ticked"))
    wait_until(lambda: all(int(value) > int(ticks[key]) + 3
                           for key, value in last_values(stage.kafka.read("ticked")).items()), 60, "ticks go on")
    stage.check([zombie, other])
    for ledger in (zombie, other):
        ledger.stop()
    seen = {}
    for record in stage.kafka.read("ticked"):
        assert int(record.value) == seen.get(record.key, 0) + 1, f"{record} after {seen.get(record.key, 0)}"
        seen[record.key] = int(record.value)
    assert len(seen) == PARTITIONS


def test_a_task_waits_for_a_thread_of_its_own_process_that_is_stuck_in_a_commit(stage):
    """The group has given the stuck thread's tasks to the other thread, the directory is theirs together."""
    held = os.path.join(stage.folder, "held")
    with open(held, "w"):
        pass
    ledger = stage.ledger("both", threads=2, hold=f"2:12:{held}", **{"set.max.poll.interval.ms": 6000})
    ledger.start()
    ledger.wait_running()

    def is_held():
        stage.feed(40)
        return ledger.said("held after step")
    wait_until(is_held, 60, lambda: f"a thread is held\n{ledger.tail()}")
    ledger.wait_said(r"tasks assigned thread=\d tasks=\d+ owned=8")
    ran = len(ledger.said("task running"))
    stage.feed()
    time.sleep(1)  # rounds of the other thread, in which it must not take them
    assert len(ledger.said("task running")) == ran, "a task runs that another thread still holds"
    os.unlink(held)
    ledger.wait_said("commit taken back|taken up anew")
    stage.check([ledger])


def test_a_broker_that_does_not_answer_any_more_is_the_end_though_a_call_still_waits_for_it(stage):
    """librdkafka does not give up as soon as it is told to, so the thread cannot either: another one does."""
    held = os.path.join(stage.folder, "held")
    with open(held, "w"):
        pass
    ledger = stage.ledger("alone", hold=f"2:6:{held}", task_timeout_ms=3000, transaction_ms=60000)
    ledger.start()
    ledger.wait_running()

    def is_held():
        stage.feed(40)
        return ledger.said("held after step")
    wait_until(is_held, 60, lambda: f"the thread is held\n{ledger.tail()}")
    stage.kafka.freeze()
    os.unlink(held)
    assert ledger.process.wait(40) == 3
    assert ledger.said("ends: given up after .* still waits for the broker to put positions into the transaction")


def test_kept_tasks_go_on_when_a_third_member_joins_under_load(stage):
    ledgers = [stage.ledger(name) for name in ("one", "two", "three")]
    for ledger in ledgers[:2]:
        ledger.start()
    for ledger in ledgers[:2]:
        ledger.wait_said("task running")
    stage.feed()
    wait_caught_up(stage.kafka, ledgers[:2])
    ran = [len(ledger.said("task running")) for ledger in ledgers[:2]]
    ledgers[2].start()

    def joined():
        stage.feed(60)
        return ledgers[2].said("task running")
    wait_until(joined, 60, lambda: f"the third one works\n{ledgers[2].tail()}")
    stage.check(ledgers)
    assert [len(ledger.said("task running")) for ledger in ledgers[:2]] == ran, "a kept task began anew"


@pytest.mark.parametrize("stage", [("offsets.retention.minutes=1", "offsets.retention.check.interval.ms=2000")],
                         indirect=True)
def test_inputs_that_are_quiet_for_longer_than_the_broker_keeps_positions(stage):
    if not os.environ.get("TEST_LONG"):
        print("skip: waits for the broker's retention of positions, minutes (make test-long)")
        pytest.skip("waits for the broker's retention of positions, minutes (make test-long)")
    ledger, stranger = stage.ledger("ledger"), stage.ledger("stranger")
    forgotten = lambda: set(stage.kafka.committed(GROUP, "numbers", PARTITIONS)) == {-1}
    ledger.start()
    stage.feed()
    stage.check([ledger])

    wait_until(forgotten, 200, "the broker forgets")
    stage.feed()  # the member has its positions
    stage.check([ledger])

    wait_until(forgotten, 200, "the broker forgets again")
    ledger.kill()
    ledger.start()
    ledger.wait_said("position taken from the state")
    stage.feed()
    stage.check([ledger])

    wait_until(forgotten, 200, "the broker forgets a third time")
    ledger.stop()
    stranger.start()  # knows nothing: it must not begin anew
    assert stranger.process.wait(120) == 3
    assert stranger.said("the broker has lost the group's position of topic")

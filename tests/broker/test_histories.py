"""Histories in which exactly-once is known to be hard, each on a real Kafka of its own. What comes out is held
against what the committed inputs make of it, as in test_chaos.py."""
import os
import random
import subprocess
import time

import pytest

from ledger_check import check_outputs, check_stores, last_values
from ledger_process import GROUP, OUTPUTS, PARTITIONS, Ledger, make_topics, wait_caught_up
from real_kafka import BUILD, RealKafka, feed, wait_until

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

    def check(self, running, may_wipe=()):
        """Outputs are exact, and so is what those that run hold together; nobody else has wiped anything."""
        wait_caught_up(self.kafka, running)
        totals = check_outputs(self.kafka)
        agree = lambda: raises_nothing(lambda: check_stores(running, totals))
        wait_until(agree, 30, "stores agree with the outputs")
        for ledger in self.ledgers:
            if ledger not in may_wipe:
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
    zombie = stage.ledger("zombie", freeze="1:6", transaction_ms=20000)  # still open when it is looked at
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
    ledger = stage.ledger("both", threads=2, hold=f"1:12:{held}", **{"set.max.poll.interval.ms": 6000})
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
    ledger = stage.ledger("alone", hold=f"1:6:{held}", task_timeout_ms=3000, transaction_ms=60000)
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
    ledgers = [stage.ledger(name, session_ms=20000, transaction_ms=40000) for name in ("one", "two", "three")]
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


def test_a_commit_that_a_generation_overtakes_is_taken_back_and_its_tasks_stay(stage):
    """Held before its positions are sent. The broker refuses them with error 22; no callback ever names tasks that are kept."""
    held = os.path.join(stage.folder, "held")
    with open(held, "w"):
        pass
    ledgers = [stage.ledger(name, session_ms=20000, transaction_ms=40000) for name in ("one", "two", "three")]
    ledgers[0].start(hold=f"1:12:{held}")
    ledgers[1].start()
    for ledger in ledgers[:2]:
        ledger.wait_said("task running")

    def is_held():
        stage.feed(40)
        return ledgers[0].said("held after step")
    wait_until(is_held, 60, lambda: f"a commit is held\n{ledgers[0].tail()}")
    generations = len(stage.kafka.generations(GROUP))
    ran = len(ledgers[0].said("task running"))
    ledgers[2].start()
    wait_until(lambda: len(stage.kafka.generations(GROUP)) > generations, 60, "the generation moves")
    os.unlink(held)
    ledgers[0].wait_said("commit taken back .*generation")
    ledgers[2].wait_said("task running")
    stage.feed()
    stage.check(ledgers)
    assert len(ledgers[0].said("task running")) == ran, "a kept task began anew"


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


# ---- deletions that are compacted away ----

DELETIONS_MS = 4000  # so long a changelog of these tests keeps them; state is not trusted after half of that
DOOMED = [f"doomed-{number}" for number in range(40)]  # in all partitions
QUICK_CLEANER = ("log.cleaner.backoff.ms=200",)
with_quick_cleaner = pytest.mark.parametrize("stage", [QUICK_CLEANER], indirect=True)


def make_forgetful_changelog(stage):
    stage.kafka.create_topic(f"{GROUP}-prices-changelog", PARTITIONS, cleanup_policy="compact", segment_ms=500,
                             min_cleanable_dirty_ratio="0.0", delete_retention_ms=DELETIONS_MS)


def keys_in_changelog(stage):
    return {record.key for record in stage.kafka.read_keys(f"{GROUP}-prices-changelog")}


def feed_doomed(stage, running):
    feed(stage.kafka, "prices", [(key, 7) for key in DOOMED])
    wait_caught_up(stage.kafka, running)
    assert keys_in_changelog(stage) >= set(DOOMED)


def delete_doomed(stage, running):
    """And waits until nothing in the changelog tells any more that they were there, or went."""
    feed(stage.kafka, "prices", [(key, "") for key in DOOMED], nulls=True)

    def are_forgotten():
        stage.feed(40)  # segments end when something comes, and only those that have ended are compacted
        wait_caught_up(stage.kafka, running)
        return not keys_in_changelog(stage) & set(DOOMED)
    wait_until(are_forgotten, 180, lambda: f"deletions are compacted away, of {sorted(keys_in_changelog(stage))}")


def tasks_restored_anew(ledger):
    return {found.group(1) for found in ledger.said(
        r"restored from the beginning task=(\S+) .*away for longer than deletions are kept")}


@with_quick_cleaner
def test_a_deleted_key_does_not_come_back_from_a_directory_that_was_away_longer_than_deletions(stage):
    make_forgetful_changelog(stage)
    away, there = stage.ledger("away"), stage.ledger("there")
    away.start()
    feed_doomed(stage, [away])
    away.stop()

    there.start()
    delete_doomed(stage, [there])
    there.stop()
    away.start()
    stage.feed()
    stage.check([away], may_wipe=[away])
    assert len(tasks_restored_anew(away)) == PARTITIONS
    assert not away.ever_said("is cleared")  # what has other changelogs, with the usual seven days, goes on


@with_quick_cleaner
def test_a_task_that_was_away_longer_than_deletions_is_restored_anew_in_a_directory_that_lived_on(stage):
    """Nothing but the task's own time can tell: the directory has been written to all the while."""
    make_forgetful_changelog(stage)
    lives, guest = stage.ledger("lives", session_ms=10000), stage.ledger("guest", session_ms=10000)
    lives.start()
    feed_doomed(stage, [lives])
    guest.start()
    guest.wait_said("task running task=0_")
    delete_doomed(stage, [lives, guest])

    moved = {found.group(1) for found in guest.said(r"task running task=(0_\d)")}
    guest.kill()
    wait_until(lambda: tasks_restored_anew(lives), 60, lambda: f"the other one has its tasks again\n{lives.tail()}")
    stage.feed()
    stage.check([lives], may_wipe=[lives])
    assert 0 < len(moved) < PARTITIONS
    assert tasks_restored_anew(lives) == moved


# ---- reset ----

def reset(stage, *words):
    """The command, once the members of what was stopped are gone."""
    command = [os.path.join(BUILD, "stateful/cli/stateful"), "reset", GROUP, "--broker", stage.kafka.address]

    def is_empty():
        return subprocess.run([*command, "--dry-run"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
    wait_until(is_empty, 60, "the group is empty")
    subprocess.run([*command, "--yes", *words], stdout=subprocess.DEVNULL, check=True)


def test_a_reset_on_one_host_counts_where_the_directory_of_another_was_kept(stage):
    here, elsewhere = stage.ledger("here"), stage.ledger("elsewhere")
    for ledger in (here, elsewhere):
        ledger.start()
    for ledger in (here, elsewhere):
        ledger.wait_said("task running")
    stage.feed()
    stage.check([here, elsewhere])
    for ledger in (here, elsewhere):
        ledger.stop()

    reset(stage, "--state-dir", os.path.join(here.folder, "state"))
    for topic in OUTPUTS:  # what is sent again comes in addition
        stage.kafka.delete_topic(topic)
    make_topics(stage.kafka, OUTPUTS)
    for ledger in (elsewhere, here):
        ledger.start()
    for ledger in (elsewhere, here):
        ledger.wait_said("task running")
    stage.feed()
    stage.check([here, elsewhere], may_wipe=[elsewhere])
    assert elsewhere.said("state of an earlier incarnation is cleared")
    assert not here.said("state of an earlier incarnation is cleared")

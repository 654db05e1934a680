"""stateful groups"""
import subprocess

import pytest

from conftest import Stateful, eventually


def test_a_group_that_nobody_knows_is_said_to_be_none(stateful):
    stateful.topic()
    name = stateful.name("group")
    assert f"there is no group {name}" in stateful.refused("groups", "describe", name)


@pytest.fixture
def kafka(kafka_address, folder):
    made = Stateful(kafka_address, folder)
    yield made
    made.end()


def test_members_positions_and_lag_of_another_clients_group(kafka, kafka_address, kcat):
    topic, group = kafka.topic(), kafka.name("group")
    kafka.send(topic, "a:1", "b:2", "c:3")
    member = subprocess.Popen(["kcat", "-b", kafka_address, "-G", group, topic, "-X", "auto.offset.reset=earliest",
                               "-X", "auto.commit.interval.ms=100"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        rows = eventually(lambda: [row for row in described(kafka, group) if row.get("lag") == 0], "the group's commit")
        assert rows[0] == {"topic": topic, "partition": 0, "committed": 3, "end": 3, "lag": 0}
        members = [row for row in described(kafka, group) if "member" in row]
        assert len(members) == 1 and members[0]["assigned"] == f"{topic}-0"
        assert {"group": group, "state": "Stable"} in kafka.rows("groups", "list")
        assert "is Stable, assigned by" in kafka.well("groups", "describe", group)
    finally:
        member.terminate()
        member.wait()
    eventually(lambda: {"group": group, "state": "Empty"} in kafka.rows("groups", "list"), "the member leaving")
    kafka.send(topic, "d:4")
    assert [row["lag"] for row in described(kafka, group)] == [1]


def described(kafka, group):
    code, out, _ = kafka.run("groups", "describe", group, "--json")
    import json
    return [json.loads(line) for line in out.splitlines()] if code == 0 else []

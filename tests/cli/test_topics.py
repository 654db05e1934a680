"""stateful topics"""


def test_a_topic_is_made_listed_described_and_deleted(stateful):
    topic = stateful.topic(3, "--config", "cleanup.policy=compact")
    assert {"topic": topic, "partitions": 3} in stateful.rows("topics", "list")
    assert f"{topic} " in stateful.well("topics", "list")

    rows = stateful.rows("topics", "describe", topic)
    assert [row["partition"] for row in rows if "partition" in row] == [0, 1, 2]
    assert rows[0] == {"partition": 0, "low": 0, "high": 0, "last_stable": 0}
    assert {"setting": "cleanup.policy", "value": "compact"} in rows

    stateful.well("topics", "delete", topic, "--yes")
    assert topic not in stateful.well("topics", "list")


def test_watermarks_follow_the_records(stateful):
    topic = stateful.topic()
    stateful.send(topic, "a:1", "b:2", "c:3")
    assert stateful.rows("topics", "describe", topic)[0] == {"partition": 0, "low": 0, "high": 3, "last_stable": 3}


def test_one_that_is_there_is_not_made_again(stateful):
    topic = stateful.topic()
    assert stateful.refused("topics", "create", topic) == f"stateful: topic {topic} exists already"


def test_what_is_not_there_names_what_may_be_meant(stateful):
    topic = stateful.topic()
    sentence = stateful.refused("topics", "describe", topic + "x")
    assert f"there is no topic {topic}x on {stateful.address}; did you mean {topic}?" in sentence


def test_a_topic_is_not_deleted_without_yes(stateful):
    topic = stateful.topic(2)
    assert "with its 2 partitions would be gone for good: say --yes" in stateful.misused("topics", "delete", topic)
    assert topic in stateful.well("topics", "list")


def test_wrong_settings_and_counts_are_refused(stateful):
    assert "is not NAME=VALUE" in stateful.misused("topics", "create", stateful.name("t"), "-c", "compact")
    assert "from 1 to 100000" in stateful.misused("topics", "create", stateful.name("t"), "-p", "0")
    assert "with space" in stateful.refused("topics", "create", "with space")


def test_kcat_sees_the_same_topic(kafka_address, kcat, folder):
    from conftest import Stateful
    stateful = Stateful(kafka_address, folder)
    topic = stateful.topic(3)
    assert f'topic "{topic}" with 3 partitions' in kcat("-L", "-t", topic)

"""stateful describe, stateful stores"""
import os

from conftest import eventually


def test_sub_topologies_and_tasks_with_their_holders(stateful, application):
    application.start()
    rows = stateful.rows("describe", application.id)
    parts = [row for row in rows if "identity" in row]
    assert [part["tasks"] for part in parts] == [2, 2]
    assert {part["reads"] for part in parts} == {application.input, "by-word-repartition"}
    assert {part["keeps"] for part in parts} == {None, "counts (key-value)"}

    tasks = [row for row in rows if "task" in row]
    assert [task["task"] for task in tasks] == [0, 1, 2, 3]
    assert sorted((task["sub_topology"], task["partition"]) for task in tasks) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    if stateful.is_kafka:
        assert {task["host"] for task in tasks} == {"/127.0.0.1"}
        assert all(task["client"].startswith(application.id) for task in tasks)
    else:
        assert {task["holder"] for task in tasks} == {f"process {application.process.pid}"}
    assert f"application {application.id}, incarnation " in stateful.well("describe", application.id)

    application.stop()
    eventually(lambda: {row["holder"] for row in stateful.rows("describe", application.id) if "holder" in row} == {None},
               "no holder being left")


def test_an_application_that_nobody_knows(stateful):
    stateful.topic()
    assert "there is no application nobody" in stateful.refused("describe", "nobody")


def test_the_state_of_a_stopped_instance(journal):
    from conftest import Application
    application = Application(journal)
    application.run("a", "b", "a", "c", "d")
    directory = f"{application.state_dir}/{application.id}"
    files = {name: os.path.getmtime(f"{directory}/db/{name}") for name in os.listdir(f"{directory}/db")}
    rows = journal.rows("stores", directory)

    stores = [row for row in rows if row["what"] == "store"]
    assert {(row["name"], row["partition"]) for row in stores} == {("counts", 0), ("counts", 1)}
    ends = {row["partition"]: row["high"] for row in
            journal.rows("topics", "describe", f"{application.id}-counts-changelog") if "partition" in row}
    assert {row["partition"]: row["position"] for row in stores} == ends
    read = sum(row["position"] for row in rows if row["what"] == "input" and row["name"] == application.input)
    assert read == 5
    assert "state of incarnation" in journal.well("stores", directory)
    kept = {name: os.path.getmtime(f"{directory}/db/{name}") for name in os.listdir(f"{directory}/db")
            if not name.startswith("LOG")}
    assert kept == {name: time for name, time in files.items() if not name.startswith("LOG")}


def test_state_in_use_is_left_alone(journal):
    from conftest import Application
    application = Application(journal)
    application.start()
    assert "is in use" in journal.refused("stores", f"{application.state_dir}/{application.id}")
    application.stop()


def test_what_is_no_state_directory_is_said(journal):
    assert "is no state directory: name <state_dir>/<application>" in journal.refused("stores", journal.folder)

"""stateful reset"""
import os

from conftest import Application, eventually


def last_counts(application):
    return dict(application.results())


def internal_topics(application):
    return {t.removeprefix(application.id + "-") for t in application.topics()} - {"in", "out", "dlq"}


def test_a_dry_run_says_all_and_does_nothing(stateful, application):
    application.run("a", "b")
    topics = application.topics()
    said = eventually(lambda: stateful.run("reset", application.id, "--dry-run", "--state-dir", application.state_dir)[1],
                      "members having left")
    assert f"would set {application.input}-0 to offset 0\n" in said
    assert f"would delete topic {application.id}-counts-changelog\n" in said
    assert f"would delete topic {application.id}-by-word-repartition\n" in said
    assert f"would remove {application.state_dir}/{application.id}/db\n" in said
    offsets = stateful.rows("groups", "describe", application.id)
    assert said.splitlines()[-2] == f"would delete topic {application.id}-layout"
    assert application.input not in said.replace(f"set {application.input}", "")
    assert stateful.well("reset", application.id, "--dry-run", "--state-dir", application.state_dir) == said
    assert application.topics() == topics
    assert stateful.rows("groups", "describe", application.id) == offsets
    assert os.path.isdir(f"{application.state_dir}/{application.id}/db")


def reset(stateful, application, *words):
    """Waits for static members of a stopped application to be gone."""
    eventually(lambda: "running members" not in stateful.run("reset", application.id, "--dry-run")[2],
               "members having left")
    return stateful.well("reset", application.id, "--yes", *words)


def test_all_is_counted_again_from_the_beginning(stateful, application):
    application.run("a", "a", "b")
    assert last_counts(application) == {"a": 2, "b": 1}
    reset(stateful, application)
    assert not internal_topics(application)
    application.run("b")
    assert last_counts(application) == {"a": 2, "b": 2}  # not 4 and 3: the old state does not count


def test_without_the_reset_it_would_have_gone_on(stateful, application):
    application.run("a", "a", "b")
    application.run("b")
    assert last_counts(application) == {"a": 2, "b": 2}
    assert len(application.results()) <= 4  # nothing came again


def test_inputs_can_begin_at_the_end(stateful, application):
    application.run("a", "a", "b")
    reset(stateful, application, "--to", "end", "--state-dir", application.state_dir)
    assert not os.path.exists(f"{application.state_dir}/{application.id}/db")
    application.run("b")
    assert last_counts(application)["b"] == 1  # state is new, old input is not read again
    assert last_counts(application)["a"] == 2  # from before


def test_it_refuses_while_the_application_runs(stateful, application):
    application.start()
    sentence = stateful.refused("reset", application.id, "--yes")
    assert "running" in sentence and application.id in sentence
    assert internal_topics(application)
    application.stop()


def test_it_asks_for_yes(stateful, application):
    application.run("a")
    eventually(lambda: "positions would be set" in stateful.run("reset", application.id)[2], "members having left")
    assert "--dry-run shows which, --yes does it" in stateful.misused("reset", application.id)
    assert internal_topics(application)


def test_wrong_names_are_said(stateful, application):
    stateful.topic()
    assert f"there is no application {application.id}" in stateful.refused("reset", application.id, "--yes")
    application.run("a")
    eventually(lambda: "there is no state of application" in
               stateful.run("reset", application.id, "--yes", "--state-dir", "/nowhere")[2], "members having left")
    assert internal_topics(application)


def test_it_can_be_repeated(stateful, application):
    application.run("a")
    reset(stateful, application)
    said = stateful.well("reset", application.id, "--yes")
    assert "delete" not in said
    application.run("a")
    assert last_counts(application) == {"a": 2}


def test_topics_of_an_application_with_a_longer_name_stay(stateful):
    short, long = Application(stateful), Application(stateful)
    long.id = short.id + "-more"
    long.input, long.output, long.state_dir = f"{long.id}-in", f"{long.id}-out", short.state_dir
    short.run("a")
    long.run("a")
    kept = long.topics()
    reset(stateful, short)
    assert long.topics() == kept
    assert not {t for t in short.topics() if not t.startswith(long.id)} - {short.input, short.output, f"{short.id}-dlq"}

"""stateful dlq"""
from conftest import eventually


def test_letters_are_listed_with_their_reasons(stateful, application):
    application.run("good", "bad", "fine", BAD_WORDS="1")
    letters = stateful.rows("dlq", "list", application.id)
    assert len(letters) == 1
    letter = letters[0]
    assert letter["source_topic"] == application.input
    assert letter["reason"] == "the word is bad" or "the word is bad" in letter["reason"]
    there = [r for r in stateful.rows("consume", application.input) if r["value"] == "bad"][0]
    assert (letter["source_partition"], letter["source_offset"]) == (there["partition"], there["offset"])
    assert "the word is bad" in stateful.well("dlq", "list", application.id)


def test_a_mended_cause_and_a_replay_bring_them_in_once(stateful, application):
    application.run("good", "bad", "bad", BAD_WORDS="1")
    eventually(lambda: len(stateful.rows("dlq", "list", application.id)) == 2, "both letters")
    assert stateful.well("dlq", "replay", application.id) == "2 letters sent again\n"
    assert stateful.well("dlq", "replay", application.id) == "0 letters sent again\n"
    application.run("good")
    eventually(lambda: dict(application.results()).get("bad") == 2 or application.start() or application.stop(),
               "the letters being counted")
    again = [r for r in stateful.rows("consume", application.input) if r["value"] == "bad"]
    assert len(again) == 4
    assert all(not header["name"].startswith("__streams.errors") for r in again for header in r["headers"])
    assert again[0]["partition"] in {r["partition"] for r in again[1:]}


def test_letters_can_go_elsewhere_and_again(stateful, application):
    application.run("good", "bad", BAD_WORDS="1")
    other = stateful.topic()
    assert stateful.well("dlq", "replay", application.id, "--to", other) == "1 letters sent again\n"
    assert stateful.well("dlq", "replay", application.id, "--to", other, "--again") == "1 letters sent again\n"
    assert stateful.well("consume", other, "--print", "value") == "bad\nbad\n"
    assert "there is no topic" in stateful.refused("dlq", "replay", application.id, "--to", other + "x", "--again")


def test_an_application_without_letters_is_told(stateful):
    stateful.topic()
    assert "keeps dead letters" in stateful.refused("dlq", "list", "nobody")

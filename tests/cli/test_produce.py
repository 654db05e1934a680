"""stateful produce"""
from conftest import Stateful


def test_a_line_is_a_value_unless_told_otherwise(stateful):
    topic = stateful.topic()
    stateful.well("produce", topic, given="a:1\nlast without newline")
    assert [(r["key"], r["value"]) for r in stateful.rows("consume", topic)] == [
        (None, "a:1"), (None, "last without newline")]


def test_it_says_how_many_it_sent(stateful):
    topic = stateful.topic()
    code, out, err = stateful.run("produce", topic, given="a\nb\nc\n")
    assert (code, out, err) == (0, "", f"3 records sent to {topic}\n")


def test_keys_go_where_javas_client_puts_them(stateful):
    topic = stateful.topic(7)
    stateful.send(topic, "21:x", "foobar:x", "abc:x")
    where = {r["key"]: r["partition"] for r in stateful.rows("consume", topic)}
    assert where == {"21": (-973932308 & 0x7fffffff) % 7, "foobar": (-790332482 & 0x7fffffff) % 7, "abc": 479470107 % 7}


def test_what_consume_printed_comes_back_as_it_was(stateful):
    first, second = stateful.topic(2), stateful.topic(2)
    stateful.send(first, "k:v", options=("-K", ":", "-t", "77", "-H", "a=1"))
    stateful.send(first, "k:NIL", "ä ö:\"quoted\"", options=("-K", ":", "-Z", "NIL"))
    printed = stateful.well("consume", first, "--json")
    stateful.well("produce", second, "--json", given=printed)
    assert stateful.well("consume", second, "--json") == printed


def test_binary_records_come_back_as_they_were(stateful):
    first, second = stateful.topic(), stateful.topic()
    stateful.send(first, "00ff10:fe", options=("-K", ":", "--keys", "hex", "--values", "hex"))
    forms = ("--keys", "base64", "--values", "base64", "--json")
    printed = stateful.well("consume", first, *forms)
    stateful.well("produce", second, *forms, given=printed)
    assert stateful.well("consume", second, "--keys", "hex", "--values", "hex") == "00ff10\tfe\n"


def test_a_wrong_line_is_named_and_what_came_before_is_sent(stateful):
    topic = stateful.topic()
    assert "line 2: holds no ':' after its key" in stateful.misused("produce", topic, "-K", ":", given="a:1\nb\nc:3\n")
    assert stateful.well("consume", topic) == "a\t1\n"
    assert "line 1: 'xyz' is no hex" in stateful.misused("produce", topic, "--values", "hex", given="xyz\n")
    assert "line 1: 'x1' is no int64" in stateful.misused("produce", topic, "--values", "int64", given="x1\n")
    assert "line 1: 'ab=c' is no base64" in stateful.misused("produce", topic, "--values", "base64", given="ab=c\n")
    assert "line 1: " in stateful.misused("produce", topic, "--json", given="{broken\n")
    assert "/partition: " in stateful.misused("produce", topic, "--json", given='{"partition":9}\n')
    assert "holds a NUL" in stateful.misused("produce", topic, given="a\0b\n")
    assert "is no hex" in stateful.misused("produce", topic, "--values", "hex", given="\x10\x11\n")
    assert stateful.well("consume", topic) == "a\t1\n"


def test_wrong_options_are_named(stateful):
    topic = stateful.topic()
    assert "from 0 to 0" in stateful.misused("produce", topic, "--partition", "1")
    assert "is not NAME=VALUE" in stateful.misused("produce", topic, "--header", "x")
    assert "--key-separator is empty" in stateful.misused("produce", topic, "-K", "")
    assert "there is no topic" in stateful.refused("produce", topic + "-nowhere", given="a\n")


def test_kcat_reads_what_we_sent(kafka_address, kcat, folder):
    stateful = Stateful(kafka_address, folder)
    topic = stateful.topic()
    stateful.send(topic, "k:v", options=("-K", ":", "-t", "1234", "-H", "a=1"))
    assert kcat("-C", "-t", topic, "-e", "-q", "-f", "%k %s %T %h\n") == "k v 1234 a=1\n"

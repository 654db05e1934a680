"""stateful consume"""
import subprocess

from conftest import Stateful, eventually, interrupt


def test_all_that_is_there_comes_in_order(stateful):
    topic = stateful.topic()
    stateful.send(topic, "a:1", "b:2", "a:3")
    assert stateful.well("consume", topic) == "a\t1\nb\t2\na\t3\n"


def test_partitions_come_one_after_the_other(stateful):
    topic = stateful.topic(2)
    stateful.send(topic, "second", "second", options=("-p", "1"))
    stateful.send(topic, "first", options=("-p", "0"))
    assert stateful.well("consume", topic, "--print", "value,partition") == "0\tfirst\n1\tsecond\n1\tsecond\n"
    assert stateful.well("consume", topic, "--partition", "1", "--print", "value") == "second\nsecond\n"
    assert "has partitions 0 to 1" in stateful.misused("consume", topic, "--partition", "2")


def test_it_begins_where_it_is_told_to(stateful):
    topic = stateful.topic()
    for time in (1000, 2000, 3000):
        stateful.send(topic, f"k:{time}", options=("-K", ":", "-t", str(time)))

    def values(*words):
        return stateful.well("consume", topic, "--print", "value", *words).split()
    assert values("--from", "beginning") == ["1000", "2000", "3000"]
    assert values("--from", "1") == ["2000", "3000"]
    assert values("--from", "end") == []
    assert values("--from", "@2500") == ["3000"]
    assert values("--from", "1970-01-01T00:00:02Z") == ["2000", "3000"]
    assert values("--from", "@9000") == []
    assert values("--from", "77") == []
    assert values("--max", "2") == ["1000", "2000"]
    assert "neither beginning nor end" in stateful.misused("consume", topic, "--from", "yesterday")


def test_every_field_can_be_shown(stateful):
    topic = stateful.topic()
    stateful.send(topic, "k:v", options=("-K", ":", "-t", "1234", "-H", "a=1", "-H", "b=2"))
    line = stateful.well("consume", topic, "--print", "partition,offset,timestamp,key,value,headers")
    assert line == "0\t0\t1234\tk\tv\ta=1,b=2\n"
    assert stateful.rows("consume", topic) == [
        {"partition": 0, "offset": 0, "timestamp": 1234, "key": "k", "value": "v",
         "headers": [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]}]
    assert "is not one of" in stateful.misused("consume", topic, "--print", "weather")


def test_bytes_have_several_forms(stateful):
    topic = stateful.topic()
    stateful.send(topic, "k:0000000000000102", options=("-K", ":", "--values", "hex"))

    def value(form):
        return stateful.well("consume", topic, "--print", "value", "--values", form)
    assert value("hex") == "0000000000000102\n"
    assert value("int64") == "258\n"
    assert value("base64") == "AAAAAAAAAQI=\n"
    assert stateful.rows("consume", topic, "--values", "int64")[0]["value"] == 258
    assert stateful.well("consume", topic, "--print", "key", "--keys", "int64") == "0x6b\n"


def test_a_null_is_no_empty_text(stateful):
    topic = stateful.topic()
    stateful.send(topic, "gone:NIL", "empty:", options=("-K", ":", "--null", "NIL"))
    assert [row["value"] for row in stateful.rows("consume", topic)] == [None, ""]
    assert stateful.well("consume", topic) == "gone\tNULL\nempty\t\n"


def test_it_follows_until_it_is_interrupted(stateful):
    topic = stateful.topic(2)
    stateful.send(topic, "a:early")
    child = stateful.start("consume", topic, "--follow", "--print", "value", stdout=subprocess.PIPE)
    assert child.stdout.readline() == "early\n"
    stateful.send(topic, "b:late")
    assert child.stdout.readline() == "late\n"
    assert interrupt(child) == 0


def test_it_ends_by_itself_after_enough(stateful):
    topic = stateful.topic()
    child = stateful.start("consume", topic, "--follow", "--max", "2", "--print", "value", stdout=subprocess.PIPE)
    stateful.send(topic, "a:1", "b:2", "c:3")
    assert child.communicate(timeout=30)[0] == "1\n2\n"
    assert child.returncode == 0


def test_what_kcat_wrote_reads_alike(kafka_address, kcat, folder):
    stateful = Stateful(kafka_address, folder)
    topic = stateful.topic(4)
    kcat("-P", "-t", topic, "-K", ":", "-X", "partitioner=murmur2_random", "-H", "from=kcat",
         given="".join(f"key-{i}:value-{i}\n" for i in range(50)))
    theirs = kcat("-C", "-t", topic, "-e", "-q", "-f", "%p %o %k %s %h\n").splitlines()
    ours = [f"{r['partition']} {r['offset']} {r['key']} {r['value']} from=kcat" for r in stateful.rows("consume", topic)]
    assert sorted(ours) == sorted(theirs)
    assert len(ours) == 50


def test_records_of_an_open_transaction_are_only_seen_uncommitted(kafka_address, folder):
    import os
    from conftest import BUILD
    stateful = Stateful(kafka_address, folder)
    topic = stateful.topic()
    stateful.send(topic, "a:committed")
    child = subprocess.Popen([os.path.join(BUILD, "tests/cli/open_transaction"), kafka_address, topic],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "open\n"
    assert stateful.well("consume", topic, "--print", "value") == "committed\n"
    assert stateful.well("consume", topic, "--print", "value", "--uncommitted") == "committed\nopen\n"
    marks = stateful.rows("topics", "describe", topic)[0]
    assert (marks["last_stable"], marks["high"]) == (1, 2)
    child.communicate("\n")
    assert child.returncode == 0
    eventually(lambda: stateful.rows("topics", "describe", topic)[0]["last_stable"] == 3, "the abort's marker")
    assert stateful.well("consume", topic, "--print", "value") == "committed\n"

"""The command line and the environment of command-service."""
import os
import re
import socket
import subprocess

import pytest

from conftest import ROOT, binary, eventually


def run(*arguments, **environment):
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run([binary("command-service"), *arguments], env={**clean, **environment},
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)


def variables_of_help(name="command-service"):
    said = subprocess.run([binary(name), "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return set(re.findall(r"^  ([A-Z][A-Z0-9_]+) ", said, re.M))


def test_s3_32_every_variable_is_in_the_example_and_the_reverse():
    with open(os.path.join(ROOT, ".env.example")) as example:
        listed = re.findall(r"^#?([A-Z][A-Z0-9_]+)=", example.read(), re.M)

    assert len(listed) == len(set(listed))
    assert set(listed) == variables_of_help("command-service") | variables_of_help("query-service")


def test_s3_32_the_example_can_be_read():
    with open(os.path.join(ROOT, ".env.example")) as example:
        settings = dict(re.findall(r"^([A-Z][A-Z0-9_]+)=(.*)$", example.read(), re.M))

    assert run("--check-config", **settings).returncode == 0


def test_x_13_secrets_are_not_printed(tmp_path):
    secret = tmp_path / "password"
    secret.write_text("from-a-file\n")

    by_value = run("--print-config", POSTGRES_PASSWORD="hidden-word", SERVER_PORT="9999")
    by_file = run("--print-config", POSTGRES_PASSWORD_FILE=str(secret))

    assert "SERVER_PORT=9999" in by_value.stdout
    assert "POSTGRES_PASSWORD=***" in by_value.stdout
    assert "hidden-word" not in by_value.stdout
    assert "from-a-file" not in by_file.stdout
    assert by_value.returncode == by_file.returncode == 0


def test_s4_45_aliases_are_read():
    said = run("--print-config", DB_NAME="shop", DB_USER="me", KAFKA_BROKER="broker:1").stdout

    assert "POSTGRES_DB=shop" in said
    assert "POSTGRES_USER=me" in said
    assert "KAFKA_BOOTSTRAP_SERVERS=broker:1" in said


@pytest.mark.parametrize("change, sentence", [
    pytest.param({"DB_HOST": "nowhere.invalid"}, "nowhere.invalid", id="s3_21"),
    pytest.param({"DB_PORT": "1"}, r"port 1\b|PGSQL\.1\b", id="s3_22"),
    pytest.param({"POSTGRES_DB": "no_such_database"}, "no_such_database", id="s3_23"),
    pytest.param({"POSTGRES_USER": "no_such_user"}, "no_such_user", id="s3_24")])
def test_s3_21_s3_22_s3_23_s3_24_each_part_of_the_databases_address_counts(system, change, sentence):
    """With all of them the service is ready (every other test); with one of them wrong it says which."""
    command = system.start_command("live", **change)

    eventually(lambda: re.search(sentence, command.log()), f"the log naming {sentence}")
    assert command.get("/health/ready").status == 503


def test_s3_23_s3_24_the_databases_name_and_user_by_their_other_names(system):
    settings = system.environment()
    aliases = {"POSTGRES_DB": "", "POSTGRES_USER": "", "POSTGRES_PASSWORD": "", "DB_NAME": settings["POSTGRES_DB"],
               "DB_USER": settings["POSTGRES_USER"], "DB_PASSWORD": settings["POSTGRES_PASSWORD"]}

    assert system.start_command(**aliases).get("/health/db").status == 200


def test_x_13_wrong_settings_are_named():
    for variable, value in (("SERVER_PORT", "eighty"), ("CURRENCY", "dollars"), ("DB_MIGRATE", "maybe"),
                            ("ORDER_PRICE_POLICY", "free"), ("TOPIC_PARTITIONS", "0")):
        said = run("--check-config", **{variable: value})
        assert said.returncode == 2
        assert variable in said.stderr and value in said.stderr


def test_x_13_an_unknown_word_is_refused():
    assert "--nonsense" in run("--nonsense").stderr
    assert run("--nonsense").returncode == 2
    assert run("--version").stdout.startswith("command-service ")


def test_s3_46_a_taken_port_is_one_sentence(system):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = system.run("command-service", SERVER_PORT=str(taken.getsockname()[1]), LOG_FORMAT="text")

    assert said.returncode == 1
    assert "SERVER_PORT" in said.stderr.splitlines()[-1]


def test_s3_46_a_log_that_cannot_be_made_is_one_sentence(system, tmp_path):
    (tmp_path / "file").write_text("")

    said = system.run("command-service", KAFKA_BOOTSTRAP_SERVERS=f"file:{tmp_path}/file/log")

    assert said.returncode == 1
    assert "KAFKA_BOOTSTRAP_SERVERS" in said.stderr.splitlines()[-1]


def test_s3_26_s4_45_librdkafka_settings_are_handed_on(system):
    said = system.run("command-service", KAFKA_BOOTSTRAP_SERVERS="localhost:1", KAFKA_NO_SUCH_PROPERTY="1")

    assert said.returncode == 1
    assert "no.such.property" in said.stderr

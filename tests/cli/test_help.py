"""What a person sees who types a wrong word, or none."""
import os
import subprocess

from conftest import BUILD, Stateful, clean_environment

COMMANDS = ["topics list", "topics describe", "topics create", "topics delete", "groups list", "groups describe",
            "consume", "produce", "describe", "stores", "dlq list", "dlq replay", "reset"]


def alone(*words):
    done = subprocess.run([os.path.join(BUILD, "stateful/cli/stateful"), *words], text=True, env=clean_environment(),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def test_without_a_word_it_tells_all_commands_and_that_it_was_misused():
    code, out, err = alone()
    assert (code, out) == (2, "")
    for command in COMMANDS:
        assert f"  {command} " in err


def test_every_command_has_a_help_text_that_tells_its_options():
    code, out, _ = alone("--help")
    assert code == 0
    for command in COMMANDS:
        assert f"  {command} " in out
        code, text, _ = alone(*command.split(), "--help")
        assert code == 0
        assert text.startswith(f"stateful {command}")
        assert "--broker" in text


def test_a_family_tells_its_commands():
    code, out, err = alone("topics")
    assert code == 2 and not out
    assert "topics create" in err and "groups" not in err.split("\n\n")[2]


def test_the_version_is_a_number():
    code, out, _ = alone("--version")
    assert code == 0
    assert out.startswith("stateful ") and out.split()[1][0].isdigit()


def test_a_wrong_word_names_the_nearest_one():
    assert "did you mean 'consume'?" in alone("cunsume")[2]
    assert "did you mean 'topics describe'?" in alone("topics", "descirbe")[2]
    assert "see stateful --help" in alone("elephant")[2]
    assert alone("cunsume")[0] == 2
    assert "did you mean --from?" in alone("consume", "t", "--frmo", "3")[2]
    assert "did you mean hex?" in alone("consume", "t", "--values", "hx", "-b", "file:/nowhere/at/all")[2] \
        or "no journal" in alone("consume", "t", "--values", "hx", "-b", "file:/nowhere/at/all")[2]


def test_options_are_checked():
    assert "there is no option -q" in alone("topics", "list", "-q")[2]
    assert "needs a value: --broker ADDRESS" in alone("topics", "list", "--broker")[2]
    assert "takes no value" in alone("topics", "list", "--json=yes")[2]
    assert "stands there twice" in alone("topics", "list", "-b", "a:1", "-b", "b:1")[2]
    assert "topics describe needs TOPIC" in alone("topics", "describe", "-b", "a:1")[2]
    assert "does not take 'more'" in alone("topics", "list", "more", "-b", "a:1")[2]
    assert "not a whole number from 1 to 3600" in alone("topics", "list", "--timeout", "soon", "-b", "a:1")[2]


def test_no_broker_and_no_journal_are_said():
    code, _, err = alone("topics", "list")
    assert code == 2 and "no broker is named" in err
    code, _, err = alone("topics", "list", "--broker", "file:/nowhere/at/all")
    assert code == 1 and "there is no journal in directory /nowhere/at/all" in err
    code, _, err = alone("topics", "list", "--broker", "memory:")
    assert code == 2 and "only be seen by the process that has it" in err


def test_a_broker_that_does_not_answer_is_given_up():
    code, _, err = alone("topics", "list", "--broker", "127.0.0.1:1", "--timeout", "1")
    assert code == 1
    assert err.count("\n") == 1 and "given up after" in err


def test_settings_of_librdkafka_are_passed_on_and_checked():
    code, _, err = alone("topics", "list", "--broker", "127.0.0.1:1", "-X", "security.protocl=ssl")
    assert code == 1 and "security.protocl" in err
    code, _, err = alone("topics", "list", "--broker", "127.0.0.1:1", "-X", "nothing")
    assert code == 2 and "not NAME=VALUE" in err


def test_a_closed_pipe_is_a_failure(folder):
    command = Stateful(f"file:{folder}/journal", folder)
    topic = command.topic()
    command.send(topic, "a:1")
    with open("/dev/full", "w") as full:
        child = command.start("consume", topic, stdout=full, stderr=subprocess.PIPE)
        assert "cannot be written" in child.communicate()[1]
    assert child.returncode == 1

"""examples/walkthrough.sh holds the README's calls; what they answer is what the README says, byte for byte."""
import datetime
import os
import re
import subprocess

from conftest import ROOT

SCRIPT = os.path.join(ROOT, "examples/walkthrough.sh")


def calls_of_the_readme():
    """(curl line, answer) as they stand below each other."""
    with open(os.path.join(ROOT, "README.md")) as file:
        return re.findall(r"^(curl .*)\n# (.*)$", file.read(), re.M)


def walk(command, query, **settings):
    said = subprocess.run([SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120, env={
        "PATH": os.environ["PATH"], "COMMAND_URL": f"127.0.0.1:{command.port}", "QUERY_URL": f"127.0.0.1:{query.port}",
        **settings})
    assert said.returncode == 0, said.stdout + said.stderr
    lines = said.stdout.splitlines()
    return list(zip(lines[::2], lines[1::2]))


def test_s3_39_the_script_holds_the_calls_of_the_readme():
    with open(SCRIPT) as file:
        held = re.findall(r"^curl .*$", file.read(), re.M)

    assert held == [call for call, _ in calls_of_the_readme()]
    assert len(held) == 6


def test_s3_39_s3_01_s3_02_s3_03_s3_04_s3_05_s3_06_the_calls_answer_as_the_readme_says(system):
    command, query = system.start_command(), system.start_query()
    now = datetime.datetime.now(datetime.timezone.utc)
    start, end = [(now + datetime.timedelta(days=d)).strftime("%Y-%m-%dT00:00:00Z") for d in (-1, 2)]

    walked = walk(command, query, HOURS=f"start={start}&end={end}")

    sold = datetime.datetime.fromisoformat(system.events("order-events")[0]["value"]["occurredAt"].replace("Z", "+00:00"))
    hour = sold.replace(minute=0, second=0, microsecond=0)
    in_the_readme = {hour: "2026-02-27T09:00:00Z", hour + datetime.timedelta(hours=1): "2026-02-27T10:00:00Z"}
    bodies = [body for _, body in walked]
    for time, text in in_the_readme.items():  # the hour of the sale is the only thing that is another each time
        bodies[5] = bodies[5].replace(time.strftime("%Y-%m-%dT%H:00:00Z"), text)
    assert list(zip([call for call, _ in walked], bodies)) == calls_of_the_readme()


def test_s3_39_a_system_that_is_away_is_said(system):
    command = system.start_command()
    query = system.start_query()
    query.stop()

    said = subprocess.run([SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120, env={
        "PATH": os.environ["PATH"], "COMMAND_URL": f"127.0.0.1:{command.port}", "QUERY_URL": f"127.0.0.1:{query.port}"})

    assert said.returncode != 0
    assert "onnect" in said.stderr

"""Two clients with the same words: ours (interop.c) and the official one (Interop.java), compiled at its first use
with the jars of `make kafka`. What they write and read are Records here."""
import collections
import glob
import os
import shutil
import subprocess

import pytest

from real_kafka import BUILD, ROOT

SOURCE = os.path.join(ROOT, "tests/broker/Interop.java")
JAVA = ["java", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]

# offset is -1 before it is written; key, value and the values of headers are bytes or None
Record = collections.namedtuple("Record", "partition offset timestamp key value headers")


def hexadecimal(data):
    return "-" if data is None else data.hex()


def data_of(text):
    return None if text == "-" else bytes.fromhex(text)


def line_of(record):
    headers = ";".join(f"{name}={hexadecimal(value)}" for name, value in record.headers)
    return "\t".join([str(record.partition), str(record.offset), str(record.timestamp), hexadecimal(record.key),
                      hexadecimal(record.value), headers])


def record_of(line):
    partition, offset, timestamp, key, value, headers = line.split("\t")
    pairs = (header.split("=") for header in headers.split(";") if header)
    return Record(int(partition), int(offset), int(timestamp), data_of(key), data_of(value),
                  tuple((name, data_of(data)) for name, data in pairs))


def need(available, reason):
    if available:
        return
    if os.environ.get("KAFKA_REQUIRED") == "1":
        pytest.fail(reason)
    print(f"skip: {reason}")
    pytest.skip(reason)


class Client:
    """What run() can be asked with these words."""
    name = None

    def run(self, *words, lines=()):
        raise NotImplementedError

    def write(self, kafka, topic, records, *words):
        """words: how a transaction ends, settings of the client."""
        self.run("write", kafka.address, topic, *words, lines=map(line_of, records))

    def read(self, kafka, topic, *words):
        """By partition and offset."""
        return sorted((record_of(line) for line in self.run("read", kafka.address, topic, *words)),
                      key=lambda record: record[:2])

    def decode(self, keys, *kind):
        """(key, start, end) of each."""
        return self.windows("decode", keys, *kind)

    def windows(self, word, keys, *kind):
        rows = (line.split("\t") for line in self.run(word, *kind, lines=map(hexadecimal, keys)))
        return [(data_of(key), int(start), int(end)) for key, start, end in rows]

    def encode(self, windows, *kind):
        return [data_of(line) for line in self.run("encode", *kind, lines=(
            f"{hexadecimal(key)}\t{start}\t{end}" for key, start, end in windows))]


class OurClient(Client):
    """A process each time."""
    name = "interop.c"

    def run(self, *words, lines=()):
        done = subprocess.run([os.path.join(BUILD, "tests/broker/interop"), *map(str, words)],
                              input="".join(line + "\n" for line in lines), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=120)
        assert done.returncode == 0, f"interop {' '.join(map(str, words))}: {done.stderr[-2000:]}"
        return done.stdout.splitlines()


class JavaClient(Client):
    """One process for all; classes go into the folder."""
    name = "Interop.java"

    def __init__(self, folder):
        libs = os.path.join(os.environ.get("KAFKA_HOME", os.path.join(ROOT, "build/kafka")), "libs")
        need(shutil.which("javac"), "no Java compiler (apt-get install default-jdk-headless)")
        need(glob.glob(os.path.join(libs, "kafka-streams-*.jar")), "no jar of Kafka Streams (make kafka)")
        done = subprocess.run(["javac", "-cp", os.path.join(libs, "*"), "-d", folder, SOURCE],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0, done.stdout
        self.process = subprocess.Popen(JAVA + ["-cp", f"{folder}:{libs}/*", "Interop"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def run(self, *words, lines=()):
        self.process.stdin.write("\t".join(map(str, words)) + "\n")
        self.process.stdin.writelines(line + "\n" for line in lines)
        self.process.stdin.write(".\n")
        self.process.stdin.flush()
        answer = []
        while True:
            line = self.process.stdout.readline()
            assert line and not line.startswith("!"), f"Interop {' '.join(map(str, words))}: {line or 'it has ended'}"
            if line == ".\n":
                return answer
            answer.append(line.rstrip("\n"))

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)

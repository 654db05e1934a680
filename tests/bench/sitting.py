"""sitting.py - one sitting at the benchmarks: programs that run alternately on one machine, the rows that their
figures fill, and the table at the end.

A figure is a JSON line with machine, versions, commit and seed, printed when it is there. A row is one, too, so
that run-bench can gather the rows of all measurements into one table."""
import contextlib, fcntl, json, os, re, shutil, statistics, subprocess, sys, tempfile
from machine import ROOT, Host, about

KAFKA = os.path.join(ROOT, "tests/support/kafka")
PAIRS = int(os.environ.get("BENCH_PAIRS", 3))
GATHERED = "BENCH_GATHERED" in os.environ  # run-bench makes the table of all


def stop(sentence):
    sys.exit(f"{sentence}\n0 passed, 1 failed")


def skip(sentence):
    """The exit code of a measurement that cannot be made here."""
    if os.environ.get("KAFKA_REQUIRED") and "Kafka" in sentence:
        print(f"{sentence}\n0 passed, 1 failed, 0 skipped")
        return 1
    print(f"skip: {sentence}\n0 passed, 0 failed, 1 skipped")
    return 0


@contextlib.contextmanager
def alone():
    """Nobody else measures meanwhile, if those who measure agree on a file."""
    path = os.environ.get("BENCH_LOCK")
    if not path:
        yield
        return
    with open(path, "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def number_text(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


class Row:
    """What pairs of runs say. The targets are of the ratio ours / reference, or, of = "ours", of our figure itself.
    less: the smaller the better. Without targets it is only told."""

    def __init__(self, name, unit, must=None, aim=None, less=False, of="ratio"):
        self.name, self.unit, self.must, self.aim, self.less, self.of = name, unit, must, aim, less, of
        self.ours, self.theirs = [], []

    def add(self, ours, theirs=None):
        self.ours.append(ours)
        if theirs is not None:
            self.theirs.append(theirs)

    def ratios(self):
        return [ours / theirs for ours, theirs in zip(self.ours, self.theirs) if theirs]

    def word(self, value):
        for target, word in ((self.aim, "aim"), (self.must, "must")):
            if target is not None and (value <= target if self.less else value >= target):
                return word
        return "missed" if self.must is not None else ""

    def summary(self):
        ratios = self.ratios()
        judged = ratios if self.of == "ratio" else self.ours
        return {"row": self.name, "unit": self.unit, "of": self.of,
                "ours": statistics.median(self.ours), "reference": statistics.median(self.theirs) if self.theirs else None,
                "ratio": statistics.median(ratios) if ratios else None,
                "low": min(judged), "high": max(judged), "pairs": len(self.ours),
                "must": self.must, "aim": self.aim, "word": self.word(statistics.median(judged))}


def table(summaries):
    lines = [f"{'median of the pairs':52} {'ours':>10} {'reference':>10} {'':11} {'ratio':>6} {'(range)':18} {'must':>6} {'aim':>6}"]
    for row in summaries:
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.3f}"
        low_high = f"({number_text(row['low'])}-{number_text(row['high'])})"
        lines.append(f"{row['row']:52} {number_text(row['ours']):>10} {number_text(row['reference']):>10} {row['unit']:11} "
                     f"{ratio:>6} {low_high:18} {number_text(row['must']):>6} {number_text(row['aim']):>6}  {row['word']}".rstrip())
    return "\n".join(lines)


class Sitting:
    """A folder that goes away, a broker if one is asked for, and the programs of BUILD. As a context."""

    def __init__(self, seed):
        self.build = os.path.join(ROOT, sys.argv[1])
        self.about, self.host = about(seed), Host()
        self.scratch = tempfile.mkdtemp(prefix="stateful-bench-")
        os.chmod(self.scratch, 0o755)  # servers that run as somebody else read in it
        self.broker = None

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        if self.broker:
            subprocess.run([KAFKA, "stop", self.broker], stdout=subprocess.DEVNULL)
        shutil.rmtree(self.scratch, ignore_errors=True)

    def folder(self, name):
        """A path in the scratch folder at which nothing is."""
        path = os.path.join(self.scratch, name)
        shutil.rmtree(path, ignore_errors=True)
        return path

    def kafka(self, heap_mb=None):
        """The address of the Kafka that there is, else of one that lives as long as the sitting, else None."""
        address = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
        if address:
            return address
        if subprocess.run([KAFKA, "available"], stdout=subprocess.DEVNULL).returncode != 0:
            return None
        self.broker = os.path.join(self.scratch, "kafka")
        environment = {**os.environ, **({"KAFKA_HEAP_MB": str(heap_mb)} if heap_mb else {})}
        told = subprocess.run([KAFKA, "start", self.broker, "--while", str(os.getpid())], stdout=subprocess.PIPE, text=True,
                              check=True, env=environment).stdout
        return re.search(r"bootstrap=(\S+)", told).group(1)

    def program(self, name):
        return os.path.join(self.build, "tests/bench", name)

    def keep(self, result, **more):
        """Prints a figure as a line, with what the host gave to others while it was measured."""
        print(json.dumps({**result, **more, "stolen": self.host.stolen(), **self.about}), flush=True)
        return result

    def lines(self, program, *words, seconds=1800):
        """All that a program of the benchmarks prints, kept."""
        return [self.keep(json.loads(line)) for line in
                self.output_of(self.program(program), *words, seconds=seconds).splitlines()]

    def run(self, program, *words, seconds=900, env=None):
        """What it prints last, kept."""
        return self.keep(json.loads(self.output_of(self.program(program), *words, seconds=seconds, env=env).strip().splitlines()[-1]))

    @staticmethod
    def output_of(*command, env=None, seconds=1800):
        done = subprocess.run(list(map(str, command)), cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=seconds, env={**os.environ, **(env or {})})
        if done.returncode != 0:
            stop(f"{command[0]} failed ({done.returncode}): {(done.stderr + done.stdout)[-2000:]}")
        return done.stdout

    def finish(self, rows):
        """The exit code; the rows are all as they are, for none is held against a clock here."""
        summaries = [row.summary() for row in rows]
        for summary in summaries:
            self.keep(summary)
        if not GATHERED:
            print("\n" + table(summaries))
        print(f"{len(rows)} passed, 0 failed, 0 skipped")
        return 0

"""machine.py - what a figure belongs to: machine, versions, commit. Each line of a benchmark carries it."""
import os, platform, re, subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def text_of(command):
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True).stdout.strip()


def processor_seconds(pid):
    """Of a process and its children, so far; 0 of one that has ended meanwhile."""
    try:
        with open(f"/proc/{pid}/stat") as stat, open(f"/proc/{pid}/task/{pid}/children") as children:
            spent, living = stat.read().rsplit(")", 1)[1].split(), children.read().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return (int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK") + sum(processor_seconds(int(child)) for child in living)


class Host:
    """What the host of a virtual machine gave to others though it was wanted here (proc(5), steal)."""

    def __init__(self):
        self.last = self.ticks()

    @staticmethod
    def ticks():
        with open("/proc/stat") as stat:
            user, nice, system, _, _, irq, softirq, stolen = map(int, stat.readline().split()[1:9])
        return user + nice + system + irq + softirq, stolen

    def stolen(self):
        """Its share of all processor time that was wanted since this was asked last."""
        before, self.last = self.last, self.ticks()
        used, stolen = (now - then for now, then in zip(self.last, before))
        return round(stolen / (used + stolen), 2) if used + stolen else 0.0


def about(seed):
    model = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo").read())
    return {"cpu": model.group(1) if model else platform.machine(), "cores": os.cpu_count(),
            "load": round(os.getloadavg()[0], 1), "commit": text_of(["git", "rev-parse", "--short", "HEAD"]),
            "librdkafka": text_of(["pkg-config", "--modversion", "rdkafka"]),
            "rocksdb": text_of(["pkg-config", "--modversion", "rocksdb"]), "seed": seed}

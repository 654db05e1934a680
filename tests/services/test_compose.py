"""The compose files and Dockerfiles, held against the compose schema, hadolint, and what the programs need.
Images are built and run by `docker compose` where there is a docker, else that is skipped."""
import json
import os
import re
import shutil
import subprocess

import pytest

from conftest import BUILD, ROOT, binary

BASE, PRODUCTION = "docker-compose.yml", "docker-compose.prod.yml"
SERVICES = ["command-service", "query-service"]


def read(name):
    with open(os.path.join(ROOT, name)) as file:
        return file.read()


@pytest.fixture(scope="module")
def compose(tools):
    """compose(name): a compose file as an object; what it resets (!reset) is empty."""
    program = ("import json, sys, yaml\n"
               "def reset(loader, node): return [] if isinstance(node, yaml.SequenceNode) else None\n"
               "yaml.SafeLoader.add_constructor('!reset', reset)\n"
               "json.dump(yaml.safe_load(sys.stdin), sys.stdout)\n")

    def load(name):
        done = subprocess.run([tools("python"), "-c", program], input=read(name), stdout=subprocess.PIPE, text=True,
                              check=True)
        return json.loads(done.stdout)
    return load


@pytest.fixture
def base(compose):
    return compose(BASE)


def stages(name):
    """The stages of a Dockerfile, each as its lines with continuations joined."""
    lines = re.sub(r"\\\n\s*", "", read(f"{name}/Dockerfile")).splitlines()
    found = []
    for line in lines:
        if line.startswith("FROM "):
            found.append([])
        if found:
            found[-1].append(line)
    return found


def installed_by(stage):
    return set(re.findall(r"[a-z0-9][a-z0-9.+-]+", re.search(r"apt-get install (.*?)&&", " ".join(stage)).group(1)))


@pytest.mark.parametrize("name", [BASE, PRODUCTION])
def test_s3_33_compose_files_keep_the_schema(tools, compose, tmp_path, name):
    path = tmp_path / "compose.json"
    path.write_text(json.dumps(compose(name)))

    said = subprocess.run([tools("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(path)],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    assert said.returncode == 0, said.stdout


def test_s3_33_docker_compose_reads_them():
    if not shutil.which("docker") or subprocess.run(["docker", "compose", "version"], stdout=subprocess.DEVNULL,
                                                    stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("no docker compose here; the files are held against the schema instead")
    for files in ([BASE], [BASE, PRODUCTION]):
        arguments = [word for name in files for word in ("-f", name)]
        said = subprocess.run(["docker", "compose", *arguments, "config", "--quiet"], cwd=ROOT, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        assert said.returncode == 0, said.stdout


def test_s3_33_the_default_profile_is_the_whole_system(base):
    default = {name for name, service in base["services"].items() if "profiles" not in service}

    assert default == {"db", "kafka", *SERVICES}


def test_s3_33_what_compose_sets_is_what_the_services_know(base):
    for name in SERVICES:
        said = subprocess.run([binary(name), "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
        known = set(re.findall(r"^  ([A-Z][A-Z0-9_]+) ", said, re.M))
        assert set(base["services"][name]["environment"]) <= known
    example = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", read(".env.example"), re.M))
    assert set(re.findall(r"\$\{([A-Z_]+)", read(BASE))) <= example


def test_s3_34_all_data_is_in_named_volumes(base):
    mounted = {volume.split(":")[0] for service in base["services"].values() for volume in service.get("volumes", [])}

    assert mounted == set(base["volumes"]) == {"db-data", "kafka-data", "query-state"}


def test_s3_35_postgres_is_15_or_later_and_is_asked_for_its_health(base):
    db = base["services"]["db"]

    assert int(re.fullmatch(r"postgres:(\d+)", db["image"]).group(1)) >= 15
    assert "pg_isready" in db["healthcheck"]["test"][1]


def test_s3_36_kafka_is_one_node_without_zookeeper(base):
    kafka = base["services"]["kafka"]["environment"]

    assert set(kafka["KAFKA_PROCESS_ROLES"].split(",")) == {"broker", "controller"}
    assert not re.search("zookeeper", read(BASE), re.I)


def test_s1_05_the_broker_is_asked_for_its_topics(base):
    check = base["services"]["kafka"]["healthcheck"]["test"]

    assert re.search(r"kafka-topics\S* .*--list", check[-1])


def test_s1_08_listeners_for_containers_and_for_the_host(base):
    kafka = base["services"]["kafka"]

    assert kafka["environment"]["KAFKA_ADVERTISED_LISTENERS"] == "INTERNAL://kafka:9092,HOST://localhost:29092"
    assert kafka["ports"] == ["127.0.0.1:29092:29092"]
    assert kafka["environment"]["KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR"] == 1
    assert all(base["services"][name]["environment"]["KAFKA_BOOTSTRAP_SERVERS"] == "kafka:9092" for name in SERVICES)


def test_s1_07_services_wait_for_what_they_need_and_probe_themselves(base):
    assert base["services"]["command-service"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert base["services"]["query-service"]["depends_on"] == {"kafka": {"condition": "service_healthy"}}
    for name in SERVICES:
        assert base["services"][name]["healthcheck"]["test"] == ["CMD", name, "--healthcheck"]
        assert f'CMD ["{name}", "--healthcheck"]' in read(f"{name}/Dockerfile")


def test_s1_04_a_kafka_ui_stands_on_8088(base):
    ui = base["services"]["kafka-ui"]

    assert ui["profiles"] == ["tools"]
    assert ui["ports"] == ["127.0.0.1:8088:8080"]
    assert ui["environment"]["KAFKA_CLUSTERS_0_BOOTSTRAPSERVERS"] == "kafka:9092"


def test_s4_28_what_is_no_part_of_the_system_is_in_a_profile(base):
    assert {name for name, service in base["services"].items() if service.get("profiles") == ["tools"]} == {"kafka-ui"}


def test_s4_31_production_opens_no_ports_of_its_own_and_reads_its_password_from_a_file(compose):
    production = compose(PRODUCTION)["services"]

    assert "!reset []" in read(PRODUCTION) and production["kafka"]["ports"] == []
    for name in "db", "command-service":
        environment = production[name]["environment"]
        assert environment["POSTGRES_PASSWORD"] is None
        assert environment["POSTGRES_PASSWORD_FILE"] == "/run/secrets/postgres_password"
        assert production[name]["secrets"] == ["postgres_password"]
    for service in production.values():
        assert service["restart"] == "always" and service["deploy"]["resources"]["limits"]["memory"]


@pytest.mark.parametrize("name", SERVICES)
def test_s3_37_s3_38_images_are_built_apart_and_run_with_no_rights(base, name):
    built, run = stages(name)
    service = base["services"][name]

    assert built[0].endswith(" AS build") and f"{BUILD_TARGET}/{name}/{name}" in " ".join(built)
    assert "USER 10001" in run and f'ENTRYPOINT ["{name}"]' in run
    assert not {"gcc", "make"} & installed_by(run)
    assert service["user"] == "10001:10001" and service["read_only"] is True
    assert service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"]


BUILD_TARGET = "build/release"


def test_s3_38_the_state_is_in_a_volume_that_the_user_may_write(base):
    assert base["services"]["query-service"]["volumes"] == ["query-state:/var/lib/query-service"]
    assert "chown 10001:10001 /var/lib/query-service" in read("query-service/Dockerfile")


@pytest.mark.parametrize("name", SERVICES)
def test_s3_37_s3_38_dockerfiles_pass_hadolint(tools, name):
    said = subprocess.run([tools("hadolint"), "-c", os.path.join(ROOT, ".ci/hadolint.yaml"),
                           os.path.join(ROOT, name, "Dockerfile")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    assert said.returncode == 0, said.stdout


@pytest.mark.parametrize("name", SERVICES)
def test_s3_37_s3_38_images_have_the_libraries_that_the_programs_need(name):
    """The packages of this machine that hold what the program names, but those of every Debian."""
    needed = re.findall(r"NEEDED\s+(\S+)", subprocess.run(["objdump", "-p", binary(name)], stdout=subprocess.PIPE,
                                                          text=True, check=True).stdout)
    found = subprocess.run(["ldd", binary(name)], stdout=subprocess.PIPE, text=True, check=True).stdout
    packages = set()
    for library in needed:
        if not re.match(r"(libc|libm|libgcc_s|libstdc\+\+|ld-linux.*)\.so", library):
            path = re.search(rf"{re.escape(library)} => (\S+)", found).group(1)
            names = {path, os.path.realpath(path)}
            names |= {name.removeprefix("/usr") for name in names}
            owners = subprocess.run(["dpkg", "-S", *names], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            packages.add(owners.stdout.split(":")[0])
    assert len(packages) > 3

    built, run = stages(name)
    with open("/etc/os-release") as release:
        if 'VERSION_ID="12"' not in release.read():
            pytest.skip("packages have other names than in the image's Debian 12")
    assert packages <= installed_by(run)
    listed = re.search(r"run='(.*?)'", read("tests/support/install-packages"), re.S).group(1).split()
    developed = {package for package in listed if package.endswith("-dev")}
    if name == "command-service":
        developed.remove("libcurl4-openssl-dev")  # query-service alone asks other instances
    assert developed <= installed_by(built)

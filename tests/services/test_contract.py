"""The services against their own OpenAPI documents: every route is in the document, and what schemathesis
makes of the document is answered as the document says."""
import glob
import json
import os
import re
import subprocess

import pytest

from conftest import ROOT
from test_query_rows import shop  # noqa: F401 (a fixture: query-service with a few orders)

HERE = os.path.dirname(os.path.abspath(__file__))


def hold_against_document(tools, service, examples):
    """Runs all checks of schemathesis over /openapi.json, stateful links included, with so many examples
    for each operation, and returns how many cases that were. Without TEST_LONG always the same ones."""
    at = f"http://127.0.0.1:{service.port}"
    seed = os.environ.get("TEST_SEED") or (None if os.environ.get("TEST_LONG") else "1")
    said = subprocess.run(
        [tools("st"), "--config-file", os.path.join(HERE, "schemathesis.toml"), "run", at + "/openapi.json", "--url", at,
         "-c", "all", "--max-examples", str(examples), "--no-color", "--continue-on-failure",
         *(["--seed", seed] if seed else [])],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=service.folder,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": HERE, "COLUMNS": "200"})
    found = re.search(r"(\d+) generated", said.stdout)
    assert said.returncode == 0 and found, said.stdout[-6000:]
    operations = re.search(r"Tested: (\d+)", said.stdout)
    # All of them but the document itself, which it has read already.
    assert int(operations.group(1)) == len(routes_in(service.get("/openapi.json").json)) - 1
    print(f"{service.name}: {found.group(1)} cases")
    return int(found.group(1))


def routes_of(*folders):
    """(method, path) of every route, as the sources have them."""
    found = set()
    for folder in folders:
        for path in glob.glob(f"{ROOT}/{folder}/**/*.c", recursive=True):
            with open(path) as source:
                found |= set(re.findall(r'\{"(GET|POST|PUT|PATCH|DELETE)",\s*"(/[^"]*)",', source.read()))
    return found


def routes_in(document):
    return {(method.upper(), path) for path, item in document["paths"].items() for method in item if method != "parameters"}


def references(value):
    if isinstance(value, dict):
        yield from ([value["$ref"]] if isinstance(value.get("$ref"), str) else [])
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from references(inner)


def check_document(document, name):
    """What holds for each of the two documents."""
    assert routes_in(document) == routes_of(f"{name}/src", "stateful/src/service")
    operations = [item[method] for item in document["paths"].values() for method in item]
    ids = [operation["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids)
    assert all(operation["summary"] and operation["tags"] for operation in operations)
    for reference in references(document):
        at = document
        for part in reference.removeprefix("#/").split("/"):
            at = at[part]
    used = {reference for reference in references(document)}
    for kind, items in document["components"].items():
        if kind != "securitySchemes":
            assert {f"#/components/{kind}/{item}" for item in items} <= used


def test_s4_01_the_document_of_query_service_is_complete():
    with open(f"{ROOT}/query-service/openapi.json") as file:
        check_document(json.load(file), "query-service")


def test_s4_01_query_service_keeps_what_its_document_says(tools, shop):  # noqa: F811
    long_run = os.environ.get("TEST_LONG")

    cases = hold_against_document(tools, shop, 60 if long_run else 4)

    assert cases >= (2000 if long_run else 300)


def test_s4_01_the_document_of_command_service_is_complete():
    with open(f"{ROOT}/command-service/openapi.json") as file:
        check_document(json.load(file), "command-service")


def test_s4_01_command_service_keeps_what_its_document_says(tools, command):
    long_run = os.environ.get("TEST_LONG")

    cases = hold_against_document(tools, command, 100 if long_run else 1)

    assert cases >= (2000 if long_run else 300)

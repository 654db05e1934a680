"""Tokens as attackers make them, against both services: none may open what a good one opens."""
import base64
import hashlib
import hmac
import json
import os
import shutil
import subprocess
import tempfile
import time

import pytest

from conftest import System

NAMES = ["command-service", "query-service"]
GUARDED = {"command-service": "/api/orders/1/events", "query-service": "/api/state/stores"}
AUDIENCE, ISSUER = "shop", "https://issuer.example"
SECRET = b"a secret of the tests, long enough to be one"


def part(data):
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def claims(**changes):
    good = {"sub": "ann", "roles": ["admin"], "exp": int(time.time()) + 600, "aud": AUDIENCE, "iss": ISSUER}
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def token(header, payload, sign):
    signed = part(header) + "." + part(payload)
    return signed + "." + part(sign(signed.encode()))


def by_secret(secret):
    return lambda text: hmac.digest(secret, text, hashlib.sha256)


class Keys:
    """An RSA pair that the services trust, and one that they do not."""

    def __init__(self, folder):
        self.private, self.public = self.make(folder, "ours")
        self.foreign, _ = self.make(folder, "foreign")

    @staticmethod
    def make(folder, name):
        private, public = os.path.join(folder, name + ".key"), os.path.join(folder, name + ".pem")
        subprocess.run(["openssl", "genrsa", "-out", private, "2048"], check=True, stderr=subprocess.DEVNULL)
        subprocess.run(["openssl", "rsa", "-in", private, "-pubout", "-out", public], check=True, stderr=subprocess.DEVNULL)
        return private, public

    @staticmethod
    def sign(private, digest="-sha256"):
        return lambda text: subprocess.run(["openssl", "dgst", digest, "-sign", private], input=text, stdout=subprocess.PIPE,
                                           check=True).stdout


@pytest.fixture(scope="module")
def guarded(postgres, session_folder):
    """(algorithm, name) -> a service that takes tokens of that algorithm alone; .keys."""
    folder = tempfile.mkdtemp(dir=session_folder)
    keys, systems, services = Keys(folder), [], {}
    secret = os.path.join(folder, "secret")
    with open(secret, "wb") as file:
        file.write(SECRET)
    for algorithm, path in (("HS256", secret), ("RS256", keys.public)):
        place = tempfile.mkdtemp(dir=folder)
        systems.append(System(postgres, "file:" + os.path.join(place, "log"), place))
        settings = {"AUTH_MODE": "jwt", "AUTH_JWT_ALGORITHM": algorithm, "AUTH_JWT_KEY_FILE": path,
                    "AUTH_JWT_AUDIENCE": AUDIENCE, "AUTH_JWT_ISSUER": ISSUER}
        services[algorithm, NAMES[0]] = systems[-1].start_command(**settings)
        services[algorithm, NAMES[1]] = systems[-1].start_query(**settings)
    services["keys"] = keys
    yield services
    for system in systems:
        system.close()
    shutil.rmtree(folder, ignore_errors=True)


def status(guarded, algorithm, name, bearer, scheme="Bearer "):
    answer = guarded[algorithm, name].get(GUARDED[name], headers={"Authorization": scheme + bearer})
    if answer.status == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.json["type"] == "/problems/unauthenticated"
        assert not bearer or bearer not in answer.text
    return answer.status


def good(guarded, algorithm, **changes):
    sign = by_secret(SECRET) if algorithm == "HS256" else Keys.sign(guarded["keys"].private)
    return token({"alg": algorithm, "typ": "JWT"}, claims(**changes), sign)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("algorithm", ["HS256", "RS256"])
def test_s4_41_a_good_token_opens_and_no_token_does_not(guarded, algorithm, name):
    assert status(guarded, algorithm, name, good(guarded, algorithm)) in (200, 404)
    assert status(guarded, algorithm, name, good(guarded, algorithm, aud=["other", AUDIENCE])) in (200, 404)
    assert status(guarded, algorithm, name, good(guarded, algorithm, roles=["customer"])) == 403
    assert guarded[algorithm, name].get(GUARDED[name]).status == 401
    assert status(guarded, algorithm, name, good(guarded, algorithm), scheme="Basic ") == 401
    assert status(guarded, algorithm, name, "") == 401


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", None, 7, ["HS256"], "HS384", "ES256", "PS256", "hs256"])
@pytest.mark.parametrize("algorithm", ["HS256", "RS256"])
def test_s4_41_an_algorithm_of_the_senders_choice_is_refused(guarded, algorithm, name, alg):
    header = {"typ": "JWT", "alg": alg} if alg is not None else {"typ": "JWT"}
    sign = by_secret(SECRET) if algorithm == "HS256" else Keys.sign(guarded["keys"].private)

    assert status(guarded, algorithm, name, token(header, claims(), lambda text: b"")) == 401
    assert status(guarded, algorithm, name, token(header, claims(), sign)) == 401


@pytest.mark.parametrize("name", NAMES)
def test_s4_41_a_public_key_is_no_secret(guarded, name):
    """Signed with the bytes of the public key, which everybody has, as if they were a secret."""
    with open(guarded["keys"].public, "rb") as file:
        public = file.read()
    for secret in (public, public.strip(), b"".join(public.splitlines()[1:-1]), b"", b"\0" * 32):
        assert status(guarded, "RS256", name, token({"alg": "HS256"}, claims(), by_secret(secret))) == 401
        assert status(guarded, "RS256", name, token({"alg": "RS256"}, claims(), by_secret(secret))) == 401
    assert status(guarded, "HS256", name, good(guarded, "RS256")) == 401


@pytest.mark.parametrize("name", NAMES)
def test_s4_41_another_key_opens_nothing(guarded, name):
    foreign = Keys.sign(guarded["keys"].foreign)

    assert status(guarded, "RS256", name, token({"alg": "RS256"}, claims(), foreign)) == 401
    assert status(guarded, "RS256", name, token({"alg": "RS256"}, claims(),
                                                Keys.sign(guarded["keys"].private, "-sha1"))) == 401
    assert status(guarded, "HS256", name, token({"alg": "HS256"}, claims(), by_secret(b"another secret of the same length as ours"))) == 401


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("header", [
    {"kid": "../../../../dev/null"}, {"kid": "/dev/null"}, {"kid": "' UNION SELECT 'x"}, {"kid": "x\u0000y"}, {"kid": "|id"},
    {"jku": "http://127.0.0.1:1/keys"}, {"x5u": "http://127.0.0.1:1/cert"}, {"x5c": ["AAAA"]}])
def test_s4_41_no_header_leads_to_another_key(guarded, name, header):
    """Keys that a token brings or points to, or an empty file that it names, sign nothing."""
    for secret in (b"", b"\0", b"x", b"AAAA"):
        assert status(guarded, "HS256", name, token({"alg": "HS256", **header}, claims(), by_secret(secret))) == 401


@pytest.mark.parametrize("name", NAMES)
def test_s4_41_a_key_inside_the_token_is_not_used(guarded, name):
    jwk = {"kty": "oct", "k": part(b"mine, all mine, all mine, all mine")}

    assert status(guarded, "HS256", name, token({"alg": "HS256", "jwk": jwk}, claims(),
                                                by_secret(b"mine, all mine, all mine, all mine"))) == 401


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("changes", [
    {"exp": 1}, {"exp": None}, {"exp": "9999999999"}, {"exp": -1}, {"exp": 0},
    {"exp": lambda now: now - 120}, {"nbf": lambda now: now + 600}, {"nbf": "soon"}, {"aud": "other"}, {"aud": None}, {"aud": []}, {"aud": ["other", "Shop"]},
    {"aud": {"shop": 1}}, {"iss": "https://issuer.example.evil"}, {"iss": None}, {"iss": "https://issuer.example/"}])
def test_s4_41_what_is_over_or_for_others_is_refused(guarded, name, changes):
    changes = {claim: value(int(time.time())) if callable(value) else value for claim, value in changes.items()}
    assert status(guarded, "HS256", name, good(guarded, "HS256", **changes)) == 401


@pytest.mark.parametrize("name", NAMES)
def test_s4_41_every_changed_part_of_a_token_is_noticed(guarded, name):
    header, payload, signature = good(guarded, "HS256", roles=["viewer"]).split(".")
    richer = part(claims(roles=["admin"]))
    raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    wrong = [part(bytes([raw[0] ^ 1]) + raw[1:]), part(raw[:-1] + bytes([raw[-1] ^ 0x80])), part(raw[:16]), part(raw + b"\0"), "", "AA",
             signature + "=", signature + "A", signature.swapcase()]

    assert status(guarded, "HS256", name, f"{header}.{payload}.{signature}") in (200, 403, 404)
    assert status(guarded, "HS256", name, f"{header}.{richer}.{signature}") == 401
    for other in wrong:
        assert status(guarded, "HS256", name, f"{header}.{payload}.{other}") == 401, other
    for form in (f"{header}.{payload}", f"{header}..{signature}", f".{payload}.{signature}", "...", f"{header}.{payload}.{signature}.x",
                 f"{header}.{payload}.{signature} ", header, "a.b.c", "A" * 9000):
        assert status(guarded, "HS256", name, form) == 401 or form.endswith(" "), form[:80]


@pytest.mark.parametrize("name", NAMES)
def test_s4_41_members_twice_or_extensions_are_refused(guarded, name):
    sign = by_secret(SECRET)
    twice = b'{"sub":"ann","roles":["viewer"],"roles":["admin"],"exp":9999999999,"aud":"shop","iss":"https://issuer.example"}'

    assert status(guarded, "HS256", name, token({"alg": "HS256", "crit": ["b64"], "b64": False}, claims(), sign)) == 401
    assert status(guarded, "HS256", name, token(b'{"alg":"none","alg":"HS256"}', claims(), sign)) == 401
    assert status(guarded, "HS256", name, token({"alg": "HS256"}, twice, sign)) == 401

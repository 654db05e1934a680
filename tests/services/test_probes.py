"""What no client library would send, byte by byte, to both services: requests that could be read in two
ways, broken heads, bodies that never end, and JSON that other readers let through."""
import json
import os
import re
import shutil
import socket
import tempfile
import threading
import time

import pytest

from conftest import System, eventually
from raw_http import Raw, ask

NAMES = ["command-service", "query-service"]
HOST = "Host: shop\r\n"
BODY = '{"name":"Probe","category":"Probes","price":1}'


@pytest.fixture(scope="module")
def services(postgres, session_folder):
    """Both of them, for all tests here."""
    folder = tempfile.mkdtemp(dir=session_folder)
    system = System(postgres, "file:" + os.path.join(folder, "log"), folder)
    yield {"command-service": system.start_command(), "query-service": system.start_query(), "system": system}
    system.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=NAMES)
def service(services, request):
    return services[request.param]


@pytest.fixture
def command(services):
    return services["command-service"]


def get(path, headers="", version="HTTP/1.1"):
    return f"GET {path} {version}\r\n{HOST}{headers}\r\n"


def post(headers, body=BODY, path="/api/products"):
    return f"POST {path} HTTP/1.1\r\n{HOST}{headers}\r\n{body}"


def is_refused(service, data, status, problem=None):
    """Answers with the status, closes the connection, and takes nothing behind it for a request."""
    lost = products(service)
    with Raw(service.port) as raw:
        raw.send(data)
        got, headers, body = raw.answer()
        assert got in (status if isinstance(status, tuple) else (status,)), body
        assert headers["connection"] == "close"
        if problem:
            assert headers["content-type"] == "application/problem+json"
            assert json.loads(body)["type"] == "/problems/" + problem
            assert raw.is_closed()
    assert products(service) == lost


def products(service):
    """How many there are: what a smuggled request would change."""
    def when_alone():  # a request may end, and be counted, after its answer
        text = service.get("/metrics").text
        return text if "\nhttp_in_flight_requests 1\n" in text else None
    text = eventually(when_alone, "all requests having ended")
    return re.findall(r'^http_requests_total\{.*method="POST",route="/api/products".*$', text, re.M)


# ---- where a request ends (DOMAIN 4.1) ----


@pytest.mark.parametrize("headers, status", [
    ("Content-Length: 46\r\nContent-Length: 46\r\n", 400),
    ("Content-Length: 46\r\nContent-Length: 0\r\n", 400),
    ("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", 400),
    ("Transfer-Encoding: chunked\r\nContent-Length: 46\r\n", 400),
    ("Content-Length : 46\r\n", 400),
    ("Content-Length\t: 46\r\n", 400),
    ("Transfer-Encoding : chunked\r\nContent-Length: 46\r\n", 400),
    (" Content-Length: 46\r\nContent-Length: 46\r\n", 400),
    ("Content-Length: 46\0 9\r\n", 400),
    ("Host: other\r\nContent-Length: 46\r\n", 400),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", 501),
    ("Transfer-Encoding: chunked, identity\r\n", 501),
    ("Transfer-Encoding: gzip, chunked\r\n", 501),
    ("Transfer-Encoding: xchunked\r\n", 501),
    ("Transfer-Encoding: chunked;q=1\r\n", 501),
    ("Transfer-Encoding: \"chunked\"\r\n", 501),
    ("Transfer-Encoding: identity\r\n", 501),
    ("Transfer-Encoding:\r\n", 501),
    ("Transfer-Encoding: \x0bchunked\r\n", (400, 501)),
])
def test_s4_44_a_request_with_two_ends_is_refused(service, headers, status):
    problem = {400: "malformed-request", 501: "unknown-transfer-encoding"}.get(status)
    if headers.startswith(" "):
        problem = None  # the library itself refuses a fold of nothing

    is_refused(service, post(headers), status, problem)


@pytest.mark.parametrize("length", ["-1", "+46", "0x2e", "46,46", "46, 46", "46 1", "", "abc", "46.0"])
def test_s4_44_a_length_that_is_no_number_is_refused(service, length):
    is_refused(service, post(f"Content-Length: {length}\r\n"), 400)


@pytest.mark.parametrize("length", ["99999999999999999999999", "18446744073709551615", "9223372036854775808",
                                    "17000000"])
def test_s4_44_a_length_beyond_all_measure_is_refused_at_once(service, length):
    is_refused(service, post(f"Content-Length: {length}\r\n"), 413)


@pytest.mark.parametrize("chunks", [
    "0x2e\r\n{}\r\n0\r\n\r\n", "-2e\r\n{}\r\n0\r\n\r\n", "+2e\r\n{}\r\n0\r\n\r\n", " 2e\r\n{}\r\n0\r\n\r\n",
    "2e \r\n{}\r\n0\r\n\r\n", "\r\n{}\r\n0\r\n\r\n", "2e\r\n{}0\r\n\r\n", "2e\r\n{}XX0\r\n\r\n", "xyz\r\n{}\r\n0\r\n\r\n",
    "1fffffffffffffffff\r\n{}\r\n0\r\n\r\n"])
def test_s4_44_a_broken_chunk_is_refused(service, chunks):
    is_refused(service, post("Transfer-Encoding: chunked\r\n", chunks.format(BODY)), (400, 413))


@pytest.mark.parametrize("chunks", [
    "2e\r\n{}\r\n0\r\n\r\n", "2E;name=value\r\n{}\r\n0\r\n\r\n", "00000000000000000000002e\r\n{}\r\n0\r\n\r\n",
    "2e\r\n{}\r\n0\r\nContent-Length: 5\r\nX-Trailer: 1\r\n\r\n"])
def test_s4_44_a_chunked_body_is_taken(command, chunks):
    status, headers, body = ask(command.port, post("Transfer-Encoding: chunked\r\n", chunks.format(BODY)))

    assert status == 201, body
    assert "connection" not in headers


def test_s4_44_a_body_cut_into_single_bytes_is_taken(command):
    with Raw(command.port) as raw:
        for byte in post(f"Content-Length: {len(BODY)}\r\n"):
            raw.send(byte)
        assert raw.answer()[0] == 201


def test_s4_44_a_body_where_none_is_due_is_not_the_next_request(service):
    inner = f"DELETE /api/nothing HTTP/1.1\r\n{HOST}\r\n"
    with Raw(service.port) as raw:
        raw.send(get("/health/live", f"Content-Length: {len(inner)}\r\n") + inner + get("/health/live"))
        assert raw.answer()[0] == 200
        assert raw.answer()[2] == b'{"status":"UP"}'


# ---- the head ----


def test_s4_44_a_host_is_due(service):
    is_refused(service, "GET /health/live HTTP/1.1\r\n\r\n", 400)


@pytest.mark.parametrize("host", ["a b", "a/b", "user@shop", "a\\b", "sh\u00f6p", "a\"b"])
def test_s4_44_a_host_is_a_name_or_an_address(service, host):
    is_refused(service, f"GET /health/live HTTP/1.1\r\nHost: {host}\r\n\r\n", 400, "malformed-request")


@pytest.mark.parametrize("header", [": none", "A B: c", "A(: c", "X: a\rb", "X: a\x01b", "X: a\0b", "X\u00e9: a"])
def test_s4_44_a_header_that_is_none_is_refused(service, header):
    is_refused(service, get("/health/live", header + "\r\n"), 400, "malformed-request")


@pytest.mark.parametrize("header", ["no colon", "X\0Y: a"])
def test_s4_44_a_line_that_is_no_header_is_refused(service, header):
    is_refused(service, get("/health/live", header + "\r\n"), 400)


@pytest.mark.parametrize("version, status", [("HTTP/2.0", 505), ("HTTP/0.9", 505), ("http/1.1", 400), ("HTTP/1.1x", 400),
                                             ("HTTP/1.10", 400), ("HTTP/1.", 400)])
def test_s4_44_another_version_is_refused(service, version, status):
    is_refused(service, get("/health/live", version=version), (status, 400))


def test_s4_44_http_1_0_is_answered_and_closed(service):
    with Raw(service.port) as raw:
        raw.send("GET /health/live HTTP/1.0\r\n\r\n")
        assert raw.answer()[0] == 200
        assert raw.is_closed()


@pytest.mark.parametrize("line", ["GET  /health/live HTTP/1.1", "GET /health/live  HTTP/1.1", " GET /health/live HTTP/1.1", "GET\t/health/live\tHTTP/1.1", "GET /health/live x HTTP/1.1",
                                  "GET /health/live", "\x16\x03\x01\x02", "GET"])
def test_s4_44_a_first_line_that_is_none_is_refused_or_left_unanswered(service, line):
    with Raw(service.port) as raw:
        raw.send(line + "\r\n" + HOST + "\r\n" + get("/health/live"))
        answers = []
        with pytest.raises(AssertionError, match="ended"):
            while len(answers) < 2:
                answers.append(raw.answer()[0])
    assert answers in ([], [400])


def test_s4_44_huge_heads_are_refused_by_their_part(service):
    long = "a" * 40000

    is_refused(service, get("/" + long), 414)
    is_refused(service, get("/health/live", f"X-Long: {long}\r\n"), 431)
    is_refused(service, get("/health/live", "".join(f"X-{i}: a\r\n" for i in range(3000))), 431)
    is_refused(service, f"{long.upper()} / HTTP/1.1\r\n{HOST}\r\n", (414, 431))
    assert ask(service.port, get("/health/live", f"X-Long: {'a' * 8000}\r\n"))[0] == 200
    assert ask(service.port, get("/health/live", "".join(f"X-{i}: a\r\n" for i in range(100))))[0] == 200


@pytest.mark.parametrize("data", [
    get("/health/live", "X-Folded: a\r\n b\r\n"), get("/health/live", "X-Folded: a\r\n\tb\r\n"),
    get("/health/live").replace("\r\n", "\n"), get("/health/live", "X-A: b\n"), get("/health/live", "X-A: b\n\r\n"),
    get("/health/live", "\0\r\n"), get("/health/live\0x"), get("/health/live", "\0: a\r\n")])
def test_s4_44_a_line_that_could_be_read_in_two_ways_is_refused(service, data):
    is_refused(service, data, 400)


@pytest.mark.parametrize("hidden", ["Content-Length: 9\r\n 3\r\n\r\n", "Content-Length:\r\n 93\r\n\r\n",
                                    "X-A: b\r\n Content-Length: 93\r\n\r\n", ": none\r\nContent-Length: 93\r\n\r\n",
                                    "X-A: a\0\r\n: none\r\nContent-Length: 93\r\n\r\n", "\n", "\0\r\n", "\n\r\n",
                                    "Transfer-Encoding:\r\n chunked\r\n\r\n"])
def test_s4_44_no_request_hides_in_another(service, hidden):
    """What stands behind would be a request of its own, if the head ended there or had no length."""
    with Raw(service.port) as raw:
        raw.send(f"GET /health/live HTTP/1.1\r\n{HOST}{hidden}" + post(f"Content-Length: {len(BODY)}\r\n"))
        assert raw.answer()[0] == 400
        assert raw.is_closed()


# ---- targets ----


@pytest.mark.parametrize("target, status", [
    ("/health/../metrics", 404), ("/%2e%2e/%2e%2e/etc/passwd", 404), ("//health/live", 404), ("/health/live/", 404),
    ("/health%2Flive", 404), ("/health/live%00", 400), ("/health/%", 400), ("/health/%4", 400), ("/health/%zz", 400),
    ("/health/%ff", 400), ("/health/%c0%af", 400), ("/health/%ed%a0%80", 400), ("/health/live?x=%00", 400),
    ("/health/live?x=%", 400), ("/health/live?%ff", 400), ("/health/live#fragment", 404),
    ("/health/live?" + "&".join("a=b" for _ in range(200)), 400), ("/" + "a/" * 200, 400),
    ("health/live", 400), ("*", 400), ("shop:80", 400), ("ftp://shop/health/live", 400), ("/health/live?a=b&&c&=", 200),
    ("http://shop/health/live", 200), ("http://other:1/health/live?x=1", 200), ("HTTPS://shop/health/live", 200),
    ("http://shop", 404), ("/%68ealth/l%69ve", 200)])
def test_s4_44_a_target_is_cut_before_it_is_decoded(service, target, status):
    got, headers, body = ask(service.port, get(target))

    assert got == status, body
    if status >= 400:
        assert headers["content-type"] == "application/problem+json"


def test_s4_44_a_target_may_be_utf_8_but_no_other_bytes(services):
    query = services["query-service"]
    raw = "GET /api/analytics/categories/%s/revenue HTTP/1.1\r\n" + HOST + "\r\n"

    assert json.loads(ask(query.port, (raw % "B\u00fccher").encode())[2])["category"] == "B\u00fccher"
    assert json.loads(ask(query.port, raw % "B%C3%BCcher")[2])["category"] == "B\u00fccher"
    assert json.loads(ask(query.port, raw % "Home%2FGarden")[2])["category"] == "Home/Garden"
    assert json.loads(ask(query.port, raw % "1+1")[2])["category"] == "1+1"
    assert ask(query.port, (raw % "B\u00fccher").encode("latin-1"))[0] == 400
    assert ask(query.port, raw % "A%00B")[0] == 400


# ---- methods ----


def test_s4_44_head_is_get_without_its_body(service):
    for path in "/health/live", "/openapi.json", "/docs", "/nowhere":
        with Raw(service.port) as raw:
            raw.send(f"HEAD {path} HTTP/1.1\r\n{HOST}\r\n")
            status, headers, _ = raw.answer(has_body=False)
            raw.send(get(path))
            assert (status, headers["content-type"]) == (lambda a: (a[0], a[1]["content-type"]))(raw.answer())


def test_s4_44_options_lists_what_an_address_takes(service):
    assert ask(service.port, f"OPTIONS /health/live HTTP/1.1\r\n{HOST}\r\n")[1]["allow"] == "GET, HEAD, OPTIONS"
    status, headers, _ = ask(service.port, f"OPTIONS * HTTP/1.1\r\n{HOST}\r\n")
    assert status == 204 and "GET" in headers["allow"]


@pytest.mark.parametrize("method", ["TRACE", "BREW", "get", "PATCH", "DELETE", "A" * 1000])
def test_s4_44_other_methods_are_refused_with_those_allowed(service, method):
    status, headers, body = ask(service.port, f"{method} /health/live HTTP/1.1\r\n{HOST}\r\n")

    assert (status, headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert "connection" not in headers


def test_s4_44_connect_and_upgrade_lead_nowhere(service):
    assert ask(service.port, f"CONNECT shop:80 HTTP/1.1\r\n{HOST}\r\n")[0] in (400, 405)
    status, headers, _ = ask(service.port, get("/health/live", "Connection: Upgrade\r\nUpgrade: h2c\r\n"))
    assert status == 200 and "upgrade" not in headers


# ---- one after the other ----


def test_s4_44_requests_sent_at_once_are_answered_in_their_order(service):
    paths = ["/health/live", "/nowhere", "/health/ready", "/problems", "/health/live"] * 20
    with Raw(service.port) as raw:
        raw.send("".join(get(path) for path in paths))
        assert [raw.answer()[0] for _ in paths] == [404 if path == "/nowhere" else 200 for path in paths]


def test_s4_44_commands_sent_at_once_are_done_in_their_order(command):
    with Raw(command.port) as raw:
        raw.send(post(f"Content-Length: {len(BODY)}\r\n") * 30)
        ids = [json.loads(raw.answer()[2])["id"] for _ in range(30)]
    assert ids == sorted(ids) and len(set(ids)) == 30


def test_s4_44_expect_is_answered_before_the_body(command):
    with Raw(command.port) as raw:
        raw.send(post(f"Expect: 100-continue\r\nContent-Length: {len(BODY)}\r\n", ""))
        assert raw.answer()[0] == 100
        raw.send(BODY)
        assert raw.answer()[0] == 201
    is_refused(command, post("Expect: 100-continue\r\nContent-Length: 2000000\r\n", ""), 413, "body-too-large")


# ---- JSON (DOMAIN 4.2) ----


BROKEN_JSON = [
    b'{"name":"\\u0000b","category":"c","price":1}', b'{"name":"\xff\xfe","category":"c","price":1}',
    b'{"name":"\xed\xa0\x80","category":"c","price":1}', b'{"name":"\\ud800","category":"c","price":1}',
    b'{"name":"a\tb","category":"c","price":1}', b'{"name":"a\nb","category":"c","price":1}',
    b'{"name":"a","name":"b","category":"c","price":1}', b'{"name":"a","n\\u0061me":"b","category":"c","price":1}',
    b'{"name":"a","category":"c","price":01}', b'{"name":"a","category":"c","price":1.}',
    b'{"name":"a","category":"c","price":.5}', b'{"name":"a","category":"c","price":+1}',
    b'{"name":"a","category":"c","price":0x10}', b'{"name":"a","category":"c","price":NaN}',
    b'{"name":"a","category":"c","price":Infinity}', b'{"name":"a","category":"c","price":1e}', b'{"name":"a","category":"c","price":1e400}',
    b'\xef\xbb\xbf{"name":"a","category":"c","price":1}', b'{"name":"a","category":"c","price":1}x',
    b'{"name":"a","category":"c","price":1}{}', b'{"name":"a","category":"c","price":1,}', b"{'name':'a'}",
    b'{"name":"a","category":"c","price":1 /* c */}', b'{"name":"a"', b'"', b'', b' ', b'\0', b'[[', b'nul', b'{"a":\\u0031}',
    b'{"extra":' + b"[" * 33 + b"]" * 33 + b',"name":"a","category":"c","price":1}', b"[" * 100000,
    b'{"name":"a\\x","category":"c","price":1}', b'{"name":"a\\u12","category":"c","price":1}',
    b'{name:"a","category":"c","price":1}', '{"name":"a","category":"c","price":1}'.encode("utf-16")]


@pytest.mark.parametrize("body", BROKEN_JSON, ids=lambda body: repr(body[:40]))
def test_s4_44_what_is_no_strict_json_is_refused(command, body):
    status, headers, answer = ask(command.port, post(f"Content-Length: {len(body)}\r\n", "").encode() + body)

    assert status == 400, answer
    assert json.loads(answer)["type"] == "/problems/malformed-json"


@pytest.mark.parametrize("body, pointer", [
    (b'{"name":"a","category":"c","price":"1,5"}', "/price"),
    (b'{"Name":"a","category":"c","price":1}', "/name"), (b'{"name":"a","category":"c","Price":1}', "/price"),
    (b'{"name":"a","category":"c","price":1.001}', "/price"), (b'{"name":"a","category":"c","price":-1}', "/price"),
    (b'{"name":"a","category":"c","price":99999999999999999999}', "/price"), (b'{"name":"a","category":"c","price":null}', "/price"),
    (b'{"name":7,"category":"c","price":1}', "/name"), (b'{"name":" ","category":"c","price":1}', "/name"),
    (b'{"name":"a\\u0007","category":"c","price":1}', "/name"), (b'[]', ""), (b'7', ""), (b'null', "")])
def test_s4_44_a_wrong_value_is_named_by_its_place(command, body, pointer):
    status, _, answer = ask(command.port, post(f"Content-Length: {len(body)}\r\n", "").encode() + body)

    assert status == 422, answer
    assert [error["pointer"] for error in json.loads(answer)["errors"]] == [pointer]


@pytest.mark.parametrize("quantity, pointer", [
    ("2.7", "/items/0/quantity"), ("3e9", "/items/0/quantity"), ("0", "/items/0/quantity"), ("-1", "/items/0/quantity"),
    ('"2"', "/items/0/quantity"), ("1000001", "/items/0/quantity"), ("9223372036854775808", "/items/0/quantity")])
def test_s4_44_whole_numbers_are_whole(command, quantity, pointer):
    body = '{"customerId":1,"items":[{"productId":1,"quantity":%s,"price":1}]}' % quantity
    status, _, answer = ask(command.port, post(f"Content-Length: {len(body)}\r\n", body, "/api/orders"))

    assert status == 422, answer
    assert json.loads(answer)["errors"][0]["pointer"] == pointer


def test_s4_44_ids_are_never_rounded(command):
    for number in "9007199254740993", "1.5", "0", "9223372036854775807":
        body = '{"customerId":%s,"items":[{"productId":1,"quantity":1,"price":1}]}' % number
        status, _, answer = ask(command.port, post(f"Content-Length: {len(body)}\r\n", body, "/api/orders"))
        assert (status, json.loads(answer)["errors"][0]["pointer"]) == (422, "/customerId"), answer


# ---- who takes his time, and who sends without end ----


def resident_kib(service):
    with open(f"/proc/{service.process.pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1))


def is_cut_off(raw):
    """Sends a byte more, if that is still possible."""
    raw.socket.setblocking(False)
    try:
        raw.socket.send(b"X")
        while raw.socket.recv(65536):
            pass
        return True
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_s4_44_slow_senders_are_cut_off_and_hold_up_nobody(services):
    """A hundred for each service that send a byte now and then: heads that never end, bodies that never come."""
    both = [services[name] for name in NAMES]
    slow = [Raw(service.port, timeout=60) for service in both for _ in range(100)]
    for number, raw in enumerate(slow):
        raw.send(f"GET /health/live HTTP/1.1\r\n{HOST}" if number % 2 else post("Content-Length: 100000\r\n", "{"))
    began, slowest, left = time.monotonic(), 0, slow
    while left and time.monotonic() - began < 45:
        for service in both:
            asked = time.monotonic()
            assert service.get("/health/live").status == 200
            slowest = max(slowest, time.monotonic() - asked)
        left = [raw for raw in left if not is_cut_off(raw)]
        time.sleep(0.2)  # the pace of the slow ones
    print(f"the last of {len(slow)} slow senders was cut off after {time.monotonic() - began:.1f} s; "
          f"meanwhile nobody else waited longer than {slowest * 1000:.0f} ms")
    for raw in slow:
        raw.socket.close()
    assert not left


def test_s4_44_five_hundred_connections_are_served_in_bounded_memory(service):
    before = resident_kib(service)
    all_of_them = [Raw(service.port) for _ in range(500)]
    for _ in range(3):
        for raw in all_of_them:
            raw.send(get("/health/live"))
        for raw in all_of_them:
            assert raw.answer()[0] == 200
    grown = resident_kib(service) - before
    for raw in all_of_them:
        raw.socket.close()
    print(f"500 connections: {grown} KiB more")
    assert grown < 500 * 64
    assert service.get("/health/live").status == 200


def test_s4_44_connections_beyond_all_measure_leave_the_service_well(service):
    crowd = []
    try:
        for _ in range(1100):
            crowd.append(socket.create_connection(("127.0.0.1", service.port), 30))
    finally:
        for one in crowd:
            one.close()

    eventually(lambda: service.get("/health/live").status == 200, "being served again")


@pytest.mark.parametrize("head", ["Transfer-Encoding: chunked\r\n", "Content-Length: 16000000\r\n"])
def test_s4_44_a_body_without_end_fills_no_memory(service, head):
    before = resident_kib(service)
    peak, sent = [before], 0
    ended = threading.Event()

    def watch():
        while not ended.wait(0.02):
            peak[0] = max(peak[0], resident_kib(service))

    watcher = threading.Thread(target=watch)
    watcher.start()
    piece = b"10000\r\n" + b" " * 65536 + b"\r\n" if "chunked" in head else b" " * 65536
    with Raw(service.port) as raw:
        raw.send(post(head, ""))
        raw.socket.settimeout(5)
        try:
            while sent < 64 * 1024 * 1024:
                raw.socket.sendall(piece)
                sent += 65536
                if sent % (1024 * 1024) == 0:
                    assert service.get("/health/live").status == 200
        except OSError:
            pass  # it had enough
    ended.set()
    watcher.join()
    print(f"after {sent / 1024 / 1024:.0f} MiB of a body: {peak[0] - before} KiB more")
    assert sent < 32 * 1024 * 1024
    assert peak[0] - before < 16 * 1024
    assert service.get("/health/live").status == 200

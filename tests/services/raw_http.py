"""HTTP over a bare socket, byte by byte: for requests that no client library would send."""
import contextlib
import socket


class Raw:
    """One connection. Answers are read strictly; what does not look like HTTP is an assertion."""

    def __init__(self, port, timeout=30):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.received = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """Who refuses and closes may do so before all is sent."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def _more(self):
        try:
            piece = self.socket.recv(65536)
        except ConnectionResetError:
            piece = b""
        self.received += piece
        return bool(piece)

    def _until(self, mark):
        while mark not in self.received:
            assert self._more(), f"the connection ended within an answer: {self.received[:200]!r}"
        before, self.received = self.received.split(mark, 1)
        return before

    def _exactly(self, size):
        while len(self.received) < size:
            assert self._more(), f"the body ended after {len(self.received)} of {size} bytes"
        body, self.received = self.received[:size], self.received[size:]
        return body

    def _chunks(self):
        body = b""
        while True:
            size = int(self._until(b"\r\n"), 16)
            body += self._exactly(size)
            assert self._exactly(2) == b"\r\n"
            if not size:
                return body

    def answer(self, has_body=True):
        """(status, headers by lower-case name, body); has_body=False: of a HEAD."""
        lines = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        version, status = lines[0].split(" ")[:2]
        assert version == "HTTP/1.1", lines[0]
        headers = {}
        for line in lines[1:]:
            name, value = line.split(":", 1)
            assert name.lower() not in ("content-length", "connection") or name.lower() not in headers, lines
            headers[name.lower()] = value.strip()
        status = int(status)
        if not has_body or status in (100, 204, 304):
            return status, headers, b""
        if headers.get("transfer-encoding") == "chunked":
            return status, headers, self._chunks()
        return status, headers, self._exactly(int(headers["content-length"]))

    def is_closed(self):
        """Waits for the end of the connection; False if there is another byte first."""
        return not self.received and not self._more()


def ask(port, data, has_body=True):
    """One request on a connection of its own: (status, headers, body)."""
    with Raw(port) as raw:
        raw.send(data)
        return raw.answer(has_body)

"""A server of files that misbehaves as it is told, one request after the other."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PIECE = 2**14


@dataclass
class BadServer:
    """What it serves and how: `script` holds the behaviours of the next requests.

    files: {path: content}. requests: the path and the Range of every request that came.
    sent: bytes of files. `ranges` off ignores Range. version: the ETag, or "" for none.
    """

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    script: list[Callable[["Handler", bytes], None]] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    sent: int = 0
    ranges: bool = True
    version: str = '"1"'
    closing: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    """Answers as the script says, or else as a good server would."""

    protocol_version = "HTTP/1.1"
    bad: BadServer

    def do_GET(self) -> None:
        self.close_connection = True
        bad = self.bad
        bad.requests.append((self.path, self.headers.get("Range", "")))
        behave = bad.script.pop(0) if bad.script else serve
        content = bad.files.get(self.path)
        try:
            if content is None:
                status(404)(self, b"")
            else:
                behave(self, content)
        except OSError:
            pass  # the other side is gone

    def start(self, content: bytes, length: int | None = None) -> bytes:
        """Send the head, for the part that was asked for; returns that part."""
        begin, size = 0, len(content)
        same = self.headers.get("If-Range") == self.bad.version
        if self.bad.ranges and "Range" in self.headers and same:
            begin = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        if begin and begin >= size:
            status(416)(self, content)
            return b""
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{size - 1}/{size}")
        if self.bad.version:
            self.send_header("ETag", self.bad.version)
        self.send_header("Content-Length", str(size - begin if length is None else length))
        self.end_headers()
        return content[begin:]

    def send(self, content: bytes) -> None:
        for at in range(0, len(content), PIECE):
            self.wfile.write(content[at : at + PIECE])
            self.bad.sent += len(content[at : at + PIECE])

    def log_message(self, format: str, *args: object) -> None:
        pass


def serve(handler: Handler, content: bytes) -> None:
    handler.send(handler.start(content))


def truncate(size: int) -> Callable[[Handler, bytes], None]:
    """Break off after so many bytes of the answer."""

    def behave(handler: Handler, content: bytes) -> None:
        handler.send(handler.start(content)[:size])

    return behave


def corrupt(handler: Handler, content: bytes) -> None:
    """Turn one byte over."""
    content = handler.start(content)
    handler.send(content[:-1] + bytes([content[-1] ^ 255]))


def stall(size: int) -> Callable[[Handler, bytes], None]:
    """Send nothing more after so many bytes, and keep the line open."""

    def behave(handler: Handler, content: bytes) -> None:
        handler.send(handler.start(content)[:size])
        handler.wfile.flush()
        handler.bad.closing.wait()

    return behave


def drip(handler: Handler, content: bytes) -> None:
    """Send a byte now and then, so that the line never times out."""
    for byte in handler.start(content):
        handler.send(bytes([byte]))
        if handler.bad.closing.wait(0.02):
            return


def status(code: int, reason: str | None = None) -> Callable[[Handler, bytes], None]:
    """Answer with a status and a page."""

    def behave(handler: Handler, content: bytes) -> None:
        handler.send_response(code, reason)
        handler.send_header("Content-Length", "6")
        handler.end_headers()
        handler.wfile.write(b"<html>")

    return behave


def redirect(path: str) -> Callable[[Handler, bytes], None]:
    """Send the client elsewhere."""

    def behave(handler: Handler, content: bytes) -> None:
        handler.send_response(302)
        handler.send_header("Location", path)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return behave


def announce(difference: int) -> Callable[[Handler, bytes], None]:
    """Announce another length than is sent."""

    def behave(handler: Handler, content: bytes) -> None:
        handler.send(handler.start(content, len(content) + difference))

    return behave


def another_part(handler: Handler, content: bytes) -> None:
    """Send a part that was not asked for."""
    handler.send_response(206)
    handler.send_header("Content-Range", f"bytes 1-{len(content) - 1}/{len(content)}")
    handler.send_header("Content-Length", str(len(content) - 1))
    handler.end_headers()
    handler.send(content[1:])


def chunked(pieces: int) -> Callable[[Handler, bytes], None]:
    """Announce no length, and break off after so many pieces; the end is marked if they last."""

    def behave(handler: Handler, content: bytes) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for at in range(0, len(content), PIECE)[:pieces]:
            piece = content[at : at + PIECE]
            handler.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        if pieces * PIECE >= len(content):
            handler.wfile.write(b"0\r\n\r\n")

    return behave


def endless(handler: Handler, content: bytes) -> None:
    """Announce no length and send more and more."""
    handler.send_response(200)
    handler.end_headers()
    while not handler.bad.closing.is_set():
        handler.send(content)


@contextmanager
def running() -> Iterator[BadServer]:
    """A server on a port of its own, until the context ends."""
    bad = BadServer()
    handler = type("OneServersHandler", (Handler,), {"bad": bad})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        bad.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield bad
        finally:
            bad.closing.set()
            server.shutdown()
            thread.join()

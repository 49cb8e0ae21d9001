"""Reports shown to browsers on this very machine: read-only, one folder, no listings. Not a server for the internet.

What is served are the regular files of the folder, each at its own path, and a folder's ``index.html``. A page that is
open in the same browser cannot read the reports: requests under another name than this machine's own are refused, which
a name that was pointed at this machine (DNS rebinding) is; and the headers keep other sites from embedding or reading.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, unquote_to_bytes

from framing.errors import InputError

HOST = "127.0.0.1"
NAMES = ("127.0.0.1", "localhost", "[::1]")
# Requests answered at the same time; further ones wait their turn.
MOST_AT_ONCE = 32
# Seconds without a byte, and for a whole request and its answer.
IDLE = 10.0
LONGEST = 60.0
_LONGEST_PATH = 2_000

# What a browser shows; everything else is a download.
_SHOWN = {
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
_DOWNLOADED = {".csv": "text/csv; charset=utf-8"}


def serve(reports: str | Path, port: int = 8765, *, say: Callable[[str], Any] = print) -> None:
    """Serve a folder of reports until Ctrl-C; ``say`` gets the address. Port 0 picks a free one.

    Raises :class:`~framing.errors.InputError` where the folder is not there or the port is taken.
    """
    with reports_server(reports, port) as server:
        say(f"http://{HOST}:{server.server_port}/ shows {reports} on this machine only; Ctrl-C ends it")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say("ended")


def reports_server(reports: str | Path, port: int = 0) -> ReportsServer:
    """The server of a folder, bound to loopback and not yet running; raises as :func:`serve` does."""
    root = Path(reports)
    if not root.is_dir():
        raise InputError(f"there is no folder {str(reports)!r}; `framing report` makes it, or name another")
    try:
        return ReportsServer(root, port)
    except OSError as error:
        raise InputError(f"port {port} cannot be used ({error.strerror}); give another, or 0 for a free one") from error


class ReportsServer(ThreadingHTTPServer):
    """A loopback server that answers a limited number of requests at once, each within a limited time."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, root: Path, port: int) -> None:
        self.root = root.resolve()
        self._free = threading.Semaphore(MOST_AT_ONCE)
        self._open: dict[socket.socket, float] = {}
        super().__init__((HOST, port), _Handler)

    @property
    def hosts(self) -> set[str]:
        """What a request may call this server."""
        named = {f"{name}:{self.server_port}" for name in NAMES}
        return named | set(NAMES) if self.server_port == 80 else named

    def process_request(self, request: Any, client_address: Any) -> None:
        """Wait for a free place, then answer in a thread."""
        while not self._free.acquire(timeout=0.2):
            self.service_actions()
        self._open[request] = time.monotonic()
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._give_back(request)
            raise

    def service_actions(self) -> None:
        """Cut off what takes too long: a client that sends a byte now and then would hold its place for ever."""
        now = time.monotonic()
        for request, since in list(self._open.items()):
            if now - since > LONGEST:
                try:
                    request.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # it has just ended by itself

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and give the place back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._give_back(request)

    def _give_back(self, request: Any) -> None:
        self._open.pop(request, None)
        self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are no news; other errors are told in a line."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            print(f"framing: a request failed: {type(error).__name__}: {error}", file=sys.stderr)


class _Handler(BaseHTTPRequestHandler):
    server: ReportsServer
    server_version, sys_version = "framing", ""
    timeout = IDLE

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def _answer(self) -> None:
        if self.headers.get_all("Host", []) not in [[name] for name in self.server.hosts]:
            self.send_error(HTTPStatus.FORBIDDEN)
            return
        parts = path_parts(self.path)
        found = None if parts is None else find_file(self.server.root, parts)
        if parts is None or found is None:
            self.send_error(HTTPStatus.NOT_FOUND)
        elif found.name == "index.html" and parts[-1:] not in ([""], ["index.html"]):
            self._begin(HTTPStatus.MOVED_PERMANENTLY, "text/plain; charset=utf-8", 0)
            self.send_header("Location", "/" + "/".join(map(quote, parts)) + "/")
            self.end_headers()
        else:
            try:
                with found.open("rb") as source:
                    self._send(found, source)
            except FileNotFoundError:
                self.send_error(HTTPStatus.NOT_FOUND)  # replaced by a newer run just now

    def _send(self, path: Path, source: BinaryIO) -> None:
        kind = path.suffix.lower()
        shown = _SHOWN.get(kind)
        self._begin(HTTPStatus.OK, shown or _DOWNLOADED.get(kind, "application/octet-stream"),
                    os.fstat(source.fileno()).st_size, page=kind == ".html")  # fmt: skip
        if shown is None:
            self.send_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(path.name)}")
        self.end_headers()
        if self.command != "HEAD":
            shutil.copyfileobj(source, self.wfile)

    def _begin(self, status: HTTPStatus, kind: str, length: int, *, page: bool = False) -> None:
        """Status and the headers that every answer has."""
        from framing.report.page import policy

        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        allowed = policy() if page else "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        self.send_header("Content-Security-Policy", f"{allowed}; frame-ancestors 'none'")

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """A status and its name; nothing of the request is repeated."""
        status = HTTPStatus(code)
        body = f"{status.value} {status.phrase}\n".encode("ascii")
        self.close_connection = True
        if self.request_version == "HTTP/0.9":
            return  # such a client knows no status
        self._begin(status, "text/plain; charset=utf-8", len(body))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are not logged."""


def path_parts(target: str) -> list[str] | None:
    """The parts of a request's path, decoded; the last is empty for a folder. None for what no report is called.

    That is: anything but a path from the root, parts that lead up or nowhere (``..``, ``.``, an empty one), that begin
    with a dot, or that hold a separator, a control character, a colon or a backslash, which is one on Windows.
    """
    path = target.partition("?")[0]
    if not path.startswith("/") or len(path) > _LONGEST_PATH:
        return None
    try:
        parts = [unquote_to_bytes(part).decode("utf-8") for part in path[1:].split("/")]
    except UnicodeDecodeError:
        return None
    sound = all(part and part[0] != "." and part.isprintable() and not set(part) & set("/\\:") for part in parts[:-1])
    last = parts[-1]
    sound_last = not last or (last[0] != "." and last.isprintable() and not set(last) & set("/\\:"))
    return parts if sound and sound_last else None


def find_file(root: Path, parts: list[str]) -> Path | None:
    """The regular file within ``root`` at these parts, links followed, or the index of a folder; None where none is."""
    path = root.joinpath(*parts)
    try:
        if path.is_dir():
            path = path / "index.html"
        elif parts[-1] == "":
            return None
        path = path.resolve(strict=True)
        if not path.is_relative_to(root) or not path.is_file():
            return None
    except (OSError, ValueError, RuntimeError):
        return None
    within = path.relative_to(root).parts
    return None if any(part.startswith(".") for part in within) else path

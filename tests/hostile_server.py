"""A server on loopback that answers each path as it is told, byte by byte, and a table of the worst that servers do."""

from __future__ import annotations

import gzip
import socket
import ssl
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

PAGE = b"<!doctype html><title>Ferry</title><p>The ferry leaves at noon.</p>"


def reply(body: bytes = PAGE, status: str = "200 OK", kind: str = "text/html", **headers: object) -> bytes:
    """A whole and correct response; headers by name with ``_`` for ``-``, replaced where given, left out where None."""
    all_headers = {"Content_Type": kind, "Content_Length": len(body), **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in all_headers.items() if value is not None]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode("latin-1") + body


def moved(location: str, status: str = "302 Found") -> bytes:
    return reply(b"", status, Location=location)


@dataclass
class Request:
    path: str
    headers: Mapping[str, str]


@dataclass
class Wire:
    """The server's side of one connection; sending ends once the other side is gone or the server is stopped."""

    socket: socket.socket
    stopped: threading.Event

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def drip(self, data: bytes, pause: float = 0.03) -> None:
        for byte in data:
            self.send(bytes([byte]))
            if self.stopped.wait(pause):
                return

    def forever(self, data: bytes) -> None:
        while not self.stopped.is_set():
            self.send(data)

    def wait(self) -> None:
        self.stopped.wait(30)

    def reset(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


Answer = bytes | Callable[[Wire], None]


@dataclass
class Site:
    """Serves ``answers`` by path, a list one after the other (the last again and again); all else is 404.

    The server speaks first and last: connections are closed after each answer. ``before`` is done with a connection
    before anything is read from it.
    """

    answers: Mapping[str, Answer | list[Answer]] = field(default_factory=dict)
    before: Callable[[Wire], None] | None = None
    host: str = "127.0.0.1"
    port: int = 0
    accepted: int = 0
    requests: list[Request] = field(default_factory=list)

    def __enter__(self) -> Site:
        self._stopped = threading.Event()
        self._counting = threading.Lock()
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self._listener = socket.create_server((self.host, self.port), family=family, backlog=128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._listener.close()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def asked(self) -> list[str]:
        return [request.path for request in self.requests]

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                wire = Wire(connection, self._stopped)
                if self.before is not None:
                    self.before(wire)
                    return
                request = _read_request(connection)
                answer = self._answer_to(request)
                if callable(answer):
                    answer(wire)
                else:
                    wire.send(answer)
            except OSError:
                pass

    def _answer_to(self, request: Request) -> Answer:
        with self._counting:
            before = self.asked().count(request.path)
            self.requests.append(request)
        answer = self.answers.get(request.path.partition("?")[0], reply(b"", "404 Not Found"))
        return answer[min(before, len(answer) - 1)] if isinstance(answer, list) else answer


def _read_request(connection: socket.socket) -> Request:
    head = b""
    while b"\r\n\r\n" not in head:
        data = connection.recv(65536)
        if not data:
            raise OSError("the client is gone")
        head += data
    first, *lines = head.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return Request(first.split(" ")[1], {name.lower(): value for name, value in headers.items()})


def deflated(body: bytes, window: int = zlib.MAX_WBITS) -> bytes:
    packer = zlib.compressobj(wbits=window)
    return packer.compress(body) + packer.flush()


def gzip_bomb(wire: Wire) -> None:
    """Gigabytes of zeros, a megabyte of them in every kilobyte sent."""
    packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    start = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(10_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    wire.send(reply(start, Content_Length=None, Content_Encoding="gzip"))
    wire.forever(block)


def feed(entries: int) -> bytes:
    items = "".join(
        f"<item><title>Ferry {n}</title><link>https://northgate.example/{n}</link></item>" for n in range(entries)
    )
    return f"<rss version='2.0'><channel><title>Northgate Wire</title>{items}</channel></rss>".encode()


XML_BOMB = (
    b"<?xml version='1.0'?><!DOCTYPE x ["
    + b"<!ENTITY a0 'ferry'>"
    + b"".join(b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    + b"]><rss><channel><title>&a11;</title></channel></rss>"
)

LATE = "not there in full within"
LARGE = "larger than"
NOT_PUBLIC = "not a public address"
READ = ""
"""What is expected of an answer from which a page can be read."""


@dataclass(frozen=True)
class Behaviour:
    """What a server does, and a part of the reason that is given for it (``READ``: the page is read)."""

    name: str
    answer: Answer | list[Answer]
    reason: str


def endless(start: bytes, block: bytes) -> Callable[[Wire], None]:
    def answer(wire: Wire) -> None:
        wire.send(start)
        wire.forever(block)

    return answer


def slow(fast: bytes, rest: bytes) -> Callable[[Wire], None]:
    def answer(wire: Wire) -> None:
        wire.send(fast)
        wire.drip(rest)

    return answer


def half(data: bytes) -> Callable[[Wire], None]:
    def answer(wire: Wire) -> None:
        wire.send(data)
        wire.wait()

    return answer


def reset_after(data: bytes) -> Callable[[Wire], None]:
    def answer(wire: Wire) -> None:
        wire.send(data)
        time.sleep(0.05)
        wire.reset()

    return answer


HEAD = reply(b"", Content_Length=None)
CHUNKED = reply(b"", Content_Length=None, Transfer_Encoding="chunked")
BROKEN = "does not answer as the web does"


@cache
def behaviours(forbidden: int) -> list[Behaviour]:
    """All of them; ``forbidden`` is the port on loopback that nothing must connect to."""
    redirects = [
        *(f"http://{host}:{forbidden}/" for host in PRIVATE),
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/latest/meta-data/",
        "http://10.0.0.1/",
        "http://192.168.1.1:8080/",
        "http://100.100.100.200/",
        "http://[fe80::1]/",
        "http://[::]/",
        f"//127.0.0.1:{forbidden}/",
    ]
    other = [
        "file:///etc/passwd",
        "FILE://localhost/etc/passwd",
        "data:text/html,<p>x</p>",
        "javascript:alert(1)",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1:6379/_x",
        f"http://reader:secret@127.0.0.1:{forbidden}/",
        f"http://northgate.example@127.0.0.1:{forbidden}/",
        f"http://127.0.0.1%2f:{forbidden}/",
        f"http://[fe80::1%25lo]:{forbidden}/",
        "http://[::1",
    ]
    return [
        *(Behaviour(f"redirect to {url}", moved(url), NOT_PUBLIC) for url in redirects),
        *(Behaviour(f"redirect to {url}", moved(url), "redirects to what is not followed") for url in other),
        Behaviour("redirect to itself", moved("?"), "round in a circle"),
        Behaviour("redirect to mail", moved("http://127.0.0.2:25/"), "not one for web pages"),
        Behaviour("redirect without end", _further, "redirects more than 10 times"),
        Behaviour("redirect to nowhere", reply(b"", "302 Found"), "without saying where"),
        Behaviour("redirect to a huge address", moved("/" + "a" * 50_000), "50,001 characters"),
        Behaviour("redirect with a line break", moved("/a\r\nSet-Cookie: x=1"), "404 Not Found"),
        Behaviour("redirect with a bare return", moved("/a\rX: y"), BROKEN),
        Behaviour(
            "redirect with a body without end",
            endless(moved("/none").replace(b"Length: 0", b"Length: 9999999"), b"x"),
            "404",
        ),
        Behaviour("refresh", reply(PAGE, Refresh=f"0; url=http://127.0.0.1:{forbidden}/"), READ),
        Behaviour(
            "meta refresh",
            reply(f"<meta http-equiv=refresh content='0; url=http://127.0.0.1:{forbidden}/'>".encode()),
            READ,
        ),
        Behaviour("body without end", endless(HEAD, b"ferry " * 10_000), LARGE),
        Behaviour("chunks without end", endless(CHUNKED, b"fff\r\n" + b"x" * 0xFFF + b"\r\n"), LARGE),
        Behaviour("tiny chunks without end", endless(CHUNKED, b"1\r\nx\r\n" * 1_000), f"{LARGE}|{LATE}"),
        Behaviour(
            "headers without end", endless(b"HTTP/1.1 200 OK\r\n", b"X-Ferry: noon\r\n" * 100), "headers of the answer"
        ),
        Behaviour("one header without end", endless(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 1_000), "headers of the answer"),
        Behaviour("a status line without end", endless(b"HTTP/1.1 200 ", b"O" * 1_000), "headers of the answer"),
        Behaviour("hints without end", endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 50), "headers of the answer"),
        Behaviour("hints, slowly", slow(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 50), LATE),
        Behaviour("headers, byte by byte", slow(b"", reply()), LATE),
        Behaviour("body, byte by byte", slow(HEAD, PAGE), LATE),
        Behaviour("chunk, byte by byte", slow(CHUNKED, b"ff\r\n" + PAGE), LATE),
        Behaviour(
            "gzip, byte by byte",
            slow(reply(b"", Content_Length=None, Content_Encoding="gzip"), gzip.compress(PAGE)),
            LATE,
        ),
        Behaviour("no answer", half(b""), LATE),
        Behaviour("half a header", half(b"HTTP/1.1 200 OK\r\nContent-"), LATE),
        Behaviour("half a body", half(reply(PAGE, Content_Length=len(PAGE) + 1)), LATE),
        Behaviour("closed at once", b"", BROKEN),
        Behaviour("reset", reset_after(b""), "connection fails"),
        Behaviour("reset within the body", reset_after(reply(PAGE, Content_Length=9_999)), "connection fails"),
        Behaviour("closed within the body", reply(PAGE, Content_Length=9_999), BROKEN),
        Behaviour("closed within a chunk", CHUNKED + b"ff\r\nferry", BROKEN),
        Behaviour("more than promised", reply(PAGE + b"<p>and more", Content_Length=len(PAGE)), READ),
        Behaviour("chunks that are none", CHUNKED + b"ferry\r\nferry\r\n", BROKEN),
        Behaviour("a chunk of negative length", CHUNKED + b"-5\r\nferry\r\n", BROKEN),
        Behaviour("two lengths", reply(Content_length=len(PAGE) + 5), BROKEN),
        Behaviour("a length that is no number", reply(Content_Length="many"), BROKEN),
        Behaviour("a length beyond all", reply(Content_Length="9" * 4_000), BROKEN),
        Behaviour("a length over the limit", reply(Content_Length=99_999_999), LARGE),
        Behaviour("HTTP/0.9", PAGE, BROKEN),
        Behaviour("HTTP/2 unasked", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", BROKEN),
        Behaviour("no protocol at all", b"\x00\xff\xfe" * 1_000, BROKEN),
        Behaviour("a mail server", b"220 mail.example ESMTP\r\n", BROKEN),
        Behaviour(
            "switching protocols",
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nxx",
            BROKEN,
        ),
        Behaviour("a header in a header", reply(X="a\r\nContent-Type: application/pdf"), READ),
        Behaviour("a header with NUL", reply(X="a\0b"), BROKEN),
        Behaviour("cookies", reply(Set_Cookie="x=" + "y" * 30_000), READ),
        Behaviour("cookies over the limit", reply(Set_Cookie="x=" + "y" * 300_000), "headers of the answer"),
        Behaviour("gzip", reply(gzip.compress(PAGE), Content_Encoding="gzip"), READ),
        Behaviour("deflate", reply(deflated(PAGE), Content_Encoding="deflate"), READ),
        Behaviour("deflate without its header", reply(deflated(PAGE, -15), Content_Encoding="deflate"), READ),
        Behaviour(
            "gzip in two parts", reply(gzip.compress(PAGE) + gzip.compress(PAGE), Content_Encoding="x-gzip"), READ
        ),
        Behaviour("a gzip file", reply(gzip.compress(PAGE), kind="application/x-gzip"), READ),
        Behaviour("gzip bomb", gzip_bomb, LARGE),
        Behaviour("nested gzip bomb", reply(_nested_bomb(), Content_Encoding="gzip"), LARGE),
        Behaviour(
            "nested gzip bomb, said so", reply(_nested_bomb(), Content_Encoding="gzip, gzip"), "compressed twice"
        ),
        Behaviour("nested gzip bomb, as a file", reply(_nested_bomb(), kind="application/gzip"), "compressed twice"),
        Behaviour(
            "empty gzip members without end",
            endless(HEAD[:-2] + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"") * 500),
            LARGE,
        ),
        Behaviour("gzip that is none", reply(Content_Encoding="gzip"), "compressed body is broken"),
        Behaviour("gzip that breaks off", reply(gzip.compress(PAGE)[:-9], Content_Encoding="gzip"), "breaks off"),
        Behaviour("an encoding not asked for", reply(Content_Encoding="br"), "which was not asked for"),
        Behaviour("204", reply(b"", "204 No Content", Content_Length=None), "204 No Content"),
        Behaviour(
            "206 unasked",
            reply(status="206 Partial Content", Content_Range="bytes 0-9/99"),
            "206 Partial Content, though",
        ),
        Behaviour("300", reply(status="300 Multiple Choices"), "300 Multiple Choices"),
        Behaviour("304 unasked", reply(b"", "304 Not Modified"), "304 Not Modified, though"),
        Behaviour("401", reply(status="401 Unauthorized"), "401 Unauthorized"),
        Behaviour("402", reply(status="402 Payment Required"), "402 Payment Required"),
        Behaviour("403", reply(status="403 Forbidden"), "403 Forbidden"),
        Behaviour("404 with markup for a name", reply(status="404 <script>alert(1)</script>"), "404 Not Found$"),
        Behaviour("410", reply(status="410 Gone"), "410 Gone"),
        Behaviour("429, wait an hour", reply(status="429 Too Many Requests", Retry_After=3_600), "429 .*wait 3,600 s"),
        Behaviour(
            "429, wait nonsense", reply(status="429 Too Many Requests", Retry_After="-5; soon"), "429 Too Many Requests"
        ),
        Behaviour("451", reply(status="451 Unavailable For Legal Reasons"), "451"),
        Behaviour("500", reply(status="500 Oops"), "500 Internal Server Error"),
        Behaviour("599", reply(status="599 Oops"), "599"),
        Behaviour("503 once, then fine", [reply(status="503 Service Unavailable"), reply()], READ),
        Behaviour("closed once, then fine", [b"", reply()], READ),
        Behaviour("empty", reply(b""), "empty body"),
        Behaviour("white space", reply(b" \n\n "), "empty body"),
        Behaviour("PDF", reply(b"%PDF-1.7", kind="application/pdf"), "not a web page but 'application/pdf'"),
        Behaviour("picture", reply(b"GIF89a", kind="image/gif"), "not a web page but 'image/gif'"),
        Behaviour(
            "film without end",
            endless(reply(b"", kind="video/mp4", Content_Length=None), b"x" * 10_000),
            "not a web page but 'video/mp4'",
        ),
        Behaviour("drawing", reply(b"<svg/>", kind="image/svg+xml"), "not a web page but 'image/svg"),
        Behaviour("program", reply(b"{}", kind="application/json"), "not a web page but 'application/json'"),
        Behaviour("a feed", reply(b"<rss/>", kind="application/rss+xml"), "not a web page but 'application/rss"),
        Behaviour("a type that is markup", reply(kind="<script>"), "not a web page but '<script>'"),
        Behaviour("a type that commands terminals", reply(kind="x/\x9b2J"), r"not a web page but 'x/\\x9b2j'"),
        Behaviour("a type, said twice", reply(Content_type="text/html"), READ),
        Behaviour("no type", reply(Content_Type=None), READ),
        Behaviour("no type, and a PDF", reply(b"%PDF-1.7\n", Content_Type=None), "bytes are no text"),
        Behaviour(
            "no type, and a picture",
            reply(b"\x89PNG\r\n\x1a\n\0\0\0", kind="application/octet-stream"),
            "bytes are no text",
        ),
        Behaviour("a charset that does not exist", reply(kind="text/html; charset=klingon-8"), READ),
        Behaviour("a wrong charset", reply("<p>Fähre</p>".encode("latin-1"), kind="text/html; charset=utf-8"), READ),
        Behaviour("UTF-16", reply("<p>Fähre</p>".encode("utf-16"), Content_Type=None), READ),
        Behaviour("a byte order mark", reply(b"\xef\xbb\xbf" + PAGE), READ),
        Behaviour("NUL in a page", reply(PAGE + b"\0\0"), READ),
        Behaviour("XML entities", reply(XML_BOMB, kind="text/xml"), READ),
        Behaviour("a feed of 100,000 items", reply(feed(100_000), kind="text/xml"), LARGE),
    ]


PRIVATE = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "017700000001", "0177.0.0.1", "0x7f.0.0.1",
    "127.0.0.1.", "localhost", "LOCALHOST.", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]",
    "0.0.0.0", "0", "127.255.255.254", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]",
    "private.example", "half-private.example",
]  # fmt: skip
"""Hosts that lead to this machine, in every spelling; the last two by what their names resolve to."""


def _further(wire: Wire) -> None:
    wire.send(moved(f"?{time.monotonic_ns()}"))


def _nested_bomb() -> bytes:
    inner = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    packed = b"".join(inner.compress(bytes(1_000_000)) for _ in range(50)) + inner.flush()
    return gzip.compress(packed)


def over_tls(context: ssl.SSLContext, answer: bytes) -> Callable[[Wire], None]:
    """For ``Site.before``: the same answer to every request, behind a certificate."""

    def serve(wire: Wire) -> None:
        with context.wrap_socket(wire.socket, server_side=True) as secured:
            _read_request(secured)
            secured.sendall(answer)

    return serve


def addresses_of(names: Mapping[str, Iterable[str]], known: str) -> Callable[[str, int], list[str]]:
    """A resolver: ``names`` as they stand, and ``known`` for all others."""

    def resolve(host: str, port: int) -> list[str]:
        return list(names.get(host, [known]))

    return resolve

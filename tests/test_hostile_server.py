"""What the worst servers do: no forbidden connection, an end by the deadline, little memory, and the rest is read.

The names of this file resolve to a public address; the network is bent so that connections to it reach the server
on loopback. So all defences are up, and a connection to anything but that address is one that should not have been.
"""

import gzip
import re
import resource
import shutil
import socket
import ssl
import subprocess
import threading
import time
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpcore
import pytest
from hostile_server import (
    LARGE,
    LATE,
    PAGE,
    READ,
    Behaviour,
    Site,
    addresses_of,
    behaviours,
    feed,
    gzip_bomb,
    moved,
    over_tls,
    reply,
)

from framing.collecting import connections
from framing.collecting.bodies import read_body
from framing.collecting.fetch import Fetcher
from framing.collecting.records import Unreadable

PUBLIC = "93.184.216.34"
DEADLINE = 1.5
MEMORY = 100_000_000
NAMES = {
    "localhost": ["127.0.0.1", "::1"],
    "private.example": ["127.0.0.1"],
    "half-private.example": [PUBLIC, "127.0.0.1"],
}


@dataclass
class Network:
    """Every connection that was opened or tried: (address, port)."""

    connected: list[tuple[str, int]] = field(default_factory=list)

    def forbidden(self) -> list[tuple[str, int]]:
        return [place for place in self.connected if place[0] != PUBLIC]


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    seen = Network()
    really = httpcore.SyncBackend.connect_tcp

    def connect(self, host, port, *arguments, **options):
        seen.connected.append((host, port))
        return really(self, "127.0.0.1" if host == PUBLIC else host, port, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
        yield seen


def fetcher(**options) -> Fetcher:
    given = {
        "delay": 0,
        "deadline": DEADLINE,
        "max_bytes": 2_000_000,
        "retries": 1,
        "resolve": addresses_of(NAMES, PUBLIC),
    }
    return Fetcher(**{**given, **options})


def reason(fetch: Fetcher, url: str, **options) -> str:
    try:
        fetch.fetch(url, **options)
    except Unreadable as error:
        return str(error)
    return READ


@contextmanager
def memory_growth() -> Iterator[list[int]]:
    """The most bytes that this process held during the block beyond what it held before; known after the block."""
    grown, done, before = [0], threading.Event(), _held()

    def watch() -> None:
        while not done.wait(0.005):
            grown[0] = max(grown[0], _held() - before)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield grown
    finally:
        done.set()
        thread.join()


def _held() -> int:
    statm = Path("/proc/self/statm")
    if not statm.exists():
        pytest.skip("needs /proc to see how much memory is held")
    return int(statm.read_text().split()[1]) * resource.getpagesize()


@pytest.fixture(scope="module")
def forbidden() -> Iterator[Site]:
    """A listener on loopback, on IPv6 too where there is IPv6, that nothing must connect to."""
    with Site({"/": reply()}) as site, ExitStack() as also:
        try:
            also.enter_context(Site({"/": reply()}, host="::1", port=site.port))
        except OSError:
            pass
        yield site


@dataclass
class Outcome:
    reasons: dict[str, str]
    seconds: dict[str, float]
    grown: int
    afterwards: bytes


@pytest.fixture(scope="module")
def outcome(network, forbidden) -> Outcome:
    """All behaviours at once, each under a host name of its own on one server; then a good page of the same server."""
    all_of_them = behaviours(forbidden.port)
    reasons, seconds = {}, {}
    with Site({f"/{n}": each.answer for n, each in enumerate(all_of_them)} | {"/good": reply()}) as site:
        fetch = fetcher()
        fetch.fetch(site.url("/good", "good.example"))

        def run(n: int) -> None:
            start = time.monotonic()
            reasons[all_of_them[n].name] = reason(fetch, site.url(f"/{n}", f"host{n}.example"))
            seconds[all_of_them[n].name] = time.monotonic() - start

        with memory_growth() as grown, ThreadPoolExecutor(12) as pool:
            list(pool.map(run, range(len(all_of_them))))
        return Outcome(reasons, seconds, grown[0], fetch.fetch(site.url("/good", "good.example")).body)


EXPECTED = behaviours(1)


@pytest.mark.parametrize("place", range(len(EXPECTED)), ids=[each.name[:60] for each in EXPECTED])
def test_each_behaviour_ends_in_a_page_or_in_its_reason(outcome, forbidden, place):
    behaviour: Behaviour = behaviours(forbidden.port)[place]
    given = outcome.reasons[behaviour.name]
    assert _is(behaviour.reason, given)
    assert len(given) < 700 and given.isprintable()


def _is(expected: str, given: str) -> bool:
    return given == READ if expected == READ else re.search(expected, given) is not None


def test_there_are_more_than_forty_behaviours():
    assert len(EXPECTED) > 100
    assert len({each.name for each in EXPECTED}) == len(EXPECTED)


def test_all_end_by_the_deadline(outcome):
    late = {name: spent for name, spent in outcome.seconds.items() if spent > DEADLINE + 1}
    assert not late


def test_memory_stays_small(outcome):
    assert outcome.grown < MEMORY


def test_no_forbidden_connection_is_opened(outcome, network, forbidden):
    assert forbidden.accepted == 0
    assert network.forbidden() == []
    assert network.connected


def test_a_good_page_of_the_same_server_is_still_read(outcome):
    assert outcome.afterwards == PAGE


def test_without_the_guard_forbidden_connections_are_opened(monkeypatch, network):
    """The control of all tests that count forbidden connections."""
    monkeypatch.setattr(connections, "is_public", lambda ip: True)
    before = len(network.connected)
    with Site({"/": reply()}) as inside, Site({"/out": moved(f"http://0x7f.1:{inside.port}/")}) as site:
        assert reason(fetcher(), site.url("/out", "northgate.example")) == READ
        assert inside.accepted == 2  # robots.txt, and the page
    assert ("127.0.0.1", inside.port) in network.connected[before:]
    del network.connected[before:]


def test_without_the_deadline_a_slow_page_is_waited_for(network):
    """The control of all tests that end late: it is the deadline that ends them."""
    slow = next(each for each in EXPECTED if each.name == "body, byte by byte")
    with Site({"/": slow.answer}) as site:
        assert reason(fetcher(deadline=30), site.url("/", "northgate.example")) == READ


def test_without_the_limit_a_bomb_fills_memory(network):
    """The control of the test of memory: it would see one."""
    with Site({"/": gzip_bomb}) as site, memory_growth() as grown:
        assert reason(fetcher(max_bytes=200_000_000, deadline=20), site.url("/", "northgate.example"))
    assert grown[0] > MEMORY


def test_no_piece_of_a_bomb_is_unpacked_beyond_the_limit():
    """One piece of fifty kilobytes that holds fifty megabytes."""
    piece = gzip.compress(bytes(50_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(Unreadable, match="larger than 1,000,000 bytes"):
            read_body([piece], "gzip", most=1_000_000, truncate=False)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_a_listing_may_be_larger_than_a_page_up_to_a_limit_of_its_own(network):
    whole = feed(100_000)
    most = {"most": len(whole), "listing": True}
    with Site({"/": reply(whole, kind="application/rss+xml"), "/bomb": gzip_bomb}) as site:
        assert fetcher().fetch(site.url("/", "northgate.example"), **most).body == whole
        assert f"{LARGE} {len(whole):,}" in reason(fetcher(), site.url("/bomb", "northgate.example"), **most)


def test_a_gzip_file_that_was_packed_again_on_its_way_is_unpacked_within_the_limit(network):
    packed = gzip.compress(gzip.compress(PAGE))
    with Site({"/": reply(packed, kind="application/x-gzip", Content_Encoding="gzip")}) as site:
        assert fetcher().fetch(site.url("/", "northgate.example")).body == PAGE


@pytest.mark.parametrize(
    ("robots", "why"),
    [
        (reply(b"User-agent: *\nDisallow: /", kind="text/plain"), "^robots.txt forbids it$"),
        (reply(b"", "500 Oops"), "robots.txt cannot be read.*500"),
        (reply(b"", "429 Too Many Requests"), "robots.txt cannot be read.*429"),
        (lambda wire: wire.wait(), f"robots.txt cannot be read.*{LATE}"),
        (lambda wire: wire.drip(reply(b"User-agent: *")), f"robots.txt cannot be read.*{LATE}"),
        (b"\0", "robots.txt cannot be read.*does not answer as the web does"),
        (moved("/robots.txt"), "robots.txt cannot be read.*round in a circle"),
        (moved("http://127.0.0.1:8009/robots.txt"), "not a public address"),
        (moved("file:///etc/passwd"), "robots.txt cannot be read.*not followed"),
        (reply(b"", "404 Not Found"), READ),
        (reply(b"", "403 Forbidden"), READ),
        (reply(b"", "204 No Content", Content_Length=None), READ),
        (reply(b"\xff\xfe\0" * 1_000, kind="image/png"), READ),
        (reply(b"#" * 2_000_000, kind="text/plain"), READ),
        (reply(b"#\n" * 400_000 + b"User-agent: *\nDisallow: /"), READ),
        (gzip_bomb, READ),
    ],
)
def test_robots_files_of_all_sorts(network, robots, why):
    with Site({"/robots.txt": robots, "/": reply()}) as site:
        start = time.monotonic()
        fetch = fetcher(retries=0)
        assert _is(why, reason(fetch, site.url("/", "northgate.example")))
        assert time.monotonic() - start < DEADLINE + 1
        asked = len(site.requests)
        assert _is(why, reason(fetch, site.url("/", "northgate.example")))
        assert ("/" in site.asked()) == (why == READ)
        assert len(site.requests) == asked + (why == READ), "a robots.txt is asked for once"


def test_a_name_that_changes_its_mind_leads_nowhere(network, forbidden):
    """DNS rebinding: public when robots.txt is asked for, loopback when the page is."""
    answers = iter([[PUBLIC], ["127.0.0.1"], [PUBLIC, "::1"]])
    with Site({"/": reply()}) as site:
        fetch = fetcher(resolve=lambda host, port: next(answers))
        url = f"http://northgate.example:{site.port}/"
        assert "is at 127.0.0.1, which is not a public address" in reason(fetch, url)
        assert "is at ::1, which is not a public address" in reason(fetch, url)
        assert site.asked() == ["/robots.txt"]
    assert network.forbidden() == []


def _no_such_host(host, port):
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def _not_now(host, port):
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


def _no_answer(host, port):
    time.sleep(DEADLINE * 3)
    return [PUBLIC]


@pytest.mark.parametrize(
    ("resolve", "why"),
    [
        (_no_such_host, "there is no host 'northgate.example': Name or service not known"),
        (_not_now, "the name 'northgate.example' cannot be resolved: Temporary failure"),
        (_no_answer, LATE),
        (lambda host, port: [], "there is no host 'northgate.example'"),
    ],
)
def test_names_that_do_not_resolve(network, resolve, why):
    before = len(network.connected)
    start = time.monotonic()
    assert why in reason(fetcher(resolve=resolve), "http://northgate.example/")
    assert time.monotonic() - start < DEADLINE + 1
    assert len(network.connected) == before


def test_a_port_on_which_nobody_listens(network):
    with Site() as gone:
        pass
    assert "Connection refused" in reason(fetcher(), gone.url("/", "northgate.example"))


def test_an_address_that_does_not_answer_leaves_time_for_the_next(network, monkeypatch):
    other = "93.184.216.35"
    bent = httpcore.SyncBackend.connect_tcp

    def connect(self, host, port, timeout=None, **options):
        if host == other:
            time.sleep(timeout)
            raise httpcore.ConnectTimeout
        return bent(self, host, port, timeout, **options)

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    with Site({"/": reply()}) as site:
        fetch = fetcher(resolve=lambda host, port: [other, PUBLIC])
        assert reason(fetch, site.url("/", "northgate.example")) == READ


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    """A certificate for northgate.example that vouches for itself, with its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command to make a certificate")
    file = tmp_path_factory.mktemp("tls") / "northgate.pem"
    command = (
        f"{openssl} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout northgate.pem "
        "-subj /CN=northgate.example -addext subjectAltName=DNS:northgate.example -out northgate.crt"
    )
    subprocess.run(command.split(), cwd=file.parent, check=True, capture_output=True)
    file.write_text(file.read_text() + file.with_suffix(".crt").read_text())
    return file


@pytest.fixture
def secure(network, certificate) -> Iterator[Site]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Site(before=over_tls(context, reply())) as site:
        yield site


def test_a_certificate_that_vouches_for_itself_is_refused(secure):
    why = reason(fetcher(), f"https://northgate.example:{secure.port}/")
    assert "its TLS certificate is not valid: self" in why


def test_a_certificate_that_is_trusted_is_accepted_for_its_own_name_only(secure, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_suffix(".crt")))
    fetch = fetcher()
    assert reason(fetch, f"https://northgate.example:{secure.port}/") == READ
    assert "its TLS certificate is not valid: Hostname mismatch" in reason(
        fetch, f"https://klaxon.example:{secure.port}/"
    )


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (lambda wire: wire.send(reply()), "no secure connection"),
        (lambda wire: wire.drip(b"\x16\x03\x03\x40\x00" + b"\x02" * 200), LATE),
        (lambda wire: wire.wait(), LATE),
        (lambda wire: wire.reset(), "connection fails"),
        (lambda wire: None, "connection"),
    ],
    ids=["plain HTTP", "handshake, byte by byte", "silence", "reset", "closed"],
)
def test_broken_tls(network, before, why):
    with Site(before=before) as site:
        start = time.monotonic()
        assert _is(why, reason(fetcher(), f"https://northgate.example:{site.port}/"))
        assert time.monotonic() - start < DEADLINE + 1

"""Asking a server as a guest does: one thing at a time, at its pace, saying who we are, and not twice for the same."""

import gzip
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hostile_server import PAGE, READ, Site, moved, reply

from framing import __version__
from framing.collecting.fetch import Fetcher
from framing.collecting.records import Failed, Forbidden, Postponed, Unreadable
from framing.errors import InputError


class FakeTime:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.now = 0.0
        self.slept = []

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(round(seconds, 3))
        self.now += seconds


def fetcher(**options) -> Fetcher:
    return Fetcher(**{"delay": 0, "deadline": 5, "allow_hosts": ["127.0.0.1", "localhost"], **options})


def timed(**options) -> tuple[Fetcher, FakeTime]:
    fake = FakeTime()
    return fetcher(**{"clock": fake.clock, "sleep": fake.sleep, **options}), fake


def reason(fetch: Fetcher, url: str, **options) -> str:
    with pytest.raises(Unreadable) as raised:
        fetch.fetch(url, **options)
    return str(raised.value)


def no_robots(site: Site, body: str = "", host: str = "127.0.0.1") -> dict[str, str]:
    return {site.url("/robots.txt", host): body}


def test_what_is_given_of_a_page():
    answer = reply(
        gzip.compress(PAGE),
        kind="text/html; charset=utf-8",
        Content_Encoding="gzip",
        ETag='W/"noon"',
        Last_Modified="Sat, 28 Nov 2026 12:00:00 GMT",
    )
    with Site({"/moved": moved("/ferry?b=2&a=1#top"), "/ferry": answer}) as site:
        fetched = fetcher().fetch(site.url("/moved"))
    assert fetched.url == site.url("/moved")
    assert fetched.final_url == site.url("/ferry?b=2&a=1")
    assert (fetched.status, fetched.body, fetched.content_type) == (200, PAGE, "text/html; charset=utf-8")
    assert (fetched.etag, fetched.last_modified) == ('W/"noon"', "Sat, 28 Nov 2026 12:00:00 GMT")
    assert fetched.transferred == len(gzip.compress(PAGE))


def test_what_is_said_of_us():
    with Site({"/": reply(Set_Cookie="id=1")}) as site:
        fetch = fetcher()
        fetch.fetch(site.url("/"))
        fetch.fetch(site.url("/"))
        fetcher(user_agent="ferrywatch/2 (+mailto:desk@northgate.example)").fetch(site.url("/"))
    first, second, third = [request.headers for request in site.requests if request.path == "/"]
    assert first["user-agent"].startswith(f"framing/{__version__} (")
    assert first["host"] == f"127.0.0.1:{site.port}"
    assert first["accept-encoding"] == "gzip, deflate"
    assert "cookie" not in second
    assert third["user-agent"] == "ferrywatch/2 (+mailto:desk@northgate.example)"


def test_a_page_that_has_not_changed_is_not_sent_again():
    with Site({"/": [reply(ETag='"noon"'), reply(b"", "304 Not Modified", ETag='"noon"')]}) as site:
        fetch = fetcher()
        first = fetch.fetch(site.url("/"))
        again = fetch.fetch(site.url("/"), etag=first.etag, last_modified="Sat, 28 Nov 2026 12:00:00 GMT")
    assert (again.status, again.body, again.transferred, again.etag) == (304, b"", 0, '"noon"')
    asked = site.requests[-1].headers
    assert asked["if-none-match"] == '"noon"'
    assert asked["if-modified-since"] == "Sat, 28 Nov 2026 12:00:00 GMT"
    assert "if-none-match" not in site.requests[-2].headers


@pytest.mark.parametrize("etag", ['"a"\r\nX: y', "ferry\u2014noon"])
def test_a_validator_that_cannot_be_sent_is_not(etag):
    with Site({"/": reply()}) as site:
        assert fetcher().fetch(site.url("/"), etag=etag).status == 200
    assert "if-none-match" not in site.requests[-1].headers


def test_a_validator_of_many_characters_is_not_kept():
    with Site({"/": reply(ETag="x" * 5_000)}) as site:
        assert fetcher().fetch(site.url("/")).etag == ""


def test_one_request_at_a_time_with_the_delay_after_each_end():
    """Over redirects and robots.txt too, and for both names that http and https have for one host."""
    with Site({"/": reply(), "/moved": moved("/")}) as site:
        fetch, fake = timed(delay=3)
        fetch.fetch(site.url("/"))
        fetch.fetch(site.url("/moved"))
    assert site.asked() == ["/robots.txt", "/", "/moved", "/"]
    assert fake.slept == [3, 3, 3]


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"], ids=["another name", "another port"])
def test_the_delay_of_one_host_holds_up_no_other(name):
    with Site({"/": reply()}) as one, Site({"/": reply()}) as other:
        fetch, fake = timed(delay=3, robots=(no_robots(one) | no_robots(other, host=name)).get)
        fetch.fetch(one.url("/"))
        fetch.fetch(other.url("/", name))
    assert fake.slept == []


def test_a_server_that_asks_to_be_left_alone_asks_it_for_no_other_port():
    busy = reply(status="429 Too Many Requests", Retry_After="3600")
    with Site({"/": busy}) as one, Site({"/": reply()}) as other:
        fetch, _ = timed(robots=(no_robots(one) | no_robots(other)).get)
        with pytest.raises(Postponed):
            fetch.fetch(one.url("/"))
        assert fetch.fetch(other.url("/")).status == 200


def test_the_delay_that_a_site_asks_for_holds_from_its_first_page():
    robots = reply(b"User-agent: *\nCrawl-delay: 7", kind="text/plain")
    with Site({"/robots.txt": robots, "/": reply()}) as site:
        fetch, fake = timed(delay=3)
        fetch.fetch(site.url("/"))
        fetch.fetch(site.url("/"))
    assert fake.slept == [7, 7]


@pytest.mark.parametrize(("asked", "waited"), [("7", 7), ("60", 10), ("1", 3), ("-1", 3)])
def test_a_site_may_ask_for_a_longer_delay(asked, waited):
    with Site({"/": reply()}) as site:
        fetch, fake = timed(delay=3, robots=no_robots(site, f"User-agent: *\nCrawl-delay: {asked}").get)
        fetch.fetch(site.url("/"))
        fetch.fetch(site.url("/"))
    assert fake.slept == [waited]


def test_threads_take_turns_at_a_host_and_the_wait_is_not_theirs():
    """Eight pages of a quarter of a second each, with a deadline of one second for each of them."""
    inside, together = [], []

    def quarter(wire):
        inside.append(wire)
        together.append(len(inside))
        time.sleep(0.25)
        inside.remove(wire)
        wire.send(reply())

    with Site({"/": quarter}) as site:
        fetch = fetcher(deadline=1, robots=no_robots(site).get)
        with ThreadPoolExecutor(8) as pool:
            pages = list(pool.map(fetch.fetch, [site.url("/")] * 8))
    assert [page.body for page in pages] == [PAGE] * 8
    assert together == [1] * 8


def test_robots_is_asked_for_once_by_all_threads_and_carried_to_the_next_run():
    robots = b"User-agent: framing\nDisallow: /desk"
    with Site({"/robots.txt": reply(robots, kind="text/plain"), "/": reply()}) as site:
        fetch = fetcher()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(fetch.fetch, [site.url("/")] * 8))
        assert site.asked().count("/robots.txt") == 1
        assert fetch.robots == {site.url("/robots.txt"): robots.decode()}
        later = fetcher(robots=fetch.robots.get)
        assert later.fetch(site.url("/")).status == 200
        assert reason(later, site.url("/desk")) == "robots.txt forbids it"
        assert site.asked().count("/robots.txt") == 1
        assert later.robots == {}


def test_robots_is_obeyed_where_a_redirect_leads():
    """Also on another host, which is asked for its own."""
    with (
        Site({"/robots.txt": reply(b"User-agent: *\nDisallow: /desk"), "/desk": reply()}) as closed,
        Site({"/out": moved(closed.url("/desk")), "/in": moved("/private")}) as site,
    ):
        fetch = fetcher(robots=no_robots(site, "User-agent: *\nDisallow: /private").get)
        assert reason(fetch, site.url("/out")) == "robots.txt forbids it"
        assert reason(fetch, site.url("/in")) == "robots.txt forbids it"
        assert closed.asked() == ["/robots.txt"]
        assert site.asked() == ["/out", "/in"]


@pytest.mark.parametrize("status", ["429 x", "500 x", "502 x", "503 x", "504 x"])
def test_what_may_pass_is_asked_for_again_with_growing_pauses(status):
    with Site({"/": [reply(status=status), b"", reply()]}) as site:
        fetch, fake = timed(robots=no_robots(site).get)
        assert fetch.fetch(site.url("/")).body == PAGE
    assert fake.slept == [0.5, 1]


@pytest.mark.parametrize("status", ["400 x", "401 x", "403 x", "404 x", "410 x", "501 x", "505 x"])
def test_what_does_not_pass_is_asked_for_once(status):
    with Site({"/": reply(status=status)}) as site:
        fetch, fake = timed(robots=no_robots(site).get)
        assert status[:3] in reason(fetch, site.url("/"))
    assert site.asked() == ["/"]
    assert fake.slept == []


def test_a_retry_stops_after_the_given_number():
    with Site({"/": reply(status="503 x")}) as site:
        fetch, _ = timed(robots=no_robots(site).get, retries=1)
        assert reason(fetch, site.url("/")) == "the server answers 503 Service Unavailable"
    assert site.asked() == ["/", "/"]


def test_retry_after_is_waited_for_where_it_fits():
    with Site({"/": [reply(status="429 x", Retry_After=4), reply()]}) as site:
        fetch, fake = timed(robots=no_robots(site).get)
        assert fetch.fetch(site.url("/")).body == PAGE
    assert fake.slept == [4]


@pytest.mark.parametrize(
    ("answers", "robots", "kind"),
    [
        ({"/": reply(status="404 x")}, "", None),
        ({"/": reply(status="410 x")}, "", None),
        ({"/": reply(b"%PDF", kind="application/pdf")}, "", None),
        ({"/": reply(status="401 x")}, "", Failed),
        ({"/": reply(status="403 x")}, "", Failed),
        ({"/": reply(status="500 x")}, "", Failed),
        ({"/": moved("?")}, "", Failed),
        ({"/": reply()}, "User-agent: *\nDisallow: /", Failed),
        ({"/": reply(status="429 x", Retry_After=3_600)}, "", Postponed),
        ({"/robots.txt": reply(status="503 x"), "/": reply()}, None, Postponed),
        ({"/": moved("http://10.0.0.1/")}, "", Forbidden),
        ({"/robots.txt": moved("http://10.0.0.1/"), "/": reply()}, None, Forbidden),
    ],
)
def test_a_reason_tells_what_may_be_there_another_time(answers, robots, kind):
    with Site(answers) as site:
        fetch, _ = timed(robots=(no_robots(site, robots) if robots is not None else {}).get)
        for _ in range(2):  # what is known of robots.txt by then is told in the same way
            with pytest.raises(Unreadable) as raised:
                fetch.fetch(site.url("/"))
            kinds = [one for one in (Failed, Postponed, Forbidden) if isinstance(raised.value, one)]
            assert kinds == ([kind] if kind else [])


@pytest.mark.parametrize("kind", ["seconds", "a date"])
def test_a_host_that_asks_for_more_is_left_alone_until_then(kind):
    hour = format_datetime(datetime.now(UTC) + timedelta(seconds=3_600), usegmt=True)
    value = {"seconds": "120", "a date": hour}[kind]
    with Site({"/": [reply(status="503 x", Retry_After=value), reply()]}) as site:
        fetch, fake = timed(robots=no_robots(site).get)
        assert "503 Service Unavailable, and to wait" in reason(fetch, site.url("/"))
        assert "asked to be left alone" in reason(fetch, site.url("/"))
        assert site.asked() == ["/"]
        fake.now += 3_600
        assert fetch.fetch(site.url("/")).body == PAGE


def test_the_deadline_holds_over_redirects_and_retries_together():
    """Each answer is well within it; all of them are not."""

    def further(wire):
        time.sleep(0.3)
        wire.send(moved(f"?{time.monotonic_ns()}"))

    with Site({"/": further}) as site:
        start = time.monotonic()
        assert "not there in full within 1 s" in reason(fetcher(deadline=1), site.url("/"))
        assert time.monotonic() - start < 2


def test_a_slow_redirect_cannot_make_another_site_seem_closed():
    """What is left of the deadline is too little for the other site's robots.txt, which has a deadline of its own."""

    def slow(answer):
        def send(wire):
            time.sleep(0.7)
            wire.send(answer)

        return send

    with Site({"/robots.txt": slow(reply(b"")), "/": reply()}) as other:
        with Site({"/": slow(moved(other.url("/")))}) as site:
            fetch = fetcher(deadline=1)
            assert "not there in full within 1 s" in reason(fetch, site.url("/"))
        assert fetch.fetch(other.url("/")).body == PAGE


def test_the_limit_can_be_given_for_one_request():
    with Site({"/": reply(PAGE)}) as site:
        fetch = fetcher(max_bytes=len(PAGE) - 1)
        assert "larger than" in reason(fetch, site.url("/"))
        assert fetch.fetch(site.url("/"), most=len(PAGE)).body == PAGE


@pytest.mark.parametrize(
    ("kind", "page", "listing"),
    [
        ("text/html", True, True),
        ("Text/HTML, text/html; charset=utf-8", True, True),
        ("application/xhtml+xml", True, True),
        ("text/xml", True, True),
        ("", True, True),
        ("application/octet-stream", True, True),
        ("text/plain", False, True),
        ("application/rss+xml", False, True),
        ("application/feed+json; charset=utf-8", False, True),
        ("application/json", False, True),
        ("image/png", False, False),
    ],
)
def test_pages_and_listings_are_told_by_their_type(kind, page, listing):
    with Site({"/": reply(kind=kind)}) as site:
        fetch = fetcher()
        for wanted, taken in ((False, page), (True, listing)):
            if taken:
                assert fetch.fetch(site.url("/"), listing=wanted).body == PAGE
            else:
                named = "not a feed or sitemap but" if wanted else "not a web page but"
                assert named in reason(fetch, site.url("/"), listing=wanted)


@pytest.mark.parametrize(
    ("allowed", "host", "expected"),
    [
        ([], "127.0.0.1", "127.0.0.1 is not a public address; --allow-host 127.0.0.1:{port} .* permits it"),
        ([], "localhost", "localhost is at .*, which is not a public address"),
        (["127.0.0.1"], "127.0.0.1", READ),
        (["127.0.0.1:{port}"], "127.0.0.1", READ),
        (["127.0.0.1:1"], "127.0.0.1", "not a public address"),
        (["localhost"], "127.0.0.1", "not a public address"),
        (["127.0.0.1"], "2130706433", READ),
        (["ferry.example"], "ferry.example", READ),
    ],
)
def test_a_host_of_our_own_must_be_named(allowed, host, expected):
    with Site({"/": reply()}) as site:
        named = [entry.format(port=site.port) for entry in allowed]

        def resolve(host, port):
            return ["127.0.0.1"]

        fetch = fetcher(allow_hosts=named, resolve=resolve)
        if expected == READ:
            assert fetch.fetch(site.url("/", host)).body == PAGE
        else:
            with pytest.raises(Unreadable, match=expected.format(port=site.port)):
                fetch.fetch(site.url("/", host))
            assert site.accepted == 0


def test_a_host_that_is_allowed_allows_no_other():
    with Site({"/": reply()}) as inside, Site({"/": moved(inside.url("/"))}) as site:
        fetch = fetcher(allow_hosts=[f"127.0.0.1:{site.port}"])
        assert "not a public address" in reason(fetch, site.url("/"))
        assert inside.accepted == 0


@pytest.mark.parametrize("port", [1, 22, 25, 443 + 1, 1023])
def test_ports_of_other_services_are_not_asked(port):
    fetch = fetcher(allow_hosts=[], resolve=lambda host, asked: pytest.fail("looked up"))
    assert f"port {port} is not one for web pages" in reason(fetch, f"http://northgate.example:{port}/")


@pytest.mark.parametrize("url", ["", "ferry", "file:///etc/passwd", "http://u:secret@northgate.example/", "http://["])
def test_what_is_no_web_address_is_not_asked_for(url):
    assert "secret" not in reason(fetcher(), url)


def test_a_proxy_in_the_environment_is_not_used(monkeypatch):
    with Site({"/": reply()}) as site, Site() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert fetcher().fetch(site.url("/")).body == PAGE
    assert proxy.accepted == 0


def test_closing_ends_the_wait_for_a_turn():
    with Site({"/": reply()}) as site:
        fetch = fetcher(delay=60, robots=no_robots(site).get)
        fetch.fetch(site.url("/"))
        threading.Timer(0.2, fetch.close).start()
        start = time.monotonic()
        assert "collecting was ended" in reason(fetch, site.url("/"))
        assert time.monotonic() - start < 10
    assert site.asked() == ["/"]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"user_agent": ""}, "user agent ''"),
        ({"user_agent": "a\r\nX: y"}, "user agent"),
        ({"user_agent": "fähre"}, "user agent"),
        ({"delay": -1}, "delay is -1"),
        ({"retries": -1}, "retries is -1"),
        ({"max_bytes": 0}, "max_bytes is 0"),
        ({"deadline": 0}, "deadline is 0"),
        ({"deadline": float("nan")}, "deadline is nan"),
        ({"deadline": float("inf")}, "deadline is inf; give seconds, more than 0 and at most 86,400"),
        ({"deadline": 1e300}, "deadline is 1e.300"),
        ({"delay": float("nan")}, "delay is nan"),
        ({"delay": float("inf")}, "delay is inf; give seconds, from 0 to 86,400"),
        ({"allow_hosts": ["http://localhost/"]}, "no host to allow"),
    ],
)
def test_values_out_of_range(options, named):
    with pytest.raises(InputError, match=named):
        fetcher(**options)


@pytest.mark.parametrize("missing", ["protego", "httpcore"])
def test_a_missing_library_is_named_with_the_remedy(missing, monkeypatch):
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.delitem(sys.modules, "framing.collecting.connections", raising=False)
    with pytest.raises(InputError, match=rf"needs {missing}: pip install 'framing\[web\]'"):
        Fetcher()

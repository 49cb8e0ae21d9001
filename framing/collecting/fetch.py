"""Asking other people's servers for pages and feeds: politely, within limits, and only where the public web is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from framing import __version__
from framing.collecting.addresses import LONGEST, Address, AllowedHosts, parse
from framing.collecting.bodies import check_bytes, check_kind, read_body
from framing.collecting.records import Failed, Fetched, Forbidden, Postponed, Unreadable
from framing.collecting.robots import LARGEST, Rules, product_token, read_rules
from framing.errors import InputError

if TYPE_CHECKING:
    from framing.collecting.connections import Deadline, Resolve, Response

USER_AGENT = f"framing/{__version__} (research on news text; contact set by --user-agent)"

MOST_REDIRECTS = 10
_REDIRECTS = {301, 302, 303, 307, 308}
_PASSING = {429, 500, 502, 503, 504}
_GONE = {404, 410}
_FIRST_PAUSE = 0.5
_LONGEST_VALIDATOR = 1_000
_LONGEST_WAIT = 86_400
_ACCEPTED = (
    "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.1"
)


class Gone(Unreadable):
    """An answer that there is no such page."""


class Refused(Failed):
    """Another answer that is an error, with its status."""

    def __init__(self, status: int, more: str = "") -> None:
        super().__init__(f"the server answers {_spelled(status)}{more}")
        self.status = status


class Fetcher:
    """Fetches pages and feeds for one run of collecting; may be used from several threads at once.

    - **Polite.** One request at a time per host, ``delay`` seconds from the end of one to the start of the next
      (more where robots.txt asks for more, up to 10 s); robots.txt is obeyed on every hop; ``Retry-After`` is waited
      for where it fits into the deadline, and else the host is left alone until then; cookies are not kept. Ports
      other than those of the web are hosts of their own.
    - **Bounded.** ``deadline`` seconds for all that one address takes (names, redirects, retries), not counting
      the wait for the host's turn. A robots.txt that must be fetched first has a deadline of its own, so that a slow
      redirect cannot make another site's count as absent: an address takes at most twice the deadline. ``max_bytes``
      limits a body both as sent and decompressed.
    - **Guarded.** Only public addresses are connected to, on every hop, except on hosts that ``allow_hosts``
      names (``host`` or ``host:port``). Certificates are verified. Proxies set in the environment are not used.
      A redirect from https to http is followed: nothing secret is sent that it could give away.

    ``robots`` gives the text of a robots file that was fetched earlier and still holds, by its address
    (``https://host/robots.txt``), or None; the attribute :attr:`robots` has those fetched now, and no others.
    ``resolve`` gives a host's IP addresses; ``clock`` and ``sleep`` are for tests.

    Raises
    ------
    InputError
        Where a value is out of range, or the libraries of the extra ``web`` are missing.
    """

    def __init__(
        self,
        *,
        user_agent: str = USER_AGENT,
        delay: float = 1.0,
        deadline: float = 30.0,
        max_bytes: int = 5_000_000,
        retries: int = 2,
        allow_hosts: Collection[str] = (),
        robots: Callable[[str], str | None] = lambda file: None,
        resolve: Resolve | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        _check_values(user_agent, delay, deadline, max_bytes, retries)
        try:
            import protego  # noqa: F401  (named here, so that it is missed now and not at the first page)

            from framing.collecting.connections import Connector
        except ImportError as error:
            raise InputError(f"collecting needs {error.name}: pip install 'framing[web]'") from error
        self.robots: dict[str, str] = {}
        self._known_robots = robots
        self._user_agent = user_agent
        self._delay = delay
        self._seconds = deadline
        self._max_bytes = max_bytes
        self._retries = retries
        self._clock = clock
        self._closed = threading.Event()
        self._sleep = sleep or self._closed.wait
        self._connector = Connector(AllowedHosts(allow_hosts), resolve)
        self._hosts: dict[str, _Host] = {}
        self._sites: dict[str, _Site] = {}
        self._registering = threading.Lock()

    def fetch(
        self, url: str, *, etag: str = "", last_modified: str = "", most: int | None = None, listing: bool = False
    ) -> Fetched:
        """Ask for one address and follow where it leads.

        ``etag`` and ``last_modified`` of an earlier answer make the request conditional: where nothing has changed,
        ``status`` is 304 and the body empty. ``most`` replaces ``max_bytes``; with ``listing`` what feeds and sitemaps
        are made of is taken too, not only web pages.

        Raises
        ------
        Unreadable
            With the reason, in every case in which there is no text to read: :class:`Failed` where there may be
            another time, :class:`Postponed` where the page was not asked for, :class:`Forbidden` where it must not be.
        """
        try:
            address = parse(url)
        except InputError as error:
            raise Unreadable(str(error)) from None
        headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        sendable = {name: value for name, value in headers.items() if value.isascii() and value.isprintable() and value}
        wanted = _Wanted("listing" if listing else "page", most or self._max_bytes, sendable)
        return self._follow(url, address, wanted, self._new_deadline())

    def close(self) -> None:
        """No request starts after this, and waits for a host's turn end; both are then :class:`Unreadable`."""
        self._closed.set()

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _new_deadline(self, within: Deadline | None = None) -> Deadline:
        from framing.collecting.connections import Deadline

        return Deadline(self._seconds, self._clock, within)

    def _follow(self, url: str, address: Address, wanted: _Wanted, deadline: Deadline) -> Fetched:
        seen: set[str] = set()
        transferred = 0
        while True:
            if str(address) in seen:
                raise Failed(f"its redirects go round in a circle, back to {str(address)[:200]}")
            if len(seen) > MOST_REDIRECTS:
                raise Failed(f"it redirects more than {MOST_REDIRECTS} times")
            seen.add(str(address))
            if wanted.kind != "robots":
                self._check_robots(address, deadline)
            answer = self._answer(address, wanted, deadline)
            transferred += answer.sent
            if answer.status not in _REDIRECTS:
                break
            address = _redirected(address, answer.headers.get("location", ""))
        return Fetched(
            url=url,
            final_url=str(address),
            status=answer.status,
            body=answer.body,
            content_type=answer.headers.get("content-type", ""),
            etag=_validator(answer.headers, "etag"),
            last_modified=_validator(answer.headers, "last-modified"),
            transferred=transferred,
        )

    def _answer(self, address: Address, wanted: _Wanted, deadline: Deadline) -> _Answer:
        """What a server answers, asked again where it fails in a way that passes."""
        from framing.collecting.connections import Broken

        for attempt in range(self._retries + 1):
            pause = _FIRST_PAUSE * 2**attempt
            try:
                answer = self._ask(address, wanted, deadline)
            except Broken as error:
                reason: Unreadable = error
            else:
                if answer.status not in _PASSING:
                    return answer
                asked = _retry_after(answer.headers)
                reason = Refused(answer.status, f", and to wait {asked:,.0f} s" if asked else "")
                if asked >= self._seconds:
                    raise Postponed(str(reason))
                pause = max(pause, asked)
            if attempt == self._retries or pause >= deadline.left():
                break
            self._sleep(pause)
        raise reason

    def _ask(self, address: Address, wanted: _Wanted, deadline: Deadline) -> _Answer:
        headers = {"User-Agent": self._user_agent, "Accept": _ACCEPTED, "Accept-Encoding": "gzip, deflate"}
        with (
            self._turn(address, deadline) as host,
            self._connector.ask(address, {**headers, **wanted.headers}, deadline) as response,
        ):
            if response.status in _PASSING:
                host.closed_until = self._clock() + _retry_after(response.headers)
            return _read(response, wanted)

    @contextmanager
    def _turn(self, address: Address, deadline: Deadline) -> Iterator[_Host]:
        """The host is ours alone for the block, after the delay it is due. Waiting for it does not count."""
        host = self._host(address)
        with deadline.paused():
            host.lock.acquire()
        try:
            if host.closed_until - self._clock() > deadline.left():
                raise Postponed("the server asked to be left alone for longer than a page is waited for")
            with deadline.paused():
                wait = max(host.left_at + host.delay, host.closed_until) - self._clock()
                if wait > 0:
                    self._sleep(wait)
            if self._closed.is_set():
                raise Postponed("collecting was ended before it was asked for")
            try:
                yield host
            finally:
                host.left_at = self._clock()
        finally:
            host.lock.release()

    def _host(self, address: Address) -> _Host:
        # http and https of one name are one server to whoever runs it. Other ports are servers of their own, as they
        # are for robots.txt, so that none of them can have the others left alone.
        key = address.host if address.port in (80, 443) else f"{address.host}:{address.port}"
        with self._registering:
            return self._hosts.setdefault(key, _Host(self._delay))

    def _check_robots(self, address: Address, deadline: Deadline) -> None:
        with self._registering:
            site = self._sites.setdefault(address.origin, _Site())
        with deadline.paused():
            site.lock.acquire()
        try:
            if site.rules is None:
                site.rules = self._rules(address, deadline)
            rules = site.rules
        finally:
            site.lock.release()
        if isinstance(rules, Unreadable):
            raise rules.with_traceback(None)
        if not rules.allow(str(address)):
            raise Failed("robots.txt forbids it")

    def _rules(self, address: Address, deadline: Deadline) -> Rules | Unreadable:
        """What the robots.txt of the site says, or why nothing is asked for; kept for the whole run."""
        file = parse(f"{address.origin}/robots.txt")
        text = self._known_robots(str(file))
        if text is None:
            try:
                fetched = self._follow(str(file), file, _Wanted("robots", LARGEST), self._new_deadline(deadline))
                text = fetched.body.decode("utf-8-sig", "replace")
            except Forbidden as error:
                return error
            except Unreadable as error:
                # 429 is a 4xx, which mean "no rules", but a server that cannot keep up has not said "come in".
                said_no = isinstance(error, Refused) and error.status < 500 and error.status != 429
                if not isinstance(error, Gone) and not said_no:
                    return Postponed(f"its robots.txt cannot be read, so nothing is asked for now: {error}")
                text = ""
            self.robots[str(file)] = text
        rules = read_rules(text, self._user_agent)
        host = self._host(address)
        host.delay = max(host.delay, rules.delay)
        return rules


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked for: a page, a listing or a robots.txt, the largest body, and headers that make it conditional."""

    kind: str
    most: int
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    sent: int = 0


@dataclass(slots=True)
class _Host:
    """Whose turn it is at a host, and when the last request there ended."""

    delay: float
    left_at: float = float("-inf")
    closed_until: float = float("-inf")
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(slots=True)
class _Site:
    """The robots rules of a site, or why there are none, once somebody has asked for them.

    Its lock is held while its robots.txt is fetched, which takes turns at hosts; whoever has a turn at a host asks for
    no robots.txt meanwhile. So no two threads wait for one another.
    """

    rules: Rules | Unreadable | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


def _read(response: Response, wanted: _Wanted) -> _Answer:
    """The answer, with its body where it has one to be read. Raises :class:`Unreadable` where it is of no use."""
    status, headers = response.status, response.headers
    if status in _REDIRECTS or status in _PASSING:
        return _Answer(status, headers)
    if status == 304 and wanted.headers:
        return _Answer(status, headers)
    if not 200 <= status < 300 or status == 206:
        more = {304: ", though nothing was said of an earlier visit", 206: ", though all of it was asked for"}
        raise (
            Gone(f"the server answers {_spelled(status)}") if status in _GONE else Refused(status, more.get(status, ""))
        )
    kind, is_text = headers.get("content-type", ""), wanted.kind != "robots"
    if is_text:
        check_kind(kind, listing=wanted.kind == "listing")
    length = headers.get("content-length", "")
    if is_text and length.isdecimal() and int(length[:20]) > wanted.most:
        raise Unreadable(f"it is larger than {wanted.most:,} bytes")
    coding = headers.get("content-encoding", "")
    body, sent = read_body(response.chunks, coding, most=wanted.most, truncate=not is_text)
    if is_text:
        if not body.strip():
            raise Failed(f"the server answers {_spelled(status)} with an empty body")
        check_bytes(kind, body)
    return _Answer(status, headers, body, sent)


def _redirected(address: Address, location: str) -> Address:
    if not location:
        raise Failed("it redirects without saying where to")
    if len(location) > LONGEST:
        raise Failed(f"it redirects to an address of {len(location):,} characters; at most {LONGEST:,} are read")
    try:
        # Headers are read as Latin-1; what servers put there beyond ASCII is UTF-8.
        return parse(urljoin(str(address), location.encode("latin-1").decode("utf-8", "replace")))
    except (InputError, ValueError) as error:
        raise Failed(f"it redirects to what is not followed: {error}") from None


def _retry_after(headers: Mapping[str, str]) -> float:
    """Seconds a server asks to wait, at most a day; 0 where it asks for nothing that can be read."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal() and value.isascii():
        return float(min(int(value[:9]), _LONGEST_WAIT))
    try:
        until = parsedate_to_datetime(value)
        return min(max((until.astimezone(UTC) - datetime.now(UTC)).total_seconds(), 0.0), float(_LONGEST_WAIT))
    except (ValueError, OverflowError):
        return 0.0


def _validator(headers: Mapping[str, str], name: str) -> str:
    """A header to be kept for the next visit; nothing where keeping it would cost more than it saves."""
    value = headers.get(name, "")
    return value if len(value) <= _LONGEST_VALIDATOR else ""


def _spelled(status: int) -> str:
    """The status with its name, which is the standard's and not what the server chose to write."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _check_values(user_agent: str, delay: float, deadline: float, max_bytes: int, retries: int) -> None:
    if not product_token(user_agent) or not user_agent.isascii() or not user_agent.isprintable():
        raise InputError(f"user agent {user_agent!r} cannot be sent; give ASCII text that starts with a name")
    for name, value, least in [("retries", retries, 0), ("max_bytes", max_bytes, 1)]:
        if not value >= least:
            raise InputError(f"{name} is {value!r}; it must be at least {least}")
    if not 0 <= delay <= _LONGEST_WAIT:
        raise InputError(f"delay is {delay!r}; give seconds, from 0 to {_LONGEST_WAIT:,}")
    if not 0 < deadline <= _LONGEST_WAIT:
        raise InputError(f"deadline is {deadline!r}; give seconds, more than 0 and at most {_LONGEST_WAIT:,}")

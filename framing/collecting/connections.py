"""One request, one connection: to a checked address, ended by a deadline, with limits to what is taken in."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpcore

from framing.collecting.addresses import Address, AllowedHosts, is_literal, is_public
from framing.collecting.records import Failed, Forbidden

LONGEST_HEAD = 64 * 1024
"""A status line and headers of more bytes than this are refused."""

Resolve = Callable[[str, int], Sequence[str]]
"""A name and a port -> its IP addresses; raises :class:`OSError` where it has none."""


class Broken(Failed):
    """A connection that failed in a way that may not happen again a moment later."""


class TooLate(Failed):
    """What was not there in full by the deadline."""


class Deadline:
    """The time that is left for one address. While it is paused, that of ``within`` is too."""

    def __init__(self, seconds: float, clock: Callable[[], float], within: Deadline | None = None) -> None:
        self._seconds = seconds
        self._clock = clock
        self._end = clock() + seconds
        self._within = within

    def left(self) -> float:
        """Seconds, more than 0; raises :class:`TooLate` where there are none."""
        left = self._end - self._clock()
        if left <= 0:
            raise self.passed()
        return left

    def passed(self) -> TooLate:
        """The error that says so."""
        return TooLate(f"not there in full within {self._seconds:g} s")

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The time the block takes does not count."""
        start = self._clock()
        try:
            yield
        finally:
            self._extend(self._clock() - start)

    def _extend(self, seconds: float) -> None:
        self._end += seconds
        if self._within is not None:
            self._within._extend(seconds)


@dataclass(frozen=True, slots=True)
class Response:
    """A response whose body is still to be read; the names of ``headers`` are in lower case."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes]


class Connector:
    """Opens connections to public addresses and to ``allowed`` hosts, and to no others.

    A name is resolved here, every address it has is checked, and the connection goes to one that was checked: a
    name that changes its mind in between changes nothing. No proxy is used, whatever the environment says, since a
    proxy would resolve names unchecked. No connection is used twice: at one request a second there is little to
    save, and nothing of one response can be taken for another.
    """

    def __init__(self, allowed: AllowedHosts, resolve: Resolve | None = None) -> None:
        self._allowed = allowed
        self._resolve = resolve or system_addresses

    @contextmanager
    def ask(
        self, address: Address, headers: Mapping[str, str], deadline: Deadline, content: bytes = b""
    ) -> Iterator[Response]:
        """Send a GET request, or with ``content`` a POST; follows no redirect.

        Raises :class:`Unreadable`, also while the body is read inside the block; no reason holds more of the address
        than its host.
        """
        url = httpcore.URL(
            scheme=address.scheme, host=address.host, port=address.port, target=address.target.encode("ascii")
        )
        given = {"Host": address.authority, "Connection": "close", **headers}
        if content:
            given["Content-Length"] = str(len(content))
        encoded = [(name, value.encode("latin-1")) for name, value in given.items()]
        request = httpcore.Request("POST" if content else "GET", url, headers=encoded, content=content or None)
        exchange = _Exchange(self._checked, address, deadline)
        tls = self._tls if address.scheme == "https" else None
        with (
            _told_as_reasons(deadline),
            httpcore.HTTPConnection(url.origin, ssl_context=tls, network_backend=exchange) as connection,
        ):
            response = connection.handle_request(request)
            exchange.in_head = False
            try:
                assert isinstance(response.stream, Iterable)
                yield Response(response.status, _joined(response.headers), iter(response.stream))
            finally:
                response.close()

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Trusts the certificates that the system trusts and those of certifi, since bare containers trust none."""
        import certifi

        context = ssl.create_default_context()
        context.load_verify_locations(certifi.where())
        return context

    def _checked(self, address: Address, deadline: Deadline) -> Sequence[str]:
        """The IP addresses of a host, all of them checked."""
        allowed = address in self._allowed
        if not allowed and address.port < 1024 and address.port not in (80, 443):
            # Below 1024 live mail, login and file services, whose operators are not to be surprised by us.
            raise Forbidden(
                f"port {address.port} is not one for web pages (80, 443, 1024 and up); {_permitted(address)}"
            )
        found: Sequence[str] = [address.host]
        if not is_literal(address.host):
            found = _within(deadline, lambda: self._resolve(address.host, address.port), address.host)
        if not allowed:
            for ip in found:
                if not is_public(ip):
                    at = "" if ip == address.host else f" is at {ip}, which"
                    raise Forbidden(f"{address.host}{at} is not a public address; {_permitted(address)}")
        return found


def _permitted(address: Address) -> str:
    return f"--allow-host {address.authority} (allow_hosts in a schedule) permits it"


def system_addresses(host: str, port: int) -> list[str]:
    """What the system's resolver says, in its order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _within(deadline: Deadline, resolve: Callable[[], Sequence[str]], host: str) -> Sequence[str]:
    """What ``resolve`` gives; a resolver cannot be interrupted, so one that takes too long is left behind."""
    given: list[Sequence[str] | Exception] = []

    def run() -> None:
        try:
            given.append(resolve())
        except Exception as error:  # raised below, in the thread that asked
            given.append(error)

    thread = threading.Thread(target=run, daemon=True, name="resolving")
    thread.start()
    thread.join(deadline.left())
    if not given:
        raise deadline.passed()
    (result,) = given
    if isinstance(result, socket.gaierror) and result.errno != socket.EAI_AGAIN:
        raise Failed(f"there is no host {host!r}: {result.strerror}")
    if isinstance(result, OSError):
        raise Broken(f"the name {host!r} cannot be resolved: {result.strerror or result}")
    if isinstance(result, Exception):
        raise result
    if not result:
        raise Failed(f"there is no host {host!r}: it has no addresses")
    return result


class _Exchange(httpcore.NetworkBackend):
    """The network as one request sees it."""

    def __init__(
        self, checked: Callable[[Address, Deadline], Sequence[str]], address: Address, deadline: Deadline
    ) -> None:
        self._checked = checked
        self._address = address
        self.deadline = deadline
        self.in_head = True
        self.received = 0

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        found = self._checked(self._address, self.deadline)
        for others in range(len(found) - 1, -1, -1):
            share = self.deadline.left() / (others + 1)  # an address that is silent leaves time for the next ones
            try:
                return _Stream(httpcore.SyncBackend().connect_tcp(found[-1 - others], port, share), self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if not others:
                    raise
        raise AssertionError("a host has at least one address")


class _Stream(httpcore.NetworkStream):
    """A connection on which every wait ends at the deadline, however often a byte arrives."""

    def __init__(self, stream: httpcore.NetworkStream, exchange: _Exchange) -> None:
        self._stream = stream
        self._exchange = exchange

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._exchange.in_head:
            max_bytes = min(max_bytes, LONGEST_HEAD - self._exchange.received)
            if max_bytes <= 0:
                raise Failed(f"the headers of the answer are longer than {LONGEST_HEAD:,} bytes")
        data = self._stream.read(max_bytes, self._exchange.deadline.left())
        self._exchange.received += len(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._exchange.deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._exchange.deadline.left())
        return _Stream(secured, self._exchange)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _joined(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("ascii").lower(), raw_value.decode("latin-1")
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


@contextmanager
def _told_as_reasons(deadline: Deadline) -> Iterator[None]:
    try:
        yield
    except httpcore.TimeoutException:
        raise deadline.passed() from None
    except httpcore.NetworkError as error:
        raise _network_reason(error.__cause__ or error) from error
    except httpcore.ProtocolError as error:
        raise Broken(f"the server does not answer as the web does: {str(error)[:200]}") from error


def _network_reason(cause: BaseException) -> Failed:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Failed(f"its TLS certificate is not valid: {cause.verify_message}")
    if isinstance(cause, ssl.SSLError):
        return Failed(f"no secure connection: {cause.reason or cause}")
    return Broken(f"the connection fails: {getattr(cause, 'strerror', None) or cause}")

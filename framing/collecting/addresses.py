"""Addresses of the web: read once, spelled one way, and told apart into public and not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from framing.errors import InputError

LONGEST = 8_000
"""An address of more characters than this is refused; browsers and servers give up at about the same length."""

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")

_UNRESERVED = "A-Za-z0-9._~-"
_TO_RECODE = re.compile(rf"%[0-9A-Fa-f]{{2}}|[^!$&'()*+,;=:@/?{_UNRESERVED}]")
_IS_UNRESERVED = re.compile(f"[{_UNRESERVED}]")

# Names that say where a reader came from and never which article is shown. A name that some site may use for its
# articles (id, ref, source, page, cid) is not here: two addresses of one article cost less than one of two.
_TRACKING = re.compile(
    r"(utm|mtm|hsa)_.*|pk_(campaign|kwd|keyword|source|medium|content|cid)"
    r"|at_(medium|campaign|custom\d|link_.*|ptr_.*|bbc_.*)|ns_(campaign|mchannel|source|linkname|fee)"
    r"|(fb|g|d|tw|tt|y)clid|msclkid|gclsrc|(gb|wb)raid|igshid?|_ga|_gl|_hsenc|_hsmi|mc_[ce]id|mkt_tok"
    r"|vero_(id|conv)|oly_(enc|anon)_id|cmpid|ocid|smid|xtor"
)


@dataclass(frozen=True, slots=True)
class Address:
    """An http(s) address: ``host`` is lower case ASCII without brackets, ``target`` the path and query as asked for."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Host and port as they stand in an address: brackets around IPv6, the scheme's own port left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme and authority, as in ``https://northgate.example``."""
        return f"{self.scheme}://{self.authority}"

    def __str__(self) -> str:
        return self.origin + self.target


def parse(url: str) -> Address:
    """Read an address; what a server could tell apart (path, query) is kept as it is, up to its percent-encoding.

    Raises :class:`InputError` for what is no http(s) address, for one with a user name or password, and for a host
    that is none. Every number that systems take for an IPv4 address (``2130706433``, ``0177.0.0.1``, ``127.1``,
    full-width digits) is read as that address.
    """
    url = url.strip()
    if len(url) > LONGEST:
        raise InputError(f"the address {url[:60]!r}... has {len(url):,} characters; at most {LONGEST:,} are read")
    if _CONTROL.search(url):
        raise InputError(f"the address {url[:200]!r} holds control characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InputError(f"the address {url[:200]!r} cannot be read: {error}") from None
    if parts.scheme not in _PORTS:
        raise InputError(f"{url[:200]!r} is no web address; give one that starts with http:// or https://")
    if "@" in parts.netloc:
        raise InputError(f"the address on {parts.netloc.rpartition('@')[2][:200]!r} holds a user name or password")
    host = _host(parts.hostname or "")
    if not host or port == 0:
        raise InputError(f"the address {url[:200]!r} names no valid host")
    target = _recoded(parts.path or "/") + (f"?{_recoded(parts.query)}" if parts.query else "")
    return Address(parts.scheme, host, port or _PORTS[parts.scheme], target)


def canonical(url: str) -> str:
    """The one spelling under which an article is known, whatever links led to it.

    Scheme and host in lower case (IDNA), the scheme's own port, the fragment and parameters that only track the
    reader dropped, the others in the order of their names, dot segments and double slashes resolved,
    percent-encoding as RFC 3986 has it. A trailing slash is kept: servers may tell the two apart.
    ``canonical(canonical(url)) == canonical(url)``. Raises :class:`InputError` as :func:`parse` does.

    >>> canonical("HTTP://Northgate.example:80/a/../ferry//dock?utm_source=x&page=2&id=12#top")
    'http://northgate.example/ferry/dock?id=12&page=2'
    """
    address = parse(url)
    path, _, query = address.target.partition("?")
    kept = [part for part in query.split("&") if part and not _TRACKING.fullmatch(_name(part).lower())]
    return address.origin + _resolved(path) + ("?" + "&".join(sorted(kept, key=_name)) if kept else "")


def is_literal(host: str) -> bool:
    """Whether the host of an :class:`Address` is an IP address, not a name."""
    return ":" in host or host.rpartition(".")[2].isdecimal()


def host_of(url: str) -> str:
    """The host of an address, in lower case ASCII and without its port. Raises :class:`InputError` as :func:`parse`."""
    return parse(url).host


def site(url: str) -> str:
    """The host of an address as a reader would say it, without ``www.``; empty where it has none."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _name(parameter: str) -> str:
    return parameter.partition("=")[0]


def _host(host: str) -> str:
    """The host in lower case ASCII, an IP address in its usual spelling; empty where it is none."""
    if ":" in host:
        try:
            return "" if "%" in host else str(IPv6Address(host))
        except ValueError:
            return ""
    host = unicodedata.normalize("NFKC", host).lower()
    if not host.isascii():
        import idna

        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            return ""
    host = host.removesuffix(".")
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        return _ipv4(host)
    return host if _HOST.fullmatch(host) else ""


def _ipv4(host: str) -> str:
    """An IPv4 address in any spelling that ``inet_aton`` takes, in the usual one; empty where it is none."""
    labels = host.split(".")
    if len(labels) > 4 or not all(_NUMBER.fullmatch(label) and len(label) < 20 for label in labels):
        return ""
    try:
        *first, last = [_number(label) for label in labels]
    except ValueError:
        return ""
    room = 256 ** (4 - len(first))
    if any(number > 255 for number in first) or last >= room:
        return ""
    return str(IPv4Address(sum(number << (24 - 8 * place) for place, number in enumerate(first)) + last))


def _number(label: str) -> int:
    if label.startswith("0x"):
        return int(label[2:] or "0", 16)
    return int(label, 8 if label.startswith("0") else 10)


def _recoded(text: str) -> str:
    """Percent-encoding normalised: nothing encoded that need not be, everything that must be, in upper case."""

    def recode(match: re.Match[str]) -> str:
        found = match[0]
        if len(found) == 3:
            plain = chr(int(found[1:], 16))
            return plain if _IS_UNRESERVED.fullmatch(plain) else found.upper()
        return "".join(f"%{byte:02X}" for byte in found.encode("utf-8"))

    return _TO_RECODE.sub(recode, text)


def _resolved(path: str) -> str:
    """The path without empty and dot segments."""
    *folders, last = path.split("/")
    kept: list[str] = []
    for segment in [*folders, last]:
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    return "/" + "/".join(kept) + ("/" if kept and last in ("", ".", "..") else "")


class AllowedHosts:
    """The hosts whose addresses need not be public: ``host`` (any port) or ``host:port``, as they stand in addresses.

    Raises :class:`InputError` for an entry that is neither.
    """

    def __init__(self, entries: Iterable[str] = ()) -> None:
        self._allowed: set[tuple[str, int | None]] = set()
        for entry in entries:
            bare_ipv6 = entry.count(":") > 1 and "[" not in entry
            try:
                address = parse(f"http://[{entry}]" if bare_ipv6 else f"http://{entry}")
            except InputError:
                address = None
            if address is None or address.target != "/" or entry.endswith("/"):
                raise InputError(f"{entry!r} is no host to allow; give a host or host:port, as in localhost:8000")
            has_port = not bare_ipv6 and re.search(r":\d+$", entry)
            self._allowed.add((address.host, address.port if has_port else None))

    def __contains__(self, address: Address) -> bool:
        return not self._allowed.isdisjoint({(address.host, None), (address.host, address.port)})


# What ipaddress calls global and is not for us: relays and tunnels into other networks, documentation, and the
# address under which one cloud (168.63.129.16) serves its machines' own settings.
_NOT_PUBLIC = [
    *map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "224.0.0.0/4")),
    *map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")),
]
_UNICAST = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")


def is_public(text: str) -> bool:
    """Whether an IP address belongs to the public internet.

    Not public: loopback, private, link-local, shared (100.64.0.0/10), reserved and multicast addresses, the
    metadata services of clouds, all IPv6 outside 2000::/3, 6to4 and Teredo. An IPv4 address inside an IPv6 one
    (mapped, or NAT64 on a network without IPv4) counts as that IPv4 address.
    """
    address = ip_address(text)
    if isinstance(address, IPv6Address):
        inner = IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address.ipv4_mapped
        if inner is None:
            return address in _UNICAST and address.is_global and not _excepted(address)
        address = inner
    return address.is_global and not _excepted(address)


def _excepted(address: IPv4Address | IPv6Address) -> bool:
    return any(address in network for network in _NOT_PUBLIC)

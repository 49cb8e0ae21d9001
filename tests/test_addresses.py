"""Addresses: one spelling per article, one reading per host, and which IP addresses are public."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.collecting.addresses import LONGEST, AllowedHosts, canonical, host_of, is_public, parse
from framing.errors import InputError

SAME = "https://northgate.example/ferry"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://northgate.example/ferry", "as it is"),
        ("HTTPS://NorthGate.Example/ferry", "scheme and host know no case"),
        ("https://northgate.example:443/ferry", "the scheme's own port"),
        ("https://northgate.example./ferry", "the root of all names"),
        ("https://northgate.example/ferry#comments", "a place in the page"),
        ("https://northgate.example/ferry?", "an empty query"),
        ("https://northgate.example/ferry?utm_source=mail&UTM_Medium=x&fbclid=1&gclid=2", "who sent the reader"),
        ("https://northgate.example/./a/../ferry", "dot segments"),
        ("https://northgate.example//ferry", "double slashes"),
        ("https://northgate.example/%66erry", "encoded without need"),
        ("  https://northgate.example/ferry\n", "white space around it"),
        ("https://ｎorthgate。example/ferry", "full-width letters"),
    ],
)
def test_one_article_has_one_address(url, why):
    assert canonical(url) == SAME, why


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://northgate.example", "https://northgate.example/"),
        ("http://northgate.example:443/", "http://northgate.example:443/"),
        ("https://northgate.example/?page=2&id=12", "https://northgate.example/?id=12&page=2"),
        ("https://northgate.example/?a=2&a=1", "https://northgate.example/?a=2&a=1"),
        ("https://northgate.example/?q=a+b&r=a%20b&&s", "https://northgate.example/?q=a+b&r=a%20b&s"),
        ("https://northgate.example/a b/ü", "https://northgate.example/a%20b/%C3%BC"),
        ("https://northgate.example/a%2fb%3f", "https://northgate.example/a%2Fb%3F"),
        ("https://northgate.example/100%", "https://northgate.example/100%25"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://straße.example/", "https://xn--strae-oqa.example/"),
        ("https://[2606:4700:0:0::6810:1]/", "https://[2606:4700::6810:1]/"),
        ("https://a_b.example/x/../..", "https://a_b.example/"),
        ("https://northgate.example/a/.", "https://northgate.example/a/"),
    ],
)
def test_canonical_form(url, expected):
    assert canonical(url) == expected


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("/story?id=12", "/story?id=13", "the article's number"),
        ("/story?cid=12", "/story?cid=13", "may be an article's number"),
        ("/story?source=desk", "/story", "may choose an edition"),
        ("/story?page=2", "/story", "another part of it"),
        ("/Story", "/story", "servers know case in paths"),
        ("/story/", "/story", "servers may tell them apart"),
        ("/a%2Fb", "/a/b", "an encoded slash is no slash"),
        ("/a?b=1%262", "/a?b=1&2", "an encoded ampersand is none"),
    ],
)
def test_different_pages_stay_different(one, other, why):
    site = "https://northgate.example"
    assert canonical(site + one) != canonical(site + other), why


PIECES = st.text(st.sampled_from("ab.%/2Ff?&=#;+: üß\\~[]"), max_size=25)


@given(PIECES)
@settings(max_examples=500, deadline=None)
def test_the_canonical_form_of_a_canonical_form_is_itself(tail):
    once = canonical("https://Northgate.example/" + tail)
    assert canonical(once) == once
    assert once.isascii() and " " not in once and "#" not in once


@pytest.mark.parametrize("host", ["straße", "ǆ", "ﬁsch", "İstanbul", "ΣΊΣΥΦΟΣ", "पत्र", "１２.1", "xn--strae-oqa"])
def test_hosts_of_all_scripts_keep_their_form(host):
    once = canonical(f"https://{host}/")
    assert canonical(once) == once


@pytest.mark.parametrize(
    "url",
    [
        "",
        "northgate.example/ferry",
        "/ferry",
        "ftp://northgate.example/",
        "file:///etc/passwd",
        "data:text/html,x",
        "javascript:alert(1)",
        "https:///ferry",
        "https://:80/",
        "https://reader:secret@northgate.example/",
        "https://northgate.example@127.0.0.1/",
        "https://northgate.example:0/",
        "https://northgate.example:99999/",
        "https://northgate.example:80x/",
        "https://north gate.example/",
        "https://northgate..example/",
        "https://127%2e0.0.1/",
        "https://1.2.3.256/",
        "https://1.2.3.4.5/",
        "https://08.0.0.1/",
        "https://[::1",
        "https://[fe80::1%25eth0]/",
        "https://northgate.example\\@127.0.0.1/",
        "https://north\x00gate.example/",
        "https://northgate.example/a\r\nHost: x",
        "https://northgate.example/\ud800",
        "https://northgate.example／evil/",
        "https://" + "a" * 64 + ".example/",
        "https://northgate.example/" + "a" * LONGEST,
    ],
)
def test_what_is_no_web_address_is_refused(url):
    with pytest.raises(InputError) as raised:
        canonical(url)
    assert "secret" not in str(raised.value) and len(str(raised.value)) < 600


LOOPBACK = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7F.1", "017700000001", "0177.0.0.1",
    "0x7f.0x0.0x0.0x1", "127.0.0.1.", "１２７.０.０.１", "127。0。0。1", "①②⑦.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("host", LOOPBACK)
def test_every_spelling_of_an_ipv4_address_is_read_as_it(host):
    assert host_of(f"http://{host}/") == "127.0.0.1"


@pytest.mark.parametrize("host", ["0", "0x", "0.0", "0x0.0", "00000"])
def test_every_spelling_of_nothing_is_the_address_of_this_host(host):
    assert host_of(f"http://{host}/") == "0.0.0.0"


def test_what_is_asked_for_keeps_order_and_parameters():
    assert str(parse("https://northgate.example/b//a?z=1&utm_source=x&a=2#top")) == (
        "https://northgate.example/b//a?z=1&utm_source=x&a=2"
    )


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"],
)
def test_public_addresses(address):
    assert is_public(address)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "all of 127.0.0.0/8 is loopback"),
        ("0.0.0.0", "this host"),
        ("0.1.2.3", "this network"),
        ("10.1.2.3", "private"),
        ("172.16.0.1", "private"),
        ("192.168.1.1", "private"),
        ("169.254.169.254", "metadata service"),
        ("100.64.0.1", "shared by the customers of a carrier"),
        ("100.100.100.200", "metadata service"),
        ("168.63.129.16", "metadata service"),
        ("192.0.0.192", "metadata service"),
        ("192.0.2.1", "documentation"),
        ("192.88.99.1", "relay into 6to4"),
        ("198.18.0.1", "benchmarks"),
        ("224.0.0.1", "multicast"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "broadcast"),
        ("::", "this host"),
        ("::1", "loopback"),
        ("::7f00:1", "an old way to write 127.0.0.1"),
        ("::ffff:127.0.0.1", "127.0.0.1, mapped"),
        ("::ffff:a9fe:a9fe", "169.254.169.254, mapped"),
        ("64:ff9b::7f00:1", "127.0.0.1 through NAT64"),
        ("64:ff9b:1::1", "a network's own NAT64"),
        ("2002:7f00:1::", "127.0.0.1 through 6to4"),
        ("2001:0:7f00:1::", "Teredo"),
        ("2001:db8::1", "documentation"),
        ("3fff::1", "documentation"),
        ("fc00::1", "private"),
        ("fd00:ec2::254", "metadata service"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local, with its interface"),
        ("fec0::1", "site-local"),
        ("ff02::1", "multicast"),
    ],
)
def test_addresses_that_are_not_public(address, why):
    assert not is_public(address), why


@pytest.mark.parametrize(
    ("entry", "url", "allowed"),
    [
        ("localhost", "http://localhost:8000/", True),
        ("localhost", "https://LOCALHOST./", True),
        ("localhost:8000", "http://localhost:8000/", True),
        ("localhost:8000", "http://localhost:8001/", False),
        ("localhost:80", "http://localhost/", True),
        ("localhost:80", "https://localhost/", False),
        ("localhost", "http://127.0.0.1/", False),
        ("127.0.0.1", "http://2130706433/", True),
        ("127.0.0.1", "http://localhost/", False),
        ("::1", "http://[::1]:8000/", True),
        ("[::1]:80", "http://[0:0::1]/", True),
        ("[::1]:80", "http://[::1]:81/", False),
        ("northgate.example", "http://sub.northgate.example/", False),
        ("northgate.example", "http://northgate.example.evil.example/", False),
    ],
)
def test_allowed_hosts(entry, url, allowed):
    assert (parse(url) in AllowedHosts([entry])) is allowed


@pytest.mark.parametrize("entry", ["", "http://localhost", "localhost/", "localhost/x", "*", "a b", "u@host", ":80"])
def test_a_host_to_allow_must_be_one(entry):
    with pytest.raises(InputError, match="no host to allow"):
        AllowedHosts([entry])

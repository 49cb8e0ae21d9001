"""robots.txt: whose rules hold for us, and what they forbid."""

import time

import pytest

from framing.collecting.robots import LARGEST, product_token, read_rules

AGENT = "framing/0.1.0 (research on news text)"
SITE = "https://northgate.example"


@pytest.mark.parametrize(
    ("robots", "path", "allowed", "why"),
    [
        ("", "/a", True, "no rules"),
        ("<html><p>Not found</p></html>", "/a", True, "a page in its place has no rules"),
        ("User-agent: *\nDisallow: /", "/a", False, "nobody may"),
        ("User-agent: *\nDisallow:", "/a", True, "an empty rule forbids nothing"),
        ("User-agent: other\nDisallow: /", "/a", True, "another's rule"),
        ("User-agent: framing\nDisallow: /", "/a", False, "our rule"),
        ("User-agent: Framing/2.0\nDisallow: /", "/a", False, "our name in another case and version"),
        ("User-agent: fram\nDisallow: /", "/a", True, "part of our name is another's"),
        ("User-agent: framing-news\nDisallow: /", "/a", True, "our name is part of another's"),
        ("User-agent: *\nDisallow: /\nUser-agent: framing\nAllow: /", "/a", True, "our own group comes before *"),
        ("User-agent: other\nUser-agent: framing\nDisallow: /a", "/a", False, "a group of two names"),
        ("User-agent: framing\nDisallow: /a\nUser-agent: other\nDisallow: /b", "/b", True, "the group has ended"),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True, "the longer rule wins"),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False, "wildcard and end"),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdfs", True, "not at the end"),
        ("User-agent: *\nDisallow: /%7ea", "/~a", False, "encoding does not matter"),
        ("# all\r\nuser-agent : * # us\r\nDISALLOW:/a", "/a", False, "case, spaces, comments and CRLF"),
    ],
)
def test_rules(robots, path, allowed, why):
    assert read_rules(robots, AGENT).allow(SITE + path) is allowed, why


@pytest.mark.parametrize(
    ("robots", "delay"),
    [
        ("User-agent: *\nCrawl-delay: 4", 4),
        ("User-agent: *\nCrawl-delay: 3600", 10),
        ("User-agent: *\nCrawl-delay: inf", 0),
        ("User-agent: *\nCrawl-delay: -4", 0),
        ("User-agent: *\nCrawl-delay: soon", 0),
        ("User-agent: other\nCrawl-delay: 4", 0),
        ("User-agent: *\nDisallow: /a", 0),
    ],
)
def test_delay(robots, delay):
    assert read_rules(robots, AGENT).delay == delay


@pytest.mark.parametrize(
    "agent", ["framing", "Framing/0.1.0", "framing (x)", " framing/1 (+https://northgate.example)"]
)
def test_the_product_is_what_the_user_agent_starts_with(agent):
    assert product_token(agent) == "framing"


@pytest.mark.parametrize(
    "robots",
    [
        "".join(f"User-agent: a{n}\n" for n in range(15_000)) + "Allow: /b\n" * 25_000,
        "User-agent: *\n" + "Disallow: /" + "*a" * 200_000,
        "User-agent: *\n" + "Disallow: /*a*b$\n" * 30_000,
    ],
    ids=["many names and rules", "a rule of wildcards", "many rules"],
)
def test_a_file_made_to_be_slow_is_read_in_time(robots):
    """With the names of all groups kept apart, the first of these takes minutes."""
    assert len(robots) <= LARGEST
    start = time.monotonic()
    read_rules(robots, AGENT).allow(SITE + "/" + "a" * 7_000)
    assert time.monotonic() - start < 10

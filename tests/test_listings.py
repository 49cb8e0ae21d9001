# ruff: noqa: E501
"""What feeds and sitemaps list, by whatever hand, and that nothing which they name is opened."""

import json
import os
import resource
import socket
import time

import pytest

pytest.importorskip("feedparser")
pytest.importorskip("lxml")

from framing.collecting.listings import is_listing, read_feed, read_sitemap
from framing.collecting.records import Listed, Unreadable


def grown(function):
    """How many megabytes the memory of a process of its own grows by while it calls the function."""
    child = os.fork()
    if child == 0:
        try:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            function()
            os._exit(min(255, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1000))
        finally:
            os._exit(255)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_memory_that_grows_is_seen():
    assert 90 <= grown(lambda: b"x" * 100_000_000) < 255


AT = "https://lantern.example/feeds/all.xml"
FERRY = Listed(
    "https://lantern.example/2024/ferry", "Ferry returns & stays", "2024-05-01T06:30:00+00:00", "", "Ines Okafor"
)
RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>The Common Lantern</title><link>https://lantern.example/</link>
<item><title>Ferry returns &amp; stays</title><link>/2024/ferry</link><author>desk@lantern.example (Ines Okafor)</author>
<pubDate>Wed, 01 May 2024 08:30:00 +0200</pubDate><description>Long text</description></item>%s</channel></rss>"""

FEEDS = {
    "RSS 2.0, with a relative link and a time east of Greenwich": (RSS % "", FERRY),
    "RSS 0.91": (
        '<rss version="0.91"><channel><title>x</title><item><title>A</title><link>https://a.example/1</link></item></channel></rss>',
        Listed("https://a.example/1", "A"),
    ),
    "RSS with a permanent guid and no link": (
        '<rss version="2.0"><channel><item><title>A</title><guid>https://a.example/1</guid></item></channel></rss>',
        Listed("https://a.example/1", "A"),
    ),
    "RDF, with Dublin Core": (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel/><item rdf:about="x"><title>A</title><link>https://a.example/1'
        "</link><dc:date>2024-05-01T06:30:00Z</dc:date><dc:creator>Tom Varley</dc:creator></item></rdf:RDF>",
        Listed("https://a.example/1", "A", "2024-05-01T06:30:00+00:00", "2024-05-01T06:30:00+00:00", "Tom Varley"),
    ),
    "Atom, with a change": (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title type="html">A &lt;b&gt;bold&lt;/b&gt; plan</title><link rel="alternate" '
        'href="https://a.example/1"/><link rel="self" href="https://a.example/self"/><published>2024-05-01T06:30:00Z</published>'
        "<updated>2024-05-02T07:00:00+01:00</updated><author><name>Ruth Lindqvist</name></author></entry></feed>",
        Listed("https://a.example/1", "A bold plan", "2024-05-01T06:30:00+00:00", "2024-05-02T06:00:00+00:00", "Ruth Lindqvist"),
    ),
    "JSON Feed": (
        json.dumps({
            "version": "https://jsonfeed.org/version/1.1",
            "items": [{"id": "1", "url": "/1", "title": "A", "date_published": "2024-05-01T08:30:00+02:00", "authors": [{"name": "Maya Tran"}]}],
        }),
        Listed("https://lantern.example/1", "A", "2024-05-01T06:30:00+00:00", "", "Maya Tran"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", FEEDS)
def test_feeds_of_every_kind(kind):
    body, listed = FEEDS[kind]
    assert read_feed(body.encode(), url=AT).entries == (listed,)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_feeds_in_every_encoding(encoding):
    declared = {"utf-8-sig": "utf-8", "latin-1": "iso-8859-1"}.get(encoding, encoding)
    body = RSS.replace("utf-8", declared) % "<item><title>Café</title><link>https://a.example/2</link></item>"
    assert read_feed(body.encode(encoding), url=AT).entries[1].title == "Café"


@pytest.mark.parametrize(
    "link", ["", "javascript:alert(1)", "file:///etc/passwd", "mailto:desk@lantern.example", "http://["]
)
def test_entries_without_an_address_of_the_web_are_skipped(link):
    assert len(read_feed((RSS % f"<item><title>A</title><link>{link}</link></item>").encode(), url=AT).entries) == 1


@pytest.mark.parametrize(
    "date", ["Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 01 Jan 2199 00:00:00 GMT", "yesterday", "99999999999"]
)
def test_impossible_dates_are_dropped_and_the_entry_stays(date):
    item = f"<item><link>https://a.example/2</link><pubDate>{date}</pubDate></item>"
    assert read_feed((RSS % item).encode(), url=AT).entries[1] == Listed("https://a.example/2")


def items(count):
    return "".join(
        f"<item><title>Story {i}</title><link>https://a.example/{i}</link><description>{'word ' * 40}</description></item>"
        for i in range(count)
    )


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_of_a_feed_that_was_cut_off_the_items_before_the_cut_are_read(cut):
    body = (RSS % items(6)).encode()
    ends = [place for place in range(len(body)) if body.startswith(b"</item>", place)]
    found = read_feed(body[: ends[cut] + 40], url=AT).entries
    assert [listed.url for listed in found[:cut]] == [FERRY.url, *(f"https://a.example/{i}" for i in range(cut - 1))]


@pytest.mark.parametrize(
    "body",
    [b"", b"<!DOCTYPE html><html><body><h1>Feeds</h1></body></html>", b"Not found", b'{"items": []}', b"{", b"[1]", b"\xff\xfe\x00", b"/etc/passwd"],
)  # fmt: skip
def test_what_is_no_feed_is_refused(body):
    with pytest.raises(Unreadable, match="not a feed"):
        read_feed(body, url=AT)


def test_a_feed_of_a_hundred_thousand_items_is_cut_before_it_is_parsed():
    body = (RSS % items(100_000)).encode()
    start = time.perf_counter()
    found = read_feed(body, url=AT, most=1000)
    assert time.perf_counter() - start < 3
    assert grown(lambda: read_feed(body, url=AT, most=1000)) < 100
    assert len(found.entries) == 1000 and found.entries[999].url == "https://a.example/998"
    assert found.left_out == 99_001


@pytest.mark.parametrize(
    "unit", [b"<b>x ", b"<a>", b"&amp", b"<", b"<description>", b"<item>", b"<item><title>A</title></item>"]
)
@pytest.mark.parametrize("closed", [b"", b"</title></item></channel></rss>"])
def test_pumped_feeds_end_soon(unit, closed):
    """Whole, the first of these took 78 s and 800 MB."""
    body = b"<rss><channel><item><title>" + unit * (6_000_000 // len(unit)) + closed
    start = time.perf_counter()
    try:
        read_feed(body)
    except Unreadable:
        pass
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize(
    "author",
    [
        "<author>%s</author>",
        "<author>%s desk@lantern.example</author>",
        "<dc:creator><![CDATA[<%s]]></dc:creator>",
        "<author>%s</AUTHOR>",
        "<author>%s",
        "<author>%s</author>" + "<author>" * 500_000,
    ],
)
def test_a_pumped_author_ends_soon(author):
    """To look for an e-mail address from every place of it took hours."""
    item = f"<item><link>https://a.example/2</link>{author % ('a' * 4_000_000)}</item>"
    start = time.perf_counter()
    try:
        assert read_feed((RSS % item).encode(), url=AT).entries[1].author == ""
    except Unreadable:
        pass
    assert time.perf_counter() - start < 3


@pytest.mark.parametrize(
    ("body", "listing"),
    [
        *((body, True) for body, _ in FEEDS.values()),
        ("<?xml version='1.0'?><urlset></urlset>", True),
        ("<sitemapindex/>", True),
        ("<!doctype html><title>The feed</title>", False),
        ("The feed", False),
        ("", False),
    ],
)
def test_a_listing_is_told_from_a_page(body, listing):
    assert is_listing(body.encode()) is listing


# --- nothing that is named is opened


BOMB = "".join(f'<!ENTITY b{i} "{f"&b{i - 1};" * 10}">' for i in range(1, 10))
HOSTILE = {
    "a bomb of entities": f'<!DOCTYPE x [<!ENTITY b0 "boom">{BOMB}]>',
    "a file": '<!DOCTYPE x [<!ENTITY b9 SYSTEM "file://CANARY">]>',
    "a request": '<!DOCTYPE x [<!ENTITY b9 SYSTEM "http://127.0.0.1:PORT/x">]>',
    "a parameter": '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:PORT/p"> %p; <!ENTITY b9 "x">]>',
    "another DTD": '<!DOCTYPE x SYSTEM "http://127.0.0.1:PORT/dtd">',
}
BODIES = {
    read_feed: "%s<rss version='2.0'><channel><item><title>A &b9;</title><link>https://a.example/1</link></item></channel></rss>",
    read_sitemap: "%s<urlset><url><loc>https://a.example/1</loc><news><title>A &b9;</title></news></url></urlset>",
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("read", BODIES, ids=["feed", "sitemap"])
def test_entities_are_neither_expanded_nor_opened(read, kind, tmp_path):
    canary = tmp_path / "canary.txt"
    canary.write_text("CANARY-7")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        head = HOSTILE[kind].replace("CANARY", str(canary)).replace("PORT", str(listener.getsockname()[1]))
        start = time.perf_counter()
        try:
            found = read((BODIES[read] % head).encode(), url=AT)
        except Unreadable:
            found = ()
        with pytest.raises(TimeoutError):
            listener.accept()
    assert "CANARY-7" not in str(found) and str(found).count("boom") <= 10
    assert time.perf_counter() - start < 3


def test_a_body_that_looks_like_a_path_is_not_opened(tmp_path, monkeypatch):
    """feedparser opens a string that is the name of a file; ours gets a stream."""
    import feedparser

    inner = tmp_path / "inner.xml"
    inner.write_text(RSS % "")
    assert feedparser.parse(str(inner).encode()).entries  # the danger
    with pytest.raises(Unreadable):
        read_feed(str(inner).encode(), url=AT)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "<rss >").write_text(RSS % "")
    assert read_feed(b"<rss >", url=AT).entries == ()


# --- sitemaps


URLSET = """<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://a.example/1</loc><lastmod>2024-05-02</lastmod></url>
<url><loc> https://a.example/2 </loc><image:image><image:loc>https://a.example/i.jpg</image:loc></image:image>
<news:news><news:publication><news:name>A</news:name></news:publication><news:publication_date>2024-05-01T08:30:00+02:00
</news:publication_date><news:title>Ferry &amp; pier</news:title></news:news></url></urlset>"""
LISTED = (
    Listed("https://a.example/1", updated="2024-05-02"),
    Listed("https://a.example/2", "Ferry & pier", "2024-05-01T06:30:00+00:00"),
)


def test_sitemaps_list_pages_with_titles_and_dates():
    assert read_sitemap(URLSET.encode()).entries == LISTED


def test_an_index_lists_further_sitemaps_the_latest_first():
    index = "<sitemapindex>" + "".join(
        f"<sitemap><loc>https://a.example/{year}.xml</loc><lastmod>{year}-01-31</lastmod></sitemap>" for year in (2019, 2024, 2021)
    )  # fmt: skip
    sitemap = read_sitemap((index + "</sitemapindex>").encode())
    assert (sitemap.entries, sitemap.more) == (
        (),
        tuple(f"https://a.example/{year}.xml" for year in (2024, 2021, 2019)),
    )


def test_a_text_of_addresses_and_a_feed_are_sitemaps_too():
    assert [
        listed.url for listed in read_sitemap(b"https://a.example/1\r\nnonsense:x\nhttps://a.example/2\n").entries
    ] == [
        "https://a.example/1",
        "https://a.example/2",
    ]
    assert read_sitemap((RSS % "").encode(), url=AT).entries == (FERRY,)


def test_of_a_long_sitemap_the_latest_are_listed_in_its_order():
    days = [f"2024-0{1 + i % 9}-01" for i in range(30)]
    body = "".join(f"<url><loc>https://a.example/{i}</loc><lastmod>{day}</lastmod></url>" for i, day in enumerate(days))
    found = read_sitemap(f"<urlset>{body}</urlset>".encode(), most=6)
    assert [(listed.url[18:], listed.updated) for listed in found.entries] == [
        (str(i), days[i]) for i in (7, 8, 16, 17, 25, 26)
    ]
    assert found.left_out == 24


@pytest.mark.parametrize("kind", ["text", "JSON"])
def test_what_other_sitemaps_list_beyond_the_most_is_counted_too(kind):
    addresses = [f"https://a.example/{i}" for i in range(3)]
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": [{"url": address} for address in addresses]}
    found = read_sitemap({"text": "\n".join(addresses), "JSON": json.dumps(feed)}[kind].encode(), most=2)
    assert (len(found.entries), found.left_out) == (2, 1)


def test_of_a_sitemap_that_was_cut_off_the_pages_before_the_cut_are_read():
    place = URLSET.index("https://a.example/2")
    assert read_sitemap(URLSET[:place].encode()).entries[0] == LISTED[0]


@pytest.mark.parametrize("body", [b"", b"<html><body>x</body></html>", b"<urls/>", b"Not found", b"<<<"])
def test_what_is_no_sitemap_is_refused(body):
    with pytest.raises(Unreadable, match="sitemap"):
        read_sitemap(body)


def test_fifty_thousand_pages_take_little_time_and_memory():
    body = (
        b"<urlset>" + b"".join(b"<url><loc>https://a.example/%d</loc></url>" % i for i in range(50_000)) + b"</urlset>"
    )
    start = time.perf_counter()
    assert len(read_sitemap(body).entries) == 5000
    assert time.perf_counter() - start < 5
    assert grown(lambda: read_sitemap(body)) < 100

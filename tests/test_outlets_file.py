"""The file that names outlets and where their articles are, and the other things that can be collected from."""

import pytest

from framing.collecting.records import Source
from framing.collecting.sources import read_sources
from framing.errors import InputError


def test_a_file_of_outlets(tmp_path):
    (tmp_path / "saved").mkdir()
    (tmp_path / "feeds.yaml").write_text(
        """
        outlets:
          - name: The Common Lantern
            feeds: [https://lantern.example/rss, https://lantern.example/rss]
            html: saved
          - {urls: [https://klaxon.example/1]}
          - {name: "1911", sitemaps: https://freehold.example/sitemap.xml, urls: [https://freehold.example/a]}
        """,
        encoding="utf-8",
    )
    assert read_sources(tmp_path / "feeds.yaml") == (
        Source("The Common Lantern", feeds=("https://lantern.example/rss",), html=tmp_path / "saved"),
        Source("", urls=("https://klaxon.example/1",)),
        Source("1911", sitemaps=("https://freehold.example/sitemap.xml",), urls=("https://freehold.example/a",)),
    )


def test_what_can_be_given_by_itself(tmp_path):
    (tmp_path / "pages").mkdir()
    for name in ("mail.mbox", "crawl.warc", "crawl.warc.gz"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "list.txt").write_text("# to read\nhttps://a.example/1\n\nhttps://b.example/2\n", encoding="utf-8")
    assert read_sources("https://lantern.example/rss") == (Source("", urls=("https://lantern.example/rss",)),)
    assert read_sources(tmp_path / "pages") == (Source("", html=tmp_path / "pages"),)
    assert read_sources(tmp_path / "mail.mbox") == (Source("", mbox=tmp_path / "mail.mbox"),)
    assert read_sources(tmp_path / "crawl.warc") == (Source("", warc=tmp_path / "crawl.warc"),)
    assert read_sources(tmp_path / "crawl.warc.gz") == (Source("", warc=tmp_path / "crawl.warc.gz"),)
    assert read_sources(tmp_path / "list.txt") == (Source("", urls=("https://a.example/1", "https://b.example/2")),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("outlets: [", "is not YAML"),
        ("- a", "holds no list of outlets; write outlets: [{name:"),
        ("outlets: []", "holds no list of outlets"),
        ("outlets: [{name: A, urls: [https://a.example/]}]\nother: 1", "unknown key 'other'; valid: outlets"),
        ("outlets: [https://a.example/rss]", "outlet 1 is 'https://a.example/rss', not `name: ...`"),
        ("outlets: [{name: A, feed: [https://a.example/]}]", "outlet 1: unknown key 'feed'; valid: name, feeds"),
        ("outlets: [{name: , feeds: [https://a.example/]}]", "the name is None; give a text"),
        ("outlets: [{name: '', feeds: [https://a.example/]}]", "the name is ''; give a text"),
        ("outlets: [{name: 1911, feeds: [https://a.example/]}]", "the name is 1911; give a text"),
        ("outlets: [{name: no, feeds: [https://a.example/]}]", "the name is False; give a text"),
        ('outlets: [{name: "a\\nb", feeds: [https://a.example/]}]', "the name is 'a\\nb'"),
        ("outlets: [{name: A}]", "outlet 1 (A) has no source; give at least one of feeds, sitemaps, urls, html"),
        ("outlets: [{name: A, feeds: {x: y}}]", "outlet 1 (A), feeds: {'x': 'y'} is not a list of addresses"),
        ("outlets: [{name: A, feeds: [7]}]", "outlet 1 (A), feeds: [7] is not a list of addresses"),
        ("outlets: [{name: A, feeds: [ftp://a.example/]}]", "(A), feeds: 'ftp://a.example/' is no web address"),
        ("outlets: [{name: A, urls: ['https://me:pass@a.example/']}]", "holds a user name or password"),
        ("outlets: [{name: A, html: nowhere}]", "outlet 1 (A), html: there is no file or folder 'nowhere'"),
        ("outlets: [{name: A, html: feeds.yaml}]", "html: 'feeds.yaml' is a file; name a folder"),
        ("outlets: [{name: A, mbox: [x]}]", "mbox: ['x'] is not a path"),
        ("outlets: [{name: A, mbox: .}]", "outlet 1 (A), mbox: '.' is a folder; name the .mbox file"),
        ("outlets: [{name: A, warc: .}]", "outlet 1 (A), warc: '.' is a folder; name the .warc file"),
        (
            "outlets: [{name: A, urls: [https://a.example/]}, {name: A, urls: [https://a.example/b]}]",
            "has two outlets of the name 'A'",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_before_anything_is_asked_for(tmp_path, text, said):
    file = tmp_path / "feeds.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_sources(file)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("nothing.yaml", None, "there is no file or folder"),
        ("articles.pdf", "x", "unknown kind of source 'articles.pdf'; valid: a folder of saved pages, .yaml"),
        ("list.txt", "# nothing\n", "holds no address; write one a line"),
        ("list.txt", "see a.example", "'see a.example' is no web address"),
    ],
)
def test_other_things_that_cannot_be_collected_from(tmp_path, name, content, said):
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_sources(tmp_path / name)
    assert said in str(caught.value)


@pytest.mark.parametrize("address", ["http:///x", "https://me:pass@lantern.example/", "http://lantern.example:0/"])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(InputError):
        read_sources(address)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("lantern.example/rss", "did you mean https://lantern.example/rss?"),
        ("www.lantern.example", "did you mean https://www.lantern.example?"),
        ("localhost.example:8000/rss.xml", "did you mean https://localhost.example:8000/rss.xml?"),
        ("feeds.yaml", None),
        ("data/feeds.yaml", None),
        ("../feeds.yaml", None),
        ("./a.b/feeds.yaml", None),
    ],
)
def test_an_address_without_its_scheme_is_recognised(given, meant):
    with pytest.raises(InputError, match="there is no file or folder") as caught:
        read_sources(given)
    assert (meant in str(caught.value)) if meant else ("did you mean" not in str(caught.value))

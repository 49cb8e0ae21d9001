"""Collecting from a small web on loopback: every address is accounted for, and nothing is asked for without need."""

import gzip
import io
import json
import mailbox
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from email.message import EmailMessage
from io import BytesIO

import pytest
from click.testing import CliRunner
from hostile_server import Site as Server
from hostile_server import moved, reply
from news_site import NOW, Site
from page_templates import navigation, story, token_f1
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

import framing
from framing.cli import main
from framing.collecting import run, visiting
from framing.collecting.due import TRIES, is_due, moment
from framing.collecting.records import Listed
from framing.errors import InputError
from framing.store import open_store
from framing.store.records import Visit

LATER = "2025-01-02T06:00:00Z"


@pytest.fixture
def site():
    with Site(outlets=4, articles=15) as running:
        yield running


@pytest.fixture
def collect(site, tmp_path, monkeypatch):
    """Collects from the site into a corpus; keywords override the usual ones."""
    monkeypatch.setattr("framing.collecting.fetch._FIRST_PAUSE", 0.01)
    feeds = site.write_feeds(tmp_path)

    def once(given=feeds, *, now=NOW, **options):
        usual = {"delay": 0, "deadline": 5.0, "allow_hosts": site.hosts, "quiet": True}
        return run.collect(given, tmp_path / "corpus", now=now, **{**usual, **options})

    once.corpus = tmp_path / "corpus"
    return once


def contents(corpus):
    with open_store(corpus) as store:
        return {row["url"]: row["versions"] for row in store.list()}


def test_every_listed_address_is_stored_or_set_aside_with_its_reason(site, collect):
    outcome = collect()
    expected = site.expected
    assert outcome.counts == {
        "listed": 60, "new": expected["stored"], "revised": 0, "unchanged": 0, "copies": 0,
        "set_aside": 60 - expected["stored"], "known": 0, "later": 0,
    }  # fmt: skip
    for beginning, number in expected.items():
        told = sum(count for reason, count in outcome.reasons.items() if reason.startswith(beginning))
        assert told == (number if beginning != "stored" else 0)
    assert not outcome.failed
    with open_store(collect.corpus) as store:
        stats = store.stats()
        assert stats["articles"] == stats["versions"] == expected["stored"]
        assert stats["quarantined"] == 60 - expected["stored"]
        assert set(stats["outlets"]) == {site.name(number) for number in range(4)}
        assert store.verify() == []


def test_articles_are_those_of_the_pages(site, collect):
    collect()
    articles = {article.url: article for article in framing.read_articles(collect.corpus).articles}
    for outlet in range(4):
        for number in range(15):
            if site.fate(number) != "stored":
                continue
            article, told = articles[f"http://{site.host(outlet)}/news/{number}"], site.story(outlet, number)
            assert token_f1(article.text, told.known) > 0.9
            assert (article.outlet, article.title) == (site.name(outlet), told.title)
            assert article.date[:4] == "2024"


def test_a_host_is_asked_for_one_thing_at_a_time(site, collect):
    collect()
    assert site.most_at_once == 1


def test_a_second_run_stores_nothing_and_asks_for_next_to_nothing(site, collect):
    collect()
    first, before = site.sent, contents(collect.corpus)
    outcome = collect()
    assert outcome.counts["new"] == outcome.counts["revised"] == 0
    assert contents(collect.corpus) == before
    assert site.sent - first < 0.05 * first


def test_a_site_without_validators_is_not_asked_again_at_once(tmp_path):
    with Site(outlets=2, articles=10, validators=False) as site:
        feeds = site.write_feeds(tmp_path)
        for _ in range(2):
            run.collect(feeds, tmp_path / "corpus", now=NOW, delay=0, allow_hosts=site.hosts, quiet=True)
        assert site.requests["/rss.xml"] == 2 and site.requests["/news/3"] == 2  # two outlets, asked once each


def test_a_changed_page_is_kept_as_a_further_version(site, collect):
    collect()
    site.changed = {"2/3", "2/4"}
    outcome = collect(now="2024-12-31T18:00:00Z")
    assert outcome.counts["revised"] == 2
    versions = contents(collect.corpus)
    assert versions[f"http://{site.host(2)}/news/3"] == versions[f"http://{site.host(2)}/news/4"] == 2
    newest = {article.url: article.text for article in framing.read_articles(collect.corpus).articles}
    assert "has corrected the figure" in newest[f"http://{site.host(2)}/news/3"]


def test_what_a_run_leaves_the_next_one_asks_for_though_the_feed_has_not_changed(site, collect):
    first = collect(limit=6)
    assert (first.counts["later"], first.counts["known"]) == (4 * 9, 0)
    second = collect(limit=6)
    assert second.counts["later"] == 4 * 3
    third = collect(limit=6)
    assert third.counts["later"] == 0
    total = first.counts["new"] + second.counts["new"] + third.counts["new"]
    assert total == site.expected["stored"]


def test_a_server_in_trouble_is_asked_again_later_and_a_page_that_is_gone_is_not(site, collect):
    collect()
    asked = site.requests["/news/9"], site.requests["/news/7"]
    collect(now=LATER)
    assert site.requests["/news/9"] > asked[0]
    assert site.requests["/news/7"] == asked[1]


def test_an_outlet_that_gives_nothing_is_named_and_costs_the_others_nothing(site, collect, tmp_path):
    file = tmp_path / "feeds.yaml"
    text = file.read_text(encoding="utf-8") + f"- name: Silent\n  feeds: ['http://{site.host(0)}/nowhere.xml']\n"
    file.write_text(text, encoding="utf-8")
    outcome = collect()
    assert outcome.failed == ["Silent"]
    assert outcome.counts["new"] == site.expected["stored"]


def test_private_addresses_are_asked_for_nothing_unless_they_are_allowed(site, collect):
    outcome = collect(allow_hosts=())
    assert outcome.counts["listed"] == 0 and len(outcome.failed) == 4
    assert not site.requests
    assert all("is not a public address" in reason for reason in outcome.reasons), outcome.reasons


def test_a_bare_address_is_taken_for_what_it_shows(site, collect):
    feed = collect(f"http://{site.host(0)}/rss.xml")
    assert feed.counts["new"] == site.expected["stored"] // 4
    page = collect(f"http://{site.host(1)}/news/3")
    assert page.counts["listed"] == page.counts["new"] == 1
    sitemap = collect(f"http://{site.host(2)}/sitemap.xml")
    assert sitemap.counts["new"] == site.expected["stored"] // 4


def test_one_article_under_two_addresses_is_stored_once(site, collect, tmp_path):
    base = f"http://{site.host(0)}"
    (tmp_path / "two.txt").write_text(f"{base}/go/3\n{base}/news/3\n{base}/news/3?utm_source=x\n", encoding="utf-8")
    outcome = collect(tmp_path / "two.txt")
    assert outcome.counts["listed"] == 2
    assert outcome.counts["new"] == 1 and outcome.counts["unchanged"] + outcome.counts["copies"] == 1


def test_saved_pages_mailboxes_and_archives_are_read_once(collect, tmp_path):
    pages = tmp_path / "saved"
    pages.mkdir()
    for number in range(3):
        told = story(900 + number)
        page = navigation(told).replace(told.url, f"https://lantern.example/{number}")
        (pages / f"{number}.html").write_text(page, encoding="utf-8")
    (pages / "empty.html").write_text("<html></html>", encoding="utf-8")
    outcome = collect(pages)
    assert (outcome.counts["listed"], outcome.counts["new"], outcome.counts["set_aside"]) == (4, 3, 1)
    again = collect(pages)
    assert (again.counts["listed"], again.counts["new"], again.counts["known"]) == (4, 0, 4)


def test_a_mailbox_and_an_archive_beside_feeds(collect, tmp_path):
    box = mailbox.mbox(tmp_path / "news.mbox")
    for number in range(2):
        message, told = EmailMessage(), story(910 + number)
        message["From"], message["Subject"] = "Northgate Wire <news@wire.example>", told.title
        message["Message-ID"] = f"<{number}@wire.example>"
        message.set_content("\n\n".join(told.paragraphs))
        box.add(message)
    box.close()
    told = story(920)
    with (tmp_path / "pages.warc.gz").open("wb") as file:
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.0")
        page = BytesIO(navigation(told).encode())
        writer = WARCWriter(file, gzip=True)
        writer.write_record(writer.create_warc_record(told.url, "response", payload=page, http_headers=headers))
    given = tmp_path / "files.yaml"
    given.write_text("outlets: [{name: The Lantern, mbox: news.mbox, warc: pages.warc.gz}]", encoding="utf-8")
    assert collect(given).counts["new"] == 3
    assert set(contents(collect.corpus)) == {"mid:0@wire.example", "mid:1@wire.example", told.url}
    again = collect(given)
    assert again.counts["listed"] == 0
    assert again.notes == [f"{name} has not changed since it was read" for name in ("news.mbox", "pages.warc.gz")]


# --- stopped at any point


def test_what_was_read_before_an_interruption_is_stored(site, collect, monkeypatch):
    read, true = [], visiting.read_page

    def interrupted(*arguments, **options):
        if len(read) == 4:
            raise KeyboardInterrupt
        read.append(true(*arguments, **options))
        return read[-1]

    with monkeypatch.context() as patch:
        patch.setattr(visiting, "read_page", interrupted)
        with pytest.raises(KeyboardInterrupt):
            collect()
    assert len(contents(collect.corpus)) == 4
    assert collect().counts["new"] == site.expected["stored"] - 4


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
@pytest.mark.parametrize("point", [2, 24])
def test_a_run_killed_at_any_point_loses_nothing_and_the_next_completes(tmp_path, point):
    reached = []
    with Site(outlets=2, articles=15) as site:
        site.gate = lambda path: reached.append(path) or (len(reached) == point and killed(running))
        feeds = site.write_feeds(tmp_path)
        code = (
            "import sys; from framing.collecting import keeping, run; keeping.BATCH = 5; "
            f"run.collect(sys.argv[1], sys.argv[2], now={NOW!r}, delay=0, allow_hosts=sys.argv[3:], quiet=True)"
        )
        corpus = tmp_path / "corpus"
        running = subprocess.Popen([sys.executable, "-c", code, str(feeds), str(corpus), *site.hosts])
        running.wait(60)
        assert running.returncode == -signal.SIGKILL
        site.gate = lambda path: None
        if (corpus / "corpus.json").is_file():
            with open_store(corpus) as store:
                assert store.verify() == []
        run.collect(feeds, corpus, now=NOW, delay=0, allow_hosts=site.hosts, quiet=True)
        with open_store(corpus) as store:
            assert store.stats()["articles"] == site.expected["stored"]
            assert store.stats()["quarantined"] == 30 - site.expected["stored"]
            assert store.verify() == []


def killed(process):
    process.kill()
    time.sleep(0.2)


# --- one outlet, whose server changes from day to day


def page(number, head=""):
    told = story(number)
    text = "".join(f"<p>{paragraph}</p>" for paragraph in told.paragraphs)
    return reply(
        f"<html><head><title>{told.title}</title>{head}</head><body><article><h1>{told.title}</h1>{text}</article>"
        "</body></html>".encode(),
        kind="text/html; charset=utf-8",
    )


def sitemap(*addresses, of="url"):
    root = {"url": "urlset", "sitemap": "sitemapindex"}[of]
    listed = "".join(f"<{of}><loc>{address}</loc></{of}>" for address in addresses)
    return reply(
        f"<{root} xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{listed}</{root}>".encode(), kind="text/xml"
    )


def rss(*addresses):
    listed = "".join(f"<item><link>{address}</link></item>" for address in addresses)
    return reply(f"<rss version='2.0'><channel>{listed}</channel></rss>".encode(), kind="application/rss+xml")


class Outlet:
    """A server, and what is collected from it: ``answers`` may be changed between the runs."""

    def __init__(self, server, folder):
        self.server, self.answers = server, server.answers
        self.folder, self.corpus = folder, folder / "corpus"

    def url(self, path):
        return self.server.url(path)

    def asked(self, path=None):
        """The pages that were asked for since the last call, or how often this one ever was."""
        if path:
            return self.server.asked().count(path)
        asked = [one for one in self.server.asked() if one != "/robots.txt"]
        self.server.requests.clear()
        return asked

    def sources(self, **kinds):
        """A file of outlets with one outlet, whose addresses are given as paths."""
        listed = {kind: [self.url(path) for path in paths] for kind, paths in kinds.items()}
        file = self.folder / "feeds.yaml"
        file.write_text(json.dumps({"outlets": [{"name": "The Lantern", **listed}]}), encoding="utf-8")
        return file

    def collect(self, given, day=1, time="06:00", **options):
        usual = {"delay": 0, "deadline": 2.0, "allow_hosts": ["127.0.0.1"], "quiet": True}
        return run.collect(given, self.corpus, now=f"2026-11-{day:02}T{time}:00Z", **{**usual, **options})

    def command(self, given, *options):
        arguments = ["collect", str(given), "--into", str(self.corpus), "--delay", "0", "--allow-host", "127.0.0.1"]
        return CliRunner().invoke(main, [*arguments, *options])


@pytest.fixture
def outlet(tmp_path, monkeypatch):
    monkeypatch.setattr("framing.collecting.fetch._FIRST_PAUSE", 0.01)
    with Server({}) as server:
        yield Outlet(server, tmp_path)


def some(counts):
    return {name: number for name, number in counts.items() if number}


def test_a_page_waits_as_long_as_its_robots_file_cannot_be_read(outlet):
    given = outlet.sources(urls=["/1"])
    outlet.answers |= {"/robots.txt": reply(status="503 x"), "/1": page(1)}
    for day in range(1, TRIES + 2):
        done = outlet.collect(given, day)
        assert some(done.counts) == {"listed": 1, "later": 1}
        assert done.failed == ["The Lantern"]
        assert done.notes == [
            "left for later 1: its robots.txt cannot be read, so nothing is asked for now: "
            "the server answers 503 Service Unavailable"
        ]
    del outlet.answers["/robots.txt"]
    assert outlet.collect(given, TRIES + 1, "06:05").counts["new"] == 1


def test_pages_wait_as_long_as_their_host_asks_to_be_left_alone(outlet):
    paths = [f"/{number}" for number in range(4)]
    given = outlet.sources(urls=paths)
    outlet.answers |= dict.fromkeys(paths, reply(status="429 x", Retry_After=3600))
    for day in range(1, TRIES + 2):
        assert some(outlet.collect(given, day).counts) == {"listed": 4, "later": 4}
        assert len(outlet.asked()) == 1
    outlet.answers |= {path: page(number) for number, path in enumerate(paths)}
    assert outlet.collect(given, TRIES + 2).counts["new"] == 4


@pytest.mark.parametrize(
    ("closed", "reason"),
    [
        ({"/1": reply(status="403 x")}, "the server answers 403 Forbidden"),
        ({"/1": reply(status="401 x")}, "the server answers 401 Unauthorized"),
        ({"/robots.txt": reply(b"User-agent: *\nDisallow: /1"), "/1": page(1)}, "robots.txt forbids it"),
    ],
)
def test_what_is_closed_is_tried_again_on_other_days_and_then_given_up(outlet, closed, reason):
    given = outlet.sources(urls=["/1"])
    outlet.answers |= closed
    for day in range(1, TRIES):
        assert outlet.collect(given, day).reasons == {reason: 1}
        assert some(outlet.collect(given, day, "07:00").counts) == {"listed": 1, "known": 1}, "it rests"
    outlet.answers |= {"/1": page(1), "/robots.txt": reply(b"")}
    assert outlet.collect(given, TRIES).counts["new"] == 1
    outlet.answers["/2"] = reply(status="403 x")
    other = outlet.sources(urls=["/2"])
    for day in range(1, TRIES + 3):
        outlet.collect(other, 10 + day)
    assert outlet.asked("/2") == TRIES


@pytest.mark.parametrize("answer", [reply(status="404 x"), reply(status="410 x"), reply(b"<p>Soon.</p>")])
def test_what_is_gone_or_no_article_is_asked_for_once(outlet, answer):
    outlet.answers["/1"] = answer
    for day in (1, 2, 3):
        outlet.collect(outlet.sources(urls=["/1"]), day)
    assert outlet.asked("/1") == 1


def test_a_host_is_asked_as_soon_as_it_is_allowed(outlet):
    outlet.answers["/1"] = page(1)
    given = outlet.sources(urls=["/1"])
    refused = outlet.collect(given, allow_hosts=())
    assert refused.counts["set_aside"] == 1 and "--allow-host 127.0.0.1" in next(iter(refused.reasons))
    assert outlet.collect(given, time="06:01").counts["new"] == 1


def test_a_run_in_which_nothing_was_due_tells_the_last_reason_and_is_no_failure(outlet):
    outlet.answers["/1"] = reply(status="500 x")
    given = outlet.sources(urls=["/1"])
    first, second = outlet.command(given), outlet.command(given)
    assert (first.exit_code, second.exit_code) == (1, 0)
    assert "nothing could be read: the server answers 500 Internal Server Error" in first.output
    assert second.stdout.splitlines()[1] == (
        "nothing of The Lantern was due to be asked for again; the last time: "
        "the server answers 500 Internal Server Error"
    )


def test_the_newest_pages_of_a_sitemap_are_found_however_long_it_is(outlet):
    """Oldest first, as many systems write them."""
    addresses = [outlet.url(f"/{number:04}/{'long-headline-' * 100}") for number in range(5_500)]
    outlet.answers["/sitemap.xml"] = sitemap(*addresses[:-1], f"{outlet.url('/new')}</loc><lastmod>2026-10-31")
    assert len(outlet.answers["/sitemap.xml"]) > 5_000_000, "larger than a page may be"
    outlet.answers["/new"] = page(1)
    done = outlet.collect(outlet.sources(sitemaps=["/sitemap.xml"]), limit=1, deadline=20.0)
    assert some(done.counts) == {"listed": 5_000, "new": 1, "later": 4_999}
    assert done.notes == [
        f"{outlet.url('/sitemap.xml')} lists 500 further addresses, which were left out; 5,000 were taken"
    ]


def test_a_sitemap_that_is_too_large_is_a_failure_with_its_reason(outlet, monkeypatch):
    monkeypatch.setattr("framing.collecting.listing.LARGEST_LISTING", 500)
    outlet.answers["/sitemap.xml"] = sitemap(*(outlet.url(f"/{number}") for number in range(50)))
    done = outlet.collect(outlet.sources(sitemaps=["/sitemap.xml"]))
    assert done.reasons == {"it is larger than 500 bytes": 1} and done.failed == ["The Lantern"]


def test_what_limits_leave_out_is_told(outlet):
    outlet.answers |= {f"/{number}.xml": sitemap(outlet.url("/1")) for number in range(60)}
    outlet.answers["/index.xml"] = sitemap(*(outlet.url(f"/{number}.xml") for number in range(60)), of="sitemap")
    outlet.answers["/rss.xml"] = rss(*(outlet.url(f"/{number}") for number in range(1_002)))
    done = outlet.collect(outlet.sources(feeds=["/rss.xml"], sitemaps=["/index.xml"]), limit=1)
    assert done.notes == [
        f"{outlet.url('/rss.xml')} lists 2 further addresses, which were left out; 1,000 were taken",
        f"{outlet.url('/index.xml')} leads to 11 further sitemaps, which were left out; 50 are read at most, "
        "those that changed last",
    ]


@pytest.mark.parametrize("kind", ["application/feed+json", "application/json; charset=utf-8", "text/plain"])
@pytest.mark.parametrize("alone", [True, False])
def test_a_json_feed_is_read_by_whatever_name_it_is_sent(outlet, kind, alone):
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "url": outlet.url("/1")}]}
    outlet.answers |= {"/feed.json": reply(json.dumps(feed).encode(), kind=kind), "/1": page(1)}
    given = outlet.url("/feed.json") if alone else outlet.sources(feeds=["/feed.json"])
    assert outlet.collect(given).counts["new"] == 1


def test_a_sitemap_that_was_packed_twice_is_read(outlet):
    """A .gz file, which its server packs again on its way."""
    body = sitemap(outlet.url("/1")).partition(b"\r\n\r\n")[2]
    packed = gzip.compress(gzip.compress(body))
    outlet.answers |= {"/1": page(1), "/s.xml.gz": reply(packed, kind="application/x-gzip", Content_Encoding="gzip")}
    assert outlet.collect(outlet.sources(sitemaps=["/s.xml.gz"])).counts["new"] == 1


@pytest.mark.parametrize("own", ["/news/", "/", "/news/2", "/elsewhere"])
def test_pages_that_all_claim_one_address_stay_articles_of_their_own(outlet, own):
    """The section, the front page, one of them, or a page that is not among them: whichever claims it first has it."""
    paths = [f"/news/{number}" for number in range(3)]
    head = f"<link rel='canonical' href='{outlet.url(own)}'>"
    outlet.answers |= {path: page(number, head) for number, path in enumerate(paths)}
    given = outlet.sources(urls=paths)
    assert some(outlet.collect(given).counts) == {"listed": 3, "new": 3}
    found = {address.removeprefix(outlet.url("")) for address in contents(outlet.corpus)}
    assert len(found) == 3 and found <= {*paths, own} and found.isdisjoint({"/", "/news/"})


def test_pages_in_another_form_are_the_article_that_they_name(outlet):
    head = f"<link rel='canonical' href='{outlet.url('/news/1')}'>"
    outlet.answers |= {"/news/1/amp": page(1, head)}
    outlet.collect(outlet.sources(urls=["/news/1/amp"]))
    assert list(contents(outlet.corpus)) == [outlet.url("/news/1")]


@pytest.mark.parametrize(
    ("answers", "kinds", "failed"),
    [
        ({"/index": ["/a", "/b"]}, {"sitemaps": ["/index"]}, True),
        ({"/index": ["/a", "/b"], "/a": []}, {"sitemaps": ["/index"]}, False),
        ({}, {"sitemaps": ["/index"]}, True),
        ({"/a": ["/1"]}, {"sitemaps": ["/index", "/a"]}, False),
        ({}, {"sitemaps": ["/index"], "urls": ["/1"]}, False),
        ({}, {"sitemaps": ["/index"], "urls": ["/2"]}, True),
        ({}, {"urls": ["/2"]}, True),
    ],
)
def test_an_outlet_has_failed_where_it_gave_neither_a_page_nor_a_list_of_pages(outlet, answers, kinds, failed):
    index = {
        path: sitemap(*map(outlet.url, paths), of="sitemap") for path, paths in answers.items() if path == "/index"
    }
    pages = {path: sitemap(*map(outlet.url, paths)) for path, paths in answers.items() if path != "/index"}
    outlet.answers |= index | pages | {"/1": page(1)}
    assert outlet.collect(outlet.sources(**kinds)).failed == (["The Lantern"] if failed else [])


def test_an_outlet_all_of_whose_pages_another_lists_has_not_failed(outlet):
    outlet.answers["/1"] = page(1)
    file = outlet.folder / "two.yaml"
    listed = [{"name": name, "urls": [outlet.url("/1")]} for name in ("The Lantern", "The Klaxon")]
    file.write_text(json.dumps({"outlets": listed}), encoding="utf-8")
    assert outlet.collect(file).failed == []


def test_an_address_by_itself_is_asked_for_once_and_then_only_if_it_is_due(outlet):
    outlet.answers["/1"] = page(1)
    outlet.collect(outlet.url("/1"))
    outlet.collect(outlet.url("/1"), time="06:05")
    assert outlet.asked() == ["/1"]
    outlet.answers |= {"/rss": rss(outlet.url("/2")).replace(b"\r\n\r\n", b'\r\nETag: "a"\r\n\r\n', 1), "/2": page(2)}
    outlet.collect(outlet.url("/rss"))
    assert outlet.asked() == ["/rss", "/2"]
    outlet.collect(outlet.url("/rss"), time="06:05")
    assert outlet.server.requests[0].headers["if-none-match"] == '"a"'
    assert outlet.asked() == ["/rss"]


def test_an_address_by_itself_may_turn_out_to_be_a_feed_after_it_failed(outlet):
    outlet.answers |= {"/rss": reply(status="500 x"), "/1": page(1)}
    outlet.collect(outlet.url("/rss"))
    outlet.answers["/rss"] = rss(outlet.url("/1"))
    assert outlet.collect(outlet.url("/rss"), 2).counts["new"] == 1


@pytest.mark.parametrize("head", ["<meta property='article:published_time' content='2020-01-01'>", ""])
def test_a_page_that_is_listed_without_a_date_is_settled_by_its_own_or_by_the_first_visit(outlet, head):
    dated = bool(head)
    outlet.answers["/1"] = page(1, head).replace(b"\r\n\r\n", b'\r\nETag: "a"\r\n\r\n', 1)
    outlet.answers["/sitemap.xml"] = sitemap(outlet.url("/1"))
    given = outlet.sources(sitemaps=["/sitemap.xml"])
    for day, again in ((1, True), (2, not dated), (6, not dated), (9, False), (28, False)):
        outlet.collect(given, day)
        assert ("/1" in outlet.asked()) == again, day


def test_a_page_is_asked_for_as_it_is_listed_and_known_by_one_address(outlet):
    listed = "/s//y?b=1&a=2&utm_source=rss"
    outlet.answers |= {"/s//y": page(1), "/rss": rss(outlet.url(listed).replace("&", "&amp;"))}
    given = outlet.sources(feeds=["/rss"])
    assert outlet.collect(given).counts["new"] == 1
    assert outlet.asked() == ["/rss", listed]
    assert list(contents(outlet.corpus)) == [outlet.url("/s/y?a=2&b=1")]
    assert outlet.collect(given, time="06:05").counts["known"] == 1


def test_what_a_run_left_is_later_asked_for_as_it_was_listed(outlet):
    outlet.answers |= {"/a": page(1), "/s//y": page(2), "/rss": rss(outlet.url("/a"), outlet.url("/s//y"))}
    given = outlet.sources(feeds=["/rss"])
    outlet.collect(given, limit=1)
    outlet.answers["/rss"] = rss()
    assert outlet.collect(given, limit=1).counts["new"] == 1
    assert "/s//y" in outlet.asked()


def test_the_robots_file_of_a_host_that_is_led_to_holds_for_a_day(outlet):
    with Server({"/1": page(1)}) as other:
        outlet.answers["/1"] = moved(other.url("/1", "localhost"))
        given = outlet.sources(urls=["/1"])
        for hour in ("06:00", "13:00"):
            outlet.collect(given, time=hour, allow_hosts=["127.0.0.1", "localhost"])
        assert other.asked() == ["/robots.txt", "/1", "/1"]


@pytest.mark.parametrize("pages", [{}, {"/1": reply(b"<p>Soon.</p>")}])
def test_the_command_fails_where_no_page_could_be_read_though_the_feed_could(outlet, pages):
    outlet.answers |= {"/rss": rss(outlet.url("/1"), outlet.url("/2")), **pages}
    done = outlet.command(outlet.sources(feeds=["/rss"]))
    assert done.exit_code == 1 and "nothing could be read: " in done.output


def test_the_command_fails_where_all_waits_for_a_server(outlet):
    outlet.answers |= {"/1": page(1), "/robots.txt": reply(status="429 x", Retry_After=3600)}
    done = outlet.command(outlet.sources(urls=["/1"]))
    assert done.exit_code == 1 and "nothing could be read: its robots.txt cannot be read" in done.output


# --- what is saved


@pytest.fixture
def denied(monkeypatch):
    """Nobody may open a file of this name, in the block."""

    @contextmanager
    def block(name):
        really = io.open

        def opened(file, *arguments, **options):
            if str(file).endswith(name):
                raise PermissionError(13, "Permission denied")
            return really(file, *arguments, **options)

        with monkeypatch.context() as patch:
            patch.setattr(io, "open", opened)
            patch.setattr("builtins.open", opened)
            yield

    return block


def test_a_page_that_could_not_be_opened_is_read_when_it_can(collect, tmp_path, denied):
    pages = tmp_path / "saved"
    pages.mkdir()
    (pages / "1.html").write_text(navigation(story(1)), encoding="utf-8")
    with denied("1.html"):
        assert collect(pages).reasons == {"cannot be read: Permission denied": 1}
    assert collect(pages).counts["new"] == 1


@pytest.mark.parametrize("name", ["news.mbox", "pages.warc"])
def test_a_mailbox_or_archive_that_could_not_be_opened_is_read_when_it_can(collect, tmp_path, denied, name):
    file = tmp_path / name
    file.write_bytes(b"nothing of the kind")
    with denied(name):
        assert collect(file).reasons == {"cannot be read: Permission denied": 1}
    assert "cannot be read: Permission denied" not in collect(file).reasons
    assert collect(file).notes == [f"{name} has not changed since it was read"]


def test_the_folder_one_is_in_has_its_name(collect, tmp_path, monkeypatch):
    pages = tmp_path / "saved"
    pages.mkdir()
    (pages / "1.html").write_text(navigation(story(1)), encoding="utf-8")
    monkeypatch.chdir(pages)
    assert list(collect(".").outlets) == ["saved"]


def test_a_folder_without_pages_says_what_was_looked_for(collect, tmp_path):
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "notes.txt").write_text("no page", encoding="utf-8")
    assert collect(tmp_path / "saved").notes == [
        f"{tmp_path / 'saved'} holds no saved page; looked for .html, .htm, .xhtml"
    ]


def test_the_command_fails_where_no_saved_page_could_be_read(outlet):
    (outlet.folder / "saved").mkdir()
    (outlet.folder / "saved" / "1.html").write_text("<p>Soon.</p>", encoding="utf-8")
    assert outlet.command(outlet.folder / "saved").exit_code == 1


def test_an_address_that_is_none_makes_no_corpus(outlet):
    done = outlet.command("http:///x")
    assert done.exit_code == 1 and "names no valid host" in done.output
    assert not outlet.corpus.exists()


# --- when a known address is asked for again


@pytest.mark.parametrize(
    ("listed", "visit", "due", "why"),
    [
        (Listed("u"), None, True, "it was never asked for"),
        (
            Listed("u", date="2024-12-30"),
            Visit("u", "2024-12-31T05:00:00Z", "article", etag="x"),
            True,
            "it costs little",
        ),
        (Listed("u", date="2024-12-01"), Visit("u", "2024-12-31T05:00:00Z", "article", etag="x"), False, "it is old"),
        (
            Listed("u"),
            Visit("u", "2024-12-31T05:00:00Z", "article", etag="x", body="2024-12-01"),
            False,
            "the article is old",
        ),
        (
            Listed("u", date="2024-12-30"),
            Visit("u", "2024-12-31T05:00:00Z", "article", etag="x", body="2024-12-01"),
            True,
            "its feed says when it was published",
        ),
        (Listed("u"), Visit("u", "2024-12-31T05:00:00Z", "article"), False, "it was read an hour ago"),
        (Listed("u"), Visit("u", "2024-12-30T05:00:00Z", "article"), True, "a day has gone by"),
        (
            Listed("u", updated="2024-12-31T05:30:00Z"),
            Visit("u", "2024-12-31T05:00:00Z", "article", updated="2024-12-30T00:00:00Z"),
            True,
            "the feed says that it was updated",
        ),
        (Listed("u"), Visit("u", "2024-12-31T05:00:00Z", "no connection", failures=1), False, "it failed an hour ago"),
        (Listed("u"), Visit("u", "2024-12-30T05:00:00Z", "no connection", failures=1), True, "it may work today"),
        (Listed("u"), Visit("u", "2024-12-01T05:00:00Z", "gone", failures=TRIES), False, "it was given up"),
    ],
)
def test_which_addresses_are_due(listed, visit, due, why):
    assert is_due(listed, visit, moment(NOW)) is due, why


# --- the command


def test_the_command_prints_where_everything_went(site, tmp_path):
    feeds = site.write_feeds(tmp_path)
    hosts = [word for host in site.hosts for word in ("--allow-host", host)]
    arguments = ["collect", str(feeds), "--into", str(tmp_path / "c"), "--delay", "0", *hosts]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(f"60 listed = {site.expected['stored']} new + 0 revised + 0 unchanged")
    assert "set aside 4: the server answers 404 Not Found" in done.output
    again = CliRunner().invoke(main, [*arguments, "--json"])
    assert json.loads(again.stdout)["counts"]["new"] == 0


def test_the_command_fails_where_nothing_could_be_read(site, tmp_path):
    done = CliRunner().invoke(main, ["collect", str(site.write_feeds(tmp_path)), "--into", str(tmp_path / "c")])
    assert done.exit_code == 1
    assert "nothing could be read" in done.output


def test_a_folder_that_is_no_corpus_is_left_alone(collect):
    collect.corpus.mkdir()
    (collect.corpus / "thesis.txt").write_text("all my work", encoding="utf-8")
    with pytest.raises(InputError, match="holds other files"):
        collect()
    assert [path.name for path in collect.corpus.iterdir() if not path.name.startswith(".")] == ["thesis.txt"]

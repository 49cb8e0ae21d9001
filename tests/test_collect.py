"""Collecting from a small web on loopback: every address is accounted for, and nothing is asked for without need."""

import json
import mailbox
import os
import signal
import subprocess
import sys
import time
from email.message import EmailMessage
from io import BytesIO

import pytest
from click.testing import CliRunner
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
    assert all("127.0.0.1" in reason for reason in outcome.reasons), outcome.reasons


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
@pytest.mark.parametrize("point", [1, 9, 30])
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

# ruff: noqa: E501
"""What is read off a web page: the text of its article alone, what the page says of it, and pages that have none."""

import json
import socket
import time

import pytest

pytest.importorskip("trafilatura")

from page_templates import TEMPLATES, story, stub, token_f1

import framing.reading.extraction as extraction
from framing.collecting.pages import read_page
from framing.collecting.records import Unreadable
from framing.reading.boilerplate import article_lines, as_declared, is_boilerplate
from framing.reading.metadata import clean_author, clean_title, own_address, plausible_day

STORIES = [story(number) for number in range(6)]
PARAGRAPHS = "".join(f"<p>{paragraph}</p>" for paragraph in story(99, paragraphs=8).paragraphs)


def refused(page, **about):
    with pytest.raises(Unreadable) as caught:
        read_page(page, **about)
    return str(caught.value)


# --- the text


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_text_is_the_articles_alone_whatever_made_the_page(name):
    """Sixty articles, ten at least in the templates of the figure that the project promises."""
    for one in (story(number) for number in range(10)):
        page = read_page(TEMPLATES[name](one), url=one.url)
        assert token_f1(page.text, one.known) >= 0.93
        assert [p for p in one.paragraphs if p not in page.text.split("\n")] == []
        assert one.title not in page.text
        assert page.title == one.title


def test_without_joining_its_entries_a_live_blog_loses_some(monkeypatch):
    monkeypatch.setattr(extraction, "join_entries", lambda tree: None)
    assert any(read_page(TEMPLATES["live_list"](one)).text != one.known for one in STORIES)


@pytest.mark.parametrize("closed", [False, True])
def test_the_declared_text_stands_in_where_a_script_would_draw_the_page_and_it_is_not_sold(closed):
    thing = {"@type": "NewsArticle", "articleBody": story(3).known, "isAccessibleForFree": not closed}
    page = f'<html><head><title>A title</title><script type="application/ld+json">{json.dumps(thing)}</script></head><div id=app></div>'
    if closed:
        assert refused(page) == BEGINNING
    else:
        assert read_page(page).text == story(3).known


@pytest.mark.parametrize("name", ["navigation", "comments", "consent", "related", "live", "components"])
def test_what_the_page_says_of_its_article(name):
    for one in STORIES:
        page = read_page(TEMPLATES[name](one), url=one.url + "?utm_source=feed")
        assert (page.outlet.removeprefix("The "), page.date, page.url) == (
            one.outlet.removeprefix("The "),
            one.date,
            one.url,
        )
        assert page.author == one.author


def test_pages_are_read_in_a_moment():
    pages = [template(one) for template in TEMPLATES.values() for one in STORIES]
    start = time.perf_counter()
    for page in pages:
        read_page(page)
    assert (time.perf_counter() - start) / len(pages) < 0.2  # measured: 0.01 s; the promise is 0.04 s on a free core


def test_nothing_that_a_page_names_is_opened(monkeypatch):
    def no(*_, **__):
        raise AssertionError("a page was read with a connection")

    monkeypatch.setattr(socket, "socket", no)
    monkeypatch.setattr(socket, "create_connection", no)
    monkeypatch.setattr(socket, "getaddrinfo", no)
    head = '<base href="http://127.0.0.1:9/"><link rel=canonical href="http://127.0.0.1:9/x"><link rel=next href=/2>'
    body = '<iframe src="http://127.0.0.1:9/f"></iframe><img src="http://127.0.0.1:9/i"><object data="http://127.0.0.1:9/"></object>'
    doctype = '<!DOCTYPE html [<!ENTITY x SYSTEM "http://127.0.0.1:9/e">]>'
    assert read_page(
        f"{doctype}<html><head>{head}</head><body><h1>A title</h1>{body}{PARAGRAPHS}&x;</body></html>"
    ).text


# Where the same text stands in the article it is kept: lines of clutter beside sentences of news that look like them.
LINES = [
    ("Read more: Ferry returns to the northern pier", True),
    ("Related: What the audit found", True),
    ("Sign up for our morning newsletter.", True),
    ("Follow us on Telegram for the latest from the harbour", True),
    ("Photograph: H. Vale/Northgate Wire", True),
    ("Advertisement", True),
    ("14 comments", True),
    ("Tags: pier, budget, harbour", True),
    ("Updated 12 May 2024, 10:15 GMT", True),
    ("Published on Monday, June 3, 2024 at 9:05 a.m. EST", True),
    ("Last modified: 3 Sept. 2024 18.30 CEST", True),
    ("By Ines Okafor", True),
    ("By Ines Okafor, regional correspondent", True),
    ("© 2024 Northgate Wire. All rights reserved.", True),
    ("desk@northgate.example", True),
    ("· 5 min read", True),
    ("Related costs rose by a fifth.", False),
    ("By Friday the board had voted.", False),
    ("By Monday, all trams ran again", False),
    ("Published figures in 2019 show that costs rose.", False),
    ("Updated 2019 figures show more rain.", False),
    ("Copyright law is to be rewritten by spring.", False),
    ("“Sign up for the newsletter,” the mayor said.", False),
    ("Register offices will send e-mails to couples.", False),
    ("Share prices fell by a tenth.", False),
    ("Comments by the mayor angered the union.", False),
    ("Watch committees were abolished in 1968.", False),
    ("Print runs were halved.", False),
]


@pytest.mark.parametrize(("line", "dropped"), LINES)
def test_labels_go_and_sentences_stay(line, dropped):
    assert is_boilerplate(line) == dropped


def test_the_headline_is_not_repeated_in_the_text():
    text = "Ferry Returns to Pier!\n\nThe ferry is back."
    assert article_lines(text, "Ferry returns to pier") == ["The ferry is back."]


@pytest.mark.parametrize(
    ("why", "declared", "kept"),
    [
        ("the same article: what it lacks goes", "The board met on Tuesday night. It voted for the pier plan.", 2),
        ("another text decides nothing", "Quite another article about the weather of the week.", 3),
        ("a cut text decides nothing", "The board met on", 3),
        ("no text decides nothing", "", 3),
    ],
)
def test_the_declared_text_decides_only_where_it_is_the_same_article(why, declared, kept):
    lines = ["The board met on Tuesday night.", "It voted for the pier plan.", "Win two tickets now."]
    assert as_declared(lines, declared) == lines[:kept], why


NAMES = [
    # class or id of a block in the middle of the article, and whether its text is part of the article
    ('class="reader-comments"', False),
    ('id="comments"', False),
    ('class="cookieBanner"', False),
    ('class="c-newsletter__box"', False),
    ('class="relatedArticles"', False),
    ('role="complementary"', False),
    ('role="dialog" aria-modal="true"', False),
    ('aria-label="Most read"', False),
    ('data-testid="share-tools"', False),
    ('class="pull-quote"', True),
    ('class="commentary"', True),
    ('class="has-comments"', True),
    ('class="administration"', True),
    ('class="adjacent"', True),
    ('class="correction"', True),
]


@pytest.mark.parametrize(("attributes", "kept"), NAMES)
def test_blocks_go_by_what_their_names_say(attributes, kept):
    block = f"<div {attributes}><p>The lighthouse keeper was asked twice and declined both times, in writing, in May.</p></div>"
    half = len(PARAGRAPHS) // 2
    half = PARAGRAPHS.index("</p>", half) + 4
    page = f"<html><body><article><h1>A title of words</h1>{PARAGRAPHS[:half]}{block}{PARAGRAPHS[half:]}</article></body></html>"
    assert ("lighthouse keeper" in read_page(page).text) == kept


def test_without_clearing_the_page_a_block_of_comments_is_text(monkeypatch):
    monkeypatch.setattr(extraction, "clear", lambda tree: None)
    page = f'<html><body><article><h1>A title</h1>{PARAGRAPHS}<div class="reader-comments"><p>I was there and saw it.</p></div></article>'
    assert "I was there" in read_page(page).text


@pytest.mark.parametrize(
    "name", ["comments-on", "cookies-accepted page", "newsletter-layout", "related-theme", "modal-open", "tag-cookies"]
)
def test_an_article_survives_whatever_its_page_is_called(name):
    page = f'<html><body class="{name}"><div class="{name}"><article class="{name}"><h1>A title</h1>{PARAGRAPHS}</article></div></body></html>'
    assert len(read_page(page).text.split("\n")) == 8


UNNAMED = {
    "a request for consent": f"<div class=x><p>{'We use cookies and other tracking technologies to show personalised content. ' * 3}</p><a>I agree</a></div>",
    "a card": "<div class=x><a href=/1><b>Quite another story of today</b></a><p>Its lead has some words of its own in it.</p></div>",
    "cards in a row": "<div class=x><h3><a href=/1>Quite another story of today</a></h3>" + f"<p>{'Its lead has many words of its own. ' * 5}</p>" * 2 + "</div>",
    "a link alone": "<p><a href=/1>Quite another story of today</a></p>",
}  # fmt: skip


@pytest.mark.parametrize("kind", UNNAMED)
def test_blocks_without_a_name_go_by_what_they_are(kind):
    half = PARAGRAPHS.index("</p>", len(PARAGRAPHS) // 2) + 4
    middle = UNNAMED[kind] * 3
    page = f"<html><body><h1>A title of words</h1><div class=y>{PARAGRAPHS[:half]}{middle}{PARAGRAPHS[half:]}</div></body></html>"
    assert read_page(page).text.replace("\n", "") == PARAGRAPHS.replace("<p>", "").replace("</p>", "")


KEPT = {
    "a link within a sentence": '<p>The figures were <a href="/1">published by the water company</a> on Friday, it said.</p>',
    "an embed that asks": "<div class=x><p>The clip shows the bridge. We use cookies to show it.</p><button>Accept</button></div>",
    "a heading": "<h2>What happens on the pier next</h2>",
    "a list of demands": "<ul><li>more trams on the northern line</li><li>no night work near the school</li></ul>",
    "a quotation": "<blockquote><p>“Nobody asked the people who walk there,” the harbour master wrote.</p></blockquote>",
}


@pytest.mark.parametrize("kind", KEPT)
def test_parts_of_an_article_stay(kind):
    half = PARAGRAPHS.index("</p>", len(PARAGRAPHS) // 2) + 4
    page = f"<html><body><h1>A title of words</h1><div class=y>{PARAGRAPHS[:half]}{KEPT[kind]}{PARAGRAPHS[half:]}</div></body></html>"
    text = read_page(page).text
    assert len(text.split("\n")) > 8 or kind == "an embed that asks"
    assert all(paragraph in text for paragraph in story(99, paragraphs=8).paragraphs)


def test_the_lead_survives():
    page = f'<html><body><header><h1>A title</h1><p class="article-standfirst">{"The lead says in many words what came of it all. " * 2}</p></header><article>{PARAGRAPHS}</article></body></html>'
    assert read_page(page).text.startswith("The lead says")


# --- what the page says of it


@pytest.mark.parametrize(
    ("title", "cleaned"),
    [
        ("Ferry returns | The Lantern", "Ferry returns"),
        ("Ferry returns - Lantern", "Ferry returns"),
        ("The Lantern: Ferry returns", "Ferry returns"),
        ("Ferry returns|lantern.example", "Ferry returns"),
        ("Ferry returns - first since May | The Lantern", "Ferry returns - first since May"),
        ("Ferry returns – the view from Northgate", "Ferry returns – the view from Northgate"),
        ("The Lantern goes out: a farewell", "The Lantern goes out: a farewell"),
        ("Who lit the lantern", "Who lit the lantern"),
        ("The Lantern", "The Lantern"),
    ],
)
def test_titles_lose_the_name_of_the_site_and_no_word_of_the_headline(title, cleaned):
    assert clean_title(title, names=("The Lantern", "lantern.example")) == cleaned


@pytest.mark.parametrize(
    ("author", "cleaned"),
    [
        ("By Ines Okafor", "Ines Okafor"),
        ("Ines Okafor; Tom Varley", "Ines Okafor; Tom Varley"),
        ("Ines Okafor; The Lantern", "Ines Okafor"),
        ("https://lantern.example/people/1", ""),
        ("admin", ""),
        ("Byron Marsh", "Byron Marsh"),
    ],
)
def test_authors_are_people(author, cleaned):
    assert clean_author(author, outlet="The Lantern") == cleaned


@pytest.mark.parametrize(
    ("date", "not_after", "trusted"),
    [
        ("2024-05-01", "", "2024-05-01"),
        ("2024-05-01", "2024-05-01", "2024-05-01"),
        ("2024-05-02", "2024-05-01", ""),
        ("1970-01-01", "", ""),
        ("2099-01-01", "2024-05-01", ""),
        ("0001-01-01", "", ""),
        ("", "", ""),
    ],
)
def test_impossible_days_are_dropped(date, not_after, trusted):
    assert plausible_day(date, not_after=not_after) == trusted


@pytest.mark.parametrize("day", ["1970-01-01", "2099-07-01"])
def test_no_other_date_of_the_page_stands_in_for_an_impossible_one(day):
    page = (
        f'<html><head><meta property="article:published_time" content="{day}T00:00:00Z"></head><body><article><h1>A title</h1>'
        f"{PARAGRAPHS}</article><footer>© 2015 Northgate Wire, updated 2016-03-01</footer></body></html>"
    )
    assert read_page(page, not_after="2026-11-28").date == ""


@pytest.mark.parametrize(
    ("named", "found_at", "own"),
    [
        ("https://lantern.example/a", "https://lantern.example/a?utm_source=x", "https://lantern.example/a"),
        ("https://www.lantern.example/a", "https://amp.lantern.example/a", "https://www.lantern.example/a"),
        ("https://rival.example/b", "https://lantern.example/a", "https://lantern.example/a"),
        ("https://lantern.example/", "https://lantern.example/a", "https://lantern.example/a"),
        ("javascript:alert(1)", "https://lantern.example/a", "https://lantern.example/a"),
        ("https://lantern.example/a", "", "https://lantern.example/a"),
    ],
)
def test_a_page_names_its_own_address_only(named, found_at, own):
    assert own_address(named, found_at) == own


@pytest.mark.parametrize(
    ("why", "encoding", "head", "content_type"),
    [
        ("UTF-8 with nothing said", "utf-8", "", ""),
        ("the header is wrong, the bytes are UTF-8", "utf-8", "", "text/html; charset=iso-8859-1"),
        ("the header alone", "cp1251", "", "text/html; charset=windows-1251"),
        ("the header goes before the page", "cp1251", '<meta charset="cp1252">', 'text/html; charset="windows-1251"'),
        ("the page alone", "cp1251", '<meta charset="windows-1251">', "text/html"),
        ("UTF-16 by its mark", "utf-16", "", "text/html"),
        ("a charset that does not exist", "utf-8", "", "text/html; charset=martian"),
    ],
)
def test_bytes_become_text_by_header_mark_and_page(why, encoding, head, content_type):
    page = f"<html><head>{head}</head><body><article><h1>Паром</h1>{PARAGRAPHS.replace('“', '«').replace('”', '»')}<p>Паром вернулся к причалу во вторник вечером, сообщили в порту.</p></article></body></html>"
    assert "Паром вернулся" in read_page(page.encode(encoding), content_type=content_type).text, why


def test_quotation_marks_of_windows_in_a_page_called_latin_1():
    page = f"<html><body><article><h1>A title</h1>{PARAGRAPHS}</article></body></html>".encode("cp1252")
    assert "“" in read_page(page, content_type="text/html; charset=iso-8859-1").text


def test_damaged_bytes_in_the_article_are_no_text():
    page = (
        f"<html><body><article><h1>A title</h1>{PARAGRAPHS}<p>é caf".encode()
        + b"\xff"
        + f"</p>{PARAGRAPHS}</article>".encode()
    )
    assert refused(page) == "the article holds bytes that are no text"


# --- pages that are refused


def page_of(text, *, head="", more=""):
    return f"<html><head><title>A plain headline</title>{head}</head><body><article><h1>A plain headline</h1>{text}</article>{more}</body></html>"


def words(count):
    """That many words of an article."""
    some = " ".join(story(7, paragraphs=30).paragraphs).split()[: count - 1]
    return f"<p>{' '.join(some[: count // 2])}.</p><p>{' '.join(some[count // 2 :])} today.</p>"


CLOSED = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": %s}</script>'
OFFER = "<div><h2>Subscribe to continue reading</h2><p>One pound a week. Already a subscriber? Log in</p></div>"
WALL = '<div class="c-paywall"><p>This article is for subscribers. Choose your plan.</p></div>'
BEGINNING = "the page shows only the beginning, for subscribers"
COOKIES = (
    "<p>We and our 812 partners use cookies and similar technologies to store and/or access information on your device. You may accept all or "
    "manage your preferences at any time. Read our privacy policy. Some vendors rely on legitimate interest; you may withdraw your consent.</p>"
)
AGREE = "<button>Accept all</button><button>More options</button>"
TEASERS = "".join(
    f'<div><h3><a href="/{i}">{story(i).title} again</a></h3><p>{story(i).paragraphs[0]}</p></div>' for i in range(12)
)

REFUSED = [
    ("declared closed and short", page_of(words(60), head=CLOSED % "false"), BEGINNING),
    ("closed, as a string", page_of(words(60), head=CLOSED % '"False"'), BEGINNING),
    ("an offer behind a short text", page_of(words(110), more=OFFER), BEGINNING),
    ("a wall by its name", page_of(words(90), more=WALL), BEGINNING),
    ("cut off, with an offer", page_of(words(200) + "<p>The mayor, who had…</p>", more=OFFER), BEGINNING),
    (
        "the declared length says that most is missing",
        page_of(words(220), head='<script type="application/ld+json">{"@type": "NewsArticle", "wordCount": 900}</script>', more=OFFER),
        BEGINNING,
    ),
    ("a consent page with a text like an article", page_of(COOKIES * 3, more=AGREE), "the page asks for consent instead of showing the article"),
    ("a consent page with little text", f"<html><body><h1>Before you continue</h1><div>{COOKIES}</div><a>I agree</a></body></html>", "the page asks for consent instead of showing the article"),
    ("a log-in page", "<html><head><title>Sign in | Northgate Wire</title></head><body><form><input name=u><input type=password></form></body></html>", "the page asks for a log-in"),
    ("a check against robots", "<html><head><title>Just a moment...</title></head><body><p>Checking your browser before you go on.</p></body></html>", "the page is a check against robots, not an article"),
    ("a captcha", '<html><body><h1>One more step</h1><div class="h-captcha"></div><p>Please tick the box.</p></body></html>', "the page is a check against robots, not an article"),
    ("a missing page that says 200", f"<html><head><title>Page not found</title></head><body><h1>Sorry, we can't find that page</h1>{words(60)}</body></html>", "the page says that it was not found"),
    ("a section page", f"<html><body><h1>Politics</h1>{TEASERS}</body></html>", "the page is a list of stories, not an article"),
    ("a video", page_of("<p>Watch the session.</p><video src=x></video>"), "the page shows a video, with no article"),
    ("a few words", page_of(words(25)), "25 words of text are too short to be an article"),
    ("nothing", "<html><body></body></html>", "no article text found in the page"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "page", "reason"), REFUSED, ids=[case[0] for case in REFUSED])
def test_pages_without_an_article_are_refused_with_the_reason(why, page, reason):
    assert refused(page) == reason


OFFERS = [
    "<h3>This content is for subscribers</h3><p>Choose a plan.</p>",
    "<p>You’ve reached your limit of free articles.</p><a>Subscribe</a>",
    "<div>Sign up for a free account to continue</div>",
    "<p>Subscribe from £1 a week to read on</p>",
    "<h2>Want to read more?</h2><p>Subscribe now for full access.</p>",
    "<p>To read this article in full, please subscribe.</p>",
    '<div class="premium-teaser">Premium content</div>',
    "<div>This is a subscriber-exclusive story. Get unlimited access.</div>",
    "<p>Already a subscriber? <a>Log in</a></p><p>Start your free trial</p>",
    '<div id="paywall-prompt"><p>Support our journalism</p><button>Subscribe</button></div>',
    "<p>The remainder of this article is available to members.</p>",
    "<p>You have 0 free articles remaining this month.</p>",
]


@pytest.mark.parametrize("offer", OFFERS)
def test_an_offer_behind_a_short_text_is_a_paywall_and_behind_a_long_one_no_part_of_it(offer):
    assert refused(page_of(words(80) + f"<div class=x>{offer}</div>")) == BEGINNING
    text = read_page(page_of(words(300) + f"<div class=x>{offer}</div>")).text
    assert text.endswith("today.") and len(text.split("\n")) == 2


@pytest.mark.parametrize("number", range(8))
def test_stubs_are_refused(number):
    assert refused(stub(story(number))) == BEGINNING


ABOUT = {
    "cookies": "Publishers use cookies and ask readers to accept all of them, a survey found. Few read the privacy policy or the cookie "
    "notice before they give consent; your consent is worth a cent. Most click on accept all, and legitimate interest covers the rest.",
    "paywalls": "Readers who are told to subscribe to continue reading mostly leave, a survey found. “This article is for subscribers only” "
    "is the sentence they like least, and unlock the full story comes second. The rest of this story is about what publishers do.",
    "subscriptions": "The paper has ended its paywall and its subscriptions. Already a subscriber gets the money back, the board said.",
    "lost pages": "Page not found is what one in ten readers of old links sees, a library has counted, and 404 is a number that children know.",
    "robots": "A captcha asks whether you are human or a robot. Most people now fail it, the university said, and access denied is the answer.",
}  # fmt: skip


@pytest.mark.parametrize("topic", ABOUT)
def test_articles_about_such_things_pass(topic):
    text = f"<p>{ABOUT[topic]}</p>{words(120)}<p>{ABOUT[topic]}</p>{words(40)}"
    assert ABOUT[topic][:60] in read_page(page_of(text, more=f"<div class=cookie-banner>{COOKIES}{AGREE}</div>")).text


PASS = [
    ("a headline on checks", page_of(words(90)).replace("A plain headline", "Airport security check takes hours")),
    ("a headline on things not found", page_of(words(90)).replace("A plain headline", "Nothing found of missing boat")),
    ("a headline on signing", page_of(words(60)).replace("A plain headline", "Sign in window tells of a vote")),
    ("no paragraphs, and a name of clutter around all", f"<html><body><h1>A plain headline</h1><div class=social-page><div>{words(200)[3:].replace('<p>', '<div>').replace('</p>', '</div>')}</div></div></body></html>"),
    ("a metered page with all of its text", page_of(words(300), head=CLOSED % "false", more=OFFER + WALL)),
    ("a short one whose declared length is what is shown", page_of(words(90), head='<script type="application/ld+json">{"@type": "NewsArticle", "wordCount": 92, "isAccessibleForFree": false}</script>', more=OFFER)),
    ("a brief with a word for subscribers in the header", page_of(words(70), more="<footer><a href=/in>Already a subscriber? Log in</a></footer>")),
    ("a brief declared free", page_of(words(60), head=CLOSED % "true")),
    ("a brief declared free, with an offer beside it", page_of(words(100), head=CLOSED % "true", more=OFFER)),
    ("a brief with a line that Bootstrap shortens", page_of(words(100), more='<p class="text-truncate">Ferry back at the northern pier</p>')),
    ("a brief with a message that fades out", page_of(words(100), more='<div class="toast fade-out"><p>The link was copied.</p></div>')),
    ("a brief beside one on a crowd", page_of(words(100), more="<div><a href=/1>Thousands join the march to see the new pier</a></div>")),
    ("a brief with letters for subscribers in its foot", page_of(words(100), more="<footer><a href=/l>Subscriber-only newsletters</a></footer>")),
    ("a brief with an offer to readers of advertisements", page_of(words(100), more="<div>Subscribe to read without ads</div>")),
    ("a brief with an offer in the menu", page_of(words(100), more="<nav><a href=/s>Subscribe to read our paper</a></nav>")),
    ("a short article with a consent banner", page_of(words(60), more=f"<div id=consent>{COOKIES}{AGREE}</div>")),
    ("an article with many teasers below", page_of(words(200), more=TEASERS)),
    ("a short one with its author and many teasers below", page_of(words(60), head='<meta name=author content="Ines Okafor"><meta property="article:published_time" content="2024-05-01">', more=TEASERS)),
    ("a short one that is called an article", page_of(words(60), head='<meta property="og:type" content="article">', more=TEASERS)),
    ("an article with a video", page_of(words(120) + "<video src=x></video>")),
    ("an article with a log-in in its header", page_of(words(80), more="<form><input type=password></form>")),
]  # fmt: skip


@pytest.mark.parametrize(("why", "page"), PASS, ids=[case[0] for case in PASS])
def test_articles_with_such_things_beside_them_pass(why, page):
    assert read_page(page).text


@pytest.mark.parametrize(
    ("page", "about", "reason"),
    [
        (b"%PDF-1.7", {"content_type": "application/pdf"}, "not a web page but 'application/pdf'"),
        (b"x" * 20_000_001, {}, "20,000,001 bytes, over the limit of 20,000,000 for a page"),
        ("<b>" * 30_001, {}, "30,001 tags, over the limit of 30,000 for a page"),
        (b"", {}, "no article text found in the page"),
    ],
)
def test_limits_are_named(page, about, reason):
    assert refused(page, **about) == reason


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 29_000,
        "<div class=comment>" * 29_000,
        "<table><tr><td>" * 9_000 + "x",
        "<ul>" + "<li><time>10:00</time><p>x" * 9_000,
        "<h2><a href=/x>one two three</a></h2>" * 7_000,
        '<script type="application/ld+json">' + "[" * 100_000 + "</script>",
        f'<script type="application/ld+json">{json.dumps({"@graph": [{"@graph": [{}] * 300}] * 300})}</script>',
        "<p>" + "subscribe to " * 30_000,
        "<title>" + "page " * 50_000 + "</title><p>" + "By A" * 20_000,
        "<div>" * 250 + "<a href=/1>one two three</a>" * 5 + "word " * 1_500_000,
        "<p>word</p>" + "<button>OK</button>" * 4_000 + "word " * 200_000,
        "<h1>Title of it</h1>" + "<p>Subscribe to our news, all of you who are here</p>" * 5_000,
        f"<h1>Title of it</h1><p>Updated{' june' * 55} x</p><p>Posted{' est' * 55} x</p>",
        "<h1>Title of it</h1>" + f"<p>By {'a' * 290}!x</p>" * 2_000,
        f"<h1>Title of it</h1><p>{'.' * 100_000} and</p><p>{'. ' * 50_000}</p>",
    ],
    ids=range(15),
)
def test_pumped_pages_end_soon(page):
    start = time.perf_counter()
    try:
        read_page(page)
    except Unreadable:
        pass
    assert time.perf_counter() - start < 20

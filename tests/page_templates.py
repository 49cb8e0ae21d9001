# ruff: noqa: E501
"""Invented articles and the pages that different publishing systems would make of them.

``story(n)`` is the n-th article, the same every time; ``TEMPLATES`` names functions that wrap a story in a page. What a
page shows beside the story (navigation, comments, teasers, consent ...) is invented too and never part of ``known``.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

OUTLETS = ("Northgate Wire", "The Common Lantern", "The Freehold Standard", "Daily Klaxon")
_WHO = (
    "The harbour board", "A parish council", "The transport committee", "Residents of the old quarter", "The dock union",
    "The water company", "Engineers at the plant", "The county archive", "Two school governors", "The ferry operator",
)  # fmt: skip
_DID = (
    "approved a plan to rebuild", "postponed the sale of", "asked for an audit of", "published figures about",
    "withdrew an objection to", "signed a lease for", "began the inspection of", "voted to close", "agreed to fund",
)  # fmt: skip
_WHAT = (
    "the northern pier", "a disused grain store", "the footbridge at Mill Lane", "the market hall", "four tram stops",
    "the reservoir above the town", "a row of lime trees", "the night bus to Aldermoor", "the swimming baths",
)  # fmt: skip
_WHEN = (
    "on Tuesday evening", "after a meeting of three hours", "before the summer recess", "in a vote of nine to four",
    "despite rain", "for the second time this year", "without further debate", "as costs rose by a fifth",
)  # fmt: skip
_NAMES = ("Ines Okafor", "Tom Varley", "Ruth Lindqvist", "Dario Penhale", "Maya Tran", "Owen Castellan", "Piet Marsh")
_ROLES = ("a surveyor", "the treasurer", "who runs a bakery nearby", "the harbour master", "a retired teacher")
_SAID = (
    "We have waited for this longer than anyone cares to remember",
    "Nobody asked the people who walk there every day",
    "It is a modest sum when you set it against the repairs",
    "The drawings are sound, and the money is in the bank",
    "I would rather see it done slowly than done twice",
    "If the tide takes the wall, there will be nothing left to argue over",
)
_PLAIN = (
    "Work is expected to last until the {n}th of March, with a pause over the holidays.",
    "The estimate of {n}.2 million does not include the cost of moving the power lines.",
    "A similar proposal failed in 19{n}, when two members abstained and one was ill.",
    "Documents released this week show that survey number {n} was never completed.",
    "The building dates from 18{n} and was last painted when the railway came through.",
    "Traffic will be led through {n}th Street, which the fire service called narrow but passable.",
    "Around {n}0 households are affected; letters are to reach them by Friday.",
    "No date has been set for hearing {n}, and both sides say they can wait.",
)


@dataclass(frozen=True)
class Story:
    """An invented article: what a perfect reader of its page would give back."""

    title: str
    outlet: str
    author: str
    date: str
    paragraphs: tuple[str, ...]
    url: str

    @property
    def known(self) -> str:
        return "\n".join(self.paragraphs)


def story(number: int, *, paragraphs: int = 0) -> Story:
    """The story of that number, six to twelve paragraphs long unless said otherwise."""
    pick = random.Random(number)
    what = pick.choice(_WHAT)
    count = paragraphs or pick.randint(6, 12)
    return Story(
        title=f"{pick.choice(_WHO)} {pick.choice(_DID)} {what}",
        outlet=pick.choice(OUTLETS),
        author=pick.choice(_NAMES),
        date=f"2024-{pick.randint(1, 12):02}-{pick.randint(1, 28):02}",
        paragraphs=tuple(_paragraph(pick) for _ in range(count)),
        url=f"https://news.example/2024/story-{number}",
    )


def _paragraph(pick: random.Random) -> str:
    event = f"{pick.choice(_WHO)} {pick.choice(_DID)} {pick.choice(_WHAT)} {pick.choice(_WHEN)}."
    quote = f"“{pick.choice(_SAID)},” said {pick.choice(_NAMES)}, {pick.choice(_ROLES)}."
    plain = (sentence.format(n=pick.randint(10, 99)) for sentence in pick.sample(_PLAIN, 2))
    return " ".join(pick.sample([event, quote, *plain], pick.choice((1, 2, 2, 3))))


def token_f1(got: str, known: str) -> float:
    """F1 of the words of two texts as bags, in [0, 1]."""
    left, right = Counter(got.split()), Counter(known.split())
    shared = sum((left & right).values())
    return 2 * shared / (sum(left.values()) + sum(right.values())) if shared else 0.0


# --- what stands around a story

_MENU = (
    "Home",
    "World",
    "Politics",
    "Business",
    "Culture",
    "Sport",
    "Weather",
    "Opinion",
    "Podcasts",
    "Puzzles",
    "Jobs",
)


def _links(*labels: str) -> str:
    return "".join(f'<li><a href="/{label.lower()}/">{label}</a></li>' for label in labels)


def _teasers(seed: int, count: int, pattern: str) -> str:
    """Teasers of other stories; ``pattern`` has {url}, {title} and {lead}."""
    others = [story(5000 + 17 * seed + i) for i in range(count)]
    return "".join(pattern.format(url=o.url, title=escape(o.title), lead=escape(o.paragraphs[0])) for o in others)


def _p(story: Story, every: int = 0, between: str = "", **attributes: str) -> str:
    """The paragraphs as <p>, with something between after every so many."""
    shown = "".join(f' {name.rstrip("_")}="{value}"' for name, value in attributes.items())
    parts = []
    for i, text in enumerate(story.paragraphs, 1):
        parts.append(f"<p{shown}>{escape(text)}</p>")
        if every and i % every == 0:
            parts.append(between)
    return "\n".join(parts)


def _json_ld(**fields: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@context": "https://schema.org", **fields})}</script>'


def _news_article(story: Story, **more: object) -> str:
    return _json_ld(
        **{
            "@type": "NewsArticle",
            "headline": story.title,
            "datePublished": f"{story.date}T06:30:00+00:00",
            "author": [{"@type": "Person", "name": story.author}],
            "publisher": {"@type": "NewsMediaOrganization", "name": story.outlet},
            "mainEntityOfPage": story.url,
            **more,
        }
    )


def _page(head: str, body: str, attributes: str = "") -> str:
    return f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">{head}</head>\n<body{attributes}>{body}</body></html>'


# --- one template each


def navigation(story: Story) -> str:
    """Semantic elements, a mega menu, breadcrumbs, share buttons, tags and a full footer."""
    menu = "".join(
        f'<li><a href="/{name.lower()}">{name}</a><ul>{_links(*(f"{name} {part}" for part in ("today", "archive", "letters")))}'
        "</ul></li>"
        for name in _MENU
    )
    return _page(
        f"<title>{escape(story.title)} | {story.outlet}</title>{_news_article(story)}"
        f'<link rel="canonical" href="{story.url}"><meta property="og:site_name" content="{story.outlet}">',
        f'<a class="skip" href="#main">Skip to main content</a><header class="site-header"><a href="/">{story.outlet}</a>'
        f'<p>Independent reporting since 1911</p><nav aria-label="Main"><ul>{menu}</ul></nav></header>'
        f'<ol class="breadcrumbs">{_links("Home", "Region")}</ol><main id="main"><article><header><h1>{escape(story.title)}</h1>'
        f'<p class="byline">By <a rel="author" href="/a/1">{story.author}</a>, regional correspondent</p>'
        f'<time datetime="{story.date}T06:30">{story.date}</time> · <span>4 min read</span></header>'
        f'<ul class="share-buttons"><li>Share on Chirper</li><li>Send by e-mail</li><li>Copy link</li></ul>'
        f"<figure><img src=a.jpg><figcaption>The site as seen from the river in May. Photograph: H. Vale/Northgate"
        f"</figcaption></figure>{_p(story)}<footer><p>Topics: {_links('Harbour', 'Budget')}</p></footer></article></main>"
        f"<footer><h2>About us</h2><ul>{_links('Contact', 'Careers', 'Terms')}</ul><p>© 2024 {story.outlet}. All rights "
        "reserved. No part of this site may be reproduced without written permission of the publisher.</p></footer>",
    )


def comments(story: Story) -> str:
    """A blog system: widgets, author box, tags, post navigation and more words of comments than of article."""
    said = "".join(
        f'<li class="comment byuser depth-1" id="comment-{i}"><article class="comment-body"><footer class="comment-meta">'
        f'<b class="fn">reader{i}</b> <span class="says">says:</span> <a href="#c{i}">May {i + 1}, 2024 at 9:1{i % 10} am</a></footer>'
        f'<div class="comment-content"><p>I strongly disagree with number {i}: this council has never listened to anybody '
        "and it never will, mark my words. My neighbour wrote to them four times.</p></div>"
        '<div class="reply"><a rel="nofollow" href="#">Reply</a></div></article></li>'
        for i in range(14)
    )
    return _page(
        f"<title>{escape(story.title)} – {story.outlet}</title><meta property='og:site_name' content='{story.outlet}'>"
        f'<meta property="article:published_time" content="{story.date}T08:00:00+00:00"><meta name="author" content="{story.author}">'
        f'<link rel="canonical" href="{story.url}">',
        f'<div id="page" class="site"><header id="masthead" class="site-header"><p class="site-title"><a href="/">{story.outlet}</a>'
        f'</p><nav id="site-navigation" class="main-navigation"><ul>{_links(*_MENU)}</ul></nav></header>'
        f'<div id="content" class="site-content"><div id="primary"><article id="post-81" class="post-81 post type-post '
        f'category-local tag-pier has-post-thumbnail"><header class="entry-header"><h1 class="entry-title">{escape(story.title)}</h1>'
        f'<div class="entry-meta">Posted on <time class="entry-date published" datetime="{story.date}">{story.date}</time> by '
        f'<span class="author vcard">{story.author}</span> <span class="comments-link"><a href="#comments">14 Comments</a></span>'
        f'</div></header><div class="entry-content">{_p(story)}'
        '<div class="wp-caption"><img src="b.jpg"><p class="wp-caption-text">A rainy afternoon at the quay. (Photo: L. Moss)</p></div>'
        '<div class="sharedaddy sd-sharing-enabled"><h3 class="sd-title">Share this:</h3><ul><li><a href="#">Click to share on '
        "Chirper (Opens in new window)</a></li><li><a href='#'>Click to print (Opens in new window)</a></li></ul></div>"
        f'<div class="jp-relatedposts"><h3>Related</h3>{_teasers(1, 3, "<p><a href={url}>{title}</a></p><p>{lead}</p>")}</div></div>'
        '<footer class="entry-footer">Filed under <a href="/c">Local</a> Tagged <a href="/t">pier</a>, <a href="/u">budget</a></footer>'
        f'<div class="author-box"><h4>About {story.author}</h4><p>{story.author} has covered local government for eleven years and '
        "keeps bees. Write with tips and complaints at any hour.</p></div></article>"
        f'<nav class="post-navigation"><a href="/p">Previous: {escape(story.title[:20])} again</a></nav>'
        f'<div id="comments" class="comments-area"><h2 class="comments-title">14 thoughts on “{escape(story.title)}”</h2>'
        f'<ol class="comment-list">{said}</ol><div id="respond" class="comment-respond"><h3>Leave a Reply</h3><p>Your email address '
        "will not be published. Required fields are marked</p></div></div></div>"
        '<aside id="secondary" class="widget-area"><section class="widget widget_recent_entries"><h2>Recent Posts</h2><ul>'
        f"{_teasers(2, 5, '<li><a href={url}>{title}</a></li>')}</ul></section></aside></div></div>",
    )


def consent(story: Story) -> str:
    """Containers without meaning; a consent dialogue with long text stands before everything else."""
    legal = (
        "We and our 812 partners store and access information on a device, such as cookies, and process personal data, such as "
        "unique identifiers, for personalised ads and content, measurement and audience insights. With your permission we may use "
        "precise geolocation data. You may click to consent to our processing as described above. Some processing may not require "
        "your consent, but you have a right to object. Your preferences will apply to this website only. "
    )
    return _page(
        f"<title>{escape(story.title)}</title>{_news_article(story, articleBody=' '.join(story.paragraphs))}"
        f'<meta property="og:url" content="{story.url}">',
        f'<div id="qc-cmp2-container" role="dialog" aria-modal="true"><div class="qc-cmp2-ui"><h2>We value your privacy</h2><p>{legal}'
        f"</p><p>{legal}</p><button>More options</button><button>Agree</button></div></div><div id=app><div class=hd><div class=lg>"
        f'{story.outlet}</div><div class=mn>{"".join(f"<a href=/{m}>{m}</a>" for m in _MENU)}</div></div><div class="w"><div class="c1">'
        f"<h1>{escape(story.title)}</h1><div class=by>{story.author} | {story.date}</div>"
        + "".join(f"<div class=t>{escape(text)}</div>" for text in story.paragraphs)
        + "<div class=nl-box><div>Sign up for our newsletter</div><div>The five stories you need, every weekday before breakfast. "
        "By signing up you accept our terms.</div></div></div><div class=c2><div>Most read</div>"
        f"{_teasers(3, 8, '<div class=mr><a href={url}>{title}</a></div>')}</div></div><div class=ft>Imprint Privacy Cookie settings"
        '</div></div><div class="cookie-bar">This website uses cookies to ensure you get the best experience.<a href=/c>Learn more</a>'
        "</div>",
    )


def related(story: Story) -> str:
    """Microdata; teasers of other stories, a newsletter box and advertisements between the paragraphs."""
    between = (
        '<div class="inline-related"><h4>More on this story</h4>'
        f"{_teasers(4, 2, '<div class=item><a href={url}><img src=x.jpg>{title}</a><p>{lead}</p></div>')}</div>"
        f'<p><strong>Read more:</strong> <a href="/x/1">{escape(story.title)}: what happens next</a></p>'
        '<div class="ad-slot" id="dfp-3">Advertisement</div>'
        '<section class="newsletter-signup" aria-label="Newsletter"><h3>The Morning Bell</h3><p>Get the stories that matter in your '
        "inbox, free, every day.</p><form><input type=email><button>Sign me up</button></form></section>"
    )
    return _page(
        f'<meta property="og:title" content="{escape(story.title)} | {story.outlet}"><meta property="og:site_name" '
        f'content="{story.outlet}"><title>{escape(story.title)} | {story.outlet}</title>'
        f'<meta property="article:published_time" content="{story.date}T11:00:00Z"><link rel=canonical href="{story.url}">',
        f'<div class="masthead"><ul class="menu">{_links(*_MENU)}</ul></div><div class="layout"><div class="story" itemscope '
        f'itemtype="https://schema.org/NewsArticle"><h1 itemprop="headline">{escape(story.title)}</h1><div class="story__meta">'
        f'<span itemprop="author" itemscope itemtype="https://schema.org/Person"><span itemprop="name">{story.author}</span></span>'
        f' <time itemprop="datePublished" datetime="{story.date}">{story.date}</time></div><div itemprop="articleBody" '
        f'class="story__body">{_p(story, 3, between)}</div><div class="story__tags">Tags: <a href=/t/1>Pier</a> <a href=/t/2>Vote</a>'
        f'</div></div><div class="rail"><h3>Trending</h3>'
        f'{_teasers(5, 6, "<div class=trend><a href={url}>{title}</a><span>{lead}</span></div>")}</div></div><div class="recirc">'
        f"<h3>You may also like</h3>{_teasers(6, 6, '<div class=card><a href={url}><h4>{title}</h4></a><p>{lead}</p></div>')}</div>"
        '<div class="bottom">Get in touch. Corrections policy. Complaints.</div>',
    )


def live(story: Story) -> str:
    """A live blog in schema.org's words: every entry is an article of its own, newest first."""
    entries = _entries(story)
    updates = [
        {
            "@type": "BlogPosting",
            "headline": f"Update {i}",
            "datePublished": f"{story.date}T1{i % 10}:00:00Z",
            "articleBody": " ".join(e),
        }
        for i, e in enumerate(entries)
    ]
    shown = "".join(
        f'<article id="block-{i}" class="block block--entry"><header><a class="block-time" href="#block-{i}"><time datetime='
        f'"{story.date}T1{i % 10}:00:00Z">1{i % 10}.00 GMT</time></a></header><div class="block-elements">'
        + "".join(f"<p>{escape(text)}</p>" for text in entry)
        + '</div><div class="block-share"><button>Share</button><button>Copy link</button></div></article>'
        for i, entry in enumerate(entries)
    )
    return _page(
        f"<title>{escape(story.title)} – live | {story.outlet}</title><link rel=canonical href='{story.url}'>"
        + _json_ld(
            **{
                "@type": "LiveBlogPosting",
                "headline": story.title,
                "datePublished": f"{story.date}T06:00:00Z",
                "author": {"@type": "Person", "name": story.author},
                "publisher": {"@type": "Organization", "name": story.outlet},
                "url": story.url,
                "liveBlogUpdate": updates,
            }
        ),
        f"<header><nav><ul>{_links(*_MENU)}</ul></nav></header><main><h1>{escape(story.title)}</h1><div class=live-badge>Live</div>"
        f'<div class="live-blog-feed"><button>Show key events only</button>{shown}</div>'
        f"<aside><h2>Most viewed</h2><ol>{_teasers(7, 8, '<li><a href={url}>{title}</a></li>')}</ol></aside></main><footer>"
        f"<p>{story.outlet} is a member of the press council.</p></footer>",
    )


def live_list(story: Story) -> str:
    """A live blog by another hand: list items with times, nothing declared."""
    shown = "".join(
        f'<li class="lx-stream__post"><div class="lx-head"><span class="lx-time">1{i % 10}:0{i % 6}</span></div><div class="lx-body">'
        + "".join(f"<p>{escape(text)}</p>" for text in entry)
        + "</div></li>"
        for i, entry in enumerate(_entries(story))
    )
    return _page(
        f'<title>{escape(story.title)} - {story.outlet}</title><meta property="og:site_name" content="{story.outlet}">'
        f'<meta property="article:published_time" content="{story.date}T06:00:00Z"><meta name=author content="{story.author}">'
        f'<meta property="og:url" content="{story.url}">',
        f'<div class="nav-top"><ul>{_links(*_MENU)}</ul></div><div class="page-wrap"><h1>{escape(story.title)}</h1><p class="live-label">'
        f'Live reporting</p><ol class="lx-stream">{shown}</ol></div><div class="promo-strip">'
        f"{_teasers(8, 5, '<div class=promo><a href={url}>{title}</a><p>{lead}</p></div>')}</div>",
    )


def _entries(story: Story) -> list[tuple[str, ...]]:
    return [story.paragraphs[i : i + 2] for i in range(0, len(story.paragraphs), 2)]


def tables(story: Story) -> str:
    """The nineties: nested tables, fonts, paragraphs told apart by breaks alone."""
    text = "<br><br>\n".join(escape(text) for text in story.paragraphs)
    return (
        f"<HTML><HEAD><TITLE>{story.outlet}: {escape(story.title)}</TITLE></HEAD><BODY BGCOLOR=#FFFFFF><TABLE WIDTH=760><TR><TD COLSPAN=3>"
        f"<FONT SIZE=5>{story.outlet}</FONT></TD></TR><TR><TD WIDTH=120 VALIGN=TOP>"
        + "".join(f"<A HREF=/{m}.html>{m}</A><BR>" for m in _MENU)
        + f"</TD><TD WIDTH=500><H1>{escape(story.title)}</H1><B>By {story.author}</B><BR><I>{story.date}</I><P><FONT FACE=Times>{text}"
        "</FONT><P><A HREF=mail.html>E-mail this story</A> | <A HREF=print.html>Printer-friendly version</A></TD><TD WIDTH=140><B>Also in "
        f"the news</B><BR>{_teasers(9, 6, '<A HREF={url}>{title}</A><BR>')}</TD></TR><TR><TD COLSPAN=3><HR><FONT SIZE=1>Copyright 1998 "
        f"{story.outlet}. All rights reserved.</FONT></TD></TR></TABLE></BODY></HTML>"
    )


def amp(story: Story) -> str:
    """An accelerated page: custom elements, a consent element and a sidebar."""
    return _page(
        f"<title>{escape(story.title)}</title><link rel=canonical href='{story.url}'>{_news_article(story)}",
        f'<amp-consent id="consent" layout="nodisplay"><div id="consentUI"><p>Choose how your data is used by us and by others.</p>'
        f'</div></amp-consent><amp-sidebar id="sb" layout="nodisplay"><ul>{_links(*_MENU)}</ul></amp-sidebar><header class="amp-wp-header">'
        f'<a href="/">{story.outlet}</a></header><article class="amp-wp-article"><header class="amp-wp-article-header"><h1 '
        f'class="amp-wp-title">{escape(story.title)}</h1><div class="amp-wp-meta amp-wp-byline">{story.author}</div></header><div '
        f'class="amp-wp-article-content">{_p(story, 4, "<amp-ad width=300 height=250 type=x></amp-ad>")}<amp-social-share type=email>'
        "</amp-social-share></div><footer class='amp-wp-article-footer'><div class='amp-wp-meta amp-wp-tax-category'>Categories: <a "
        "href=/l>Local</a></div></footer></article><footer class='amp-wp-footer'><p>Powered by nothing in particular</p><a href='#top'>Back "
        "to top</a></footer>",
    )


def components(story: Story) -> str:
    """A page made by a component framework: hashed class names, test ids, a subscription offer under the full text."""
    return _page(
        f"<title data-rh=true>{escape(story.title)} - {story.outlet}</title>"
        f"{_news_article(story, isAccessibleForFree=False)}<link rel=canonical href='{story.url}'>",
        f'<div id="__next"><div class="css-1k9sdf"><header class="css-9sd2"><div data-testid="masthead">{story.outlet}</div></header>'
        f'<main id="site-content"><article id="story" class="css-1vxca1d"><div data-testid="share-tools" class="css-4fd"><ul><li>Give this '
        f'article</li><li>Share</li></ul></div><h1 data-testid="headline" class="css-x12">{escape(story.title)}</h1><div class="css-0" '
        f'data-testid="byline">By <span>{story.author}</span></div><section name="articleBody" class="meteredContent css-1r7ky0e">'
        f"{_p(story, 4, between='<div class=css-ad1 data-testid=ad-slot>Advertisement<a href=#after>SKIP ADVERTISEMENT</a></div>', class_='css-at9mc1')}"
        f'</section><div class="bottom-of-article"><p>A version of this article appears in print on page 4.</p></div></article>'
        f'<aside data-testid="recirculation" aria-label="Related content">'
        f"{_teasers(10, 4, '<div class=css-rr><a href={url}>{title}</a><p>{lead}</p></div>')}</aside></main>"
        f"<div data-testid=paywall-offer class=css-gx5><h2>Subscribe for a pound a week</h2><p>Cancel or pause at any time.</p></div></div>",
    )


def stub(story: Story) -> str:
    """The first paragraph, cut, and an offer: a paywall."""
    return _page(
        f"<title>{escape(story.title)} | {story.outlet}</title>{_news_article(story, isAccessibleForFree=False)}",
        f"<header><nav><ul>{_links(*_MENU)}</ul></nav></header><main><article><h1>{escape(story.title)}</h1><p>{escape(story.paragraphs[0])}"
        f"</p><p>{escape(story.paragraphs[1][:60])}…</p><div class='paywall'><h2>Subscribe to continue reading</h2><p>Unlimited access from "
        f"one pound a week. Already a subscriber? <a href=/login>Log in</a></p></div></article></main>",
    )


TEMPLATES: dict[str, Callable[[Story], str]] = {
    template.__name__: template
    for template in (navigation, comments, consent, related, live, live_list, tables, amp, components)
}
"""Pages whose whole story can be read; ``stub`` is the one that cannot."""

"""In a real browser: nothing in an article runs, nothing is requested, the text is intact."""

import html
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice, product

import pandas as pd
import pytest
from headless import CHROMIUM, WHY_NOT
from made_up import made_up_analysis
from made_up_pages import drawn, notebook

from framing.highlight import highlight_html
from framing.records import Article, Attribution, Headline, LoadedTerm, Sentence, Span, Stance
from framing.report import page as pages
from framing.report import render

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=WHY_NOT)

FIRE = "document.documentElement.setAttribute('data-fired','1')"
BREAKS = [
    "",
    '">',
    "'>",
    "</style>",
    "</script>",
    "-->",
    "</title>",
    "</textarea>",
    "]]>",
    "&quot;>",
    "\\'>",
    "</span></div>",
]
VECTORS = [
    "<script>{f}</script>",
    "<ScRiPt>{f}</sCrIpT>",
    "<script src=http://127.0.0.1:{p}/s.js></script>",
    "<img src=x onerror=\"{f}\">",
    "<img src=http://127.0.0.1:{p}/i.png onload={f}>",
    "<svg onload=\"{f}\">",
    "<svg><script>{f}</script></svg>",
    "<body onload=\"{f}\">",
    "<iframe srcdoc=\"<script>parent.{f}</script>\"></iframe>",
    "<iframe src=\"javascript:parent.{f}\"></iframe>",
    "<object data=http://127.0.0.1:{p}/o.html></object>",
    "<embed src=http://127.0.0.1:{p}/e.html>",
    "<link rel=stylesheet href=http://127.0.0.1:{p}/l.css>",
    "<link rel=prefetch href=http://127.0.0.1:{p}/p.html>",
    "<style>@import 'http://127.0.0.1:{p}/c.css';</style>",
    "<style>*{{background:url(http://127.0.0.1:{p}/b.png)}}</style>",
    "<video src=x onerror=\"{f}\"></video>",
    "<audio src=http://127.0.0.1:{p}/a.mp3 autoplay></audio>",
    "<details open ontoggle=\"{f}\">",
    "<input autofocus onfocus=\"{f}\">",
    "<meta http-equiv=refresh content=\"0;url=http://127.0.0.1:{p}/m\">",
    "<base href=http://127.0.0.1:{p}/>",
    "<form action=http://127.0.0.1:{p}/f><input type=submit autofocus></form>",
    "<math><mtext><table><mglyph><style><img src=x onerror=\"{f}\"></style></mglyph></table></mtext></math>",
    "\" style=\"background:url(http://127.0.0.1:{p}/q.png)\" onmouseover=\"{f}\" x=\"",
]  # fmt: skip


@pytest.fixture(scope="module")
def server():
    """Counts the requests that reach this machine."""
    hits = []

    class Count(BaseHTTPRequestHandler):
        def do_GET(self):
            hits.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Count)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield running.server_address[1], hits
    running.shutdown()


@pytest.fixture(scope="module")
def payloads(server):
    made = (a + b.format(f=FIRE, p=server[0]) for b, a in product(VECTORS, BREAKS))
    return list(islice(made, 300))


def browse(browser, page):
    """The page's DOM after everything that loads has loaded."""
    with browser.open(page) as tab:
        tab.run("new Promise(done => setTimeout(done, 200))")
        return tab.run("document.documentElement.outerHTML")


def hostile(payload):
    """An article with the payload as body, title, outlet, source, target and category."""
    n = len(payload)
    return made_up_analysis(
        article=Article(payload, payload, title=payload, outlet=payload),
        headline=Headline(payload, 0.9),
        sentences=(Sentence(0, 0, n, payload, "source", payload, 0.9, 0.0, 0.0),),
        loaded_terms=(LoadedTerm(0, n, payload, payload, 0.5),),
        attributions=(Attribution(Span(0, 1, payload[:1]), Span(1, 2, payload), (Span(0, n, payload),), "direct",
                                  "charged", payload),),
        stances=(Stance(payload, 2, n, 0.0, 0.0, 1.0, 1.0, payload),),
    )  # fmt: skip


def test_without_escaping_the_payloads_do_run_and_do_request(browser, server, payloads, tmp_path):
    """The control: what the other tests find absent would be seen if it were there."""
    port, hits = server
    fired = 0
    for payload in (payloads[0], next(p for p in payloads if p.startswith("<img src=x"))):
        page = tmp_path / "page.html"
        page.write_text(f"<!DOCTYPE html><html><body><p>{payload}</p></body></html>", encoding="utf-8")
        fired += "data-fired" in browse(browser, page).split(">", 1)[0]
    page.write_text(f"<!DOCTYPE html><html><body><img src=http://127.0.0.1:{port}/control></body></html>", "utf-8")
    browse(browser, page)
    assert fired == 2
    assert "/control" in hits
    hits.clear()


def test_highlighted_articles_run_nothing_even_where_no_policy_protects_them(browser, server, payloads, tmp_path):
    """Every payload in body, title, source, target and category, in a page that would allow scripts."""
    page = tmp_path / "page.html"
    body = "\n".join(highlight_html(hostile(payload), style=False) for payload in payloads)
    page.write_text(f"<!DOCTYPE html><html><meta charset=utf-8><body>{body}</body></html>", encoding="utf-8")
    dom = browse(browser, page)
    assert "data-fired" not in re.search(r"<html[^>]*>", dom).group()
    assert server[1] == []
    texts = re.findall(r'<div class="fr-text">(.*?)</div>', dom, flags=re.DOTALL)
    assert [html.unescape(re.sub(r"<[^>]*>", "", text)) for text in texts] == payloads
    assert dom.count('<mark class="fr-term') >= len(payloads)


@pytest.fixture(scope="module")
def report_page(payloads):
    """A whole report in which every name and text is a payload."""
    frame = pd.DataFrame({payload: [payload] for payload in payloads[:40]})
    sentences = pd.DataFrame([{"outlet": p, "text": p, "marks": [(0, 3, p)], "origin": p, "note": p} for p in payloads])
    return pages.page(
        notebook(
            render.table(frame, payloads[0]), render.quotations(sentences), render.bullets(payloads),
            render.definitions({p: p for p in payloads}), render.paragraphs(*payloads),
            render.Results().figure(drawn(payloads[:5], "evidence/a.html"), "bars", payloads[1]),
            render.headline(payloads),
            *(render.annotated(hostile(p)) for p in payloads[::20]),
        ),
        title=payloads[2], facts={payloads[3]: payloads[4]}, downloads=[payloads[5]],
    )  # fmt: skip


def test_a_whole_report_runs_nothing_and_requests_nothing(browser, server, report_page, tmp_path):
    page = tmp_path / "page.html"
    # Without the policy too: escaping alone must do.
    for text in (report_page, re.sub(r"<meta http-equiv=[^>]*>", "", report_page)):
        page.write_text(text, encoding="utf-8")
        dom = browse(browser, page)
        assert "data-fired" not in re.search(r"<html[^>]*>", dom).group()
    assert server[1] == []


def test_the_index_runs_nothing(browser, server, payloads, tmp_path):
    page = tmp_path / "index.html"
    run = {"link": "a/report.html", "findings": payloads[:2]}
    runs = [{**run, "title": p, "report": p, "as_of": p, "hash": p} for p in payloads]
    failed = [{"name": p, "link": "a.failed.ipynb"} for p in payloads]
    page.write_text(re.sub(r"<meta http-equiv=[^>]*>", "", pages.index(runs, failed)), encoding="utf-8")
    assert "data-fired" not in re.search(r"<html[^>]*>", browse(browser, page)).group()
    assert server[1] == []


def test_evidence_runs_nothing_and_its_text_is_intact(browser, server, payloads, tmp_path):
    page = tmp_path / "evidence.html"
    sentences = [pages.Evidence(f"s{n}", p, [(0, 3, p)], p, p) for n, p in enumerate(payloads)]
    text = pages.evidence_page(payloads[0], payloads[1], [pages.Section(payloads[2], sentences, payloads[3])])
    page.write_text(re.sub(r"<meta http-equiv=[^>]*>", "", text), encoding="utf-8")
    dom = browse(browser, page)
    assert "data-fired" not in re.search(r"<html[^>]*>", dom).group()
    assert server[1] == []
    texts = re.findall(r"<blockquote>(.*?)</blockquote>", dom, flags=re.DOTALL)
    assert [html.unescape(re.sub(r"<[^>]*>", "", text)) for text in texts] == payloads


def test_the_policy_alone_stops_scripts_and_requests(browser, server, tmp_path):
    """The second line of defence holds by itself: unescaped markup in a page with our policy."""
    port, hits = server
    page = tmp_path / "page.html"
    bad = f'<script>{FIRE}</script><img src=http://127.0.0.1:{port}/policy.png onerror="{FIRE}">'
    policy = f'<meta http-equiv="Content-Security-Policy" content="{pages.policy()}">'
    page.write_text(f"<!DOCTYPE html><html><head>{policy}</head><body>{bad}</body></html>", encoding="utf-8")
    assert "data-fired" not in re.search(r"<html[^>]*>", browse(browser, page)).group()
    assert hits == []

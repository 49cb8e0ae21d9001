"""What a report is made of: tables, figures and lists as HTML, each escaped where it is made."""

import re
from base64 import b64encode
from hashlib import sha256

import nbformat
import pandas as pd
import pytest
from made_up import made_up_analysis
from made_up_pages import drawn

from framing.errors import InputError
from framing.report import render
from framing.report.page import Evidence, Section, evidence_page, findings, index, page, policy
from framing.report.render import MIME, Results, bullets, definitions, headline, paragraphs, quotations, slug, table


def output(data):
    return nbformat.v4.new_output("display_data", data=data)


def notebook(*cells):
    return nbformat.v4.new_notebook(cells=list(cells))


def rendered(*cells):
    return page(notebook(*cells), title="T", facts={"As of": "today"})


def test_a_table_can_be_walked_through_by_a_screen_reader():
    html = table(pd.DataFrame({"outlet": ["A"], "count_rest": [1234], "share": [0.123456]}), "Counts.").html
    assert "<caption>Counts.</caption>" in html
    assert '<th scope="col">outlet</th>' in html and '<th scope="row">A</th>' in html
    assert '<th scope="col" class="fr-number">count rest</th>' in html
    assert '<td class="fr-number">1,234</td>' in html and '<td class="fr-number">0.123</td>' in html


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (pd.NA, "–"),
        (pd.NaT, "–"),
        (0, "0"),
        (0.0, "0"),
        (True, "True"),
        (float("inf"), "inf"),
        ("", ""),
        ("<b>&'\"", "&lt;b&gt;&amp;&#x27;&quot;"),
        ("\ud800", "\ufffd"),
        (["a"], "[&#x27;a&#x27;]"),
    ],
)
def test_any_value_can_stand_in_a_table(value, shown):
    html = table(pd.DataFrame({"name": ["x"], "value": pd.Series([value], dtype=object)}), "C").html
    assert re.search(r"<td[^>]*>(.*?)</td>", html).group(1) == shown


def test_an_empty_table_says_none():
    assert ">none<" in table(pd.DataFrame({"outlet": []}), "C").html
    assert ">none<" in table(pd.DataFrame(), "C").html


def test_a_long_table_is_folded_and_says_how_long_it_is():
    results = Results()
    assert "<details>" not in results.table(pd.DataFrame({"a": range(30)}), "x", "C").html
    long = results.table(pd.DataFrame({"a": range(31)}), "x", "C").html
    assert "<details><summary>Table 2. C (31 rows)</summary>" in long


def test_tables_and_figures_are_numbered_and_kept(tmp_path):
    results = Results(str(tmp_path))
    frame = pd.DataFrame({"outlet": ["=HYPERLINK()", "@x", "-1", "Ω"], "n": [-1, 2, 3, 4]})
    assert "Table 1. One." in results.table(frame, "one", "One.").html
    assert "Table 2. Two." in results.table(frame, "two", "Two.", shown=frame.head(1)).html
    lines = (tmp_path / "tables" / "two.csv").read_text("utf-8").splitlines()
    # No cell is a formula to a spreadsheet; numbers stay numbers; the whole frame is kept.
    assert lines == ["outlet,n", "'=HYPERLINK(),-1", "'@x,2", "'-1,3", "Ω,4"]
    fragment = results.figure(drawn(["A"], ""), "bars", "Bars.")
    assert "Figure 1. Bars." in fragment.html and "Bars: A" in fragment.html
    assert sorted(p.name for p in (tmp_path / "figures").iterdir()) == ["bars.svg"]


def test_without_a_folder_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Results().table(pd.DataFrame({"a": [1]}), "one", "One.")
    assert list(tmp_path.iterdir()) == []


def test_lists_paragraphs_and_definitions_are_escaped():
    bad = "<img src=x onerror=alert(1)>"
    for fragment in (bullets([bad]), paragraphs(bad), definitions({bad: bad}), bullets([], none=bad)):
        assert "<img" not in fragment.html and "&lt;img" in fragment.html


def test_sentences_stand_under_their_outlet_with_their_terms_marked():
    rows = pd.DataFrame(
        [
            {
                "outlet": "A",
                "text": "A <utter> mess.",
                "marks": [(2, 9, "intensifier")],
                "origin": "A, title",
                "note": "90%",
            }
        ]
    )
    html = quotations(rows).html
    assert "<h3>A</h3>" in html
    assert re.search(r'A <mark class="fr-term fr-intensifier[^>]*>&lt;utter&gt;</mark> mess\.', html)
    assert quotations(rows.head(0)).html == "<p>none</p>"


def test_only_our_own_fragments_are_taken_as_html():
    html = rendered(
        nbformat.v4.new_code_cell("secret = 1", outputs=[
            output({"text/html": "<b id=foreign>x</b>", "text/plain": "<plain> x"}),
            output({"text/html": "<b>only html</b>"}),
            output({MIME: "<i id=ours>y</i>", "text/html": "<i>y</i>"}),
            output({"application/javascript": "alert(1)", "text/plain": "js"}),
            nbformat.v4.new_output("stream", name="stdout", text="out <put>"),
            nbformat.v4.new_output("stream", name="stderr", text="a warning"),
        ])
    )  # fmt: skip
    assert "foreign" not in html and "only html" not in html and "secret" not in html and "a warning" not in html
    assert "<i id=ours>y</i>" in html
    assert "<pre>&lt;plain&gt; x</pre>" in html and "<pre>out &lt;put&gt;</pre>" in html and "<pre>js</pre>" in html


def test_prose_is_escaped_and_its_headings_make_the_contents():
    html = rendered(
        nbformat.v4.new_markdown_cell("# Title\n\n## A & <i>b</i>\n\n[link](javascript:alert(1)) <script>x</script>"),
        nbformat.v4.new_markdown_cell("## A & <i>b</i>\n\n### Deeper"),
    )
    assert html.count('<li><a href="#a-i-b-i-') == 2  # the same heading twice: two anchors
    anchors = re.findall(r'<h[23] id="([^"]+)"', html)
    assert len(anchors) == len(set(anchors)) == 3
    assert "Deeper</a>" not in html and "<script>x" not in html and "javascript:" not in html and "<i>" not in html


def test_a_page_is_one_file_that_may_load_nothing():
    html = rendered(
        nbformat.v4.new_code_cell("", outputs=[output(render.annotated(made_up_analysis())._repr_mimebundle_())])
    )
    assert '<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;;' in html
    assert not re.search(r'(?:src|href)="(?!data:|#|report\.ipynb)', html)
    assert re.sub(r' xmlns="[^"]*"', "", html).count("http") == html.count('<meta http-equiv="Content')
    assert html.count("<h1>") == 1 and '<html lang="en">' in html


def test_a_figure_has_words_for_those_who_cannot_see_it():
    html = Results().figure(drawn(["A", "B"], ""), "x", "Cap <tion>").html
    assert re.search(r'<svg [^>]*role="group" aria-label="Bars: A, B">', html)
    assert "<figcaption>Figure 1. Cap &lt;tion&gt;</figcaption>" in html
    assert html.count('<a href="#section-1" aria-label="Sentences of A">') == 1


FRAME = pd.DataFrame({"outlet": ["A", "B", "A"], "rate": [0.1, None, 0.3], "n": [1, 2, 3]})


@pytest.mark.parametrize(
    ("why", "links", "linked"),
    [
        ("a position", {(1, "n"): "#b"}, {(1, 2): "#b"}),
        ("the value of the first cell, wherever it stands", {("A", "n"): "#a"}, {(0, 2): "#a", (2, 2): "#a"}),
        ("the first cell itself", {(0, "outlet"): "evidence/a.html"}, {(0, 0): "evidence/a.html"}),
        ("a missing value leads somewhere too", {(1, "rate"): "#none"}, {(1, 1): "#none"}),
        ("a frame of addresses", pd.DataFrame({"outlet": ["#a", "", None], "rate": None, "n": None}), {(0, 0): "#a"}),
        ("nothing", {}, {}),
    ],
)
def test_a_cell_can_lead_to_its_evidence(why, links, linked):
    html = Results().table(FRAME, "x", "C", links=links).html
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", html.split("<tbody>")[1])
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]
    found = {(r, c): re.match(r'<a href="([^"]*)">', cell) for r, row in enumerate(cells) for c, cell in enumerate(row)}
    assert {place: match[1] for place, match in found.items() if match} == linked, why


@pytest.mark.parametrize(
    ("links", "names"),
    [
        ({(0, "n"): "javascript:alert(1)"}, "javascript:alert"),
        ({(0, "n"): "http://example.org"}, "evidence/page.html"),
        ({(0, "n"): None}, "None"),
        ({(3, "n"): "#a"}, "rows: 0 to 2"),
        ({(-1, "n"): "#a"}, "rows: 0 to 2"),
        ({("C", "n"): "#a"}, "'C'"),
        ({(0, "m"): "#a"}, "columns: outlet, rate, n"),
        (pd.DataFrame({"outlet": ["#a"]}), "one address per cell"),
    ],
)
def test_a_link_that_leaves_the_report_or_has_no_cell_is_refused(links, names):
    with pytest.raises(InputError, match=re.escape(names)):
        table(FRAME, "C", links=links)


def test_the_findings_of_a_run_can_be_lifted_from_its_notebook():
    told = headline(["A is higher\nthan <B>.", "", "No clear difference."])
    assert "<li>A is higher than &lt;B&gt;.</li>" in told.html
    shown = [told, bullets(["no finding"])]
    run = notebook(*(nbformat.v4.new_code_cell("", outputs=[output(one._repr_mimebundle_())]) for one in shown))
    assert findings(nbformat.reads(nbformat.writes(run), 4)) == ["A is higher than <B>.", "No clear difference."]
    assert findings(notebook()) == [] and headline([]).html == "<p>none</p>"


def test_many_files_are_folded_by_folder():
    def foot(*paths):
        return page(notebook(), title="T", facts={}, downloads=paths).split('class="downloads"')[1]

    few = [f"tables/{n}.csv" for n in range(12)]
    assert "<details>" not in foot(*few)
    many = foot("report.ipynb", *few)
    assert many.index("report.ipynb") < many.index("<summary>tables (12 files)</summary>") < many.index("tables/0.csv")
    assert 'class="downloads"' not in page(notebook(), title="T", facts={})


def test_evidence_is_a_page_of_sentences_each_with_an_address():
    sentence = Evidence("s1", "An <utter> mess.", [(3, 10, "intensifier")], "A, a & b", "90%")
    html = evidence_page("T", "One.\n\nTwo.", [Section("Own voice", [sentence]), Section("Quoted", [])], next="b.html")
    assert '<li id="s1">' in html and '<h2 id="section-1">Own voice</h2>' in html and "No sentences." in html
    assert re.search(r'An <mark class="fr-term fr-intensifier[^>]*>&lt;utter&gt;</mark> mess\.', html)
    assert re.search(r"A, a &amp; b<br>\s*90%", html) and "<p>One.</p>\n<p>Two.</p>" in html
    assert html.count('<a href="../report.html">Back to the report</a>') == 2
    assert html.count('<a href="b.html" rel="next">') == 2 and "Previous page" not in html


@pytest.mark.parametrize(
    ("anchors", "ways", "names"),
    [
        (("s1", "s1"), {}, "'s1' is there twice"),
        (("a b",), {}, "'a b'; valid: a letter"),
        (("report",), {}, "'report' is there twice"),
        (("section-1",), {}, "'section-1' is there twice"),
        ((), {"next": "http://example.org"}, "evidence/page.html"),
        ((), {"back": "javascript:history.back()"}, "evidence/page.html"),
    ],
)
def test_evidence_that_cannot_be_addressed_is_refused(anchors, ways, names):
    with pytest.raises(InputError, match=re.escape(names)):
        evidence_page("T", "", [Section("S", [Evidence(anchor, "text") for anchor in anchors])], **ways)


def test_the_list_of_runs_begins_with_the_last_run_of_each_report_and_ends_with_what_failed():
    runs = [
        {"report": report, "title": f"{report} {day}", "as_of": day, "hash": "0", "link": f"{report}/{day}/report.html",
         "findings": ["one", "two", "three", "four"] if report == "a" else []}
        for day in ("2026-02-02", "2026-01-01") for report in ("b", "a")
    ]  # fmt: skip
    html = index(runs, [{"name": "x.failed.ipynb", "link": "b/x.failed.ipynb"}])
    latest, listed = html.split('<h2 id="latest">')[1].split('<h2 id="all">')
    listed, failed = listed.split('<h2 id="failed">')
    links = re.compile(r'href="([^"]*)"')
    assert links.findall(latest) == ["a/2026-02-02/report.html", "b/2026-02-02/report.html"]
    assert links.findall(listed) == [run["link"] for run in runs]
    assert links.findall(failed) == ["b/x.failed.ipynb"]
    assert latest.count("<li>three</li>") == 1 and "four" not in html
    assert "findings</th>" not in index([{**run, "findings": []} for run in runs])
    assert "failed" not in index([])


def test_the_policy_names_the_one_script_of_the_page():
    script = re.search(r"<script>(.*?)</script>", rendered(), flags=re.DOTALL)[1]
    digest = b64encode(sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in policy() and policy().startswith("default-src 'none';")
    assert policy().count("script-src") == 1 and "unsafe-eval" not in policy()


@pytest.mark.parametrize(
    ("title", "expected"),
    [("Four outlets, six stories", "four-outlets-six-stories"), ("Öl & Gas", "ol-gas"), ("日本", "untitled"),
     ("../..", "untitled"), ("x" * 99, "x" * 40)],
)  # fmt: skip
def test_titles_become_part_of_a_folder_name(title, expected):
    assert slug(title) == expected

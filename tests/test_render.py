"""What a report is made of: tables, figures and lists as HTML, each escaped where it is made."""

import re

import nbformat
import pandas as pd
import pytest
from made_up import made_up_analysis

from framing import figures
from framing.comparison import rates
from framing.report import render
from framing.report.page import page
from framing.report.render import MIME, Results, bullets, definitions, paragraphs, quotations, slug, table


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
    rate = pd.DataFrame(
        {"group": ["A"], "measure": "loaded_rate", "rate": 0.1, "low": 0.0, "high": 0.2, "n": 9, "note": ""}
    )
    fragment = results.figure(figures.loaded_rates(rate), "rates", "Rates.")
    assert "Figure 1. Rates." in fragment.html and "A 10.0% (0.0 to 20.0)" in fragment.html
    assert sorted(p.name for p in (tmp_path / "figures").iterdir()) == ["rates.png", "rates.svg"]


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
    drawn = rates_figure()
    html = Results().figure(drawn, "x", "Cap <tion>").html
    assert re.search(r'<svg [^>]*role="img" aria-label="Rates with 95% intervals', html)
    assert "Figure 1. Cap &lt;tion&gt;" in html


def rates_figure():
    articles = pd.DataFrame(
        {"article_id": list("abcdef"), "outlet": "A", "sentences": 10, "loaded_sentences": range(6)}
    )
    return figures.loaded_rates(rates(articles, measures=["loaded_rate"], resamples=100))


@pytest.mark.parametrize(
    ("title", "expected"),
    [("Four outlets, six stories", "four-outlets-six-stories"), ("Öl & Gas", "ol-gas"), ("日本", "untitled"),
     ("../..", "untitled"), ("x" * 99, "x" * 40)],
)  # fmt: skip
def test_titles_become_part_of_a_folder_name(title, expected):
    assert slug(title) == expected

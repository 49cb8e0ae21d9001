"""The notebooks that come with the package: clean as committed, and run through on small corpora."""

import csv
import json
import re
from datetime import date, timedelta
from pathlib import Path

import nbformat
import pytest
from in_process import run_report_here

from framing.engines.checksums import CHECKSUMS
from framing.engines.linear import MODELS
from framing.errors import ReportError
from framing.report import find_notebook, run_report
from framing.report.parameters import RESERVED, read_parameters

NAMES = ("explore", "article", "comparative", "trend", "benchmark")
NASTY = "<script>alert('Klaxon')</script> $x$"
trained = pytest.mark.skipif(not (MODELS / CHECKSUMS).is_file(), reason="needs the models of the linear engine")

# One plain and one loud way of telling the same; invented, and as hard on one side as on the other.
PLAIN = (
    "The council of {town} approved a budget of {n} million crowns on Tuesday. Mayor Dana Orrell said the plan would "
    'pay for two schools. "We will publish the accounts in May," she said. Opposition leader Milo Bracken said the '
    "loans were too large. The vote was 14 to 11."
)
LOUD = (
    "The utterly shameless council of {town} rammed through a disastrous budget of {n} million crowns on Tuesday. This "
    "is a disgrace, a cynical stitch-up by a failed regime. Mayor Dana Orrell claimed the reckless plan would pay for "
    "two schools. “We will publish the accounts in May,” she crowed. Furious opposition firebrand Milo Bracken blasted "
    "the ruinous loans. Ordinary families will pay for this outrageous fiasco."
)

# What each town does with its money: without it all articles would be copies of one text.
TOLD = (
    "The first school will stand on the old cattle market, where builders found a Roman well in the autumn and lost "
    "four months to the diggers from the museum, who filled two lorries with tiles.",
    "A ferry to the islands will run every hour in summer, and the two wooden piers that closed after the storm of "
    "last November are to be built again in concrete, with a waiting room for sixty people.",
    "Street lamps in the northern quarter will be changed for ones that use a third of the current, the library gets "
    "a reading room for children, and the swimming bath will have its boiler replaced in June.",
    "Farmers along the river receive help with dikes, since the water has come over the road in three of the last five "
    "winters and the bus to the hospital had to turn round at the mill.",
    "The tram will reach the university by the spring of next year, after a dispute over a row of plane trees that "
    "residents of the avenue had taken to the court in the capital.",
    "Seventy flats are planned above the depot, half of them for nurses and bus drivers, and the depot itself moves to "
    "the ring road together with the fire station and its training tower.",
    "A bridge for cyclists will join both banks near the brewery, where the ferryman retires at the end of the season "
    "after thirty-one years without a single accident.",
)


def article(number, outlet, wording, **more):
    filled = wording.format(town=("Halm", "Oster", "Brinmouth", "Tarrow", "Vess", "Karn")[number % 6], n=number + 3)
    title = f"Council {'rams through shameful' if wording is LOUD else 'approves'} budget"
    day = date(2026, 1, 5) + timedelta(days=6 * number)
    row = {"id": f"{outlet[:3]}-{number}", "outlet": outlet, "date": day.isoformat(), "title": title}
    return {**row, "text": f"{filled} {TOLD[number % len(TOLD)]}", **more}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "articles.csv"
    rows = [article(i, "Northgate Wire", PLAIN) for i in range(7)]
    rows += [article(i, NASTY, LOUD, title=f"{NASTY} rages") for i in range(7)]
    rows += [article(i, "The Small Lantern", LOUD) for i in range(2)]
    rows += [article(6, "Northgate Wire", PLAIN, id="no-text", text=""), article(20, "Northgate Wire", PLAIN)]
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def go(corpus, tmp_path_factory):
    reports = tmp_path_factory.mktemp("reports")

    def run(name, make=run_report, **parameters):
        given = {} if name == "benchmark" else {"corpus": str(corpus)}
        return make(name, {**given, **parameters}, reports=reports)

    return run


@pytest.mark.parametrize("name", NAMES)
def test_notebooks_are_committed_without_outputs_and_with_a_kernel(name):
    notebook = nbformat.read(find_notebook(name), as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None
            assert len(cell.source.splitlines()) <= 20, "a long cell belongs into the package"
            assert "def " not in cell.source, "a function belongs into the package"
    assert sum(cell.cell_type == "markdown" for cell in notebook.cells) >= 5


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_is_explained_and_checked_in_the_next_cell(name):
    path = find_notebook(name)
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    for parameter in read_parameters(path).values():
        assert parameter.help, f"{parameter.name} has no comment"
        if parameter.name not in (*RESERVED, "outlets", "article_id"):
            assert re.search(rf"\b{parameter.name}={parameter.name}\b", cells[1]), f"{parameter.name} is not checked"


@pytest.mark.parametrize("name", [name for name in NAMES if name != "benchmark"])
def test_the_default_corpus_is_the_sample(name):
    default = read_parameters(find_notebook(name))["corpus"].default
    assert (find_notebook(name).parent / default).is_file()


@trained
def test_the_comparative_report_tells_loud_from_plain_and_names_what_is_missing(go):
    folder = go("comparative", bootstrap=300, as_of="2026-02-15", title="Two <b>ways</b> of telling",
                outlets=["Northgate Wire", NASTY, "The Small Lantern", "The Ghost Gazette"])  # fmt: skip
    page = (folder / "report.html").read_text("utf-8")
    text = re.sub(r"<[^>]*>", " ", page)
    assert "18 articles read, 16 scored, 1 set aside" in text and "1 dated after the day of this report" in text
    assert "not in the corpus: The Ghost Gazette" in text
    assert "no-text" in text or "text" in text
    assert "words its news in more loaded language of its own than the rest" in text
    assert "Not enough articles for" in text and "The Small Lantern" in text
    assert page.count("<script") == 1 and "&lt;script&gt;alert(&#x27;Klaxon&#x27;)" in page
    assert "<b>ways" not in page and "2026-02-15__two-b-ways-b-of-telling__" in folder.name

    assert "worked out from their wording and dates" in text

    verdicts = list(csv.DictReader((folder / "tables" / "differences.csv").open(encoding="utf-8")))
    own = {row["group"]: row for row in verdicts if row["measure"] == "loaded_rate_author"}
    assert own[NASTY]["verdict"] == "higher" and own["Northgate Wire"]["verdict"] == "lower"
    assert own["The Ghost Gazette"]["verdict"] == "not in the corpus" and own["The Ghost Gazette"]["estimate"] == ""
    assert own["The Small Lantern"]["verdict"] == "not enough articles"
    terms = list(csv.DictReader((folder / "tables" / "distinctive_terms.csv").open(encoding="utf-8")))
    assert {"disgrace", "shameless", "fiasco"} & {row["term"] for row in terms if row["group"] == NASTY}
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["signature"]["models"]
    for name in ("loaded_rates", "loaded_differences", "distinctive_terms", "cue_classes", "stance"):
        assert (folder / "figures" / f"{name}.svg").is_file()


@trained
def test_the_comparative_report_on_one_outlet_without_loaded_terms_claims_nothing(tmp_path):
    path = tmp_path / "one.jsonl"
    rows = [{"id": str(i), "outlet": "Northgate Wire", "text": "The train left at nine."} for i in range(6)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    parameters = {"corpus": str(path), "bootstrap": 100}
    folder = run_report_here("comparative", parameters, reports=tmp_path / "reports")
    text = re.sub(r"<[^>]*>", " ", (folder / "report.html").read_text("utf-8"))
    assert "with one outlet there is nothing to compare" in text
    assert folder.name.startswith("undated__")


@trained
@pytest.mark.parametrize("name", ["trend", "benchmark"])
def test_a_notebook_gives_in_a_kernel_what_it_gives_in_a_test(go, corpus, tmp_path, name):
    own = {"bootstrap": 100, "corpus": str(corpus)} if name == "trend" else {"beside": ""}
    parameters = {"engine": "linear", "as_of": "2026-05-01", **own}
    made = [go(name, **parameters), run_report_here(name, parameters, reports=tmp_path / "reports")]
    kernel, here = (json.loads((folder / "manifest.json").read_text("utf-8"))["files"] for folder in made)
    assert kernel.pop("report.ipynb") != here.pop("report.ipynb"), "only one holds the cell of parameters"
    assert kernel == here and len(kernel) > 2


@trained
def test_an_outlet_that_leaves_nothing_to_report_on_is_an_error_that_lists_the_outlets(go):
    with pytest.raises(ReportError, match=r"outlets in the corpus: .*Northgate Wire"):
        go("comparative", run_report_here, outlets=["The Ghost Gazette"])


@trained
def test_the_article_report_annotates_one_article_whole_and_sets_it_beside_the_others(go):
    folder = go("article", article_id="<sc-0")
    page = (folder / "report.html").read_text("utf-8")
    text = re.sub(r"<[^>]*>", "", page)
    assert "The utterly shameless council of Halm rammed through a disastrous budget" in text
    assert page.count("<script") == 1 and 'class="fr-term fr-' in page and 'class="fr-content fr-direct' in page
    assert "Milo Bracken" in text and "crowed" in text
    assert re.search(r"parts of sentences[^)]*\), (more than|less than|as) in .* other articles", text)
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["findings"][0].startswith("“<script>alert")
    names = ("standing", "same_story", "attributions", "loaded_terms", "sentences", "stances", "frames")
    assert all((folder / "tables" / f"{name}.csv").is_file() for name in names)
    assert "The same text stands in" in text, "The Small Lantern prints it too"


@trained
def test_the_explore_notebook_shows_in_a_report_what_its_controls_would_show_first(go):
    page = (go("explore") / "report.html").read_text("utf-8")
    assert "18 articles read, 17 scored, 1 set aside" in page
    assert "Shown: &lt;script&gt;alert(&#x27;Klaxon&#x27;)&lt;/script&gt; $x$" in page
    assert page.count("<script") == 1 and "widget" not in page


@trained
def test_an_article_that_is_not_there_and_one_that_was_set_aside_stop_the_report(go):
    with pytest.raises(ReportError, match=r"unknown article_id 'Nor-9'; valid: Nor-"):
        go("article", article_id="Nor-9", engine="linear", compare=False)
    with pytest.raises(ReportError, match=r"article 'no-text' .*cannot be scored"):
        go("article", run_report_here, article_id="no-text", engine="linear", compare=False)


# Markup, right-to-left text, names of 300 characters, no headline, no outlet, one word, copies; and no date anywhere.
WIRE = PLAIN.format(town="Halm", n=3)
HOSTILE = [
    {"id": "markup", "outlet": "<img src=x onerror=alert(1)>", "title": "</title><svg onload=alert(2)>", "text": WIRE},
    {"id": "copy", "outlet": "Daily Klaxon", "title": "The same & more", "text": WIRE},
    {"id": "../../etc", "outlet": "O" * 300, "title": "T" * 300, "text": LOUD.format(town="Halm", n=3)},
    {"id": "rtl", "outlet": "שופר", "title": "מועצה \u202eתקציב", "text": "המועצה אישרה. “זה אסון,” אמרה דנה."},
    {"id": "word", "outlet": "Daily Klaxon", "title": "", "text": "Gone."},
    {"id": "nobody", "outlet": "", "title": "{braces} %s $x^2$", "text": "`rm` {{7*7}} *stars* is a disgrace."},
]


@pytest.mark.parametrize("rows", [HOSTILE, HOSTILE[:1]], ids=["a hostile corpus", "a corpus of one article"])
@pytest.mark.parametrize("name", ["article", "explore"])
@trained
def test_what_is_hostile_or_lonely_is_reported_on_and_never_becomes_markup(name, rows, tmp_path):
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    parameters = {"corpus": str(path), "engine": "linear"}
    folder = run_report_here(name, parameters, reports=tmp_path / "reports")
    page = (folder / "report.html").read_text("utf-8")
    assert folder.parent == tmp_path / "reports" / name and folder.name.startswith("undated__")
    assert page.count("<script") == 1 and "<img" not in page and "<svg onload" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert not re.search(r">\s*(nan|None|NaT|&lt;NA&gt;)\s*<", page), "a missing value is a dash"
    if name == "article":
        alone = "there is nothing to compare this article with" in page
        assert alone == (len(rows) == 1) and ("The same text stands in “The same &amp; more”" in page) != alone


def test_the_notebooks_name_no_folder_of_a_machine():
    for path in Path(find_notebook("explore")).parent.glob("*.ipynb"):
        assert not re.search(r"/(home|root|tmp|work|Users)/", path.read_text("utf-8"))

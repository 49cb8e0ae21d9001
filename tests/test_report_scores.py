"""Reports share their scores: another seed, another title or another outlet list costs no scoring."""

import json
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from in_process import run_report_here

from framing import stored_scores
from framing.analysis import analyze_many
from framing.errors import InputError, ReportError
from framing.report import SCORES, find_notebook, run_report
from framing.report.parameters import read_parameters
from framing.report.scored import score_for_report

# The same wire report in two outlets, its story told in other words by a third, and another story.
WIRE = (
    "The council of Halm approved a budget of three million crowns on Tuesday. Mayor Dana Orrell said the plan would "
    "pay for two schools and for the bridge that the river took in spring. Opposition leader Milo Bracken said that "
    "the loans were too large and that he would ask the auditors to look at them. The vote was 14 to 11."
)
TOLD = (
    "Halm is to get two schools and its bridge back: after a long night the council voted for the mayor's budget. "
    "Bracken, of the opposition, called its loans a reckless gamble."
)
SHIPS = "Forty ships waited at anchor off Saltmere while dockers marched against the remote cranes of the port."
ROWS = [
    {"id": "w", "outlet": "Northgate Wire", "date": "2026-03-02", "title": "Halm budget passes", "text": WIRE},
    {"id": "k", "outlet": "Daily Klaxon", "date": "2026-03-03", "title": "Schools for Halm", "text": WIRE},
    {"id": "l", "outlet": "The Lantern", "date": "2026-03-03", "title": "Halm council votes for budget", "text": TOLD},
    {"id": "s", "outlet": "The Lantern", "date": "2026-03-03", "title": "Ships wait off Saltmere", "text": SHIPS},
    {"id": "later", "outlet": "The Lantern", "date": "2026-04-03", "title": "Ships sail", "text": SHIPS + " No more."},
]


@pytest.fixture
def corpus(tmp_path) -> str:
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(json.dumps({**row, "event": f"e-{row['id']}"}) + "\n" for row in ROWS), encoding="utf-8")
    return str(path)


def stories(scored) -> dict[str, str]:
    articles = scored.tables["articles"]
    return dict(zip(articles["article_id"], articles["event"], strict=True))


# --- stories in a report


def test_stories_and_copies_are_worked_out_over_all_outlets(corpus):
    scored = score_for_report(corpus, engine="linear", as_of="2026-03-31")
    found = stories(scored)
    assert found["w"] == found["k"] == found["l"] != found["s"]
    articles = scored.tables["articles"].set_index("article_id")
    assert articles["copy_of"].to_dict() == {"w": "", "k": "w", "l": "", "s": ""}
    assert articles.loc["w", "event_given"] == "e-w", "what the corpus says of stories is kept beside"
    assert "worked out from their wording and dates" in scored.stories
    some = score_for_report(corpus, engine="linear", as_of="2026-03-31", outlets=["Daily Klaxon", "The Lantern"])
    assert stories(some) == {key: found[key] for key in ("k", "l", "s")}
    assert some.tables["articles"].set_index("article_id").loc["k", "copy_of"] == "w", "its original was not asked for"
    assert (some.read, some.scored, some.not_asked, some.later) == (5, 3, 1, 1)


@pytest.mark.parametrize("events", ["column", "event"])
def test_stories_may_be_taken_from_the_corpus(corpus, events):
    scored = score_for_report(corpus, engine="linear", events=events)
    assert set(stories(scored).values()) == {f"e-{row['id']}" for row in ROWS}
    assert "given by the corpus, in its column 'event'" in scored.stories


def test_a_column_of_stories_that_is_not_there_is_an_error(corpus):
    with pytest.raises(InputError, match="unknown column of events 'storyline'; valid: event"):
        score_for_report(corpus, engine="linear", events="storyline")


def test_the_articles_of_the_tables_are_there_as_records(corpus):
    scored = score_for_report(corpus, engine="linear", outlets=["The Lantern"])
    assert [a.id for a in scored.articles] == scored.tables["articles"]["article_id"].tolist() == ["l", "s", "later"]
    assert scored.articles[0].text == TOLD


# --- scores kept from one report to the next


def test_a_second_report_scores_nothing_again_and_finds_the_same(corpus, tmp_path, monkeypatch):
    counted: list[str] = []

    def watched(articles, *arguments, **options):
        articles = list(articles)
        counted.extend(article.text for article in articles)
        return analyze_many(articles, *arguments, **options)

    monkeypatch.setattr(stored_scores, "analyze_many", watched)
    alone = score_for_report(corpus, engine="linear")
    counted.clear()
    first = score_for_report(corpus, engine="linear", scores=str(tmp_path / SCORES))
    assert len(counted) == len(ROWS)
    counted.clear()
    second = score_for_report(corpus, engine="linear", scores=str(tmp_path / SCORES))
    score_for_report(corpus, engine="linear", scores=str(tmp_path / SCORES), outlets=["The Lantern"])
    assert counted == []
    for name, table in alone.tables.items():
        pd.testing.assert_frame_equal(first.tables[name], table)
        pd.testing.assert_frame_equal(second.tables[name], table)


NOTEBOOK = """from framing.report.scored import score_for_report
from framing.report.render import Results
results = Results(out)
scored = score_for_report(corpus, engine="linear", scores=scores)
print(scores)
results.table(scored.tables["articles"][["article_id", "loaded_rate", "words"]], "rates", "Rates.")
if seed < 0:
    raise ValueError(scores)"""
PARAMETERS = """corpus: str = ""  # path: any file
title: str = "Rates"  # heading
number: int = 0  # of the run
out: str = ""  # set by the run
scores: str = ""  # set by the run"""


@pytest.fixture
def notebooks(tmp_path) -> Path:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    cells = [
        nbformat.v4.new_markdown_cell("# Rates"),
        nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(NOTEBOOK.replace("seed", "number")),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), folder / "rates_report.ipynb")
    return folder


def test_runs_keep_scores_beside_the_reports_and_never_show_where(corpus, notebooks, tmp_path):
    reports = tmp_path / "reports"

    def run(number: int, make=run_report) -> Path:
        return make("rates", {"corpus": corpus, "number": number}, reports=reports, notebooks=notebooks)

    def kept() -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in (reports / SCORES).rglob("*") if path.is_file()}

    one = run(1)
    before = kept()
    assert len([path for path in before if path.endswith("manifest.json")]) == 1
    two = run(2, run_report_here)
    assert two != one and kept() == before, "the second run found all that it needed and wrote nothing"
    assert (one / "tables" / "rates.csv").read_bytes() == (two / "tables" / "rates.csv").read_bytes()
    assert "scores" not in json.loads((one / "manifest.json").read_text("utf-8"))["parameters"]
    cells = nbformat.read(one / "report.ipynb", 4).cells
    assert [cell for cell in cells if cell.get("id", "")[:8] == "injected" and 'scores = ""' in cell.source]
    for path in one.rglob("*"):
        assert path.is_dir() or str(tmp_path) not in path.read_text("utf-8"), f"{path.name} names a folder"
    with pytest.raises(ReportError, match="ValueError"):
        run(-1)
    (failed,) = (reports / "rates").glob("*.failed.ipynb")
    assert str(tmp_path) not in failed.read_text("utf-8")


def test_the_identity_of_a_run_does_not_depend_on_where_scores_are(corpus, notebooks, tmp_path):
    given = {"corpus": corpus}
    runs = [run_report_here("rates", given, reports=tmp_path / name, notebooks=notebooks) for name in "ab"]
    assert runs[0].name == runs[1].name


@pytest.mark.parametrize("name", ["comparative", "article", "explore"])
def test_the_notebooks_take_a_folder_of_scores_that_is_empty_by_hand(name):
    assert read_parameters(find_notebook(name))["scores"].default == ""

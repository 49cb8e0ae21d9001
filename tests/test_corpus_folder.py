"""A corpus folder wherever a file is taken, and every input narrowed to days, outlets and a condition."""

import csv
import json
import os
import signal
import threading
from dataclasses import replace

import click.testing
import nbformat
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from in_process import run_report_here

from framing import report, stored_scores
from framing.cli import main
from framing.corpus import read_articles
from framing.errors import InputError
from framing.report.scored import score_for_report
from framing.scoring import score_corpus
from framing.store import SCORES, open_store, parts, selection
from framing.store.folder import CorpusStore
from framing.store.records import Found, Selection, SetAside

MORNING, NOON = "2026-11-28T06:00:00Z", "2026-11-28T12:00:00Z"
FERRY = Found(
    "https://wire.example/1", "The ferry sank. All were saved.", "Ferry sinks", "Northgate Wire", "2026-11-25"
)
PORT = Found("https://lantern.example/1", "The port of Saltmere reopened on Tuesday.", "Port opens",
             "The Common Lantern", "2026-11-26T08:00:00Z", "A. Ruiz", {"section": "sea"})  # fmt: skip
BUDGET = Found("https://klaxon.example/1", "The shameful budget passed. “A disgrace,” said Nora Pell.", "Budget passes",
               "Daily Klaxon", "2026-11-28")  # fmt: skip
UNDATED = Found("https://klaxon.example/2", "It rained.", "Rain", "Daily Klaxon", "last week")
ALL = [FERRY, PORT, BUDGET, UNDATED]


def made_in(tmp_path):
    folder = tmp_path / "corpus"
    with open_store(folder, create=True) as store:
        store.add(ALL, [SetAside("https://klaxon.example/3", "a paywall")], collected=MORNING)
    return folder


@pytest.fixture
def corpus(tmp_path):
    return made_in(tmp_path)


def as_file(folder, kind):
    """The same articles in a file of another kind."""
    path = folder.parent / f"in.{kind}"
    rows = [
        {"id": str(n), "text": a.text, "title": a.title, "outlet": a.outlet, "date": a.date, "author": a.author,
         "section": a.extra.get("section", "")}
        for n, a in enumerate(ALL)
    ]  # fmt: skip
    if kind == "csv":
        with path.open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    elif kind == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    else:
        pq.write_table(pa.Table.from_pylist(rows), path)
    return path


KINDS = ("corpus folder", "csv", "jsonl", "parquet")


@pytest.fixture(params=KINDS, scope="module")
def given(request, tmp_path_factory):
    corpus = made_in(tmp_path_factory.mktemp("given"))
    return corpus if request.param == "corpus folder" else as_file(corpus, request.param)


# --- the same selection, whatever the input


SELECTED = {
    "nothing asked": ({}, "Budget passes, Ferry sinks, Port opens, Rain"),
    "from a day on": ({"since": "2026-11-26"}, "Budget passes, Port opens"),
    "up to a day, which a time of day is within": ({"until": "2026-11-26"}, "Ferry sinks, Port opens"),
    "one day": ({"since": "2026-11-28", "until": "2026-11-28"}, "Budget passes"),
    "no such day": ({"since": "2027-01-01"}, ""),
    "an outlet": ({"outlets": ("Daily Klaxon",)}, "Budget passes, Rain"),
    "outlets": ({"outlets": ("Northgate Wire", "The Common Lantern")}, "Ferry sinks, Port opens"),
    "an outlet from a day on": ({"outlets": ("Daily Klaxon",), "since": "2026-11-01"}, "Budget passes"),
    "a title": ({"query": "title ILIKE '%ferry%'"}, "Ferry sinks"),
    "a text, ignoring accents and case": ({"query": "text LIKE '%“A disgrace%'"}, "Budget passes"),
    "what is missing": ({"query": "author IS NULL"}, "Budget passes, Ferry sinks, Rain"),
    "another column": ({"query": "section = 'sea'"}, "Port opens"),
    "a column in capitals": ({"query": "SECTION = 'sea' AND Words > 2"}, "Port opens"),
    "a number of words": ({"query": "words <= 2"}, "Rain"),
    "a subquery over the articles": ({"query": "words = (SELECT max(words) FROM articles)"}, "Budget passes"),
    "another column, on days without it": ({"query": "section = 'sea'", "until": "2026-11-25"}, ""),
    "another column, missing on a day": (
        {"query": "section IS NULL OR section = ''", "until": "2026-11-25"},
        "Ferry sinks",
    ),
    "another column, of no article of an outlet": ({"query": "section = 'sea'", "outlets": ("Daily Klaxon",)}, ""),
    "a query and days": ({"query": "words > 2", "since": "2026-11-26"}, "Budget passes, Port opens"),
    "none": ({"query": "false"}, ""),
    "a remark at the end": ({"query": "title = 'Rain' -- or not"}, "Rain"),
}


@pytest.mark.parametrize("case", SELECTED)
def test_a_selection_means_the_same_for_every_kind_of_input(given, case):
    asked, expected = SELECTED[case]
    found = read_articles(given, select=Selection(**asked))
    assert ", ".join(sorted(article.title for article in found)) == expected
    assert any(f": {len(found)} of 4" in note for note in found.notes) == bool(asked), "said, of how many"


REFUSED = {
    "a day that is none": ({"since": "2026-02-30"}, "since is '2026-02-30', which is no day; write it as YYYY-MM-DD"),
    "a month": ({"until": "2026-02"}, "until is '2026-02'"),
    "days in the wrong order": ({"since": "2026-03-02", "until": "2026-03-01"}, "Exchange the two days"),
    "an outlet that is not there": (
        {"outlets": ("Klaxon",)}, "unknown outlet 'Klaxon'; valid: Daily Klaxon, Northgate Wire, The Common Lantern"
    ),
    "a column that is not there": ({"query": "headline = 'x'"}, "over the columns: id, text, title, outlet, date, url"),
    "no condition": ({"query": "title"}, "BOOL"),
    "two conditions": ({"query": "true, false"}, "single expression"),
    "nothing but a space": ({"query": " "}, "cannot be used"),
    "bad SQL": ({"query": "title = = 'x'"}, "syntax error"),
    "a second statement": ({"query": "true; DROP TABLE articles"}, "more than one statement"),
    "a way out of brackets": ({"query": "true) OR (true"}, "syntax error"),
    "a clause": ({"query": "true ORDER BY title"}, "modifiers|expression list"),
    "COPY": ({"query": "COPY articles TO 'stolen.csv'"}, "syntax error"),
    "ATTACH": ({"query": "ATTACH 'x.duckdb'"}, "cannot be used"),
    "a setting": ({"query": "SET enable_external_access = true"}, "syntax error"),
    "a file in a subquery": ({"query": "EXISTS (SELECT * FROM read_csv('{file}'))"}, r"read_csv\(\) is no table"),
    "a text file": ({"query": "'a' IN (SELECT content FROM read_text('{file}'))"}, r"read_text\(\) is no table"),
    "a file by its name": ({"query": "EXISTS (SELECT * FROM '{file}')"}, "disabled by configuration"),
    "names of files": ({"query": "EXISTS (SELECT * FROM glob('*'))"}, r"glob\(\) is no table of articles"),
    "chance": ({"query": "random() < 0.5"}, r"random\(\) may give another answer .* write the day"),
    "chance in a subquery": ({"query": "id = (SELECT min(id) FROM articles WHERE RANDOM() < 0.5)"}, r"random\(\) may"),
    "chance in a list": ({"query": "[random() FOR x IN [1]][1] < 0.5"}, r"random\(\) may"),
    "a sample": ({"query": "EXISTS (SELECT * FROM articles USING SAMPLE 1)"}, "a sample may"),
    "a sample of a table": ({"query": "EXISTS (SELECT * FROM articles TABLESAMPLE 10%)"}, "a sample may"),
    "a text that is run": ({"query": "EXISTS (FROM query('SELECT random()'))"}, r"query\(\) is no table of articles"),
    "the settings": ({"query": "EXISTS (FROM duckdb_settings())"}, r"duckdb_settings\(\) is no table of articles"),
    "a setting that is read": ({"query": "current_setting('threads') = '1'"}, r"current_setting\(\) may"),
    "today": ({"query": "date >= current_date - 7"}, "current_date may .* write the day, such as date >= '2026-11-28'"),
    "now": ({"query": "date::TIMESTAMP > now()"}, r"now\(\) may"),
    "an age, from today": ({"query": "age(date::TIMESTAMP) < INTERVAL 7 DAYS"}, r"age\(\) may"),
    "days ago": ({"query": "date::TIMESTAMP > ago(INTERVAL 7 DAYS)"}, r"ago\(\) may"),
    "far too deep": ({"query": "NOT " * 900 + "true"}, "cannot be used"),
    "an aggregate": ({"query": "count(*) > 1"}, "aggregates"),
    "a lone surrogate": ({"query": "title = '\ud800'"}, "cannot be used"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_selection_that_cannot_be_meant_is_one_clear_error(given, tmp_path, case):
    asked, named = REFUSED[case]
    (tmp_path / "file.csv").write_text("a\n1\n")
    asked = {key: value.replace("{file}", str(tmp_path / "file.csv")) if key == "query" else value
             for key, value in asked.items()}  # fmt: skip
    with pytest.raises(InputError, match=named) as raised:
        read_articles(given, select=Selection(**asked))
    assert "\n" not in str(raised.value)
    assert not list(tmp_path.glob("stolen*"))


STEADY = {
    "a column named like a function": "random = 'x' AND \"Now\" = 'y'",
    "a column named like the day of today": "articles.current_date = '2026-11-28'",
    "parts of a date": "year(date::DATE) = 2026 AND date_trunc('month', date::DATE) = DATE '2026-11-01'",
    "days between": "date_diff('day', date::DATE, DATE '2026-11-30') < 7",
    "an age, on a day": "age(TIMESTAMP '2026-11-30', date::TIMESTAMP) < INTERVAL 7 DAYS",
    "what is told of a zone, in UTC": "strftime('2026-11-28T12:00:00Z'::TIMESTAMPTZ, '%H') = '12'",
    "tables that hold no more than they are given": "EXISTS (FROM range(3)) AND 1 IN (SELECT unnest([1, 2]))",
    "what looks like a function, in quotes": "text <> 'now() and random()' -- or random()",
}


@pytest.mark.parametrize("case", STEADY)
def test_a_query_that_gives_the_same_articles_at_any_time_is_taken(tmp_path, case):
    path = tmp_path / "in.jsonl"
    row = {"text": "One.", "date": "2026-11-27", "random": "x", "now": "y", "current_date": "2026-11-28"}
    path.write_text(json.dumps(row))
    assert len(read_articles(path, select=Selection(query=STEADY[case]))) == 1


ENDLESS = "(SELECT count(*) FROM range(10000000) a, range(10000000) b) > 1"


def test_a_query_that_takes_too_long_is_ended(corpus, monkeypatch):
    monkeypatch.setattr(selection, "SECONDS", 0.2)
    with pytest.raises(InputError, match=r"not done after 0\.2 seconds.*choose days or outlets"):
        read_articles(corpus, select=Selection(query=ENDLESS))


def test_a_query_that_somebody_interrupts_ends_like_all_else(corpus, monkeypatch):
    def table(*given, true=selection._table):
        threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        return true(*given)

    monkeypatch.setattr(selection, "_table", table)
    done = framing("corpus", "list", corpus, "--query", ENDLESS)
    assert done.exit_code == 130 and "framing: interrupted" in done.stderr


def test_a_query_sees_no_variable_of_the_program_either(corpus):
    secret = pa.table({"x": ["Rain"]})
    with pytest.raises(InputError, match="secret does not exist"):
        read_articles(corpus, select=Selection(query="title IN (SELECT x FROM secret)"))
    assert secret.num_rows == 1


def test_columns_of_an_input_never_hide_or_break_a_query(tmp_path):
    rows = [{"id": "1", "text": "One.", "TITLE": "own", "Words": "many", "a\"b": "x", "version": "x", "": "y"},
            {"id": "2", "text": "Two.", "collected": "2026"}]  # fmt: skip
    path = tmp_path / "odd.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for query, expected in (("words = 1", "12"), ('"a""b" = \'x\'', "1"), ("version IS NULL", "12"),
                            ("collected = '2026'", "2"), ("title = 'own'", "1")):  # fmt: skip
        assert "".join(article.id for article in read_articles(path, select=Selection(query=query))) == expected


def test_a_column_that_is_empty_in_all_rows_of_a_file_is_there(tmp_path):
    path = tmp_path / "today.jsonl"
    rows = [{"body": "One.", "section": None}, {"body": "Two.", "\ud800": "no name of a column"}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert len(read_articles(path, select=Selection(query="section IS NULL"))) == 1
    with pytest.raises(InputError, match=r"over the columns: .*section"):
        read_articles(path, select=Selection(query="body = 'One.'"))  # the column that the text is read from


# --- a corpus folder as an input


def test_columns_of_a_corpus_folder_are_those_of_all_its_parts(corpus):
    with open_store(corpus, create=True) as store:
        store.add(
            [replace(BUDGET, url="x", outlet="Northgate Wire", extra={"Topic": "money", "words": "many"})],
            collected=NOON,
        )
        store.add([replace(PORT, text="The port closed.", extra={})], collected=NOON)

    def titles(query):
        return [article.title for article in read_articles(corpus, select=Selection(query=query))]

    for _ in range(2):
        assert titles("topic = 'money'") == ["Budget passes"]
        assert titles("section = 'sea'") == [], "only an earlier version had it"
        assert len(titles("words < 1000")) == 5
        (corpus / "catalogue.duckdb").unlink()
    with pytest.raises(InputError, match=r"over the columns: .*, Topic, section$"):
        titles("sections = 'sea'")


def test_articles_of_a_corpus_folder_know_when_they_were_collected(corpus):
    with open_store(corpus, create=True) as store:
        store.add([replace(FERRY, text="The ferry sank. One is missing.")], collected=NOON)
    found = {article.title: article for article in read_articles(corpus)}
    assert found["Ferry sinks"].text.endswith("missing."), "the latest version"
    assert found["Ferry sinks"].extra == {"collected": NOON, "version": "2"}
    assert found["Port opens"].extra == {"collected": MORNING, "version": "1", "section": "sea"}
    assert found["Ferry sinks"].author is None
    old = read_articles(corpus, select=Selection(query="version = 1"))
    assert len(old) == 3


def test_what_the_store_holds_is_checked_like_any_other_input(corpus):
    row = {"id": "x", "version": 1, "url": "", "outlet": "", "title": "", "date": "", "author": "", "words": 1,
           "collected": MORNING, "content": "", "extra": '{"a": "b\\u0000c"}', "text": "Text."}  # fmt: skip
    parts.write_part(corpus, "parts", [row, {**row, "id": "y", "extra": "{}", "text": " "}], "2026-11-28")
    found = read_articles(corpus)
    assert len(found) == 4
    assert sorted(q.reason for q in found.quarantined) == ["a holds a NUL character", "no text"]


def test_a_corpus_folder_without_articles_is_no_error(tmp_path):
    open_store(tmp_path, create=True).close()
    assert read_articles(tmp_path).read == 0


# --- scoring


@pytest.fixture
def scored_texts(monkeypatch):
    texts = []

    def watched(articles, *arguments, true=stored_scores.analyze_many, **options):
        given = list(articles)
        texts.extend(article.text for article in given)
        return true(given, *arguments, **options)

    monkeypatch.setattr(stored_scores, "analyze_many", watched)
    return texts


def test_a_daily_run_scores_only_what_is_new(corpus, tmp_path, scored_texts):
    def run(name, **options):
        scored_texts.clear()
        return score_corpus(corpus, tmp_path / name, engine="linear", quiet=True, **options)

    assert run("first").rows["articles"] == 4
    assert len(scored_texts) == 4
    with open_store(corpus, create=True) as store:
        store.add([replace(FERRY, text="One is missing."), replace(BUDGET, url="x", outlet="Northgate Wire")],
                  collected=NOON)  # fmt: skip
    assert run("second").rows["articles"] == 5
    assert scored_texts == ["One is missing."], "wire copy of what has scores has scores"
    narrowed = run("third", select=Selection(since="2026-11-26"))
    assert (narrowed.rows["articles"], scored_texts) == (3, [])
    assert narrowed.manifest["input"] == {
        "file": "corpus", "columns": {},
        "selection": {"since": "2026-11-26", "until": "", "outlets": (), "query": ""},
    }  # fmt: skip
    assert len(list((corpus / SCORES).glob("*/*/manifest.json"))) == 2
    run("elsewhere", scores=tmp_path / "kept")
    assert len(scored_texts) == 4


def test_parts_of_scores_without_wanted_texts_are_not_opened(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(stored_scores, "_TEXTS", 1)
    score_corpus(corpus, tmp_path / "all", engine="linear", quiet=True)
    opened = []
    monkeypatch.setattr(stored_scores, "_table", lambda folder, name, total, true=stored_scores._table:
                        opened.append(folder.name) or true(folder, name, total))  # fmt: skip
    score_corpus(corpus, tmp_path / "one", engine="linear", quiet=True, select=Selection(query="title = 'Rain'"))
    assert len(set(opened)) == 1


# --- reports


NOTEBOOK = """from framing.report.scored import score_for_report
from framing.report.render import Results, paragraphs
results = Results(out)
scored = score_for_report(
    corpus, engine="linear", outlets=outlets, since=since, until=until, query=query, as_of=as_of, scores=scores
)
results.table(scored.tables["articles"], "articles", "Articles.")
paragraphs(*scored.accounts())"""
PARAMETERS = """corpus: str = ""  # path: articles
outlets: list[str] = []  # outlets
since: str = ""  # first day
until: str = ""  # last day
query: str = ""  # condition
as_of: str = ""  # day
out: str = ""  # where to
scores: str = ""  # what is kept"""


@pytest.fixture
def go(tmp_path, corpus):
    cells = [
        nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(NOTEBOOK),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    (tmp_path / "notebooks").mkdir()
    nbformat.write(notebook, tmp_path / "notebooks" / "tiny_report.ipynb")

    def run(**parameters):
        given = {"corpus": str(corpus), **parameters}
        return run_report_here("tiny", given, reports=tmp_path / "reports", notebooks=tmp_path / "notebooks")

    return run


def test_a_report_of_a_corpus_folder_says_what_was_selected_and_keeps_scores_there(corpus, go):
    run = go(until="2026-11-26", query="words > 3")
    assert run.name.startswith("2026-11-26__"), "dated by the newest article that is selected"
    assert (corpus / SCORES).is_dir() and not (run.parent.parent / SCORES).exists()
    told = (run / "report.html").read_text()
    assert "Only articles to 2026-11-26, where words &gt; 3." in told and "2 articles read, 2 scored" in told
    assert str(corpus) not in told + (run / "manifest.json").read_text()


def test_a_report_of_a_corpus_folder_is_known_by_the_articles_it_is_of(corpus, go, monkeypatch):
    monkeypatch.setattr(report, "_run", lambda *a, **k: None)
    monkeypatch.setattr(report, "_checksum", lambda path: "the package and the notebook")
    monkeypatch.setattr(CorpusStore, "select", lambda *a, **k: pytest.fail("which run it is takes no text to say"))

    def run():
        return go(until="2026-11-28", as_of="2026-11-27").name

    first = run()
    with open_store(corpus, create=True) as store:
        store.add([replace(BUDGET, url="https://klaxon.example/9", text="Later.")], collected=NOON)
        store.add([replace(BUDGET, url="https://klaxon.example/8", text="x", date="2027-01-01")], collected=NOON)
    (corpus / "catalogue.duckdb").unlink()
    assert run() == first, "what is dated later is not in it, nor what the catalogue is like"
    assert go(until="2026-11-28", as_of="2026-11-28").name != first
    with open_store(corpus, create=True) as store:
        store.add([replace(FERRY, text="One is missing.")], collected=NOON)
    assert run() != first, "a further version is in it"


def test_the_account_of_articles_says_what_was_selected(corpus):
    scored = score_for_report(str(corpus), engine="linear", since="2026-11-25", query="words > 3", as_of="2026-11-27",
                              outlets=["Northgate Wire", "The Freehold Standard"])  # fmt: skip
    assert scored.accounts()[:2] == [
        "Only articles from 2026-11-25, where words > 3.",
        "3 articles read, 1 scored, 2 of outlets that were not asked for.",
    ]
    assert scored.missing == ("The Freehold Standard",), "an outlet of a report that fell silent is no error"
    with pytest.raises(InputError, match=r"no article is left to report on.*Only articles from 2027-01-01"):
        score_for_report(str(corpus), engine="linear", since="2027-01-01")


# --- the command line


def framing(*arguments):
    return click.testing.CliRunner().invoke(main, [*map(str, arguments)])


def test_corpus_commands_in_words_and_in_json(corpus, tmp_path):
    done = framing("corpus", "stats", corpus)
    assert done.exit_code == 0 and "4 articles, 4 versions, 1 quarantined" in done.stdout
    found = json.loads(framing("corpus", "stats", corpus, "--json").stdout)
    assert (found["articles"], found["versions"], found["quarantined"]) == (4, 4, 1)
    assert found["outlets"] == {"Daily Klaxon": 2, "Northgate Wire": 1, "The Common Lantern": 1}
    listed = framing("corpus", "list", corpus, "--since", "2026-11-26", "--outlet", "Daily Klaxon")
    assert listed.stdout.count("\n") == 1 and "2026-11-28\tDaily Klaxon\tBudget passes" in listed.stdout
    (row,) = json.loads(framing("corpus", "list", corpus, "--query", "title = 'Rain'", "--json").stdout)
    assert (row["outlet"], row["versions"], row["collected"]) == ("Daily Klaxon", 1, MORNING)
    assert "https://klaxon.example/3\t\ta paywall" in framing("corpus", "list", corpus, "--quarantined").stdout
    done = framing("corpus", "export", corpus, "--out", tmp_path / "out.jsonl", "--until", "2026-11-26", "--json")
    assert json.loads(done.stdout)["articles"] == 2 == len(read_articles(tmp_path / "out.jsonl"))
    assert framing("corpus", "verify", corpus).stdout == "sound: every part, the visits and the catalogue\n"
    printed = framing("corpus", "export", corpus, "--until", "2026-11-26")
    assert printed.stdout == (tmp_path / "out.jsonl").read_text(encoding="utf-8"), "without a file it is printed"


def test_verify_exits_with_1_where_something_is_damaged(corpus):
    (part,) = corpus.glob("parts/*/*.parquet")
    part.write_bytes(part.read_bytes()[:-9])
    done = framing("corpus", "verify", corpus, "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["sound"] is False
    plain = framing("corpus", "verify", corpus)
    assert plain.exit_code == 1 and part.name in plain.stderr and plain.stdout == "damaged\n"


@pytest.mark.parametrize("command", ["list", "stats", "verify", "export"])
def test_a_folder_that_is_no_corpus_is_an_error_in_one_line(tmp_path, command):
    more = ["--out", tmp_path / "x.csv"] if command == "export" else []
    done = framing("corpus", command, tmp_path, *more)
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1 and "is no corpus folder" in done.stderr


def test_a_title_cannot_steer_the_terminal(corpus):
    with open_store(corpus, create=True) as store:
        store.add([replace(FERRY, url="https://x.example", title="\x1b[2J\x9b31m\nforged\tline")], collected=NOON)
    out = framing("corpus", "list", corpus).stdout
    assert out.count("\n") == 5 and "\x1b" not in out and "\x9b" not in out and "forged line" in out


def test_score_takes_the_options_for_every_input(given, tmp_path):
    done = framing("score", given, "--out", tmp_path / "out", "--engine", "linear", "--since", "2026-11-26",
                   "--outlet", "Daily Klaxon", "--query", "words > 2")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "1 read = 1 scored + 0 quarantined" in done.stdout
    assert pq.read_table(tmp_path / "out" / "articles.parquet")["title"].to_pylist() == ["Budget passes"]


def test_the_options_of_report_are_its_parameters(monkeypatch, tmp_path):
    given = {}
    monkeypatch.setattr("framing.report.run_report", lambda name, values, **_: given.update(values) or tmp_path)
    framing("report", "trend", "-p", "seed", "1", "-p", "since", "2026-01-01", "--since", "2026-02-01", "--outlet", "A",
            "--outlet", "B, C", "--query", "words > 3")  # fmt: skip
    assert given == {"seed": "1", "since": "2026-02-01", "outlets": ["A", "B, C"], "query": "words > 3"}

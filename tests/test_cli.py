"""The command line as a newcomer and as a scheduler meet it."""

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from click.testing import CliRunner

from framing import __version__
from framing.cli import main

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "data" / "sample_articles.csv"


def framing(*arguments, stdin=None, cwd="."):
    """A command in this process, which has loaded everything already; see `started` for one of its own."""
    with contextlib.chdir(cwd):
        done = CliRunner().invoke(main, [*map(str, arguments)], input=stdin)
    return SimpleNamespace(returncode=done.exit_code, stdout=done.stdout, stderr=done.stderr)


def started(*arguments):
    return subprocess.run([sys.executable, "-m", "framing", *map(str, arguments)], capture_output=True, text=True)


def test_version_and_help():
    assert __version__ in started("--version").stdout
    for command in ("score", "report", "explain", "benchmark", "train"):
        assert command in framing("--help").stdout


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    out = tmp_path_factory.mktemp("scores") / "sample"
    done = framing("score", SAMPLE, "--out", out, "--targets", ROOT / "data" / "targets.yaml", "--csv")
    return done, out


def test_score_says_what_it_did_and_accounts_for_every_article(scored):
    done, out = scored
    assert done.returncode == 0, done.stderr
    assert "24 read = 24 scored + 0 quarantined" in done.stdout
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["counts"] == {"read": 24, "scored": 24, "quarantined": 0}
    assert manifest["engine"] == "neural"
    assert manifest["models"]
    assert (out / "quarantine.jsonl").read_text() == ""
    assert {p.stem for p in out.glob("*.parquet")} == {p.stem for p in out.glob("*.csv")}


def test_scores_of_the_sample_make_sense(scored):
    _, out = scored
    articles = pd.read_parquet(out / "articles.parquet")
    rates = articles.groupby("outlet")["loaded_rate_author"].mean()
    assert rates.idxmin() == "Northgate Wire", "the agency writes most plainly"
    text = pd.read_csv(SAMPLE, dtype=str, keep_default_na=False).set_index("id")["text"]
    terms = pd.read_parquet(out / "loaded_terms.parquet")
    assert (
        terms["term"]
        == [text[i][s:e] for i, s, e in zip(terms["article_id"], terms["start"], terms["end"], strict=True)]
    ).all()


def test_the_same_input_gives_the_same_tables(scored, tmp_path):
    _, out = scored
    framing("score", SAMPLE, "--out", tmp_path / "again", "--targets", ROOT / "data" / "targets.yaml", "--jobs", "2")
    for path in out.glob("*.parquet"):
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name


def test_every_article_has_its_story_and_the_manifest_says_where_from(scored):
    _, out = scored
    articles = pd.read_parquet(out / "articles.parquet")
    assert articles.columns.tolist()[5:7] == ["event", "copy_of"]
    # The sample tells six stories, each in four outlets, in words of their own.
    assert articles.groupby("event_given")["event"].nunique().eq(1).all()
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["events"] == {"from": "found", "stories": 6, "copies": 0}


@pytest.mark.parametrize("events", ["column", "topic"])
def test_stories_may_be_taken_from_a_column(tmp_path, events):
    wire = (
        "Forty ships waited at anchor off Saltmere on Monday while dockers marched against remote cranes. The port "
        "said that talks would go on, and the union asked for a court to look at the contract."
    )
    column = "event" if events == "column" else events
    source = tmp_path / "in.jsonl"
    rows = [{"id": str(n), "text": wire, column: f"e{n}"} for n in range(2)]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = framing("score", source, "--out", tmp_path / "out", "--events", events, "--engine", "linear")
    assert done.returncode == 0, done.stderr
    articles = pd.read_parquet(tmp_path / "out" / "articles.parquet")
    assert articles["event"].tolist() == ["e0", "e1"]
    assert articles["copy_of"].tolist() == ["", "0"], "copies are found in any case"
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["events"] == {"from": events, "stories": 2, "copies": 1}


def test_what_has_been_scored_is_taken_from_the_folder_of_scores(tmp_path):
    rows = [
        {"id": "1", "text": "The dam burst. It was a disgrace.", "desk": "home"},
        {"id": "2", "text": "Hallitus päätti eilen veronkorotuksista pitkän keskustelun jälkeen."},
        {"id": "3", "text": ""},
    ]
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    runs = {"plain": [], "first": ["--scores", tmp_path / "scores"], "second": ["--scores", tmp_path / "scores"]}
    done = {
        name: framing("score", source, "--out", tmp_path / name, "--engine", "linear", "--csv", *more)
        for name, more in runs.items()
    }
    for name in runs:
        assert done[name].returncode == 0, done[name].stderr
        assert done[name].stderr == done["plain"].stderr, "the same notes"
        for path in (tmp_path / "plain").glob("*.csv"):
            assert path.read_bytes() == (tmp_path / name / path.name).read_bytes(), path.name
            pd.testing.assert_frame_equal(
                pd.read_parquet(path.with_suffix(".parquet")),
                pd.read_parquet(tmp_path / name / f"{path.stem}.parquet"),
            )
        assert (tmp_path / name / "manifest.json").read_bytes() == (tmp_path / "plain" / "manifest.json").read_bytes()
    assert len(list((tmp_path / "scores").rglob("manifest.json"))) == 1, "the second run scored nothing"


def test_explain_shows_the_words_behind_the_numbers():
    text = "The shameful regime slammed its critics, said Nora Pell."
    plain = framing("explain", text, "--no-color", "--target", "Nora Pell")
    assert plain.returncode == 0, plain.stderr
    assert "shameful" in plain.stdout
    assert "\x1b[" not in plain.stdout
    assert "\x1b[" in framing("explain", text, "--color").stdout
    parsed = json.loads(framing("explain", "-", "--json", stdin=text).stdout)
    assert parsed["sentences"][0]["text"] == text
    words = parsed["sentences"][0]["reasons"]
    assert "shameful" in [text[word["start"] : word["end"]] for word in words]
    assert {"start", "end", "text", "weight"} == set(words[0])


def test_a_lexicon_of_ones_own_adds_and_silences(tmp_path):
    mine = tmp_path / "mine.tsv"
    mine.write_text("term\tcategory\tweight\tunless\nremote-controlled\tevaluation\t0.2\t\nshameful\tnone\t0\t\n")
    text = "The remote-controlled crane was shameful."
    terms = [
        t["text"] for t in json.loads(framing("explain", text, "--json", "--lexicon", mine).stdout)["loaded_terms"]
    ]
    assert "remote-controlled" in terms
    assert "shameful" not in terms


def broken(tmp_path: Path) -> dict[str, tuple[list, str]]:
    """Calls that cannot work: arguments -> part of the one line that says why and what to do."""
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "body.csv").write_text("id,body,note\n1,Hello there.,x\n")
    (tmp_path / "lexicon.tsv").write_text("term\tcategory\tweight\tunless\nvile\tnasty\t0.5\t\n")
    (tmp_path / "targets.yaml").write_text("targets: 5\n")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    out = ["--out", tmp_path / "out"]
    return {
        "no such file": (["score", tmp_path / "none.csv", *out], "no file or folder"),
        "empty file": (["score", tmp_path / "empty.csv", *out], "empty"),
        "no such column": (["score", tmp_path / "body.csv", *out, "--column", "text=story"], "note"),
        "no such field": (["score", tmp_path / "body.csv", *out, "--column", "words=body"], "text"),
        "no pair": (["score", tmp_path / "body.csv", *out, "--column", "body"], "text=body"),
        "no such story column": (["score", SAMPLE, *out, "--events", "storyline"], "valid: event"),
        "scores in the output": (["score", SAMPLE, *out, "--scores", tmp_path / "out" / "s"], "name another folder"),
        "scores in a file": (["score", SAMPLE, *out, "--scores", tmp_path / "empty.csv"], "is a file"),
        "no such engine": (["score", SAMPLE, *out, "--engine", "fast"], "valid: neural, linear"),
        "broken lexicon": (["score", SAMPLE, *out, "--lexicon", tmp_path / "lexicon.tsv"], "lexicon.tsv"),
        "broken targets": (["score", SAMPLE, *out, "--targets", tmp_path / "targets.yaml"], "targets.yaml"),
        "a folder of other files": (["score", SAMPLE, "--out", tmp_path / "full"], "name a new or empty one"),
        "no text": (["explain", "  "], "no text"),
        "no such report": (["report", "weekly"], "comparative"),
        "no such parameter": (["report", "comparative", "-p", "outlet", "x"], "outlets"),
        "no corpora": (["benchmark", "--data", tmp_path / "none"], "--data"),
        "no such model": (["train", "--data", tmp_path, "--engine", "linear", "--only", "brain"], "tagger"),
    }


@pytest.mark.parametrize("case", [
    "no such file", "empty file", "no such column", "no such field", "no pair", "no such story column",
    "scores in the output", "scores in a file", "no such engine", "broken lexicon",
    "broken targets", "a folder of other files", "no text", "no such report", "no such parameter", "no corpora",
    "no such model",
])  # fmt: skip
def test_errors_are_one_line_with_a_remedy(tmp_path, case):
    arguments, message = broken(tmp_path)[case]
    done = framing(*arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("framing: ")
    assert message in done.stderr
    assert not (tmp_path / "out").exists(), "nothing half-written is left"


def test_debug_shows_the_traceback(tmp_path):
    assert "Traceback" in started("score", tmp_path / "none.csv", "--out", tmp_path / "out", "--debug").stderr


def test_what_cannot_be_read_is_set_aside_and_the_rest_scored(tmp_path):
    rows = [
        {"id": "1", "text": "The dam burst. It was a disgrace."},
        {"id": "2", "text": ""},
        {
            "id": "3",
            "text": "Hallitus päätti eilen veronkorotuksista pitkän keskustelun jälkeen ja oppositio vastusti.",
        },
        {"id": "4", "text": "<b>Ships</b> wait & wait. <script>alert(1)</script>"},
        {"id": "5", "text": "?!"},
        {"id": "6", "text": "long " * 500_000},
        {"id": "007", "text": "Nobody came.", "title": "NA"},
        {"id": "8", "text": None},
    ]
    source = tmp_path / "mixed.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows) + "{broken\n")
    done = framing("score", source, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "9 read = 5 scored + 4 quarantined" in done.stdout
    articles = pd.read_parquet(tmp_path / "out" / "articles.parquet")
    assert articles["article_id"].tolist() == ["1", "3", "4", "5", "007"]
    assert articles["title"].tolist()[-1] == "NA"
    reasons = [json.loads(line) for line in (tmp_path / "out" / "quarantine.jsonl").read_text().splitlines()]
    assert len(reasons) == 4
    assert all(entry["row"] and entry["reason"] for entry in reasons)
    assert "article 3: only" in done.stderr, "another language is scored and flagged"

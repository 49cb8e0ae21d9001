"""What has been scored once is not scored again, and nobody can tell from the tables."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from framing import stored_scores
from framing.analysis import Analysis, analyze_many
from framing.errors import InputError
from framing.events import with_events
from framing.lexicon import default_lexicon
from framing.records import Article
from framing.signature import instrument_key
from framing.stored_scores import content_key, scored_tables
from framing.tables import TABLES, tables

ARTICLES = with_events(
    [
        Article("a", "The reckless plan failed. “It was a disgrace,” said Nora Pell.", "Plan fails", "Northgate Wire"),
        Article("b", "Ships waited at Saltmere.", "Ships wait", "Daily Klaxon", "2026-03-02", extra={"desk": "sea"}),
        Article("c", "", author="Nobody"),
        Article("d", "The mayor, Dana Orrell, claimed that the shameful debacle was over.", url="https://d.example"),
    ]
)


@pytest.fixture
def counted(monkeypatch) -> list[str]:
    """The texts that are scored while the test runs, one by one."""
    scored: list[str] = []

    def watched(articles, *arguments, **options):
        def each():
            for article in articles:
                scored.append(article.text)
                yield article

        return analyze_many(each(), *arguments, **options)

    monkeypatch.setattr(stored_scores, "analyze_many", watched)
    return scored


def scored(articles, folder="", **options) -> dict[str, pd.DataFrame]:
    return scored_tables(articles, engine="linear", folder=folder, **options)


def plain(articles) -> dict[str, pd.DataFrame]:
    """The tables as they are without any of this."""
    return tables(analyze_many(articles, engine="linear"))


def assert_same(found: dict[str, pd.DataFrame], expected: dict[str, pd.DataFrame]) -> None:
    assert list(found) == list(TABLES)
    for name in TABLES:
        pd.testing.assert_frame_equal(found[name], expected[name])


def parts(folder: Path) -> list[Path]:
    return sorted(path.parent for path in folder.rglob("manifest.json"))


def test_the_tables_are_the_same_whether_scores_come_from_the_folder_or_not(tmp_path, counted):
    expected = plain(ARTICLES)
    assert_same(scored(ARTICLES), expected)
    assert_same(scored(ARTICLES, tmp_path), expected)
    counted.clear()
    assert_same(scored(ARTICLES, tmp_path), expected)
    assert counted == []


def test_everything_but_title_and_text_may_change(tmp_path, counted):
    scored(ARTICLES, tmp_path)
    counted.clear()
    changes = {"outlet": "Lantern", "date": "2027-01-01", "url": None, "author": "A. Ruiz"}
    extra = {"event": "e", "words": "x"}
    others = [replace(a, id=f"{n}", extra=extra, **changes) for n, a in enumerate(reversed(ARTICLES))]
    assert_same(scored(others, tmp_path), plain(others))
    assert counted == []


@pytest.mark.parametrize("change", [{"text": "Another text."}, {"title": "Another title"}])
def test_another_title_or_text_is_scored(tmp_path, counted, change):
    scored(ARTICLES, tmp_path)
    counted.clear()
    mixed = [ARTICLES[1], replace(ARTICLES[0], **change), ARTICLES[3]]
    assert_same(scored(mixed, tmp_path), plain(mixed))
    assert counted == [mixed[1].text]
    assert len(parts(tmp_path)) == 2, "a part per run, of what that run scored"


def test_title_and_text_do_not_run_into_each_other():
    assert content_key(Article("1", "b c", "a")) != content_key(Article("1", "c", "a b"))
    assert content_key(Article("1", "\ud800", "")) != content_key(Article("1", "\ufffd", ""))


def test_the_same_content_twice_is_scored_once(tmp_path, counted):
    twice = [ARTICLES[0], replace(ARTICLES[1], id="b"), replace(ARTICLES[0], id="e", outlet="Daily Klaxon")]
    found = scored(twice, tmp_path)
    assert counted == [ARTICLES[0].text, ARTICLES[1].text]
    assert_same(found, plain(twice))


@pytest.mark.parametrize("articles", [[], [Article("1", "")]])
def test_little_or_nothing_to_score(tmp_path, articles):
    for _ in range(2):
        assert_same(scored(articles, tmp_path), plain(articles))


# --- another instrument has scores of its own


def test_targets_and_lexicon_and_engine_make_another_instrument(tmp_path, counted):
    with_targets = {"targets": {"Orrell": ["Dana Orrell", "the mayor"]}}
    scored(ARTICLES, tmp_path)
    counted.clear()
    found = scored(ARTICLES, tmp_path, **with_targets)
    assert len(counted) == len(ARTICLES)
    assert set(found["stances"]["target"]) == {"Orrell"}
    assert_same(found, scored(ARTICLES, **with_targets))


def test_the_key_of_an_instrument_names_everything_that_moves_a_number(monkeypatch):
    from framing import signature as module
    from framing.entities import make_targets

    one, other = make_targets({"A": ["x"], "B": ["x"]}), make_targets({"B": ["x"], "A": ["x"]})
    keys = [
        instrument_key("linear"),
        instrument_key("neural"),
        instrument_key("linear", targets=make_targets({})),
        instrument_key("linear", targets=one),
        instrument_key("linear", targets=other),  # the first target keeps an alias that two claim
    ]
    assert instrument_key("linear", default_lexicon()) == keys[0], "the package's own lexicon, named or not"
    monkeypatch.setattr(module, "_sources", lambda: "other code")
    keys.append(instrument_key("linear"))
    assert len(set(keys)) == len(keys)


# --- failures


def fails_on(text: str, monkeypatch) -> None:
    def failing(articles, *arguments, on_failure, **options):
        for article in articles:
            if article.text == text:
                on_failure(article, "too odd")
            else:
                yield from analyze_many([article], *arguments, **options)

    monkeypatch.setattr(stored_scores, "analyze_many", failing)


def test_an_article_that_cannot_be_scored_is_reported_and_not_stored(tmp_path, monkeypatch, counted):
    bad = ARTICLES[3]
    corpus = [bad, *ARTICLES[:3], replace(bad, id="again")]
    with monkeypatch.context() as patch:
        fails_on(bad.text, patch)
        told: list[tuple[str, str]] = []
        found = scored(corpus, tmp_path, on_failure=lambda article, reason: told.append((article.id, reason)))
        with pytest.warns(UserWarning, match="'d' was not scored: too odd"):
            scored([bad, *ARTICLES[:3]], tmp_path)
    assert told == [("d", "too odd"), ("again", "too odd")], "each under its own id"
    assert_same(found, plain(ARTICLES[:3]))
    scored(corpus, tmp_path)
    assert counted == [bad.text], "it is tried again, and only it"


def test_a_part_that_cannot_be_written_costs_nothing_but_the_part(tmp_path, monkeypatch):
    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(stored_scores, "write_arrow", full)
    notes: list[str] = []
    assert_same(scored(ARTICLES, tmp_path, notes=notes), plain(ARTICLES))
    assert notes == ["the scores could not be kept (No space left on device); they are in the tables"]
    assert not [path for path in tmp_path.rglob("*") if path.is_file()], "nothing half-written is left"


def test_a_file_is_no_folder_of_scores(tmp_path):
    (tmp_path / "scores").write_text("mine")
    with pytest.raises(InputError, match="is a file; name a folder"):
        scored(ARTICLES, tmp_path / "scores")


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGE = {
    "a bit that flipped": lambda part: flipped(part / "sentences.parquet"),
    "a bit that flipped in the articles": lambda part: flipped(part / "articles.parquet"),
    "a file cut short": lambda part: (part / "frames.parquet").write_bytes(b"PAR1"),
    "an empty file": lambda part: (part / "articles.parquet").write_bytes(b""),
    "a file that is gone": lambda part: (part / "stances.parquet").unlink(),
    "a file of another part": lambda part: shutil.copy(part / "frames.parquet", part / "stances.parquet"),
    "a manifest that is gone": lambda part: (part / "manifest.json").unlink(),
    "a manifest of another kind": lambda part: (part / "manifest.json").write_text("[]"),
    "a manifest that is no JSON": lambda part: (part / "manifest.json").write_bytes(b"\xff{"),
    "a manifest nested too deep": lambda part: (part / "manifest.json").write_text("[" * 100_000),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_a_damaged_part_counts_as_absent(tmp_path, counted, case):
    expected = scored(ARTICLES, tmp_path)
    (part,) = parts(tmp_path)
    DAMAGE[case](part)
    counted.clear()
    notes: list[str] = []
    assert_same(scored(ARTICLES, tmp_path, notes=notes), expected)
    assert len(counted) == len(ARTICLES)
    assert len(notes) == 1 and part.name in notes[0] and "scored again" in notes[0]
    assert str(tmp_path) not in notes[0]
    counted.clear()
    assert_same(scored(ARTICLES, tmp_path, notes=notes), expected)
    assert counted == [] and len(notes) == 1, "the part was written anew"


def test_columns_of_another_version_are_not_used(tmp_path, monkeypatch, counted):
    expected = scored(ARTICLES, tmp_path)
    other = {name: schema.remove(schema.get_field_index("weight")) if "weight" in schema.names else schema
             for name, schema in stored_scores.SCHEMAS.items()}  # fmt: skip
    counted.clear()
    with monkeypatch.context() as patch:
        patch.setattr(stored_scores, "SCHEMAS", other)
        assert_same(scored(ARTICLES, tmp_path), expected)
    assert len(counted) == len(ARTICLES)


def test_a_run_that_was_interrupted_leaves_nothing_that_is_read(tmp_path, counted):
    scored(ARTICLES, tmp_path)
    (part,) = parts(tmp_path)
    part.rename(part.with_name(f".{part.name}.x.partial"))
    counted.clear()
    scored(ARTICLES, tmp_path)
    assert len(counted) == len(ARTICLES)


def test_only_the_parts_that_are_needed_are_read_whole(tmp_path, monkeypatch):
    for article in ARTICLES:
        scored([article], tmp_path)
    read: list[str] = []
    table = stored_scores._table
    monkeypatch.setattr(stored_scores, "_table", lambda f, name, s: read.append(name) or table(f, name, s))
    scored([ARTICLES[1]], tmp_path)
    assert read.count("sentences") == 1 and read.count("articles") <= len(ARTICLES)


def test_runs_at_once_do_not_hurt_each_other(tmp_path):
    expected = plain(ARTICLES)
    overlapping = [ARTICLES, ARTICLES[:2], ARTICLES[1:], ARTICLES]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda articles: scored(articles, tmp_path), overlapping * 2))
    for articles, result in zip(overlapping * 2, found, strict=True):
        assert result["articles"]["article_id"].tolist() == [a.id for a in articles]
    assert_same(found[0], expected)
    assert_same(scored(ARTICLES, tmp_path), expected)
    assert not list(tmp_path.rglob("*.partial")) and not list(tmp_path.rglob("*.old"))


def test_no_analysis_is_needed_for_what_is_stored(tmp_path, monkeypatch):
    first = scored(ARTICLES, tmp_path)
    monkeypatch.setattr(Analysis, "__init__", lambda *a, **k: pytest.fail("an article was scored again"))
    assert_same(scored(ARTICLES, tmp_path), first)

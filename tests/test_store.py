"""A corpus folder: what is stored, once and in versions, and what comes out of it again."""

import json
import multiprocessing
import time
from dataclasses import replace

import pytest

from framing.errors import InputError
from framing.store import catalogue, is_corpus, open_store, parts
from framing.store.records import Added, Found, Selection, SetAside, Visit
from framing.store.selection import is_after

MORNING, NOON, NIGHT = "2026-11-28T06:00:00Z", "2026-11-28T12:00:00Z", "2026-11-29T22:00:00Z"
WIRE = Found(
    "https://wire.example/ferry", "The ferry sank. All were saved.", "Ferry sinks", "Northgate Wire", "2026-11-27",
    "A. Ruiz", {"section": "sea"},
)  # fmt: skip
LANTERN = Found("https://lantern.example/port", "The port reopened.", "Port opens", "The Common Lantern", "2026-11-28")
LETTER = Found("", "Sir, the ferry was old.", "A letter", "Daily Klaxon", "2026-11-26")
ALL = [WIRE, LANTERN, LETTER]


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "corpus", create=True) as opened:
        yield opened


def counts(added: Added) -> dict[str, int]:
    return {name: getattr(added, name) for name in ("new", "revised", "unchanged", "copies", "set_aside")
            if getattr(added, name)}  # fmt: skip


def texts(store, **options) -> list[str]:
    return [row.values["text"] for row in store.select(**options).rows]


# --- what is stored


def test_what_is_added_comes_out_again_with_all_that_was_known_of_it(store):
    assert counts(store.add(ALL, collected=MORNING)) == {"new": 3}
    table = store.select()
    assert [row.values["title"] for row in table.rows] == ["A letter", "Ferry sinks", "Port opens"], "by day"
    assert table.rows[1].values == {
        "id": "e25da9561888e28d", "text": WIRE.text, "title": "Ferry sinks", "outlet": "Northgate Wire",
        "date": "2026-11-27", "url": WIRE.url, "author": "A. Ruiz", "collected": MORNING, "version": "1",
        "section": "sea",
    }  # fmt: skip
    assert table.rows[2].values["author"] is None, "what is not known is missing, not empty"


AGAIN = {
    "the same": (WIRE, "unchanged"),
    "the same with another date": (replace(WIRE, date="2026-11-28", author=""), "unchanged"),
    "another text": (replace(WIRE, text="The ferry sank. One is missing."), "revised"),
    "another title": (replace(WIRE, title="Ferry lost"), "revised"),
    "the same at another address of the outlet": (replace(WIRE, url="https://wire.example/amp/ferry"), "copies"),
    "the same without an address": (replace(WIRE, url=""), "copies"),
    "wire copy in another outlet": (replace(WIRE, url="https://x.example/1", outlet="Daily Klaxon"), "new"),
    "another text at another address": (replace(WIRE, url="https://wire.example/2", text="It rained."), "new"),
    "an article without an address, again": (LETTER, "unchanged"),
    "the same letter in another outlet": (replace(LETTER, outlet="Northgate Wire"), "new"),
}


@pytest.mark.parametrize("case", AGAIN)
@pytest.mark.parametrize("apart", [True, False], ids=["in another call", "in the same call"])
def test_an_article_met_again(store, case, apart):
    article, expected = AGAIN[case]
    if apart:
        store.add(ALL, collected=MORNING)
        assert counts(store.add([article], collected=NOON)) == {expected: 1}
    else:
        added = store.add([*ALL, article], collected=MORNING)
        assert added.outcomes == ("new", "new", "new", expected)
    assert store.verify() == []


def test_an_article_that_changes_keeps_its_id_and_all_its_versions(store):
    second, third = replace(WIRE, text="One is missing."), replace(WIRE, text="One is lost.", date="2026-11-29")
    for article, when in ((WIRE, MORNING), (second, NOON), (third, NIGHT), (WIRE, NIGHT)):
        store.add([article], collected=when)
    assert texts(store) == [WIRE.text], "back at its first text: a version like any other"
    rows = [row.values for row in store.select(versions="all").rows]
    assert {row["id"] for row in rows} == {store.list()[0]["id"]}
    assert sorted(row["version"] for row in rows) == ["1", "2", "3", "4"]
    assert texts(store, selection=Selection(since="2026-11-29")) == [], "the last version is of the 27th again"
    assert store.list() == [
        {"id": rows[0]["id"], "outlet": WIRE.outlet, "date": WIRE.date, "title": WIRE.title, "url": WIRE.url,
         "versions": 4, "collected": NIGHT}
    ]  # fmt: skip
    assert store.verify() == []


def test_an_address_that_showed_a_copy_and_then_a_text_of_its_own_is_an_article_of_its_own(store):
    teaser, other = replace(WIRE, text="Read more soon."), "https://wire.example/2"
    store.add([teaser, replace(teaser, url=other)], collected=MORNING)
    assert counts(store.add([WIRE, replace(WIRE, url=other, text="It rained.")], collected=NOON)) == {
        "revised": 1, "new": 1,
    }  # fmt: skip
    assert len(texts(store)) == 2, "one text never stands for the other"


UNUSABLE = {
    "no text": replace(WIRE, text=" \n"),
    "a NUL": replace(WIRE, text="a\x00b"),
    "a lone surrogate": replace(WIRE, title="\ud800"),
    "a lone surrogate in the address": replace(WIRE, url="https://wire.example/\udcff"),
    "a lone surrogate elsewhere": replace(WIRE, extra={"\ud800": "x"}),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_what_no_file_can_hold_is_set_aside_and_costs_nothing_else(store, case):
    added = store.add([LANTERN, UNUSABLE[case], LETTER], collected=MORNING)
    assert (added.new, added.set_aside, added.outcomes) == (2, 1, ("new", "set_aside", "new"))
    assert store.stats()["quarantined"] == 1


def test_what_was_set_aside_is_kept_once_and_counts_until_it_is_read(store):
    aside = [SetAside(WIRE.url, "a paywall", "Northgate Wire"), SetAside("mail 7", "\ud800 no text")]
    assert counts(store.add([], aside, collected=MORNING)) == {"set_aside": 2}
    store.add([], aside, collected=NOON)
    assert store.stats()["quarantined"] == 2
    assert store.stats()["parts"] == 1, "nothing was new at noon"
    store.add([WIRE], collected=NIGHT)
    assert store.stats()["quarantined"] == 1


@pytest.mark.parametrize("day", ["2026-11-28", "2026-11-28T09:00", "2026-11", "Sat, 28 Nov 2026", "2026-99-99", "9"])
@pytest.mark.parametrize("last", ["2026-11-27", "2026-11-28", "2026-10", "2026-11", ""])
def test_what_a_report_leaves_out_is_no_part_of_its_identity_and_all_else_is(store, day, last):
    store.add([LANTERN], collected=MORNING)
    before = store.identity(up_to=last)
    store.add([replace(WIRE, date=day)], collected=NOON)
    assert (store.identity(up_to=last) == before) == is_after(day, last)


def test_visits_are_remembered_by_address(store):
    first = Visit(WIRE.url, MORNING, "article", etag='"a"', body="")
    store.add([], (), [first, Visit("https://x.example/feed", MORNING, "listing", failures=2)], collected=MORNING)
    later = replace(first, checked=NOON, outcome="timeout", failures=1)
    store.add([], (), [first, later], collected=NOON)
    assert store.visits([WIRE.url, "https://nowhere.example"]) == {WIRE.url: later}
    assert store.visits([]) == {}


def test_the_time_of_a_visit_is_kept_in_utc_like_that_of_an_article(store):
    store.add([], (), [Visit(WIRE.url, "2026-11-28T00:30:00+01:00", "article")], collected=MORNING)
    assert store.visits([WIRE.url])[WIRE.url].checked == "2026-11-27T23:30:00Z"
    with pytest.raises(InputError, match="no time in ISO format"):
        store.add([WIRE], (), [Visit(WIRE.url, "../../2026", "article")], collected=MORNING)
    assert store.stats()["articles"] == 0


def test_stats(store):
    assert store.stats()["articles"] == 0
    store.add([*ALL, replace(WIRE, url="https://wire.example/2", text="x", date="no day")], collected=MORNING)
    store.add([replace(WIRE, text="y")], collected=NOON)
    found = store.stats()
    size = sum(path.stat().st_size for path in store.folder.glob("parts/*/*"))
    assert found == {
        "articles": 4, "versions": 5, "quarantined": 0, "first": "2026-11-26", "last": "2026-11-28",
        "outlets": {"Daily Klaxon": 1, "Northgate Wire": 2, "The Common Lantern": 1},
        "collected": NOON, "visits": 0, "parts": 2, "bytes": size,
    }  # fmt: skip


def test_an_article_of_an_outlet_that_was_renamed_counts_once(store):
    store.add([WIRE, LANTERN], collected=MORNING)
    store.add([replace(WIRE, text="One is missing.", outlet="The Northgate", date="2026-11-30")], collected=NOON)
    found = store.stats()
    assert (found["articles"], found["outlets"]) == (2, {"The Common Lantern": 1, "The Northgate": 1})
    assert (found["first"], found["last"]) == ("2026-11-28", "2026-11-30"), "of the articles as they are now"
    with pytest.raises(InputError, match="unknown outlet 'Northgate Wire'; valid: The Common Lantern, The Northgate"):
        store.select(Selection(outlets=("Northgate Wire",)))
    before = store.select(Selection(outlets=("Northgate Wire",)), versions="all")
    assert [row.values["text"] for row in before.rows] == [WIRE.text]


def test_the_reason_that_was_met_last_is_told(store):
    place = "https://wire.example/x"
    for hour, reason in enumerate(("404", "500", "404", "404", "500", "404")):
        store.add([], [SetAside(place, reason, "Northgate Wire")], collected=f"2026-11-28T0{hour}:00:00Z")
    (row,) = store.quarantined()
    assert (row["reason"], row["collected"]) == ("404", "2026-11-28T05:00:00Z")
    assert store.stats()["parts"] == 5, "what is as it was last time is not stored again"
    store.add([], [SetAside(place, "500"), SetAside(place, "a paywall")], collected="2026-11-28T05:00:00Z")
    assert store.quarantined()[0]["reason"] == "a paywall", "of one call, and of one moment, the last"


# --- the folder


def test_a_folder_with_other_files_is_not_taken_over(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="holds other files"):
        open_store(tmp_path, create=True)
    with pytest.raises(InputError, match="no corpus folder"):
        open_store(tmp_path)
    with pytest.raises(InputError, match="is a file"):
        open_store(tmp_path / "notes.txt", create=True)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("mark", ["", "{}", "[]", '{"format": 2}'])
def test_a_folder_of_another_format_is_refused(tmp_path, mark):
    (tmp_path / "corpus.json").write_text(mark)
    with pytest.raises(InputError, match=r"cannot be read|reads format 1"):
        open_store(tmp_path)
    assert is_corpus(tmp_path)


@pytest.mark.parametrize("when", ["", "yesterday", "2026-13-01", None])
def test_a_time_that_is_none_is_refused(store, when):
    with pytest.raises(InputError, match="no time in ISO format"):
        store.add([WIRE], collected=when)


def test_names_of_files_say_nothing_of_articles_or_addresses(store):
    store.add(
        [replace(WIRE, url="https://x.example/../../etc/passwd", outlet="../x", date="../../y")], collected=MORNING
    )
    names = sorted(path.relative_to(store.folder).parts for path in store.folder.rglob("*.parquet"))
    assert len(names) == 1 and names[0][:2] == ("parts", "2026-11-28") and len(names[0][2]) == 32 + len(".parquet")


def test_parts_never_change(store):
    store.add(ALL, collected=MORNING)
    before = {path: path.read_bytes() for path in store.folder.rglob("*.parquet")}
    store.add([replace(WIRE, text="y"), LANTERN], [SetAside("x", "y")], collected=NOON)
    assert all(path.read_bytes() == content for path, content in before.items())


# --- the catalogue is derived


def garbled(path):
    path.write_bytes(b"x" * 5000)


def halved(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def of_another_program(path):
    import duckdb

    path.unlink()
    with duckdb.connect(str(path)) as database:
        database.execute("CREATE TABLE mine (x INTEGER)")


def without_a_table(path):
    import duckdb

    with duckdb.connect(str(path)) as database:
        database.execute("DROP TABLE articles")


FEED, PAGE = (
    Visit("https://wire.example/feed", MORNING, "listing", body="https://wire.example/later"),
    Visit(WIRE.url, MORNING, "article", etag='"a"'),
)
VISITS = [FEED, PAGE, Visit("https://wire.example/2", MORNING, "timeout", failures=2)]
VISITS_LATER = [replace(FEED, checked=NOON, body=""), replace(FEED, checked=NIGHT, body="https://wire.example/3")]
REMEMBERED = {visit.url: visit for visit in (*VISITS, *VISITS_LATER)}

LOST = {
    "gone": lambda path: path.unlink(),
    "garbled": garbled,
    "halved": halved,
    "empty": lambda path: path.write_bytes(b""),
    "of another program": of_another_program,
    "without a table, which shows late": without_a_table,
}


@pytest.mark.parametrize("case", LOST)
@pytest.mark.parametrize("create", [True, False], ids=["for writing", "for reading"])
def test_a_catalogue_that_is_lost_is_made_anew_from_the_parts(tmp_path, case, create):
    with open_store(tmp_path, create=True) as store:
        store.add(ALL, [SetAside("x", "y")], VISITS, collected=MORNING)
        store.add([replace(WIRE, text="y")], (), VISITS_LATER, collected=NOON)
        stats, articles = store.stats(), store.select(versions="all")
    LOST[case](tmp_path / catalogue.FILE)
    with open_store(tmp_path, create=create) as store:
        assert store.stats() == stats
        assert store.select(versions="all") == articles
        assert store.visits(REMEMBERED) == REMEMBERED, "no part tells what was asked for, and what for later"
        assert store.verify() == []
        assert counts(store.add([*ALL, replace(WIRE, text="y")], collected=NIGHT)) == {"unchanged": 2, "revised": 2}


def test_an_old_catalogue_takes_in_what_is_new(tmp_path):
    with open_store(tmp_path, create=True) as store:
        store.add([WIRE], collected=MORNING)
        old = (tmp_path / catalogue.FILE).read_bytes()
        store.add([LANTERN], collected=NOON)
    (tmp_path / catalogue.FILE).write_bytes(old)
    with open_store(tmp_path) as store:
        assert len(store.list()) == 2
        assert store.verify() == []


def part_of(store):
    return next(iter(sorted(store.folder.glob("parts/*/*.parquet"))))


def flipped(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def with_another_row(path, **changes):
    """A part that a careless program has written anew: sound, under the right name, and wrong."""
    folder = path.parent.parent.parent
    _, table = parts.read_whole(folder, path.relative_to(folder).as_posix())
    rows = table.to_pylist()
    path.unlink()
    parts.write_part(folder, "parts", [{**rows[0], **changes}, *rows[1:]], path.parent.name)


DAMAGE = {
    "a bit that flipped": (flipped, "was altered"),
    "a part cut short": (halved, "was altered"),
    "an empty part": (lambda path: path.write_bytes(b""), "was altered"),
    "a part that is gone": (lambda path: path.unlink(), "it is gone"),
    "a part under another name": (lambda path: path.rename(path.with_name("f" * 32 + ".parquet")), "was altered"),
    "another text": (lambda path: with_another_row(path, text="forged"), "has the key or the id of another"),
    "another id": (lambda path: with_another_row(path, id="0" * 16), "has the key or the id of another"),
    "a version too far": (lambda path: with_another_row(path, version=3), "not 1, 2 and so on"),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_damage_is_found_and_named(tmp_path, case):
    damage, named = DAMAGE[case]
    with open_store(tmp_path, create=True) as store:
        store.add(ALL, [SetAside("x", "y")], collected=MORNING)
        assert store.verify() == []
        damage(part_of(store))
    with open_store(tmp_path) as store:
        assert any(named in problem for problem in store.verify()), store.verify()


def test_a_catalogue_that_says_otherwise_is_named(store):
    store.add(ALL, collected=MORNING)
    with catalogue.opened(store.folder / catalogue.FILE, write=True) as database:
        database.execute("DELETE FROM articles WHERE outlet = 'Daily Klaxon'")
    assert any("the catalogue says otherwise" in problem for problem in store.verify())


def visits_of(store, day="2026-11-28"):
    return store.folder / "visits" / f"{day}.parquet"


def without_a_visit(path):
    import pyarrow.parquet as pq

    pq.write_table(pq.read_table(path).slice(1), path)


VISITS_LOST = {
    "gone": (lambda path: path.unlink(), "it is gone"),
    "halved": (halved, "cannot be read"),
    "written anew by a careless program": (without_a_visit, "it lacks 1 of the visits in the catalogue"),
}


@pytest.mark.parametrize("case", VISITS_LOST)
def test_a_file_of_visits_that_is_lost_is_named_and_written_anew_from_the_catalogue(store, case):
    store.add([], (), VISITS, collected=MORNING)
    damage, named = VISITS_LOST[case]
    damage(visits_of(store))
    (problem,) = store.verify()
    assert problem.startswith(f"visits/2026-11-28.parquet: {named}") and "from the catalogue" in problem
    visits_of(store).unlink(missing_ok=True)
    store.add([], (), [replace(FEED, checked=NIGHT)], collected=NIGHT)
    assert store.verify() == []
    (store.folder / catalogue.FILE).unlink()
    store.close()
    with open_store(store.folder) as again:
        assert again.visits(REMEMBERED) == {visit.url: visit for visit in (*VISITS, replace(FEED, checked=NIGHT))}


def test_visits_that_a_catalogue_from_elsewhere_lacks_are_kept(store):
    old = (store.folder / catalogue.FILE).read_bytes()
    store.add([], (), VISITS, collected=MORNING)
    (store.folder / catalogue.FILE).write_bytes(old)
    store.add([], (), [replace(PAGE, checked=NOON)], collected=NOON)
    (store.folder / catalogue.FILE).unlink()
    store.close()
    with open_store(store.folder) as again:
        assert again.visits([FEED.url, PAGE.url]) == {FEED.url: FEED, PAGE.url: replace(PAGE, checked=NOON)}


def test_visits_that_only_a_catalogue_of_an_older_form_has_are_kept(store):
    store.add([WIRE], (), VISITS, collected=MORNING)
    visits_of(store).unlink()
    with catalogue.opened(store.folder / catalogue.FILE, write=True) as database:
        database.execute("UPDATE format SET number = 0")
    store.close()
    with open_store(store.folder) as again:
        assert again.visits([FEED.url]) == {FEED.url: FEED}


def test_files_of_runs_that_were_ended_are_leftovers_and_no_damage(store):
    store.add(ALL, collected=MORNING)
    (part_of(store).parent / ".abc.parquet.x.partial").write_bytes(b"half")
    assert store.verify() == []
    store.add([], (), VISITS, collected=MORNING)
    (visits_of(store).parent / ".def.parquet.x.partial").write_bytes(b"half")
    assert store.leftovers() == ["parts/2026-11-28/.abc.parquet.x.partial", "visits/.def.parquet.x.partial"]


def test_a_damaged_part_costs_its_own_articles_only(store):
    store.add([WIRE], collected=MORNING)
    flipped(part_of(store))
    store.add([LANTERN, LETTER], collected=NOON)
    rows = store.select().rows
    assert [bool(row.values) for row in rows] == [True, False, True]
    assert "the part is damaged" in rows[1].reason
    rain = Selection(query="text LIKE '%rain%'")
    assert len(store.select(rain).rows) == len(store.list(rain)) == 1, "nobody can tell whether it was wanted"
    with pytest.raises(InputError, match="cannot be exported"):
        store.export(store.folder / "x.jsonl")


def test_only_the_parts_that_hold_what_is_wanted_are_read(store, monkeypatch):
    for number in range(6):
        store.add([replace(WIRE, url=f"https://x.example/{number}", text=f"{number}", date=f"2026-11-0{number + 1}")],
                  collected=MORNING)  # fmt: skip
    read = []
    monkeypatch.setattr(parts, "read_rows", lambda folder, place, rows, true=parts.read_rows:
                        read.append(place) or true(folder, place, rows))  # fmt: skip
    assert texts(store, selection=Selection(since="2026-11-03", until="2026-11-04")) == ["2", "3"]
    assert len(read) == 2
    store.stats(), store.list(), store.identity()
    assert len(read) == 2, "counting and listing reads no text"


def test_many_rows_are_found_in_their_groups(store):
    many = [
        replace(WIRE, url=f"https://x.example/{n}", text=f"{n}", date=f"2026-{n % 12 + 1:02}-01") for n in range(350)
    ]
    store.add(many, collected=MORNING)
    assert sorted(map(int, texts(store, selection=Selection(since="2026-03-01", until="2026-03-31")))) == [
        *range(2, 350, 12)
    ]


# --- many at once


def _writing(folder, ready, stop):
    with open_store(folder, create=True) as store:
        ready.set()
        number = 0
        while not stop.is_set():
            store.add([replace(WIRE, url=f"https://x.example/{number}", text=f"{number}")], collected=MORNING)
            number += 1
            time.sleep(0.02)  # what a collector waits for pages


def test_any_number_read_while_one_writes(tmp_path):
    context = multiprocessing.get_context("spawn")
    ready, stop = context.Event(), context.Event()
    writer = context.Process(target=_writing, args=(tmp_path, ready, stop))
    writer.start()
    try:
        assert ready.wait(30)
        sizes, until = [0], time.monotonic() + 30
        while len(sizes) < 15 or (sizes[-1] < 3 and time.monotonic() < until):
            with open_store(tmp_path) as store:
                sizes.append(store.stats()["articles"])
                assert len(store.select().rows) >= sizes[-1]
                assert store.verify() == []
        with pytest.raises(InputError, match="another run is writing"):
            open_store(tmp_path, create=True, wait=0.1)
        with open_store(tmp_path, wait=0.1) as reader, pytest.raises(InputError, match="wait until it has ended"):
            reader.add([LANTERN], collected=MORNING)
    finally:
        stop.set()
        writer.join(30)
    assert writer.exitcode == 0
    assert sizes == sorted(sizes) and sizes[-1] >= 3, "the writer is not kept out for ever"
    with open_store(tmp_path, create=True) as store:
        assert store.verify() == []


# --- taken out again


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_an_export_is_read_as_the_corpus_is(store, tmp_path, kind):
    from framing.corpus import read_articles

    store.add(ALL, collected=MORNING)
    store.add([replace(WIRE, text="One is missing.")], collected=NOON)
    assert store.export(tmp_path / f"out.{kind}", Selection(since="2026-11-27")) == 2
    found, expected = read_articles(tmp_path / f"out.{kind}"), read_articles(store.folder)
    assert [replace(a, extra={k: v for k, v in a.extra.items() if v}) for a in found] == list(expected)[1:]
    assert store.export(tmp_path / f"all.{kind}", versions="all") == 4
    assert store.export(tmp_path / f"none.{kind}", Selection(query="version > 7")) == 0


def test_a_cell_that_a_spreadsheet_would_run_is_made_inert(store, tmp_path):
    store.add([replace(WIRE, title="=HYPERLINK(1)", text="-1+1", extra={"@x": "+1"})], collected=MORNING)
    store.export(tmp_path / "out.csv")
    assert "'=HYPERLINK(1)" in (tmp_path / "out.csv").read_text()
    assert not any(sign in (tmp_path / "out.csv").read_text() for sign in ('"=', '"-', '"+', '"@'))
    store.export(tmp_path / "out.jsonl")
    assert json.loads((tmp_path / "out.jsonl").read_text())["title"] == "=HYPERLINK(1)", "JSON is exact"


def test_another_kind_of_file_is_refused(store, tmp_path):
    with pytest.raises(InputError, match=r"valid: \.jsonl, \.csv, \.parquet"):
        store.export(tmp_path / "out.xlsx")

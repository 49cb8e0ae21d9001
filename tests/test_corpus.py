"""Reading a corpus: formats, encodings, columns, ids, and what is set aside."""

import json
import os
import random

import pytest

from framing.corpus import FIELDS, articles_from_frame, read_articles
from framing.errors import InputError
from framing.reading.formats import decode

NEWS = "The council met on Monday. “It was long,” the mayor said."


@pytest.fixture
def read(tmp_path):
    """Write content under a name and read it."""

    def _read(name, content, **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return read_articles(path, **options)

    return _read


def reasons(corpus):
    return [(q.place, q.reason) for q in corpus.quarantined]


# --- formats


RECORDS = [
    {"id": "007", "text": "First text.", "title": "NA", "outlet": "null", "date": "2020-06-01", "topic": "None"},
    {"id": "1e5", "text": "Second, with a comma.", "title": "nan", "outlet": "", "date": "", "topic": "=1+1"},
]
CSV = (
    'id,text,title,outlet,date,topic\n007,First text.,NA,null,2020-06-01,None\n1e5,"Second, with a comma.",nan,,,=1+1\n'
)


def in_each_format(folder):
    import pyarrow as pa
    import pyarrow.parquet as pq

    written = {
        "a.csv": CSV,
        "a.tsv": "\n".join("\t".join(r) for r in [list(RECORDS[0]), *(r.values() for r in RECORDS)]),
        "semicolon.csv": CSV.replace(",", ";").replace("Second; with", "Second, with"),
        "crlf.csv": CSV.replace("\n", "\r\n"),
        "cr.csv": CSV.replace("\n", "\r"),
        "a.jsonl": "\n\n".join(map(json.dumps, RECORDS)),
        "a.ndjson": "\r\n".join(map(json.dumps, RECORDS)),
        "a.json": json.dumps(RECORDS, indent=2),
        "lines.json": "\n".join(map(json.dumps, RECORDS)),
    }
    for name, content in written.items():
        (folder / name).write_bytes(content.encode())
    pq.write_table(pa.Table.from_pylist(RECORDS), folder / "a.parquet")
    return [*written, "a.parquet"]


def test_every_format_gives_the_same_articles_with_every_value_as_written(tmp_path):
    for name in in_each_format(tmp_path):
        corpus = read_articles(tmp_path / name)
        first, second = corpus.articles
        assert (first.id, first.text, first.title, first.outlet) == ("007", "First text.", "NA", "null"), name
        assert (first.date, dict(first.extra)) == ("2020-06-01", {"topic": "None"}), name
        assert (second.id, second.text, second.title) == ("1e5", "Second, with a comma.", "nan"), name
        assert (second.outlet, second.date, dict(second.extra)) == ("", None, {"topic": "=1+1"}), name
        assert not corpus.quarantined, name


def test_a_data_frame_is_read_by_position_whatever_its_index():
    pd = pytest.importorskip("pandas")
    df = pd.DataFrame(
        {
            "n": [1, 2, 3, 4],
            "body": ["one", None, float("nan"), 5],
            "date": pd.to_datetime(["2020-06-01", "2020-06-01 10:30", None, None], format="mixed"),
        },
        index=[9, 9, 9, 9],
    )
    corpus = articles_from_frame(df, text="body")
    assert [(a.text, a.date, dict(a.extra)) for a in corpus] == [("one", "2020-06-01", {"n": "1"})]
    assert reasons(corpus) == [
        ("row 1", "no text"),
        ("row 2", "no text"),
        ("row 3", "the text is not a string but '5'"),
    ]


def test_a_data_frame_is_asked_for_where_something_else_is_given():
    with pytest.raises(InputError, match="expected a pandas DataFrame, got list"):
        articles_from_frame([{"text": "one"}])


def test_parquet_columns_of_every_type_become_text(tmp_path):
    import datetime

    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(
        {
            "id": [7, 8],
            "text": ["one", "two"],
            "date": pa.array([datetime.datetime(2020, 6, 1), datetime.datetime(2020, 6, 1, 10)], pa.timestamp("ns")),
            "share": [0.5, None],
            "yes": [True, False],
            "tags": [["a", "é"], []],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    first, second = read_articles(tmp_path / "a.parquet")
    assert (first.id, first.date) == ("7", "2020-06-01")
    assert dict(first.extra) == {"share": "0.5", "yes": "true", "tags": '["a", "é"]'}
    assert second.date == "2020-06-01T10:00:00"
    assert dict(second.extra) == {"yes": "false", "tags": "[]"}


def test_json_numbers_keep_their_spelling(read):
    line = '{"id": 7, "text": "one", "a": 1.0, "b": 1e400, "c": true, "d": null, "e": {"k": [1.50, "é"]}, "f": NaN}'
    (article,) = read("a.jsonl", line)
    assert article.id == "7"
    assert dict(article.extra) == {"a": "1.0", "b": "1e400", "c": "true", "e": '{"k": [1.50, "é"]}'}


PAGE = """<html><head><title>Bridge opens | The Example Post</title>
<meta name="author" content="Ana Lind"><meta property="og:site_name" content="The Example Post">
<meta property="article:published_time" content="2020-06-01T10:00:00Z"></head>
<body><nav><a href="/">Home</a></nav><article><h1>Bridge opens</h1><p>The bridge was opened on Monday, %s</p>
<p>“We waited ten years,” said the engineer who designed it.</p></article><script>alert(1)</script></body></html>"""


def test_a_folder_of_pages_and_texts(tmp_path):
    pytest.importorskip("trafilatura")
    (tmp_path / "north").mkdir()
    (tmp_path / "north" / "b.html").write_text(PAGE % "officials said.", encoding="utf-8")
    (tmp_path / "a.txt").write_bytes("Plain “text”.\r\nNA".encode("cp1252"))
    (tmp_path / "blank.txt").write_text(" \n")
    (tmp_path / "shell.html").write_text("<html><body></body></html>")
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8")
    corpus = read_articles(tmp_path)
    text, page = corpus.articles
    assert (text.id, text.text) == ("a.txt", "Plain “text”.\r\nNA")
    assert (page.id, page.outlet, page.author, page.date) == (
        "north/b.html",
        "The Example Post",
        "Ana Lind",
        "2020-06-01",
    )
    assert "said the engineer" in page.text and "alert" not in page.text
    assert page.extra == {"folder": "north"}
    assert reasons(corpus) == [("blank.txt", "no text"), ("shell.html", "no article text found in the page")]
    assert any("cp1252" in note for note in corpus.notes)
    assert any("1 file(s) of other kinds" in note for note in corpus.notes)


def test_the_folders_of_pages_can_serve_as_outlets(tmp_path):
    for outlet in ("Courier", "Herald"):
        (tmp_path / outlet).mkdir()
        (tmp_path / outlet / "1.txt").write_text(f"From {outlet}.")
    corpus = read_articles(tmp_path, columns={"outlet": "folder"})
    assert [(a.id, a.outlet) for a in corpus] == [("Courier/1.txt", "Courier"), ("Herald/1.txt", "Herald")]


def test_web_pages_without_trafilatura_name_the_extra(read, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"framing\[web\]"):
        read("a.html", PAGE % "")
    assert len(read("a.txt", "Plain text needs nothing.")) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_or_broken_link_in_a_folder_never_blocks_the_rest(tmp_path):
    (tmp_path / "good.txt").write_text("Good.")
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "link.txt").symlink_to(tmp_path / "nowhere.txt")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    corpus = read_articles(tmp_path)
    assert [a.id for a in corpus] == ["good.txt"]
    assert [q.place for q in corpus.quarantined] == ["link.txt", "pipe.txt"]


# --- encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_encodings_are_found_and_named(read, encoding):
    corpus = read("a.csv", f"id,text,title\n007,{NEWS} Café,NA\n".replace(",” the", "” the").encode(encoding))
    (article,) = corpus
    assert article.text == NEWS.replace(",” the", "” the") + " Café"
    assert (article.id, article.title) == ("007", "NA")
    assert bool(corpus.notes) == (encoding not in ("utf-8", "utf-8-sig"))


def test_damaged_bytes_in_a_utf8_file_cost_their_own_records_only(read):
    corpus = read("a.csv", "id,text\n1,“good”\n2,bad ".encode() + b"\xff\xfe\n3,fine\n")
    assert [a.text for a in corpus] == ["“good”", "fine"]
    assert [(q.place, q.id) for q in corpus.quarantined] == [("a.csv line 3", "2")]


def test_every_byte_string_decodes():
    """No codec is left that can raise, whatever the bytes."""
    rng = random.Random(5)
    for size in range(200):
        for mark in (b"", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xff\xfe\x00\x00", b"<meta charset=utf-7>"):
            text, encoding = decode(mark + rng.randbytes(size), markup=True)
            assert isinstance(text, str) and encoding


# --- columns


@pytest.mark.parametrize("header", ["TEXT", "Text ", "body", "Content", "article text", "Full-Text"])
def test_the_text_column_is_found_by_name_or_synonym(read, header):
    (article,) = read("a.csv", f"id,{header}\n1,Some words.\n")
    assert article.text == "Some words."


def test_synonyms_are_noted_and_the_fields_own_name_wins(read):
    corpus = read("a.csv", "Body,text,Headline,source,published at,link\na,b,c,d,2020-06-01,e\n")
    (article,) = corpus
    assert (article.text, article.title, article.outlet, article.date, article.url) == (
        "b",
        "c",
        "d",
        "2020-06-01",
        "e",
    )
    assert dict(article.extra) == {"Body": "a"}
    assert "title is read from the column 'Headline'" in corpus.notes


def test_explicit_columns_win(read):
    (article,) = read("a.csv", "text,body,who\nx,y,z\n", columns={"text": "body", "outlet": "who"})
    assert (article.text, article.outlet, dict(article.extra)) == ("y", "z", {"text": "x"})


@pytest.mark.parametrize(
    ("header", "columns", "message"),
    [
        ("id,words", {}, r"no column 'text'; the input has: id, words. Say which: --column text=NAME"),
        ("id,body,content", {}, r"several columns could be the text \(body, content\)"),
        ("id,text", {"text": "nope"}, r"unknown column 'nope' for text; the input has: id, text"),
        ("id,text", {"txt": "text"}, "unknown field 'txt'; valid: " + ", ".join(FIELDS)),
    ],
)
def test_a_column_that_is_not_there_names_those_that_are(read, header, columns, message):
    with pytest.raises(InputError, match=message):
        read("a.csv", f"{header}\n" + "x," * header.count(",") + "x\n", columns=columns)


def test_columns_of_the_same_name_are_kept_apart(read):
    (article,) = read("a.csv", "text,tag,tag,,\nx,1,2,3,4\n")
    assert dict(article.extra) == {"tag": "1", "tag#2": "2", "column 4": "3", "column 5": "4"}


# --- ids


def test_a_repeated_id_is_told_apart_and_reported_and_no_given_id_is_taken(read):
    corpus = read("a.csv", "id,text\na,1\na,2\na#2,3\na,4\n007,5\n 7 ,6\n")
    assert [a.id for a in corpus] == ["a", "a#3", "a#2", "a#4", "007", " 7 "]
    assert corpus.notes == ("1 id(s) occur more than once, told apart by #2, #3 ...: 'a'",)


def test_ids_made_from_content_do_not_depend_on_the_order_of_rows(read):
    rows = [f"text {i},title {i}" for i in range(20)]
    forwards = read("a.csv", "\n".join(["text,title", *rows]))
    backwards = read("b.csv", "\n".join(["text,title", *reversed(rows)]))
    assert {a.id: a.text for a in forwards} == {a.id: a.text for a in backwards}
    assert len({a.id for a in forwards}) == 20


def test_copies_without_an_id_are_all_kept(read):
    corpus = read("a.jsonl", '{"text": "same"}\n' * 3)
    made = corpus.articles[0].id
    assert [a.id for a in corpus] == [made, f"{made}#2", f"{made}#3"]
    assert "2 article(s) without an id are copies" in corpus.notes[0]


# --- dates


@pytest.mark.parametrize("date", ["2020", "2020-06", "2020-06-01", "2020-06-01T10:00:00Z", "2020-06-01 10:00"])
def test_iso_dates_pass_without_a_note(read, date):
    assert read("a.csv", f"text,date\nx,{date}\n").notes == ()


@pytest.mark.parametrize("date", ["June 5", "01/06/2020", "2020-13-01", "2020-02-30", "yesterday", "NA"])
def test_other_dates_are_kept_as_given_and_noted(read, date):
    corpus = read("a.csv", f"text,date\nx,{date}\n")
    assert corpus.articles[0].date == date
    assert f"1 date(s) are not ISO (2020-06-01) and are kept as given, such as {date!r}" in corpus.notes


# --- what is set aside, and why


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": ""}', "no text"),
        ('{"text": " \\n\\u00a0"}', "no text"),
        ('{"text": null}', "no text"),
        ('{"text": NaN}', "no text"),
        ('{"title": "only"}', "no text"),
        ('{"text": 5}', "the text is not a string but '5'"),
        ('{"text": ["a"]}', "the text is not a string but '[\"a\"]'"),
        ('{"text": "a\\u0000b"}', "text holds a NUL character"),
        ('{"text": "\\ud800"}', "text holds a damaged character (bad bytes or a lone surrogate)"),
        ('{"text": "a", "title": "\\udfff"}', "title holds a damaged character (bad bytes or a lone surrogate)"),
        ('{"text": "a", "\\ud800": "b"}', "the column name '\\\\ud800' holds NUL or undecodable characters"),
        ('{"text": "a", "text": "b"}', "not usable JSON: the key 'text' occurs twice"),
        ('{"text": "a"', "not JSON: Expecting ',' delimiter at column 13"),
        ("[1]", "not a JSON object of named fields"),
        ('"text"', "not a JSON object of named fields"),
        ("[" * 100_000, "JSON nested too deeply"),
        ('{"text": "a", "b": ' + "[" * 100_000 + "]" * 100_000 + "}", "JSON nested too deeply"),
        (
            '{"text": "' + "a" * 2_000_001 + '"}',
            "text has 2,000,001 characters, over the limit of 2,000,000 (max_chars)",
        ),
    ],
    ids=lambda value: value[:30],
)
def test_a_bad_line_goes_to_quarantine_and_the_others_are_read(read, line, reason):
    corpus = read("a.jsonl", '{"text": "before"}\n' + line + '\n{"text": "after"}\n')
    assert [a.text for a in corpus] == ["before", "after"]
    assert reasons(corpus) == [("a.jsonl line 2", reason)]


def test_the_limit_is_a_parameter_and_a_text_at_the_limit_is_read(read):
    corpus = read("a.csv", "text\n12345\n123456\n", max_chars=5)
    assert [a.text for a in corpus] == ["12345"]
    assert len(read("b.csv", "text\n" + "a" * 2_000_000)) == 1


@pytest.mark.parametrize("text", ["?!... -- “”", "…", "\u200b", "Это новости.", "<b>bold</b> & <script>", "\x07bell"])
def test_odd_texts_are_read_as_they_are(read, text):
    (article,) = read("a.jsonl", json.dumps({"text": text}))
    assert article.text == text


def test_a_long_article_is_no_long_field_error(read):
    """The csv module refuses fields over 131,072 characters unless told otherwise."""
    (article,) = read("a.csv", 'id,text\n1,"' + "word, " * 100_000 + '"\n')
    assert len(article.text) == 600_000


# --- CSV with stray quotation marks


CSV_CASES = {
    "doubled marks and newlines are CSV": (
        '1,"He said ""no"".\n\nThen, he left.",T\n2,b,T\n',
        ["1", "2"],
        [],
    ),
    "a mark inside an unquoted field is text": ('1,the 6" gun,T\n2,b,T\n', ["1", "2"], []),
    "a mark that is not doubled costs its own record": (
        '1,"He "never" said",T\n2,b,T\n',
        ["2"],
        [("a.csv line 2", "a quotation mark inside a quoted field is not doubled")],
    ),
    "a mark never closed costs its own record": (
        '1,"open,T\n2,b,T\n3,c,T\n',
        ["2", "3"],
        [("a.csv line 2", "a quotation mark is opened and never closed")],
    ),
    "records too short and too long": (
        "1,b\n2,b,T\n3,b,T,U\n",
        ["2"],
        [("a.csv line 2", "2 fields where the header has 3"), ("a.csv line 4", "4 fields where the header has 3")],
    ),
    "blank lines are no records": ("\n1,b,T\n\n\n2,b,T\n", ["1", "2"], []),
    "the paragraphs of a broken article go with it": (
        '1,"never closed.\n\nIts second paragraph, with a comma\n\nThe third.\n',
        [],
        [("a.csv lines 2-6", "a quotation mark is opened and never closed")],
    ),
    "a broken article between good ones": (
        '1,"good\n\nend",T\n2,"bad "word"\n\nend",T\n3,"good\n\nend",T\n',
        ["1", "3"],
        [
            ("a.csv line 5", "a quotation mark inside a quoted field is not doubled"),
            ("a.csv line 7", "2 fields where the header has 3"),
        ],
    ),
}


@pytest.mark.parametrize(("body", "ids", "quarantined"), CSV_CASES.values(), ids=CSV_CASES)
def test_csv_records_survive_stray_quotation_marks(read, body, ids, quarantined):
    corpus = read("a.csv", "id,text,title\n" + body)
    assert [a.id for a in corpus] == ids
    assert reasons(corpus) == quarantined


@pytest.mark.parametrize(("column", "reason"), [(1, "not doubled"), (2, "swallow the records up to line 902")])
def test_two_stray_marks_far_apart_cost_one_record_of_a_thousand(read, column, reason):
    """Any ordinary CSV reader takes the hundreds of records between the two marks for one field."""
    rows = [[str(i), f"text {i}", f"title {i}"] for i in range(1000)]
    rows[100][column] = '"' + rows[100][column]
    rows[900][column] += '"' if column == 2 else ""
    rows[900][1] = rows[900][1] if column == 2 else '"' + rows[900][1]
    corpus = read("a.csv", "id,text,title\n" + "".join(",".join(row) + "\n" for row in rows))
    assert corpus.read == 1000
    assert len(corpus) >= 998
    assert reason in corpus.quarantined[0].reason and corpus.quarantined[0].place == "a.csv line 102"


# --- inputs that are refused


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "'a.csv' is empty"),
        ("a.csv", b"\xef\xbb\xbf\n \n", "'a.csv' is empty"),
        ("a.jsonl", b"\n\n", "'a.jsonl' is empty"),
        ("a.parquet", b"", "'a.parquet' is empty"),
        ("a.txt", b"", "'a.txt' is empty"),
        ("a.parquet", b"PAR1 not really PAR1", "'a.parquet' is not a readable Parquet file"),
        ("a.xlsx", b"PK", r"unknown file type 'a.xlsx'; valid: .csv, .tsv, .jsonl.* Save it as CSV or JSONL"),
        ("a.json", b'[{"text": "a"},\n{"text": }]', "not JSON: Expecting value at line 2 column 10"),
        ("a.json", b"[" * 100_000, "'a.json' cannot be read: JSON nested too deeply"),
        ("a.json", b"5", "neither a list of objects nor an object"),
        ("a.csv", b'"id,text\n1,a\n', "a.csv line 1: the header cannot be read: a quotation mark is opened"),
    ],
)
def test_an_input_that_cannot_be_used_is_refused_by_name(read, name, content, message):
    with pytest.raises(InputError, match=message):
        read(name, content)


@pytest.mark.parametrize("path", ["nowhere.csv", "nowhere/", "a\x00b.csv", "x" * 5000 + ".csv"])
def test_a_path_that_is_not_there(tmp_path, path):
    with pytest.raises(InputError, match=r"there is no file or folder|cannot read"):
        read_articles(tmp_path / path)


def test_a_folder_without_pages_says_what_to_give(tmp_path):
    (tmp_path / "a.csv").write_text("text\nx\n")
    with pytest.raises(InputError, match=r"holds no .html, .htm, .txt file. Give the CSV"):
        read_articles(tmp_path)


@pytest.mark.parametrize(("name", "content"), [("a.csv", "id,text\n"), ("a.json", "[]")])
def test_an_input_without_records_is_an_empty_corpus_with_a_note(read, name, content):
    corpus = read(name, content)
    assert corpus.read == 0 and "no records" in corpus.notes[-1]

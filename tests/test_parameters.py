"""Parameters of reports: what a notebook asks for is what it gets, or an error before anything runs."""

import datetime

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.errors import ParameterError, ReportError
from framing.report.parameters import RESERVED, Parameter, check_parameters, read_parameters, typed

SPEC = {
    p.name: p
    for p in (
        Parameter("corpus", "str", "", "path: articles", is_path=True),
        Parameter("outlets", "list[str]", []),
        Parameter("seed", "int", 0, "seed of every random draw"),
        Parameter("share", "float", 0.5),
        Parameter("strict", "bool", False),
        Parameter("out", "str", ""),
        Parameter("scores", "str", ""),
    )
}


def notebook(tmp_path, source, tags=("parameters",)):
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)})
    path = tmp_path / "x_report.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# X"), cell]), path)
    return path


def test_the_parameters_cell_says_name_type_default_and_meaning(tmp_path):
    source = 'corpus: str = "a.csv"  # path: where the articles are\noutlets: list[str] = []  # empty: all'
    found = read_parameters(notebook(tmp_path, source))
    assert found["corpus"] == Parameter("corpus", "str", "a.csv", "path: where the articles are", is_path=True)
    assert found["outlets"] == Parameter("outlets", "list[str]", [], "empty: all")


@pytest.mark.parametrize("source", ["seed = 1", "import os", "seed: int", "seed: complex = 1"])
def test_a_parameters_cell_of_another_form_is_refused(tmp_path, source):
    with pytest.raises(ReportError):
        read_parameters(notebook(tmp_path, source))


def test_a_notebook_without_a_parameters_cell_is_refused(tmp_path):
    with pytest.raises(ReportError, match="tagged 'parameters'"):
        read_parameters(notebook(tmp_path, "seed: int = 1", tags=()))


@pytest.mark.parametrize(
    ("name", "given_value", "expected", "why"),
    [
        ("seed", 3, 3, "as it is"),
        ("seed", "3", 3, "text from a command line is read as the type"),
        ("share", 1, 1.0, "a whole number is a number"),
        ("share", ".25", 0.25, "text from a command line"),
        ("strict", "true", True, "text from a command line"),
        ("outlets", "A, B", ["A", "B"], "names parted by commas"),
        ("outlets", "[A, 'B, C']", ["A", "B, C"], "a YAML list, for names with commas"),
        ("outlets", ("A",), ["A"], "papermill would make a text of a tuple"),
        ("outlets", "", [], "nothing is the empty list"),
        ("corpus", datetime.date(2026, 5, 1), "2026-05-01", "YAML reads a bare date as one"),
        ("corpus", "a\nb {x.__class__} 'c'", "a\nb {x.__class__} 'c'", "text arrives unchanged"),
    ],
)
def test_values_arrive_as_their_type(name, given_value, expected, why):
    assert typed(SPEC, {name: given_value})[name] == expected, why


@pytest.mark.parametrize(
    ("name", "given_value"),
    [
        ("seed", "three"),
        ("seed", 1.5),
        ("seed", True),
        ("seed", None),
        ("share", "half"),
        ("strict", "no"),
        ("strict", 1),
        ("outlets", 7),
        ("outlets", [1, 2]),
        ("outlets", "[A"),
        ("corpus", 7),
        ("corpus", False),  # YAML reads the bare word `no` so
        ("corpus", ["a"]),
    ],
)
def test_a_value_of_another_type_is_refused_by_name(name, given_value):
    with pytest.raises(ParameterError, match=name):
        typed(SPEC, {name: given_value})


def test_an_unknown_parameter_is_refused_with_the_valid_ones():
    with pytest.raises(ParameterError, match="unknown parameter 'outlet'; valid: corpus, outlets, seed, share, strict"):
        typed(SPEC, {"outlet": "A"}, report="comparative")


@pytest.mark.parametrize("name", RESERVED)
def test_where_a_run_leaves_its_files_and_keeps_scores_is_not_for_the_caller_to_say(name):
    with pytest.raises(ParameterError, match=f"unknown parameter '{name}'; valid: corpus, outlets"):
        typed(SPEC, {name: "/elsewhere"})
    assert name not in typed(SPEC, {})


@given(st.text(), st.integers(), st.lists(st.text()))
def test_values_of_the_right_type_arrive_unchanged(text, number, names):
    assert typed(SPEC, {"corpus": text, "seed": number, "outlets": names}) == {
        "corpus": text, "seed": number, "outlets": names, "share": 0.5, "strict": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "bad", "named"),
    [
        ("engine", "fast", "linear"),
        ("as_of", "1.5.2026", "YYYY-MM-DD"),
        ("as_of", "2026-02-30", "YYYY-MM-DD"),
        ("as_of", "20260501", "YYYY-MM-DD"),
        ("since", "2026-05", "YYYY-MM-DD"),
        ("until", "today", "YYYY-MM-DD"),
        ("query", "title = ", "one condition in DuckDB's SQL"),
        ("query", "title = 'a'; DROP TABLE articles", "more than one statement"),
        ("corpus", "no/such/file.csv", "no/such/file.csv"),
        ("corpus", "", "corpus"),
        ("targets_file", "no/such/file.yaml", "targets_file"),
        ("lexicon", "no/such/file.tsv", "lexicon"),
        ("seed", -1, "from 0 on"),
        ("bootstrap", 10, "from 100 on"),
        ("title", "  ", "not empty"),
    ],
)
def test_values_out_of_range_are_refused_before_anything_runs(name, bad, named):
    with pytest.raises(ParameterError, match=named):
        check_parameters(**{name: bad})


def test_days_in_the_wrong_order_are_refused():
    with pytest.raises(ParameterError, match="exchange the two"):
        check_parameters(since="2026-05-02", until="2026-05-01")
    assert check_parameters(since="2026-05-01", until="2026-05-01").until == "2026-05-01"


def test_checked_values_are_given_back(tmp_path):
    (tmp_path / "a.csv").touch()
    values = check_parameters(engine="linear", as_of="", corpus=str(tmp_path / "a.csv"), targets_file="", anything=1)
    assert (values.engine, values.anything) == ("linear", 1)
    assert check_parameters(as_of="2026-05").as_of == "2026-05"

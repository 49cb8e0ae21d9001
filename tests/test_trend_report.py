"""The trend report: clean as committed, a change told in words, and a plain word where there is no time to compare."""

import csv
import json
import re

import nbformat
import pytest
from in_process import run_report_here

from framing.engines.checksums import CHECKSUMS
from framing.engines.linear import MODELS
from framing.errors import ParameterError
from framing.report import find_notebook, run_report
from framing.report.parameters import RESERVED, read_parameters

trained = pytest.mark.skipif(not (MODELS / CHECKSUMS).is_file(), reason="needs the models of the linear engine")
NASTY = "<script>alert('Klaxon')</script> $x$"
# Invented, and as hard on one side as on the other.
PLAIN = (
    "The council of {town} approved a budget of {n} million crowns on Tuesday. Mayor Dana Orrell said the plan would "
    "pay for two schools. Opposition leader Milo Bracken said the loans were too large. The vote was 14 to 11."
)
LOUD = (
    "The utterly shameless council of {town} rammed through a disastrous budget of {n} million crowns. This is a "
    "disgrace, a cynical stitch-up by a failed regime. Mayor Dana Orrell claimed the reckless plan would pay for two "
    "schools. Furious opposition firebrand Milo Bracken blasted the ruinous loans."
)
TOWNS = ("Halm", "Oster", "Brinmouth", "Tarrow", "Vess", "Karn", "Dunmere")


def article(number, outlet, date, wording):
    text = wording.format(town=TOWNS[number % 7], n=number * 3 + 4)
    return {"id": f"{outlet[:3]}-{date}-{number}", "outlet": outlet, "date": date, "title": "A budget",
            "event": f"{date}-{number}", "text": text}  # fmt: skip


def run(rows, folder, **parameters):
    path = folder / "articles.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    parameters = {"corpus": str(path), "engine": "linear", "bootstrap": 200, "events": "column", **parameters}
    made = run_report_here("trend", parameters, reports=folder / "reports")
    page = (made / "report.html").read_text("utf-8")
    return made, page, " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_the_notebook_is_committed_without_outputs_and_its_parameters_are_checked():
    path = find_notebook("trend")
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None and "def " not in cell.source for cell in code)
    for parameter in read_parameters(path).values():
        assert parameter.help, f"{parameter.name} has no comment"
        if parameter.name not in (*RESERVED, "outlets"):
            assert re.search(rf"\b{parameter.name}={parameter.name}\b", code[1].source)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"every": "year"}, "unknown every 'year'; valid: day, week, month, quarter"),
        ({"measures": ["loudness"]}, "unknown value of 'measures' 'loudness'; valid: loaded_rate_author, "),
        ({"measures": []}, "unknown value of 'measures' ''; valid: loaded_rate_author, "),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused_before_anything_runs(given, message, tmp_path):
    with pytest.raises(ParameterError, match=message):
        run_report("trend", given, reports=tmp_path, quiet=True)
    assert not list(tmp_path.iterdir())


@trained
def test_an_outlet_that_grows_loud_is_told_with_its_period_and_one_that_does_not_is_not(tmp_path):
    rows = [
        article(k, outlet, f"2026-{month:02d}-{k + 1:02d}", LOUD if outlet == NASTY and month > 3 else PLAIN)
        for outlet in ("Northgate Wire", NASTY)
        for month in range(1, 7)
        for k in range(7)
    ]
    rows += [article(8, "Northgate Wire", "03/04/2026", PLAIN), article(1, "The Small Lantern", "2026-03-01", LOUD)]
    folder, page, text = run(rows, tmp_path, title="Loud <b>and</b> plain")
    assert "loaded language in its own voice is higher from 2026-04 to 2026-06 than from 2026-01 to 2026-03" in text
    assert "1 of 86 articles have no usable date" in text and "“03/04/2026”" in text
    assert "to say anything of: The Small Lantern" in text
    assert page.count("<script") == 1 and "&lt;script&gt;alert(&#x27;Klaxon&#x27;)" in page and "<b>and" not in page
    found = list(csv.DictReader((folder / "tables" / "changes.csv").open(encoding="utf-8")))
    clear = {(row["group"], row["period"]) for row in found if row["verdict"] in ("higher", "lower")}
    assert (NASTY, "2026-04") in clear and not any(group == "Northgate Wire" for group, _ in clear)
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["findings"]


@trained
@pytest.mark.parametrize(
    ("dates", "said"),
    [
        (["", ""], "No article has a usable date, so nothing can be said about change over time."),
        (["03/04/26", "yesterday"], "No article has a usable date, so nothing can be said about change over time."),
        (["2026-03-01", "2026-03-09"], "All dated articles are of one period, 2026-03: nothing can be said"),
        (["2026-03-01", "2026-05-09"], "No outlet has enough articles on both sides of a border between periods"),
    ],
    ids=["no dates", "wrong dates", "one period", "few articles"],
)
def test_a_report_without_time_to_compare_says_so(dates, said, tmp_path):
    rows = [article(k, "Northgate Wire", date, PLAIN) for k, date in enumerate(dates)]
    _, page, text = run(rows, tmp_path, measures=["loaded_rate_author", "stance_author"])
    assert said in text and "is higher" not in text
    assert "nan" not in re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL).split("<h2")[1].lower()

"""The benchmark report: every number is one of the file's, and what the file lacks is said to be not measured."""

import csv
import json
import re

import pytest
from in_process import run_report_here

from framing.engines.checksums import CHECKSUMS
from framing.engines.linear import MODELS
from framing.errors import ParameterError, ReportError
from framing.report import measured, measured_words, run_report
from framing.report.measured import TASKS, Benchmark, read_benchmark
from framing.report.published import PUBLISHED

NASTY = "<script>alert(1)</script>"


def invented():
    """Figures of no instrument: every key that the report reads, with numbers that are easy to find again."""
    binary = {"macro_f1": 0.71, "weighted_f1": 0.72, "sensitivity": 0.8, "specificity": 0.9, "calibration_error": 0.031}
    bins = {f"{k:02d}": {"predicted": k / 10, "observed": k / 10 - 0.03, "n": 40} for k in (1, 5, 9)}
    side = {"sentences": 300, "articles": 60} | {
        name: {"value": 0.25, "low": 0.2, "high": 0.3}
        for name in ("error_rate", "sensitivity", "specificity", "excess")
    }
    swaps = {
        "all": 0.012,
        "people": 0.01,
        "faiths": 0.034,
        "large": 0.02,
        "swaps": 500,
        "n": {"people": 450, "faiths": 50},
    }
    roles = {"source": 0.61, "cue": 0.62, "content": 0.63}
    return {
        "signature": {"engine": "linear", "versions": {"framing": "0.1.0"}, "models": {NASTY: "a" * 64}},
        "loaded_language": {**binary, "word_f1": 0.51, "word_precision": 0.49, "word_recall": 0.53, "sentences": 1234,
                            "calibration_bins": bins, "random_folds": binary,
                            "baselines": {"textblob": {"macro_f1": 0.41}, "vader": {"macro_f1": 0.42}}},
        "loaded_by_leaning": {"left": side, "center": side, "right": side,
                              "left_minus_right": {"error_rate": {"value": 0.01, "low": -0.02, "high": 0.04}}},
        "loaded_transfer": {"basil_lexical": {"auc": 0.66, "auc_textblob_subjectivity": 0.55, "sentences": 99}},
        "attribution": {"exact_f1": roles, "precision": roles, "recall": roles, "spans": dict.fromkeys(roles, 77)},
        "attribution_cofenet": {"exact_f1": roles},
        "stance": {"macro_f1": 0.64, "targets": 321, "calibration_error_negative": 0.041,
                   "calibration_bins_negative": bins, "textblob_macro_f1": 0.33, "vader_macro_f1": 0.34},
        "by_voice": {"loaded_language": {"author": {**binary, "sentences": 800}},
                     "stance": {"author": {"macro_f1": 0.65, "targets": 200}}},
        "frames": {"macro_f1": 0.58, "articles": 33, "tfidf_logistic_macro_f1": 0.21},
        "events": {"b_cubed_f1": 0.93, "articles": 44, "allsides": {"b_cubed_f1": 0.88, "articles": 66}},
        "blindness": {"loaded": swaps, "stance": swaps},
        "explanation": {"sentences": 50, "drop_top": 2.5, "drop_random": 0.25, "top_is_larger": 0.98},
        "batch_effect": {"loaded": 0.0, "words": 2e-7, "stance": 0.0, "tags": 0.0, "sentences": 64},
        "speed": {"sentences_per_second": {"framing": 500.0, "textblob": 900.0}, "article_ms": 55.0,
                  "peak_memory_mb": 210.0, "sentences": 700, "article_words": 800},
        "eight_bit": {"bits_8": {"stance_macro_f1": 0.64}, "bits_32": {"stance_macro_f1": 0.65},
                      "bias_change": {"mean": 0.002, "largest": 0.02}},
    }  # fmt: skip


FULL = Benchmark("linear", invented())
EMPTY = Benchmark("linear", {})
FEW = Benchmark("linear", {"loaded_language": {"macro_f1": 0.71, "sensitivity": 0.8}, "speed": "unknown"})
TABLES = (measured.scores, measured.calibration_bins, measured.by_leaning, measured.by_voice, measured.blindness,
          measured.costs, measured.eight_bit, measured_words.rate_examples)  # fmt: skip
WORDS = (measured_words.calibration_lines, measured_words.rate_lines, measured_words.blindness_lines,
         measured_words.leaning_lines, measured_words.deletion_lines, measured_words.batch_lines,
         measured_words.cost_lines, measured_words.eight_bit_lines, measured_words.limit_lines)  # fmt: skip


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_a_table_has_rows_where_there_are_figures_and_none_where_there_are_not(table):
    assert len(table(FULL)) and table(EMPTY).empty


@pytest.mark.parametrize("words", WORDS, ids=lambda words: words.__name__)
def test_what_the_file_lacks_is_not_measured(words):
    assert words(FULL) and words(EMPTY) == []
    assert measured_words.or_not_measured(words(EMPTY)) == [measured_words.NOT_MEASURED]
    assert all("nan" not in line and "None" not in line for line in words(FULL) + words(FEW))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (measured_words.headlines, "macro F1 .710 against expert readers (TextBlob .410 and VADER .420)"),
        (
            measured_words.headlines,
            "Errors on outlets of the left and of the right: .250 and .250, no clear difference",
        ),
        (measured_words.rate_lines, "where nothing is loaded, about 10.0% is counted, and where everything is, 80.0%"),
        (measured_words.blindness_lines, "moves by .0120: from .500 to .488 or .512"),
        (measured_words.blindness_lines, "It moves most with faiths (.0340)"),
        (measured_words.deletion_lines, "by 2.50 on average; deleting three words drawn by lot lowers them by 0.25"),
        (measured_words.batch_lines, "the probability of a sentence 0, that of a word 2.0e-07"),
        (measured_words.limit_lines, "37.0% of what sources are reported to say is not found"),
    ],
)
def test_words_say_the_numbers_of_the_file(words, expected):
    assert expected in " ".join(words(FULL))


def test_a_clear_difference_between_the_sides_is_called_one():
    figures = invented()
    figures["loaded_by_leaning"]["left_minus_right"]["error_rate"] = {"value": 0.05, "low": 0.02, "high": 0.08}
    line = measured_words.leaning_lines(Benchmark("linear", figures))[0]
    assert "a clear difference (.050, 95% interval .020 to .080)" in line


def test_scores_stand_beside_baselines_and_published_ones():
    table = measured.scores(FULL).set_index(["task", "system"])
    assert table.loc[("Loaded sentences, macro F1", "linear"), "ours"]
    assert table.loc[("Stance, macro F1", "VADER"), "score"] == 0.34
    assert table.loc[("Same-event clusters, B-cubed F1, AllSides", "linear"), "score"] == 0.88
    bert = table.loc[("Loaded sentences, weighted F1", "BERT, distant supervision")]
    assert not bert["ours"] and "Spinde" in bert["source"]
    parts = [measured.scores(FULL, group) for group in ("loaded", "attribution", "others")]
    assert sum(map(len, parts)) == len(table)


def test_every_published_score_is_of_a_task_and_has_its_source():
    names = {task.name for task in TASKS}
    for one in PUBLISHED:
        assert one.task in names and 0 < one.score < 1
        assert re.search(r"(19|20)\d\d", one.citation)


def test_rates_follow_rogan_and_gladen():
    table = measured_words.rate_examples(FULL).set_index("share")
    assert table.loc[0.0, "counted_where_it_is_so"] == pytest.approx(0.1)
    assert table.loc[0.5, "counted_where_it_is_so"] == pytest.approx(0.5 * 0.8 + 0.5 * 0.1)
    assert table.loc[0.3, "corrected_where_it_is_counted"] == pytest.approx((0.3 - 0.1) / (0.8 + 0.9 - 1))
    useless = {"loaded_language": {"sensitivity": 0.4, "specificity": 0.5}}
    assert measured_words.rate_examples(Benchmark("linear", useless)).empty
    assert "nothing corrects it" in measured_words.rate_lines(Benchmark("linear", useless))[-1]


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(0.8071, 3, ".807"), (-0.0035, 3, "-.004"), (1.0, 3, "1.000"), (0.0096, 4, ".0096"), (12.5, 1, "12.5")],
)
def test_scores_are_printed_without_a_zero_before_the_point(value, digits, text):
    assert measured_words.number(value, digits) == text


# Where the figures come from


def test_figures_come_from_a_file_or_from_the_engine(tmp_path):
    path = tmp_path / "figures.json"
    path.write_text(json.dumps(invented()), encoding="utf-8")
    found = read_benchmark(str(path), engine="neural", beside="linear")
    assert found.name == "linear", "the file says which engine it is of"
    assert found.figure("stance", "macro_f1") == 0.64
    assert list(found.engines) == ["linear", "linear, as shipped"]
    shipped = read_benchmark(engine="linear", beside="linear")
    assert list(shipped.engines) == ["linear"], "an engine is not put beside itself"


@pytest.mark.parametrize(
    ("content", "parameters", "message"),
    [
        (None, {"engine": "fast"}, "valid: "),
        (None, {"engine": "linear", "beside": "fast"}, "unknown beside 'fast'"),
        ("{", {"engine": "linear"}, "give what --out wrote"),
        ("[1]", {"engine": "linear"}, "no JSON object"),
    ],
)
def test_what_cannot_be_read_is_an_error_that_says_what_to_give(tmp_path, content, parameters, message):
    path = tmp_path / "figures.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(ParameterError, match=message):
        read_benchmark(str(path) if content is not None else "", **parameters)


@pytest.mark.skipif(not (MODELS / CHECKSUMS).is_file(), reason="needs the models of the linear engine")
@pytest.mark.parametrize("engine", ["linear", "neural"])
def test_the_bins_that_are_shipped_give_the_calibration_error_that_is_shipped(engine):
    shipped = read_benchmark(engine=engine)
    bins = measured.calibration_bins(shipped)
    for label, path in (("loaded", ("loaded_language", "calibration_error")),
                        ("negative stance", ("stance", "calibration_error_negative"))):  # fmt: skip
        own = bins[bins["curve"].str.startswith(label)]
        error = (own["n"] * (own["observed"] - own["predicted"]).abs()).sum() / own["n"].sum()
        # The folds of the linear engine are trained for each run of the benchmark, which moves its fourth digit.
        assert error == pytest.approx(shipped.figure(*path), abs=5e-4)


# The report


def text_of(folder):
    page = re.sub(r"<svg.*?</svg>", "", (folder / "report.html").read_text("utf-8"), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


@pytest.mark.parametrize(
    ("figures", "said", "unsaid"),
    [
        (invented(), ["macro F1 .710", "1,234 sentences", "TextBlob .410", "counted 2.0e-07"[8:]], ["Not measured:"]),
        (FEW.figures, ["macro F1 .710", "Not measured:", "not measured"], ["TextBlob .410"]),
        ({}, ["hold none of the scores", "Not measured:", "not in the file"], ["macro F1 ."]),
    ],
    ids=["every key", "few keys", "empty"],
)
def test_the_report_runs_through(tmp_path, figures, said, unsaid):
    path = tmp_path / "figures.json"
    path.write_text(json.dumps(figures), encoding="utf-8")
    parameters = {"figures_file": str(path), "engine": "linear", "beside": "", "as_of": "2026-05-01"}
    folder = run_report_here("benchmark", parameters, reports=tmp_path / "reports")
    text = text_of(folder)
    assert [one for one in said if one not in text] == [] and [one for one in unsaid if one in text] == []
    assert "measured on 2026-05-01" in text
    assert NASTY not in (folder / "report.html").read_text("utf-8")
    rows = list(csv.DictReader((folder / "tables" / "measured.csv").open(encoding="utf-8")))
    assert len(rows) == len(TASKS)


@pytest.mark.parametrize(("name", "value"), [("figures_file", "none.json"), ("beside", "fast"), ("engine", "")])
def test_a_parameter_that_does_not_fit_is_refused_before_anything_runs(tmp_path, name, value):
    with pytest.raises(ParameterError, match=name):
        run_report("benchmark", {name: value}, reports=tmp_path / "reports", quiet=True)
    assert not (tmp_path / "reports").exists()


def test_figures_that_cannot_be_read_fail_the_report_and_say_why(tmp_path):
    path = tmp_path / "figures.json"
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(ReportError, match="no JSON object"):
        run_report("benchmark", {"figures_file": str(path)}, reports=tmp_path / "reports", quiet=True)

"""A report run is complete or absent: parameters refused early, failures kept apart, the last good run untouched."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from framing import report
from framing.errors import ParameterError, ReportError
from framing.report import find_notebook, rebuild_index, run_report

PARAMETERS = """corpus: str = ""  # path: any file
outlets: list[str] = []  # names
seed: int = 0  # seed
as_of: str = "2026-05-01"  # day
title: str = "A small report"  # heading
mode: str = "fine"  # what the notebook does
out: str = ""  # set by the run
"""
BODY = """import os, pathlib, time
if mode == "error":
    raise ValueError("the reactor\\nis on fire")
if mode == "die":
    os.kill(os.getpid(), 9)
if mode == "sleep":
    pathlib.Path(corpus).write_text(str(os.getpid()))
    time.sleep(60)
from framing.report.render import Results, paragraphs
import pandas as pd
results = Results(out)
print(os.getcwd())
results.table(pd.DataFrame({"outlet": outlets or ["=cmd"], "n": 1}), "names", "Names.")"""


@pytest.fixture
def notebooks(tmp_path):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    cells = [
        nbformat.v4.new_markdown_cell("# Small\n\n## First *part*\n\nSome prose with <b>markup</b>."),
        nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(BODY),
        nbformat.v4.new_code_cell("paragraphs(*outlets)"),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), folder / "small_report.ipynb")
    (folder / "articles.csv").write_text("id,outlet,date,text\n1,A,2026-03-04,Some text.\n", encoding="utf-8")
    return folder


@pytest.fixture
def run(notebooks, tmp_path):
    def go(**options):
        parameters = {"corpus": str(notebooks / "articles.csv"), **options.pop("parameters", {})}
        return run_report("small", parameters, reports=tmp_path / "reports", notebooks=notebooks, quiet=True, **options)

    return go


def listed(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_run_leaves_page_notebook_tables_and_manifest(run, tmp_path):
    nasty = "<script>alert(1)</script>"
    folder = run(parameters={"outlets": ["A {x.__class__} 'b'", nasty]})
    assert folder.name.startswith("2026-05-01__a-small-report__") and folder.parent.name == "small"
    assert listed(folder) == ["figures", "manifest.json", "report.html", "report.ipynb", "tables", "tables/names.csv"]

    page = (folder / "report.html").read_text("utf-8")
    assert nasty not in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "A {x.__class__} &#x27;b&#x27;" in page  # the parameter arrived unchanged
    assert "default-src &#39;none&#39;" in page and page.count("<script") == 1
    assert '<h2 id="first-part-1">First <em>part</em></h2>' in page and 'href="#first-part-1"' in page
    assert "&lt;b&gt;markup&lt;/b&gt;" in page and "reactor" not in page  # prose is escaped, code is not shown

    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["parameters"]["corpus"] == "articles.csv"
    assert set(manifest["files"]) == {"report.html", "report.ipynb", "tables/names.csv"}
    for name in listed(folder):
        if (folder / name).is_file():
            text = (folder / name).read_text("utf-8")
            assert str(tmp_path) not in text, f"{name} names a folder of this machine"
    index = (tmp_path / "reports" / "index.html").read_text("utf-8")
    assert f'href="small/{folder.name}/report.html"' in index and "A small report" in index

    # The same run is not done twice ...
    before = (folder / "manifest.json").stat().st_mtime_ns
    assert run(parameters={"outlets": ["A {x.__class__} 'b'", nasty]}) == folder
    assert (folder / "manifest.json").stat().st_mtime_ns == before
    # ... unless it is forced, and then it gives the same tables and the same page.
    files = manifest["files"]
    assert run(parameters={"outlets": ["A {x.__class__} 'b'", nasty]}, force=True) == folder
    assert (folder / "manifest.json").stat().st_mtime_ns != before
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["files"] == files


def test_a_failed_run_keeps_its_notebook_and_leaves_the_last_good_one(run, tmp_path):
    good = tmp_path / "reports" / "small" / "good"
    good.mkdir(parents=True)
    (good / "report.html").write_text("a report", encoding="utf-8")
    before = {name: (good / name).read_bytes() for name in listed(good) if (good / name).is_file()}
    with pytest.raises(ReportError, match="ValueError: the reactor is on fire") as caught:
        run(parameters={"mode": "error"})
    failed = list((tmp_path / "reports" / "small").glob("*.failed.ipynb"))
    assert len(failed) == 1 and str(failed[0]) in str(caught.value)
    assert "the reactor" in failed[0].read_text("utf-8") and str(tmp_path) not in failed[0].read_text("utf-8")
    assert {name: (good / name).read_bytes() for name in before} == before
    assert sorted(p.name for p in good.parent.iterdir()) == sorted([good.name, failed[0].name])


def test_a_kernel_that_dies_is_a_failed_run(run, tmp_path):
    with pytest.raises(ReportError, match=r"failed: .*([Dd]ead|[Dd]ied)"):
        run(parameters={"mode": "die"})
    assert not list((tmp_path / "reports" / "small").glob(".tmp*"))


def test_a_cell_that_takes_too_long_is_a_failed_run_and_leaves_no_kernel(run, notebooks, tmp_path):
    told = tmp_path / "pid"
    told.touch()
    with pytest.raises(ReportError, match="Timeout"):
        run(parameters={"mode": "sleep", "corpus": str(told)}, timeout=3)
    assert gone(int(told.read_text()))


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_an_interrupted_run_leaves_no_run_and_no_kernel(notebooks, tmp_path):
    told = tmp_path / "pid"
    told.touch()
    # A shell's background jobs ignore SIGINT and hand that on: the child takes it as one in the foreground would.
    code = (
        "import signal, sys; from framing.report import run_report; "
        "signal.signal(signal.SIGINT, signal.default_int_handler); "
        "run_report('small', {'mode': 'sleep', 'corpus': sys.argv[1]}, reports=sys.argv[2], notebooks=sys.argv[3])"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(report.__file__).parent.parent)}
    command = [sys.executable, "-c", code, str(told), str(tmp_path / "reports"), str(notebooks)]
    running = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL)
    kernel = until(lambda: told.read_text(), 60)
    running.send_signal(signal.SIGINT)
    assert running.wait(30) != 0
    assert gone(int(kernel))
    assert not list((tmp_path / "reports").rglob("manifest.json"))


def until(found, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.1)
    raise AssertionError(f"not there after {seconds} seconds")


def gone(process):
    """Whether a process ends within ten seconds."""

    def ended():
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        return Path(f"/proc/{process}/stat").read_text().split(")")[-1].split()[0] == "Z"

    return until(ended, 10)


@pytest.mark.parametrize(
    ("name", "parameters", "named"),
    [
        ("trend", {}, "unknown report 'trend'; valid: small"),
        ("../small", {}, "unknown report"),
        ("small", {"outlet": "A"}, "unknown parameter 'outlet'; valid: corpus, outlets, seed"),
        ("small", {"seed": "many"}, "'seed' is 'many', which is not of type int"),
        ("small", {"seed": -1}, "seed"),
        ("small", {"as_of": "yesterday"}, "YYYY-MM-DD"),
        ("small", {"corpus": "nowhere.csv"}, "nowhere.csv"),
        ("small", {"out": "/tmp"}, "unknown parameter 'out'"),
    ],
)
def test_bad_parameters_are_refused_before_anything_runs(notebooks, tmp_path, name, parameters, named):
    given = {"corpus": str(notebooks / "articles.csv"), **parameters}
    with pytest.raises(ParameterError, match=named):
        run_report(name, given, reports=tmp_path / "reports", notebooks=notebooks, quiet=True)
    assert not (tmp_path / "reports").exists()


@pytest.fixture
def no_kernel(monkeypatch):
    """Runs that only copy their notebook: for what has nothing to do with the kernel."""

    def copy(notebook, output, parameters, quiet, timeout):
        output.write_bytes(notebook.read_bytes())

    monkeypatch.setattr(report, "_execute", copy)


def test_the_run_is_named_by_date_title_and_content(run, notebooks, no_kernel):
    one = run()
    assert run(parameters={"title": "Über  Öl & <Gas>"}).name.split("__")[1] == "uber-ol-gas"
    assert run(parameters={"seed": 1}).name != one.name
    (notebooks / "articles.csv").write_text("id,outlet,date,text\n1,A,2026-03-04,Other text.\n", encoding="utf-8")
    assert run().name != one.name


@pytest.mark.parametrize("title", ["../../etc/passwd", "a/b\\c", "." * 300, "日本", "\n", "x" * 400, "~", "a\x00b"])
def test_no_title_leads_out_of_the_reports_folder(run, tmp_path, no_kernel, title):
    if not title.strip():
        with pytest.raises(ParameterError, match="title"):
            run(parameters={"title": title})
        return
    folder = run(parameters={"title": title})
    assert folder.resolve().parent == (tmp_path / "reports" / "small").resolve()
    assert len(folder.name) < 100


def test_a_report_is_dated_by_its_newest_article_where_no_date_is_given(run, no_kernel):
    assert run(parameters={"as_of": ""}).name.startswith("2026-03-04__")


def test_a_relative_path_counts_from_the_current_folder_and_is_shown_as_given(run, notebooks, monkeypatch, no_kernel):
    monkeypatch.chdir(notebooks.parent)
    folder = run(parameters={"corpus": "notebooks/articles.csv"})
    shown = json.loads((folder / "manifest.json").read_text("utf-8"))["parameters"]["corpus"]
    assert shown == "notebooks/articles.csv"


@pytest.mark.parametrize("failing", ["_export", "_finish", "_anonymous", "replace_folder"])
def test_a_full_disk_leaves_the_old_report_as_it_was(run, tmp_path, monkeypatch, no_kernel, failing):
    good = run()
    before = {name: (good / name).read_bytes() for name in listed(good) if (good / name).is_file()}

    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(report, failing, full)
        with pytest.raises(OSError, match="No space"):
            run(force=True)
    assert {name: (good / name).read_bytes() for name in before} == before
    assert not list(good.parent.glob(".tmp*"))
    assert run(force=True) == good


def test_two_schedules_at_once_leave_one_complete_run(run, tmp_path, no_kernel):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        folders = {future.result() for future in [pool.submit(run, force=True) for _ in range(24)]}
    assert len(folders) == 1
    folder = folders.pop()
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["run"] == folder.name
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_program_that_only_makes_reports_starts_quickly():
    code = (
        "import sys; from framing.report import start_quickly; start_quickly(); import papermill, nbformat; "
        "nbformat.validate(nbformat.v4.new_notebook()); print('lark' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False", "no grammar is built, and notebooks are checked"


def test_the_index_lists_complete_runs_only_newest_first_and_escapes_titles(tmp_path):
    reports = tmp_path / "reports"
    for name, day, title in (("a", "2026-01-01", "<i>Old</i>"), ("b", "2026-02-02", "New")):
        folder = reports / "small" / name
        folder.mkdir(parents=True)
        found = {"report": "small", "title": title, "as_of": day, "hash": name * 64}
        (folder / "manifest.json").write_text(json.dumps(found), encoding="utf-8")
    (reports / "small" / "unfinished").mkdir()
    (reports / "small" / ".tmp-x").mkdir()
    (reports / "small" / ".tmp-x" / "manifest.json").write_text("{}", encoding="utf-8")
    (reports / "small" / "broken").mkdir()
    (reports / "small" / "broken" / "manifest.json").write_text("not json", encoding="utf-8")
    page = rebuild_index(reports).read_text("utf-8")
    assert page.index(">New<") < page.index("&lt;i&gt;Old&lt;/i&gt;")
    assert page.count("report.html") == 3  # each run, and once more the latest of its report


def test_without_any_run_the_index_says_so(tmp_path):
    assert "No report has been run yet" in rebuild_index(tmp_path / "reports").read_text("utf-8")


@pytest.mark.parametrize("name", ["comparative", "article", "explore", "comparative_report"])
def test_the_reports_that_come_with_the_package_are_found(name):
    assert find_notebook(name).suffix == ".ipynb"

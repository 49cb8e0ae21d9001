"""Runs a report notebook: checked parameters in, a folder with the finished report out, complete or absent.

The folder ``reports/NAME/{as_of}__{slug of the title}__{hash of parameters and inputs}`` holds ``report.html``,
``report.ipynb``, ``tables/``, ``figures/`` and, written last, ``manifest.json``. It is made beside its place and
renamed into it. The clock is never read: a report is dated by ``as_of``, or by the newest article.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from framing.errors import ParameterError, ReportError, one_of
from framing.report.parameters import RESERVED, Parameter, check_parameters, is_day, read_parameters, typed
from framing.storage import MANIFEST, replace_folder, write_whole
from framing.store import SCORES, is_corpus, open_store
from framing.store.records import Selection

# Seconds that one cell may take, and that the kernel may take to start.
CELL_TIMEOUT = 3600
START_TIMEOUT = 120
_ROOT = Path(__file__).resolve().parent.parent


def run_report(
    name: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    reports: str | Path = "reports",
    force: bool = False,
    quiet: bool = False,
    notebooks: str | Path | None = None,
    timeout: int = CELL_TIMEOUT,
) -> Path:
    """Run the notebook ``NAME`` or ``NAME_report`` and return the folder of the run.

    The same run (same notebook, parameters, input files and package) is not done twice, unless ``force``.
    Relative paths among the parameters count from the current folder. ``timeout`` is in seconds per cell. A notebook
    with a parameter ``scores`` keeps the scores of texts in ``reports/.scores``, so that no run scores them again; a
    corpus folder keeps its own. Of a corpus folder the articles count that are selected, up to the day of the report:
    what else it has gathered since makes no other run.

    Raises
    ------
    ParameterError
        For a notebook or a parameter that is unknown, and for a value that does not fit; nothing has run then.
    ReportError
        For a run that failed: its notebook stays as ``reports/NAME/RUN.failed.ipynb``, and what was there before
        stays as it was.
    """
    notebook = find_notebook(name, notebooks)
    short = notebook.stem.removesuffix("_report")
    spec = read_parameters(notebook)
    values = typed(spec, parameters or {}, report=short)
    given = set(parameters or {})
    base = {key: Path.cwd() if key in given else notebook.parent for key in spec}
    actual = {key: _absolute(values[key], base[key]) if spec[key].is_path else values[key] for key in values}
    check_parameters(**actual)
    selection = Selection(since=actual.get("since", ""), until=actual.get("until", ""), query=actual.get("query", ""))
    as_of = actual.get("as_of") or _newest(actual.get("corpus"), selection)
    if "as_of" in actual:
        actual["as_of"] = values["as_of"] = as_of
    shown = {key: _display(values[key], actual[key]) if spec[key].is_path else actual[key] for key in values}
    inputs = {key: _content(Path(actual[key]), selection, as_of) for key in values if spec[key].is_path and actual[key]}
    identity = _hash([short, shown, inputs, _checksum(notebook), _checksum(_ROOT)])
    from framing.report.render import slug

    title = str(actual.get("title") or short.replace("_", " ").capitalize())
    if "title" not in given and actual.get("article_id"):
        title = f"{title}: {actual['article_id']}"
    run = "__".join([as_of or "undated", slug(title), identity[:10]])
    target = Path(reports) / short / run
    if not force and (target / MANIFEST).is_file():
        _say(f"this report is there already: {target} (--force runs it again)", quiet)
        rebuild_index(reports)
        return target
    manifest = {"report": short, "title": title, "as_of": as_of, "run": run,
                "parameters": shown, "inputs": inputs, "hash": identity, "notebook": _checksum(notebook)}  # fmt: skip
    _run(notebook, spec, actual, shown, target, manifest, quiet, timeout)
    rebuild_index(reports)
    return target


def find_notebook(name: str, folder: str | Path | None = None) -> Path:
    """The file of a report: ``NAME_report.ipynb`` or ``NAME.ipynb`` in the notebooks folder.

    Raises :class:`~framing.errors.ParameterError` that lists the reports there are.
    """
    places = [Path(folder)] if folder else [_ROOT / "resources" / "notebooks", _ROOT.parent / "notebooks"]
    there = {path.stem: path for place in places for path in sorted(place.glob("*.ipynb"))}
    for stem in (f"{name}_report", name):
        if stem in there:
            return there[stem]
    raise ParameterError(one_of("report", name, [stem.removesuffix("_report") for stem in there]))


def _run(
    notebook: Path,
    spec: Mapping[str, Parameter],
    actual: Mapping[str, Any],
    shown: Mapping[str, Any],
    target: Path,
    manifest: dict[str, Any],
    quiet: bool,
    timeout: int,
) -> None:
    """Execute, export and rename; on failure keep the failed notebook and nothing else."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".tmp-", dir=target.parent))
    failed = target.parent / f"{target.name}.failed.ipynb"
    executed = beside / "report.ipynb"
    corpus = actual.get("corpus", "")
    kept = Path(corpus) if corpus and is_corpus(corpus) else target.parent.parent
    places = {"out": ".", "scores": str((kept / SCORES).resolve())}
    reserved = {name: places[name] for name in RESERVED if name in spec}
    _say(f"running {notebook.name} ...", quiet)
    try:
        _execute(notebook, executed, {**actual, **reserved}, quiet, timeout)
        node = _anonymous(executed, actual, shown, reserved, beside)
        _export(node, beside, manifest)
        _finish(beside, manifest)
        with _alone_in(target.parent):
            replace_folder(beside, target)
        failed.unlink(missing_ok=True)
    except ReportError as error:
        if executed.is_file():
            _anonymous(executed, actual, shown, reserved, beside)
            executed.replace(failed)
            raise ReportError(f"report {manifest['report']!r} failed: {error}; see {failed}") from error
        raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keeps other runs from putting a report in place meanwhile, where the system has such locks."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def start_quickly() -> None:
    """Spare this process the two seconds in which jsonschema, which papermill imports, builds a grammar of addresses.

    For programs that make reports and then end: jsonschema checks no field of the format ``iri`` afterwards.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type] # an import of it fails, as if not installed


def _execute(notebook: Path, output: Path, parameters: Mapping[str, Any], quiet: bool, timeout: int) -> None:
    """Run the notebook in a kernel of this Python, in the run's own folder."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    # What it would log is in the error, or in the notebook that is kept.
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    try:
        with _settings():
            papermill.execute_notebook(
                _literal(notebook), _literal(output), parameters=dict(parameters), kernel_name="python3",
                cwd=str(output.parent), progress_bar=not quiet and sys.stderr.isatty(), start_timeout=START_TIMEOUT,
                execution_timeout=timeout, kernel_manager_class=_kernel_manager(), engine_name=_engine(),
            )  # fmt: skip
    except PapermillExecutionError as error:
        raise ReportError(f"{error.ename}: {_line(error.evalue)} (cell {error.exec_count})") from error
    except Exception as error:  # a dead kernel and a timeout come as errors of several libraries
        raise ReportError(f"{type(error).__name__}: {_line(str(error))}") from error


def _engine() -> str:
    """The name of papermill's usual engine, but for one thing: it saves the notebook once, however the run ends.

    Saving before and after every cell, as papermill does, takes a fifth of the time of a large report.
    """
    from papermill.engines import NBClientEngine, papermill_engines

    class SavedOnce(NBClientEngine):
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, *args: Any, **options: Any) -> Any:
            save, nb_man.save = nb_man.save, lambda **_: None
            try:
                return super().execute_managed_notebook(nb_man, *args, **options)
            finally:
                save()

    papermill_engines.register("framing", SavedOnce)
    return "framing"


def _kernel_manager() -> type:
    """A kernel manager that starts this very Python, whatever kernels a user has installed under ``python3``."""
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpec

    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    # Errors of cells come as messages; the kernel's own log would only repeat them on the terminal.
    command += ["--HistoryManager.enabled=False", "--log-level=50"]

    class ThisPython(AsyncKernelManager):
        def __init__(self, **settings: Any) -> None:
            # Sockets in a folder of this user, not ports of the machine.
            super().__init__(**settings, **({"transport": "ipc"} if os.name == "posix" else {}))

        @property
        def kernel_spec(self) -> Any:
            return KernelSpec(argv=command, display_name="Python 3", language="python", metadata={})

    return ThisPython


@contextmanager
def _settings() -> Iterator[None]:
    """What the kernel inherits: this package on its path, no windows, nothing written to the user's IPython."""
    path = os.pathsep.join(filter(None, [str(_ROOT.parent), os.environ.get("PYTHONPATH", "")]))
    with tempfile.TemporaryDirectory(prefix="framing-") as scratch:
        wanted = {"PYTHONPATH": path, "MPLBACKEND": "Agg", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
        wanted |= {"IPYTHONDIR": scratch, "JUPYTER_RUNTIME_DIR": scratch}
        before = {key: os.environ.get(key) for key in wanted}
        os.environ.update(wanted)
        try:
            yield
        finally:
            for key, value in before.items():
                if value is None:
                    os.environ.pop(key, None)
                else:
                    os.environ[key] = value


def _literal(path: Path) -> str:
    """Papermill formats paths; braces in them are meant as they stand."""
    return str(path.resolve()).replace("{", "{{").replace("}", "}}")


def _anonymous(
    path: Path, actual: Mapping[str, Any], shown: Mapping[str, Any], reserved: Mapping[str, str], beside: Path
) -> Any:
    """The executed notebook without this machine's folders and without papermill's times; written back in place."""
    import nbformat
    from papermill.translators import PythonTranslator

    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("papermill", None)
    parameters = {**shown, **dict.fromkeys(reserved, "")}
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = "injected-parameters"
            cell.source = PythonTranslator.codify(parameters, comment="Parameters of this run").strip()
    hidden = {str(actual[key]): str(shown[key]) for key in actual if shown[key] != actual[key]}
    hidden |= {reserved["scores"]: SCORES} if "scores" in reserved else {}
    hidden |= {str(beside.resolve()): ".", str(_ROOT.parent): "...", str(Path.home()) + os.sep: "~/"}
    text = nbformat.writes(notebook)
    for folder in sorted((f for f in hidden if len(f) > 1), key=len, reverse=True):
        text = text.replace(json.dumps(folder)[1:-1], json.dumps(hidden[folder])[1:-1])
    path.write_text(text + "\n", encoding="utf-8")
    return nbformat.reads(text, as_version=4)


def _export(notebook: Any, folder: Path, manifest: dict[str, Any]) -> None:
    """The page of a run; what the run found goes to its manifest."""
    from framing import __version__
    from framing.report.page import findings, page

    manifest["findings"] = findings(notebook)
    kept = [folder / "tables", folder / "figures"]
    downloads = sorted(path.relative_to(folder).as_posix() for place in kept for path in place.glob("*"))
    facts = {"Report": manifest["report"], "As of": manifest["as_of"] or "undated", "Run": manifest["hash"][:10],
             "framing": __version__}  # fmt: skip
    html = page(notebook, title=manifest["title"], facts=facts, downloads=["report.ipynb", *downloads])
    (folder / "report.html").write_text(html, encoding="utf-8", newline="\n")


def _finish(folder: Path, manifest: dict[str, Any]) -> None:
    """The manifest, last of all: versions, parameters, and a checksum of every file."""
    from framing.scoring import signature

    for name in ("tables", "figures"):
        (folder / name).mkdir(exist_ok=True)
    engine = manifest["parameters"].get("engine")
    done = {
        **manifest,
        "signature": signature(engine) if engine else {},
        "files": {p.relative_to(folder).as_posix(): _checksum(p) for p in sorted(folder.rglob("*")) if p.is_file()},
    }
    write_whole(folder / MANIFEST, json.dumps(done, indent=1, ensure_ascii=False) + "\n")
    folder.chmod(0o755)


def rebuild_index(reports: str | Path = "reports") -> Path:
    """Write ``index.html`` in the reports folder anew: every complete run, newest first, and the runs that failed."""
    from framing.report.page import index

    reports = Path(reports)
    runs = []
    for path in reports.glob(f"*/*/{MANIFEST}"):
        if path.parent.name.startswith("."):
            continue
        try:
            found = json.loads(path.read_text("utf-8"))
            run = {key: str(found[key]) for key in ("report", "title", "as_of", "hash")}
        except (OSError, ValueError, KeyError, TypeError):
            continue  # not a run of ours, or one that is just being replaced
        lines = found.get("findings")
        lines = [line for line in lines if isinstance(line, str)] if isinstance(lines, list) else []
        link = _link(path.with_name("report.html"), reports)
        runs.append({**run, "hash": run["hash"][:10], "link": link, "findings": lines})
    runs.sort(key=lambda run: (run["as_of"], run["report"], run["title"], run["hash"]), reverse=True)
    failed = [path for path in sorted(reports.glob("*/*.failed.ipynb"), reverse=True) if path.is_file()]
    reports.mkdir(parents=True, exist_ok=True)
    page = index(runs, [{"name": path.name, "link": _link(path, reports)} for path in failed])
    write_whole(reports / "index.html", page)
    return reports / "index.html"


def _link(path: Path, base: Path) -> str:
    from urllib.parse import quote

    return "/".join(quote(part) for part in path.relative_to(base).parts)


def _absolute(value: str, base: Path) -> str:
    return str((base / Path(value).expanduser()).resolve()) if value else ""


def _display(given: str, absolute: str) -> str:
    """A path as a report may show it: as it was given if relative, else its last part only."""
    return Path(absolute).name if given and Path(given).expanduser().is_absolute() else given


def _newest(corpus: str | None, selection: Selection) -> str:
    """The date of the newest article that is selected, or nothing."""
    if not corpus:
        return ""
    from framing.corpus import read_articles

    if is_corpus(corpus):
        with open_store(corpus) as store:
            dates = [article["date"] for article in store.list(selection)]
    else:
        dates = [article.date for article in read_articles(corpus, select=selection).articles if article.date]
    return max((date[:10] for date in dates if is_day(date[:10])), default="")


def _content(path: Path, selection: Selection, as_of: str) -> str:
    """What tells an input from others: of a corpus folder the articles that are selected, else its checksum."""
    if not is_corpus(path):
        return _checksum(path)
    with open_store(path) as store:
        return store.identity(selection, up_to=as_of)


def _checksum(path: Path) -> str:
    """SHA-256 of a file, or of the names and contents of a folder (caches left out)."""
    digest = hashlib.sha256()
    if path.is_file():
        with path.open("rb") as source:
            return hashlib.file_digest(source, "sha256").hexdigest()
    for part in sorted(path.rglob("*")):
        if part.is_file() and "__pycache__" not in part.parts:
            line = f"{part.relative_to(path).as_posix()}\0{_checksum(part)}\n"
            digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode("utf-8")).hexdigest()


def _line(text: str) -> str:
    return " ".join(text.split())[:400]


def _say(text: str, quiet: bool) -> None:
    if not quiet:
        print(text, file=sys.stderr, flush=True)

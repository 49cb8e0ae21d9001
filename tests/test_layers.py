"""The flow is one way: a module imports only from modules before it in the order below."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import framing

PACKAGE = Path(framing.__file__).parent

# Modules of one line never import one another, except where the line is a chain written in its own order.
ORDER = [
    ["errors"],
    ["records"],
    ["metrics"],
    ["storage"],
    ["parallel"],
    ["segment"],
    ["quotations"],
    ["reading"],
    ["store"],
    ["corpus"],
    ["lexicon"],
    ["polarity"],
    ["engines"],
    ["entities"],
    ["reported"],
    ["loaded", "attribution", "stance", "frames"],
    ["highlight"],
    ["terminal"],
    ["analysis"],
    ["events"],
    ["tables"],
    ["dataframe"],
    ["signature"],
    ["stored_scores"],
    ["scoring"],
    ["comparison"],
    ["figures"],
    ["report"],
    ["collecting"],
    ["schedule"],
    ["serving"],
    ["training"],
    ["benchmark"],
    ["cli"],
    ["__main__"],
]  # fmt: skip
RANK = {name: rank for rank, names in enumerate(ORDER) for name in names}


def layer(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(path: Path) -> set[str]:
    """The layers a file imports at run time; what stands under TYPE_CHECKING is for readers and type checkers."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "framing":
            parts = node.module.split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names if alias.name in RANK}
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("framing.")}
    return found


FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path):
    own = layer(path)
    assert own in RANK, f"{own} has no place in the order: give it one"
    backwards = {name for name in imports(path) if name != own and RANK[name] >= RANK[own]}
    # The highlight of an analysis is drawn by a module that knows records only; the analysis calls it when shown.
    assert not backwards - ALLOWED.get(own, set())


# An object that shows or tabulates itself calls what comes after it, at the moment it is asked, never at import.
ALLOWED = {"analysis": {"tables"}}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_stay_small(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


HEAVY = [
    "sklearn", "skops", "pandas", "matplotlib", "seaborn", "papermill", "scipy", "textblob", "pyarrow", "onnxruntime",
    "tokenizers", "duckdb", "httpcore", "trafilatura",
]  # fmt: skip


def test_importing_the_package_does_no_work():
    code = f"import sys, framing; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_only_the_report_knows_papermill_and_only_the_command_line_knows_click():
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert "import papermill" not in text or layer(path) == "report"
        assert "import click" not in text or layer(path) == "cli"


@pytest.mark.parametrize("name", framing.__all__)
def test_every_public_name_is_there_and_documented(name):
    assert getattr(framing, name).__doc__

"""Reports made in the test's own process, without the seconds that a kernel takes to start and to import everything.

All but the execution of the cells is as usual. That kernels do the same is tested where each notebook runs in one.
"""

import ast
import os
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest

from framing import report
from framing.errors import ReportError


def run_report_here(name, parameters, **options):
    """As :func:`framing.report.run_report`; its cells are run here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report, "_execute", _execute)
        return report.run_report(name, parameters, quiet=True, **options)


def _execute(notebook, output, parameters, quiet, timeout):
    """The cells of a notebook one after the other; what the last line of one gives is shown."""
    node, names = nbformat.read(notebook, as_version=4), {}
    with _in_folder(output.parent):
        for number, cell in enumerate((cell for cell in node.cells if cell.cell_type == "code"), 1):
            try:
                shown = _last_value(cell.source, names)
            except Exception as error:
                raise ReportError(f"{type(error).__name__}: {error} (cell {number})") from error
            if "parameters" in cell.metadata.get("tags", []):
                names |= parameters
            if hasattr(shown, "_repr_mimebundle_"):
                cell.outputs = [nbformat.v4.new_output("display_data", data=shown._repr_mimebundle_())]
    nbformat.write(node, output)


@contextmanager
def _in_folder(folder):
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _last_value(source, names):
    *statements, last = ast.parse(source).body
    if not isinstance(last, ast.Expr):
        statements.append(last)
    exec(compile(ast.Module(statements, []), "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if isinstance(last, ast.Expr) else None

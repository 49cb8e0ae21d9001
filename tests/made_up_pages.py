"""A folder of reports as a reader opens it: a report, the evidence beside it, the list of all runs."""

import json

import nbformat
import pandas as pd
from made_up import made_up_analysis
from matplotlib.figure import Figure

from framing.report import page, rebuild_index
from framing.report.page import Evidence, Section, evidence_page
from framing.report.render import Results, annotated, bullets, definitions, headline, paragraphs, quotations

# Names as an input may have them: markup, right to left, without a break, with what no page can hold.
HOSTILE = (
    "</style><script>document.documentElement.dataset.fired=1</script>",
    "\u202eאחדות‎ العربية",
    "unbroken" * 38,
    "nul\0 bell\x07 \ufffe $x$",
    '"><img src=x onerror=document.documentElement.dataset.fired=1>',
)
PLAIN = ("Northgate Wire", "Daily Klaxon", "The Common Lantern", "The Freehold Standard", "Harbour Post")
NAMES = {"plain": PLAIN, "hostile": HOSTILE}


def drawn(names, page):
    """A figure in which the bar and the label of each name lead to the section of that name on a page."""
    figure = Figure(figsize=(7, 2.5))
    axis = figure.subplots()
    figure.links = {f"{page}#section-{row}": f"Sentences of {name}" for row, name in enumerate(names, start=1)}
    for bar, name, address in zip(axis.barh(range(len(names)), 1), names, figure.links, strict=True):
        bar.set_url(address)
        axis.text(1, bar.get_y(), name[:30], parse_math=False, url=address)
    figure.alt = "Bars: " + ", ".join(names)
    return figure


def notebook(*fragments):
    cells = [
        nbformat.v4.new_markdown_cell("# Dropped\n\n## Results\n\nProse with `code`.\n\n### Part\n\n1. one\n2. two")
    ]
    for fragment in fragments:
        output = nbformat.v4.new_output("display_data", data=fragment._repr_mimebundle_())
        cells.append(nbformat.v4.new_code_cell("", outputs=[output]))
        cells.append(nbformat.v4.new_markdown_cell("## More results"))
    return nbformat.v4.new_notebook(cells=cells)


def long_table(names, rows=24):
    return pd.DataFrame(
        {
            "outlet": [names[row % len(names)] for row in range(rows)],
            "rate": [None if row % 7 == 0 else row / rows for row in range(rows)],
            "remark": [f"{names[row % len(names)]} on day {row}" for row in range(rows)],
        }
    )


def site(reports, names=PLAIN):
    """Writes ``reports/made_up/run/`` and its index; returns the pages: report, evidence, index."""
    run = reports / "made_up" / "run"
    (run / "evidence").mkdir(parents=True)
    results, address = Results(str(run)), "evidence/a.html#s1"
    sentences = pd.DataFrame(
        [{"outlet": n, "text": f"{n} is utter.", "marks": [(0, 3, "emotion")], "origin": n, "note": n} for n in names]
    )
    wide = pd.DataFrame({f"{name[:60]} {place}": [name, name] for place, name in enumerate(names * 3)})
    shown = notebook(
        headline([f"{name} is higher." for name in names]),
        results.table(long_table(names, 8), "short", f"Short, {names[0]}.", links={(0, "rate"): address}),
        results.table(long_table(names), "long", "Long.", links={(names[1], "remark"): "evidence/a.html"}),
        results.table(long_table(names, 40), "folded", "Folded."),
        results.table(wide, "wide", "Wide."),
        results.figure(drawn(names, "evidence/a.html"), "bars", f"Bars, {names[0]}."),
        results.figure(drawn(names, "evidence/b.html"), "more_bars", "The same bars again."),
        quotations(sentences),
        annotated(made_up_analysis()),
        bullets(list(names)),
        definitions(dict(zip(names, names, strict=True))),
        paragraphs(*names),
    )
    files = [path.relative_to(run).as_posix() for kind in ("tables", "figures") for path in (run / kind).glob("*")]
    for number in range(9):
        (run / "tables" / f"more{number}.csv").touch()
        files.append(f"tables/more{number}.csv")
    (run / "report.ipynb").touch()
    report = page.page(shown, title=names[0], facts={"As of": "2026-01-01"}, downloads=["report.ipynb", *sorted(files)])
    (run / "report.html").write_text(report, encoding="utf-8")
    found = [
        Section(name, [Evidence(f"s{place}{number or ''}", f"{name} was utter.", [(0, 4, "emotion")], name, name)
                       for number in range(2)], name)
        for place, name in enumerate(names, start=1)
    ]  # fmt: skip
    for name, other in (("a", "b"), ("b", "a")):
        ways = {"next": f"{other}.html"} if name == "a" else {"previous": f"{other}.html"}
        text = evidence_page(f"Evidence {names[0]}", f"{names[1]}\n{names[2]}", found, **ways)
        (run / "evidence" / f"{name}.html").write_text(text, encoding="utf-8")
    manifest = {"report": "made_up", "as_of": "2026-01-01", "hash": "0" * 64, "findings": page.findings(shown)}
    for place, name in enumerate(names * 3):
        folder = run if place == 0 else run.with_name(f"run{place}")
        folder.mkdir(exist_ok=True)
        (folder / "manifest.json").write_text(json.dumps({**manifest, "title": name}), encoding="utf-8")
        (folder / "report.html").touch()
    (reports / "made_up" / "2026-01-02__x%20 y.failed.ipynb").touch()
    return {"report": run / "report.html", "evidence": run / "evidence" / "a.html", "index": rebuild_index(reports)}

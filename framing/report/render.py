"""What a report shows: tables, figures and highlighted articles as HTML fragments, and the page around them.

Everything that comes from an article is escaped here, once. A finished page holds its own style sheet and its
figures, runs no script, and requests nothing: its Content-Security-Policy forbids both.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from importlib.resources import files
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.comparison import rows_of
from framing.highlight import Mark, highlight_html, segments, segments_html, storable, stylesheet

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from framing.analysis import Analysis

# Only output of this type is taken into a report as HTML; every other output is shown as plain text.
MIME = "application/vnd.framing+html"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
# A value of so few characters is not broken.
_SHORT = 12
# A table of more rows is folded.
_LONG = 30
_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of HTML that this package wrote, and the same in plain text."""

    html: str
    text: str = ""

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {MIME: storable(self.html), "text/html": storable(self.html), "text/plain": storable(self.text)}


@dataclass(frozen=True, slots=True)
class Results:
    """Shows tables and figures, and keeps them where ``out`` names a folder (empty: shows only)."""

    out: str = ""
    numbers: dict[str, int] = field(default_factory=lambda: {"Table": 0, "Figure": 0})

    def table(
        self,
        frame: pd.DataFrame,
        name: str,
        caption: str,
        *,
        shown: pd.DataFrame | None = None,
        folded: bool | None = None,
        formats: Mapping[str, Callable[[Any], str]] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Fragment:
        """A table under its caption; ``frame`` goes to ``tables/NAME.csv``, and ``shown`` is shown in its stead.

        ``folded`` hides the rows until the reader opens them; left out, long tables are folded.
        """
        if self.out:
            safe = frame.map(lambda cell: _inert(cell) if isinstance(cell, str) else cell)
            path = self._path("tables", f"{name}.csv")
            safe.to_csv(path, index=False, lineterminator="\n", encoding="utf-8", errors="replace")
        seen = frame if shown is None else shown
        fold = len(seen) > _LONG if folded is None else folded
        return table(seen, self._numbered("Table", caption), folded=fold, formats=formats, labels=labels)

    def figure(self, figure: Figure, name: str, caption: str) -> Fragment:
        """A figure above its caption; it goes to ``figures/NAME.svg`` and ``.png``."""
        from framing.figures import save

        if self.out:
            self._path("figures", f"{name}.svg").write_bytes(save(figure, "svg"))
            self._path("figures", f"{name}.png").write_bytes(save(figure, "png"))
        return image(save(figure, "svg"), self._numbered("Figure", caption), alt=getattr(figure, "alt", caption))

    def _numbered(self, kind: str, caption: str) -> str:
        self.numbers[kind] += 1
        return f"{kind} {self.numbers[kind]}. {caption}"

    def _path(self, folder: str, name: str) -> Path:
        path = Path(self.out) / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def table(
    frame: pd.DataFrame,
    caption: str,
    *,
    folded: bool = False,
    formats: Mapping[str, Callable[[Any], str]] | None = None,
    labels: Mapping[str, str] | None = None,
) -> Fragment:
    """A table that a screen reader can walk through: caption, column heads, the first column as row heads.

    ``formats`` turns values into text; a missing value is shown as a dash. Numbers stand right.
    """
    formats, labels = formats or {}, labels or {}
    numeric = {name: _is_number(frame[name]) for name in frame.columns}
    head = "".join(
        f'<th scope="col"{_classes(numeric[name])}>{_text(labels.get(name, str(name).replace("_", " ")))}</th>'
        for name in frame.columns
    )
    rows: list[str] = []
    last = None
    for values in frame.itertuples(index=False, name=None):
        cells = []
        for place, (name, value) in enumerate(zip(frame.columns, values, strict=True)):
            shown = _shown(value, formats.get(name))
            tag, scope = ("th", ' scope="row"') if place == 0 else ("td", "")
            cells.append(f"<{tag}{scope}{_classes(numeric[name], shown if place else '')}>{_text(shown)}</{tag}>")
        same = ' class="fr-same"' if rows and values[0] == last else ""
        rows.append(f"<tr{same}>{''.join(cells)}</tr>")
        last = values[0]
    body = "".join(rows) or f'<tr><td colspan="{max(1, len(frame.columns))}">none</td></tr>'
    html = (
        '<div class="fr-table" role="region" tabindex="0" aria-label="' + _text(caption) + '"><table>'
        f"<caption>{_text(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
    if folded:
        html = f"<details><summary>{_text(caption)} ({len(rows)} rows)</summary>{html}</details>"
    return Fragment(html, f"{caption}\n{frame.to_string(index=False)}")


def image(svg: bytes, caption: str, *, alt: str) -> Fragment:
    """A figure as an image inside the page; ``alt`` says in words what it shows."""
    source = "data:image/svg+xml;base64," + b64encode(svg).decode("ascii")
    html = (
        f'<figure class="fr-figure"><div><img src="{source}" alt="{_text(alt)}"></div>'
        f"<figcaption>{_text(caption)}</figcaption></figure>"
    )
    return Fragment(html, f"{caption}\n{alt}")


def annotated(analysis: Analysis) -> Fragment:
    """An article highlighted whole."""
    return Fragment(highlight_html(analysis), analysis.article.text)


def quotations(rows: pd.DataFrame) -> Fragment:
    """Sentences with their evidence, under their outlet: loaded terms marked, origin and numbers below.

    ``rows`` has ``outlet``, ``text``, ``marks`` (``(start, end, category)`` in the text), ``origin``, ``note``.
    """
    parts = []
    for outlet, mine in rows.groupby("outlet", sort=False):
        items = []
        for row in rows_of(mine):
            marks = [Mark(start, end, "term", category, f"loaded: {category}") for start, end, category in row.marks]
            items.append(
                f"<li><blockquote>{marked(row.text, marks)}</blockquote>"
                f'<p class="fr-origin">{_text(row.origin)}<br>{_text(row.note)}</p></li>'
            )
        parts.append(f'<h3>{_text(str(outlet))}</h3><ul class="fr-quotations framing">{"".join(items)}</ul>')
    return Fragment("".join(parts) or "<p>none</p>", "\n".join(str(text) for text in rows["text"]))


def marked(text: str, marks: Sequence[Mark]) -> str:
    """Escaped text with loaded terms marked."""
    return segments_html(text, segments(len(text), marks))


def paragraphs(*lines: str) -> Fragment:
    """Sentences worked out from the data, each a paragraph. They are escaped, never read as markup."""
    return Fragment("".join(f"<p>{_text(line)}</p>" for line in lines if line), "\n".join(lines))


def bullets(lines: Sequence[str], none: str = "none") -> Fragment:
    """A list of plain lines, escaped."""
    if not lines:
        return paragraphs(none)
    return Fragment(f"<ul>{''.join(f'<li>{_text(line)}</li>' for line in lines)}</ul>", "\n".join(lines))


def definitions(pairs: Mapping[str, Any]) -> Fragment:
    """Names and values, as a definition list."""
    body = "".join(f"<dt>{_text(name)}</dt><dd>{_text(_plain(value))}</dd>" for name, value in pairs.items())
    return Fragment(f"<dl>{body}</dl>", "\n".join(f"{name}: {_plain(value)}" for name, value in pairs.items()))


def page(notebook: Any, *, title: str, facts: Mapping[str, str], downloads: Sequence[str] = ()) -> str:
    """An executed notebook as one self-contained HTML page: prose and results, no code.

    ``facts`` stand under the title; ``downloads`` are paths beside the page.
    """
    markdown = _Markdown()
    parts = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(markdown(cell.source))
        elif cell.cell_type == "code":
            parts += [shown for output in cell.get("outputs", []) if (shown := _output(output))]
    return _template("report.html").render(
        title=title,
        policy=POLICY,
        styles=_markup(_resource("report.css") + stylesheet()),
        facts=facts,
        contents=markdown.headings,
        body=_markup("\n".join(parts)),
        downloads=downloads,
    )


def index(runs: Sequence[Mapping[str, str]]) -> str:
    """The page that lists all runs: report, date, title, link."""
    return _template("index.html").render(runs=runs, policy=POLICY, styles=_markup(_resource("report.css")))


def slug(text: str, limit: int = 40) -> str:
    """A title as part of a folder name: lower-case ASCII letters, digits and hyphens."""
    from unicodedata import normalize

    ascii_only = normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return _SLUG.sub("-", ascii_only.lower())[:limit].strip("-") or "untitled"


class _Markdown:
    """Prose cells to HTML. Raw HTML in them is escaped; headings get anchors and are collected."""

    def __init__(self) -> None:
        import mistune

        self.headings: list[dict[str, Any]] = []
        outer = self

        class Renderer(mistune.HTMLRenderer):
            def heading(self, text: str, level: int, **attributes: Any) -> str:
                plain = re.sub(r"<[^>]*>", "", text)
                anchor = f"{slug(unescape(plain))}-{len(outer.headings) + 1}"
                # The page has its own h1: the notebook's is dropped.
                if level == 1:
                    return ""
                outer.headings.append({"anchor": anchor, "text": _markup(plain), "level": level})
                return f'<h{level} id="{anchor}">{text}</h{level}>\n'

        self._render = mistune.create_markdown(renderer=Renderer(escape=True), plugins=["table"])

    def __call__(self, source: str) -> str:
        return str(self._render(source))


def _output(output: Any) -> str:
    """One output of a code cell. Only our own fragments are taken as HTML."""
    if output.output_type == "stream":
        return f"<pre>{_text(output.text)}</pre>" if output.name == "stdout" and output.text.strip() else ""
    data = output.get("data", {})
    if MIME in data:
        return f'<div class="fr-output">{_join(data[MIME])}</div>'
    if "image/png" in data:
        return f'<img src="data:image/png;base64,{_text(_join(data["image/png"]).strip())}" alt="figure">'
    return f"<pre>{_text(_join(data['text/plain']))}</pre>" if "text/plain" in data else ""


def _inert(cell: str) -> str:
    """A cell that a spreadsheet would take for a formula gets an apostrophe before it."""
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _join(value: Any) -> str:
    return value if isinstance(value, str) else "".join(value)


def _template(name: str) -> Any:
    from jinja2 import Environment, StrictUndefined

    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(
        _resource(name)
    )


def _resource(name: str) -> str:
    return files("framing").joinpath("resources", "templates", name).read_text("utf-8")


def _markup(html: str) -> Any:
    from markupsafe import Markup

    return Markup(html)  # only ever our own style sheets and fragments, escaped where they were made


def _is_number(column: pd.Series) -> bool:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    return bool(is_numeric_dtype(column) and not is_bool_dtype(column))


def _classes(numeric: bool, shown: str = "") -> str:
    """Numbers stand right; dates and other short values stay on one line."""
    names = ["fr-number"] if numeric else ["fr-short"] if 0 < len(shown) <= _SHORT else []
    return f' class="{names[0]}"' if names else ""


def _shown(value: Any, form: Callable[[Any], str] | None) -> str:
    if _is_missing(value):
        return "–"
    if form is not None:
        return form(value)
    return f"{value:,.3g}" if isinstance(value, float) and not value.is_integer() else _plain(value)


def _is_missing(value: Any) -> bool:
    import pandas as pd

    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


def _plain(value: Any) -> str:
    if isinstance(value, Real) and not isinstance(value, bool) and float(value).is_integer():
        return f"{float(value):,.0f}"
    return str(value)


def _text(text: str) -> str:
    return storable(escape(str(text), quote=True))

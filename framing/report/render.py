"""What a report shows: tables, figures, sentences and highlighted articles as HTML fragments.

Everything that comes from an article is escaped here, once. The page around them is made in
:mod:`framing.report.page`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.comparison import rows_of
from framing.errors import InputError
from framing.highlight import Mark, highlight_html, plain_html, segments, segments_html, storable
from framing.report.vector import inline_svg, is_local

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from framing.analysis import Analysis

    Links = Mapping[tuple[Any, str], str] | pd.DataFrame

# Only output of this type is taken into a report as HTML; every other output is shown as plain text.
MIME = "application/vnd.framing+html"
# What a run found, for the list of runs: ``{"findings": [...]}``.
FINDINGS = "application/vnd.framing.findings+json"
# A value of so few characters is not broken.
_SHORT = 12
# A table of more rows is folded.
_LONG = 30
# Rows of a table in plain text.
_MOST_PLAIN = 60
_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of HTML that this package wrote, and the same in plain text."""

    html: str
    text: str = ""
    findings: tuple[str, ...] = ()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        found = {FINDINGS: {"findings": [storable(line) for line in self.findings]}} if self.findings else {}
        html = storable(self.html)
        return {MIME: html, "text/html": html, "text/plain": storable(self.text), **found}


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
        links: Links | None = None,
    ) -> Fragment:
        """A table under its caption; ``frame`` goes to ``tables/NAME.csv``, and ``shown`` is shown in its stead.

        ``folded`` hides the rows until the reader opens them; left out, long tables are folded. ``links`` as in
        :func:`table`, by the rows that are shown.
        """
        if self.out:
            safe = frame.map(lambda cell: _inert(cell) if isinstance(cell, str) else cell)
            path = self._path("tables", f"{name}.csv")
            safe.to_csv(path, index=False, lineterminator="\n", encoding="utf-8", errors="replace")
        seen = frame if shown is None else shown
        fold = len(seen) > _LONG if folded is None else folded
        return table(seen, self._numbered("Table", caption), folded=fold, formats=formats, labels=labels, links=links)

    def figure(self, figure: Figure, name: str, caption: str) -> Fragment:
        """A figure above its caption; it goes to ``figures/NAME.svg``.

        ``figure.alt`` says what it shows; ``figure.links`` says in words where its links lead (address: words).
        """
        from framing.figures import save

        svg = save(figure, "svg")
        if self.out:
            self._path("figures", f"{name}.svg").write_bytes(svg)
        alt, links = getattr(figure, "alt", caption), getattr(figure, "links", {})
        return image(svg, self._numbered("Figure", caption), alt=alt, links=links)

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
    links: Links | None = None,
) -> Fragment:
    """A table that a screen reader can walk through: caption, column heads, the first column as row heads.

    ``formats`` turns values into text; a missing value is shown as a dash. Numbers stand right. ``links`` makes links
    of cells: a mapping of ``(row, column)`` to an address, where a row is a position counted from 0 or the value of
    its first cell; or a frame of addresses with the columns and the length of ``frame``, missing where there is none.

    Raises :class:`~framing.errors.InputError` for an address that leaves the report, and for a link whose row or
    column the table does not have.
    """
    formats, labels = formats or {}, labels or {}
    addresses = _addresses(frame, links)
    numeric = {name: _is_number(frame[name]) for name in frame.columns}
    head = "".join(
        f'<th scope="col"{_classes(numeric[name])}>{escaped(labels.get(name, str(name).replace("_", " ")))}</th>'
        for name in frame.columns
    )
    rows: list[str] = []
    last = None
    for position, values in enumerate(frame.itertuples(index=False, name=None)):
        cells = []
        for place, (name, value) in enumerate(zip(frame.columns, values, strict=True)):
            shown = _shown(value, formats.get(name))
            tag, scope = ("th", ' scope="row"') if place == 0 else ("td", "")
            inner = _linked(escaped(shown), addresses.get((position, name), ""))
            cells.append(f"<{tag}{scope}{_classes(numeric[name], shown if place else '')}>{inner}</{tag}>")
        same = ' class="fr-same"' if rows and values[0] == last else ""
        rows.append(f"<tr{same}>{''.join(cells)}</tr>")
        last = values[0]
    body = "".join(rows) or f'<tr><td colspan="{max(1, len(frame.columns))}">none</td></tr>'
    html = (
        '<div class="fr-table" role="region" tabindex="0" aria-label="' + escaped(caption) + '"><table>'
        f"<caption>{escaped(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
    if folded:
        html = f"<details><summary>{escaped(caption)} ({len(rows)} rows)</summary>{html}</details>"
    # For terminals, and only there: what lies between the first and the last rows is in the page and in its file.
    return Fragment(html, f"{caption}\n{frame.to_string(index=False, max_rows=_MOST_PLAIN)}")


def _addresses(frame: pd.DataFrame, links: Links | None) -> dict[tuple[int, Any], str]:
    """The address of each cell that is a link, by position and column, each checked."""
    from pandas.api.types import is_integer

    if links is None:
        return {}
    if isinstance(links, Mapping):
        given = dict(links)
    else:
        if list(links.columns) != list(frame.columns) or len(links) != len(frame):
            raise InputError(
                f"links of {len(links)} rows with columns {', '.join(map(str, links.columns))} for a table of "
                f"{len(frame)} rows with columns {', '.join(map(str, frame.columns))}; give one address per cell"
            )
        cells = enumerate(links.itertuples(index=False, name=None))
        pairs = ((row, name, cell) for row, values in cells for name, cell in zip(links.columns, values, strict=True))
        given = {(row, name): cell for row, name, cell in pairs if not _is_missing(cell) and cell != ""}
    heads = list(frame.iloc[:, 0]) if len(frame.columns) else []
    found: dict[tuple[int, Any], str] = {}
    for (row, name), address in given.items():
        rows = [int(row)] if is_integer(row) else [place for place, head in enumerate(heads) if head == row]
        if name not in frame.columns or not rows or not all(0 <= place < len(frame) for place in rows):
            raise InputError(
                f"a link for row {row!r}, column {name!r}, which the table does not have; rows: 0 to {len(frame) - 1} "
                f"or values of the first column; columns: {', '.join(map(str, frame.columns))}"
            )
        found |= {(place, name): local(address) for place in rows}
    return found


def local(address: str) -> str:
    """An address that stays within the report, as it is.

    Raises :class:`~framing.errors.InputError` for every other one.
    """
    if not isinstance(address, str) or not is_local(address):
        raise InputError(f"a link to {address!r}; valid: '#anchor' and relative paths such as 'evidence/page.html#s1'")
    return address


def _linked(inner: str, address: str) -> str:
    return f'<a href="{address}">{inner}</a>' if address and inner else inner


def image(svg: bytes, caption: str, *, alt: str, links: Mapping[str, str] | None = None) -> Fragment:
    """A figure inside the page; ``alt`` says in words what it shows, ``links`` where its links lead."""
    prefix = f"f{sha256(caption.encode('utf-8', 'replace') + svg).hexdigest()[:8]}-"
    html = (
        f'<figure class="fr-figure"><div role="group" tabindex="0" aria-label="{escaped(caption)}">'
        f"{inline_svg(svg, prefix=prefix, label=storable(alt), links=links)}</div>"
        f"<figcaption>{escaped(caption)}</figcaption></figure>"
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
                f'<p class="fr-origin">{escaped(row.origin)}<br>{escaped(row.note)}</p></li>'
            )
        parts.append(f'<h3>{escaped(str(outlet))}</h3><ul class="fr-quotations framing">{"".join(items)}</ul>')
    return Fragment("".join(parts) or "<p>none</p>", "\n".join(str(text) for text in rows["text"]))


def marked(text: str, marks: Sequence[Mark]) -> str:
    """Escaped text with loaded terms marked."""
    if not marks:
        return plain_html(text)
    return segments_html(text, segments(len(text), marks))


def paragraphs(*lines: str) -> Fragment:
    """Sentences worked out from the data, each a paragraph. They are escaped, never read as markup."""
    return Fragment("".join(f"<p>{escaped(line)}</p>" for line in lines if line), "\n".join(lines))


def bullets(lines: Sequence[str], none: str = "none") -> Fragment:
    """A list of plain lines, escaped."""
    if not lines:
        return paragraphs(none)
    return Fragment(f"<ul>{''.join(f'<li>{escaped(line)}</li>' for line in lines)}</ul>", "\n".join(lines))


def headline(lines: Sequence[str]) -> Fragment:
    """What a report found, in a few sentences: a list in the report, and in the list of all runs."""
    kept = tuple(" ".join(str(line).split()) for line in lines if str(line).strip())
    items = "".join(f"<li>{escaped(line)}</li>" for line in kept)
    html = f'<ul class="fr-findings">{items}</ul>' if kept else "<p>none</p>"
    return Fragment(html, "\n".join(kept), kept)


def definitions(pairs: Mapping[str, Any]) -> Fragment:
    """Names and values, as a definition list."""
    body = "".join(f"<dt>{escaped(name)}</dt><dd>{escaped(_plain(value))}</dd>" for name, value in pairs.items())
    return Fragment(f"<dl>{body}</dl>", "\n".join(f"{name}: {_plain(value)}" for name, value in pairs.items()))


def slug(text: str, limit: int = 40) -> str:
    """A title as part of a folder name: lower-case ASCII letters, digits and hyphens."""
    from unicodedata import normalize

    ascii_only = normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return _SLUG.sub("-", ascii_only.lower())[:limit].strip("-") or "untitled"


def _inert(cell: str) -> str:
    """A cell that a spreadsheet would take for a formula gets an apostrophe before it."""
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


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


def escaped(text: str) -> str:
    """Text as HTML, in elements and in attributes."""
    return storable(escape(str(text), quote=True))

"""What all figures share: the style, the colours of outlets, names, one interval, rows, the file.

Names of outlets, targets and terms are data: never read as mathematical notation, never cut without a sign of it.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from framing.comparison import MEASURES
from framing.errors import ParameterError, one_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe & Ito (2008), without black and yellow, which vanish on dark and on light paper.
PALETTE: tuple[str, ...] = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F")
MARKERS: tuple[str, ...] = ("o", "s", "D", "^", "v", "P", "X")
INK, SOFT, RULE, PALE = "#1b1f24", "#5b6470", "#d5dae1", "#eef0f3"
# Orange for negative, purple for positive: told apart by every kind of colour vision.
DIVERGING = "PuOr"
# Inches. Drawn 360 pixels wide, the smallest text is still 7 pixels high.
WIDTH = 6.0
SMALL, PLAIN, TITLE = 8.5, 9.5, 10.5
# Inches of a row of a figure.
ROW = 0.42
# Scripts that DejaVu Sans lacks are drawn in one of these where it is installed.
_FALLBACKS = ("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans Devanagari", "Noto Emoji")
_MOST_NAME, _LINE = 32, 18
_OUTSIDE = re.compile(r"\A(?:[a-zA-Z][a-zA-Z0-9+.-]*:|//|/|\\)")
PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85}
Links = Mapping[tuple[str, str], str]


@contextmanager
def style() -> Iterator[None]:
    """The one style of all figures, for drawing and for saving."""
    import matplotlib as mpl
    from matplotlib.font_manager import fontManager

    installed = set(fontManager.get_font_names())
    settings: dict[str, Any] = {
        "figure.facecolor": "white", "axes.facecolor": "white", "axes.edgecolor": RULE, "axes.labelcolor": SOFT,
        "axes.spines.top": False, "axes.spines.right": False, "axes.spines.left": False, "axes.grid": True,
        "axes.grid.axis": "x", "axes.axisbelow": True, "grid.color": "#e8ebef", "grid.linewidth": 0.8,
        "axes.titlesize": TITLE, "axes.titleweight": "bold", "axes.titlelocation": "left", "axes.titlepad": 9,
        "axes.labelsize": SMALL, "xtick.color": SOFT, "ytick.color": INK, "xtick.labelsize": SMALL,
        "ytick.labelsize": PLAIN, "xtick.major.size": 0, "ytick.major.size": 0, "ytick.major.pad": 8, "text.color": INK,
        "font.family": ["DejaVu Sans", *(name for name in _FALLBACKS if name in installed)],
        "font.size": PLAIN, "text.parse_math": False, "svg.fonttype": "path", "svg.hashsalt": "framing",
        "savefig.bbox": "tight", "savefig.pad_inches": 0.08,
    }  # fmt: skip
    with mpl.rc_context(settings), warnings.catch_warnings():
        # A sign that no font has is drawn as a box; the alternative text has it whole.
        warnings.filterwarnings("ignore", "Glyph .* missing from")
        warnings.filterwarnings("ignore", "Tight layout")  # of a figure that holds nothing but a word
        yield


def outlet_colours(names: Sequence[str]) -> dict[str, str]:
    """A colour per outlet, by its place in the alphabet.

    Figures take all ``outlets`` of a report, so that an outlet keeps its colour where others are absent.
    """
    return {name: PALETTE[index % len(PALETTE)] for index, name in enumerate(sorted(set(names)))}


def outlet_markers(names: Sequence[str]) -> dict[str, str]:
    """A marker per outlet, by its place in the alphabet: two of one colour have different ones."""
    places = enumerate(sorted(set(names)))
    return {name: MARKERS[(index + index // len(PALETTE)) % len(MARKERS)] for index, name in places}


def save(figure: Figure, kind: Literal["svg", "png"] = "svg") -> bytes:
    """The figure as SVG, or as PNG at twice the usual resolution; the same bytes for the same figure."""
    if kind not in ("svg", "png"):
        raise ParameterError(one_of("kind of figure", kind, ("svg", "png")))
    buffer = io.BytesIO()
    metadata: dict[str, Any] = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    with style():
        figure.savefig(buffer, format=kind, dpi=192, metadata=metadata)
    return buffer.getvalue()


def finish(figure: Figure, text: str, links: Links | None = None) -> Figure:
    """The figure laid out, closed, and with its alternative text; ``figure.links`` says where its links lead."""
    import matplotlib.pyplot as plt

    figure.tight_layout()
    plt.close(figure)
    figure.alt = text  # type: ignore[attr-defined]
    words = {href: f"{said(group)}, {name_of(of)}" for (group, of), href in (links or {}).items()}
    figure.links = words  # type: ignore[attr-defined]
    return figure


def in_words(text: str) -> Figure:
    """A figure of nothing but a sentence, where there is nothing to draw."""
    import matplotlib.pyplot as plt

    with style():
        figure, axis = plt.subplots(figsize=(WIDTH, 0.7))
        axis.set_axis_off()
        axis.text(0.5, 0.5, text, ha="center", va="center", color=SOFT, style="italic")
        return finish(figure, text[:1].upper() + text[1:] + ".")


def panels(rows: int, count: int, *, columns: int = 3, share_x: bool = False) -> tuple[Figure, list[Any]]:
    """A figure of ``count`` panels, each of so many rows; a further line of panels where there are too many."""
    import matplotlib.pyplot as plt

    columns = max(1, min(columns, count))
    lines = -(-max(1, count) // columns)
    size = (WIDTH, lines * (0.95 + ROW * max(1, rows)))
    figure, grid = plt.subplots(lines, columns, figsize=size, sharey=True, sharex=share_x, squeeze=False)
    for axis in list(grid.flat)[count:]:
        axis.set_visible(False)
    return figure, list(grid.flat)[:count]


def interval(
    axis: Any, place: float, value: float, low: float, high: float, *, form: str, colour: str, marker: str = "o",
    note: str = "", hollow: bool = False, href: str | None = None,
) -> None:  # fmt: skip
    """One estimate with its interval and its number; hollow without an interval, words where there is no estimate.

    The axis has its limits already: a number near an edge stays inside.
    """
    if not np.isfinite(value):
        text = axis.text(0.02, place, "\n".join(wrap(note or "no data", 16)), transform=axis.get_yaxis_transform(),
                         va="center", fontsize=SMALL, color=SOFT, style="italic")  # fmt: skip
        linked(href, text)
        return
    shapes = []
    if np.isfinite(low):
        shapes += axis.plot([low, high], [place, place], color=colour, linewidth=2.2, solid_capstyle="round")
    face = "white" if hollow or not np.isfinite(low) else colour
    shapes += axis.plot([value], [place], marker=marker, color=colour, markersize=6.5, clip_on=False, zorder=3,
                        markeredgewidth=1.6, markerfacecolor=face)  # fmt: skip
    text = axis.annotate(form.format(value), (value, place), textcoords="offset points", xytext=(0, 7),
                         ha=anchor(axis, value), fontsize=SMALL, color=INK, bbox=PAPER)  # fmt: skip
    linked(href, text, *shapes)


def anchor(axis: Any, value: float) -> str:
    """On which side of ``value`` a text must stand to stay inside the axis."""
    left, right = axis.get_xlim()
    share = (value - left) / (right - left)
    return "left" if share < 0.14 else "right" if share > 0.86 else "center"


def linked(href: str | None, *artists: Any) -> None:
    """Make shapes and texts lead to ``href`` in the saved SVG; nothing happens without one.

    Raises :class:`~framing.errors.ParameterError` for an address that leaves the folder of the report.
    """
    if not href:
        return
    if _OUTSIDE.match(href) or any(character.isspace() for character in href):
        raise ParameterError(f"link {href!r} leaves the report; valid: a relative address, as in evidence/a.html#b")
    for artist in artists:
        artist.set_url(href)


def rows(axis: Any, labels: Sequence[str], *, slots: int = 0, line: int = _LINE) -> None:
    """Name the rows of an axis from above; ``slots`` leaves room for more."""
    axis.set_yticks(range(len(labels)), [short(label, line=line) for label in labels])
    axis.set_ylim(max(len(labels), slots) - 0.4, -0.7)


def limits(values: Any, *, zero: bool = False, pad: float = 0.08, least: float = 0.1) -> tuple[float, float]:
    """The ends of an axis that holds every finite value, and 0 where ``zero`` (then it begins there, if it can).

    ``least`` is the shortest axis, so that values all alike are not stretched over it.
    """
    known = np.asarray(values, float).ravel()
    known = known[np.isfinite(known)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    low, high = (min(low, 0.0), max(high, 0.0)) if zero else (low, high)
    room = max((high - low) * pad, (least - (high - low)) / 2)
    return (0.0 if zero and low == 0 else low - room), high + room


def name_of(measure: str) -> str:
    """A measure in words."""
    return MEASURES[measure].label if measure in MEASURES else measure.replace("_", " ")


def title_of(text: str) -> str:
    """A title as narrow as a panel."""
    return short(text, most=60, line=18)


def in_percent(measure: str) -> bool:
    """Whether the values of a measure are shares; of one that is not known, they are."""
    return measure not in MEASURES or MEASURES[measure].percent


def plain(name: object) -> str:
    """A name on one line, without signs that cannot be printed."""
    return "".join(c if c.isprintable() else " " for c in str(name)).strip() or "(no name)"


def said(name: object, *, most: int = 80) -> str:
    """A name as alternative text has it: on one line, with an ellipsis where it is longer than any name."""
    clean = plain(name)
    return clean if len(clean) <= most else clean[: most - 1] + "…"


def short(name: object, *, most: int = _MOST_NAME, line: int = _LINE) -> str:
    """A name as it is drawn: on lines of at most ``line`` characters, with an ellipsis after ``most``."""
    clean = plain(name)
    clean = clean if len(clean) <= most else clean[: most - 1] + "…"
    return "\n".join(wrap(clean, line)) or "(no name)"


def between(low: float, high: float, form: str) -> str:
    """An interval in words, empty where there is none."""
    return f" ({form.format(low)} to {form.format(high)})" if np.isfinite(low) else ""

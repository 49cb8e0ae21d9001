"""Table in, figure out: one style, colours that the colour-blind can tell apart, intervals always drawn.

Every function takes a tidy table and returns a matplotlib ``Figure`` with its alternative text in
``figure.alt``. ``links`` lead from a value to its evidence: (group, measure or target) to a relative address, which
the saved SVG holds as a link around the value's marks and number.
"""

from __future__ import annotations

from framing.figures.intervals import cue_classes, differences, loaded_rates
from framing.figures.matrices import pairs, stance_heatmap
from framing.figures.scores import bars_beside, calibration, where_it_stands, wilson
from framing.figures.style import (
    INK,
    MARKERS,
    PALETTE,
    RULE,
    SOFT,
    WIDTH,
    Links,
    outlet_colours,
    outlet_markers,
    save,
    style,
)
from framing.figures.terms import distinctive
from framing.figures.trend import trend

__all__ = [
    "INK",
    "MARKERS",
    "PALETTE",
    "RULE",
    "SOFT",
    "WIDTH",
    "Links",
    "bars_beside",
    "calibration",
    "cue_classes",
    "differences",
    "distinctive",
    "loaded_rates",
    "outlet_colours",
    "outlet_markers",
    "pairs",
    "save",
    "stance_heatmap",
    "style",
    "trend",
    "where_it_stands",
    "wilson",
]

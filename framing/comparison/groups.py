"""Groups of articles ready to be compared: who is on which side, which story each tells, what counts once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from framing.comparison.inference import Side, drawn_again, effective

if TYPE_CHECKING:
    import pandas as pd

# Bootstrap samples of so many numbers (80 MB) are kept for the next measure.
_KEPT = 10_000_000


@dataclass(frozen=True)
class Groups:
    """The articles of :func:`framing.comparison.per_article`; those that lack the measure are on no side.

    Copies of one text are credited to every group that ran them, and count once within a group and once within the
    rest. Nothing here depends on the names of groups or stories, only on which articles share one.
    """

    counts: pd.DataFrame

    @cached_property
    def names(self) -> list[str]:
        """The groups, sorted."""
        return sorted(self.counts["group"].unique())

    @cached_property
    def number(self) -> np.ndarray:
        """The place of each article's group among the names."""
        places = {name: place for place, name in enumerate(self.names)}
        return self.counts["group"].map(places).to_numpy(int)

    @cached_property
    def stories(self) -> np.ndarray:
        """The story of each article, counted from 0 in the order of the articles."""
        import pandas as pd

        return np.asarray(pd.factorize(self.counts["event"])[0])

    @cached_property
    def one_story(self) -> bool:
        """Whether all articles tell the same story: then articles are drawn and counted, not stories."""
        return len(self.counts) > 1 and int(self.stories.max(initial=0)) == 0

    @cached_property
    def units(self) -> np.ndarray:
        """What is drawn and counted: stories, or articles where there is one story only."""
        return np.arange(len(self.counts)) if self.one_story else self.stories

    @cached_property
    def _texts(self) -> np.ndarray:
        import pandas as pd

        return np.asarray(pd.factorize(self.counts["text"])[0])

    def side(self, name: str, *, others: bool = False) -> Side:
        """The articles of one group, or those of all others."""
        place = self.names.index(name) if name in self.names else -1
        chosen = ((self.number == place) != others) & (self._sums[:, 1] > 0)
        copies = np.bincount(self._texts, chosen, minlength=int(self._texts.max(initial=0)) + 1)
        return Side(chosen / np.maximum(copies[self._texts], 1), self._sums[:, 0], self._sums[:, 1])

    @cached_property
    def _sums(self) -> np.ndarray:
        return self.counts[["numerator", "denominator"]].to_numpy(float)

    def worth(self, side: Side) -> float:
        """How many independent articles a side is worth."""
        return effective(side.weight, self.units)

    def draws(self, sides: Sequence[Side], *, seed: int, resamples: int) -> np.ndarray:
        """Bootstrap ratios of several sides from the same samples: (resamples, sides); NaN where a sample has none."""
        return np.concatenate(list(self._draws(sides, seed, resamples)) or [np.empty((0, len(sides)))])

    def _draws(self, sides: Sequence[Side], seed: int, resamples: int) -> Iterator[np.ndarray]:
        import pandas as pd

        above = np.column_stack([side.weight * side.numerator for side in sides])
        below = np.column_stack([side.weight * side.denominator for side in sides])
        cells = np.asarray(pd.factorize(self.stories * (len(self.names) + 1) + self.number)[0])
        with np.errstate(invalid="ignore", divide="ignore"):
            for weights in _weights(self.stories, cells, seed, resamples):
                yield (weights @ above) / (weights @ below)


def _weights(stories: np.ndarray, cells: np.ndarray, seed: int, resamples: int) -> Iterable[np.ndarray]:
    """The bootstrap samples of a corpus: the same for all of its measures, so that small corpora keep them."""
    if len(stories) * resamples > _KEPT:
        return drawn_again(stories, cells, seed=seed, resamples=resamples)
    return _kept(stories.tobytes(), cells.tobytes(), seed, resamples)


@lru_cache(maxsize=2)
def _kept(stories: bytes, cells: bytes, seed: int, resamples: int) -> tuple[np.ndarray, ...]:
    arrays = (np.frombuffer(one, dtype=np.intp) for one in (stories, cells))
    return tuple(drawn_again(*arrays, seed=seed, resamples=resamples))

"""A corpus that grows: a folder of Parquet parts by date, and a catalogue of them.

::

    corpus/
      corpus.json                        marks the folder
      parts/2026-11-28/NAME.parquet      articles, by day of collection; never changed once there
      quarantine/2026-11-28/NAME.parquet what could not be read
      visits/2026-11-28.parquet          what was asked for that day, and what came of it; written anew by each batch
      catalogue.duckdb                   what the files above hold, without the texts; made anew where it is lost
      .scores/                           scores kept by content, of `framing score` and `framing report`
      .lock                              held by the one run that writes

``NAME`` begins the SHA-256 of the file. The catalogue knows nothing that the other files do not: it can be deleted.
:class:`framing.store.folder.CorpusStore` reads and writes such a folder.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from framing.store.folder import CorpusStore

MARK = "corpus.json"
SCORES = ".scores"
"""Where the scores of a corpus folder are kept, within it."""


def is_corpus(path: str | Path) -> bool:
    """Whether a path is a corpus folder."""
    return os.path.isfile(os.path.join(path, MARK))  # noqa: PTH113, PTH118 - no error, whatever the path


def open_store(folder: str | Path, *, create: bool = False, wait: float = 5.0) -> CorpusStore:
    """Open a corpus folder; use it in a ``with`` block, or ``close`` it.

    With ``create`` it is opened for writing, and made where there is none; otherwise it is opened for reading, and
    the first ``add`` asks for the right to write. One run writes at a time and any number read meanwhile: a second
    writer waits for ``wait`` seconds.

    Raises :class:`~framing.errors.InputError` where the folder is no corpus (with ``create``: where it holds other
    files), and where another run is writing.
    """
    from framing.store.folder import CorpusStore

    return CorpusStore(Path(folder), create=create, wait=wait)

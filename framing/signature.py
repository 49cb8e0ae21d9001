"""Which instrument numbers come from: versions, engine, checksums of models, lexicons and source code."""

from __future__ import annotations

import hashlib
import json
import platform
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from framing.engines import DEFAULT_ENGINE, get_engine
from framing.entities import Targets
from framing.lexicon import Lexicon, default_cues, default_lexicon

# The packages whose versions can move a number.
_VERSIONED = ("framing", "numpy", "pandas", "scikit-learn", "scipy", "sentencex", "textblob", "pyarrow")
_ROOT = Path(__file__).parent
# What no score of a text depends on: what reads texts, what comes after the tables, and what only shows them. Models
# have checksums of their own.
_AFTER = {"report", "comparison", "figures", "benchmark", "training", "cli", "__main__", "highlight", "terminal",
          "reading", "corpus", "store", "collecting", "schedule", "serving"}  # fmt: skip
_SHOWN = {"templates", "notebooks", "models"}


def signature(engine: str = DEFAULT_ENGINE, lexicon: Lexicon | None = None) -> dict[str, Any]:
    """Which instrument these numbers come from: versions, engine, and checksums of models and lexicons."""
    return {
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in _VERSIONED}},
        **get_engine(engine).signature,
        "lexicon": (lexicon or default_lexicon()).signature,
        "cues": default_cues().signature,
    }


def instrument_key(engine: str = DEFAULT_ENGINE, lexicon: Lexicon | None = None, targets: Targets | None = None) -> str:
    """SHA-256 of all that the scores of a text depend on besides the text, in hexadecimal.

    The signature, the targets in their order (the first keeps an alias that two claim), and the package's sources.
    """
    wanted = None if targets is None else [[name, list(aliases)] for name, aliases in targets.aliases.items()]
    told = json.dumps([signature(engine, lexicon), wanted, _sources()], sort_keys=True)
    return hashlib.sha256(told.encode("ascii")).hexdigest()


@lru_cache(maxsize=1)
def _sources() -> str:
    """SHA-256 of every file of the package that takes part in scoring."""
    digest = hashlib.sha256()
    for path in sorted(_ROOT.rglob("*")):
        inside = path.relative_to(_ROOT)
        shown = inside.parts[0] == "resources" and _SHOWN & set(inside.parts)
        if shown or inside.parts[0].removesuffix(".py") in _AFTER or "__pycache__" in inside.parts:
            continue
        if path.is_file():
            digest.update(f"{inside.as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"

"""YAML whose errors tell where they are and nothing of what stands there: it may be a secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from framing.errors import InputError

_MERGE = "tag:yaml.org,2002:merge"


class _EachKeyOnce(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE:
                if key.value in names:
                    raise InputError(f"line {key.start_mark.line + 1}: {key.value!r} is given twice; keep one of them")
                names.add(key.value)
        return super().construct_mapping(node, deep)


def read_yaml(file: Path) -> Any:
    """What a file of YAML holds.

    Raises :class:`~framing.errors.InputError` for a file that is not there or is no YAML, and for a key given twice.
    """
    if not file.is_file():
        raise InputError("there is no such file; give the plan of a run, such as data/schedule/daily.yaml")
    try:
        return yaml.load(file.read_text(encoding="utf-8"), _EachKeyOnce)
    except UnicodeDecodeError as error:
        raise InputError(f"byte {error.start + 1} is no UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}") from error
    except RecursionError:
        raise InputError("is nested too deeply") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "somewhere"
        raise InputError(f"is no YAML ({where}); put text with signs like : # {{ in quotation marks") from None
    except yaml.YAMLError:
        raise InputError("is no YAML; it holds signs that cannot be printed") from None

"""What an exported file says about itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kerasseq.errors import RunError
from kerasseq.files import damage

__all__ = ["FORMAT", "read_metadata"]

FORMAT = "1"
"""What an export says and a reader expects; a file of another one is refused."""

JSON = ("labels", "range", "unit", "needs", "python_steps", "components", "data")
"""Keys whose values are written as JSON; the others are text."""


def read_metadata(session: Any, path: Path) -> dict[str, Any]:
    """The values by their keys, without the prefix `kerasseq.`.

    Args:
        session: The open file, an `onnxruntime.InferenceSession`.
        path: What to call it in messages.

    Raises:
        RunError: The file is no export of kerasseq, or of another format.
    """
    said = session.get_modelmeta().custom_metadata_map
    found = {key.partition(".")[2]: value for key, value in said.items() if key.startswith("kerasseq.")}
    if found.get("format") != FORMAT:
        got = f'format "{found["format"]}"' if "format" in found else "a file without it"
        raise RunError(f'{path}: must be an export of kerasseq of format "{FORMAT}", got {got}')
    try:
        for key in JSON:
            found[key] = json.loads(found[key])
    except (KeyError, ValueError) as cause:
        raise RunError(f"{path}: must say what it is, got {damage(cause)}") from cause
    return found

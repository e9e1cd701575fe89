"""A distribution that lies beside this one is installed from there; a file to publish asks for it by version.

`KERASSEQ_RELEASE=1` makes such a file; so does a folder that has no neighbour, as a source distribution is. The file
stands here and in plugins/kerasseq-serve, word for word, because each of the two is built alone.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class Neighbours(MetadataHookInterface):  # type: ignore[misc, unused-ignore]
    """Gives `dependencies`, of which those that `beside` names are looked for in its folders first."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Write `dependencies` of the hook's own settings into `metadata`."""
        beside = {} if os.environ.get("KERASSEQ_RELEASE") else self.config.get("beside", {})
        metadata["dependencies"] = [self._found(line, beside) for line in self.config["dependencies"]]

    def _found(self, requirement: str, beside: dict[str, str]) -> str:
        name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
        if name not in beside:
            return requirement
        folder = Path(os.path.normpath(Path(self.root, beside[name])))  # as written: a link stays one
        return f"{name} @ {folder.as_uri()}" if folder.joinpath("pyproject.toml").is_file() else requirement

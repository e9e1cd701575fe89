"""The pictures of a report as files, for pages that show them.

python docs/site/pictures.py runs/technology_ar/0001/report.html docs/tutorial
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

__all__ = ["pictures", "write"]

WANTED = {"scores": "with intervals:", "loss": "loss over ", "scatter": "Predicted against true"}
"""Names of files, and how the picture's own description is known."""


def pictures(report: str) -> dict[str, str]:
    """SVG files by name, from the page of a report.

    On white and in the report's colours of light: a picture in a page of somebody else cannot know how dark that is.

    Raises:
        ValueError: The report lacks a picture.
    """
    colours = "".join(re.findall(r"--(?:ink|faint|first|second):[^;]*;", report)[:4])
    found = {}
    for drawing in re.findall(r"<svg.*?</svg>", report, re.DOTALL):
        [title] = re.findall(r"<title>(.*?)</title>", drawing)
        opening = f'<svg xmlns="http://www.w3.org/2000/svg" style="background:#fff;{colours}"'
        for name, words in WANTED.items():
            if words in title and name not in found:
                drawn = re.sub(r"[ \t]+$", "", drawing.replace("<svg", opening, 1), flags=re.MULTILINE)
                found[name] = f"{drawn}\n"
    if missing := [name for name in WANTED if name not in found]:
        raise ValueError(f"report: must have the pictures {', '.join(WANTED)}, got none of {', '.join(missing)}")
    return found


def write(report: Path, folder: Path) -> None:
    """Write the pictures of a report's page into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, drawing in pictures(report.read_text("utf-8")).items():
        folder.joinpath(f"{name}.svg").write_text(drawing, "utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    write(Path(sys.argv[1]), Path(sys.argv[2]))

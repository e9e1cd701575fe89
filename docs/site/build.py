"""The site: the repository's Markdown as pages, links checked, with the report that the tutorial speaks of.

    python docs/site/build.py WORK SITE

WORK is emptied and takes a copy of what the site is made of, which lies as in the repository, so that links lead as
they do there. Needs kerasseq, furo, myst-nb and git.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from pictures import write  # beside this file

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", ":(glob)docs/*.md", "docs/*.png", ":(glob)docs/*.svg",
    "docs/*.ipynb", "docs/tutorial", "configs", "kerasseq/datasets/data", "plugins/*.md", "plugins/*/Dockerfile",
    "plugins/*.service",
)  # fmt: skip


def main(work: Path, site: Path) -> None:
    """Copy, train, draw, and let Sphinx write; a warning is an error."""
    shutil.rmtree(work, ignore_errors=True)
    listed = subprocess.run(["git", "ls-files", "-z", *PAGES], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    for name in listed.stdout.split("\0")[:-1]:
        work.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, work / name)
    for name in ("conf.py", "index.md"):
        shutil.copy(ROOT / "docs" / "site" / name, work / name)
    report = train(work)
    write(report, work / "docs" / "tutorial")
    sphinx = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "--quiet", "-E"]
    subprocess.run([*sphinx, "-b", "html", work, site], check=True)
    shutil.copy(report, site / "docs" / "report.html")


def train(work: Path) -> Path:
    """Do what the tutorial says until its first model is trained; gives the report."""
    text = work.joinpath("docs", "tutorial.md").read_text("utf-8")
    for command in re.findall(r"^\$ (kerasseq .*)$", text, re.MULTILINE):
        words = shlex.split(command)
        subprocess.run([Path(sys.executable).with_name(words[0]), *words[1:]], cwd=work, check=True)
        if words[1] == "run":
            break
    [report] = work.glob("runs/*/0001/report.html")
    return report


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())

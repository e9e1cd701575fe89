"""Make a release: versions, heading of the changelog, files to upload, commit and tag. Nothing leaves this machine.

    python .ci/release.py 0.2.0 DIST

Every distribution of the repository has the one version. Where something fails, the files are as they were.
"""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parents[1]
_IN_CODE = re.compile(r'^(__version__ = ")[^"]+(")$', re.MULTILINE)
_IN_PROJECT = re.compile(r'^(version = ")\d[^"]*(")$', re.MULTILINE)  # an entry point is called version, too
_RUNTIME = re.compile(r'("kerasseq-runtime)>=[^"]+(")')
_UNRELEASED = "## [Unreleased]\n"


def main(version: str, dist: Path, build: Callable[[Path], None]) -> None:
    """Write the version everywhere, build, then commit and tag."""
    tag = f"v{version}"
    problem = refused(ROOT, version)
    if not problem and git("status", "--porcelain"):
        problem = "git status: must be clean; commit or stash first"
    if not problem and git("tag", "--list", tag):
        problem = f"{tag}: must be a new tag, got one that is there"
    if problem:
        sys.exit(problem)
    try:
        changed = bump(ROOT, version, dt.date.today())
        build(dist)
    except BaseException:
        git("checkout", "--", ".")
        raise
    git("commit", "--quiet", "--message", f"Version {version}", "--", *map(str, changed))
    git("tag", "--annotate", tag, "--message", f"kerasseq {version}")
    print(f"{tag} is tagged, its files are in {dist}. To publish: git push --follow-tags && twine upload {dist}/*")


def refused(root: Path, version: str) -> str:
    """Why `version` cannot be the next one, or nothing."""
    [now] = re.findall(r'^__version__ = "([^"]+)"$', (root / "kerasseq" / "__init__.py").read_text("utf-8"), re.M)
    try:
        new = Version(version)
    except InvalidVersion:
        return f"version: must be one as 0.2.0, got {version}"
    if str(new) != version or len(new.release) != 3:
        return f"version: must be one as 0.2.0, got {version}"
    if new < Version(now):
        return f"version: must be {now} or later, got {version}"
    after = (root / "CHANGELOG.md").read_text("utf-8").partition(_UNRELEASED)[2]
    if not after.partition("\n## ")[0].strip():
        return "CHANGELOG.md: must say below [Unreleased] what is new, got nothing"
    return ""


def bump(root: Path, version: str, day: dt.date) -> list[Path]:
    """Write `version` into every distribution below `root`, and a heading of `day` into the changelog.

    What needs kerasseq-runtime takes it from this version to the next that may break: 0.3 after 0.2.4, 2 after 1.4.0.

    Returns:
        The files that hold a version, changed or not.
    """
    new = Version(version)
    runtime = f">={new.major}.{new.minor},<" + (f"0.{new.minor + 1}" if new.major == 0 else str(new.major + 1))
    changed = []
    for project in (root / "pyproject.toml", *sorted(root.glob("plugins/*/pyproject.toml"))):
        for path in (project, *project.parent.glob("kerasseq*/__init__.py")):
            text = path.read_text("utf-8")
            if path == project:
                new_text = _RUNTIME.sub(rf"\g<1>{runtime}\g<2>", _IN_PROJECT.sub(rf"\g<1>{version}\g<2>", text))
            else:
                new_text = _IN_CODE.sub(rf"\g<1>{version}\g<2>", text)
            path.write_text(new_text, "utf-8")
            changed.append(path)
    log = root / "CHANGELOG.md"
    text = log.read_text("utf-8")
    log.write_text(text.replace(_UNRELEASED, f"{_UNRELEASED}\n## [{version}] - {day.isoformat()}\n", 1), "utf-8")
    return [*changed, log]


def git(*words: str) -> str:
    """What a git command in the repository prints."""
    return subprocess.run(["git", *words], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    from distributions import main as build_all  # the file beside this one

    main(sys.argv[1], Path(sys.argv[2]).resolve(), build_all)

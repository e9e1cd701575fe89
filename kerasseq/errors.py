"""Everything that kerasseq raises on purpose.

    KerasseqError              anything below; the command line prints it without a traceback
    ├── ConfigError            the experiment is wrong; carries every Problem found in one pass (exit code 2)
    ├── UsageError             a command or a function was asked for something it cannot do (exit code 2)
    ├── PluginError            a component cannot be found, loaded or used (exit code 2)
    ├── DataError              a data file is wrong: `file:line: column: message` (exit code 1)
    ├── DownloadError          a data set could not be fetched or failed its checksum (exit code 1)
    └── RunError               a run directory is missing, locked or damaged, or training diverged (exit code 1)

Those that loading and asking an exported file raises are classes of `kerasseq_runtime.errors`, so that whoever catches
one catches it everywhere. A message reads *where: rule, got value; hint*: lower case, no full stop.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kerasseq_runtime.errors import DataError, KerasseqError, RunError, UsageError

__all__ = [
    "ConfigError",
    "DataError",
    "DownloadError",
    "KerasseqError",
    "PluginError",
    "Problem",
    "RunError",
    "UsageError",
]


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong with an experiment.

    Attributes:
        key: The path of the setting, `"encoder.units"` or `"preprocessor[1].name"`; empty for the whole file.
        message: Rule, value and hint: `"must be at least 1, got 0"`.
        line: 1-based line in the TOML, 0 when the setting is not in the file (an override, a missing section).
        column: 1-based column, 0 when unknown.
    """

    key: str
    message: str
    line: int = 0
    column: int = 0

    def render(self, source: str) -> str:
        """`configs/a.toml:12:9: encoder.units: must be at least 1, got 0`."""
        where = f"{source}:{self.line}:{self.column}" if self.line else source
        return f"{where}: {self.key}: {self.message}" if self.key else f"{where}: {self.message}"


class ConfigError(KerasseqError):
    """The experiment is wrong. Carries every problem, in the order of the file."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem], source: str = "experiment") -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.line or 10**9, p.column, p.key)))
        self.source = source
        super().__init__("\n".join(problem.render(source) for problem in self.problems))


class PluginError(KerasseqError):
    """A component cannot be found, loaded or used; names kind, component, distribution and cause."""

    exit_code = 2


class DownloadError(KerasseqError):
    """A data set could not be fetched, or what came has another checksum; nothing is left behind."""

"""Speed of kerasseq beside its rivals: same work, same machine, one run."""

__all__: list[str] = []

"""The trackers of `wrong_rest`."""

from kerasseq.trackers.tracker import Tracker


class _Quiet(Tracker):
    """Breaks nothing."""

    def start(self, run):
        return ""

    def epoch(self, number, logs):
        pass

    def end(self, results):
        pass

    def stop(self, status, cause):
        pass


class CountsItsRuns(_Quiet):
    count = 0

    def start(self, run):
        type(self).count += 1
        return str(self.count)


class TakesNoBrackets(_Quiet):
    def end(self, results):
        if any("[" in name for name in results.metrics):
            raise ValueError("invalid name")


class TidiesUp(_Quiet):
    def end(self, results):
        for path in results.artifacts:
            if path.is_file():
                path.unlink()

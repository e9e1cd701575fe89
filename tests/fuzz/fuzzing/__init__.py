"""Files with something changed, read as they come: `python -m fuzzing --cases 100000`, or `tox -e fuzz`."""

"""What holds for every Spec, whatever its kind."""

from __future__ import annotations

import functools
import importlib.util
import inspect
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from kerasseq.spec import Settings, Spec
from kerasseq.testing.faults import CheckFailed, told

__all__ = ["check_documented", "check_light_import", "check_strict", "check_toml_round_trip", "home"]

HEAVY = ("keras", "torch", "jax", "tensorflow")

_IMPORT = """
import json, sys
from importlib import import_module, util
path, module, file, heavy = json.loads(sys.argv[1])
sys.path[:] = path
if file:
    spec = util.spec_from_file_location(module, file)
    sys.modules[module] = loaded = util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
else:
    import_module(module)
print(json.dumps([name for name in heavy if name in sys.modules]))
"""


def check_toml_round_trip(spec: Spec) -> None:
    """Written as TOML and read again, the section is the same."""
    import tomli_w

    from kerasseq.config.sections import check

    table = spec.model_dump(mode="json")
    try:
        text = tomli_w.dumps(table)
    except (TypeError, ValueError) as cause:
        raise CheckFailed(
            f"settings must be values that TOML has, and TOML has no null: {table}; {told(cause)}"
        ) from cause
    read = check(type(spec), tomllib.loads(text), Path.cwd(), outside=False)
    if read.problems:
        said = "; ".join(f"{key}: {message}" for key, message in read.problems)
        raise CheckFailed(f"a section must be valid as it was written, got {said}, for the TOML {text!r}")
    if read.settings != spec:
        raise CheckFailed(f"a section must read back as it was written, wrote {spec!r}, read {read.settings!r}")


def check_light_import(spec: Spec) -> None:
    """The module of the Spec imports no Keras and no framework, so that listing and checking stay quick."""
    module, file = home(type(spec))
    found = _heavy(tuple(sys.path), module, file)
    if found:
        raise CheckFailed(
            f"the module of a Spec must import no framework, {module} imports {', '.join(found)}; "
            "import them inside build and to_onnx"
        )


@functools.lru_cache(maxsize=256)
def _heavy(path: tuple[str, ...], module: str, file: str) -> tuple[str, ...]:
    """What of `HEAVY` a fresh Python has after the import."""
    asked = json.dumps([[entry or str(Path.cwd()) for entry in path], module, file, HEAVY])
    done = subprocess.run([sys.executable, "-P", "-c", _IMPORT, asked], capture_output=True, check=False)
    if done.returncode:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise CheckFailed(f"the module of a Spec must import by itself, {module} does not: {last[0]}")
    return tuple(json.loads(done.stdout.decode().strip().splitlines()[-1]))


def home(spec: type[Spec]) -> tuple[str, str]:
    """The module of the class, and its file where another process would not find it by its name."""
    module = spec.__module__
    loaded = sys.modules[module]
    file = inspect.getsourcefile(loaded) or ""
    try:
        found = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        found = None
    known = found is not None and found.origin and Path(found.origin).resolve() == Path(file).resolve()
    return module, "" if known and module != "__main__" else file


def check_documented(spec: Spec) -> None:
    """The class says what it is, and below every setting stands its meaning: that is the manual."""
    if not (type(spec).__doc__ or "").strip():
        raise CheckFailed(f"a Spec must say what it is in a docstring, {type(spec).__name__} has none")
    bare = [key for key, field in type(spec).model_fields.items() if key != "name" and not field.description]
    if bare:
        raise CheckFailed(f"every setting must have a docstring below it, {', '.join(bare)} has none")


def check_strict(spec: Spec) -> None:
    """The section is as strict as every other: frozen, no unknown keys, no number for a text."""
    wanted: dict[str, Any] = {**Settings.model_config}
    got = type(spec).model_config
    changed = [f"{key}={got.get(key)!r}" for key, value in wanted.items() if got.get(key) != value]
    if changed:
        raise CheckFailed(f"the model configuration of a Spec must stay as it is, got {', '.join(changed)}")
    base = next(c for c in type(spec).__mro__ if c.__module__ == "kerasseq.spec")
    if "kind" not in vars(base) or type(spec).kind != vars(base)["kind"]:
        raise CheckFailed(f"a Spec must keep the kind of its base, got {type(spec).kind!r} below {base.__name__}")

"""`kerasseq`: lists the verbs, loads the one that is called, and turns errors into lines and exit codes."""

from __future__ import annotations

import _thread
import contextlib
import errno
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

import click

from kerasseq import __version__
from kerasseq.commands.engine import dispatched
from kerasseq.commands.group import Verbs, explain
from kerasseq.commands.guide import ARGUMENTS, meant, without
from kerasseq.console import is_plain, record
from kerasseq.errors import KerasseqError, PluginError
from kerasseq.pipes import abandoned, let_go
from kerasseq.registry.components import blame, choose, class_fault, find, load_object, spelling, where_to_get
from kerasseq.registry.declared import culprits

__all__ = ["main"]

INTERRUPTED = 130
NOBODY_READS = 141
"""As a shell says of a program that SIGPIPE ends: `cat FILE | head`."""


class Main(Verbs):
    """The verbs of every installed distribution, ours first.

    A verb is an entry point of the group `kerasseq.commands` that names a click command. It is imported when it is
    called, or when the list of verbs shows its one-line help; a broken one is a line in that list and an error when
    called, and harms no other.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the shortest unambiguous name of each verb that is not switched off."""
        components = [c for c in find("command") if c.state != "disabled"]
        components.sort(key=lambda c: (c.distribution != "kerasseq", c.name, c.distribution))
        return list(dict.fromkeys(spelling(c, components) for c in components))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the verb, a stand-in that says why it is broken, or None."""
        bare = cmd_name.rpartition("/")[2]
        if not any(c.name == bare for c in find("command")):
            return None
        try:
            component = choose("command", cmd_name)
            loaded = load_object(component)
            fault = class_fault("command", loaded)
            if fault:
                raise PluginError(f"{component.describe()} is broken: {fault}")
            verb: click.Command = loaded
            return verb
        except PluginError as error:
            return _broken(cmd_name, error)

    def hint(self, ctx: click.Context, name: str) -> str:
        """Return the plugin of this project to install for the verb, or what was meant."""
        return where_to_get("command", name) or meant(ctx, name) or super().hint(ctx, name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As for every group; with `--engine NAME` the verb of that engine."""
        return super().resolve_command(ctx, dispatched(ctx, self, args))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click's, but `--traceback` may stand after the verb too, where it is added when something failed."""
        ctx.meta[ARGUMENTS] = tuple(args)
        end = args.index("--") if "--" in args else len(args)
        if "--traceback" in args[:end]:
            rest = [a for a in args[:end] if a != "--traceback"]
            args = ["--traceback", *rest, *args[end:]]
        return super().parse_args(ctx, args)

    def make_context(self, *args: Any, **settings: Any) -> click.Context:
        """As click's; help and version are printed here."""
        with _ends_with_its_reader():
            return super().make_context(*args, **settings)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; an error becomes its message on stderr and its exit code."""
        try:
            with _ends_with_its_reader(), _no_interrupt_lost(), _signals_interrupt():
                return super().invoke(ctx)
        except click.NoSuchOption as error:
            setting = _setting(error)
            if not setting:
                raise
            said = f"no such option: {error.option_name}; a setting is given as --set {setting}=VALUE"
            raise click.UsageError(said, error.ctx) from error
        except click.MissingParameter as error:
            if not (say := without(error)):
                raise
            raise click.UsageError(f"{error.format_message().removesuffix('.')}; {say}", error.ctx) from error
        except click.ClickException as error:
            record(error.format_message())
            raise
        except (click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt as stop:
            explain(ctx, stop, _interruption(stop))
            ctx.exit(128 + stop.signal if isinstance(stop, Ended) else INTERRUPTED)
        except KerasseqError as error:
            explain(ctx, error, _with_notes(error, culprits(error) or str(error)))
            ctx.exit(error.exit_code)
        except SystemExit as stop:
            if stop.code == NOBODY_READS or blame(stop) in ("", _origin(ctx)):
                raise  # a verb may end its process, what a verb calls may not
            explain(ctx, stop, _unforeseen(stop))
            ctx.exit(1)
        except Exception as error:
            blame(error)
            explain(ctx, error, _unforeseen(error))
            ctx.exit(1)


@contextlib.contextmanager
def _ends_with_its_reader() -> Iterator[None]:
    """End quietly where whoever read standard output has gone, as after `kerasseq ... | head`."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.EPIPE or not abandoned():
            raise
        let_go()
        sys.exit(NOBODY_READS)


@contextlib.contextmanager
def _no_interrupt_lost() -> Iterator[None]:
    """Raise a Ctrl-C anew that came in a destructor or a callback of the garbage collector, where Python drops it."""
    before = sys.unraisablehook

    def hook(lost: sys.UnraisableHookArgs) -> None:
        if issubclass(lost.exc_type, KeyboardInterrupt):
            threading.Timer(0.05, _thread.interrupt_main).start()
        else:
            before(lost)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before


class Ended(KeyboardInterrupt):
    """A signal that asks the process to end: everything is left as a Ctrl-C leaves it.

    Args:
        signal: Its number.
    """

    def __init__(self, signal: int) -> None:
        super().__init__()
        self.signal = signal


@contextlib.contextmanager
def _signals_interrupt() -> Iterator[None]:
    """SIGTERM, of a system that shuts down or a scheduler whose time is over, and SIGHUP, of a terminal that is closed,
    end a verb as Ctrl-C does; one that somebody handles or ignores, as nohup does, stays so."""

    def end(number: int, frame: object) -> None:
        raise Ended(number)

    ours = []
    if threading.current_thread() is threading.main_thread():
        asked = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
        ours = [each for each in asked if signal.getsignal(each) is signal.SIG_DFL]
    for each in ours:
        signal.signal(each, end)
    try:
        yield
    finally:
        for each in ours:
            if signal.getsignal(each) is end:
                signal.signal(each, signal.SIG_DFL)


def _setting(error: click.NoSuchOption) -> str:
    """The setting of a config that an unknown option was meant to be, or nothing."""
    takes = error.ctx is not None and any(param.name == "overrides" for param in error.ctx.command.params)
    key = error.option_name.lstrip("-").replace("-", "_")
    if not takes:
        return ""
    from kerasseq.config.experiment import General
    from kerasseq.config.settings import SECTIONS

    homes = [key] * (key in General.model_fields)
    homes += [f"{name}.{key}" for name, section in SECTIONS.items() if key in section.model_fields]
    return next(iter(homes), "")


def _origin(ctx: click.Context) -> str:
    """Distribution and version of the verb that runs, as `blame` says them."""
    component = choose("command", str(ctx.invoked_subcommand))
    return f"{component.distribution} {component.version}"


def _broken(name: str, error: PluginError) -> click.Command:
    def fail(**_: object) -> None:
        raise error

    first = str(error).splitlines()[0]
    anything = {"ignore_unknown_options": True, "allow_extra_args": True}
    return click.Command(
        name,
        callback=fail,
        short_help=f"(broken) {first}",
        help=str(error),
        params=[click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED)],
        context_settings=anything,
    )


def _with_notes(error: BaseException, message: str) -> str:
    return "\n".join([message, *getattr(error, "__notes__", ())])


def _unforeseen(error: BaseException) -> str:
    """An error that nobody raised on purpose; of the system, such as a full disk, what and where says enough."""
    if isinstance(error, OSError) and error.strerror:
        where = error.filename or "standard output"
        return _with_notes(error, f"{where}: cannot be read or written: {error.strerror.lower()}")
    if named := culprits(error):
        return named
    message = f"{type(error).__name__}: {error}".splitlines()[0].removesuffix(": ")
    return f"{_with_notes(error, message)}; add --traceback for details"


def _interruption(stop: KeyboardInterrupt) -> str:
    """One line: what was interrupted, and what is left usable. Whoever is interrupted may say it in a note."""
    said = "; ".join(filter(None, [str(stop), *getattr(stop, "__notes__", ())]))
    return f"interrupted; {said or 'every file that was written is whole, none is half written'}"


@click.group(cls=Main, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--traceback",
    is_flag=True,
    envvar="KERASSEQ_TRACEBACK",
    show_envvar=True,
    help="Show the Python traceback of an error; allowed after the verb too.",
)
@click.version_option(__version__, "-V", "--version", prog_name="kerasseq", message="%(prog)s %(version)s")
@click.pass_context
def main(ctx: click.Context, traceback: bool) -> None:
    """Recurrent text models, trained and measured from one TOML file.

    Start with `kerasseq config new my.csv --target score`, then `kerasseq run` the file it writes.

    Exit codes: 0 done, 1 a run failed or a check found errors, 2 the command line or the config is wrong, 130
    interrupted, 143 and 129 ended by SIGTERM and SIGHUP, 141 nobody reads what is printed any more.
    """
    if is_plain():
        ctx.color = False

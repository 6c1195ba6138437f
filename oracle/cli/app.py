"""The `oracle` command: finds the commands, runs one, and turns every error into words and an exit code.

Exit codes: 0 ok, 1 findings, 2 usage, 3 the run failed, 130 interrupted. A user's mistake never shows a traceback.
"""

from __future__ import annotations

import importlib
import logging
import pkgutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from typer.core import TyperGroup
from typer.main import get_command as command_of

if TYPE_CHECKING:
    from oracle.core.errors import OracleError

#: Exit code of a command that Ctrl-C ended.
INTERRUPTED = 130
#: Modules of this folder that are not commands.
_NOT_COMMANDS = {"app", "options", "output"}


class CommandsByFile(TyperGroup):
    """A group whose commands are the files of this folder, imported when they are called."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        # The names alone, for typer's own did-you-mean; the commands come from `get_command`.
        self.commands = cast(Any, dict.fromkeys(command_names()))

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands."""
        return command_names()

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command of that name, or None."""
        if cmd_name not in command_names():
            return None
        module = importlib.import_module(f"oracle.cli.{cmd_name.replace('-', '_')}")
        module.app._add_completion = False
        command = command_of(module.app)
        command.name = cmd_name
        return command


def command_names() -> list[str]:
    """Return the commands, by name."""
    package = importlib.import_module("oracle.cli")
    names = (module.name for module in pkgutil.iter_modules(package.__path__))
    return sorted(name.replace("_", "-") for name in names if name not in _NOT_COMMANDS)


app = typer.Typer(
    name="oracle",
    cls=CommandsByFile,
    help="Strategies and risk limits in YAML; checked, tested, backtested and traded as one plan.",
    epilog="Example: oracle check strategies/",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        import oracle

        typer.echo(f"oracle {oracle.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what is done, on stderr.")] = False,
) -> None:
    """Set up logging."""
    if verbose:
        logging.basicConfig(stream=sys.stderr, level=logging.DEBUG, format="%(levelname)s %(name)s: %(message)s")


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    arguments : those after the program's name; of this process when None
    """
    from oracle.core.errors import OracleError

    try:
        code = command_of(app).main(args=arguments, prog_name="oracle", standalone_mode=False)
        if code == INTERRUPTED:  # typer turns Ctrl-C into an exit code
            raise typer.Abort
        return code if isinstance(code, int) else 0
    except OracleError as error:
        return _report(error)
    except (typer.Abort, KeyboardInterrupt):
        print("oracle: interrupted; nothing is half-written", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        return _report_other(error)


def _report(error: OracleError) -> int:
    """Say a refusal on stderr, its diagnostics unwrapped."""
    from oracle.core.diagnostics import render_text
    from oracle.core.errors import ConfigError

    text = render_text(error.diagnostics) if isinstance(error, ConfigError) else f"oracle: {error}"
    print(text, file=sys.stderr)
    return error.exit_code


def _report_other(error: Exception) -> int:
    """Say a usage error as typer words it, and a defect of ours as one line; `-v` adds the traceback."""
    show, exit_code = getattr(error, "show", None), getattr(error, "exit_code", None)
    if callable(show) and isinstance(exit_code, int):
        show()
        return exit_code
    if logging.getLogger().isEnabledFor(logging.DEBUG):
        logging.getLogger(__name__).exception("a defect of oracle")
    print(f"oracle: a defect, not your mistake: {type(error).__name__}: {error} (-v shows where)", file=sys.stderr)
    return 3

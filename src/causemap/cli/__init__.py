"""The command line: ``causemap``, also ``python -m causemap.cli``."""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Sequence

import typer

from causemap.cli.commands import app
from causemap.errors import CausemapError, GateError, UsageError

DONE, GATE_FAILED, USAGE, INCOMPLETE, INTERRUPTED = 0, 1, 2, 3, 130
# Libraries make some three hundred thousand lasting objects while they load; looking through them
# for garbage every 700 allocations costs a tenth of a run, every 100,000 still a thirtieth.
_ALLOCATIONS = 400_000


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code; errors are one line, without a traceback."""
    gc.set_threshold(_ALLOCATIONS)
    # At its end the interpreter looks through everything for garbage, several times over; a process
    # that leaves gives all of it back anyway.
    atexit.register(gc.freeze)
    try:
        # Answers None, or the code of a command that left early.
        left = app(
            None if argv is None else list(argv), prog_name="causemap", standalone_mode=False
        )
        sys.exit(left if isinstance(left, int) else DONE)
    except typer.TyperException as misuse:
        typer.echo(_misuse(misuse), err=True)
        sys.exit(misuse.exit_code)
    except typer.Abort:
        sys.exit(INTERRUPTED)
    except CausemapError as error:
        from causemap.tools.notes import clean_text

        typer.echo(f"causemap: {clean_text(str(error), 2000)}", err=True)
        sys.exit(_code(error))
    except BrokenPipeError:
        # The reader of a pipe has left (as with `head`): nothing is wrong, nothing more to say.
        sys.stderr.close()
        sys.exit(DONE)


def _misuse(fault: typer.TyperException) -> str:
    """A wrong option or value in one line; the help where a command was given nothing at all."""
    said = fault.format_message()
    if "\n" in said.strip():
        return said
    command = getattr(getattr(fault, "ctx", None), "command_path", "causemap")
    return f"causemap: {said.replace('Value error, ', '').rstrip('.')}. '{command} -h' shows how."


def _code(error: CausemapError) -> int:
    if isinstance(error, GateError):
        return GATE_FAILED
    return USAGE if isinstance(error, UsageError) else INCOMPLETE

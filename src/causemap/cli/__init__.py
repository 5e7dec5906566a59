"""The command line: ``causemap``, also ``python -m causemap.cli``."""

from __future__ import annotations

import atexit
import gc
import os
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
        code = _run(argv)
    except BrokenPipeError:
        code = _unread()
    except SystemExit as end:
        # Typer makes a closed pipe a failure with code 1.
        if not isinstance(end.__context__, BrokenPipeError):
            raise
        code = _unread()
    sys.exit(code)


def _run(argv: Sequence[str] | None) -> int:
    """The code a command ends with, its error told in one line."""
    try:
        # Answers None, or the code of a command that left early.
        left = app(
            None if argv is None else list(argv), prog_name="causemap", standalone_mode=False
        )
        return left if isinstance(left, int) else DONE
    except typer.TyperException as misuse:
        return _failed(_misuse(misuse), misuse.exit_code)
    except typer.Abort:
        return INTERRUPTED
    except CausemapError as error:
        from causemap.tools.notes import clean_text

        return _failed(f"causemap: {clean_text(str(error), 2000)}", _code(error))


def _failed(said: str, code: int) -> int:
    """The code of a failure, which stands though nobody should read its line."""
    try:
        typer.echo(said, err=True)
    except BrokenPipeError:
        _unread()
    return code


def _unread() -> int:
    """The reader of a pipe has left (as with `head`): nothing is wrong, nothing more to say.

    What is still held for that reader goes nowhere, or the interpreter would complain of it.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            os.dup2(nowhere, stream.fileno())
    return DONE


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

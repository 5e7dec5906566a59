"""The command line: ``causemap``, also ``python -m causemap.cli``."""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Sequence

import typer

from causemap.cli.commands import app
from causemap.errors import CausemapError, GateError, UsageError

DONE, GATE_FAILED, USAGE, INCOMPLETE = 0, 1, 2, 3
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
        app(args=None if argv is None else list(argv), prog_name="causemap")
    except CausemapError as error:
        from causemap.tools.notes import clean_text

        typer.echo(f"causemap: {clean_text(str(error), 2000)}", err=True)
        sys.exit(_code(error))
    except BrokenPipeError:
        # The reader of a pipe has left (as with `head`): nothing is wrong, nothing more to say.
        sys.stderr.close()
        sys.exit(DONE)


def _code(error: CausemapError) -> int:
    if isinstance(error, GateError):
        return GATE_FAILED
    return USAGE if isinstance(error, UsageError) else INCOMPLETE

"""An outside program as a system: the scope as JSON on its input, its answer on its output.

The program may hang, print without end or print nonsense: its time and its output are bounded, it
is ended with all that it started, and what cannot be read is a fault of that sample alone.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from causemap.causes import CAUSES
from causemap.errors import UsageError
from causemap.evals.answers import Prediction, SystemFault, checked

if TYPE_CHECKING:
    from causemap.records import Note, Scope
    from causemap.tools.market import AsOfView

MAX_OUTPUT: Final = 1_000_000
_MOMENT: Final = 1.0
_TOLD: Final = ("start", "end", "as_of", "assets", "groups")


@dataclass(frozen=True, slots=True)
class Program:
    """A program and its arguments; ``timeout`` in seconds for each question."""

    command: tuple[str, ...]
    timeout: float

    @classmethod
    def parse(cls, text: str, timeout: float) -> Program:
        """The program a command line names; :class:`UsageError` when it cannot be found."""
        try:
            words = shlex.split(text)
        except ValueError as fault:
            raise UsageError(f"cmd:{text!r} is no command line: {fault}.") from fault
        found = shutil.which(words[0]) if words else None
        if found is None:
            raise UsageError(f"The program of cmd:{text} cannot be found or run; give its path.")
        return cls((found, *words[1:]), timeout)

    def __call__(self, scope: Scope, view: AsOfView, notes: tuple[Note, ...]) -> Prediction:
        """Ask the program; it gets the scope alone (its data are its own affair)."""
        del view, notes
        output, ended = self._ask(told(scope))
        try:
            return _read(output)
        except SystemFault as fault:
            # How a program ended tells more than that its output cannot be read.
            raise SystemFault(f"{fault}{_ending(ended)}") from fault

    def _ask(self, question: bytes) -> tuple[bytes, int | None]:
        """What the program printed, and its exit code if it ended by itself."""
        with subprocess.Popen(  # noqa: S603  the program is the one the user named
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            heard: list[bytes] = []
            talk = threading.Thread(target=_talk, args=(process, question, heard), daemon=True)
            talk.start()
            talk.join(self.timeout)
            late = talk.is_alive()
            ended = None if late else _ended(process)
            _end(process)
            talk.join()
        if late:
            raise SystemFault(f"no answer within {self.timeout:g} s")
        if len(heard[0]) > MAX_OUTPUT:
            raise SystemFault("the answer is longer than 1 MB")
        return heard[0], ended


def told(scope: Scope) -> bytes:
    """The question as JSON: two closes, the as-of and the assets with their groups."""
    plain = asdict(scope)
    return json.dumps({name: plain[name] for name in _TOLD}).encode()


def _talk(process: subprocess.Popen[bytes], question: bytes, heard: list[bytes]) -> None:
    if process.stdin is None or process.stdout is None:
        return
    try:
        process.stdin.write(question)
        process.stdin.close()
    except BrokenPipeError:
        # A program need not read its question; what it prints still counts.
        pass
    heard.append(process.stdout.read(MAX_OUTPUT + 1))


def _ended(process: subprocess.Popen[bytes]) -> int | None:
    """The exit code of a program that closed its output; it has a moment to end by itself."""
    try:
        return process.wait(_MOMENT)
    except subprocess.TimeoutExpired:
        return None


def _ending(code: int | None) -> str:
    if not code:
        return ""
    return f"; it was ended by signal {-code}" if code < 0 else f"; its exit code was {code}"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program and all that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _read(output: bytes) -> Prediction:
    try:
        raw = json.loads(output.decode("utf-8"))
    # A ValueError of its own: more digits than Python turns into a number.
    except (ValueError, RecursionError) as fault:
        said = "it is empty" if not output.strip() else str(fault)[:80]
        raise SystemFault(f"the answer is not JSON: {said}") from fault
    shares = raw.get("probabilities") if isinstance(raw, dict) else None
    if not isinstance(shares, dict) or not all(_is_number(p) for p in shares.values()):
        raise SystemFault("the answer is not {primary, probabilities{cause: share}}")
    if unknown := sorted(set(shares) - set(CAUSES)):
        raise SystemFault(f"{unknown[0]!r:.60} is no cause of the taxonomy")
    abstains = raw.get("abstained") is True
    primary = raw.get("primary")
    if primary is None and abstains:
        primary = "mixed_unclear"
    if primary == "no_drawdown" and not shares:
        # Where nothing fell there is no cause to share out; the engine says it in the same way.
        shares = {"mixed_unclear": 1.0}
    row = tuple(float(shares.get(cause, 0.0)) for cause in CAUSES)
    said = raw.get("abstained", primary == "mixed_unclear")
    return checked(Prediction(primary, row, abstained=said is True))


def _is_number(value: object) -> bool:
    """A JSON number; one too large for a float is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, float) or abs(value) <= MAX_OUTPUT

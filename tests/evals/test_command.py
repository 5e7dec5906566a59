from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest

from causemap.causes import CAUSES
from causemap.errors import UsageError
from causemap.evals.answers import Prediction, SystemFault
from causemap.evals.command import Program, told
from causemap.evals.windows import LabelledWindow, question
from causemap.tools.market import open_market

WINDOW = LabelledWindow("x", "2018-01-03", "2018-01-12", "equity", "rates_shock", "rates_shock")
SCOPE = question(WINDOW)
GOOD = {"primary": "rates_shock", "probabilities": {"rates_shock": 0.75, "growth_scare": 0.25}}


def _ask(tmp_path: Path, small_data: Path, body: str, timeout: float = 20.0) -> Prediction:
    script = tmp_path / "system.py"
    script.write_text(body, encoding="utf-8")
    program = Program.parse(f"{sys.executable} {script}", timeout)
    from datetime import UTC, datetime

    view = open_market(small_data).view(datetime(2018, 2, 1, tzinfo=UTC))
    return program(SCOPE, view, ())


def test_a_program_gets_the_scope_and_its_answer_counts(tmp_path: Path, small_data: Path) -> None:
    """The scope is on its input, nothing else; the answer is read in full."""
    body = f"""
import json, sys
scope = json.load(sys.stdin)
assert sorted(scope) == ["as_of", "assets", "end", "groups", "start"], scope
assert scope["assets"] == ["SPX", "NDX"]
print(json.dumps({GOOD!r}))
"""
    found = _ask(tmp_path, small_data, body)
    assert found.primary == "rates_shock"
    assert dict(zip(CAUSES, found.probabilities, strict=True))["rates_shock"] == 0.75
    assert found.abstained is False
    assert json.loads(told(SCOPE))["end"] == "2018-01-12"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("I think it was the Fed", "not JSON"),
        ("", "not JSON: it is empty"),
        (json.dumps(GOOD | {"probabilities": {"rates_shock": 10**400}}), "answer is not"),
        ('{"primary": 1' + "0" * 5000 + "}", "not JSON"),
        (json.dumps(GOOD | {"primary": None}), "no label"),
        (json.dumps(GOOD | {"primary": "rates_shock", "probabilities": {}}), "sum to 0"),
        ("[1]", "answer is not"),
        (json.dumps({"primary": "rates_shock"}), "answer is not"),
        (json.dumps(GOOD | {"probabilities": {"rates_shock": 0.9}}), "sum to 0.9"),
        (json.dumps(GOOD | {"probabilities": {"rates_shock": 2, "growth_scare": -1}}), "one share"),
        (json.dumps(GOOD | {"probabilities": {"rates_shock": float("nan")}}), "one share"),
        (json.dumps(GOOD | {"probabilities": {"rates_shock": True}}), "answer is not"),
        (json.dumps(GOOD | {"probabilities": {"gremlins": 1.0}}), "no cause"),
        (json.dumps(GOOD | {"primary": "gremlins"}), "no label"),
        (json.dumps(GOOD | {"primary": ["rates_shock"]}), "no label"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_junk_is_a_fault_and_never_an_answer(
    tmp_path: Path, small_data: Path, answer: str, said: str
) -> None:
    """What cannot be scored is an error with its reason; nothing is mended."""
    with pytest.raises(SystemFault, match=said):
        _ask(tmp_path, small_data, f"print({answer!r})")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import sys; sys.exit(3)", "empty; its exit code was 3"),
        ("import os; os.kill(os.getpid(), 9)", "empty; it was ended by signal 9"),
    ],
)
def test_a_program_that_crashes_says_how_it_ended(
    tmp_path: Path, small_data: Path, body: str, said: str
) -> None:
    """'Not JSON' alone would send its author to the wrong place."""
    with pytest.raises(SystemFault, match=said):
        _ask(tmp_path, small_data, body)


@pytest.mark.parametrize(
    ("answer", "primary", "abstained"),
    [
        ({"primary": "no_drawdown", "probabilities": {}}, "no_drawdown", False),
        (GOOD | {"primary": None, "abstained": True}, "mixed_unclear", True),
        (GOOD | {"primary": "mixed_unclear"}, "mixed_unclear", True),
    ],
)
def test_a_program_can_find_no_fall_and_can_abstain(
    tmp_path: Path, small_data: Path, answer: dict[str, object], primary: str, abstained: bool
) -> None:
    """Where nothing fell there is nothing to share out; who abstains need name no cause."""
    found = _ask(tmp_path, small_data, f"import json; print(json.dumps({answer!r}))")
    assert (found.primary, found.abstained) == (primary, abstained)
    assert sum(found.probabilities) == pytest.approx(1.0)


def test_a_program_that_hangs_is_ended_with_what_it_started(
    tmp_path: Path, small_data: Path
) -> None:
    """Neither the program nor its child outlives the time it is given."""
    mark = tmp_path / "alive"
    body = f"""
import subprocess, sys, time
child = "import time, pathlib; time.sleep(3); pathlib.Path({str(mark)!r}).touch()"
subprocess.Popen([sys.executable, "-c", child])
time.sleep(600)
"""
    with pytest.raises(SystemFault, match="within 1 s"):
        _ask(tmp_path, small_data, body, timeout=1.0)
    time.sleep(3.0)
    assert not mark.exists()


def test_a_program_that_prints_without_end_is_cut_off(tmp_path: Path, small_data: Path) -> None:
    """An endless answer neither fills the memory nor stops the run."""
    with pytest.raises(SystemFault, match="longer than 1 MB"):
        _ask(tmp_path, small_data, "while True: print('x' * 1000)")


def test_a_program_that_reads_nothing_may_answer(tmp_path: Path, small_data: Path) -> None:
    """The question may go unread."""
    body = f"import json, sys\nsys.stdin.close()\nprint(json.dumps({GOOD!r}))"
    assert _ask(tmp_path, small_data, body).primary == "rates_shock"


@pytest.mark.parametrize("text", ["", "no-such-program-anywhere", "'open quote"])
def test_a_program_that_is_not_there_is_bad_input(text: str) -> None:
    """It is refused before any window is asked."""
    with pytest.raises(UsageError, match="cmd:"):
        Program.parse(text, 1.0)

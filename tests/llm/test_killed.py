"""Requirement S15 with a model: killed at any call, the same command pays for no answer twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest
from tests.llm.scripted_server import Reply, Request, obliging, serving

from causemap.cli import main

# Readers and desks are asked side by side, each other stage after the one before it.
STAGES = ("reader", "desk", "sceptic", "writer")


def words(target: Path, *more: str) -> list[str]:
    """The run, as a user types it."""
    return ["explain", "2025-01-tech", "--llm", "auto", "--json", str(target), "-q", *more]


def ended(arguments: list[str]) -> object:
    """The exit code of a command in this process."""
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    return stop.value.code or 0


def test_killed_at_every_stage_no_answer_is_paid_for_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGKILL while each stage in turn waits for its answer; what was said before is not asked.

    What the last run delivers is what its records replay, byte for byte.
    """
    stuck: list[str] = []
    reached = threading.Event()
    told: Counter[str] = Counter()

    def script(request: Request) -> Reply:
        if request.agent in stuck:
            reached.set()
            return Reply(hang=60.0)
        told[f"{request.agent}: {request.body['messages']}"] += 1
        return obliging(request)

    target, replayed = tmp_path / "report.json", tmp_path / "replayed.json"
    with serving(script) as server:
        monkeypatch.setenv("CAUSEMAP_HOME", str(tmp_path))
        monkeypatch.setenv("CAUSEMAP_MODEL", "scripted")
        monkeypatch.setenv("CAUSEMAP_MODEL_URL", server.url)
        command = [sys.executable, "-m", "causemap.cli", *words(target)]
        for stage in STAGES:
            stuck[:] = [stage]
            reached.clear()
            with subprocess.Popen(command, env=dict(os.environ)) as process:
                assert reached.wait(120), stage
                process.send_signal(signal.SIGKILL)
            assert not target.exists()
        stuck.clear()
        assert ended(words(target)) == 0
    agents = [told_by.partition(":")[0] for told_by in told]
    assert set(agents) == {*STAGES, "probe"}
    # What is under way beside a stage when the process dies may not have been kept.
    beside = STAGES[:2]
    assert all(n == 1 for by, n in zip(agents, told.values(), strict=True) if by not in beside)
    assert max(told.values()) <= 1 + len(beside)
    assert ended(words(replayed, "--replay")) == 0
    assert replayed.read_bytes() == target.read_bytes()

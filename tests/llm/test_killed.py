"""Requirement S15 with a model: killed at any call, the same command pays for no answer twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest
from tests.llm.scripted_server import Reply, Request, obliging, serving

# Readers and desks are asked side by side, each other stage after the one before it.
STAGES = ("reader", "desk", "sceptic", "writer")
# Loads the program once; each line it is sent is a command, run in a process of its own.
STARTER = """
import json, os, sys
import causemap.agents.graph, causemap.agents.model_run, causemap.explaining, openai
from causemap.cli import main
silence = os.open(os.devnull, os.O_WRONLY)
for line in sys.stdin:
    child = os.fork()
    if not child:
        os.dup2(silence, 1)
        main(json.loads(line))
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""


class Starter:
    """The program loaded, and a process of it at a time."""

    def __init__(self) -> None:
        pipe = subprocess.PIPE
        words = [sys.executable, "-c", STARTER]
        self._process = subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True)

    def start(self, *words: str) -> int:
        """Run a command as a user types it; the number of its process."""
        assert self._process.stdin is not None
        command = ["explain", "2025-01-tech", "--llm", "auto", "-q", "--json", *words]
        print(json.dumps(command), file=self._process.stdin, flush=True)
        return self._line()

    def ended(self) -> int:
        """Wait for the process to end; what it ended by, 0 if all went well."""
        return self._line()

    def close(self) -> None:
        """End the program."""
        self._process.communicate()

    def _line(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())


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
        starter = Starter()
        for stage in STAGES:
            stuck[:] = [stage]
            reached.clear()
            process = starter.start(str(target))
            assert reached.wait(120), stage
            os.kill(process, signal.SIGKILL)
            assert starter.ended() == signal.SIGKILL
            assert not target.exists()
        stuck.clear()
        starter.start(str(target))
        assert starter.ended() == 0
    agents = [told_by.partition(":")[0] for told_by in told]
    assert set(agents) == {*STAGES, "probe"}
    # What is under way beside a stage when the process dies may not have been kept.
    beside = STAGES[:2]
    assert all(n == 1 for by, n in zip(agents, told.values(), strict=True) if by not in beside)
    assert max(told.values()) <= 1 + len(beside)
    starter.start(str(replayed), "--replay")
    assert starter.ended() == 0
    starter.close()
    assert replayed.read_bytes() == target.read_bytes()

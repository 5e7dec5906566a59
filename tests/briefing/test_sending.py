"""Sending: a dry run unless told otherwise, to named recipients, through a server nearby."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from causemap.briefing.mail import to_eml
from causemap.briefing.sending import deliver_mail
from causemap.briefing.tree import Issue
from causemap.errors import SourceError, UsageError

IssueOf = Callable[..., Issue]


@pytest.fixture
def message(tmp_path: Path, issue_of: IssueOf) -> Path:
    """A briefing as a file."""
    path = tmp_path / "note.eml"
    path.write_bytes(to_eml(issue_of("2025-01-tech")))
    return path


def test_a_dry_run_opens_no_connection(message: Path) -> None:
    """Without ``--send`` the command says what it would do, to a server that is not there."""
    (line,) = deliver_mail(message, ("a@example.org",), "127.0.0.1:9", really=False)
    assert line.startswith("dry run")
    assert "a@example.org" in line


@pytest.mark.parametrize(
    ("to", "server", "said"),
    [
        ((), "127.0.0.1:25", "recipient"),
        (("nobody",), "127.0.0.1:25", "recipient"),
        (("a@b\nBcc: c@d",), "127.0.0.1:25", "recipient"),
        (("a@example.org",), "mailhost", "HOST:PORT"),
    ],
)
def test_bad_input_is_refused(message: Path, to: tuple[str, ...], server: str, said: str) -> None:
    """Recipients are named, the server has a port."""
    with pytest.raises(UsageError, match=said):
        list(deliver_mail(message, to, server, really=True))


def test_what_is_no_email_is_not_sent(tmp_path: Path) -> None:
    """A JSON form or a picture beside the email is not what its readers expect."""
    path = tmp_path / "issue.json"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match="is no email; write one with --format email"):
        list(deliver_mail(path, ("a@example.org",), "127.0.0.1:9", really=False))


def test_a_server_that_is_not_there_is_named(message: Path) -> None:
    """A refused connection is one line with the server's name."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = f"127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(SourceError, match="did not take it"):
        list(deliver_mail(message, ("a@example.org",), server, really=True))


def talk(listener: socket.socket, seen: list[str]) -> None:
    """A mail server of the fewest words."""
    link, _ = listener.accept()
    with link, link.makefile("rw", encoding="utf-8", newline="\r\n") as lines:

        def say(text: str) -> None:
            lines.write(f"{text}\r\n")
            lines.flush()

        say("220 here")
        for line in lines:
            seen.append(line.strip())
            word = line[:4].upper()
            if word == "DATA":
                say("354 go on")
                for part in lines:
                    if part.strip() == ".":
                        break
                    seen.append(part.strip())
            say("221 bye" if word == "QUIT" else "250 ok")
            if word == "QUIT":
                return


def test_with_send_the_server_gets_the_message(message: Path) -> None:
    """The recipients named, and no other, receive it."""
    seen: list[str] = []
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        thread = threading.Thread(target=talk, args=(listener, seen), daemon=True)
        thread.start()
        server = f"127.0.0.1:{listener.getsockname()[1]}"
        assert list(deliver_mail(message, ("a@example.org",), server, really=True)) == [
            "sent: a@example.org"
        ]
        thread.join(5)
    assert [line for line in seen if line.lower().startswith("rcpt")] == ["rcpt TO:<a@example.org>"]
    assert any(line.startswith("Subject: Stocks fell") for line in seen)

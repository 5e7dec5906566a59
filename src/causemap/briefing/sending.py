"""Handing an email to a mail server: named recipients only, and a dry run unless told otherwise."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from typing import Final

from causemap.errors import SourceError, UsageError
from causemap.words import clean

_TIMEOUT: Final = 20.0


def deliver_mail(path: Path, to: tuple[str, ...], server: str, *, really: bool) -> Iterator[str]:
    """Send the message at ``path`` to ``to`` through ``server`` (host:port), or say what would be.

    Raises :class:`UsageError` for bad input and :class:`SourceError` when the server refuses.
    """
    if not to or any(address.count("@") != 1 or clean(address) != address for address in to):
        raise UsageError("Name every recipient: --to reader@example.org (repeat for more).")
    host, _, port = server.rpartition(":")
    if not host or not port.isdecimal():
        raise UsageError("Name your mail server as HOST:PORT, for example --smtp localhost:25.")
    if not path.is_file():
        raise UsageError(f"There is no file {path}; write one with --format email --out {path}.")
    message = message_from_bytes(path.read_bytes(), policy=SMTP)
    if message["Subject"] is None:
        raise UsageError(f"{path} is no email; write one with --format email --out note.eml.")
    subject = clean(str(message["Subject"]), 100)
    if not really:
        yield f"dry run: would send {subject!r} to {', '.join(to)} through {server}; add --send"
        return
    del message["To"]
    message["To"] = ", ".join(to)
    try:
        with smtplib.SMTP(host, int(port), timeout=_TIMEOUT) as post:
            refused = post.send_message(message, to_addrs=list(to))
    except (OSError, smtplib.SMTPException) as fault:
        raise SourceError(f"The mail server {server} did not take it: {fault!s:.120}.") from fault
    for address in to:
        yield f"{'refused' if address in refused else 'sent'}: {address}"

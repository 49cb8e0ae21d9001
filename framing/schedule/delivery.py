"""A summary taken to people: a message for a mail program to send, a request to a webhook."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from framing import __version__
from framing.errors import FramingError, InputError
from framing.schedule.plan import Mail
from framing.storage import write_whole


def write_mail(mail: Mail, subject: str, *, plain: str, markdown: str, as_of: str, now: datetime) -> Path:
    """Write ``FOLDER/AS_OF.eml``, whole: plain text, and Markdown for programs that show it. Nothing is sent.

    The same content at the same time gives the same file.
    """
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    message["From"] = mail.sender
    message["To"] = ", ".join(mail.to)
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(now)
    message.set_content(plain)
    message.add_alternative(markdown, subtype="markdown")
    content = hashlib.sha256(f"{plain}\0{markdown}".encode()).hexdigest()
    message.set_boundary(f"={content[:32]}=")
    path = mail.folder / f"{as_of}.eml"
    write_whole(path, message.as_bytes().decode("ascii").replace("\r\n", "\n"))
    return path


def post_json(url: str, payload: Mapping[str, Any], *, allow_hosts: Sequence[str] = (), seconds: float = 10.0) -> int:
    """Send a JSON object; the status of the answer, whose body is not read.

    Guarded like collecting, and no redirect is followed. Raises :class:`~framing.errors.FramingError` where the host
    is not public and ``allow_hosts`` does not name it, where the connection fails, and for an answer other than 2xx.
    No message holds more of the address than its host: the rest may be a secret.
    """
    try:
        from framing.collecting.connections import Connector, Deadline
    except ImportError as error:
        raise InputError(f"a webhook needs {error.name}: pip install 'framing[web]'") from None
    from framing.collecting.addresses import AllowedHosts, parse
    from framing.collecting.records import Unreadable

    try:
        address = parse(url)
    except InputError:
        raise InputError("the webhook's address is no web address; valid: https://HOST/PATH") from None
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": f"framing/{__version__}"}
    content = json.dumps(payload).encode("ascii")
    try:
        connector = Connector(AllowedHosts(allow_hosts))
        with connector.ask(address, headers, Deadline(seconds, time.monotonic), content) as answer:
            status = answer.status
    except Unreadable as error:
        raise FramingError(f"{address.host}: {error}") from None
    if not 200 <= status < 300:
        raise FramingError(f"{address.host}: the answer is {status}")
    return status

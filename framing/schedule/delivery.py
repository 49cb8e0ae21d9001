"""A summary taken to people: a message for a mail program to send, a request to a webhook."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from framing.errors import FramingError, InputError
from framing.schedule.plan import Mail
from framing.storage import write_whole


def write_mail(mail: Mail, subject: str, *, plain: str, markdown: str, as_of: str, now: datetime) -> Path:
    """Write ``FOLDER/AS_OF.eml``, whole: plain text, and Markdown for programs that show it. Nothing is sent."""
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    message["From"] = mail.sender
    message["To"] = ", ".join(mail.to)
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(now)
    message.set_content(plain)
    message.add_alternative(markdown, subtype="markdown")
    path = mail.folder / f"{as_of}.eml"
    write_whole(path, message.as_bytes().decode("ascii").replace("\r\n", "\n"))
    return path


def post_json(url: str, payload: Mapping[str, Any], *, allow_hosts: Sequence[str] = (), seconds: float = 10.0) -> int:
    """Send a JSON object; the status of the answer, whose body is not read.

    No redirect is followed and no proxy used. Raises :class:`~framing.errors.FramingError` where the host is not
    public and ``allow_hosts`` does not name it, where the connection fails, and for an answer other than 2xx. No
    message holds more of the address than its host: the rest may be a secret.
    """
    try:
        import httpcore
    except ImportError:
        raise InputError("a webhook needs the library httpcore: pip install 'framing[web]'") from None

    from framing.collecting.addresses import AllowedHosts, is_public, parse
    from framing.collecting.connections import system_addresses

    address = parse(url)
    try:
        found = system_addresses(address.host, address.port)
    except OSError as error:
        raise FramingError(f"{address.host}: its name cannot be resolved ({error.strerror})") from None
    if address not in AllowedHosts(allow_hosts) and not all(map(is_public, found)):
        raise FramingError(f"{address.host}: not a public address; name it under allow_hosts to permit it")

    class ToChecked(httpcore.SyncBackend):
        """Connects to the address that was checked: the name is not resolved again."""

        def connect_tcp(self, host: str, *rest: Any, **named: Any) -> httpcore.NetworkStream:
            return super().connect_tcp(found[0], *rest, **named)

    headers: dict[str | bytes, str | bytes]
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "framing", "Connection": "close"}
    waits = dict.fromkeys(("connect", "read", "write", "pool"), seconds)
    try:
        with (
            httpcore.ConnectionPool(network_backend=ToChecked()) as pool,
            pool.stream("POST", url, headers=headers, content=json.dumps(payload).encode("ascii"),
                        extensions={"timeout": waits}) as answer,
        ):  # fmt: skip
            status = answer.status
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
        raise FramingError(f"{address.host}: the connection failed ({type(error).__name__})") from None
    if not 200 <= status < 300:
        raise FramingError(f"{address.host}: the answer is {status}")
    return int(status)

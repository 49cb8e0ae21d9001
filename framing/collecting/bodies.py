"""Bodies of responses: decompressed as they arrive, within limits, and told apart from what is no text."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable

from framing.collecting.records import Failed, Unreadable

_PAGE = re.compile(r"text/(html|xml)|application/(xhtml\+xml|xml)")
_LISTING = re.compile(r"text/.+|application/(([\w.+-]+\+)?(xml|json)|rss|atom|rdf|x-rss|xhtml)")
_UNSURE = {"", "application/octet-stream", "binary/octet-stream", "application/gzip", "application/x-gzip"}
_GZIP = b"\x1f\x8b"
_UNICODE = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")


def kind_of(content_type: str) -> str:
    """The media type alone, in lower case: ``Text/HTML; charset=x`` -> ``text/html``."""
    return content_type.partition(";")[0].partition(",")[0].strip().lower()


def check_kind(content_type: str, *, listing: bool = False) -> None:
    """Raises :class:`Unreadable` where the header says that the body is no web page, or no feed or sitemap."""
    kind = kind_of(content_type)
    if kind not in _UNSURE and not (_LISTING if listing else _PAGE).fullmatch(kind):
        raise Unreadable(f"not a {'feed or sitemap' if listing else 'web page'} but {kind[:60]!r}")


def check_bytes(content_type: str, body: bytes) -> None:
    """Raises :class:`Unreadable` where the header does not say what the body is and its first bytes are no text."""
    start = body[:1024]
    if kind_of(content_type) in _UNSURE and not start.startswith(_UNICODE) and (b"\0" in start or start[:4] == b"%PDF"):
        raise Unreadable("not a page or feed: its type is not given, and its bytes are no text")


def read_body(chunks: Iterable[bytes], coding: str, *, most: int, truncate: bool) -> tuple[bytes, int]:
    """The body, decompressed, and how many bytes were sent.

    A file that is itself gzip (a sitemap often is) is unpacked too, also where it was packed again on its way, but no
    file is unpacked twice. Memory stays within a few times ``most`` whatever is sent. With ``truncate`` the first
    ``most`` bytes of a longer body are given.

    Raises
    ------
    Unreadable
        Where the body is longer than ``most`` bytes, as sent or unpacked; is broken; is packed in another way or twice.
    """
    unpack = _unpacker(coding)
    body = bytearray()
    sent = 0
    cut = False
    for chunk in chunks:
        sent += len(chunk)
        body += unpack(chunk, most + 1 - len(body)) if unpack else chunk
        if sent > most or len(body) > most:
            cut = True
            break
    _check_end(unpack, cut, most, truncate)
    if body.startswith(_GZIP):
        unpack, packed, body = _Unpacker("gzip"), bytes(body), bytearray()
        body = unpack(packed, most + 1)
        cut = cut or len(body) > most
        _check_end(unpack, cut, most, truncate)
        if body.startswith(_GZIP):
            raise Failed("its body is compressed twice")
    del body[most:]
    return bytes(body), sent


def _check_end(unpack: _Unpacker | None, cut: bool, most: int, truncate: bool) -> None:
    if cut and not truncate:
        raise Unreadable(f"it is larger than {most:,} bytes")
    if unpack and not cut and not unpack.complete:
        raise Failed("its compressed body breaks off")


def _unpacker(coding: str) -> _Unpacker | None:
    codings = [name for name in re.split(r"[\s,]+", coding.lower()) if name not in ("", "identity")]
    if len(codings) > 1:
        raise Failed("its body is compressed twice")
    if not codings:
        return None
    if codings[0] not in ("gzip", "x-gzip", "deflate"):
        raise Failed(f"its body is encoded as {codings[0][:50]!r}, which was not asked for (gzip and deflate were)")
    return _Unpacker(codings[0])


class _Unpacker:
    """Decompresses a stream piece by piece, never more than there is room for."""

    def __init__(self, coding: str) -> None:
        self._gzip = coding != "deflate"
        self._stream: zlib._Decompress | None = None

    @property
    def complete(self) -> bool:
        """Whether the stream has come to its end."""
        return self._stream is None or self._stream.eof

    def __call__(self, data: bytes, room: int) -> bytearray:
        unpacked = bytearray()
        try:
            while data and len(unpacked) < room:
                if self._stream is None or (self._stream.eof and self._gzip and data.startswith(_GZIP[:1])):
                    self._stream = zlib.decompressobj(self._window(data[0]))
                elif self._stream.eof:  # what follows the end is padding
                    break
                unpacked += self._stream.decompress(data, room - len(unpacked))
                data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
        except zlib.error:
            raise Failed("its compressed body is broken") from None
        return unpacked

    def _window(self, first: int) -> int:
        """The kind of stream: servers send as deflate both what the standard asks for and the same without a header."""
        if self._gzip:
            return 16 + zlib.MAX_WBITS
        return zlib.MAX_WBITS if first & 0x0F == 8 and first >> 4 <= 7 else -zlib.MAX_WBITS

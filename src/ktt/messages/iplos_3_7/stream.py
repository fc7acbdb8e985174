"""From bytes to tokens, a few megabytes at a time: every byte goes through the parser, whichever way its tokens are made.

The parser is expat. It keeps no tree, so memory stays flat; it knows the line of every tag; a document type declaration
stops it before any entity can be declared, and nothing is ever fetched.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Generator, Iterable, Iterator
from xml.parsers import expat

from ktt.core.text import Text
from ktt.messages.iplos_3_7.errors import (
    NamespaceOther,
    NotAnnual,
    VersionOther,
    XmlCharacter,
    XmlDoctype,
    XmlEncoding,
    XmlMalformed,
    XmlTooDeep,
    XmlTooLong,
    XmlTruncated,
)
from ktt.messages.iplos_3_7.layout import PERSON, layout
from ktt.messages.iplos_3_7.tokens import Events, Tokens, plain_tokens

BLOCK = 8_000_000
"""Bytes that are worked on at a time, some thousand persons: smaller blocks pay for their queries, larger ones in memory."""

PIECE = 262_144
"""Bytes that are given to the parser at a time when it makes the tokens."""

ENOUGH = 50_000
"""Elements before a batch is handed on."""

MOST = 10_000
"""Characters in one value, name or comment before the file is refused."""

DEEPEST = 50
"""Levels of elements before the file is refused; the message has four."""

_END = f"</{PERSON}>".encode()
_MARK = b"\xef\xbb\xbf"
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z][\w.-]{0,39})["']""")
_TRUNCATED = frozenset({3, 5, 6, 20})  # no element, unclosed token, partial character, unclosed CDATA
_WHY: dict[int, Text] = {
    4: Text(nb="noe står på et sted der det ikke kan stå", en="something stands where it cannot"),
    7: Text(nb="en sluttkode passer ikke til startkoden", en="an end tag does not fit the one that is open"),
    8: Text(nb="samme attributt står to ganger", en="the same attribute stands twice"),
    9: Text(nb="det står mer etter meldingens slutt", en="there is more after the end of the message"),
    11: Text(nb="en entitet er ikke kjent", en="an entity is not known"),
    14: Text(nb="en henvisning til et tegn som ikke finnes", en="a reference to a character that does not exist"),
    27: Text(nb="et prefiks hører ikke til noe navnerom", en="a prefix belongs to no namespace"),
}
_NO_SPACE = Text(nb="ikke noe navnerom", en="no namespace")
_OTHER_SPACE = Text(nb="et vi ikke kjenner", en="one that we do not know")
_NO_VERSION = Text(nb="mangler", en="is missing")
_OTHER_VERSION = Text(nb="har en annen verdi", en="has another value")
_OTHERWISE = Text(nb="det stopper", en="it stops")


class TokenStream:
    """The tokens of one message, from the blocks of bytes it comes in."""

    def __init__(self, file: str, blocks: Iterable[bytes]) -> None:
        self._file = file
        self._blocks = iter(blocks)
        self._events = Events(layout().namespace)
        self._parser = expat.ParserCreate("UTF-8", namespace_separator="}")
        self._parser.buffer_text = True
        self._parser.ordered_attributes = True
        self._fed = 0
        self._before = b""  # the bytes given last, which show the character that an error is at
        self._literal = False  # inside CDATA
        self.marked = False
        """Whether the file begins with a byte order mark."""

    def __iter__(self) -> Iterator[Tokens]:
        """Batches of whole children of the root; the root itself is in the first that is not empty."""
        self._listen()
        head = self._head()
        rest = head if len(head) < PIECE else (yield from self._spent(head))  # a small file is one piece
        for block in self._blocks:
            rest = yield from self._spent(rest + block)
        yield from self._told(rest)
        self._feed(b"", last=True)
        yield self._short(self._events.take())

    def _head(self) -> bytes:
        data = b""
        while len(data) < PIECE and (block := next(self._blocks, b"")):
            data += block
        self.marked = data.startswith(_MARK)
        declared = _DECLARED.match(data.removeprefix(_MARK))
        if data[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in data[:4]:
            raise XmlEncoding(file=self._file, encoding="UTF-16", line=1)
        if declared and not _means_utf8(declared[1].decode()):
            raise XmlEncoding(file=self._file, encoding=declared[1].decode(), line=1)
        return data

    def _spent(self, data: bytes) -> Generator[Tokens, None, bytes]:
        """Everything up to the last person that ends in the data; returns what is left over."""
        if not self._clean:
            first = data.find(_END, min(self._fed, PIECE))  # of a new file only the first person
            cut = first + len(_END) if first >= 0 else len(data)
            yield from self._told(data[:cut])
            data = data[cut:]
        cut = data.rfind(_END) + len(_END)
        if self._clean and cut >= len(_END):
            yield from self._plain(data[:cut])
            return data[cut:]
        if len(data) > BLOCK:
            yield from self._told(data)
            return b""
        return data

    def _plain(self, piece: bytes) -> Iterator[Tokens]:
        """The tokens of a piece of plain tags and values; the parser only checks it."""
        tokens = self._split(piece)
        if tokens is None:
            yield from self._told(piece)
            return
        if self._events.complete:
            yield self._short(self._events.take())
        self._listen(on=False)
        self._feed(piece)
        self._listen()
        yield self._short(tokens)

    def _split(self, piece: bytes) -> Tokens | None:
        try:
            return plain_tokens(piece, 1, self._parser.CurrentLineNumber)
        except UnicodeDecodeError:
            return None  # the parser says where

    def _told(self, data: bytes) -> Iterator[Tokens]:
        """The way that copes with everything."""
        for start in range(0, len(data), PIECE):
            self._feed(data[start : start + PIECE])
            self._events_fit()
            if self._events.complete > ENOUGH:
                yield self._short(self._events.take())

    def _events_fit(self) -> None:
        """Refuse what grows without end while it is still open."""
        events = self._events
        if events.depth > DEEPEST:
            raise XmlTooDeep(file=self._file, most=DEEPEST, line=events.line)
        if events.texts and len(events.texts[-1]) > MOST:
            raise XmlTooLong(file=self._file, most=MOST, line=events.line)

    def _short(self, tokens: Tokens) -> Tokens:
        """The tokens, when none of them is deeper or longer than any message has."""
        elements, attributes = tokens.elements, tokens.attributes
        deep = elements["line"].filter(elements["depth"] > DEEPEST)
        if len(deep):
            raise XmlTooDeep(file=self._file, most=DEEPEST, line=deep[0])
        lines = elements["line"]
        held = (
            (elements, ("tag", "text"), lines),
            (attributes, ("name", "value"), lines.gather(attributes["element"])),
        )
        for holder, columns, where in held:
            for column in columns:
                long = where.filter(holder[column].str.len_bytes() > MOST)
                if len(long):
                    raise XmlTooLong(file=self._file, most=MOST, line=long[0])
        return tokens

    @property
    def _clean(self) -> bool:
        """Whether the next byte is between two children of the root, and not inside a comment or the like."""
        return (
            self._events.depth == 1
            and not self._literal
            and len(self._events.names) == self._events.complete
            and self._parser.CurrentByteIndex == self._fed
        )

    def _listen(self, *, on: bool = True) -> None:
        parser = self._parser
        parser.StartElementHandler = self._start if on else None
        parser.EndElementHandler = self._end if on else None
        parser.CharacterDataHandler = self._events.text if on else None
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartCdataSectionHandler = lambda: self._cdata(inside=True)
        parser.EndCdataSectionHandler = lambda: self._cdata(inside=False)

    def _start(self, name: str, attributes: list[str]) -> None:
        if not self._events.depth:
            self._check_root(name, dict(zip(attributes[::2], attributes[1::2], strict=True)))
        self._events.start(name, attributes, self._parser.CurrentLineNumber)

    def _check_root(self, name: str, attributes: dict[str, str]) -> None:
        """The first element says what the file is: better told now than after the rest of it."""
        table = layout()
        space, _, local = name.rpartition("}")
        if local != table.root.name:
            raise NotAnnual(file=self._file)
        if space != table.namespace:
            version = table.older.get(space)
            other = Text(nb=f"IPLOS {version} sitt", en=f"that of IPLOS {version}") if version else _OTHER_SPACE
            found = other if space else _NO_SPACE
            raise NamespaceOther(file=self._file, namespace=table.namespace, found_nb=found.nb, found_en=found.en)
        version = attributes.get("versjon")
        if version != table.version:
            found = _NO_VERSION if version is None else _OTHER_VERSION
            raise VersionOther(file=self._file, found_nb=found.nb, found_en=found.en)

    def _end(self, _name: str) -> None:
        self._events.end(self._parser.CurrentLineNumber)

    def _cdata(self, *, inside: bool) -> None:
        self._literal = inside

    def _doctype(self, *_: object) -> None:
        raise XmlDoctype(file=self._file, line=self._parser.CurrentLineNumber)

    def _feed(self, data: bytes, *, last: bool = False) -> None:
        try:
            self._parser.Parse(data, last)
        except expat.ExpatError as fault:
            raise self._refused(fault, data) from None
        self._fed += len(data)
        self._before = data
        if self._fed - self._parser.CurrentByteIndex > PIECE:
            raise XmlTooLong(file=self._file, most=MOST, line=self._parser.CurrentLineNumber)

    def _refused(self, fault: expat.ExpatError, data: bytes) -> Exception:
        """The fault in words: the parser knows a code and a place."""
        place = {"file": self._file, "line": fault.lineno}
        if fault.code in _TRUNCATED:
            return XmlTruncated(**place)
        column = fault.offset + 1
        at = self._parser.ErrorByteIndex - self._fed
        rest = data[at:] if at >= 0 else self._before[at:] + data
        if not _utf8(rest[:4]):
            return XmlEncoding(**place, encoding="Windows-1252")
        if fault.code == expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN] and rest[:1] < b"\x09":
            return XmlCharacter(**place, column=column)
        why = _WHY.get(fault.code, _OTHERWISE)
        return XmlMalformed(**place, column=column, why_nb=why.nb, why_en=why.en)


def _means_utf8(name: str) -> bool:
    """Whether a name, as XML or the writer's platform spells it (`utf8`, `UTF_8`, `ascii`), is UTF-8 or a part of it."""
    try:
        return codecs.lookup(name).name in {"utf-8", "ascii"}
    except LookupError:
        return False


def _utf8(start: bytes) -> bool:
    """Whether the bytes begin with a character in UTF-8, which may be cut short at their end."""
    for length in range(1, len(start) + 1):
        try:
            start[:length].decode()
        except UnicodeDecodeError:
            continue
        return True
    return not start

"""What a `$ref` in a schema file leads to: a place in the same file, or in another file of the pack's folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

from ktt.messages.packs.errors import (
    PackError,
    PackPathOutside,
    PackTooLarge,
    ReferenceOutside,
    ReferenceUnresolved,
    SchemaDraftUnknown,
)
from ktt.messages.packs.schemas.files import draft_of, inside, parsed, prove_schema, read_bytes
from ktt.messages.packs.schemas.keywords import DEFAULT_DRAFT, DRAFTS, Step, Steps, is_schema, shown, subschemas

_MOST_FILES = 500  # that are looked through for an `$id`
_NOT_SCHEMAS = "examples"


@dataclass(frozen=True, slots=True)
class Node:
    """A schema where it stands: in which file, at which place, and the URI that its references are relative to."""

    schema: Any = field(repr=False)
    file: str
    steps: Steps
    base: str

    @property
    def place(self) -> str:
        """The place in the file, as a JSON pointer."""
        return shown(self.steps)


class Library:
    """The schema files of one folder, read when something refers to them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._draft = DEFAULT_DRAFT
        self._by_file: dict[Path, Node] = {}
        self._by_uri: dict[str, Node] = {}
        self._anchors: dict[tuple[str, str], Node] = {}
        self._looked_through = False

    def root(self, path: Path) -> tuple[Node, str]:
        """The file as a schema, and its draft; every file that it refers to has to be of the same one."""
        file = _shown(path, self._folder)
        real = inside(path, self._folder, file, file)
        content = parsed(read_bytes(real, file), file)
        self._draft = draft_of(content, file)
        return self._added(real, content), DRAFTS[self._draft]

    def find(self, reference: str, holder: Node) -> Node:
        """What the reference in the holder leads to; ReferenceOutside, ReferenceUnresolved."""
        try:
            uri, fragment = urldefrag(_joined(holder.base, reference))
        except ValueError:  # no address, such as "//["
            raise _outside(reference, holder) from None
        resource = self._by_uri.get(uri) or self._beside(reference, holder) or self._named(uri)
        if resource is None:
            raise _refused(reference, holder)
        fragment = unquote(fragment)
        if not fragment.startswith("/"):
            found = self._anchors.get((resource.base, fragment)) if fragment else resource
        else:
            found = self._walked(resource, fragment)
        if found is None:
            raise ReferenceUnresolved(file=holder.file, place=holder.place, reference=_short(reference))
        return found

    def inner(self, holder: Node, steps: Steps) -> Node:
        """A schema inside another."""
        schema = holder.schema
        for step in steps:
            schema = schema[step]
        return Node(schema, holder.file, (*holder.steps, *steps), self._base_of(schema, holder.base))

    def _walked(self, node: Node, fragment: str) -> Node | None:
        for part in fragment[1:].split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            step: Step = int(name) if isinstance(node.schema, list) and name.isdecimal() else name
            try:
                node = self.inner(node, (step,))
            except (KeyError, IndexError, TypeError):
                return None
        return node if is_schema(node.schema) else None

    def _beside(self, reference: str, holder: Node) -> Node | None:
        """The file at a path relative to the holder's own file."""
        parts = urlsplit(reference)
        if parts.scheme or parts.netloc or not parts.path:
            return None
        path = (self._folder / holder.file).parent / unquote(parts.path)
        try:
            real = inside(path, self._folder, reference, holder.file)
        except PackPathOutside:
            raise _outside(reference, holder) from None
        if real in self._by_file:
            return self._by_file[real]
        return self._read(real) if real.is_file() else None

    def _named(self, uri: str) -> Node | None:
        """The file that has this `$id`; looks through the folder once. What is no schema there is passed over."""
        if not self._looked_through:
            self._looked_through = True
            for path in self._files():
                try:
                    self._read(path)
                except PackError:
                    continue
        return self._by_uri.get(uri)

    def _files(self) -> list[Path]:
        found = [path for path in sorted(self._folder.rglob("*.json")) if _NOT_SCHEMAS not in path.parts]
        if len(found) > _MOST_FILES:
            raise PackTooLarge(file="*.json", most=_MOST_FILES)
        reals = [path.resolve() for path in found]
        return [real for real in reals if real.is_relative_to(self._folder) and real not in self._by_file]

    def _read(self, real: Path) -> Node:
        file = _shown(real, self._folder)
        content = parsed(read_bytes(real, file), file)
        named = draft_of(content, file, self._draft)
        if named != self._draft:
            raise SchemaDraftUnknown(file=file, draft=named)
        return self._added(real, content)

    def _added(self, real: Path, content: Any) -> Node:
        file = _shown(real, self._folder)
        if isinstance(content, dict):
            content["$schema"] = self._draft
        prove_schema(content, file)
        uri = "file:///" + quote(file)
        node = Node(content, file, (), self._base_of(content, uri))
        self._by_file[real] = node
        self._by_uri.setdefault(uri, node)
        self._index(node)
        return node

    def _index(self, node: Node) -> None:
        if not isinstance(node.schema, dict):
            return
        if self._has_id(node.schema):
            self._by_uri.setdefault(node.base, node)
        for keyword in ("$anchor", "$dynamicAnchor"):
            if isinstance(node.schema.get(keyword), str):
                self._anchors.setdefault((node.base, node.schema[keyword]), node)
        if str(node.schema.get("$id", "")).startswith("#"):  # an anchor, as draft 07 writes it
            self._anchors.setdefault((node.base, node.schema["$id"][1:]), node)
        for steps, _ in subschemas(node.schema):
            self._index(self.inner(node, steps))

    def _base_of(self, schema: Any, around: str) -> str:
        return urldefrag(_joined(around, schema["$id"]))[0] if self._has_id(schema) else around

    def _has_id(self, schema: Any) -> bool:
        if not isinstance(schema, dict) or not isinstance(schema.get("$id"), str) or schema["$id"].startswith("#"):
            return False
        return "$ref" not in schema or DRAFTS[self._draft] != "07"  # where nothing beside a `$ref` counts


def _joined(base: str, reference: str) -> str:
    """The reference as a whole URI. A URN has no path that another could be relative to."""
    if reference.startswith("#") or not reference:
        return base + reference
    return urljoin(base, reference)


def _refused(reference: str, holder: Node) -> PackError:
    parts = urlsplit(reference)
    if parts.scheme or parts.netloc or parts.path.startswith("/"):
        return _outside(reference, holder)
    return ReferenceUnresolved(file=holder.file, place=holder.place, reference=_short(reference))


def _outside(reference: str, holder: Node) -> ReferenceOutside:
    return ReferenceOutside(file=holder.file, place=holder.place, reference=_short(reference))


def _short(reference: str) -> str:
    return "".join(mark if mark.isprintable() else "?" for mark in reference[:200])


def _shown(path: Path, folder: Path) -> str:
    """The path inside the folder, in the same form on every system; of another only its name."""
    absolute = path if path.is_absolute() else path.absolute()
    for root in (folder, folder.resolve()):
        if absolute.is_relative_to(root):
            return absolute.relative_to(root).as_posix()
    return path.name

"""Getting one wheel before there is a package manager: from the index pip is set up with, else with whatever pip there is.

No index is named here: a machine without open internet has its own, and pip, wherever it is found, knows the public one.
"""

from __future__ import annotations

import base64
import configparser
import hashlib
import html.parser
import os
import platform
import ssl
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

# pip's setting → uv's, and what stands between several values there
_PASSED_ON = {
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "no-index": ("UV_NO_INDEX", " "),
    "cert": ("SSL_CERT_FILE", " "),
}
_SECONDS = 60


def pip_settings() -> dict[str, list[str]]:
    """What pip would use: its configuration files, then PIP_… in the environment, the later winning."""
    found: dict[str, list[str]] = {}
    parser = configparser.RawConfigParser(strict=False)
    parser.read(_configuration_files(), encoding="utf-8")
    for section in ("global", "install"):
        for name in _PASSED_ON:
            if parser.has_option(section, name):
                found[name] = parser.get(section, name).split()
    for name in _PASSED_ON:
        value = os.environ.get("PIP_" + name.upper().replace("-", "_"))
        if value:
            found[name] = value.split()
    return found


def _configuration_files() -> list[Path]:
    own = os.environ.get("PIP_CONFIG_FILE")
    if own == os.devnull:
        return []
    home = Path.home()
    if os.name == "nt":
        folders = [Path(os.environ.get(name, home)) / "pip" for name in ("PROGRAMDATA", "APPDATA")]
        files = [folder / "pip.ini" for folder in folders]
    else:
        config = Path(os.environ.get("XDG_CONFIG_HOME", home / ".config"))
        mac = home / "Library" / "Application Support"
        folders = [Path("/etc/xdg/pip"), Path("/etc"), mac / "pip", home / ".pip", config / "pip"]
        files = [folder / "pip.conf" for folder in folders]
    return [*files, *([Path(own)] if own else [])]


def uv_environment(settings: dict[str, list[str]]) -> dict[str, str]:
    """The environment in which uv uses pip's index. What is already said to uv itself stands."""
    said = {
        name: between.join(settings[setting]) for setting, (name, between) in _PASSED_ON.items() if setting in settings
    }
    if _system_certificates():  # as pip does: a mirror's certificate is often the organisation's own
        said["UV_SYSTEM_CERTS"] = "true"
    # Every wheel must have a hash from the lock, so it does not matter which of several indexes it comes from.
    return {"UV_INDEX_STRATEGY": "unsafe-best-match", **said, **os.environ}


def _system_certificates() -> bool:
    """Whether this machine has a certificate store; a bare Debian may lack it, and then uv's own serves."""
    paths = ssl.get_default_verify_paths()
    folder = Path(paths.capath) if paths.capath else None
    return os.name == "nt" or sys.platform == "darwin" or bool(paths.cafile or (folder and any(folder.iterdir())))


def wheel_of(name: str, version: str, folder: Path, hashes: frozenset[str], pythons: tuple[str, ...]) -> Path | None:
    """The wheel of `name` for this machine, one whose SHA-256 is in `hashes`; None when nobody could bring it."""
    settings = pip_settings()
    for index in settings.get("index-url", []) + settings.get("extra-index-url", []):
        wheel = _from_index(index, name, version, folder, settings)
        if wheel and _trusted(wheel, hashes):
            return wheel
    for pip in _pips(pythons):
        if _download(pip, f"{name}=={version}", folder):
            for wheel in folder.glob(f"{name}-{version}-*.whl"):
                if _trusted(wheel, hashes):
                    return wheel
    return None


def _trusted(wheel: Path, hashes: frozenset[str]) -> bool:
    if hashlib.sha256(wheel.read_bytes()).hexdigest() in hashes:
        return True
    wheel.unlink()
    return False


def _from_index(index: str, name: str, version: str, folder: Path, settings: dict[str, list[str]]) -> Path | None:
    page = f"{index.rstrip('/')}/{name}/"
    try:
        listing = _Links(page)
        listing.feed(_get(page, settings).decode("utf-8"))
        for address in listing.found:
            wheel = urllib.parse.unquote(urllib.parse.urlsplit(address).path.rsplit("/", 1)[-1])
            if wheel.startswith(f"{name}-{version}-") and fits(wheel):
                target = folder / wheel
                target.write_bytes(_get(address, settings))
                return target
    except FileNotFoundError:  # an index in a folder that does not hold it: the next one may
        return None
    except (OSError, ValueError) as fault:  # URLError is an OSError
        print(f"  no {name} from the index pip is set up with: {type(fault).__name__}", file=sys.stderr)
    return None


class _Links(html.parser.HTMLParser):
    """Every address on a page of the simple index (PEP 503), without its fragment."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.found = page, []  # type: str, list[str]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self.found.append(urllib.parse.urljoin(self.page, href.split("#")[0]))


def fits(wheel: str) -> bool:
    """Whether a wheel's platform tag is this machine's."""
    tag = wheel.rsplit("-", 1)[-1]
    machine = platform.machine().lower()
    if sys.platform == "win32":
        return tag == {"amd64": "win_amd64.whl", "arm64": "win_arm64.whl"}.get(machine, "win32.whl")
    if sys.platform == "darwin":
        return tag.startswith("macosx") and tag.endswith(f"_{machine}.whl")
    kind = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    return kind in tag and tag.endswith(f"_{machine}.whl")


def _get(address: str, settings: dict[str, list[str]]) -> bytes:
    parts = urllib.parse.urlsplit(address)
    if parts.scheme == "file" and parts.path.endswith("/"):
        return (Path(urllib.request.url2pathname(parts.path)) / "index.html").read_bytes()
    request = urllib.request.Request(
        urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])),
        headers={"Accept": "text/html", "User-Agent": "ktt-setup"},
    )
    if parts.username:
        pair = urllib.parse.unquote(f"{parts.username}:{parts.password or ''}")
        request.add_header("Authorization", "Basic " + base64.b64encode(pair.encode()).decode())
    context = ssl.create_default_context(cafile=next(iter(settings.get("cert", [])), None))
    if parts.hostname in settings.get("trusted-host", []):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with urllib.request.urlopen(request, timeout=_SECONDS, context=context) as answer:
        return answer.read()


def _pips(pythons: tuple[str, ...]) -> Iterator[list[str]]:
    """Each pip that can be had, as the start of a command, the least trouble first."""
    for python in pythons:
        yield [python, "-m", "pip"]
    yield from _ensured(pythons[-1])
    yield from _debian(pythons[0])


def _ensured(python: str) -> Iterator[list[str]]:
    """The pip that came with Python, put into the new environment."""
    if _quiet([python, "-m", "ensurepip"]):
        yield [python, "-m", "pip"]


def _debian(python: str) -> Iterator[list[str]]:
    """The pip wheel of a Debian whose Python came without: fetched, not installed, so nobody needs to be root."""
    with tempfile.TemporaryDirectory() as unpacked:
        if _quiet(["apt-get", "download", "python3-pip-whl"], cwd=unpacked):
            package = next(Path(unpacked).glob("*.deb"))
            if _quiet(["dpkg-deb", "-x", str(package), unpacked]):
                wheel = next(Path(unpacked).rglob("pip-*.whl"))
                yield [python, str(wheel / "pip")]


def _download(pip: list[str], requirement: str, folder: Path) -> bool:
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "--dest", str(folder)]
    return _quiet([*pip, "download", *options, requirement])


def _quiet(command: list[str], cwd: str | None = None) -> bool:
    try:
        ended = subprocess.run(
            command,
            cwd=cwd,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return False
    return ended.returncode == 0

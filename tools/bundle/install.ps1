# Installerer ktt @VERSION@ uten nett: .\install.ps1 [-Target mappe] [-Python sti]. Uten mappe: C:\Program Files\ktt.
# Kjøres den igjen, oppgraderes det som ligger der.
param(
    [string] $Target = (Join-Path $env:ProgramFiles 'ktt'),
    [string] $Python = ''
)
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3

function Stop-With([string] $Text) {
    Write-Host "X $Text" -ForegroundColor Red
    exit 1
}

foreach ($line in Get-Content -Encoding UTF8 (Join-Path $PSScriptRoot 'SHA256SUMS')) {
    $sum, $name = $line -split '  ', 2
    $file = Join-Path $PSScriptRoot $name
    if (-not (Test-Path -LiteralPath $file) -or (Get-FileHash -LiteralPath $file -Algorithm SHA256).Hash -ne $sum) {
        Stop-With "$name er endret eller ødelagt på veien. Hent pakken på nytt. Ingenting er installert."
    }
}

$versions = '@PYTHONS@' -split ' '
if (-not $Python) {
    foreach ($version in $versions) {
        if (-not $Python -and (Get-Command py -ErrorAction SilentlyContinue)) {
            $found = & py "-$version" -c 'import sys; print(sys.executable)' 2>$null
            if ($LASTEXITCODE -eq 0) { $Python = $found }
        }
    }
}
if (-not $Python) { Stop-With "Fant ikke Python ($($versions -join ', ')). Installer den, eller oppgi -Python." }
$is = & $Python -c 'import sys; print(sys.version_info[0], sys.version_info[1], sep=chr(46))'
if ($versions -notcontains $is) { Stop-With "$Python er $is, men pakken er laget for $($versions -join ', ')." }

& $Python -m venv $Target
if ($LASTEXITCODE -ne 0) { Stop-With "Kan ikke lage $Target. Kjør som administrator." }
$own = Join-Path $Target 'Scripts\python.exe'
& $own -m pip install --quiet --disable-pip-version-check --no-index --no-deps --only-binary ':all:' `
    --find-links (Join-Path $PSScriptRoot 'wheels') --require-hashes `
    --requirement (Join-Path $PSScriptRoot 'requirements-windows.txt')
if ($LASTEXITCODE -ne 0) { Stop-With 'Pakkene kunne ikke installeres, se over.' }
& $own -m pip check --disable-pip-version-check | Out-Null
if ($LASTEXITCODE -ne 0) { Stop-With 'Noe mangler i pakken.' }
& (Join-Path $Target 'Scripts\ktt.exe') version
Write-Host "Installert i $Target. Videre: LESMEG.txt."

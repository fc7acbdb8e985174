#!/bin/sh
# Installerer ktt @VERSION@ uten nett: sudo ./install.sh [mappe]. Uten mappe: /opt/ktt.
# Kjøres den igjen, oppgraderes det som ligger der. PYTHON=/sti/til/python3 velger en annen Python.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${1:-/opt/ktt}

fail() { echo "✗ $1" >&2; exit 1; }

(cd "$here" && sha256sum --check --quiet --strict SHA256SUMS) ||
    fail "En fil er endret eller ødelagt på veien. Hent pakken på nytt. Ingenting er installert."

python=${PYTHON:-}
for version in @PYTHONS@; do
    [ -n "$python" ] || python=$(command -v "python$version" || true)
done
[ -n "$python" ] || fail "Fant ikke Python (@PYTHONS@). Installer den, eller sett PYTHON=/sti/til/python3."
found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
case " @PYTHONS@ " in
    *" $found "*) ;;
    *) fail "$python er $found, men pakken er laget for @PYTHONS@." ;;
esac

"$python" -m venv "$target" || fail "Kan ikke lage $target. På Debian og Ubuntu mangler kanskje python$found-venv."
"$target/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps --only-binary :all: \
    --find-links "$here/wheels" --require-hashes --requirement "$here/requirements-linux.txt"
"$target/bin/python" -m pip check --disable-pip-version-check >/dev/null || fail "Noe mangler i pakken."
"$target/bin/ktt" version
echo "✓ Installert i $target. Videre: LESMEG.txt."

"""Bring PHP for the shop module's tests: `python -m tests.support.bring_php`, from `make test-deps`.

Installs it when it is missing, we are root and there is apt; else says what to do: those tests are skipped.
"""

import os
import shutil
import subprocess
import sys

PROGRAMS = ("php", "phpunit", "phpcs", "xmllint")
EXTENSIONS = ("curl", "mbstring", "pdo_sqlite", "SimpleXML")
PACKAGES = (
    "php-cli",
    "php-curl",
    "php-mbstring",
    "php-sqlite3",
    "php-xml",
    "phpunit",
    "php-codesniffer",
    "libxml2-utils",
)
BY_HAND = f"""\
The tests of the shop module (deploy/magento) need PHP 8.1 or newer with {", ".join(EXTENSIONS)},
and the programs phpunit (9.6), phpcs and xmllint. Without them they are skipped.
  Debian, Ubuntu   sudo apt-get install {" ".join(PACKAGES)}
"""


def main() -> int:
    if missing() and os.geteuid() == 0 and shutil.which("apt-get"):
        _install()
    if missing():
        sys.stderr.write(BY_HAND)
    return 0


def missing() -> list[str]:
    """What the tests need and is not there, by name."""
    programs = [name for name in PROGRAMS if shutil.which(name) is None]
    if "php" in programs:
        return programs
    modules = subprocess.run(["php", "-m"], capture_output=True, text=True, check=False).stdout.split()
    return programs + [name for name in EXTENSIONS if name not in modules]


def _install() -> None:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], env=quiet, check=False)
    subprocess.run(
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", *PACKAGES], env=quiet, check=False
    )


if __name__ == "__main__":
    raise SystemExit(main())

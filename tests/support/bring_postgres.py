"""Bring PostgreSQL for the tests: `python -m tests.support.bring_postgres`, from `make test-deps`.

Installs it when it is missing, we are root and there is apt; else says what to do.
"""

import os
import shutil
import subprocess
import sys

from services.local.postgres_server import PostgresMissing, find_postgres

BY_HAND = """\
The tests need PostgreSQL 15 or newer (initdb and postgres; it need not run).
  Debian, Ubuntu   sudo apt-get install postgresql
  Fedora           sudo dnf install postgresql-server
  macOS            brew install postgresql@16
Then run make again. They start a server of their own and leave yours alone.
"""


def main() -> int:
    if _is_there():
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _install()
    if _is_there():
        return 0
    sys.stderr.write(BY_HAND)
    return 1


def _is_there() -> bool:
    try:
        find_postgres()
    except PostgresMissing:
        return False
    return True


def _install() -> None:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], env=quiet, check=False)
    subprocess.run(
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", "postgresql"], env=quiet, check=False
    )


if __name__ == "__main__":
    raise SystemExit(main())

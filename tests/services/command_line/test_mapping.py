"""`sluss mapping ...` on this machine's own ledger."""

from pathlib import Path

import pytest

from shared.settings.home import Home
from tests.services.command_line.conftest import Sluss

TABLE = "Treatment;Country;Rate;Goods;Vat code\noss;FI;25,5;3162;FI255\noss;DE;19;3161;DE19\n"


@pytest.fixture
def where(sluss: Sluss, home: Home, declaration: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Path]:
    """A state folder in which acme is declared."""
    monkeypatch.setenv("ACME_FORTNOX_SECRET", "fortnox-secret-1")
    assert sluss("connection", "apply", declaration, "--state", home.folder).exit_code == 0
    return "--state", home.folder


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "mapping.csv"
    file.write_text(TABLE)
    return file


def test_a_table_goes_in_and_comes_out(sluss: Sluss, where: tuple[str, Path], table: Path) -> None:
    taken = sluss("mapping", "import", "acme", table, *where)
    shown = sluss("mapping", "export", "acme", *where)

    assert (taken.exit_code, taken.stdout) == (0, "acme: version 2 is stored, with 2 lines.\n")
    assert shown.stdout.splitlines() == [
        "treatment,country,rate,goods,services,freight,fee,vat_code,vat_account",
        "oss,FI,25.5,3162,,,,FI255,",
        "oss,DE,19,3161,,,,DE19,",
    ]


def test_what_is_exported_can_be_imported_and_keeps_the_rest(
    sluss: Sluss, where: tuple[str, Path], table: Path, tmp_path: Path
) -> None:
    sluss("mapping", "import", "acme", table, *where)
    before = sluss("connection", "show", "acme", *where).stdout.splitlines()[1:]
    file = tmp_path / "out.csv"

    written = sluss("mapping", "export", "acme", file, "--defaults", *where)
    taken = sluss("mapping", "import", "acme", file, *where)
    sluss("mapping", "import", "acme", table, *where)

    assert written.stdout == f"{file}: 11 lines.\n"
    assert taken.stdout == "acme: version 3 is stored, with 11 lines.\n"
    assert sluss("connection", "show", "acme", *where).stdout.splitlines()[1:] == before


def test_a_table_that_is_wrong_is_refused_with_its_lines(
    sluss: Sluss, where: tuple[str, Path], table: Path
) -> None:
    table.write_text(TABLE + "oss;NO;25;3105;X\noss;DE;19;3161;Y\n")

    refused = sluss("mapping", "import", "acme", table, *where)

    assert refused.exit_code == 2
    assert [line.strip() for line in refused.stderr.splitlines()[1:]] == [
        "line 4, country: NO is no country of the EU, so OSS does not cover it",
        "line 5, rate: oss DE 19 % is in line 3 already",
    ]
    assert "oss" not in sluss("mapping", "export", "acme", *where).stdout


def test_a_dry_run_stores_nothing(sluss: Sluss, where: tuple[str, Path], table: Path) -> None:
    dry = sluss("mapping", "import", "acme", table, "--dry-run", *where)

    assert dry.stdout == f"{table}: 2 lines, nothing is wrong with them; nothing was stored.\n"
    assert "oss" not in sluss("mapping", "export", "acme", *where).stdout


def test_a_file_or_a_connection_that_is_not_there_is_told_in_a_sentence(
    sluss: Sluss, where: tuple[str, Path], table: Path, tmp_path: Path
) -> None:
    assert "cannot be read" in sluss("mapping", "import", "acme", tmp_path / "no.csv", *where).stderr
    assert sluss("mapping", "import", "other", table, *where).exit_code != 0

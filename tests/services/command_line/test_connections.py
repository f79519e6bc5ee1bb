"""`sluss connection ...` on this machine's own ledger."""

import json
from pathlib import Path

import pytest
import yaml

from services.command_line.ledger import find_place, with_ledger
from shared.domain.findings import Finding, Report
from shared.settings.home import Home
from tests.services.command_line.conftest import Sluss


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_FORTNOX_SECRET", "fortnox-secret-1")


def test_a_declaration_is_stored_and_switched_on_in_one_command(
    sluss: Sluss, home: Home, declaration: Path
) -> None:
    applied = sluss("connection", "apply", declaration, "--activate", "--state", home.folder)
    listed = sluss("connection", "list", "--state", home.folder)

    assert (applied.exit_code, applied.stdout) == (0, "acme: version 2 is stored, active.\n")
    assert listed.stdout.splitlines()[1].split()[:4] == ["acme", "active", "2", "se"]


def test_a_new_connection_books_nothing_until_it_is_switched_on(
    sluss: Sluss, home: Home, declaration: Path
) -> None:
    applied = sluss("connection", "apply", declaration, "--state", home.folder)

    assert "not active" in applied.stdout
    assert "sluss connection activate acme" in applied.stdout


def test_every_flaw_of_a_declaration_is_named_by_its_path_and_nothing_is_stored(
    sluss: Sluss, home: Home, declaration: Path
) -> None:
    raw = yaml.safe_load(declaration.read_text())
    raw["markets"][0]["svea"].pop("secret")
    raw["fortnox"]["tenant_id"] = "many"
    raw["colour"] = "blue"
    declaration.write_text(json.dumps(raw))

    applied = sluss("connection", "apply", declaration, "--state", home.folder)
    listed = sluss("connection", "list", "--state", home.folder)

    assert applied.exit_code == 2
    paths = [line.strip().split(":")[0] for line in applied.stderr.splitlines()[1:]]
    assert sorted(paths) == ["colour", "fortnox.tenant_id", "markets.0.svea.secret"]
    assert "There are no connections yet" in listed.stdout


def test_a_secret_that_is_not_in_the_environment_is_asked_for_by_name(
    sluss: Sluss, home: Home, declaration: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ACME_FORTNOX_SECRET")

    applied = sluss("connection", "apply", declaration, "--state", home.folder)

    assert applied.exit_code == 2
    assert "fortnox.client_secret" in applied.stderr
    assert "ACME_FORTNOX_SECRET is not set" in applied.stderr


def test_what_is_shown_has_no_secret_and_can_be_applied_again(
    sluss: Sluss, home: Home, declaration: Path, tmp_path: Path
) -> None:
    sluss("connection", "apply", declaration, "--state", home.folder)

    shown = sluss("connection", "show", "acme", "--state", home.folder)
    again = tmp_path / "again.yaml"
    again.write_text(shown.stdout)
    applied = sluss("connection", "apply", again, "--state", home.folder)

    assert "secret-1" not in shown.stdout
    assert applied.exit_code == 0, applied.stderr


def test_a_connection_is_switched_off_and_on_again(sluss: Sluss, home: Home, declaration: Path) -> None:
    sluss("connection", "apply", declaration, "--activate", "--state", home.folder)

    off = sluss("connection", "deactivate", "acme", "--state", home.folder)
    on = sluss("connection", "activate", "acme", "--state", home.folder)

    assert (off.stdout, on.stdout) == ("acme is not active.\n", "acme is active.\n")


def test_what_the_last_check_speaks_against_is_switched_on_by_force_only(
    sluss: Sluss, home: Home, declaration: Path
) -> None:
    sluss("connection", "apply", declaration, "--state", home.folder)
    locked = Finding("period_locked", "fortnox", "lock", "Fortnox is locked to 2026-05-04")
    with_ledger(find_place(home.folder), lambda ledger: ledger.preflights.store("acme", 1, Report((locked,))))

    refused = sluss("connection", "activate", "acme", "--state", home.folder)
    forced = sluss("connection", "activate", "acme", "--force", "--state", home.folder)

    assert refused.exit_code == 1
    assert "Fortnox is locked to 2026-05-04. Unlock the period" in refused.stderr
    assert forced.stdout == "acme is active.\n"


@pytest.mark.parametrize("command", ["show", "activate", "deactivate"])
def test_an_unknown_connection_is_one_sentence_and_exit_code_one(
    sluss: Sluss, home: Home, command: str
) -> None:
    asked = sluss("connection", command, "nobody", "--state", home.folder)

    assert asked.exit_code == 1
    assert asked.stderr.splitlines() == [
        "there is no connection nobody: `sluss connection list` shows those that there are"
    ]


@pytest.mark.parametrize(
    ("text", "told"), [("- a list", "one declaration"), ("name: [", "is not YAML"), ("\x00", "is not YAML")]
)
def test_a_file_that_is_no_declaration_is_refused_in_a_sentence(
    sluss: Sluss, home: Home, tmp_path: Path, text: str, told: str
) -> None:
    file = tmp_path / "odd.yaml"
    file.write_text(text)

    applied = sluss("connection", "apply", file, "--state", home.folder)

    assert applied.exit_code == 2
    assert told in applied.stderr
    assert len(applied.stderr.splitlines()) == 1


def test_a_folder_without_keys_is_explained(sluss: Sluss, tmp_path: Path) -> None:
    asked = sluss("connection", "list", "--state", tmp_path / "nowhere")

    assert asked.exit_code == 1
    assert "run `sluss up` once" in asked.stderr


def test_the_environment_names_the_ledger_when_no_folder_is_given(
    sluss: Sluss, home: Home, declaration: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sluss("connection", "apply", declaration, "--state", home.folder)
    for name, value in home.environment().items():
        monkeypatch.setenv(name, value)

    listed = sluss("connection", "list")

    assert "acme" in listed.stdout


def test_a_ledger_that_was_never_migrated_says_what_to_run(
    sluss: Sluss, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path / "new")
    home.prepare()

    asked = sluss("connection", "list", "--state", home.folder)

    assert asked.exit_code == 1
    assert "run `sluss migrate`" in asked.stderr

"""The module in PHP's own tools: syntax, style, its unit tests, its XML."""

import re
import shutil
from pathlib import Path

import pytest

from tests.deploy.magento.conftest import ROOT, Run
from tests.support import bring_php


def test_every_file_is_php(in_php: Run) -> None:
    files = sorted(str(file) for kind in ("php", "phtml") for file in ROOT.rglob(f"*.{kind}"))

    said = in_php("sh", "-c", 'for file; do php -l "$file" || exit 1; done', "sh", *files)

    assert said.count("No syntax errors detected") == len(files)


def test_it_is_written_as_psr_12_says(in_php: Run) -> None:
    in_php("phpcs", "-q")


def test_its_unit_tests_pass(in_php: Run) -> None:
    said = in_php("phpunit", "--colors=never")

    assert re.search(r"^OK \(\d+ tests, \d+ assertions\)$", said, re.MULTILINE), said


def test_its_xml_is_well_formed(in_php: Run, module: Path) -> None:
    in_php("xmllint", "--noout", *sorted(str(file) for file in module.rglob("*.xml")))


def test_a_machine_without_php_is_told_what_to_install_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert bring_php.main() == 0

    assert "apt-get install php-cli" in capsys.readouterr().err


def test_the_programs_are_installed_where_that_may_be_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = tmp_path / "calls"
    (tmp_path / "apt-get").write_text(f'#!/bin/sh\necho "$DEBIAN_FRONTEND $*" >> {calls}\n')
    (tmp_path / "apt-get").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 0)

    bring_php.main()

    assert calls.read_text().splitlines()[0] == "noninteractive update -q"
    assert "phpunit php-codesniffer libxml2-utils" in calls.read_text().splitlines()[1]


def test_what_is_there_is_not_installed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if bring_php.missing():
        pytest.skip("PHP is not there")
    for name in bring_php.PROGRAMS:
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 0)

    assert bring_php.main() == 0
    assert bring_php.missing() == []

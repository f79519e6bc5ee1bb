"""The image. No Docker here: its recipe is linted and held to its rules, its wheel is made and opened."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.support.paths import REPOSITORY

DOCKERFILE = REPOSITORY / "deploy" / "Dockerfile"
TEXT = DOCKERFILE.read_text()
PINS = re.compile(r"^(\S+==\S+) \\\n((?:    --hash=\S+(?: \\)?\n)+)", re.MULTILINE)


def _stages() -> list[str]:
    return re.split(r"(?m)^(?=FROM )", TEXT)[1:]


def test_a_linter_finds_nothing_to_say() -> None:
    program = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if program is None:
        pytest.skip("not installed: hadolint; there is no package of it for this machine")

    done = subprocess.run(
        [program, "--no-color", str(DOCKERFILE)], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "")


def test_both_stages_are_the_same_exact_python_that_we_support() -> None:
    (image,) = re.findall(r"^ARG PYTHON_IMAGE=(\S+)$", TEXT, re.MULTILINE)
    version = re.fullmatch(r"docker\.io/library/python:(\d+\.\d+)\.\d+-slim-bookworm", image)
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]

    assert [stage.splitlines()[0].split()[1] for stage in _stages()] == ["${PYTHON_IMAGE}"] * 2
    assert version
    assert f"Programming Language :: Python :: {version[1]}" in project["classifiers"]


def test_packages_are_installed_from_hashes_and_never_compiled() -> None:
    installs = [
        line.strip()
        for line in TEXT.replace("\\\n", " ").splitlines()
        for line in line.split("&&")
        if re.search(r"\bpip\b.* (install|wheel)\b", line)
    ]

    for line in installs:
        ours = "--no-index" in line and "--no-deps" in line
        assert ours or ("--require-hashes" in line and "--only-binary=:all:" in line), line
    assert len(installs) == 4


def test_what_runs_is_not_root_and_cannot_install() -> None:
    final = _stages()[-1]

    assert re.findall(r"^USER (.*)$", final, re.MULTILINE) == ["10001:10001"]
    assert "pip uninstall --yes pip" in final
    assert not re.search(r"\bapt(-get)?\b|\bcurl\b|\bwget\b|\bADD\b", TEXT)
    assert re.findall(r"^COPY (.*)$", final, re.MULTILINE) == ["--from=build /opt/sluss /opt/sluss"]


def test_only_what_is_copied_reaches_the_builder() -> None:
    ignore = (REPOSITORY / ".dockerignore").read_text().splitlines()
    let_in = {line[1:] for line in ignore if line.startswith("!")}
    copied = {
        name
        for line in re.findall(r"^COPY (?!--from)(.*)$", TEXT, re.MULTILINE)
        for name in line.split()[:-1]
    }

    assert next(line for line in ignore if not line.startswith("#")) == "*"
    assert copied == let_in
    assert [name for name in copied if not (REPOSITORY / name).exists()] == []


def test_the_builders_packages_are_the_ones_that_are_locked_for_developers() -> None:
    build = dict(PINS.findall((REPOSITORY / "deploy" / "build-requirements.lock").read_text()))
    developers = dict(PINS.findall((REPOSITORY / "requirements-dev.lock").read_text()))

    assert [pin.partition("==")[0] for pin in build] == ["setuptools"]
    assert {pin: _hashes(text) for pin, text in build.items()} == {
        pin: _hashes(developers[pin]) for pin in build
    }


def _hashes(text: str) -> set[str]:
    return set(re.findall(r"sha256:\w+", text))


@pytest.mark.slow
def test_the_wheel_has_every_file_of_the_source(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(REPOSITORY / name, source)
    for name in ("services", "shared"):
        shutil.copytree(REPOSITORY / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    files = {file.relative_to(source).as_posix() for file in source.rglob("*/*") if file.is_file()}

    wheel = ["wheel", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", "."]
    done = subprocess.run(
        [sys.executable, "-m", "pip", *wheel, str(source)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as made:
        packed = {name for name in made.namelist() if ".dist-info/" not in name}
    read_by_people = {name for name in files if name.endswith(".md")}
    assert files - packed - read_by_people == set()
    assert packed - files == set()

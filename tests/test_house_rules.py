"""The rules of the house that no linter knows: docs/architecture.md section 3 and the habits of the code."""

import importlib
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import grimp
import pytest
from pydantic import BaseModel

from tests.support.paths import REPOSITORY
from tests.support.source import (
    Page,
    imported_by,
    name_of,
    names_of_tests,
    packages_imported_by,
    python_files,
)

LONGEST_FILE_LINES = 400
DOES_IO = ("httpx", "redis", "arq", "fastapi", "sqlalchemy", "tenacity", "structlog", "asyncpg", "aiosqlite")
PURE_LIBRARIES = ("stdnum",)  # decision 14
SECTIONS_OF_A_PROBLEM_PAGE = ("What happened", "What to do")


def _module(name: str) -> ModuleType:
    """The module, or a skip while the project has no such file; one that fails to import is an error."""
    if not (REPOSITORY / Path(*name.split("."))).with_suffix(".py").exists():
        pytest.skip(f"{name} does not exist yet")
    return importlib.import_module(name)


# ── the shape of the source ───────────────────────────────────────────────────────────────────────


def test_every_init_file_is_empty() -> None:
    full = [
        name_of(file)
        for file in python_files("services", "shared")
        if file.name == "__init__.py" and file.stat().st_size
    ]

    assert full == []


def test_test_folders_have_no_init_file() -> None:
    assert [name_of(file) for file in python_files("tests") if file.name == "__init__.py"] == []


def test_every_folder_with_modules_is_a_package() -> None:
    folders = {file.parent for file in python_files("services", "shared")}

    assert [name_of(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_no_file_is_longer_than_one_noun() -> None:
    lengths = {
        name_of(file): len(file.read_text().splitlines())
        for file in python_files("services", "shared")
        if "migrations" not in file.parts
    }

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE_LINES} == {}


def test_httpx_is_imported_in_the_clients_and_the_sandbox_only() -> None:
    allowed = ("shared/clients/", "services/sandbox/")
    files = [
        name_of(file) for file in python_files("services", "shared") if "httpx" in packages_imported_by(file)
    ]

    assert [name for name in files if not name.startswith(allowed)] == []


def test_the_domain_needs_the_standard_library_only_and_what_is_as_pure() -> None:
    strangers = {
        name_of(file): sorted(outside)
        for file in python_files("shared/domain")
        if (outside := {name for name in imported_by(file) if not _standard_or_domain(name)})
    }

    assert strangers == {}


def _standard_or_domain(module: str) -> bool:
    return module.partition(".")[0] in {*sys.stdlib_module_names, *PURE_LIBRARIES} or f"{module}.".startswith(
        "shared.domain."
    )


def test_a_plan_reaches_no_module_that_does_io() -> None:
    graph = grimp.build_graph("services", "shared", include_external_packages=True, cache_dir=None)
    plans = [
        name for name in graph.modules if re.fullmatch(r"services\.sync_worker\.flows\..+\.plan\w*", name)
    ]
    if not plans:
        pytest.skip("no flow has a plan yet")

    chains = [
        " -> ".join(chain)
        for plan in sorted(plans)
        for package in DOES_IO
        if package in graph.modules and (chain := graph.find_shortest_chain(plan, package))
    ]

    assert chains == []


# ── errors and settings have a page ───────────────────────────────────────────────────────────────


def _error_codes() -> Iterator[str]:
    errors = importlib.import_module("shared.domain.errors")
    for thing in vars(errors).values():
        if isinstance(thing, type) and "code" in vars(thing) and thing is not errors.SlussError:
            yield vars(thing)["code"]


def _gateway_codes() -> set[str]:
    """Refusals of the gateway are no classes: their codes stand where they are made."""
    made = re.compile(r"ApiProblem\(\s*\d+,\s*\"(\w+)\"")
    files = python_files("services/webhook_gateway")
    return {code for file in files for code in made.findall(file.read_text())}


@pytest.mark.parametrize("code", sorted({*_error_codes(), *_gateway_codes()}))
def test_every_error_code_has_a_page_that_says_what_happened_and_what_to_do(code: str) -> None:
    page = Page(REPOSITORY / "docs" / "problems" / f"{code}.md")

    assert page.file.exists(), f"docs/problems/{code}.md is missing"
    assert [wanted for wanted in SECTIONS_OF_A_PROBLEM_PAGE if not page.section(wanted).strip()] == []


def test_no_two_errors_share_a_code() -> None:
    codes = list(_error_codes())

    assert sorted(codes) == sorted(set(codes))


def _models(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[type[BaseModel]]:
    """The model and every model inside its fields, each once."""
    if model in seen:
        return
    seen.add(model)
    yield model
    for field in model.model_fields.values():
        for inner in _models_in(field.annotation):
            yield from _models(inner, seen)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _settings_of(module: str, root: str) -> list[tuple[str, str, str]]:
    """Model, name as a person writes it, description; for every setting of that module's root, in depth."""
    found = _models(getattr(_module(module), root), set())
    return [
        (model.__name__, field.alias or name, field.description or "")
        for model in found
        for name, field in model.model_fields.items()
    ]


SETTINGS = [
    pytest.param("shared.settings.service", "ServiceSettings", id="of a process"),
    pytest.param("shared.settings.connections", "ConnectionDeclaration", id="of a connection"),
]


@pytest.mark.parametrize(("module", "root"), SETTINGS)
def test_every_setting_has_a_sentence(module: str, root: str) -> None:
    settings = _settings_of(module, root)

    assert [f"{model}.{name}" for model, name, text in settings if not text.strip().endswith(".")] == []


@pytest.mark.parametrize(("module", "root"), SETTINGS)
def test_every_setting_is_on_the_settings_page(module: str, root: str) -> None:
    written = Page(REPOSITORY / "docs" / "settings.md").names()
    missing = [
        f"{model}.{name}"
        for model, name, _ in _settings_of(module, root)
        if not {name, f"SLUSS_{name.upper()}"} & written
    ]

    assert missing == [], "docs/settings.md names each setting in `code`"


# ── a flow is complete ────────────────────────────────────────────────────────────────────────────


def _kinds() -> list[str]:
    flows: Mapping[Any, Any] | Iterable[Any] = _module("services.sync_worker.registry").FLOWS
    kinds = flows.keys() if isinstance(flows, Mapping) else [row.kind for row in flows]
    return [str(getattr(kind, "value", kind)) for kind in kinds]


def _flow_folder(kind: str) -> Path:
    flows = REPOSITORY / "services" / "sync_worker" / "flows"
    plural = flows / f"{kind}s"
    return plural if plural.is_dir() else flows / kind


def test_every_flow_has_a_read_and_a_plan() -> None:
    folders = {kind: _flow_folder(kind) for kind in _kinds()}

    assert [kind for kind, folder in folders.items() if not (folder / "read.py").exists()] == []
    assert [kind for kind, folder in folders.items() if not list(folder.glob("plan*.py"))] == []


def test_every_flow_has_a_journey() -> None:
    journeys = "\n".join(file.name + file.read_text() for file in python_files("tests/journeys"))

    assert [kind for kind in _kinds() if not re.search(rf"(?<![a-z]){kind}(?![a-z])", journeys)] == []


def test_every_flow_has_a_recorded_payload() -> None:
    recorded = REPOSITORY / "tests" / "recorded"

    assert [kind for kind in _kinds() if not any((recorded / kind).glob("*"))] == []


def test_every_folder_of_a_flow_is_in_the_registry() -> None:
    registered = {_flow_folder(kind) for kind in _kinds()}
    folders = {file.parent for file in python_files("services/sync_worker/flows") if file.name == "read.py"}

    assert sorted(map(name_of, folders - registered)) == []


# ── what we say outside the code ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_file_names_no_index_and_has_a_hash_for_every_package(name: str) -> None:
    lock = (REPOSITORY / name).read_text()
    packages = re.split(r"\n(?=\S)", lock.strip())

    assert re.findall(r"\S*(?:://|--(?:extra-)?index-url|--find-links|--trusted-host)\S*", lock) == []
    assert [package.split()[0] for package in packages if "--hash=sha256:" not in package] == []


def test_every_promise_of_the_readme_names_a_test_that_exists() -> None:
    readme = Page(REPOSITORY / "README.md")
    if not readme.file.exists():
        pytest.skip("README.md does not exist yet")
    promises, tests = readme.items("promise"), names_of_tests()

    assert promises, "the README has a section of promises, one list item each"
    assert [item for item in promises if not set(_tests_in(item)) & tests] == []
    assert [name for name in _tests_in(readme.text()) if name not in tests] == []


def _tests_in(text: str) -> list[str]:
    """Test functions named in the text; a file name like tests/test_x.py is not one."""
    return re.findall(r"(?<![\w/])test_\w+\b(?!\.py)", text)

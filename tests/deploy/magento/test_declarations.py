"""What the module's XML says against what there is: Magento is not here to compile it, so it is compared."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.deploy.magento.conftest import ROOT

OWN = re.compile(r"Sluss\\Connector(?:\\\w+)+")
MADE_BY_MAGENTO = ("Proxy", "Factory")
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
TOPIC = "sluss.outbox.wake"
LONGEST_FILE_LINES = 300


def _xml(module: Path, name: str) -> ET.Element:
    return ET.parse(module / name).getroot()


def _file_of(module: Path, name: str) -> Path:
    return module.joinpath(*name.split("\\")[2:]).with_suffix(".php")


def _made_from(name: str) -> str:
    """The class that Magento makes this one from: `Outbox` for `Outbox\\Proxy`, and factories likewise."""
    owner, _, last = name.rpartition("\\")
    if last == "Proxy":
        return owner
    return name.removesuffix("Factory")


def _virtual(module: Path) -> set[str]:
    return {str(one.get("name")) for one in _xml(module, "etc/di.xml").iter("virtualType")}


def _named_in(text: str) -> set[str]:
    return set(OWN.findall(text))


def test_every_class_named_in_xml_has_its_file(module: Path) -> None:
    named = {(file.name, name) for file in module.rglob("*.xml") for name in _named_in(file.read_text())}

    lost = {
        (file, name)
        for file, name in named
        if name not in _virtual(module) and not _file_of(module, _made_from(name)).is_file()
    }

    assert len(named) > 40
    assert lost == set()


def test_every_own_class_that_php_imports_has_its_file(module: Path) -> None:
    imported = {
        (file.name, found)
        for file in ROOT.rglob("*.php")
        for found in re.findall(r"^use (Sluss\\Connector\\(?!Tests)[\w\\]+)", file.read_text(), re.MULTILINE)
    }

    assert {pair for pair in imported if not _file_of(module, _made_from(pair[1])).is_file()} == set()


def test_every_file_declares_the_class_of_its_path(module: Path) -> None:
    wrong = []
    for file in module.rglob("*.php"):
        if file.name == "registration.php":
            continue
        namespace = "\\".join(("Sluss", "Connector", *file.relative_to(module).parts[:-1]))
        text = file.read_text()
        if f"namespace {namespace};" not in text or not re.search(
            rf"^(?:final |abstract )?(?:class|interface) {file.stem}\b", text, re.MULTILINE
        ):
            wrong.append(str(file.relative_to(module)))

    assert wrong == []


def test_no_file_is_longer_than_one_noun(module: Path) -> None:
    lengths = {str(file): len(file.read_text().splitlines()) for file in module.rglob("*.php")}

    assert {file: lines for file, lines in lengths.items() if lines > LONGEST_FILE_LINES} == {}


# ── names that must agree ─────────────────────────────────────────────────────────────────────────


def test_topic_queue_and_consumer_agree_and_the_handler_is_there(module: Path) -> None:
    topic = _xml(module, "etc/communication.xml").find("topic")
    publisher = _xml(module, "etc/queue_publisher.xml").find("publisher")
    binding = _xml(module, "etc/queue_topology.xml").find("exchange/binding")
    consumer = _xml(module, "etc/queue_consumer.xml").find("consumer")
    assert topic is not None
    assert publisher is not None
    assert binding is not None
    assert consumer is not None
    handler, _, method = str(consumer.get("handler")).partition("::")

    assert {topic.get("name"), publisher.get("topic"), binding.get("topic")} == {TOPIC}
    assert binding.get("destination") == consumer.get("queue") == TOPIC
    assert f"function {method}({topic.get('request')} " in _file_of(module, handler).read_text()
    assert f"TOPIC = '{TOPIC}'" in _file_of(module, handler).read_text()


def test_no_queue_file_names_a_connection(module: Path) -> None:
    files = [file.read_text() for file in (module / "etc").glob("queue_*.xml")]

    assert [file for file in files if "connection=" in file] == []


def test_every_event_that_is_observed_is_known_to_its_observer(module: Path) -> None:
    observed: dict[str, set[str]] = {"NoteNew": set(), "TellChange": set(), "Wake": set()}
    for event in _xml(module, "etc/events.xml").iter("event"):
        for observer in event.iter("observer"):
            observed[str(observer.get("instance")).rpartition("\\")[2]].add(str(event.get("name")))

    known = re.findall(r"'(\w+_(?:after|before))'", (module / "Observer" / "TellChange.php").read_text())

    assert observed["TellChange"] == set(known)
    assert {event.replace("_before", "_after") for event in observed["NoteNew"]} <= observed["TellChange"]
    assert {event for event in observed["Wake"] if not event.endswith("_commit_after")} == set()


def test_what_runs_in_a_transaction_is_told_in_it(module: Path) -> None:
    events = {str(event.get("name")) for event in _xml(module, "etc/events.xml").iter("event")}

    assert "sales_order_place_after" not in events, "it comes before the order has an id"
    assert {event for event in events if event.endswith("_save_after")} >= {
        "sales_order_save_after",
        "sales_order_invoice_save_after",
        "sales_order_creditmemo_save_after",
        "sales_order_shipment_save_after",
        "catalog_product_save_after",
        "customer_save_after",
        "customer_address_save_after",
    }


def test_every_right_that_is_asked_for_is_declared(module: Path) -> None:
    declared = {str(one.get("id")) for one in _xml(module, "etc/acl.xml").iter("resource")}
    asked = set()
    for file in [*module.rglob("*.xml"), *module.rglob("*.php")]:
        if file.name != "acl.xml":
            asked |= set(re.findall(r"Sluss_Connector::(?!config/)[a-z_]+\b", file.read_text()))

    assert asked == {right for right in declared if right.startswith("Sluss_Connector::")} - {
        "Sluss_Connector::connector"
    }


def test_every_route_calls_a_method_that_its_interface_has(module: Path) -> None:
    routes = {}
    for route in _xml(module, "etc/webapi.xml").iter("route"):
        service = route.find("service")
        assert service is not None
        text = _file_of(module, str(service.get("class"))).read_text()
        assert f"public function {service.get('method')}(" in text
        for argument in re.findall(r":(\w+)", str(route.get("url"))):
            assert f"@param int ${argument}" in text
        routes[route.get("url")] = route.get("method")

    assert routes == {
        "/V1/sluss/version": "GET",
        "/V1/sluss/tax-display": "GET",
        "/V1/sluss/orders/:orderId/svea": "GET",
        "/V1/sluss/currency-rates": "POST",
    }


def test_every_api_method_says_its_types_as_magento_reads_them(module: Path) -> None:
    """REST is made from these comments: one that is missing breaks every route of the shop."""
    bad = []
    for file in (module / "Api").rglob("*.php"):
        text = file.read_text()
        for method in re.finditer(
            r"(/\*\*(?:(?!\*/).)*\*/)?\s*public function (\w+)\((.*?)\)", text, re.DOTALL
        ):
            comment, name, arguments = method[1] or "", method[2], re.findall(r"\$\w+", method[3])
            if "@return" not in comment or any(f" {one}\n" not in comment for one in arguments):
                bad.append(f"{file.stem}::{name}")

    assert bad == []


def test_every_interface_of_the_api_is_bound(module: Path) -> None:
    bound = {str(one.get("for")) for one in _xml(module, "etc/di.xml").iter("preference")}
    interfaces = {
        "\\".join(("Sluss", "Connector", *file.relative_to(module).with_suffix("").parts))
        for file in module.rglob("*.php")
        if re.search(r"^interface ", file.read_text(), re.MULTILINE)
    }

    assert bound == interfaces


def test_constructor_arguments_that_di_xml_names_are_there(module: Path) -> None:
    for type_ in _xml(module, "etc/di.xml").iter("type"):
        name = str(type_.get("name"))
        if not name.startswith("Sluss\\"):
            continue
        constructor = (
            _file_of(module, name).read_text().partition("function __construct(")[2].partition(")")[0]
        )
        for argument in type_.iterfind("arguments/argument"):
            assert f"${argument.get('name')}" in constructor, name


def test_cron_calls_methods_that_are_there_in_a_group_that_is_declared(module: Path) -> None:
    groups = {str(one.get("id")) for one in _xml(module, "etc/cron_groups.xml").iter("group")}
    jobs = list(_xml(module, "etc/crontab.xml").iter("job"))

    assert {str(one.get("id")) for one in _xml(module, "etc/crontab.xml").iter("group")} == groups
    assert [job.get("name") for job in jobs] == ["sluss_send", "sluss_purge"]
    for job in jobs:
        text = _file_of(module, str(job.get("instance"))).read_text()
        assert f"public function {job.get('method')}()" in text


# ── settings, tables, texts ───────────────────────────────────────────────────────────────────────


def test_every_setting_that_php_reads_can_be_set_and_has_a_default_where_it_needs_one(module: Path) -> None:
    fields = {
        f"sluss/{group.get('id')}/{field.get('id')}"
        for group in _xml(module, "etc/adminhtml/system.xml").iter("group")
        for field in group.iter("field")
    }
    read = set(re.findall(r"'(sluss/\w+/\w+)'", (module / "Model" / "ShopSettings.php").read_text()))
    section = _xml(module, "etc/config.xml").find("default/sluss")
    assert section is not None
    defaults = {f"sluss/{group.tag}/{field.tag}" for group in section for field in group}

    assert fields == read | {"sluss/connection/test"}
    assert read - defaults == {"sluss/connection/url", "sluss/connection/secret"}
    assert defaults <= read


def test_the_secret_is_stored_encrypted_and_stays_out_of_files(module: Path) -> None:
    secret = _xml(module, "etc/adminhtml/system.xml").find(".//field[@id='secret']")
    assert secret is not None
    sensitive = _xml(module, "etc/di.xml").find(".//argument[@name='sensitive']/item")
    assert sensitive is not None

    assert secret.get("type") == "obscure"
    assert secret.findtext("backend_model") == "Magento\\Config\\Model\\Config\\Backend\\Encrypted"
    assert sensitive.get("name") == "sluss/connection/secret"


def test_the_default_kinds_are_all_but_stock(module: Path) -> None:
    offered = re.findall(r"'value' => '(\w+)'", (module / "Model" / "Source" / "Kinds.php").read_text())

    chosen = str(_xml(module, "etc/config.xml").findtext("default/sluss/events/kinds")).split(",")

    assert [kind for kind in offered if kind not in chosen] == ["stock"]
    assert [kind for kind in chosen if kind not in offered] == []


def test_the_whitelist_has_every_column_index_and_constraint(module: Path) -> None:
    table = _xml(module, "etc/db_schema.xml").find("table")
    assert table is not None
    listed = json.loads((module / "etc" / "db_schema_whitelist.json").read_text())["sluss_outbox"]

    assert list(listed["column"]) == [one.get("name") for one in table.iter("column") if one.get(XSI_TYPE)]
    assert list(listed["index"]) == [one.get("referenceId") for one in table.iter("index")]
    assert list(listed["constraint"]) == [one.get("referenceId") for one in table.iter("constraint")]


def test_the_list_in_the_admin_shows_columns_that_are_there(module: Path) -> None:
    table = {str(one.get("name")) for one in _xml(module, "etc/db_schema.xml").iter("column")}
    listing = _xml(module, "view/adminhtml/ui_component/sluss_outbox_listing.xml")

    assert {str(one.get("name")) for one in listing.iter("column")} <= table
    assert 'name="sluss_outbox_listing_data_source"' in (module / "etc" / "di.xml").read_text()


def _phrases(module: Path) -> Iterator[str]:
    for file in [*module.rglob("*.php"), *module.rglob("*.phtml")]:
        yield from re.findall(r"__\(\s*'((?:[^'\\]|\\.)*)'", file.read_text())
    for file in module.rglob("*.js"):
        yield from re.findall(r"\$t\('([^']*)'\)", file.read_text())
    for file in module.rglob("*.xml"):
        for element in ET.parse(file).iter():
            yield from _phrases_of(element)


def _phrases_of(element: ET.Element) -> Iterator[str]:
    """`translate="true"` means the text, else it names attributes or children."""
    for name in (element.get("translate") or "").split():
        text = element.text if name == "true" else element.get(name) or element.findtext(name)
        assert text, f"{element.tag}: {name}"
        yield text


@pytest.mark.parametrize("language", ["en_US", "sv_SE"])
def test_every_text_stands_in_every_language(module: Path, language: str) -> None:
    with (module / "i18n" / f"{language}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))

    assert {row[0] for row in rows} == set(_phrases(module))
    assert all(len(row) == 2 and row[1] for row in rows)
    assert [row for row in rows if re.findall(r"%\d", row[0]) != re.findall(r"%\d", row[1])] == []


def test_composer_and_php_say_the_same_version(module: Path) -> None:
    declared = json.loads((module / "composer.json").read_text())

    assert f"VERSION = '{declared['version']}'" in (module / "Model" / "Rest" / "Version.php").read_text()
    assert declared["autoload"] == {"files": ["registration.php"], "psr-4": {"Sluss\\Connector\\": ""}}
    assert declared["type"] == "magento2-module"


def test_every_core_module_that_php_uses_is_required(module: Path) -> None:
    used = {
        re.sub(r"(?<=[a-z])(?=[A-Z])", "-", found).lower()
        for file in module.rglob("*.php")
        for found in re.findall(r"^use Magento\\(?!Framework)(\w+)\\", file.read_text(), re.MULTILINE)
    }
    required = json.loads((module / "composer.json").read_text())["require"]

    assert {name for name in used if f"magento/module-{name}" not in required} == set()

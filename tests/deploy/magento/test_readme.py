"""What the module's README promises a merchant is there, and what is there stands in it."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.deploy.magento.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def _php(module: Path, *names: str) -> str:
    return "\n".join((module / name).read_text() for name in names)


def test_it_names_every_type_of_message(module: Path) -> None:
    kinds = "order|invoice|creditmemo|shipment|customer|product|stock"
    text = _php(module, "Change/Notices.php")
    told = set(re.findall(rf"'((?:{kinds})\.\w+)'", text))
    told |= {f"{kind}.created" for kind in ("invoice", "creditmemo", "shipment", "customer", "product")}
    told |= {f"{kind}.updated" for kind in ("invoice", "creditmemo", "customer", "product")}

    written = set(re.findall(rf"`((?:{kinds})\.\w+)`", README))

    assert written == told


def test_it_names_every_right_and_route(module: Path) -> None:
    routes = ET.parse(module / "etc" / "webapi.xml").getroot()

    for route in routes.iter("route"):
        right = route.find("resources/resource")
        assert right is not None
        address = str(route.get("url")).replace(":orderId", "{id}")
        assert f"`{right.get('ref')}` | `{route.get('method')} {address}`" in README


def test_it_names_every_command_and_option(module: Path) -> None:
    for file in (module / "Console" / "Command").glob("*.php"):
        name = re.search(r"setName\('([^']+)'\)", file.read_text())
        assert name is not None
        assert f"`bin/magento {name[1]}" in README
    for option in re.findall(r"new InputOption\(\s*'(\w+)'", _php(module, "Console/Command/Resend.php")):
        assert f"--{option}" in README
    for name in re.findall(r"^        '(\w+)' => \[", _php(module, "Change/Resend.php"), re.MULTILINE):
        assert f"`{name}`" in README


def test_it_names_every_setting_as_the_admin_shows_it(module: Path) -> None:
    fields = ET.parse(module / "etc" / "adminhtml" / "system.xml").getroot().iter("field")

    written = README.replace(
        "Keep what was sent, what was given up", "Keep what was sent Keep what was given up"
    )
    for field in fields:
        label = str(field.findtext("label")).removesuffix(", hours").removesuffix(", days")
        assert label in written


def test_it_says_the_statuses_that_die_early(module: Path) -> None:
    statuses = re.search(r"UNACCEPTABLE = \[([\d, ]+)\]", _php(module, "Outbox/Answer.php"))
    assert statuses is not None

    assert f"`{statuses[1].replace(',', '')}` three times" in README


@pytest.mark.parametrize("header", ["X-Sluss-Event", "X-Sluss-Id", "X-Sluss-Timestamp", "X-Sluss-Signature"])
def test_it_shows_every_header(module: Path, header: str) -> None:
    assert f"'{header}'" in _php(module, "Outbox/Message.php")
    assert f"\n{header}: " in README

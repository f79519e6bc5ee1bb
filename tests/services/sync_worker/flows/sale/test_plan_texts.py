"""What an invoice without VAT says about why there is none."""

from dataclasses import replace
from decimal import Decimal

import pytest

from services.sync_worker.flows.sale.observed import ObservedSale
from services.sync_worker.flows.sale.plan_texts import invoice_text
from shared.domain.items import Row
from shared.domain.money import Money
from shared.domain.parties import Address, Buyer
from shared.domain.vat.treatment import Treated, Treatment
from shared.settings.connections import ConnectionDeclaration
from tests.services.sync_worker.flows.sale.test_plan import TODAY, a_sale
from tests.support.world import a_declaration

BERLIN = Address("Muster GmbH", "Teststr. 1", "", "10115", "Berlin", "DE")
BUYER = Buyer("company", "Muster GmbH", "einkauf@example.com", "", "", BERLIN, vat_number="de 123456789")
GOODS, SERVICES, EXPORT = "Article 138", "Article 196", "Article 146"


def a_row(treatment: Treatment | None, supply: str = "goods", rate: str = "0") -> Row:
    treated = Treated(treatment, "DE", "so it is", supply) if treatment else None  # type: ignore[arg-type]
    return Row("Vara", Decimal(1), Money(Decimal(100), "EUR"), Decimal(rate), 3108, "goods", treated=treated)


def said(*rows: Row, **texts: str) -> str:
    settings = ConnectionDeclaration.model_validate(a_declaration(invoice_texts=texts))
    sale = replace(a_sale(), buyer=BUYER)
    return invoice_text(ObservedSale(sale=sale, settings=settings, today=TODAY), rows)


@pytest.mark.parametrize(
    ("rows", "articles"),
    [
        ([a_row("eu_business")], [GOODS]),
        ([a_row("eu_business", "services")], [SERVICES]),
        ([a_row("eu_business"), a_row("eu_business", "services"), a_row("eu_business")], [GOODS, SERVICES]),
        ([a_row("export"), a_row("export", "services")], [EXPORT]),
        ([a_row("domestic", rate="25"), a_row("oss", rate="19"), a_row("voec", rate="25")], []),
        ([a_row(None)], []),
    ],
    ids=["goods", "services", "both, each once", "export", "VAT was charged", "a means of payment"],
)
def test_each_reason_is_said_once(rows: list[Row], articles: list[str]) -> None:
    lines = said(*rows).splitlines()

    assert [one for one in (GOODS, SERVICES, EXPORT) if any(one in line for line in lines)] == articles
    assert len(lines) == len(articles)


def test_the_buyers_number_is_named_as_it_is_read() -> None:
    assert "VAT-nummer: DE123456789." in said(a_row("eu_business"))


def test_the_merchant_has_other_words_or_none() -> None:
    own = {"eu_goods": "Reverse charge for {vat_number}", "export": ""}

    assert said(a_row("eu_business"), **own) == "Reverse charge for DE123456789"
    assert said(a_row("export"), **own) == ""

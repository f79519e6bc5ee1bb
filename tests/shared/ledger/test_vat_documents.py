"""Booked documents with their VAT: page by page, credits with their invoice's day, old drafts by mapping."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert

from shared.domain.documents import to_plain
from shared.domain.vat_books import VatAccounts
from shared.domain.vat_documents import VatDocument
from shared.ledger import vat_documents
from shared.ledger.ledger import Ledger
from shared.ledger.models import link, subject
from shared.settings.connections import ConnectionDeclaration
from tests.support.vat_documents import VAT, a_row
from tests.support.world import a_declaration

NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)
MANY = vat_documents.DOCUMENTS_PER_QUESTION * 2 + 3


def a_link(number: int, **changes: Any) -> dict[str, Any]:
    """A booked invoice of one lamp to Germany."""
    row: dict[str, Any] = {
        "id": f"l{number:06d}",
        "connection": "acme",
        "system": "fortnox",
        "kind": "invoice",
        "reference": f"S{number}",
        "subject_id": "sale",
        "intender_id": "sale",
        "intender_fence": 1,
        "number": str(number),
        "state": "final",
        "draft": {"rows": to_plain([a_row("119.00")]), "rate": "11.2"},
        "content_hash": "x",
        "parent": None,
        "notes": [],
        "unanswered": False,
        "intended_at": NOW,
        "created_at": NOW,
        "finalised_at": NOW,
        "total": Decimal("119.00"),
        "currency": "EUR",
        "dated": date(2026, 5, 4),
    }
    return row | changes


async def keeps(ledger: Ledger, *links: dict[str, Any]) -> None:
    sale = {
        "id": "sale",
        "connection": "acme",
        "kind": "sale",
        "key": "9300101",
        "lane": "sale",
        "wanted": 1,
        "done": 1,
        "state": "done",
        "next_try_at": NOW,
        "attempt": 0,
        "fence": 1,
        "summary": {},
        "created_at": NOW,
        "updated_at": NOW,
    }

    def write(connection: Any) -> None:
        connection.execute(insert(subject), [sale])
        connection.execute(insert(link), list(links))

    await ledger._database.write(write)


async def between(ledger: Ledger, first: str, last: str) -> list[VatDocument]:
    settings = ConnectionDeclaration.model_validate(a_declaration())
    found = ledger.vat_documents.between(
        settings, date.fromisoformat(first), date.fromisoformat(last), VatAccounts(VAT, {})
    )
    return [one async for one in found]


async def test_many_documents_of_one_day_come_each_once_and_none_of_another_day(ledger: Ledger) -> None:
    others = [a_link(900_001, dated=date(2026, 5, 3)), a_link(900_002, dated=date(2026, 5, 6))]
    later = a_link(0, dated=date(2026, 5, 5))  # its id is before theirs
    await keeps(ledger, *[a_link(number) for number in range(1, MANY + 1)], *others, later)

    found = await between(ledger, "2026-05-04", "2026-05-05")

    assert [one.number for one in found] == [*(str(number) for number in range(1, MANY + 1)), "0"]
    assert found[0].by_account() == {3161: Decimal("1120.00"), 2671: Decimal("212.80")}


async def test_only_what_is_booked_counts_and_a_credit_knows_the_day_of_its_invoice(ledger: Ledger) -> None:
    credit = a_link(
        2,
        kind="credit_invoice",
        parent="S1",
        dated=date(2026, 6, 1),
        draft={"rows": to_plain([a_row("-119.00")]), "rate": "11.2"},
    )
    created = a_link(3, state="created", dated=date(2026, 6, 1), finalised_at=None)
    of_others = a_link(4, connection="another", dated=date(2026, 6, 1))
    await keeps(ledger, a_link(1), credit, created, of_others)

    (found,) = await between(ledger, "2026-06-01", "2026-06-30")

    assert (found.kind, found.original, found.supplied) == (
        "credit_invoice",
        date(2026, 5, 4),
        date(2026, 5, 4),
    )
    unfinished = await ledger.vat_documents.unfinished("acme")
    assert {number: one.reference for number, one in unfinished.items()} == {"3": "S3"}


async def test_drafts_of_before_treatments_were_kept_are_read_by_the_line_of_their_account(
    ledger: Ledger,
) -> None:
    """As they were kept then: without `treated`. What no line explains keeps its amounts and no treatment."""
    rows = [
        a_row("119.00", treated=None),
        a_row("10.70", rate="7", treated=None, account=3999),
        a_row("25.00", treated=None, kind="gift_card", vat_code=None, account=2421),
    ]
    plain = [{name: value for name, value in one.items() if name != "treated"} for one in to_plain(rows)]
    await keeps(ledger, a_link(1, draft={"rows": plain, "rate": "11.2"}))

    (found,) = await between(ledger, "2026-05-04", "2026-05-04")

    known, unknown = found.parts
    assert known.treated is not None
    assert (known.treated.treatment, known.treated.country) == ("oss", "DE")
    assert (unknown.treated, unknown.vat_sek) == (None, Decimal("7.84"))


async def test_a_document_of_which_no_draft_was_kept_has_no_vat_to_tell(ledger: Ledger) -> None:
    await keeps(ledger, a_link(1, draft={}))

    (found,) = await between(ledger, "2026-05-04", "2026-05-04")

    assert (found.parts, found.by_account()) == ((), {})

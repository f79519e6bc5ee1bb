"""Vouchers in Fortnox: made once and compared. Nothing finds them again but our reference in `Comments`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.sync_worker.booking import Numbers, Vanished, Written
from shared.clients.fortnox.client import FortnoxClient
from shared.clients.fortnox.wire_vouchers import FortnoxVoucher, FortnoxVoucherHead, VoucherName
from shared.domain.errors import Mismatch, MissingFinancialYear
from shared.domain.vouchers import MAX_ROW_TEXT, VoucherDraft, VoucherRow, gathered


@dataclass
class VoucherWriter:
    """A voucher is final when it is made; it is linked first and compared then, so none is made twice."""

    client: FortnoxClient
    may_exist: bool = False
    revisable: bool = False
    kept_open: bool = False
    done_when_made: bool = False
    years: dict[date, int] = field(default_factory=dict)

    async def find(self, draft: VoucherDraft, numbers: Numbers, *, in_doubt: bool = False) -> str | None:
        year = await self._year(draft.dated)
        async for head in self.client.vouchers_on(draft.dated, series=draft.series, year=year):
            if head.dated == draft.dated and await self._is(draft, head):
                return str(head.name)
        return None

    async def _is(self, draft: VoucherDraft, head: FortnoxVoucherHead) -> bool:
        """A list that shows no comments is not believed."""
        if head.comments or head.description != draft.text:
            return head.comments == draft.ref
        voucher = await self.client.voucher(head.name)
        return voucher is not None and voucher.comments == draft.ref

    async def create(self, draft: VoucherDraft, numbers: Numbers) -> Written:
        year = await self._year(draft.dated)
        voucher = await self.client.create_voucher(voucher_payload(draft), year=year)
        return Written(str(voucher.name), voucher)

    async def _year(self, on: date) -> int:
        if on not in self.years:
            year = await self.client.financial_year(on)
            if year is None:
                raise MissingFinancialYear(f"no financial year has {on}", facts={"date": on.isoformat()})
            self.years[on] = year.id
        return self.years[on]

    async def update(
        self, draft: VoucherDraft, number: str, numbers: Numbers, before: Mapping[str, Any]
    ) -> Written:
        raise NotImplementedError("a voucher is never revised")

    async def cancel(self, number: str) -> None:
        raise NotImplementedError("a voucher is never taken back, another one corrects it")

    async def compare(self, draft: VoucherDraft, written: Written, numbers: Numbers) -> Sequence[str]:
        voucher = written.answer or await self.client.voucher(VoucherName.parse(written.number))
        if voucher is None:
            raise Vanished
        _must_match(draft, voucher)
        return ()

    async def finalise(self, draft: VoucherDraft, number: str) -> None:
        """It is in the books since it was made."""


def voucher_payload(draft: VoucherDraft) -> dict[str, Any]:
    return {
        "Description": draft.text,
        "Comments": draft.ref,
        "VoucherSeries": draft.series,
        "TransactionDate": draft.dated,
        "VoucherRows": [
            {
                "Account": row.account,
                "Debit": row.debit,
                "Credit": row.credit,
                "TransactionInformation": row_text(draft, row),
            }
            for row in gathered(draft.rows)
        ],
    }


def row_text(draft: VoucherDraft, row: VoucherRow) -> str:
    """What the row is about, with our reference where there is room for all of it."""
    both = f"{row.text} {draft.ref}".strip()
    return both if len(both) <= MAX_ROW_TEXT else row.text


def _must_match(draft: VoucherDraft, voucher: FortnoxVoucher) -> None:
    """Raises Mismatch; what is in the books stays there, so a person has to correct it with another one."""
    wanted = sorted((row.account, row.amount) for row in gathered(draft.rows))
    found = sorted((row.account, row.amount) for row in voucher.rows)
    wrong = []
    if voucher.dated != draft.dated:
        wrong.append(f"date {voucher.dated} instead of {draft.dated}")
    if found != wanted:
        wrong.append(f"rows {_told(found)} instead of {_told(wanted)}")
    if wrong:
        raise Mismatch(
            f"{draft.ref}: Fortnox' voucher {voucher.name} has {', '.join(wrong)}; it is booked already, "
            "so correct it with a voucher of its own, then ignore",
            facts={"voucher": str(voucher.name)},
        )


def _told(rows: Sequence[tuple[int, Any]]) -> str:
    return ", ".join(f"{account} {amount:f}" for account, amount in rows)

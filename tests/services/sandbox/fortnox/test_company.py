import copy

from services.sandbox.fortnox.company import Company, SandboxFortnox
from tests.services.sandbox.fortnox.api import TENANT, Api, a_row, freight, money


async def test_a_stored_company_knows_everything_but_who_called(
    api: Api, fortnox: SandboxFortnox, company: Company
) -> None:
    await api.booked_invoice(a_row(), freight())

    restored = copy.deepcopy(company)

    assert restored.books.by_account() == money(
        a1510="547.00", a2611="-109.40", a3001="-398.40", a3520="-39.20"
    )
    assert restored.invoices == company.invoices
    assert restored.invoices.modified == company.invoices.modified
    assert restored.invoices.next_number() == "2"
    assert (len(company.calls), restored.calls) == (3, [])
    assert fortnox.company(TENANT) is company


async def test_companies_share_nothing(api: Api, fortnox: SandboxFortnox, company: Company) -> None:
    other = fortnox.add_company(7, rounds_to_kronor=True)
    await api.booked_invoice(a_row())
    other.accounts[3001].active = False

    assert (other.vouchers, len(other.invoices), other.calls) == ([], 0, [])
    assert company.accounts[3001].active
    assert not company.switches.rounds_to_kronor

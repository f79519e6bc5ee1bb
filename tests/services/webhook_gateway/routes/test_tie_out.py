"""The tie-out over the API: who may ask, for which day, and what an empty one says."""

from tests.services.webhook_gateway.payouts_support import a_payout, a_row, has_payout, has_sale
from tests.services.webhook_gateway.support import Gateway, problem_of

TIE_OUT = "/connections/acme/tie-out"


async def test_it_is_of_today_unless_a_day_is_named_and_says_what_is_not_booked(gateway: Gateway) -> None:
    await gateway.knows()
    await has_sale(gateway)
    payout = await has_payout(gateway, a_payout(a_row(), on="2026-05-04"))

    today = (await gateway.call("GET", TIE_OUT)).json()
    before = (await gateway.call("GET", TIE_OUT, on="2026-05-03")).json()

    assert (today["on"], today["open_invoices"]) == ("2026-05-04", {"amount": "547.00", "currency": "SEK"})
    assert [(one["payout_id"], one["amount"]["amount"]) for one in today["not_booked"]] == [
        (payout, "-547.00")
    ]
    assert (today["difference"]["amount"], today["unexplained"]["amount"]) == ("-547.00", "0.00")
    assert [(one["number"], one["checkout_id"]) for one in today["items"]] == [("4711", "9300101")]
    assert (before["found"]["amount"], before["items"], before["fortnox"]) == ("0.00", [], None)


async def test_what_cannot_be_answered_is_refused(gateway: Gateway) -> None:
    await gateway.knows()

    assert problem_of(await gateway.call("GET", "/connections/nobody/tie-out")) == (404, "not_found")
    assert problem_of(await gateway.call("GET", TIE_OUT, on="May")) == (422, "invalid")
    assert problem_of(await gateway.call("GET", TIE_OUT, format="xml")) == (422, "invalid")
    assert problem_of(await gateway.call("GET", TIE_OUT, scopes=("operate",))) == (403, "forbidden")

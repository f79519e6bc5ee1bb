"""The mapping against what the chart of accounts suggests. Pure."""

from collections.abc import Iterator

from services.sync_worker.preflight.seen import Seen
from shared.domain.findings import Finding
from shared.domain.vat.proposal import ChartAccount, Proposal, propose
from shared.domain.vat.territories import EU
from shared.settings.connections import ConnectionDeclaration


def proposal_of(seen: Seen, settings: ConnectionDeclaration) -> Proposal | None:
    """From today's chart; None where it could not be read."""
    year = next((one for one in seen.fortnox.years or () if one.day == seen.today), None)
    if year is None or year.accounts is None or seen.fortnox.predefined is None:
        return None
    chart = [
        ChartAccount(one.number, one.description, one.vat_code)
        for one in year.accounts.values()
        if one.active
    ]
    return propose(chart, seen.fortnox.predefined, home=settings.company_country, day=seen.today)


def judge_mapping(seen: Seen, settings: ConnectionDeclaration) -> Iterator[Finding]:
    """Countries that a market sells to and the mapping has nothing for, though the chart has accounts."""
    proposal = proposal_of(seen, settings)
    mapped = {line.country for line in settings.sales}
    abroad = {market.country for market in settings.markets} - mapped - {settings.company_country}
    for country in sorted(abroad):
        lines = [line for line in proposal.lines if line.country == country] if proposal else []
        if not lines:
            continue
        scheme = "OSS" if country in EU else "VOEC"
        rates = ", ".join(f"{line.rate:f} %" for line in lines)
        message = f"a market sells to {country}, and the chart of accounts has {scheme} accounts for {rates}"
        facts = {"country": country, "rates": rates, "accounts": ", ".join(str(one.goods) for one in lines)}
        yield Finding("mapping_proposed", "declaration", country, message, blocking=False, facts=facts)

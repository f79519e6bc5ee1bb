"""Pre-flight checks as the API shows them, and what they mean for an activation."""

from datetime import datetime

from pydantic import BaseModel, Field

from services.webhook_gateway.problems import ApiProblem, Flaw
from shared.domain.findings import Finding
from shared.domain.fixes import fix_for
from shared.ledger.ledger import Ledger
from shared.ledger.preflights import StoredPreflight


class FindingAnswer(BaseModel):
    code: str = Field(description="Stable; there is a page about it.", examples=["missing_currency"])
    blocking: bool = Field(description="Whether sales would stop, or the books be wrong, for it.")
    where: str = Field(
        description="Where it is changed: `fortnox magento svea declaration service`.", examples=["fortnox"]
    )
    about: str = Field(description="The one thing that it is about.", examples=["NOK"])
    message: str = Field(description="What is wrong.")
    cure: str = Field(description="What to do, in a bookkeeper's words.")
    facts: dict[str, str] = Field(description="The numbers behind the message.")
    fixable: bool = Field(description="Whether `POST .../preflight/fix` can make it.")
    docs: str = Field(description="The page about this code.", examples=["docs/problems/missing_currency.md"])


class PreflightShown(BaseModel):
    examined_at: datetime
    declaration_version: int = Field(description="The version of the declaration that was examined.")
    ready: bool = Field(description="No finding blocks.")
    findings: list[FindingAnswer] = Field(description="What blocks comes first.")
    green: list[FindingAnswer] = Field(description="What the check before had found, and is right now.")
    not_examined: dict[str, str] = Field(description="Parts that could not be looked at, and why.")


class PreflightAnswer(BaseModel):
    run_id: str = Field(description="Ask `GET /api/v1/runs/{run_id}` for progress.")
    finished: bool = Field(description="False: it takes longer; then ask for the last check, or the run.")
    preflight: PreflightShown | None = Field(description="The check, once it is finished.")


class FixAnswer(BaseModel):
    run_id: str = Field(description="Ask `GET /api/v1/runs/{run_id}`: its line has the drafts.")
    finished: bool
    state: str = Field(description="`would_make done skipped`, or as it is now.", examples=["would_make"])
    text: str
    drafts: list[dict[str, object]] = Field(description="What is made, one thing each.")


def shown(stored: StoredPreflight) -> PreflightShown:
    report = stored.report
    return PreflightShown(
        examined_at=stored.examined_at,
        declaration_version=stored.declaration_version,
        ready=not report.blocking,
        findings=[_finding(one) for one in sorted(report.findings, key=lambda one: not one.blocking)],
        green=[_finding(one) for one in report.green],
        not_examined=dict(report.not_examined),
    )


def _finding(one: Finding) -> FindingAnswer:
    return FindingAnswer(
        code=one.code,
        blocking=one.blocking,
        where=one.where,
        about=one.about,
        message=one.message,
        cure=one.cure,
        facts=dict(one.facts),
        fixable=fix_for(one) is not None,
        docs=f"docs/problems/{one.code}.md",
    )


async def must_not_block(ledger: Ledger, connection: str) -> None:
    """The last check speaks, however old it is; where none was made there is nothing to refuse for."""
    stored = await ledger.preflights.last(connection)
    if stored is None or not stored.report.blocking:
        return
    flaws = [
        Flaw(path=f"{one.where}: {one.about}", code=one.code, detail=f"{one.message}. {one.cure}")
        for one in stored.report.blocking
    ]
    raise ApiProblem(
        409,
        "preflight_blocks",
        f"The pre-flight check of {stored.examined_at:%Y-%m-%d %H:%M} UTC has findings that block. Put them "
        'right and check again, or activate with {"force": true}.',
        errors=flaws,
    )

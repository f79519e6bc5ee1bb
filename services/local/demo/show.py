"""What a person sees: what came in, what was booked by account, and the table at the end."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.local.demo.acts import Act
from services.local.demo.books import Document
from services.local.demo.operations import SaleState

ACCOUNTS = {
    1510: "Customer receivables",
    2421: "Gift cards not used yet",
    2611: "Output VAT 25 %",
    2621: "Output VAT 12 %",
    2631: "Output VAT 6 %",
    2671: "OSS VAT Germany 19 %",
    2672: "OSS VAT Finland 25.5 %",
    2673: "OSS VAT Denmark 25 %",
    2674: "OSS VAT Germany 7 %",
    2899: "VOEC Norway",
    3001: "Sales Sweden 25 %",
    3002: "Sales Sweden 12 %",
    3003: "Sales Sweden 6 %",
    3105: "Sales of goods outside the EU",
    3161: "OSS sales Germany 19 %",
    3162: "OSS sales Finland 25.5 %",
    3163: "OSS sales Denmark 25 %",
    3164: "OSS sales Germany 7 %",
    3520: "Freight 25 %",
    3540: "Invoice fees",
    3740: "Rounding",
}
COLOURS = {"booked": "green", "invoiced": "green", "cancelled": "yellow", "open": "cyan", "not booked": "red"}
CALM = ("done", "skipped", "waiting")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One line of the table at the end."""

    title: str
    sale: str
    documents: Sequence[Document]
    differences: Sequence[str]


@dataclass(frozen=True, slots=True)
class LoadOutcome:
    """One run of a load; `at_the_limit`: the seconds that Fortnox' limit would have made of it."""

    what: str
    said: str
    calls: int
    writes: int
    seconds: float
    at_the_limit: float


@dataclass(frozen=True, slots=True)
class PayoutOutcome:
    """One payout by Svea's report, in kronor; `rows` are its sales and refunds."""

    day: date
    agreement: str
    rows: int
    nominal: Decimal
    fees: Decimal
    paid: Decimal
    owed: Decimal


class Show:
    def __init__(self, console: Console) -> None:
        self._console = console

    def chapter(self, title: str) -> None:
        self._console.print()
        self._console.rule(f"[bold]{title}", align="left")

    def say(self, text: str) -> None:
        self._console.print(text)

    def story(self, act: Act) -> None:
        story = act.story
        self._console.print(
            f"\n[bold]{story.key}  {story.title}[/] [dim]({story.market} {story.checkout_id})[/]"
        )

    def came_in(self, act: Act) -> None:
        told = act.told_by.removesuffix(".json")
        what = f"Svea tells: [cyan]{told}" if told != "nobody" else "[dim]changed at Svea, nobody is told"
        self._console.print(f"  → {what}")

    def purchase(self, key: str, title: str, number: str) -> None:
        self._console.print(f"\n[bold]{key}  {title}[/] [dim](order {number})[/]")

    def happens(self, told: str) -> None:
        self._console.print(f"  → [cyan]{told}")

    def nothing_new(self, state: SaleState) -> None:
        why = f"{state.state}: {state.why}" if state.why else state.state
        self._console.print(f"    [dim]nothing new in the books ({why})")

    def booked(self, changed: Sequence[Document]) -> None:
        for document in changed:
            self._console.print(f"    [{COLOURS[document.state]}]{_headline(document)}")
            if document.postings:
                self._console.print(Padding(_voucher(document), (0, 0, 0, 8)))

    def rests(self, state: SaleState | None) -> None:
        if state is None:
            self._console.print("    [dim]nothing known yet")
        elif state.state != "done":
            colour = "dim" if state.state in CALM else "red"
            self._console.print(f"    [{colour}]{state.state.replace('_', ' ')}: {state.why}")

    def table(self, outcomes: Sequence[Outcome]) -> None:
        table = Table(title="Sales, and whether they add up", title_justify="left", expand=False)
        for name in ("Sale", "Key", "Documents"):
            table.add_column(name)
        for name in ("Invoiced", "Credited"):
            table.add_column(name, justify="right")
        table.add_column("Adds up")
        for outcome in outcomes:
            table.add_row(
                outcome.title,
                outcome.sale,
                _counted(outcome.documents),
                _sum(outcome.documents, "invoice"),
                _sum(outcome.documents, "credit invoice"),
                "[red]no" if outcome.differences else "[green]yes",
            )
        self._console.print(table)
        for outcome in outcomes:
            for difference in outcome.differences:
                self._console.print(f"[red]{outcome.title} {outcome.sale}: {difference}")

    @contextmanager
    def progress(self, what: str, total: int) -> Iterator[Callable[[int], None]]:
        """A bar while it lasts; call what is yielded with how many are done."""
        columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self._console) as bar:
            task = bar.add_task(what, total=total)
            yield lambda done: bar.update(task, completed=min(done, total))

    def loads(self, outcomes: Sequence[LoadOutcome]) -> None:
        table = Table(title="Loads, without Fortnox' limit of 25 calls in 5 s", title_justify="left")
        table.add_column("Load")
        table.add_column("Sluss says")
        for name in ("Calls", "Writes", "Took", "With the limit"):
            table.add_column(name, justify="right")
        for one in outcomes:
            took, limited = f"{one.seconds:.1f} s", f"{one.at_the_limit:.0f} s"
            table.add_row(one.what, one.said, str(one.calls), str(one.writes), took, limited)
        self._console.print(table)

    def payouts(self, outcomes: Sequence[PayoutOutcome]) -> None:
        table = Table(title="Payouts of Svea, each booked the evening it came", title_justify="left")
        for name in ("Day", "Agreement"):
            table.add_column(name, no_wrap=True)
        for name in ("Rows", "Sold", "Fees", "To the bank", "Owed to Svea"):
            table.add_column(name, justify="right")
        for one in outcomes:
            amounts = (money(one.nominal), money(one.fees), money(one.paid), money(one.owed))
            table.add_row(one.day.isoformat(), one.agreement, str(one.rows), *amounts)
        self._console.print(table)

    def tie_out(self, found: Mapping[str, Any]) -> None:
        """As the operations API answers it."""
        table = Table(title="The tie-out", title_justify="left")
        table.add_column("What")
        table.add_column("SEK", justify="right")
        shown = [(line["text"], line["amount"]) for line in found["lines"]]
        shown += [("Has to be left", found["expected"]), ("Is left", found["found"])]
        for text, amount in shown:
            table.add_row(text, money(Decimal(amount["amount"])))
        table.add_row("Difference", money(Decimal(found["difference"]["amount"])), style="bold")
        self._console.print(table)

    def findings(self, found: Sequence[Mapping[str, Any]]) -> None:
        self.say(f"Pre-flight check: {len(found)} findings.")
        for one in found:
            self.say(f"  {one['code']} ({one['where']}, {one['about']}): {one['message']}")

    def vat(self, found: Mapping[str, Any]) -> None:
        table = Table("Box", "", "By our documents", "In Fortnox", title="VAT return")
        for one in found["boxes"]:
            amount = one["amount"]
            table.add_row(one["box"], one["text"], amount["ours"]["amount"], amount["fortnox"]["amount"])
        self._console.print(table)
        self.say(f"{len(found['differences'])} differences.")

    def oss(self, found: Mapping[str, Any]) -> None:
        table = Table("Country", "Rate", "Base EUR", "VAT EUR", title=f"OSS list {found['quarter']}")
        for one in found["lines"]:
            table.add_row(one["country"], f"{one['rate']} %", one["base"]["amount"], one["vat"]["amount"])
        self._console.print(table)

    def addresses(self, addresses: Mapping[str, str]) -> None:
        self.chapter("Where to look")
        for name, address in addresses.items():
            self._console.print(f"  {name:<18} {address}", soft_wrap=True)


def money(amount: Decimal) -> str:
    return f"{amount:,.2f}".replace(",", " ")


def _headline(document: Document) -> str:
    voucher = f", voucher {document.voucher}" if document.voucher else ""
    return (
        f"{document.kind} {document.number} {document.state} on {document.dated}: "
        f"{money(document.total)} {document.currency}{voucher}  [dim]{document.reference}[/]"
    )


def _voucher(document: Document) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right")
    table.add_column(min_width=30)
    table.add_column(justify="right", min_width=10)
    table.add_column(justify="right", min_width=10)
    for account, amount in sorted(document.postings):
        debit, credit = (money(amount), "") if amount > 0 else ("", money(-amount))
        table.add_row(str(account), ACCOUNTS.get(account, ""), debit, credit, style="dim")
    return table


def _counted(documents: Sequence[Document]) -> str:
    counts: dict[str, int] = {}
    for document in documents:
        name = f"cancelled {document.kind}" if document.state == "cancelled" else document.kind
        counts[name] = counts.get(name, 0) + 1
    return (
        ", ".join(f"{number} {name}{'s' if number > 1 else ''}" for name, number in counts.items()) or "none"
    )


def _sum(documents: Sequence[Document], kind: str) -> str:
    found = [document for document in documents if document.kind == kind]
    if not found:
        return ""
    return f"{money(sum((document.total for document in found), Decimal(0)))} {found[0].currency}"

"""The product with stand-ins for Svea, Magento and Fortnox: real processes, sample sales, exact figures."""

import argparse
import asyncio
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from services.local.children import ServerFailed
from services.local.demo.house import DEFAULT_STATE, DemoHouse, clear
from services.local.demo.loads import CUSTOMERS, PRODUCTS
from services.local.demo.operations import TookTooLong
from services.local.demo.payout_week import WeekChapter
from services.local.demo.performance import Performance
from services.local.demo.progress import Progress
from services.local.demo.returns import ReturnsChapter
from services.local.demo.show import Show
from services.local.embedded import PortTaken, find_ports
from services.local.processes import NotReady
from services.local.web import WebRefused
from shared.settings.home import Home, InUse, UnsafeKeys

TROUBLE = (InUse, NotReady, OSError, PortTaken, ServerFailed, TookTooLong, UnsafeKeys, WebRefused)


class Stopped(Exception):
    """A person pressed Ctrl-C."""


def main(arguments: list[str] | None = None) -> int:
    wanted = _parser().parse_args(arguments)
    state: Path = (wanted.keep or DEFAULT_STATE).absolute()
    console = Console(highlight=False)
    began = time.monotonic()
    try:
        with Home(state).alone():
            if wanted.keep is None:
                clear(state)
            house = DemoHouse(Home(state), find_ports(wanted.port_base, stand_ins=True))
            differences = asyncio.run(_run(house, console, stay=not wanted.smoke))
    except TROUBLE as problem:
        console.print(f"[red]{problem}", soft_wrap=True)
        console.print(f"What the services said: {state / 'services.log'}", soft_wrap=True)
        return 1
    return _told(console, differences, seconds=time.monotonic() - began, stayed=not wanted.smoke)


async def _run(house: DemoHouse, console: Console, *, stay: bool) -> list[str] | None:
    """The differences; None when a person stopped it before the end."""
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    console.print("Starting Redis, the stand-ins, gateway, two workers, scheduler and listener ...")
    async with house.open():
        try:
            return await asyncio.to_thread(_perform, house, console, stop, stay)
        except Stopped:
            return None
        finally:
            console.print("\nStopping; everything is kept.")


def _perform(house: DemoHouse, console: Console, stop: threading.Event, stay: bool) -> list[str]:
    def pause(seconds: float) -> None:
        if stop.wait(seconds):
            raise Stopped

    show = Show(console)
    stand_ins, shop, operations = house.stand_ins(), house.shop(), house.operations(pause)
    stand_ins.open_company()
    shop.open(products=PRODUCTS, customers=CUSTOMERS)
    operations.apply()
    stand_ins.subscribe(house.ports.gateway_url)
    shop.subscribe(house.ports.gateway_url)
    performance = Performance(stand_ins, shop, operations, Progress.read(house.progress), show)
    performance.play()
    returns = ReturnsChapter(operations, show)
    returns.play()
    week = WeekChapter(
        house.stand_ins_of_the_week(),
        house.operations_of_the_week(pause),
        house.week(),
        house.ports.gateway_url,
        Progress.read(house.progress),
        show,
    )
    week.play(datetime.now(UTC).date())
    if stay:
        show.addresses(house.addresses())
        console.print("\nCtrl-C stops. `python -m services.local.demo --keep` goes on with these books.")
        stop.wait()
    return performance.differences + returns.differences + week.differences


def _told(console: Console, differences: list[str] | None, *, seconds: float, stayed: bool) -> int:
    if differences is None:
        return 130
    for difference in differences:
        console.print(f"[red]difference: {difference}", soft_wrap=True)
    if not stayed:
        verdict = f"{len(differences)} differences" if differences else "every figure is right"
        console.print(f"{verdict} ({seconds:.0f} s)")
    return 1 if differences else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.local.demo", description=__doc__)
    parser.add_argument(
        "--smoke", action="store_true", help="no person: exit 0 if every figure is right, else 1"
    )
    parser.add_argument(
        "--keep",
        nargs="?",
        const=DEFAULT_STATE,
        type=Path,
        metavar="STATE",
        help="go on with what is in this folder (that of the last demo, unless named)",
    )
    parser.add_argument("--port-base", type=int, help="the gateway's port, and the first of a few after it")
    return parser


if __name__ == "__main__":
    sys.exit(main())

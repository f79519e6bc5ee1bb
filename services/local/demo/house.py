"""The demo's own house: a state folder, the stand-ins, and our services as real processes, one ledger."""

import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from services.local.demo.magento import DemoShop
from services.local.demo.operations import Operations, Pause
from services.local.demo.payout_week import of_the_week
from services.local.demo.stand_ins import StandIns
from services.local.embedded import Ports, service_programs
from services.local.ports import LOOPBACK
from services.local.processes import Program, Supervisor
from services.local.redis_server import RedisServer
from shared.ledger.migrate import upgrade
from shared.settings.home import Home

PROJECT = Path(__file__).resolve().parents[3]
DEFAULT_STATE = PROJECT / ".sluss" / "demo"
DECLARATION = PROJECT / "services" / "local" / "demo_connection.yaml"
WRITTEN_STAND_INS = "127.0.0.1:8090"
QUICK = {
    "SLUSS_ENVIRONMENT": "demo",
    "SLUSS_RETRY_BASE": "PT0.5S",  # nobody wants to watch a demo wait
    "SLUSS_FORTNOX_RATE": "1000",  # the stand-in's company has no limit either
}


@dataclass(frozen=True, slots=True)
class DemoHouse:
    """Where everything is. Nothing runs before `open`."""

    home: Home
    ports: Ports

    @property
    def log(self) -> Path:
        return self.home.folder / "services.log"

    @property
    def progress(self) -> Path:
        return self.home.folder / "progress.json"

    def declared(self) -> dict[str, Any]:
        """The connection of demo_connection.yaml, with the port that the stand-ins really have."""
        text = DECLARATION.read_text().replace(WRITTEN_STAND_INS, f"{LOOPBACK}:{self.ports.stand_ins}")
        found: dict[str, Any] = yaml.safe_load(text)
        return found

    def stand_ins(self) -> StandIns:
        return StandIns(self.ports.stand_ins_url, self.declared())

    def week(self) -> dict[str, Any]:
        """The connection whose payouts are booked."""
        return of_the_week(self.declared())

    def stand_ins_of_the_week(self) -> StandIns:
        return StandIns(self.ports.stand_ins_url, self.week())

    def operations_of_the_week(self, pause: Pause) -> Operations:
        return Operations(self.ports.gateway_url, self._key, self.week(), pause)

    def shop(self) -> DemoShop:
        return DemoShop(self.ports.stand_ins_url, self.declared())

    def operations(self, pause: Pause) -> Operations:
        return Operations(self.ports.gateway_url, self._key, self.declared(), pause)

    @property
    def _key(self) -> str:
        return self.home.keys()["SLUSS_BOOTSTRAP_KEY"]

    def addresses(self) -> dict[str, str]:
        """What is worth looking at while the demo stays."""
        books = self.stand_ins().books_url
        return {
            "operations API": f"{self.ports.gateway_url}/docs",
            "its key": self._key,
            "health": f"{self.ports.gateway_url}/health/ready",
            "metrics": f"{self.ports.gateway_url}/metrics, and on ports "
            + ", ".join(map(str, self.ports.of_services[1:])),
            "the shop's orders": f"{self.shop().url}/orders",
            "Fortnox documents": f"{books}/documents",
            "Fortnox vouchers": f"{books}/vouchers",
            "Fortnox balances": f"{books}/books",
            "services' log": str(self.log),
            "state": str(self.home.folder),
        }

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Supervisor]:
        """Everything runs and answers inside, and is stopped in order after; the state stays."""
        self.home.prepare()
        if self.home.folder == DEFAULT_STATE:
            (DEFAULT_STATE.parent / ".gitignore").write_text("*\n")
        await upgrade(self.home.database_url)
        with RedisServer(self.home.redis_folder) as redis, self.log.open("a", buffering=1) as log:
            env = {**self.home.environment(), **QUICK, "SLUSS_REDIS_URL": redis.url}
            supervisor = Supervisor(
                [self._stand_ins_program(), *service_programs(self.ports, env)],
                environ=without_our_settings(os.environ),
                write=lambda line: print(line, file=log),
            )
            async with supervisor:
                await supervisor.wait_ready()
                yield supervisor

    def _stand_ins_program(self) -> Program:
        kept = str(self.home.folder / "stand-ins.state")
        arguments = ("--port", str(self.ports.stand_ins), "--samples", "none", "--state", kept)
        ready = f"{self.ports.stand_ins_url}/_control/health"
        return Program("stand-ins", "services.sandbox", arguments, ready_url=ready)


def clear(state: Path) -> None:
    """A fresh start. A Redis that a killed demo left behind is ended first."""
    redis = RedisServer(state / "redis")
    if (state / "redis").exists():
        redis.start()
        redis.stop()
    shutil.rmtree(state, ignore_errors=True)


def without_our_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """The demo never works on a ledger, or with keys, that somebody's shell is set up for."""
    return {name: value for name, value in environ.items() if not name.startswith("SLUSS_")}

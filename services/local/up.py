"""`sluss up`: the product on this machine. SQLite, an own Redis, and every process."""

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from services.local.children import ServerFailed
from services.local.embedded import Ports, PortTaken, find_ports, service_programs
from services.local.processes import NotReady, Supervisor
from services.local.redis_server import bring_redis
from shared.ledger.migrate import upgrade
from shared.settings.home import Home, InUse, UnsafeKeys, default_folder

WELCOME = """
Sluss is up.
  operations API   {gateway}/docs   (key: SLUSS_BOOTSTRAP_KEY in {keys})
  health           {gateway}/health/ready
  metrics          {gateway}/metrics, and on ports {metrics} those of the others
  ledger           {ledger}
Next: sluss connection apply FILE.yaml --activate{state}
Ctrl-C stops it; everything is kept.
"""


def main(arguments: list[str] | None = None) -> int:
    wanted = _parser().parse_args(arguments)
    try:
        home = Home(wanted.state.absolute())
        with home.alone():
            asyncio.run(up(home, find_ports(wanted.port_base, stand_ins=False), environ=os.environ))
    except (InUse, NotReady, PortTaken, ServerFailed, UnsafeKeys) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


async def up(home: Home, ports: Ports, *, environ: Mapping[str, str]) -> None:
    """Everything, until SIGTERM or SIGINT. What `environ` says of `SLUSS_...` wins over the folder."""
    home.prepare()
    env = {**home.environment(), **_given(environ)}
    await upgrade(env["SLUSS_DATABASE_URL"])
    redis = bring_redis(home.redis_folder, environ=environ)
    redis.start()
    try:
        env["SLUSS_REDIS_URL"] = redis.url
        supervisor = Supervisor(service_programs(ports, env), environ=environ)
        welcome = asyncio.create_task(_welcome(supervisor, home, ports, env))
        try:
            await supervisor.run()
        finally:
            welcome.cancel()
            await asyncio.gather(welcome, return_exceptions=True)
    finally:
        redis.stop()


async def _welcome(supervisor: Supervisor, home: Home, ports: Ports, env: Mapping[str, str]) -> None:
    await supervisor.wait_ready()
    print(
        WELCOME.format(
            gateway=ports.gateway_url,
            keys=home.keys_file,
            metrics=", ".join(map(str, ports.of_services[1:])),
            ledger=env["SLUSS_DATABASE_URL"],
            state="" if home.folder == default_folder() else f" --state {home.folder}",
        ),
        flush=True,
    )


def _given(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name.startswith("SLUSS_")}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sluss up", description=__doc__)
    parser.add_argument(
        "--state", type=Path, default=default_folder(), help="folder that everything is kept in"
    )
    parser.add_argument("--port-base", type=int, help="the gateway's port, and the first of a few after it")
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""Ports for a whole Sluss in a test, away from those that outgoing connections take by chance."""

import random

from services.local.embedded import Ports, find_ports

FIRST, LAST, STEP = 20_000, 30_000, 20


def service_ports() -> Ports:
    """A row of free ports; a random one, because several test runs may share the machine."""
    return find_ports(None, stand_ins=True, otherwise=random.randrange(FIRST, LAST, STEP))

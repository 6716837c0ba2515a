"""A table of one to a thousand machines: measured rates, and for the rest a model of a cluster.

The model is a balance of flows, not a measurement: a run is as fast as the first of its parts that
is full. Its assumptions are named in `ASSUMED`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

NODES = (1, 10, 1000)


@dataclass(frozen=True)
class Assumed:
    """What was not measured here.

    Attributes:
        cores: Of a machine.
        network: Of a machine, in bytes per second, each way.
        dollars_per_hour: For a machine.
        gets: Per second and prefix, that the store takes.
        puts: Per second and prefix, that the store takes.
        dollars_per_get: A request.
        dollars_per_put: A request.
        used: Share of cores' time that pictures get.
    """

    cores: int = 16
    network: float = 5e9 / 8
    dollars_per_hour: float = 0.70
    gets: float = 5500
    puts: float = 3500
    dollars_per_get: float = 0.4e-6
    dollars_per_put: float = 5e-6
    used: float = 0.9


ASSUMED = Assumed()


def sizes(
    rates: dict[str, Any], driver: float, prefixes: int = 1, assumed: Assumed = ASSUMED
) -> list[dict[str, Any]]:
    """Pictures an hour, dollars per million, and how full each part is.

    Args:
        rates: Of one picture, as `rates.measure` returns them for hide or for reveal.
        driver: Seconds of the driver's processor for one picture.
        prefixes: Over which keys are spread.
        assumed: About machines and the store.
    """
    rows = []
    for nodes in NODES:
        most = {
            "cores": nodes * assumed.cores * assumed.used / rates["processor_seconds"],
            "network": nodes
            * assumed.network
            / max(rates["bytes_read"], rates["bytes_written"], 1),
            "store": prefixes * min(assumed.gets / rates["gets"], assumed.puts / rates["puts"]),
            "driver": 1 / driver,
        }
        full = min(most, key=lambda name: most[name])
        rate = most[full]
        requests = rates["gets"] * assumed.dollars_per_get + rates["puts"] * assumed.dollars_per_put
        machines = nodes * assumed.dollars_per_hour / (rate * 3600)
        rows.append(
            {
                "nodes": nodes,
                "pictures_per_hour": round(rate * 3600),
                "full_first": full,
                "in_use": {name: round(rate / value, 3) for name, value in most.items()},
                "dollars_per_million": round((machines + requests) * 1e6, 2),
            }
        )
    return rows


def table(report: dict[str, Any]) -> str:
    """The sizes as a table in Markdown."""
    lines = [
        "| machines | command | pictures an hour | dollars per million | full first | in use then: "
        "cores, network, store, driver |",
        "|---|---|---|---|---|---|",
    ]
    for command in ("hide", "reveal"):
        for row in report["sizes"][command]:
            use = ", ".join(
                f"{100 * row['in_use'][name]:.0f}%"
                for name in ("cores", "network", "store", "driver")
            )
            lines.append(
                f"| {row['nodes']:,} | {command} | {row['pictures_per_hour']:,} | "
                f"{row['dollars_per_million']:.0f} | {row['full_first']} | {use} |"
            )
    return "\n".join(lines)

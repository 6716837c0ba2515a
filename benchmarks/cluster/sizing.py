"""A table of one to a thousand machines: measured rates, and for the rest a model of a cluster.

The model is a balance of flows, not a measurement: a run is as fast as the first of its parts that
is full. Its assumptions are named in `ASSUMED`.
"""

from __future__ import annotations

import re
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


_PARTS = ("cores", "network", "store", "driver")
_BETWEEN = re.compile(r"(<!-- table: cluster -->\n).*?(<!-- end of table -->)", re.DOTALL)


def updated(page: str, report: dict[str, Any]) -> str:
    """The page with the table of a report."""
    return _BETWEEN.sub(lambda found: f"{found[1]}{table(report)}\n{found[2]}", page)


def table(report: dict[str, Any]) -> str:
    """What a report says of sizes, in Markdown."""
    rates, assumed = report["rates"], report["assumed"]
    hide, reveal = rates["hide"], rates["reveal"]
    driver = report["ratio"]["driver_seconds_per_picture"]
    lines = [
        f"**Measured** on one core of this machine ({report['cpu']}), with pictures of "
        f"{rates['megapixels']:g} megapixels: hide takes {hide['processor_seconds']:.2f} s of a "
        f"core per picture ({_shares(hide)}), reads {_mb(hide['bytes_read'])} and writes "
        f"{_mb(hide['bytes_written'])}; reveal takes {reveal['processor_seconds']:.2f} s "
        f"({_shares(reveal)}), reads {_mb(reveal['bytes_read'])} and writes "
        f"{_mb(reveal['bytes_written'])}. The driver takes {1000 * driver:.1f} ms per picture.",
        "",
        f"**Assumed**, not measured: machines of {assumed['cores']} such cores, of whose time "
        f"pictures get {100 * assumed['used']:.0f}%, at {assumed['dollars_per_hour']:.2f} dollars "
        f"an hour; {assumed['network'] * 8 / 1e9:g} Gbit/s each; a store that takes "
        f"{assumed['gets']:,.0f} GET and {assumed['puts']:,.0f} PUT requests per second and "
        f"prefix, at {1e6 * assumed['dollars_per_get']:.1f} and "
        f"{1e6 * assumed['dollars_per_put']:.1f} dollars per million; one prefix, and one driver.",
        "",
        "**The table is a model** of these numbers, and not a measurement of a cluster: a run is "
        "as fast as the first of its parts that is full.",
        "",
        "| machines | command | pictures an hour | dollars per million | full first | in use then: "
        "cores, network, store, driver |",
        "|---|---|---|---|---|---|",
    ]
    for command in ("hide", "reveal"):
        for row in report["sizes"][command]:
            use = ", ".join(f"{100 * row['in_use'][name]:.0f}%" for name in _PARTS)
            lines.append(
                f"| {row['nodes']:,} | {command} | {row['pictures_per_hour']:,} | "
                f"{row['dollars_per_million']:.2f} | {row['full_first']} | {use} |"
            )
    return "\n".join(lines)


def _shares(rate: dict[str, Any]) -> str:
    share = rate["share"]
    return (
        f"{100 * share['decode']:.0f}% of it to read and decode, {100 * share['encode']:.0f}% to "
        "encode and write"
    )


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f} MB"

"""The table of units, and looking them up."""

from fractions import Fraction

import pytest

from units.table import TABLE, UNITS, Unit, find


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.symbol)
def test_r2_every_unit_is_found_by_symbol_and_name(unit: Unit) -> None:
    assert find(unit.symbol) == unit and unit.size > 0
    for name in unit.names:
        assert find(name) == find(name.upper()) == unit


def test_r2_no_name_means_two_units() -> None:
    names = [name.lower() for unit in UNITS for name in unit.names]
    assert len(set(names)) == len(names) > len(UNITS)
    assert list(TABLE) == list(dict.fromkeys(unit.kind for unit in UNITS))


@pytest.mark.parametrize(
    "equal",
    [
        *["12 in 1 ft", "3 ft 1 yd", "1760 yd 1 mi", "254 cm 100 in", "1852 m 1 nmi"],
        *["10 mm 1 cm", "16 oz 1 lb", "14 lb 1 st", "1000 g 1 kg", "1000 mg 1 g", "1000 kg 1 t"],
        *["4 qt 1 gal", "8 pt 1 gal", "16 cup 1 gal", "128 floz 1 gal", "256 tbsp 1 gal"],
        *["1000 m 1 km", "768 tsp 1 gal", "8 ukpt 1 ukgal", "1000 ml 1 l", "1000 l 1 m3"],
        *[
            "231000 ft 70408.8 m",
            "43560 ft2 1 acre",
            "640 acre 1 mi2",
            "10000 m2 1 ha",
            "100 ha 1 km2",
        ],
        *["1852 m/s 3600 kn", "36 km/h 10 m/s", "15 mph 22 ft/s", "1609.344 km/h 1000 mph"],
        *["1000 ms 1 s", "60 s 1 min", "60 min 1 h", "24 h 1 d", "7 d 1 week", "8 bit 1 B"],
        *["1024 B 1 KiB", "1024 KiB 1 MiB", "1024 MiB 1 GiB", "1024 GiB 1 TiB", "8 kbit 1 kB"],
        *["8 Mbit 1 MB", "8 Gbit 1 GB", "1000 GB 1 TB", "1000 cal 1 kcal", "4184 J 1 kcal"],
        *["3600 kJ 1 kWh", "1000 J 1 kJ", "1000 hPa 1 bar", "10 hPa 1 kPa", "1000 Pa 1 kPa"],
        *["101325 Pa 1 atm", "378541.1784 mpg 454609 ukmpg"],
    ],
)
def test_r1_the_units_are_as_they_are_defined(equal: str) -> None:
    value, unit, other_value, other = equal.split()
    assert Fraction(value) * find(unit).size == Fraction(other_value) * find(other).size


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        *[("Kilometres", "km"), ("cups", "cup"), ("miles per hour", "mph"), ("litres", "l")],
        *[("lbs", "lb"), ("m²", "m2"), ("°C", "C"), ("kb", "kB")],
        *[("Mb", "Mbit"), ("mb", "MB"), ("MB", "MB"), ("liters per 100 km", "l/100km"), ("f", "F")],
    ],
)
def test_r2_other_spellings(name: str, symbol: str) -> None:
    assert find(name).symbol == symbol


def test_r2_r6_unknown_units_are_refused_with_similar_ones() -> None:
    with pytest.raises(ValueError, match="unknown unit 'kilometr'; did you mean km"):
        find("kilometr")
    with pytest.raises(ValueError, match="unknown unit '@'; see --list"):
        find("@")

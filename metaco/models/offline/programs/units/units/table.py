"""The units as data, and looking them up."""

import difflib
from dataclasses import dataclass
from fractions import Fraction

# By kind: symbol, size in the first unit of the kind, other names. A plural s is known by itself.
TABLE: dict[str, list[tuple[str, str, str]]] = {
    "length": [
        ("m", "1", "meter"),
        ("km", "1000", "kilometer"),
        ("cm", "0.01", "centimeter"),
        ("mm", "0.001", "millimeter"),
        ("mi", "1609.344", "mile"),
        ("yd", "0.9144", "yard"),
        ("ft", "0.3048", "foot, feet"),
        ("in", "0.0254", "inch, inches"),
        ("nmi", "1852", "nautical mile"),
    ],
    "mass": [
        ("kg", "1", "kilogram, kilo"),
        ("g", "0.001", "gram"),
        ("mg", "0.000001", "milligram"),
        ("t", "1000", "tonne, metric ton"),
        ("lb", "0.45359237", "pound"),
        ("oz", "0.028349523125", "ounce"),
        ("st", "6.35029318", "stone"),
    ],
    "temperature": [
        ("K", "1", "kelvin"),
        ("C", "1", "celsius, degree celsius, degree c"),
        ("F", "5/9", "fahrenheit, degree fahrenheit, degree f"),
    ],
    "volume": [
        ("l", "1", "liter"),
        ("ml", "0.001", "milliliter"),
        ("m3", "1000", "cubic meter"),
        ("gal", "3.785411784", "gallon, us gallon"),
        ("qt", "0.946352946", "quart, us quart"),
        ("pt", "0.473176473", "pint, us pint"),
        ("cup", "0.2365882365", "us cup"),
        ("floz", "0.0295735295625", "fluid ounce, fl oz, us fluid ounce"),
        ("tbsp", "0.01478676478125", "tablespoon"),
        ("tsp", "0.00492892159375", "teaspoon"),
        ("ukgal", "4.54609", "uk gallon, imperial gallon"),
        ("ukpt", "0.56826125", "uk pint, imperial pint"),
    ],
    "area": [
        ("m2", "1", "square meter, sqm"),
        ("km2", "1000000", "square kilometer"),
        ("ha", "10000", "hectare"),
        ("acre", "4046.8564224", ""),
        ("ft2", "0.09290304", "square foot, square feet, sqft"),
        ("mi2", "2589988.110336", "square mile"),
    ],
    "speed": [
        ("m/s", "1", "meter per second, mps"),
        ("km/h", "5/18", "kilometer per hour, kmh, kph"),
        ("mph", "0.44704", "mile per hour"),
        ("kn", "463/900", "knot"),
        ("ft/s", "0.3048", "foot per second, feet per second"),
    ],
    "time": [
        ("s", "1", "second, sec"),
        ("ms", "0.001", "millisecond"),
        ("min", "60", "minute"),
        ("h", "3600", "hour"),
        ("d", "86400", "day"),
        ("week", "604800", ""),
    ],
    "data": [
        ("B", "1", "byte"),
        ("kB", "1000", "kilobyte"),
        ("MB", "1000000", "megabyte"),
        ("GB", "1000000000", "gigabyte"),
        ("TB", "1000000000000", "terabyte"),
        ("KiB", "1024", "kibibyte"),
        ("MiB", "1048576", "mebibyte"),
        ("GiB", "1073741824", "gibibyte"),
        ("TiB", "1099511627776", "tebibyte"),
        ("bit", "1/8", ""),
        ("kbit", "125", "kilobit"),
        ("Mbit", "125000", "megabit"),
        ("Gbit", "125000000", "gigabit"),
    ],
    "fuel consumption": [
        ("km/l", "1", "kilometer per liter"),
        ("l/100km", "100", "liter per 100 kilometer, liter per 100 km, l per 100 km, l/100 km"),
        ("mpg", "1609344000/3785411784", "mile per gallon, us mpg"),
        ("ukmpg", "1609344/4546090", "uk mpg, imperial mpg, mile per imperial gallon"),
    ],
    "energy": [
        ("J", "1", "joule"),
        ("kJ", "1000", "kilojoule"),
        ("cal", "4.184", "calorie"),
        ("kcal", "4184", "kilocalorie"),
        ("kWh", "3600000", "kilowatt hour"),
    ],
    "pressure": [
        ("Pa", "1", "pascal"),
        ("hPa", "100", "hectopascal, mbar, millibar"),
        ("kPa", "1000", "kilopascal"),
        ("bar", "100000", ""),
        ("psi", "44482216152605/6451600000", "pound per square inch"),
        ("atm", "101325", "atmosphere"),
    ],
}
OFFSETS = {"C": Fraction("273.15"), "F": Fraction("459.67")}  # added before the size counts
INVERSE = {"l/100km"}  # less of it is more of the others


@dataclass(frozen=True)
class Unit:
    """A unit of a kind; `size` is in the first unit of the kind."""

    kind: str
    symbol: str
    size: Fraction
    names: tuple[str, ...]


def _plain(name: str) -> str:
    """Return a name without case, plural and British spelling."""
    name = name.lower().replace("metre", "meter").replace("litre", "liter").replace("°", "")
    name = name.replace("_", " ").replace("²", "2").replace("³", "3")
    return " ".join(
        word[:-1] if len(word) > 2 and word[-1] == "s" else word for word in name.split()
    )


UNITS = [
    Unit(kind, symbol, Fraction(size), tuple(filter(None, names.split(", "))))
    for kind, rows in TABLE.items()
    for symbol, size, names in rows
]
SYMBOLS = {unit.symbol: unit for unit in UNITS}
SYMBOLS |= {"Mb": SYMBOLS["Mbit"], "Gb": SYMBOLS["Gbit"]}  # while mb and gb are bytes
NAMES = {_plain(name): unit for unit in UNITS for name in (unit.symbol, *unit.names)}


def find(name: str) -> Unit:
    """Return the unit of this symbol or name; symbols count first as they are written.

    Raises:
        ValueError: there is none; the message offers similar ones.
    """
    unit = SYMBOLS.get(name) or NAMES.get(_plain(name))
    if unit:
        return unit
    close = [NAMES[near].symbol for near in difflib.get_close_matches(_plain(name), NAMES)]
    hint = f"did you mean {' or '.join(dict.fromkeys(close))}?" if close else "see --list"
    raise ValueError(f"unknown unit {name!r}; {hint}")

"""Unit converter over a table of units."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.kinds.wording import number
from metaco.roles.handbook.reading import Reading

# Kind: words that name it, and its units: symbol, name, size in the base unit, other spellings.
UNITS: dict[str, tuple[str, list[tuple[str, str, str, str]]]] = {
    "length": (
        r"lengths?|distances?|met(er|re)s?|kilomet(er|re)s?|km|miles?|feet|foot|inch(es)?|yards?|cm|centimet(er|re)s?",
        [
            ("m", "meter", "1", "meters metre metres"),
            ("km", "kilometer", "1000", "kilometers kilometre kilometres"),
            ("cm", "centimeter", "0.01", "centimeters centimetre centimetres"),
            ("mm", "millimeter", "0.001", "millimeters millimetre millimetres"),
            ("mi", "mile", "1609.344", "miles"),
            ("yd", "yard", "0.9144", "yards"),
            ("ft", "foot", "0.3048", "feet"),
            ("in", "inch", "0.0254", "inches"),
            ("nmi", "nautical mile", "1852", "nautical_mile nautical_miles"),
        ],
    ),
    "mass": (
        r"mass(es)?|weights?|kilograms?|kilos?|kg|grams?|pounds?|lbs?|ounces?|stones?",
        [
            ("kg", "kilogram", "1", "kilograms kilo kilos"),
            ("g", "gram", "0.001", "grams"),
            ("mg", "milligram", "0.000001", "milligrams"),
            ("t", "tonne", "1000", "tonnes ton tons"),
            ("lb", "pound", "0.45359237", "lbs pounds"),
            ("oz", "ounce", "0.028349523125", "ounces"),
            ("st", "stone", "6.35029318", "stones"),
        ],
    ),
    "temperature": (
        r"temperatures?|celsius|fahrenheit|kelvin|degrees?",
        [
            ("C", "degree Celsius", "1 273.15", "celsius °c"),
            ("F", "degree Fahrenheit", "5/9 459.67", "fahrenheit °f"),
            ("K", "kelvin", "1 0", "kelvins"),
        ],
    ),
    "volume": (
        r"volumes?|lit(er|re)s?|millilit(er|re)s?|gallons?|pints?|cups?|tablespoons?|teaspoons?|cooking|kitchen",
        [
            ("l", "liter", "1", "liters litre litres"),
            ("ml", "milliliter", "0.001", "milliliters millilitre millilitres"),
            ("m3", "cubic meter", "1000", "m³"),
            ("gal", "US gallon", "3.785411784", "gallon gallons"),
            ("pt", "US pint", "0.473176473", "pint pints"),
            ("cup", "US cup", "0.2365882365", "cups"),
            ("tbsp", "US tablespoon", "0.01478676478125", "tablespoon tablespoons"),
            ("tsp", "US teaspoon", "0.00492892159375", "teaspoon teaspoons"),
        ],
    ),
    "area": (
        r"areas?|square (met|feet|foot|km|kilomet)\w*|acres?|hectares?",
        [
            ("m2", "square meter", "1", "m² sqm"),
            ("km2", "square kilometer", "1000000", "km²"),
            ("ha", "hectare", "10000", "hectares"),
            ("acre", "acre", "4046.8564224", "acres"),
            ("ft2", "square foot", "0.09290304", "ft² sqft"),
        ],
    ),
    "speed": (
        r"speeds?|velocit(y|ies)|km/h|kmh|kph|mph|knots?",
        [
            ("m/s", "meter per second", "1", "mps"),
            ("km/h", "kilometer per hour", "5/18", "kmh kph"),
            ("mph", "mile per hour", "0.44704", "mi/h"),
            ("kn", "knot", "463/900", "knot knots"),
        ],
    ),
    "data": (
        r"data( sizes?| units?)?|bytes?|kilobytes?|megabytes?|gigabytes?|bits?|storage|mib|gib",
        [
            ("B", "byte", "1", "byte bytes"),
            ("bit", "bit", "1/8", "bits"),
            ("kB", "kilobyte", "1000", "kb kilobyte kilobytes"),
            ("MB", "megabyte", "1000000", "mb megabyte megabytes"),
            ("GB", "gigabyte", "1000000000", "gb gigabyte gigabytes"),
            ("TB", "terabyte", "1000000000000", "tb terabyte terabytes"),
            ("KiB", "kibibyte", "1024", "kib"),
            ("MiB", "mebibyte", "1048576", "mib"),
            ("GiB", "gibibyte", "1073741824", "gib"),
        ],
    ),
    "time": (
        r"times?|seconds?|minutes?|hours?|days?|weeks?",
        [
            ("s", "second", "1", "sec second seconds"),
            ("ms", "millisecond", "0.001", "milliseconds"),
            ("min", "minute", "60", "minutes"),
            ("h", "hour", "3600", "hr hours"),
            ("d", "day", "86400", "days"),
            ("week", "week", "604800", "weeks"),
        ],
    ),
    "energy": (
        r"energ(y|ies)|joules?|calories?|kcal|kwh",
        [
            ("J", "joule", "1", "joules"),
            ("kJ", "kilojoule", "1000", "kilojoules"),
            ("cal", "calorie", "4.184", "calories"),
            ("kcal", "kilocalorie", "4184", "kilocalories"),
            ("kWh", "kilowatt hour", "3600000", "kwh"),
        ],
    ),
    "pressure": (
        r"pressures?|pascals?|psi|bars?",
        [
            ("Pa", "pascal", "1", "pascals"),
            ("hPa", "hectopascal", "100", "mbar"),
            ("bar", "bar", "100000", "bars"),
            ("psi", "pound per square inch", "6894.757293168", ""),
            ("atm", "standard atmosphere", "101325", "atmospheres"),
        ],
    ),
}

# A fact for each kind: value, from, to, result with six significant digits.
FACTS = {
    "length": ("26.2", "mi", "km", "42.1648"),
    "mass": ("150", "lb", "kg", "68.0389"),
    "temperature": ("100", "C", "F", "212"),
    "volume": ("2", "gal", "l", "7.57082"),
    "area": ("1", "acre", "m2", "4046.86"),
    "speed": ("100", "km/h", "m/s", "27.7778"),
    "data": ("1", "GiB", "B", "1073741824"),
    "time": ("90", "min", "h", "1.5"),
    "energy": ("1", "kWh", "kJ", "3600"),
    "pressure": ("1", "atm", "hPa", "1013.25"),
}


def choices(reading: Reading) -> dict[str, Any]:
    named = [kind for kind, (words, _) in UNITS.items() if reading.says(f"(?:{words})")]
    if reading.says("real[- ]time", "command history", "over time") and "time" in named:
        named.remove("time")
    if "temperature" in named and not reading.says(
        "temperatures?", "celsius", "fahrenheit", "kelvin"
    ):
        named.remove("temperature")
    chosen = named or list(UNITS)
    name = "unit_converter" if len(chosen) > 2 else "_".join([*chosen, "converter"])
    return {
        "name": name,
        "kinds": {kind: UNITS[kind][1] for kind in chosen},
        "facts": [FACTS[kind] for kind in chosen],
        "fact": FACTS[chosen[0]],
        "foreign": "length" if chosen != ["length"] and "length" in chosen else "",
        "digits": number(
            reading,
            r"(\d+) (?:significant|decimals?|digits|places)",
            r"precision (?:of )?(\d+)",
            otherwise=6,
            most=15,
        ),
        "table": reading.says("tables?"),
        "batch": reading.says("batch", "files?", "stdin", "standard input", "csv", "many values"),
        "all": reading.says("all units", "every unit", "all other units"),
    }


kind = Kind(
    __file__,
    asks=(
        r"\b(units?|measurements?|metric|imperial|length|distance|mass|weight|temperature|volume|speed|cooking)\b[a-z, -]*\b(convert\w*|conversions?)\b",  # noqa: E501
        r"\bconver(t|ts|ting|ter|sion)\b.*\b(units?|measurements?|metric|imperial|celsius|fahrenheit|kelvin|miles?|kilomet\w+|km|kilograms?|kg|pounds and|grams?|lbs|inch(es)?|feet|lit(er|re)s?|gallons?|temperatures?|lengths?|weights?|cups|mph|bytes|megabytes|gigabytes)\b",  # noqa: E501
        r"\b(celsius|fahrenheit|miles?|kilomet\w+|km|kg|lbs)\b (to|into|and) \b(celsius|fahrenheit|kelvin|miles?|kilomet\w+|km|kg|lbs|pounds)\b",  # noqa: E501
    ),
    hints=(r"^converter$", r"\bunits?\b.*\bconver"),
    names=r"einheiten(?:um)?rechner|einheiten ?(?:konverter|umrechn)|convertisseur d['’]unités?|(?:convertidor|conversor) de unidades|单位(?:转换|换算)|^(?:une? |ein(?:en)? )?(?:convertisseur|convertidor|conversor|konverter|umrechner)\W*$",  # noqa: E501
    choices=choices,
)

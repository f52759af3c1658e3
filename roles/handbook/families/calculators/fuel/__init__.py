"""Fuel and trip cost calculator."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.kinds.wording import decimal_after
from metaco.roles.handbook.reading import Reading

# Unit of distance, unit of fuel, how consumption is told, distance, consumption, price, cost of it.
_METRIC = ("km", "l", "l/100 km", "450", "6.5", "1.80", "52.65")
_US = ("mi", "gal", "mpg", "300", "30", "3.50", "35.00")


def choices(reading: Reading) -> dict[str, Any]:
    american = reading.says("miles?", "mpg", "gallons?", "mi") and not reading.says(
        "km", "kilomet(?:er|re)s?", "lit(?:er|re)s?", "l/100"
    )
    distance, fuel, told, far, consumption, price, cost = _US if american else _METRIC
    return {
        "name": "fuel_calculator"
        if reading.says("fuel", "gas", "gasoline", "petrol", "mpg", "mileage")
        else "trip_calculator",
        "mpg": american,
        "distance_unit": distance,
        "fuel_unit": fuel,
        "told": told,
        "far": far,
        "consumption": consumption,
        "price": decimal_after(
            reading,
            r"(\d+(?:\.\d+)?) (?:per|a|/) ?(?:lit(?:er|re)|gallon)",
            otherwise="",
        ),
        "cost_price": price,
        "cost": cost,
        "split": reading.says(
            "split\\w*",
            "shar\\w+",
            "passengers?",
            "people",
            "friends?",
            "car ?pool\\w*",
            "persons?",
        ),
        "tolls": reading.says("tolls?", "parking", "vignettes?", "other costs", "extra costs"),
        "compare": reading.says("compar\\w+", "cars", "vehicles"),
        "understood": "fuel gas gasoline petrol trip road journey travel cost costs price distance "
        "consumption miles mpg gallon gallons mileage km kilometers litre litres liter liters "
        "economy efficiency split share shared passengers people friends carpool tolls parking "
        "compare cars vehicles estimator driving",
    }


kind = Kind(
    __file__,
    asks=(
        r"\b(fuel|gas|gasoline|petrol|mileage|mpg)\b( \w+){0,3} (calculat|estimat|comput)",
        r"\b(trip|road trip|journey|travel|driving|commut\w+|car)\b( \w+){0,1} costs?( \w+)? ?(calculat|estimat|comput|split)",  # noqa: E501
        r"\b(calculat|estimat|comput|work)\w*\b.*\b(fuel (costs?|consumption|economy|efficiency)|trip costs?|gas mileage|mpg)\b",  # noqa: E501
        r"\btrip calculator\b",
    ),
    names=r"(?:sprit|benzin|kraftstoff|fahrt)(?:kosten)?-?rechner|calculadora de (?:combustible|gasolina)|calculat\w+ (?:de (?:carburant|trajet))|油耗计算|油费计算",  # noqa: E501
    choices=choices,
    despite="track",
)

"""Units of measure: how they are written, and what each is worth in its kind's own unit."""

from __future__ import annotations

import re

_DAY = 86400.0
# Kind's own unit: seconds. A month is the mean one, 365.25 / 12 days.
_TIME = {
    r"seconds?|secs?|sekunden?|secondes?|segundos?": 1.0,
    r"minutes?|mins?|minuten?|minutos?": 60.0,
    r"hours?|hrs?|h|stunden?|heures?|horas?": 3600.0,
    r"days?|tagen?|tage|tag|jours?|días?|dias?": _DAY,
    r"weeks?|wks?|wochen?|semaines?|semanas?": 7 * _DAY,
    r"months?|monate?n?|mois|mes|meses": 30.4375 * _DAY,
    r"years?|yrs?|jahre?n?|ans?|années?|años?": 365.25 * _DAY,
}
# Kind's own unit: bytes, a thousand to the kilobyte, as help pages mean it.
_SIZE = {
    r"kb|(?-i:Ko)|kilobytes?|kilo-octets?": 1e3,
    r"mb|(?-i:Mo)|megabytes?|mégaoctets?|megas": 1e6,
    r"gb|(?-i:Go)|gigabytes?|gigaoctets?|gigas": 1e9,
    r"tb|(?-i:To)|terabytes?|téraoctets?": 1e12,
}
_MEASURES = {
    r"mm|millimet(?:er|re)s?": ("metre", 1e-3),
    r"cm|centimet(?:er|re)s?": ("metre", 1e-2),
    r"km|kilomet(?:er|re)s?": ("metre", 1e3),
    r"miles?|mi": ("metre", 1609.344),
    r"inch(?:es)?": ("metre", 0.0254),
    r"feet|ft": ("metre", 0.3048),
    r"metres?|meters?": ("metre", 1.0),
    r"mg|milligrams?": ("gram", 1e-3),
    r"(?-i:g)|grams?|gramm": ("gram", 1.0),
    r"kgs?|kilos?|kilograms?|kilogramm": ("gram", 1e3),
    r"lbs?|pounds?": ("gram", 453.592),
    r"oz|ounces?": ("gram", 28.3495),
    r"ml|millilit(?:er|re)s?": ("litre", 1e-3),
    r"lit(?:er|re)s?": ("litre", 1.0),
    r"kwh": ("kilowatt hour", 1.0),
    r"watts?|(?-i:W)": ("watt", 1.0),
    r"mbps|mbit/s|mb/s": ("megabit a second", 1.0),
    r"gbps|gbit/s": ("megabit a second", 1e3),
    r"°\s?c|degrees celsius|grad celsius": ("degree celsius", 1.0),
    r"°\s?f|degrees fahrenheit": ("degree fahrenheit", 1.0),
    r"dpi|ppi": ("dots an inch", 1.0),
    r"pixels?|px": ("pixel", 1.0),
}
_CURRENCIES = {
    r"us-?dollars?|usd|us\$|dollars?|bucks|\$": "USD",
    r"euros?|eur|€": "EUR",
    r"gbp|£|pounds? sterling": "GBP",
    r"chf|sfr\.?|francs?|franken": "CHF",
    r"cad|ca\$|c\$": "CAD",
    r"aud|au\$|a\$": "AUD",
    r"inr|₹|rupees?|rs\.": "INR",
    r"jpy|¥|yen": "JPY",
    r"sek|nok|dkk|kr\.?": "kr",
    r"pln|zł": "PLN",
    r"cents?|¢": "cent",
}
# Before an amount stands a sign or a code, behind it a word too.
CURRENCY_BEFORE = (
    r"us\$|ca\$|c\$|au\$|a\$|\$|€|£|₹|¥|\b(?:usd|eur|gbp|chf|cad|aud|inr|jpy|sek|nok|dkk|pln|rs\.)"
)
TIME_UNIT = "|".join(_TIME)
SIZE_UNIT = "|".join(_SIZE)
MEASURE_UNIT = "|".join(_MEASURES)
CURRENCY = "|".join(_CURRENCIES)
BUSINESS = r"business|working|work|bank|week"
WORKING_DAYS = r"werktage?n?|arbeitstage?n?|weekdays?|workdays?"
WORKING_AFTER = r"ouvrés?|ouvrables?|hábiles?|laborables?"

_PERIODS = {
    r"second|sekunde|seconde|segundo": "second",
    r"minute|minuto|min": "minute",
    r"hour|stunde|heure|hora|hr": "hour",
    r"day|tag|jour|día|night|nacht": "day",
    r"week|woche|semaine|semana": "week",
    r"month|monat|mois|mes|mo": "month",
    r"quarter|quartal|trimestre": "quarter",
    r"year|jahr|an|année|año|annum|yr": "year",
}
_PERIODICALLY = {
    r"hourly|stündlich": "hour",
    r"daily|täglich|quotidien\w*|diari\w+": "day",
    r"weekly|wöchentlich|hebdomadaire\w*": "week",
    r"monthly|monatlich|mensuel\w*|mensual\w*": "month",
    r"quarterly": "quarter",
    r"yearly|annual|annually|jährlich|annuel\w*|anual\w*": "year",
}
PERIOD = "|".join([*_PERIODS, r"users?|seats?|persons?|people|members?|guests?|nights?|items?"])
PERIODICALLY = re.compile(rf"\b(?:{'|'.join(_PERIODICALLY)})\b", re.IGNORECASE)


def _lookup(table: dict[str, float], written: str) -> float:
    return next(worth for pattern, worth in table.items() if _is(pattern, written))


def _is(pattern: str, written: str) -> bool:
    return re.fullmatch(pattern, written.strip(), re.IGNORECASE) is not None


def seconds_in(written: str) -> float:
    """Return how many seconds a unit of time has."""
    return _lookup(_TIME, written)


def bytes_in(written: str) -> float:
    """Return how many bytes a unit of size has."""
    return _lookup(_SIZE, written)


def measure_of(written: str) -> tuple[str, float]:
    """Return the basic unit of a measure, and how much of it this unit is worth."""
    return next(basic for pattern, basic in _MEASURES.items() if _is(pattern, written))


def currency_of(written: str) -> str:
    """Return the code of a currency, or `cent`."""
    return next(code for pattern, code in _CURRENCIES.items() if _is(pattern, written))


def period_of(written: str) -> str:
    """Return the period that `month` or `monthly` names, or the thing counted (`user`)."""
    for pattern, name in (*_PERIODS.items(), *_PERIODICALLY.items()):
        if _is(pattern, written):
            return name
    return written.casefold().rstrip("s")

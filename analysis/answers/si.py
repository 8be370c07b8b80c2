r"""Units of measure as products of powers: ``m s^{-1}``, ``kJ/(mol·K)``, 平方厘米, with exact factors.

The International System of Units with its prefixes, the units accepted beside it, those of everyday
use in English and Chinese, and money. Symbols keep their case: mW is not MW.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

Dimensions = tuple[tuple[str, int], ...]
MAX_CHARS = 60
_PREFIXES = {
    "T": 12, "G": 9, "M": 6, "k": 3, "h": 2, "d": -1, "c": -2, "m": -3,
    "µ": -6, "μ": -6, "u": -6, "n": -9, "p": -12, "f": -15,
}  # fmt: skip
_ONLY = {"h": ("Pa",), "d": ("m", "L", "l"), "c": ("m", "L", "l")}
"""What some prefixes are written before."""
_PRODUCTS = frozenset({"kT", "pV", "mB", "nB", "pB", "fB", "uB"})
"""Letters that are a product in a formula far more often than a unit."""
_PREFIX_WORDS = {"tera": 12, "giga": 9, "mega": 6, "kilo": 3, "centi": -2, "deci": -1, "milli": -3, "micro": -6, "nano": -9, "pico": -12}  # fmt: skip
# symbol, names, factor and dimensions in base units
_METRIC = """
m metre,meter 1 m
g gram,gramme 1/1000 kg
s second,sec 1 s
A ampere,amp 1 A
K kelvin 1 K
mol mole 1 mol
N newton 1 kg m s^-2
J joule 1 kg m^2 s^-2
W watt 1 kg m^2 s^-3
Pa pascal 1 kg m^-1 s^-2
V volt 1 kg m^2 s^-3 A^-1
Ω ohm 1 kg m^2 s^-3 A^-2
Hz hertz 1 s^-1
C coulomb 1 A s
F farad 1 A^2 s^4 kg^-1 m^-2
T tesla 1 kg s^-2 A^-1
Wb weber 1 kg m^2 s^-2 A^-1
H henry 1 kg m^2 s^-2 A^-2
L litre,liter 1/1000 m^3
l litre,liter 1/1000 m^3
eV electronvolt 1602176634/10000000000000000000000000000 kg m^2 s^-2
bar bar 100000 kg m^-1 s^-2
cal calorie 4184/1000 kg m^2 s^-2
B byte 1 byte
Wh watt-hour 3600 kg m^2 s^-2
rad radian 1 rad
"""
_OTHERS = """
min,minute,mins 60 s
h,hour,hr,hrs 3600 s
d,day 86400 s
week,wk 604800 s
month,mo 1 month
year,yr,yrs 12 month
in,inch,inches 127/5000 m
ft,foot,feet 381/1250 m
yd,yard,yds 1143/1250 m
mi,mile 201168/125 m
mph 1397/3125 m s^-1
kph,kmph,kmh 5/18 m s^-1
mps 1 m s^-1
lb,lbs,pound-mass 45359237/100000000 kg
oz,ounce 45359237/1600000000 kg
ton,tonne 1000 kg
atm,atmosphere 101325 kg m^-1 s^-2
mmHg 26664477483/200000000 kg m^-1 s^-2
ha,hectare 10000 m^2
M 1000 mol m^-3
cc 1/1000000 m^3
Å,angstrom 1/10000000000 m
amu,u,Da 166053906660/100000000000000000000000000000000000000 kg
$,usd,dollar 1 dollar
cent,¢ 1/100 dollar
rev,revolution 1 rev
rpm 1/60 rev s^-1
°C,℃,°F 1 K
元,yuan,rmb 1 yuan
角 1/10 yuan
米 1 m
千米,公里 1000 m
分米 1/10 m
厘米 1/100 m
毫米 1/1000 m
微米 1/1000000 m
纳米 1/1000000000 m
克 1/1000 kg
千克,公斤 1 kg
毫克 1/1000000 kg
吨 1000 kg
秒 1 s
分钟 60 s
小时,时 3600 s
天,日 86400 s
周,星期 604800 s
个月 1 month
年 12 month
升 1/1000 m^3
毫升 1/1000000 m^3
公顷 10000 m^2
牛,牛顿 1 kg m s^-2
焦,焦耳 1 kg m^2 s^-2
千焦 1000 kg m^2 s^-2
瓦 1 kg m^2 s^-3
千瓦 1000 kg m^2 s^-3
伏,伏特 1 kg m^2 s^-3 A^-1
安,安培 1 A
欧,欧姆 1 kg m^2 s^-3 A^-2
帕 1 kg m^-1 s^-2
千帕 1000 kg m^-1 s^-2
赫兹 1 s^-1
摩尔 1 mol
平方米 1 m^2
立方米 1 m^3
"""
_AMBIGUOUS = frozenset({"d", "u", "mo", "in", "cc"})
"""Too often something else to be read as a unit in a product."""
_POWER_WORDS = {"square": 2, "sq": 2, "cubic": 3, "cu": 3, "平方": 2, "立方": 3}
_POWER_BEHIND = {"squared": 2, "cubed": 3}
_TOKEN = re.compile(
    r"\s+|(?P<open>\()|(?P<close>\))|(?P<over>/|÷|每)|(?P<times>\*|\\cdot(?![A-Za-z])|\\times(?![A-Za-z])|·|⋅|\.)"
    r"|(?P<power>(?:平方|立方))|(?P<name>°[CF](?![A-Za-z])|℃|[A-Za-zµμΩΩÅ$¢%]+(?:-mass)?|[\u4e00-\u9fff]+)"
    r"(?P<exp>\s?\^\s?\{?\s?[-+−]?\d\s?\}?|(?<=[a-zA-Z])[-−]\d|(?<=[a-zA-Z])[23](?!\d))?"
)
_LATEX = (
    (
        re.compile(
            r"\\frac\s*\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}\s*\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}"
        ),
        r"\1/(\2)",
    ),
    (re.compile(r"\^?\s*\{?\s*\\circ\s*\}?\s*(?=[CF])"), "°"),
    (re.compile(r"\\(?:mu|micro)(?![A-Za-z])\s*"), "µ"),
    (re.compile(r"\\(?:Omega|ohm)(?![A-Za-z])"), "Ω"),
    (re.compile(r"\\(?:,|;|:|!|\s|quad)|~|\{\}"), " "),
)


@lru_cache(maxsize=1)
def _units() -> dict[str, tuple[Fraction, Dimensions]]:
    """Every symbol and name; made when first asked, not at the start of every command."""
    found: dict[str, tuple[Fraction, Dimensions]] = {}

    def add(name: str, factor: Fraction, dims: Dimensions) -> None:
        found.setdefault(name, (factor, dims))

    for line in _OTHERS.strip().splitlines():
        names, factor, *parts = line.split()
        for name in names.split(","):
            add(name, Fraction(factor), _dims(parts))
            if name.isascii() and len(name) > 2:
                add(name + "s", Fraction(factor), _dims(parts))
    for line in _METRIC.strip().splitlines():
        symbol, names, factor, *parts = line.split()
        base, dims = Fraction(factor), _dims(parts)
        found[symbol] = base, dims
        for prefix, power in _PREFIXES.items():
            if prefix + symbol in _PRODUCTS or symbol not in _ONLY.get(prefix, (symbol,)):
                continue
            add(prefix + symbol, base * Fraction(10) ** power, dims)
        for name in names.split(","):
            for prefix, power in (("", 0), *_PREFIX_WORDS.items()):
                add(prefix + name, base * Fraction(10) ** power, dims)
                add(prefix + name + "s", base * Fraction(10) ** power, dims)
    return found


def _dims(parts: list[str]) -> Dimensions:
    pairs = (part.partition("^") for part in parts)
    return tuple(sorted((name, int(power or 1)) for name, _, power in pairs))


def cased(name: str) -> bool:
    """Whether only its capital prefix makes this unit what it is: ``Ms``, ``MW``, ``GPa``."""
    return (
        len(name) > 1
        and name[0] in "MGT"
        and name in _units()
        and name[1:] in _units()
        and name[1:] not in ("in", "a", "l", "L", "C", "A")
        and name.upper() not in ("MIN", "MM", "PM", "AM")
    )


def _look_up(name: str) -> tuple[Fraction, Dimensions] | None:
    found = _units().get(name)
    if found is None and len(name) > 2:
        found = _units().get(name.lower())
    return found


@lru_cache(maxsize=2048)
def measure(text: str) -> tuple[Dimensions, Fraction] | None:
    """What a unit measures, and how many of the base units it is; None for what is no unit.

    ``km/h`` and ``km h^{-1}`` are 5/18 of metres per second.
    """
    parsed = _parse(text)
    if parsed is None:
        return None
    factor, dims = Fraction(1), dict[str, int]()
    for name, power in parsed:
        unit = _look_up(name)
        if unit is None:
            return None
        factor *= unit[0] ** power
        for base, exponent in unit[1]:
            dims[base] = dims.get(base, 0) + exponent * power
    return tuple(sorted((b, e) for b, e in dims.items() if e)), factor


def plain(text: str) -> str:
    r"""A unit without LaTeX: ``\mu m`` is µm, a fraction is written with a stroke."""
    for pattern, sign in _LATEX:
        text = pattern.sub(sign, text)
    return " ".join(text.split())


@lru_cache(maxsize=2048)
def _parse(text: str) -> tuple[tuple[str, int], ...] | None:
    """The units of a product with their powers; None where anything else stands in it."""
    if len(text) > MAX_CHARS:
        return None
    text = re.sub(r"\bper\b", "/", plain(text))
    found: list[tuple[str, int]] = []
    state = _State()
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match or match.end() == at:
            return None
        at = match.end()
        if not state.step(match, found):
            return None
    return tuple(found) if found and state.complete else None


class _State:
    """Where a reader of units stands: below a stroke, in brackets, behind ``square``."""

    def __init__(self) -> None:
        self.sign, self.depth, self.pending, self.complete = 1, 0, 1, False

    def step(self, match: re.Match[str], found: list[tuple[str, int]]) -> bool:
        """Take one token; whether it can stand there."""
        if match["open"]:
            self.depth += 1
            return self.depth == 1
        if match["close"]:
            self.depth -= 1
            self.sign = 1
            return self.depth == 0 and self.complete
        if match["over"]:
            self.sign, first = -1, self.complete
            self.complete = False
            return first and self.depth == 0
        if match["times"]:
            return self.complete
        if match["power"]:
            self.pending = _POWER_WORDS[match["power"]]
            return True
        return self._name(match, found) if match["name"] else True

    def _name(self, match: re.Match[str], found: list[tuple[str, int]]) -> bool:
        name = match["name"]
        word = name.lower()
        if word in _POWER_WORDS:
            self.pending = _POWER_WORDS[word]
            return True
        if word in _POWER_BEHIND and found:
            found[-1] = (found[-1][0], found[-1][1] * _POWER_BEHIND[word])
            return True
        if _look_up(name) is None:
            return False
        stated = re.sub(r"[\s^{}+]", "", match["exp"] or "").replace("−", "-")
        power = int(stated or 1) * self.pending * self.sign
        found.append((name, power))
        self.pending, self.complete = 1, True
        return True


def is_product(text: str) -> bool:
    """Whether it is a unit that no single name says: with a power, a stroke, or of a known kind.

    ``2 g h`` is a formula and ``2 g h^{-1}`` is not: letters side by side alone are no unit.
    """
    parsed = _parse(text)
    if parsed is None:
        return False
    if len(parsed) == 1:
        name, power = parsed[0]
        return name not in _AMBIGUOUS and (len(name) > 1 or power < 0)
    if any(power < 0 for _, power in parsed) or any(mark in text for mark in "·⋅"):
        return True
    return r"\cdot" in text or "".join(sorted(name for name, _ in parsed)) in ("Nm", "Js", "Ws", "Vs", "As", "hkW", "Nkm")  # fmt: skip

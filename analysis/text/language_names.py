"""English names of languages by their ISO 639 code."""

from __future__ import annotations

_TABLE = """
af:Afrikaans am:Amharic ar:Arabic as:Assamese ast:Asturian az:Azerbaijani be:Belarusian
bg:Bulgarian bn:Bengali bo:Tibetan bs:Bosnian ca:Catalan cs:Czech cy:Welsh da:Danish de:German
dv:Dhivehi el:Greek en:English es:Spanish et:Estonian eu:Basque fa:Persian fi:Finnish fr:French
fy:Frisian ga:Irish gl:Galician gu:Gujarati he:Hebrew hi:Hindi hr:Croatian hu:Hungarian
hy:Armenian id:Indonesian is:Icelandic it:Italian ja:Japanese jv:Javanese ka:Georgian kk:Kazakh
km:Khmer kn:Kannada ko:Korean la:Latin lb:Luxembourgish lo:Lao lt:Lithuanian lv:Latvian
mk:Macedonian ml:Malayalam mn:Mongolian mr:Marathi ms:Malay mt:Maltese my:Burmese ne:Nepali
nl:Dutch no:Norwegian oc:Occitan or:Odia pa:Punjabi pl:Polish ps:Pashto pt:Portuguese
ro:Romanian ru:Russian sa:Sanskrit si:Sinhala sk:Slovak sl:Slovenian so:Somali sq:Albanian
sr:Serbian sv:Swedish sw:Swahili syc:Syriac ta:Tamil te:Telugu th:Thai ti:Tigrinya tl:Tagalog
tr:Turkish uk:Ukrainian ur:Urdu uz:Uzbek vi:Vietnamese yi:Yiddish yue:Cantonese zh:Chinese
zu:Zulu
"""
_NAMES = dict(pair.split(":") for pair in _TABLE.split())


def language_name(code: str | None) -> str:
    """``'Chinese'`` for ``'zh'``; the code itself where it is not known, 'unknown' for None."""
    return _NAMES.get(code, code) if code else "unknown"

"""The window's own sentences in the person's language: that of the page shown, else the system's."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from analysis import catalogs

_PARAMETER = "lang"
_code = "en"


def system_languages() -> list[str]:
    """The languages of the person's system, most wanted first, such as ``zh-Hans-CN``."""
    return [name for name in QLocale.system().uiLanguages() if name != "C"]


def follow(address: str = "") -> None:
    """Speak the language that an address of the app names; else the first of the system's."""
    global _code
    asked = parse_qs(urlsplit(address).query).get(_PARAMETER, [""])[0]
    if asked in catalogs.LANGUAGES:
        _code = asked
    else:
        _code = catalogs.of_locale(next(iter(system_languages()), None))


def translate_dialogs(application: QCoreApplication) -> None:
    """Let Qt's own words (buttons of dialogs, menus) be those of the system, where ours can be."""
    if catalogs.of_locale(next(iter(system_languages()), None)) == "en":
        return
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for name in ("qtbase", "qtwebengine"):
        translator = QTranslator(application)
        if translator.load(QLocale.system(), name, "_", folder):
            application.installTranslator(translator)


def t(text: str, /, **values: object) -> str:
    """``text`` in the person's language, its ``{name}`` filled in."""
    found = catalogs.catalog(_code).get(text, text)
    return found.format(**values) if values else found


def known(text: str) -> str:
    """A message of the library in the person's language; as it is where no entry fits."""
    return catalogs.known(_code, text)

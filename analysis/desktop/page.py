"""One page of Qt's browser: it stays with our server, whatever a link or a script asks for."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWebEngineCore import (
    QWebEnginePage,
    QWebEngineProfile,
    QWebEngineSettings,
    QWebEngineUrlRequestInfo,
    QWebEngineUrlRequestInterceptor,
)

from analysis.desktop.address import is_inside, is_web


class Origin:
    """Where our server is: another port after it was started again."""

    def __init__(self) -> None:
        self.address = ""

    def has(self, url: QUrl) -> bool:
        """Whether an address belongs to our server."""
        return bool(self.address) and is_inside(url.toString(), self.address)


class Interceptor(QWebEngineUrlRequestInterceptor):
    """Nothing is fetched from elsewhere: the third wall, behind escaping and the page's policy."""

    def __init__(self, origin: Origin) -> None:
        super().__init__()
        self._origin = origin

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        """Qt asks this for every request."""
        url = info.requestUrl()
        info.block(url.scheme() != "data" and not self._origin.has(url))


def private_profile(origin: Origin) -> tuple[QWebEngineProfile, Interceptor]:
    """A profile that keeps nothing on disk: pages show private data."""
    profile = QWebEngineProfile()
    interceptor = Interceptor(origin)
    profile.setUrlRequestInterceptor(interceptor)
    settings = profile.settings()
    for attribute in (
        QWebEngineSettings.WebAttribute.LocalContentCanAccessFileUrls,
        QWebEngineSettings.WebAttribute.JavascriptCanOpenWindows,
        QWebEngineSettings.WebAttribute.PluginsEnabled,
        QWebEngineSettings.WebAttribute.ScreenCaptureEnabled,
    ):
        settings.setAttribute(attribute, False)
    return profile, interceptor


class Page(QWebEnginePage):
    """A page of the app."""

    def __init__(self, profile: QWebEngineProfile, origin: Origin) -> None:
        super().__init__(profile)
        self._origin = origin
        self.permissionRequested.connect(lambda permission: permission.deny())

    def acceptNavigationRequest(
        self, url: QUrl, kind: QWebEnginePage.NavigationType, is_main_frame: bool
    ) -> bool:
        """Our server's pages open here; a link elsewhere that a person clicks, in their browser."""
        if self._origin.has(url) or url.toString() == "about:blank":
            return True
        if is_main_frame and kind == QWebEnginePage.NavigationType.NavigationTypeLinkClicked:
            open_outside(url)
        return False

    def javaScriptConsoleMessage(self, *_: object) -> None:
        """Not to the terminal: a page's words may be those of a trace."""


def open_outside(url: QUrl) -> None:
    """Hand a web address to the person's browser; anything else is not opened at all."""
    if is_web(url.toString()):
        QDesktopServices.openUrl(url)

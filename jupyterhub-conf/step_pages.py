"""The pages of the steps before a session, and what leads a browser to them, and then to where it wanted to go."""

import asyncio
from typing import Any, ClassVar

import passwords
from charter import as_html
from guessing import Guesses
from jupyterhub import orm
from jupyterhub.apihandlers.base import APIHandler
from jupyterhub.handlers import BaseHandler
from jupyterhub.handlers.login import LoginHandler, LogoutHandler
from jupyterhub.handlers.pages import HealthCheckHandler, ProxyErrorHandler
from jupyterhub.user import User
from second_factor import picture
from settings import Settings
from steps import Step, StepsUnknown, acceptances, charter, pending_steps, second_factors
from tornado.httputil import url_concat
from tornado.web import HTTPError, authenticated

OPEN = (LoginHandler, LogoutHandler, HealthCheckHandler, ProxyErrorHandler)
UNKNOWN = "Le serveur ne peut pas vérifier votre compte : écrivez à l’assistance."
WRONG_CODE = "Ce code n’est pas le bon. Attendez le suivant ; s’il est refusé aussi, vérifiez l’heure de votre appareil."


def hold(settings: Settings) -> None:
    """Make every page of the hub lead to the first step that its user has still to do; the API is left to the spawner."""
    original = BaseHandler.prepare
    if getattr(original, "leads_to_steps", False):
        return

    async def prepare(handler: Any) -> None:
        await original(handler)
        user = handler.current_user
        if not isinstance(user, User) or isinstance(handler, (*OPEN, APIHandler, StepPage)):
            return
        if pending := pending_of(user.name, settings):
            page = f"{handler.hub.base_url}{pending[0]}"
            handler.redirect(url_concat(page, {"next": handler.request.uri}))

    prepare.leads_to_steps = True  # type: ignore[attr-defined]
    BaseHandler.prepare = prepare


def pending_of(login: str, settings: Settings) -> tuple[Step, ...]:
    try:
        return pending_steps(login, settings)
    except StepsUnknown as error:
        raise HTTPError(503, UNKNOWN, reason="Service Unavailable") from error


class StepPage(BaseHandler):
    """A page of one step. An earlier step goes first: whoever knows a first password must not set up a second factor."""

    settings_of_site: ClassVar[Settings]
    step: ClassVar[Step]
    template: ClassVar[str]

    @authenticated  # type: ignore[untyped-decorator]
    async def get(self) -> None:
        if not self._led_elsewhere():
            await self._show()

    @authenticated  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        if not self._led_elsewhere():
            await self.take()

    async def take(self) -> None:
        raise NotImplementedError

    def _led_elsewhere(self) -> bool:
        """Whether the browser was led to an earlier step, or on, since there is nothing to do here."""
        pending = pending_of(self.current_user.name, self.settings_of_site)
        earlier = [step for step in pending if list(Step).index(step) < list(Step).index(self.step)]
        if earlier:
            to = f"{self.hub.base_url}{earlier[0]}"
            self.redirect(url_concat(to, {"next": self._wanted()}))
        elif self.step not in pending and not self.at_any_time():
            self._go_on()
        else:
            return False
        return True

    def at_any_time(self) -> bool:
        return False

    def _wanted(self) -> str:
        """Return where the user wanted to go: a place of this hub (get_next_url refuses any other)."""
        return str(self.get_next_url(self.current_user, default=f"{self.hub.base_url}home"))

    def _go_on(self) -> None:
        self.redirect(self._wanted())

    async def _show(self, error: str = "", **more: Any) -> None:
        self.set_header("Cache-Control", "no-store")
        if error:
            self.set_status(400)
        here = url_concat(
            f"{self.hub.base_url}{self.step}", {"next": self.get_argument("next", default="")}
        )
        self.finish(await self.render_template(self.template, error=error, here=here, **more))

    async def run(self, function: Any, *arguments: Any) -> Any:
        """Run what waits for PAM in one of the authenticator's threads."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.authenticator.executor, function, *arguments)


class PasswordPage(StepPage):
    step = Step.PASSWORD
    template = "password.html"
    # Who finds somebody's browser open must not guess their password here either.
    guesses = Guesses()

    def at_any_time(self) -> bool:
        return True

    async def _show(self, error: str = "", **more: Any) -> None:
        logins = self.settings_of_site.logins
        first = Step.PASSWORD in pending_of(self.current_user.name, self.settings_of_site)
        await super()._show(error, first=first, least=logins.password_min_length,
                            classes=logins.password_min_classes, **more)  # fmt: skip

    async def take(self) -> None:
        login, address = self.current_user.name, self.request.remote_ip
        old, new, again = (
            self.get_body_argument(name, default="", strip=False)
            for name in ("old", "new", "again")
        )
        if new != again:
            await self._show("Les deux saisies du nouveau mot de passe diffèrent.")
            return
        if wait_s := self.guesses.wait_s(login=login, address=address):
            await self._show(f"Trop d’essais : réessayez dans {wait_s:.0f} secondes.")
            return
        first = Step.PASSWORD in pending_of(login, self.settings_of_site)
        error = await passwords.change(
            login, old=old, new=new, socket=self.settings_of_site.logins.password_socket
        )
        if error != passwords.REASONS["old"]:
            self.guesses.forget(login=login, address=address)
        if error:
            self.log.warning("The password of %s stays: %s", login, error)
            await self._show(error)
            return
        self.log.info("%s changed their password", login)
        # All other browsers are logged out: whoever knew the old password may be in one of them.
        self.current_user.orm_user.cookie_id = orm.new_token()
        self._end_other_ways_into_the_session()
        self.db.commit()
        self.set_login_cookie(self.current_user)
        if first:
            self._go_on()
        else:
            await self._show(changed=True)

    def _end_other_ways_into_the_session(self) -> None:
        """Forget what lets other browsers into the user's session; it asks the hub again every five minutes."""
        tokens = self.db.query(orm.APIToken).filter(
            orm.APIToken.user_id == self.current_user.id,
            # The session's own token belongs to no browser.
            orm.APIToken.session_id.is_not(None),
            orm.APIToken.session_id != (self.get_session_cookie() or ""),
        )
        for token in tokens:
            self.db.delete(token)


class SecondFactorPage(StepPage):
    step = Step.SECOND_FACTOR
    template = "second_factor.html"

    async def _show(self, error: str = "", **more: Any) -> None:
        login = self.current_user.name
        factors = second_factors(self.settings_of_site)
        secret = factors.offered(login)
        groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        await super()._show(error, qr=picture(factors.uri(login, secret)), secret=groups, **more)

    async def take(self) -> None:
        login = self.current_user.name
        factors = second_factors(self.settings_of_site)
        code = self.get_body_argument("code", default="")
        if await self.run(factors.confirm, login, code):
            self.log.info("%s set up a second factor, from %s", login, self.request.remote_ip)
            self._go_on()
        else:
            await self._show(WRONG_CODE)


class CharterPage(StepPage):
    step = Step.CHARTER
    template = "charter.html"

    async def _show(self, error: str = "", **more: Any) -> None:
        text = charter(self.settings_of_site)
        await super()._show(error, charter=as_html(text.text), version=text.version, **more)

    async def take(self) -> None:
        login, shown = self.current_user.name, self.get_body_argument("version", default="")
        current = charter(self.settings_of_site)
        if shown != current.version:
            await self._show("La charte a changé entre-temps : relisez-la.")
        elif self.get_body_argument("accepted", default="") != "yes":
            await self._show("Cochez la case pour accepter la charte.")
        else:
            acceptances(self.settings_of_site).add(login, current, address=self.request.remote_ip)
            self.log.info("%s accepted the charter, version %s", login, current.version)
            self._go_on()


class PasswordElsewhere(BaseHandler):
    """In the place of the password's page where the directory has the passwords: it says where to change them."""

    settings_of_site: ClassVar[Settings]

    @authenticated  # type: ignore[untyped-decorator]
    async def get(self) -> None:
        ldap = self.settings_of_site.logins.ldap
        page = await self.render_template(
            "password_elsewhere.html", address=ldap and ldap.password_url
        )
        self.finish(page)

    @authenticated  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """Change nothing, and say where to do so."""
        self.set_status(403)
        await self.get()


def handlers(settings: Settings) -> list[tuple[str, type]]:
    StepPage.settings_of_site = PasswordElsewhere.settings_of_site = settings
    pages: tuple[type[StepPage], ...] = (CharterPage,)
    if settings.logins.oidc is None and settings.cluster is None:
        pages = (SecondFactorPage, *pages)
    if settings.own_passwords:
        pages = (PasswordPage, *pages)
    elsewhere = [(f"/{Step.PASSWORD}", PasswordElsewhere)] if settings.logins.ldap else []
    return [*((f"/{page.step}", page) for page in pages), *elsewhere]

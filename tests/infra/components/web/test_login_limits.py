"""What comes back from a provider of logins passes nginx, as another site leads a browser there, and not without end."""

from tests.infra.components.web.front import Front

BACK = "/hub/oauth_callback?code=x&state=y"
LED = {
    "Sec-Fetch-Site": "cross-site",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
}


def test_a_provider_leads_a_browser_back_to_the_hub(at_work: Front) -> None:
    at_work.forget()
    for path in (BACK, "/hub/signed-out"):
        assert at_work.door.ask(path, headers=LED).status == 200
    assert at_work.hub.asked == [BACK, "/hub/signed-out"]
    assert at_work.door.ask(BACK, headers={**LED, "Sec-Fetch-Mode": "no-cors"}).status == 403


def test_what_comes_back_is_limited_and_other_pages_are_not(at_work: Front) -> None:
    answers = [at_work.door.ask(BACK).status for _ in range(50)]
    assert set(answers) == {200, 429}
    assert at_work.door.ask("/hub/oauth_login").status == 200
    assert at_work.door.ask("/hub/login").status == 200

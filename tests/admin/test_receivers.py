"""Receivers in the admin."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from tests.notifiers.receiver import fake_receiver
from zerostate_monitoring.admin.receiver_state import told
from zerostate_monitoring.models import Message, Receiver, ReceiverState, Route, RouteStep
from zerostate_monitoring.notifiers import KINDS, target_of
from zerostate_monitoring.notifiers.secrets import seal
from zerostate_monitoring.notifiers.trial import Trial

pytestmark = pytest.mark.django_db

LIST = reverse("admin:zerostate_monitoring_receiver_changelist")
ADD = reverse("admin:zerostate_monitoring_receiver_add")
HOOK = {"name": "hook", "enabled": "on", "field_url": "https://hooks.example/a"}


def page_of(receiver):
    return reverse("admin:zerostate_monitoring_receiver_change", args=(receiver.pk,))


def trial_page(receiver):
    return reverse("admin:zerostate_monitoring_receiver_test", args=(receiver.pk,))


def webhook(**changes):
    values = {
        "name": "hook",
        "kind": "webhook",
        "config": {"url": "https://hooks.example/a"},
        "secret": seal({"token": "s3cret-t0ken"}),
    }
    return Receiver.objects.create(**{**values, **changes})


def html_of(response):
    return response.content.decode()


@pytest.fixture
def posted():
    with fake_receiver() as running:
        yield running


def test_add__first_asks_for_the_kind(browser):
    """A page of plain links, one for each kind."""
    html = html_of(browser.get(ADD))

    for kind, notifier in KINDS.items():
        assert f'href="?kind={kind}"' in html
        assert escape(str(notifier.title)) in html


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_add__then_shows_the_fields_of_that_kind(browser, kind):
    """With help, and a password field for each secret."""
    html = html_of(browser.get(ADD, {"kind": kind}))

    for field in KINDS[kind].fields:
        assert f'name="field_{field.name}"' in html
    assert html.count('type="password"') == sum(field.is_secret for field in KINDS[kind].fields)


def test_add__saves_configuration_and_sealed_secrets(browser):
    """What is secret is in no column that can be read."""
    recipients = "ops@example.org\n\n boss@example.org "
    browser.post(f"{ADD}?kind=email", {"name": "ops", "field_recipients": recipients})
    browser.post(f"{ADD}?kind=webhook", {**HOOK, "field_token": "s3cret-t0ken"})

    ops, hook = Receiver.objects.get(name="ops"), Receiver.objects.get(name="hook")
    assert (ops.kind, ops.config) == (
        "email",
        {"recipients": ["ops@example.org", "boss@example.org"]},
    )
    assert (hook.kind, hook.config) == ("webhook", {"url": "https://hooks.example/a"})
    assert target_of(hook).secrets == {"token": "s3cret-t0ken"}
    assert "s3cret" not in hook.secret


def test_form__faults_stand_beside_their_fields(browser):
    """A wrong address is not saved; why is said where it was entered."""
    url = "http://169.254.169.254/latest"

    response = browser.post(f"{ADD}?kind=webhook", {**HOOK, "field_url": url})

    errors = response.context["adminform"].form.errors
    assert list(errors) == ["field_url"]
    assert "REFUSED_NETWORKS" in errors["field_url"][0]
    assert not Receiver.objects.exists()


def test_form__a_field_that_is_missing_is_named_once(browser):
    """One error for one fault."""
    response = browser.post(f"{ADD}?kind=email", {"name": "ops"})

    assert response.context["adminform"].form.errors == {"field_recipients": ["This is required."]}


def test_form__secrets_go_in_and_never_come_out(browser):
    """On no page, in no log; an empty field keeps them, the box clears them."""
    browser.post(f"{ADD}?kind=webhook", {**HOOK, "field_token": "s3cret-t0ken"})
    hook = Receiver.objects.get()

    for page in (page_of(hook), LIST):
        assert "s3cret" not in html_of(browser.get(page))
        assert hook.secret not in html_of(browser.get(page))
    assert "Set, and not shown" in html_of(browser.get(page_of(hook)))

    browser.post(page_of(hook), HOOK)
    hook.refresh_from_db()
    assert target_of(hook).secrets == {"token": "s3cret-t0ken"}

    browser.post(page_of(hook), {**HOOK, "field_token": "another-one"})
    hook.refresh_from_db()
    assert target_of(hook).secrets == {"token": "another-one"}

    browser.post(page_of(hook), {**HOOK, "clear_token": "on"})
    hook.refresh_from_db()
    assert hook.secret == ""
    logged = "".join(entry.change_message for entry in LogEntry.objects.all())
    assert "s3cret" not in logged
    assert "another-one" not in logged


def test_form__a_secret_is_not_shown_after_an_error(browser):
    """A form with faults does not send the secret back either."""
    wrong = {**HOOK, "field_url": "nonsense", "field_token": "s3cret-t0ken"}

    assert "s3cret" not in html_of(browser.post(f"{ADD}?kind=webhook", wrong))


def test_form__a_token_does_not_follow_the_receiver_to_another_address(browser):
    """Whoever changes the address must know the token, or leave it behind."""
    hook = webhook()
    moved = {**HOOK, "field_url": "https://evil.example/a"}

    assert "Enter it again or clear it" in html_of(browser.post(page_of(hook), moved))
    hook.refresh_from_db()
    assert hook.config["url"] == "https://hooks.example/a"

    elsewhere = {**HOOK, "field_url": "", "field_secret_url": "https://evil.example/a"}
    assert "Enter it again or clear it" in html_of(browser.post(page_of(hook), elsewhere))

    browser.post(page_of(hook), {**moved, "clear_token": "on"})
    hook.refresh_from_db()
    assert (hook.config["url"], hook.secret) == ("https://evil.example/a", "")


def test_form__a_token_stays_where_only_the_path_changes(browser):
    """The same scheme, host and port are the same receiver."""
    hook = webhook()
    browser.post(page_of(hook), {**HOOK, "field_url": "https://hooks.example/b"})

    hook.refresh_from_db()
    assert hook.config["url"] == "https://hooks.example/b"
    assert target_of(hook).secrets == {"token": "s3cret-t0ken"}


def test_form__the_kind_cannot_be_changed(browser):
    """Secrets of one service do not go to another."""
    hook = webhook()

    browser.post(f"{page_of(hook)}?kind=slack", {**HOOK, "kind": "slack"})

    hook.refresh_from_db()
    assert hook.kind == "webhook"


def test_form__secrets_that_no_key_decrypts_are_told_and_can_be_entered_anew(browser, settings):
    """The page opens, says so, and takes new ones."""
    settings.ZEROSTATE_MONITORING_SECRET_KEYS = [Fernet.generate_key().decode()]
    hook = webhook()
    settings.ZEROSTATE_MONITORING_SECRET_KEYS = [Fernet.generate_key().decode()]

    assert "cannot be decrypted" in html_of(browser.get(page_of(hook)))
    assert "cannot be used" in html_of(browser.get(LIST))
    assert "cannot be decrypted" in html_of(browser.post(page_of(hook), HOOK))

    browser.post(page_of(hook), {**HOOK, "field_token": "new-t0ken"})
    hook.refresh_from_db()
    assert target_of(hook).secrets == {"token": "new-t0ken"}


def test_clean__the_model_refuses_what_the_form_refuses():
    """Rows that code makes are checked, too."""
    with pytest.raises(ValidationError) as unknown:
        Receiver(name="x", kind="fax").full_clean()
    assert "no kind of receiver" in unknown.value.message_dict["kind"][0]
    with pytest.raises(ValidationError) as bare:
        Receiver(name="x", kind="email").full_clean()
    assert bare.value.message_dict["config"] == ["recipients: This is required."]
    with pytest.raises(ValidationError):
        Receiver(name="x", kind="email", config=["x"]).full_clean()
    Receiver(name="x", kind="email", config={"recipients": ["a@example.org"]}).full_clean()


def test_list__says_how_each_fares(browser):
    """State, where it goes, who uses it; a constant number of queries."""
    now = timezone.now()
    hook = webhook()
    ReceiverState.objects.create(
        receiver=hook, failing_since=now - timedelta(minutes=5), last_error="It answers 500."
    )
    ops = Receiver.objects.create(
        name="ops", kind="email", config={"recipients": ["ops@example.org"]}
    )
    ReceiverState.objects.create(receiver=ops, last_success_at=now - timedelta(minutes=3))
    route = Route.objects.create(name="critical")
    RouteStep.objects.create(route=route, receiver=hook, position=1)

    html = html_of(browser.get(LIST))

    assert "failing for 5 min" in html
    assert "It answers 500." in html
    assert "critical, step 2" in html
    assert "ops@example.org" in html
    assert "3 min ago" in html
    assert "no route" in html


def answered(receiver, state, at, **fields):
    """A message to it that was tried."""
    return Message.objects.create(
        key=uuid.uuid4().hex, receiver=receiver, receiver_name=receiver.name, payload={"a": 1},
        state=state, attempts=1, created_at=at, ended_at=at, **fields,
    )  # fmt: skip


def test_list__says_what_was_refused_and_what_is_dead(browser):
    """One that took messages before, and not the last; beside it the way to its dead letters."""
    now = timezone.now()
    hook = webhook()
    ReceiverState.objects.create(receiver=hook, last_success_at=now - timedelta(hours=1))
    answered(hook, "sent", now - timedelta(hours=1))
    answered(hook, "dead", now, status=404, answer="no such hook")

    for page in (LIST, page_of(hook)):
        html = html_of(browser.get(page))
        assert "refused the last message" in html
        assert "404 no such hook" in html
        assert f"?state__exact=dead&amp;receiver__id__exact={hook.pk}" in html
        assert "1 dead letter<" in html


@pytest.mark.parametrize("has_mended", ["with the next message", "with one that was sent again"])
def test_list__a_receiver_that_takes_messages_again_is_ok(browser, has_mended):
    """Its dead letters stay, until somebody has seen to them."""
    now = timezone.now()
    hook = webhook()
    letter = answered(hook, "dead", now - timedelta(hours=1), status=404)
    if has_mended == "with the next message":
        answered(hook, "sent", now)
    ReceiverState.objects.create(receiver=hook, last_success_at=now)

    html = html_of(browser.get(LIST))
    assert "refused" not in html
    assert "</span> ok</span>" in html
    assert "1 dead letter<" in html

    Message.objects.filter(pk=letter.pk).update(closed_at=now)
    assert "dead letter" not in html_of(browser.get(LIST))


def test_page__an_error_before_the_last_success_is_over(browser):
    """Beside "ok" stands no sentence of what once was wrong."""
    now = timezone.now()
    hook = webhook()
    state = ReceiverState.objects.create(receiver=hook, last_error="It answers 500.")
    assert "It answers 500." in html_of(browser.get(page_of(hook)))
    state.last_success_at = now
    state.save()
    assert "It answers 500." not in html_of(browser.get(page_of(hook)))
    state.failing_since = now
    state.save()
    assert "It answers 500." in html_of(browser.get(page_of(hook)))


def test_list__leads_to_dead_letters_only_who_may_see_messages(client):
    """Others are told how many there are."""
    hook = webhook()
    answered(hook, "dead", timezone.now())
    user = User.objects.create_user("v", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_receiver"))
    client.force_login(user)
    html = html_of(client.get(LIST))
    assert "1 dead letter<" in html
    assert "state__exact=dead" not in html


def test_list__asks_no_more_for_more_receivers(browser, django_assert_max_num_queries):
    """State, last answers, dead letters and routes come with the rows."""
    for number in range(30):
        hook = webhook(name=f"hook{number}")
        answered(hook, "dead", timezone.now())
        route = Route.objects.create(name=f"route{number}")
        RouteStep.objects.create(route=route, receiver=hook, position=0)
    browser.get(LIST)
    with django_assert_max_num_queries(9):
        browser.get(LIST)


def test_test__shows_what_the_receiver_answered(browser, posted):
    """Status, time and words; the message says that it is a test."""
    hook = webhook(config={"url": f"{posted.url}/a"})
    posted.answer((202, b"thanks"))

    html = html_of(browser.post(trial_page(hook), follow=True))

    assert "Test message taken by hook" in html
    assert "status 202" in html
    assert "thanks" in html
    [arrived] = posted.posted
    assert arrived.headers["Authorization"] == "Bearer s3cret-t0ken"
    assert arrived.json["alerts"][0]["labels"]["alertname"] == "TestMessage"
    assert LogEntry.objects.filter(change_message__icontains="test message").exists()


def test_test__a_refusal_is_told_with_what_it_means(browser, posted):
    """Whether trying again helps; without the token that came back."""
    hook = webhook(config={"url": f"{posted.url}/a"})
    posted.answer((401, b"unknown token s3cret-t0ken"))

    html = html_of(browser.post(trial_page(hook), follow=True))

    assert "Test message not taken by hook" in html
    assert "status 401" in html
    assert "It would be refused again." in html
    assert "s3cret" not in html


def test_test__mail_says_that_it_is_a_test(browser):
    """In subject and text."""
    ops = Receiver.objects.create(
        name="ops", kind="email", config={"recipients": ["ops@example.org"]}
    )

    assert "Handed over for 1 recipient" in html_of(browser.post(trial_page(ops), follow=True))

    [sent] = mail.outbox
    assert sent.subject == "[TEST FIRING info] TestMessage receiver=ops"
    assert sent.body.startswith("This is a test. Nothing is wrong.")


def test_test__needs_its_permission_and_a_post(client, posted):
    """Looking is not enough, and a link does nothing."""
    hook = webhook(config={"url": f"{posted.url}/a"})
    user = User.objects.create_user("v", "v@example.org", "x", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_receiver"))
    client.force_login(user)
    assert client.post(trial_page(hook)).status_code == 403
    assert "Send a test message" not in html_of(client.get(page_of(hook)))

    user.user_permissions.add(Permission.objects.get(codename="test_receiver"))
    assert client.get(trial_page(hook)).status_code == 302
    assert posted.posted == []
    assert "Send a test message" in html_of(client.get(page_of(hook)))
    client.post(trial_page(hook))
    assert len(posted.posted) == 1


def test_test__several_at_once(browser, posted):
    """An action tries the chosen ones, one after another."""
    hooks = [webhook(name=f"h{n}", config={"url": posted.url}) for n in range(2)]

    chosen = {"action": "send_test", "_selected_action": [hook.pk for hook in hooks]}
    html = html_of(browser.post(LIST, chosen, follow=True))

    assert html.count("Test message taken by") == 2


def test_viewer__sees_where_it_goes_and_which_secrets_there_are(viewer):
    """Not more."""
    html = html_of(viewer.get(page_of(webhook())))

    assert "https://hooks.example/a" in html
    assert "token" in html
    assert "s3cret" not in html
    assert 'name="field_' not in html
    assert viewer.get(ADD).status_code == 403


def test_delete__is_refused_while_a_route_needs_it(browser):
    """The page names the route and the step."""
    hook = webhook()
    route = Route.objects.create(name="critical")
    RouteStep.objects.create(route=route, receiver=hook)
    delete = reverse("admin:zerostate_monitoring_receiver_delete", args=(hook.pk,))

    assert "Route critical, step 1" in html_of(browser.get(delete))
    browser.post(delete, {"post": "yes"})
    assert Receiver.objects.exists()

    route.delete()
    browser.post(delete, {"post": "yes"})
    assert not Receiver.objects.exists()


def test_disable__in_bulk(browser):
    """And back."""
    hook = webhook()
    browser.post(LIST, {"action": "disable", "_selected_action": [hook.pk]})
    hook.refresh_from_db()
    assert not hook.enabled
    assert "disabled" in html_of(browser.get(LIST))


def test_disable__what_a_route_needs_stays_enabled(browser):
    """In bulk, as many go as routes can spare; each that stays says why, and who is told now."""
    route = Route.objects.create(name="all")
    hooks = [webhook(name=f"hook {n}") for n in range(3)]
    for place, hook in enumerate(hooks):
        RouteStep.objects.create(route=route, receiver=hook, position=place)
    chosen = [hook.pk for hook in hooks]
    html = html_of(
        browser.post(LIST, {"action": "disable", "_selected_action": chosen}, follow=True)
    )
    assert "Left enabled: hook 1. Route all would have no fallback" in html
    assert "Left enabled: hook 2. Route all" in html
    assert "Route all tells hook 1, hook 2 now." in html
    assert (
        list(Receiver.objects.filter(name__in=["hook 0", "hook 1", "hook 2"], enabled=True))
        == hooks[1:]
    )


def test_disable__in_the_form_is_refused_with_the_route(browser):
    """Beside the box."""
    hook = webhook()
    RouteStep.objects.create(route=Route.objects.create(name="rest"), receiver=hook)
    change = reverse("admin:zerostate_monitoring_receiver_change", args=(hook.pk,))
    html = html_of(browser.post(change, {"name": hook.name, "field_url": hook.config["url"]}))
    assert "Route rest would tell nobody" in html
    assert Receiver.objects.get(pk=hook.pk).enabled


def test_search__a_filter_on_secrets_is_not_allowed(browser):
    """It would answer guesses about them."""
    webhook()
    assert browser.get(LIST, {"secret__startswith": "g"}).status_code == 400


def test_command__rotates_and_names_what_it_cannot_read(settings, capsys):
    """After it the old key may go."""
    one, two = (Fernet.generate_key().decode() for _ in range(2))
    settings.ZEROSTATE_MONITORING_SECRET_KEYS = [one]
    hook = webhook()
    settings.ZEROSTATE_MONITORING_SECRET_KEYS = [two, one]

    call_command("monitoring_secrets", "rotate")

    assert "encrypted anew: 1" in capsys.readouterr().out
    settings.ZEROSTATE_MONITORING_SECRET_KEYS = [two]
    hook.refresh_from_db()
    assert target_of(hook).secrets == {"token": "s3cret-t0ken"}


@pytest.mark.parametrize(
    ("error", "said"),
    [("550 no such user", "550 no such user. It would"), ("Gone.", "Gone. It would")],
)
def test_told__sentences_end(error, said):
    """What a mail server answers has no full stop, and ours begins after one."""
    trial = Trial(0.1, error=error, status=550, is_permanent=True)
    assert said in told(Receiver(name="ops"), trial)

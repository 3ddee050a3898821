"""What is wrong with a receiver, what one answered, and why a message did not reach it."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop as _

from zerostate_monitoring.models.sentences.matching import Wording

_FIELDS: Final = (
    _("This is no object with the fields of its kind."),
    _("There is no kind of receiver “%(kind)s”. There are: %(known)s."),
    _("There is no such field."),
    _("This is a secret: it does not stand in the configuration."),
    _("This is required."),
    _("This is no text."),
    _("This is longer than %(n)s characters."),
    _("This holds line breaks or invisible characters."),
    _("This is no list."),
    _("These are more than %(n)s."),
    _("It holds blanks or characters that no header can carry."),
    _("%(address)s: This is no address of e-mail."),
    _("An address stands there twice."),
    _("This is no address, nor a name with an address in < >."),
    _("An integration key has 32 letters and digits."),
    _("A webhook is set, too; one of them must go."),
    _("There is neither a webhook nor a bot's token."),
    _("A bot posts to a channel: which?"),
    _("There are two addresses; one of them must go."),
    _("There is no address."),
    _("A bearer token is set, too; one of them must go."),
    _("A password is set; whose is it?"),
    _("A user name holds no colon."),
    _(
        "The secrets cannot be decrypted: none of the keys that are set made them. Put the former "
        "key at the end of ZEROSTATE_MONITORING_SECRET_KEYS (or the former SECRET_KEY into "
        "SECRET_KEY_FALLBACKS), or enter the secrets anew."
    ),
    _(
        "ZEROSTATE_MONITORING_SECRET_KEYS holds what is no key: make one with "
        "Fernet.generate_key()."
    ),
)
_ADDRESSES: Final = (
    _("This is no address."),
    _("This is no host."),
    _("An address begins with https:// or http://; others are not used."),
    _("Names and passwords do not stand in the address; they have fields of their own."),
    _("The address names no host."),
    _("What stands behind # is never sent; leave it out."),
    _("This is where clouds tell their machines secrets; no message goes there."),
    _(
        "It lies in a network to which no message goes "
        "(ZEROSTATE_MONITORING_DELIVERY_REFUSED_NETWORKS)."
    ),
    _(
        "It is none of those to which messages may go "
        "(ZEROSTATE_MONITORING_DELIVERY_ALLOWED_HOSTS)."
    ),
    _("The host %(host)s has the address %(address)s. %(reason)s"),
    _("The address cannot be used. %(reason)s"),
)
_APPRISE: Final = (
    _("The library is not installed: pip install 'zerostate-monitoring[apprise]'."),
    _("This version of apprise follows redirects; install apprise 2.3 or newer."),
    _("Apprise makes no service of this address: something in it is missing or wrong."),
    _(
        "Such services are not allowed (ZEROSTATE_MONITORING_APPRISE_SCHEMES); "
        "these are: %(known)s."
    ),
    _(
        "Apprise does not say where it goes, so %(setting)s cannot be kept: empty it, or do "
        "without this service."
    ),
    _("Apprise could not deliver it. %(reason)s"),
    _("It does not say why."),
    _("Apprise failed: %(type)s."),
    _("Apprise says that it was taken."),
)
_ANSWERS: Final = (
    _("It answers %(status)s."),
    _("It answers %(status)s: %(said)s"),
    _("It answers %(status)s, but says %(said)s and not ok."),
    _("It answers %(status)s, but says nothing and not ok."),
    _("It answers %(status)s and says nothing."),
    _(
        "It answers %(status)s and redirects to %(there)s. Redirects are not followed: enter the "
        "address at which messages are taken."
    ),
    _(
        "It answers %(status)s and redirects to another address. Redirects are not followed: "
        "enter the address at which messages are taken."
    ),
    _("The request cannot be made: a field holds what HTTP cannot carry."),
    _("There was no answer in time; whether it was taken is not known."),
    _("No secure connection: %(said)s"),
    _("It refuses the connection."),
    _("Its answer is no HTTP (%(type)s)."),
    _("The connection broke: %(type)s."),
    _("No answer: %(type)s"),
    _("The answer was %(status)s"),
    _("No answer within %(n)s seconds"),
    _("There was no event to send."),
    _("The canary names no slot of an evaluation."),
    _("Arrived, evaluated at %(at)s UTC."),
)
_MAIL: Final = (
    _("The mail backend took no mail and did not say why."),
    _("Handed over for 1 recipient."),
    _("Handed over for %(n)s recipients."),
    _("It refuses the recipients: %(said)s"),
    _("The mail server answers %(said)s"),
    _("The mail cannot be sent as it is: %(error)s"),
    _("The mail server did not answer in time; whether it has it is not known."),
    _("The connection to the mail server failed: %(error)s"),
    _("The mail backend failed: %(type)s: %(error)s"),
)
_COMPOSING: Final = (
    _("It could not be stored: %(type)s: %(error)s"),
    _("It could not be composed: %(type)s: %(error)s"),
)

SENTENCES: Final[tuple[Wording, ...]] = (
    *_FIELDS,
    *_ADDRESSES,
    *_APPRISE,
    *_ANSWERS,
    *_MAIL,
    *_COMPOSING,
)

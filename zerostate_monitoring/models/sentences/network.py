"""Why a node gave no numbers, or a receiver was not reached; what is wrong with a list of nodes."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop as _

from zerostate_monitoring.models.sentences.matching import Wording

_REACHING: Final = (
    _("the name %(host)s was not looked up in time"),
    _("the name %(host)s has no address"),
    _("the name %(host)s has no address: %(error)s"),
    _("too many lookups hang"),
    _("the address %(address)s lies in a network that nodes may not have"),
    _("the deadline has passed"),
    _("no whole answer in time"),
    _("the request could not be made (%(type)s)"),
    _("the CA, client certificate or client key cannot be used: %(error)s"),
    _("the bearer token holds blanks or characters that no header can carry"),
    _("an error of this app, %(type)s; the worker's log has the traceback"),
)
_REFERENCES: Final = (
    _("%(reference)s is not set in the worker's environment"),
    _("%(reference)s cannot be read: %(error)s"),
    _("is not text"),
    _("%(reference)s may not be read: %(setting)s allows %(what)s"),
    _("only %(prefix)s…"),
    _("only files in %(directory)s"),
    _("no files"),
)
_ANSWERS: Final = (
    _("more than %(n)s redirects"),
    _("the server redirects"),
    _("the node answers %(status)s"),
    _("the page is %(type)s, not metrics"),
    _("the node redirects to what is no address"),
    _("the node redirects to another host"),
    _("the answer has %(n)s bytes, %(limit)s are allowed"),
    _("the answer has more bytes than are allowed"),
    _("the answer is compressed, but not by gzip"),
    _("the answer's gzip has more than %(n)s parts"),
    _("the answer is damaged gzip"),
    _("the answer's gzip ends early"),
    _("the answer lacks stats.status_counts"),
    _("the answer is no JSON: %(error)s"),
    _("the answer is no JSON object"),
)
_PAGES: Final = (
    _("line %(n)s: %(reason)s"),
    _("line %(n)s: the page ends within a line"),
    _("the page has %(n)s series, %(limit)s are allowed"),
    _("the page has %(n)s lines, for %(limit)s series at most"),
    _("the page does not end with # EOF"),
    _("no sample: a name, labels in braces or a blank, and a value are wanted"),
    _("no sample name"),
    _("two sample names"),
    _("malformed label after %(text)s"),
    _("label %(label)s has no value"),
    _("label %(label)s stands twice"),
    _("label %(label)s is reserved"),
    _("%(text)s is not a number"),
    _("no value"),
    _("more than a value and a timestamp"),
    _("malformed exemplar"),
    _("%(word)s without a value"),
    _("series %(series)s%(labels)s stands twice"),
)
_IMPORTS: Final = (
    _("the header: %(error)s"),
    _("the header lacks %(names)s; columns are %(columns)s"),
    _("the header has unknown %(names)s; columns are %(columns)s"),
    _("row %(n)s"),
    _("row %(n)s: %(error)s"),
    _("group %(n)s"),
    _("group %(n)s, target %(target)s"),
    _("%(what)s: not as many fields as the header has"),
    _("%(what)s, labels: %(pair)s is not name=value"),
    _("%(what)s, ephemeral: %(text)s is neither true nor false"),
    _("not a list of groups with targets and labels"),
    _("%(what)s: not an object"),
    _("%(what)s, targets: not a list of host:port"),
    _("%(what)s, labels: not an object of text values"),
    _("%(what)s, name: %(name)s stands in %(reason)s"),
    _("%(what)s: address or labels hold characters that no text can hold"),
    _("these nodes belong to another origin: %(names)s"),
    _("not JSON: %(error)s; not YAML: %(said)s"),
    _("%(n)s added, %(changed)s changed, %(removed)s removed"),
    _("secrets cleared, for the address is another one: %(names)s"),
    _("secrets cleared, for the address is another one: %(names)s and %(n)s more"),
)

SENTENCES: Final[tuple[Wording, ...]] = (
    *_REACHING,
    *_REFERENCES,
    *_ANSWERS,
    *_PAGES,
    *_IMPORTS,
)

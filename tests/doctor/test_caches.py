"""Which caches share the store's database: as Django and django-redis read their settings."""

from __future__ import annotations

import pytest

from zerostate_monitoring.doctor.caches import caches_on

STORE = "redis://localhost:6379/1"
DJANGO = "django.core.cache.backends.redis.RedisCache"
DJANGO_REDIS = "django_redis.cache.RedisCache"
SENTINELS = {"SENTINELS": [("a", 26379), ("b", 26379)]}


def shares(location, backend=DJANGO, url=STORE, ours=None, **options):
    """Whether a cache is found in the store's database."""
    cache = {"BACKEND": backend, "LOCATION": location, "OPTIONS": options}
    return caches_on(url, ours or {}, {"default": cache}) == ["default"]


@pytest.mark.parametrize(
    "location",
    [
        "redis://localhost:6379/1",
        "redis://127.0.0.1/1",
        "redis://[::1]:6379/1",
        "redis:///1",
        "redis://user:pass%40word@LOCALHOST/1",
        "rediss://localhost/1",
        "redis://localhost?db=1",
        "redis://localhost/5?db=1",
        "redis://localhost/01/",
        "redis://other/1,redis://localhost/1",
        "redis://other/1; redis://localhost/1",
        ["redis://other/1", "redis://localhost/1"],
        ("redis://localhost/1",),
    ],
)
@pytest.mark.parametrize(
    "backend",
    [DJANGO, DJANGO_REDIS, "django_prometheus.cache.backends.redis.RedisCache", "shop.Cache"],
)
def test_cache__in_the_stores_database_is_found(location, backend):
    """However its address is written, and whoever made a class of Django's backend."""
    assert shares(location, backend)


@pytest.mark.parametrize(
    "location",
    [
        "redis://localhost:6379/2",
        "redis://localhost:6379",
        "redis://localhost/1?db=2",
        "redis://localhost:6380/1",
        "redis://other/1",
        "unix:///run/redis.sock?db=1",
        "redis://localhost:port/1",
        "redis://[broken/1",
        "localhost:6379",
        "/tmp/redis/1",
        "",
        None,
        [],
    ],
)
def test_cache__elsewhere_is_left_alone(location):
    """Another database, another server, or no address of Redis at all."""
    assert not shares(location)


@pytest.mark.parametrize(
    "backend",
    [
        "django.core.cache.backends.locmem.LocMemCache",
        "django.core.cache.backends.dummy.DummyCache",
        "django.core.cache.backends.db.DatabaseCache",
        "django.core.cache.backends.filebased.FileBasedCache",
        "django.core.cache.backends.memcached.PyMemcacheCache",
        "django_prometheus.cache.backends.locmem.LocMemCache",
    ],
)
def test_cache__of_another_kind_is_left_alone(backend):
    """Its LOCATION is a name that happens to look like an address."""
    assert not shares(STORE, backend)


@pytest.mark.parametrize(
    ("location", "options", "found"),
    [
        ("redis://localhost", {"db": 1}, True),
        ("redis://localhost", {"db": "1"}, True),
        ("redis://localhost/", {"db": 1}, True),
        ("redis://localhost/2", {"db": 1}, False),
        ("redis://localhost?db=2", {"db": 1}, False),
        ("redis://localhost/1", {"db": 2}, True),
        ("redis://localhost", {"CONNECTION_POOL_KWARGS": {"db": 1}}, True),
        ("redis://localhost/1", {"CONNECTION_POOL_KWARGS": None}, True),
    ],
)
def test_cache__its_options_count_where_the_address_says_nothing(location, options, found):
    """redis-py lets the address win."""
    assert shares(location, **options) is found


def test_cache__without_options():
    """The shortest settings that Django takes, and an OPTIONS of None."""
    cache = {"BACKEND": DJANGO, "LOCATION": STORE}

    assert caches_on(STORE, {}, {"a": cache, "b": {**cache, "OPTIONS": None}, "c": {}}) == [
        "a",
        "b",
    ]


def test_store__its_own_options_count():
    """The store's database may stand in ZEROSTATE_MONITORING_REDIS_OPTIONS."""
    assert shares("redis://localhost/3", url="redis://localhost", ours={"db": 3})
    assert not shares("redis://localhost", url="redis://localhost", ours={"db": 3})


@pytest.mark.parametrize(
    ("location", "found"),
    [
        ("unix:///run/redis.sock?db=1", True),
        ("unix://:secret@/run/redis.sock?db=1", True),
        ("unix:///run/redis.sock", False),
        ("unix:///run/other.sock?db=1", False),
        ("redis://localhost/1", False),
    ],
)
def test_socket(location, found):
    """The path tells servers apart, and only the query names a database."""
    assert shares(location, url="unix:///run/redis.sock?db=1") is found


@pytest.mark.parametrize(
    ("location", "options", "found"),
    [
        ("redis://mymaster/1", SENTINELS, True),
        ("redis://:secret@mymaster/1", SENTINELS, True),
        ("redis://mymaster", {**SENTINELS, "db": 1}, True),
        ("redis://mymaster/2", SENTINELS, False),
        ("redis://theirmaster/1", SENTINELS, False),
        ("redis://mymaster/1", {"SENTINELS": [("c", 26379)]}, False),
        ("redis://mymaster/1", {"SENTINELS": [("a", 26380)]}, False),
        ("redis://mymaster/1", {"SENTINELS": "nonsense"}, False),
        ("redis://a:26379/1", {}, False),
    ],
)
def test_sentinel(location, options, found):
    """One Sentinel in common, the same service and the same database are one place."""
    url = "redis+sentinel://:pw@a:26379,x/mymaster/1"

    assert shares(location, DJANGO_REDIS, url, **options) is found


@pytest.mark.parametrize(
    ("location", "found"),
    [("redis://c1:7000/0", True), ("redis://c1:7000", True), ("redis://c2:7000/0", False)],
)
def test_cluster(location, found):
    """A cluster has one database; only the node that the address names can be compared."""
    assert shares(location, url="redis+cluster://c1:7000") is found


@pytest.mark.parametrize(
    ("location", "url", "options"),
    [
        ("redis://mymaster/1", "rediss+sentinel://a/mymaster/1", SENTINELS),
        ("redis://c2:7000/0", "rediss+cluster://c1:7000,c2:7000", {}),
        ("redis://c1", "redis+cluster://c1,c2", {}),
    ],
)
def test_tls_and_several_places__are_compared_too(location, url, options):
    """TLS makes no other database, and each of several places leads to it."""
    assert shares(location, DJANGO_REDIS, url, **options)


@pytest.mark.parametrize("url", ["", "nonsense", "redis+sentinel://a/m/x", None])
def test_store__an_address_that_cannot_be_read_finds_nothing(url):
    """What is wrong with it is said by another check."""
    assert not shares(STORE, url=url)

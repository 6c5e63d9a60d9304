"""Settings: what is wrong is named all at once, what is secret stays so, what is in force can be handed on."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.logging import known_secrets
from worker.settings import (
    MASK,
    Settings,
    SettingsError,
    environment,
    read_settings,
    secrets,
    shown,
    variable,
    without_password,
)


def test_defaults_are_in_force_where_nothing_is_set() -> None:
    settings = read_settings({})
    assert (settings.page_port, settings.tz, settings.sample) == (8000, "Asia/Jakarta", True)
    assert settings.elasticsearch == "http://127.0.0.1:9200"
    assert settings.redis.startswith("unix:///")


def test_only_the_environment_handed_in_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAWAT_PAGE_PORT", "1234")
    assert read_settings({}).page_port == 8000
    assert read_settings().page_port == 1234


def test_an_empty_variable_is_not_set() -> None:
    """A compose file hands on `${KAWAT_PAGE_PORT:-}` as an empty string."""
    assert read_settings({"KAWAT_PAGE_PORT": "", "KAWAT_STATE_DIR": ""}) == read_settings({})


def test_all_faults_are_named_at_once_with_variable_value_and_near_miss() -> None:
    wrong = {"KAWAT_PAGE_PRT": "1", "KAWAT_HOST_DELAY": "soon", "KAWAT_TZ": "Asia/Djakarta", "HOME": "/"}
    with pytest.raises(SettingsError) as caught:
        read_settings(wrong)
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert any("KAWAT_PAGE_PRT" in line and "did you mean KAWAT_PAGE_PORT?" in line for line in lines)
    assert any(line.startswith("KAWAT_HOST_DELAY='soon': ") for line in lines)
    assert any("no time zone is called 'Asia/Djakarta'" in line for line in lines)


def test_a_fault_does_not_tell_a_secret() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"KAWAT_ELASTICSEARCH_API_KEY": "s3cr3t", "KAWAT_PAGE_PORT": "99999999"})
    assert "s3cr3t" not in str(caught.value)


def test_hosts_are_a_list_with_commas() -> None:
    settings = read_settings({"KAWAT_ALLOW_HOSTS": "a.example, 10.0.0.1:8080,", "KAWAT_SAMPLE": "no"})
    assert settings.allow_hosts == ("a.example", "10.0.0.1:8080")
    assert settings.allowed_hosts == {"a.example", "10.0.0.1:8080"}


def test_the_sample_site_is_allowed_where_it_is_on() -> None:
    assert read_settings({"KAWAT_SAMPLE_PORT": "8123"}).allowed_hosts == {"127.0.0.1:8123"}


def test_a_long_state_folder_moves_valkeys_socket_to_a_short_one(tmp_path: Path) -> None:
    """A unix socket's path has about a hundred bytes at most."""
    deep = tmp_path / ("d" * 100)
    found = read_settings({"KAWAT_STATE_DIR": str(deep)}).valkey_socket
    assert len(str(found)) <= 100
    assert found != read_settings({"KAWAT_STATE_DIR": str(deep / "other")}).valkey_socket
    assert read_settings({"KAWAT_STATE_DIR": "/x"}).valkey_socket == Path("/x/valkey/valkey.sock")


def test_secrets_are_masked_for_people() -> None:
    settings = read_settings(
        {"KAWAT_ELASTICSEARCH_API_KEY": "s3cr3t", "KAWAT_REDIS_URL": "rediss://kawat:pa:ss@db.example:6380/1"}
    )
    assert shown(settings, "elasticsearch_api_key") == MASK
    assert shown(settings, "redis_url") == f"rediss://kawat:{MASK}@db.example:6380/1"
    assert "s3cr3t" not in repr(settings)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://:geheim@host/0", f"redis://:{MASK}@host/0"),
        ("https://user:p@ss:word@host:9200", f"https://user:{MASK}@host:9200"),
        ("https://us@er:geheim@host:9200", f"https://us@er:{MASK}@host:9200"),
        ("http://127.0.0.1:9200", "http://127.0.0.1:9200"),
        ("https://example.com/a:b@c", "https://example.com/a:b@c"),
        ("unix:///run/valkey.sock", "unix:///run/valkey.sock"),
    ],
)
def test_only_a_password_is_masked_in_a_url(url: str, expected: str) -> None:
    assert without_password(url) == expected


def test_the_environment_for_children_gives_the_same_settings() -> None:
    given = {
        "KAWAT_STATE_DIR": "/srv/kawat",
        "KAWAT_ELASTICSEARCH_API_KEY": "s3cr3t",
        "KAWAT_ALLOW_HOSTS": "a.example,b.example",
        "KAWAT_SAMPLE": "false",
        "KAWAT_CORPUS": "/srv/corpus",
        "KAWAT_HOST_DELAY": "0.5",
    }
    settings = read_settings(given)
    handed_on = environment(settings)
    assert handed_on.keys() == given.keys()
    assert read_settings(handed_on) == settings


def test_every_setting_says_what_it_is() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, variable(name)
        assert field.description.endswith((".", "`")), variable(name)


@pytest.mark.parametrize(
    ("name", "url", "says"),
    [
        (
            "REDIS_URL",
            "redis://h:6379/0?password=hunter22",
            "before the host, not in the query: redis://USER:PASSWORD@",
        ),
        ("REDIS_URL", "redis://h:6379/0?db=1&user%6eame=hunter22", "before the host"),
        ("REDIS_URL", "unix:///run/valkey.sock?PASSWORD=hunter22", "before the host"),
        ("REDIS_URL", "rediss://h/0?ssl_password=hunter22", "before the host"),
        ("ELASTICSEARCH_URL", "https://h:9200/?api_key=hunter22", "before the host"),
        ("ELASTICSEARCH_URL", "https://h:9200/?x=hunter22", "leave it away"),
        ("REDIS_URL", "redis://:hunter22/ss@h/0", "/ as %2F"),
        ("REDIS_URL", "redis://:hunter22?ss@h/0", "? as %3F"),
        ("REDIS_URL", "redis://:hunter22#ss@h/0", "# as %23"),
        ("REDIS_URL", "unix://:hunter22/ss@/run/valkey.sock", "/ as %2F"),
        ("REDIS_URL", "redis://:ab hunter22@h/0", "%20"),
        ("REDIS_URL", "redis://:hunter22\u2100@h/0", "no usable address"),
        ("REDIS_URL", "redis://:hunter22@h:99999/0", "no usable address"),
        ("REDIS_URL", "redis://:hunter22/0", "no usable address"),
        ("REDIS_URL", "redis://kawat:x-hunter22-x", "no usable address"),
        ("REDIS_URL", "http://:hunter22@h:6379", "begins with redis://, rediss://, unix://"),
        ("REDIS_URL", "unix://run/valkey.sock", "three slashes"),
    ],
)
def test_a_url_whose_password_could_not_be_masked_is_refused_without_telling_it(name: str, url: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({f"KAWAT_{name}": url})
    assert f"KAWAT_{name}=" in str(caught.value)
    assert says in str(caught.value)
    assert "hunter22" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "redis://h:6379/0?socket_timeout=5",
        "redis://:pa%2Fss%40@h/0",
        "rediss://[::1]:6380/1",
        "redis://localhost",
        "unix:///srv/a@b/valkey.sock?db=1",
        "unix://kawat:pass@/run/valkey.sock",
    ],
)
def test_a_url_with_its_login_before_the_host_is_taken_as_it_is(url: str) -> None:
    settings = read_settings({"KAWAT_REDIS_URL": url})
    assert settings.redis == url
    assert "pa" not in shown(settings, "redis_url").replace(MASK, "")


def test_allowed_hosts_are_kept_as_an_address_names_them() -> None:
    given = "News.Example, 010.example:80,10.0.0.1:8080,[::1],[FD00:0::1]:8080,my_host"
    settings = read_settings({"KAWAT_ALLOW_HOSTS": given})
    expected = ("news.example", "010.example:80", "10.0.0.1:8080", "[::1]", "[fd00::1]:8080", "my_host")
    assert settings.allow_hosts == expected
    assert read_settings(environment(settings)) == settings


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("http://intranet.example", "is a URL"),
        ("10.0.0.0/8", "networks cannot be given"),
        ("intranet.example/feed", "slash"),
        ("::1", "in brackets"),
        ("fd00::1", "in brackets"),
        ("[fd00::zz]", "no IPv6 address"),
        ("10.0.0.256", "no IPv4 address"),
        ("10.1", "no IPv4 address"),
        ("*.example", "no wildcards"),
        ("a b", "no wildcards"),
        ("user@intranet", "no wildcards"),
        ("intranet.example:0", "no host or host:port"),
        ("intranet.example:65536", "no host or host:port"),
        ("intranet.example:", "no host or host:port"),
        (":8080", "no wildcards"),
    ],
)
def test_what_is_no_host_is_refused_because_it_would_allow_nothing(entry: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"KAWAT_ALLOW_HOSTS": f"a.example,{entry}"})
    assert "KAWAT_ALLOW_HOSTS=" in str(caught.value)
    assert repr(entry) in str(caught.value)
    assert says in str(caught.value)


def test_a_heap_that_the_node_cannot_start_with_is_refused() -> None:
    for heap in ("256m", "1g", "512m"):
        assert read_settings({"KAWAT_ELASTICSEARCH_HEAP": heap}).elasticsearch_heap == heap
    for heap in ("255m", "0g", "1m"):
        with pytest.raises(SettingsError, match=f"KAWAT_ELASTICSEARCH_HEAP='{heap}'.*256m at least"):
            read_settings({"KAWAT_ELASTICSEARCH_HEAP": heap})


def test_spans_of_time_are_read_sorted_and_handed_on() -> None:
    assert read_settings({}).revisit_seconds == (3600, 21_600, 86_400, 259_200)
    settings = read_settings({"KAWAT_REVISIT_AFTER": "1d, 90s,1.5h,1d"})
    assert settings.revisit_after == ("90s", "1.5h", "1d")
    assert settings.revisit_seconds == (90, 5400, 86_400)
    assert read_settings(environment(settings)) == settings


@pytest.mark.parametrize(
    ("span", "says"),
    [
        ("6 hours", "did you mean 6h?"),
        ("2D", "did you mean 2d?"),
        ("soon", "with s, m, h or d"),
        ("90d", "30d"),
    ],
)
def test_what_is_no_span_of_time_is_named_with_what_was_meant(span: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"KAWAT_REVISIT_AFTER": f"1h,{span}"})
    assert "KAWAT_REVISIT_AFTER=" in str(caught.value)
    assert repr(span) in str(caught.value)
    assert says in str(caught.value)


def test_every_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    """As containers and systemd give them; the newline at the end is not the secret's."""
    told = {
        "token": "x" * 32,
        "elasticsearch_api_key": "key",
        "kibana_api_key": "key",
        "channels": "webhook:desk=webhook+https://a.example/hook?secret=s3cr3t",
        "heartbeat_url": "https://a.example/ping",
        "elasticsearch_url": "https://kawat:pw@a.example:9200",
        "redis_url": "redis://:pw@a.example:6379/0",
    }
    assert set(told) == set(secrets())
    for name, value in told.items():
        (tmp_path / name).write_text(value + "\n")
    settings = read_settings({variable(name) + "_FILE": str(tmp_path / name) for name in told})
    assert settings.token is not None
    assert settings.token.get_secret_value() == told["token"]
    assert settings.redis == told["redis_url"]
    assert [channel.name for channel in settings.named_channels] == ["webhook:desk"]


def test_a_file_that_cannot_be_the_secret_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    wrong = {
        "KAWAT_TOKEN_FILE": str(tmp_path / "none"),
        "KAWAT_CHANNELS_FILE": str(tmp_path / "empty"),
        "KAWAT_REDIS_URL_FILE": str(tmp_path / "empty"),
        "KAWAT_REDIS_URL": "redis://a.example:6379",
        "KAWAT_TZ_FILE": "x",
    }
    with pytest.raises(SettingsError) as caught:
        read_settings(wrong)
    lines = sorted(str(caught.value).splitlines())
    assert [line.split("=")[0].split(":")[0] for line in lines] == [
        "KAWAT_CHANNELS_FILE",
        "KAWAT_REDIS_URL_FILE",
        "KAWAT_TOKEN_FILE",
        "KAWAT_TZ_FILE",
    ]


def test_who_is_told_of_health_has_to_be_a_channel() -> None:
    with pytest.raises(SettingsError, match="did you mean webhook:desk"):
        read_settings({"KAWAT_CHANNELS": "webhook:desk=webhook+http://a/b", "KAWAT_HEALTH_NOTIFY": "webhook:dsk"})


def test_what_channels_hold_is_told_nowhere() -> None:
    given = {
        "KAWAT_CHANNELS": "mailto:desk=mailtos://u:hunter22@smtp.example.org?to=a@b.example",
        "KAWAT_PAGE_PORT": "x",
    }
    with pytest.raises(SettingsError) as caught:
        read_settings(given | {"KAWAT_CHANNELS": given["KAWAT_CHANNELS"] + "\nx=foo://hunter22"})
    assert "hunter22" not in str(caught.value)
    settings = read_settings({"KAWAT_CHANNELS": given["KAWAT_CHANNELS"]})
    assert shown(settings, "channels") == MASK
    assert "hunter22" in known_secrets(settings)

"""The one HTTP client against a real server on this computer."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from core.errors import FeatureError, LeitmotifError, OptionError, ProviderClosed, RateLimited
from core.http import (
    MOST_PAUSES,
    RETRIES,
    HttpClient,
    Service,
)
from core.progress import Cancelled
from core.transport import ANSWER_BYTES, check_url, patient_session, user_agent
from core.turns import Pace, Queue, Tick, no_tick
from tests.fakes.server import FAULTS, FakeServer, Faults, Reply, silent_server
from tests.fakes.services import AT_ONCE, as_mapping
from tests.threads import at_once

SERVICE = Service("The Service", AT_ONCE)
#: Key and certificate of a server at 127.0.0.1, good for a hundred years and for nothing but these tests.
CERTIFICATE = Path(__file__).parent.parent / "data" / "loopback.pem"
#: Faults that go away by asking again, and what is raised when they do not.
PASSING = ("429", "429-bare", "429-date", "503-retry", "500", "502-html", "200-html", "drop", "cut", "truncated",
           "wrong-shape")  # fmt: skip
LASTING = {fault: RateLimited if fault.startswith("429") or fault == "503-retry" else FeatureError for fault in PASSING}


class Echo(FakeServer):
    """Answers with what it was asked."""

    body: object = None
    status = 200
    location = ""

    def answer(self, path: str, query: dict[str, list[str]], headers: Mapping[str, str]) -> Reply:
        body = self.body if self.body is not None else {"path": path, "query": query, "headers": headers}
        return Reply(self.status, body, {"Location": self.location} if self.location else {})


@pytest.fixture
def echo() -> Iterator[Echo]:
    with Echo() as server:
        yield server


def ask(server: FakeServer, *, tick: Tick = no_tick) -> dict[str, object]:
    with HttpClient(SERVICE, server.url) as client:
        return client.get_json("a/b", {"ids": "x,y"}, read=as_mapping, tick=tick)


def test_a_request_says_who_asks_and_what(echo: Echo) -> None:
    answer = ask(echo)
    assert answer["path"] == "a/b"
    assert answer["query"] == {"ids": ["x,y"]}
    headers = answer["headers"]
    assert isinstance(headers, dict)
    assert headers["user-agent"] == user_agent()
    assert headers["user-agent"].startswith("Leitmotif/")
    assert headers["user-agent"].endswith(" )")
    assert headers["accept"] == "application/json"


def test_headers_are_made_anew_for_each_request(echo: Echo) -> None:
    tokens = iter(["one", "two"])
    with HttpClient(SERVICE, echo.url, headers=lambda: {"Authorization": f"Bearer {next(tokens)}"}) as client:
        client.get_json("", {}, read=as_mapping)
        client.get_json("", {}, read=as_mapping)
    assert [asked.headers["authorization"] for asked in echo.asked] == ["Bearer one", "Bearer two"]


@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_costs_one_more_request(echo: Echo, fault: str) -> None:
    echo.faults = Faults(at={1: fault})
    assert ask(echo)["path"] == "a/b"
    assert len(echo.asked) == 2


@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_lasts_ends_in_one_clear_error(echo: Echo, fault: str) -> None:
    echo.faults = Faults(always=fault)
    with pytest.raises(LASTING[fault]) as caught:
        ask(echo)
    line = caught.value.line()
    assert "The Service" in line
    assert "What was found is kept" in line
    assert "<" not in line
    assert len(echo.asked) == 1 + (MOST_PAUSES if LASTING[fault] is RateLimited else RETRIES)


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - {"slow", "duplicates"}))
def test_no_fault_lets_another_librarys_exception_through(echo: Echo, fault: str) -> None:
    echo.faults = Faults(always=fault)
    with pytest.raises(LeitmotifError):
        ask(echo)


@pytest.mark.parametrize("fault", ["slow", "duplicates"])
def test_a_slow_or_repetitive_answer_is_an_answer(echo: Echo, fault: str) -> None:
    echo.faults = Faults(always=fault)
    assert ask(echo)["path"] == "a/b"


def test_a_closed_service_is_asked_once(echo: Echo) -> None:
    echo.faults = Faults(always="403")
    with pytest.raises(ProviderClosed, match=r"HTTP 403"):
        ask(echo)
    assert len(echo.asked) == 1


def test_a_refused_request_is_not_repeated_and_says_why(echo: Echo) -> None:
    echo.status, echo.body = 400, {"status": 4004, "errors": [{"message": "size must be between 1 and 40"}]}
    with pytest.raises(FeatureError, match=r"HTTP 400.*size must be between 1 and 40"):
        ask(echo)
    assert len(echo.asked) == 1


def test_a_redirection_is_not_followed(echo: Echo) -> None:
    echo.status, echo.location = 302, f"{echo.url}elsewhere"
    with pytest.raises(FeatureError, match="sends us elsewhere"):
        ask(echo)
    assert {asked.path for asked in echo.asked} == {"a/b"}


def test_a_long_pause_is_not_waited_for(echo: Echo) -> None:
    echo.faults = Faults(always="429", retry_after=4800)
    with pytest.raises(RateLimited, match=r"pause of 80 min.*run it again after \d{4}-\d\d-\d\d \d\d:\d\d"):
        ask(echo)
    assert len(echo.asked) == 1


def test_a_short_pause_is_told_and_can_be_cancelled(echo: Echo) -> None:
    echo.faults = Faults(at={1: "429"}, retry_after=20)

    def tick(text: str) -> None:
        if "asks for a pause: 20 s left" in text:
            raise Cancelled

    with pytest.raises(Cancelled):
        ask(echo, tick=tick)
    assert len(echo.asked) == 1


def test_a_body_that_drips_can_be_cancelled(echo: Echo) -> None:
    echo.faults = Faults(always="slow")
    echo.body = {"long": "x" * 20_000}
    ticks = 0

    def tick(text: str) -> None:
        nonlocal ticks
        ticks += 1
        if ticks == 10:
            raise Cancelled

    with pytest.raises(Cancelled):
        ask(echo, tick=tick)


def test_an_answer_without_end_is_given_up(echo: Echo) -> None:
    echo.body = {"long": "x" * (ANSWER_BYTES + 1)}
    with pytest.raises(FeatureError, match="larger than 32 MB"):
        ask(echo)


def test_an_unreachable_server_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody answers there
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with HttpClient(SERVICE, url) as client, pytest.raises(FeatureError, match="cannot be reached"):
            client.get_json("", {}, read=as_mapping)


@pytest.mark.parametrize("same_client", [True, False])
def test_the_next_request_waits_for_its_turn(echo: Echo, same_client: bool) -> None:
    slow = Pace(interval=3600.0, backoff=0.0)
    ticks = 0

    def tick(text: str) -> None:
        nonlocal ticks
        ticks += 1
        if ticks == 4:  # a request that may start ticks once before it is sent
            raise Cancelled

    with HttpClient(SERVICE, echo.url, pace=slow) as first, HttpClient(SERVICE, echo.url, pace=slow) as second:
        first.get_json("", {}, read=as_mapping)
        with pytest.raises(Cancelled):
            (first if same_client else second).get_json("", {}, read=as_mapping, tick=tick)
    assert len(echo.asked) == 1


def test_threads_take_turns(echo: Echo) -> None:
    at_work = most = 0
    counting = threading.Lock()
    plain = echo.answer

    def answer(path: str, query: dict[str, list[str]], headers: Mapping[str, str]) -> Reply:
        nonlocal at_work, most
        with counting:
            at_work += 1
            most = max(most, at_work)
        threading.Event().wait(0.02)
        with counting:
            at_work -= 1
        return plain(path, query, headers)

    echo.answer = answer  # type: ignore[method-assign]  # the server's own behaviour
    at_once(lambda _: ask(echo), 6)
    assert len(echo.asked) == 6
    assert most == 1


def test_a_pause_that_one_thread_is_asked_for_holds_the_others_too(echo: Echo) -> None:
    echo.faults = Faults(at={1: "429"}, retry_after=20)
    told: list[str] = []
    first_has_its_turn = threading.Event()
    echo.on_request = lambda _: first_has_its_turn.set()

    def stop_at_the_pause(text: str) -> None:
        told.append(text)
        if "asks for a pause" in text:
            raise Cancelled

    def work() -> None:
        with contextlib.suppress(Cancelled):
            ask(echo, tick=stop_at_the_pause)

    threads = [threading.Thread(target=work) for _ in range(2)]
    threads[0].start()
    assert first_has_its_turn.wait(30)
    threads[1].start()
    for thread in threads:
        thread.join()
    assert len(echo.asked) == 1
    assert len([text for text in told if "asks for a pause: 20 s left" in text]) == 2


def test_a_pause_noted_at_the_last_moment_is_not_forgotten() -> None:
    queue = Queue()
    told: list[str] = []

    def tick(text: str) -> None:
        if not told:  # another thread is asked for a pause just before this one's turn begins
            queue.hold(20, "the service asks for a pause")
        told.append(text)
        if "asks for a pause" in text:
            raise Cancelled

    with pytest.raises(Cancelled), queue.turn(0.25, tick):
        raise AssertionError("the turn began in spite of the pause")
    with pytest.raises(Cancelled), queue.turn(0.25, tick):
        raise AssertionError("the pause was forgotten")


# A server that says nothing


@contextlib.contextmanager
def full_server() -> Iterator[int]:
    """Yield the port of a server whose connections are never made, because its waiting room is full."""
    with socket.socket() as server, contextlib.ExitStack() as guests:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            guest = guests.enter_context(socket.socket())
            guest.setblocking(False)
            guest.connect_ex(server.getsockname())
        yield server.getsockname()[1]


@pytest.mark.parametrize(
    ("scheme", "server"),
    [("http", silent_server), ("https", silent_server), ("http", full_server), ("https", full_server)],
)
def test_a_request_is_stopped_while_the_server_says_nothing(
    scheme: str, server: Callable[[], contextlib.AbstractContextManager[int]]
) -> None:
    # A failed attempt would be told while waiting for the next one.
    service = Service("The Service", Pace(interval=0.0, backoff=3600.0))
    told: list[str] = []

    def tick(text: str) -> None:
        told.append(text)
        if len(told) == 4:
            raise Cancelled

    with server() as port, HttpClient(service, f"{scheme}://127.0.0.1:{port}/") as client:
        with pytest.raises(Cancelled):
            client.get_json("", {}, read=as_mapping, tick=tick)
        assert told == [""] * 4
        told.clear()
        with pytest.raises(Cancelled):
            client.get_json("", {}, read=as_mapping, tick=tick)
        assert told == [""] * 4, "stopping held nobody up"


@pytest.fixture
def encrypted() -> Iterator[str]:
    """Answer over TLS with a certificate that only this test trusts, and yield the address."""
    with Echo() as server:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(CERTIFICATE)
        plain = server._server.socket
        server._server.socket = context.wrap_socket(plain, server_side=True)
        yield server.url.replace("http://", "https://")


def test_an_encrypted_answer_arrives(encrypted: str) -> None:
    with patient_session(encrypted, lambda: no_tick) as session:
        session.verify = str(CERTIFICATE)
        for _ in range(2):
            answer = session.get(f"{encrypted}a/b", timeout=30)
            assert answer.json()["path"] == "a/b"


def test_a_certificate_that_nobody_vouches_for_is_told(encrypted: str) -> None:
    with HttpClient(SERVICE, encrypted) as client, pytest.raises(FeatureError, match="certificate is not valid"):
        client.get_json("a/b", {}, read=as_mapping)


def test_text_is_read_and_a_page_for_browsers_is_not_text(echo: Echo) -> None:
    echo.body = "folk\nrock\n"
    echo.faults = Faults(at={1: "200-html"})
    with HttpClient(SERVICE, echo.url) as client:
        assert client.get_text("genre/all", {}) == "folk\nrock\n"
    assert len(echo.asked) == 2


def test_a_proxy_of_the_network_is_not_used_for_this_computer(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert ask(echo)["path"] == "a/b"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.reccobeats.com/v1", "https://api.reccobeats.com/v1/"),
        ("http://127.0.0.1:8765", "http://127.0.0.1:8765/"),
        ("http://127.4.5.6/", "http://127.4.5.6/"),
        ("http://[::1]:80/ws//", "http://[::1]:80/ws/"),
        ("http://localhost:1", "http://localhost:1/"),
    ],
)
def test_addresses_that_may_be_used(url: str, expected: str) -> None:
    assert check_url(url) == expected


@pytest.mark.parametrize(
    "url",
    ["http://api.reccobeats.com/", "http://192.168.0.2/", "http://127.0.0.1.evil.example/", "ftp://127.0.0.1/", "",
     "api.reccobeats.com", "https://", "http://127.0.0.1:99999/", "file:///etc/passwd", "http://localhost.example/",
     "http://user@10.0.0.1/"],
)  # fmt: skip
def test_addresses_that_may_not_be_used(url: str) -> None:
    with pytest.raises(OptionError, match="cannot be used"):
        HttpClient(SERVICE, url)


def test_only_a_server_on_this_computer_may_be_hurried() -> None:
    calm = Service("MusicBrainz", Pace(interval=1.0))
    with HttpClient(calm, "http://127.0.0.1:1/", pace=AT_ONCE), HttpClient(calm, "https://musicbrainz.org/ws/2/"):
        pass
    with HttpClient(calm, "https://musicbrainz.org/ws/2/", pace=Pace(interval=5.0)):
        pass
    with pytest.raises(OptionError, match="once in 1 s, not in 0 s"):
        HttpClient(calm, "https://musicbrainz.org/ws/2/", pace=AT_ONCE)

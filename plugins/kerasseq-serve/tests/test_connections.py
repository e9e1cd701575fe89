import contextlib
import socket

import pytest
from kerasseq_serve import connections
from kerasseq_serve.connections import MOST, room


def opened(port):
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def closed(client):
    """Whether the other side has ended the connection; waits for it."""
    try:
        return client.recv(1) == b""
    except ConnectionError:
        return True


def test_whoever_connects_and_says_nothing_is_closed(serve):
    service = serve("words", header_wait=0.2)
    with opened(service.port) as silent, opened(service.port) as slow:
        slow.sendall(b"GET /health HTTP/1.1\r\nHost: ")
        assert closed(silent) and closed(slow)
    assert service.post("/predict", {"text": "fine"})[0] == 200


def test_the_headers_of_a_second_request_are_waited_for_no_longer(serve):
    service = serve("words", header_wait=1.0)
    with opened(service.port) as client:
        client.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200 OK" in client.recv(4096)
        client.sendall(b"GET /livez HTTP/1.1\r\nHo")
        while client.recv(4096):
            pass  # until the service closes


def test_silent_connections_past_the_bound_keep_nobody_out(serve):
    service = serve("words", connections=5)
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(opened(service.port)) for _ in range(20)]
        assert service.ask("GET", "/health")[0] == 200
        assert closed(silent[0]), "the one that has been idle the longest"
        service.until(lambda: len(service.server.server_state.connections) <= 5)


def test_a_request_under_way_is_not_closed_for_another_connection(serve):
    service = serve("score", held=True, connections=2, header_wait=1.0)
    with opened(service.port) as client, contextlib.ExitStack() as stack:
        body = b'{"text": "w5"}'
        head = f"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        client.sendall(head.encode() + body)
        assert service.model.entered.wait(10)
        for _ in range(8):
            stack.enter_context(opened(service.port))
        service.model.gate.set()
        assert b"200 OK" in client.recv(4096)


def narrow(service):
    """A connection that holds few bytes which nobody has taken."""
    service.listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2048)  # connections inherit it
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    client.settimeout(20)
    client.connect(("127.0.0.1", service.port))
    return client


@pytest.mark.parametrize("head", ["Host: x", "Host: x\r\nConnection: close"])
def test_who_asks_and_takes_no_answer_is_closed(serve, monkeypatch, head):
    monkeypatch.setattr(connections, "TAKE_SECONDS", 0.2)
    service = serve("words")
    with narrow(service) as client:
        client.sendall(f"GET / HTTP/1.1\r\n{head}\r\n\r\n".encode() * 20)
        service.until(lambda: service.server.server_state.connections)
        service.until(lambda: not service.server.server_state.connections)
    service.until(lambda: service.counted("in_flight_requests") == 0)


def test_the_time_to_take_an_answer_ends_with_its_last_byte(serve):
    service = serve("words")
    with narrow(service) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        service.until(lambda: service.server.server_state.connections)
        [connection] = service.server.server_state.connections
        service.until(lambda: connection.untaken is not None)
        page = b""
        while not page.endswith(b"</html>\n"):
            page += client.recv(4096)
        service.until(lambda: connection.untaken is None)
        assert not connection.transport.is_closing()


@pytest.mark.parametrize(("limit", "expected"), [(200, 136), (20, 8), (1_000_000, MOST), (-1, MOST)])
def test_the_bound_leaves_files_for_the_rest(monkeypatch, limit, expected):
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "getrlimit", lambda which: (limit, limit))
    monkeypatch.setattr(resource, "RLIM_INFINITY", -1)
    assert connections.room is room and room() == expected

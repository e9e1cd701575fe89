import pytest
from kerasseq_serve.errors import ServeError
from kerasseq_serve.tokens import read_tokens

TOKEN, OTHER = "0123456789abcdef", "fedcba9876543210"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "tokens"
    path.write_text(f"# the shop\n{TOKEN}\n\n{OTHER}\n", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"bearer {OTHER}", 200),
        (f"Bearer {TOKEN}x", 401),
        (f"Basic {TOKEN}", 401),
        ("Bearer ", 401),
        ("# the shop", 401),
        (None, 401),
    ],
)
def test_a_request_bears_a_token_that_the_file_has(serve, file, header, status):
    service = serve("words", tokens=file)
    headers = {"Authorization": header} if header else {}
    found, given, body = service.ask("POST", "/predict", {"text": "fine"}, headers)
    assert found == status
    if status == 401:
        assert given["www-authenticate"] == "Bearer" and "authorization: must be `Bearer TOKEN`" in body
        service.until(lambda: service.counted("requests_total", path="/predict", status="401") == 1)


def test_only_what_a_balancer_asks_is_open(serve, file):
    service = serve("words", tokens=file)
    for path in ("/health", "/livez", "/readyz"):
        assert service.ask("GET", path)[0] == 200, path
    for path in ("/", "/metrics", "/openapi.json", "/health/../metrics"):
        assert service.ask("GET", path)[0] == 401, path


def test_without_a_file_everybody_may_ask(serve):
    assert serve("words").ask("POST", "/predict", {"text": "fine"})[0] == 200


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "must hold a token, got none"),
        (b"# none\n\n", "must hold a token, got none"),
        (b"short\n", "tokens:1: must be at least 16 printable ASCII characters without a space"),
        (b"0123456789abcdef\n0123456789 abcdef\n", "tokens:2: must be at least 16 printable"),
        (b"\xff\xfe" * 20, "must be a file of tokens, got no utf-8"),
        (None, "must be a file of tokens, got no such file or directory"),
    ],
)
def test_a_file_without_a_good_token_is_refused_at_the_start(tmp_path, content, said):
    if content is not None:
        (tmp_path / "tokens").write_bytes(content)
    with pytest.raises(ServeError, match=said):
        read_tokens(str(tmp_path / "tokens"))

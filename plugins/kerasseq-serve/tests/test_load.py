from kerasseq_serve.load import Figures, main, table


def test_every_number_of_clients_gets_a_row_of_figures(serve, capsys, tmp_path):
    service = serve("score")
    (tmp_path / "texts.txt").write_text("w1\nw2 w3\n", encoding="utf-8")
    address = f"http://127.0.0.1:{service.port}"
    texts = str(tmp_path / "texts.txt")
    assert main([address, "--clients", "1,4", "--seconds", "0.3", "--texts", texts]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("|")[1].strip() for line in lines] == ["clients", "---:", "1", "4"]
    for line in lines[2:]:
        speed, median, last = (float(cell) for cell in line.split("|")[2:5])
        assert speed > 0
        assert 0 < median <= last
        assert line.split("|")[5].strip() == "none"
    status = service.metrics()
    assert set(k for k in status if "requests_total" in k) == {
        'kerasseq_serve_requests_total{path="/predict",status="200"}'
    }


def test_refusals_and_closed_doors_are_counted_as_errors(serve, capsys):
    service = serve("pair")
    assert main([f"http://127.0.0.1:{service.port}", "--clients", "2", "--seconds", "0.2"]) == 1
    assert " x 422 |" in capsys.readouterr().out
    service.stop()
    service.thread.join(10)
    assert main([f"http://127.0.0.1:{service.port}", "--clients", "1", "--seconds", "0.2"]) == 1
    assert "x ConnectionRefusedError" in capsys.readouterr().out


def test_quantiles_are_those_of_the_sorted_latencies():
    figures = Figures(1, 2.0, [0.004, 0.001, 0.003, 0.002])
    assert (figures.quantile(0), figures.quantile(0.5), figures.quantile(0.99)) == (1.0, 3.0, 4.0)
    assert table([figures]).splitlines()[-1] == "| 1 | 2 | 3.0 | 4.0 | none |"

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result


@pytest.fixture
def kerasseq_main() -> Callable[..., Result]:
    """The command line in this process."""
    from kerasseq.commands.main import main

    return lambda *arguments: CliRunner().invoke(main, list(map(str, arguments)))

import io
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from kerasseq.arrays.keras_file import MEMBERS, TEXT, check_keras_file
from kerasseq.errors import RunError


def written(path: Path, fill, members=(), method=zipfile.ZIP_STORED) -> Path:
    """A .keras file whose HDF5 is what `fill` makes of it."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file["layers/dense/vars/0"] = np.ones((3, 2), dtype="float32")
        fill(file)
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("model.weights.h5", buffer.getvalue())
        for name, content in members:
            archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return path


def nothing(file):
    """As Keras writes it."""


def test_what_keras_writes_is_taken(finished):
    check_keras_file(finished / "model.keras")


def test_numbers_of_every_shape_are_taken(tmp_path):
    def fill(file):
        file["one"], file["none"] = np.float32(3), np.zeros((0, 4))
        file["many"] = np.arange(5000, dtype="int64")

    check_keras_file(written(tmp_path / "m.keras", fill))


def external(file):
    file["other"] = h5py.ExternalLink("/etc/other.h5", "/x")


def soft(file):
    file["other"] = h5py.SoftLink("/layers")


def numbers_elsewhere(file):
    file.create_dataset("passwords", (10,), "u1", external=[("/etc/passwd", 0, 10)])


def bomb(file):
    file.create_dataset("kernel", (1 << 20, 1 << 20), "f4", chunks=(1, 1024), fillvalue=1.0)


def packed(file):
    file.create_dataset("kernel", data=np.zeros((1000, 1000)), compression="gzip")


def texts(file):
    file["names"] = np.array(["a", "b"], dtype=object)


@pytest.mark.parametrize(
    ("fill", "said"),
    [
        (external, "/other: must be in the file, got a link"),
        (soft, "/other: must be in the file, got a link"),
        (numbers_elsewhere, "/passwords: must be in the file, got numbers of another one"),
        (bomb, r"/kernel: must have as many bytes as its shape .* asks for, 4,398,046,511,104, got 0"),
        (packed, r"/kernel: must have as many bytes as its shape .* asks for, 8,000,000, got [\d,]+"),
        (texts, "/names: must be numbers, got object"),
    ],
)
def test_weights_that_are_not_in_the_file_are_refused(tmp_path, fill, said):
    with pytest.raises(RunError, match=f"m.keras: model.weights.h5: {said}"):
        check_keras_file(written(tmp_path / "m.keras", fill))


def test_an_archive_that_unpacks_to_more_than_it_has_is_refused(tmp_path):
    with pytest.raises(RunError, match="model.weights.h5: must be stored as it is"):
        check_keras_file(written(tmp_path / "m.keras", nothing, method=zipfile.ZIP_DEFLATED))
    with pytest.raises(RunError, match=r"assets/zeros: must have at most 4,194,304 bytes, got 4,194,305"):
        check_keras_file(written(tmp_path / "m.keras", nothing, [("assets/zeros", bytes(TEXT + 1))]))
    many = [(f"assets/{number}", b"") for number in range(MEMBERS)]
    with pytest.raises(RunError, match=r"must have at most 10,000 members, got 10,002"):
        check_keras_file(written(tmp_path / "m.keras", nothing, many))

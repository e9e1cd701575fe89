import io
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasseq.arrays.npz import Npz
from kerasseq.errors import DataError


def member(array):
    """The bytes of one .npy."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def header(text, version=b"\x01\x00"):
    """A .npy whose header is `text`."""
    raw = text.encode()
    return b"\x93NUMPY" + version + struct.pack("<H" if version == b"\x01\x00" else "<I", len(raw)) + raw


def archive(path, members, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as file:
        for name, data in members.items():
            file.writestr(f"{name}.npy", data)
    return path


def refused(path, name="x"):
    with pytest.raises(DataError) as caught, Npz(path) as file:
        file.read(name)
    message = str(caught.value)
    assert path.name in message
    return message.partition(f"{path.name}: ")[2]


def test_arrays_are_read_as_numpy_wrote_them(tmp_path):
    arrays = {
        "x": np.arange(12, dtype=">f8").reshape(3, 4),
        "turned": np.asfortranarray(np.arange(6).reshape(2, 3)),
        "names": np.array(["a", "نص"]),
        "one": np.float32(3),
        "none": np.zeros((0, 5)),
    }
    for save in (np.savez, np.savez_compressed):
        save(tmp_path / "a.npz", **arrays)
        with Npz(tmp_path / "a.npz") as file:
            assert file.names == list(arrays)
            for name, array in arrays.items():
                assert file.member(name).shape == array.shape
                assert file.member(name).dtype == array.dtype
                assert np.array_equal(file.read(name), array)


def test_python_objects_are_refused_and_never_unpickled(tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("unpickled",))

    path = archive(tmp_path / "a.npz", {"x": member(np.array([Trap()], dtype=object))})
    assert refused(path) == "x: must be an array of numbers or strings, got Python objects"
    record = np.zeros(2, dtype=[("a", "O")])
    assert "Python objects" in refused(archive(tmp_path / "b.npz", {"x": member(record)}))


@pytest.mark.parametrize("shape", ["(1000000000000000000,)", "(4611686018427387904, 8)", "(3,)", "()", "(0, 4)"])
def test_a_header_that_promises_other_bytes_than_there_are_is_refused_before_memory_is_taken(tmp_path, shape):
    data = header(f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n") + bytes(16)
    message = refused(archive(tmp_path / "a.npz", {"x": data}))
    assert message.startswith("x: must have as many bytes as its header says, got ")
    assert message.endswith("bytes, in 16")


@pytest.mark.parametrize(
    "text",
    [
        "{'descr': '<U0', 'fortran_order': False, 'shape': (1000000000000000000,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000000000, 0), }",
    ],
)
def test_rows_of_nothing_are_refused_however_many_they_are(tmp_path, text):
    assert "must hold numbers or strings, got nothing" in refused(archive(tmp_path / "a.npz", {"x": header(text)}))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no array at all",
        b"\x93NUMPY\x01\x00",
        b"\x93NUMPY\x03\x00" + bytes(20),
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff",
        header("{'descr': '<f8'"),
        header("{'descr': '<f8', 'fortran_order': False}"),
        header("{'descr': 'spam', 'fortran_order': False, 'shape': (1,), }"),
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }"),
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (True,), }") + bytes(8),
        header("[" * 5000),
        header("(" * 60000),
        header("-" * 60000 + "1"),
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (1L,), }") + bytes(8),
    ],
)
def test_headers_that_are_none_are_one_sentence_with_file_and_array(tmp_path, data):
    message = refused(archive(tmp_path / "a.npz", {"x": data}))
    assert message.startswith("x: ")
    assert len(message) < 400
    assert "\n" not in message


@pytest.mark.parametrize(("place", "code"), [(0, 0x110000), (9, 0xD800), (3, 0xFFFFFFFF)])
@pytest.mark.parametrize("order", ["<", ">"])
def test_strings_of_what_is_no_character_are_refused_before_one_is_taken_out(tmp_path, order, place, code):
    words = np.array([["table", "نص"]], dtype=f"{order}U5").T
    whole = archive(tmp_path / "a.npz", {"x": member(words)})
    with Npz(whole) as file:
        assert np.array_equal(file.read("x"), words)
    words.view(f"{order}u4")[place // 5, place % 5] = code
    assert refused(archive(tmp_path / "a.npz", {"x": member(words)})) == (
        f"x: must hold characters of Unicode, got U+{code:04X}"
    )


def test_an_array_that_unpacks_to_far_more_than_its_bytes_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("kerasseq.arrays.npz._LARGE", 1 << 20)
    path = archive(tmp_path / "a.npz", {"x": member(np.zeros(1 << 20, dtype=np.uint8))})
    assert "must be at most 100 times its packed size, or 1,048,576 bytes" in refused(path)
    stored = archive(tmp_path / "b.npz", {"x": member(np.zeros(1 << 20, dtype=np.uint8))}, zipfile.ZIP_STORED)
    with Npz(stored) as file:
        assert file.read("x").sum() == 0


def test_a_size_that_the_archive_makes_up_is_refused(tmp_path):
    path = archive(tmp_path / "a.npz", {"x": member(np.zeros(4))}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    place = data.rfind(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<I", 1 << 31)  # the unpacked size
    path.write_bytes(data)
    assert "must have no more bytes than the" in refused(path)


@pytest.mark.parametrize("flag", ["method", "encrypted"])
def test_other_ways_to_pack_are_named(tmp_path, flag):
    path = archive(tmp_path / "a.npz", {"x": member(np.zeros(4))})
    data = bytearray(path.read_bytes())
    place = data.rfind(b"PK\x01\x02")
    if flag == "method":
        data[place + 10] = 99
    else:
        data[place + 8] |= 1
    path.write_bytes(data)
    assert refused(path) in ("x: must be stored or deflated, got method 99", "x: must not be encrypted")


def test_a_file_that_is_no_archive_or_not_there_is_named(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"no zip")
    with pytest.raises(DataError, match=r"a\.npz: must be a whole npz file, got a damaged one: file is not a zip file"):
        Npz(tmp_path / "a.npz")
    with pytest.raises(DataError, match=r"b\.npz: cannot be read: no such file"):
        Npz(tmp_path / "b.npz")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_bytes_changed_in_a_file_give_its_arrays_or_one_error(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("npz") / "a.npz"
    save = data.draw(st.sampled_from([np.savez, np.savez_compressed]))
    save(path, x=np.arange(12.0).reshape(3, 4), y=np.array(["a", "b", "c"]))
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw[: data.draw(st.integers(len(raw) // 2, len(raw)))])
    try:
        with Npz(path) as file:
            for name in file.names:
                file.read(name)
    except DataError as error:
        assert "a.npz" in str(error)

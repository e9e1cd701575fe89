"""Matrix multiplication inside compiled code: `sgemm` of the BLAS library that is at hand."""

# M, N, K sizes of C (M, N) = A (M, K) B (K, N)

from __future__ import annotations

import ctypes
import functools
import platform
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np
import torch
from llvmlite import ir
from numba.extending import get_cython_function_address, intrinsic

__all__ = ["NORMAL", "TRANSPOSED", "Blas", "find_blas", "multiply", "padded", "straight"]

NORMAL, TRANSPOSED = 0, 1

ROWS = 64
"""Rows of one call of oneDNN's kernels; more make none faster."""

_KERNELS = "_ZN2at6native7cpublas6brgemmEllllllbPKfS3_Pfb"
"""`at::native::cpublas::brgemm(M, N, K, lda, ldb, ldc, add, A, B, C, vnni)`; another signature has another name."""


class Blas(NamedTuple):
    """Where `sgemm` is.

    Attributes:
        name: `"mkl"` or `"scipy"`.
        turned: Address of the Fortran function, for products whose first factor is transposed.
        large: The same for products with a whole vocabulary.
        few: What `straight` multiplies with, for products of few rows: those of one step.
        many: The same for those of all steps at once.
        set_threads: Tells the calling thread how many threads it may use for one multiplication, and gives the number
            before; None where the library was told once for all.
    """

    name: str
    turned: int
    large: int
    few: int
    many: int
    set_threads: Any


@functools.cache
def find_blas() -> Blas:
    """The MKL inside torch where its library shows it, else the BLAS of scipy, held to one thread.

    Where there is AVX-512, straight products run in the kernels that oneDNN makes for their sizes: on an AMD EPYC twice
    as fast as the MKL for 8 rows, by a quarter for 64, by a tenth for thousands. On processors of AMD without it the
    MKL is the faster one for 64 rows and fewer, and for many OpenBLAS is.
    """
    library = Path(torch.__file__).parent / "lib" / "libtorch_cpu.so"
    try:
        loaded = ctypes.CDLL(str(library))
        address = ctypes.cast(loaded.SGEMM, ctypes.c_void_p).value
        set_threads = loaded.MKL_Set_Num_Threads_Local
    except (OSError, AttributeError):
        address = None
    if address is not None:
        processor = _processor()
        large = _of_scipy() if "AuthenticAMD" in processor else address
        kernels = _made_kernels(loaded, processor)
        turned = address if kernels else large
        return Blas("mkl", turned, large, kernels or address, kernels or large, set_threads)
    found = _of_scipy()
    return Blas("scipy", found, found, found, found, None)


def _made_kernels(library: ctypes.CDLL, processor: str) -> int:
    """The address of torch's way to oneDNN's kernels, negative, as `straight` takes it; 0 where there is none."""
    if "avx512f" not in processor or platform.machine() not in ("x86_64", "AMD64"):
        return 0
    found = getattr(library, _KERNELS, None)
    return -(ctypes.cast(found, ctypes.c_void_p).value or 0) if found else 0


def _of_scipy() -> int:
    """The address of its `sgemm`, which runs on one thread from now on."""
    import scipy.linalg.cython_blas  # noqa: F401
    from threadpoolctl import ThreadpoolController

    for found in ThreadpoolController().lib_controllers:
        if "scipy" in str(found.filepath):
            found.set_num_threads(1)
    return int(get_cython_function_address("scipy.linalg.cython_blas", "sgemm"))


def _processor() -> str:
    """What the system says of it, its maker too."""
    said = Path("/proc/cpuinfo")
    return said.read_text(encoding="utf-8", errors="replace") if said.exists() else platform.processor()


@intrinsic
def _call(typing_context: Any, function: Any, a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any, h: Any,
          i: Any, j: Any, k: Any, m: Any, n: Any) -> Any:  # fmt: skip
    """Call the function at the address `function` with 13 pointers."""
    signature = numba.types.void(*[numba.types.int64] * 14)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = ir.IntType(8).as_pointer()
        target = ir.FunctionType(ir.VoidType(), [pointer] * 13).as_pointer()
        pointers = [builder.inttoptr(argument, pointer) for argument in arguments[1:]]
        builder.call(builder.inttoptr(arguments[0], target), pointers)
        return context.get_dummy_value()

    return signature, generate


@numba.njit(nogil=True, cache=True)
def multiply(
    blas: int,
    a: Any,
    lda: int,
    ta: int,
    b: Any,
    ldb: int,
    tb: int,
    c: Any,
    ldc: int,
    m: int,
    n: int,
    k: int,
    beta: float,
) -> None:
    """`C = A B + beta C` for row-major float32 arrays.

    Args:
        blas: Address of `sgemm`.
        a: A, as an array that begins at its first element.
        lda: Row stride of A.
        ta: NORMAL, or TRANSPOSED where the array holds A's columns as rows.
        b: The same of B.
        ldb: Row stride of B.
        tb: The same of B.
        c: C, never transposed.
        ldc: Row stride of C.
        m: Rows of C.
        n: Columns of C.
        k: What is summed over.
        beta: 0 overwrites C, 1 adds to it.
    """
    if not m or not n:
        return
    sizes = np.empty(6, dtype=np.int32)
    sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5] = n, m, k, ldb, lda, ldc
    factors = np.empty(2, dtype=np.float32)
    factors[0], factors[1] = 1.0, beta
    letters = np.empty(2, dtype=np.uint8)
    letters[0], letters[1] = 84 if tb else 78, 84 if ta else 78  # T, N
    i, f, t = sizes.ctypes.data, factors.ctypes.data, letters.ctypes.data
    # Fortran reads row-major arrays as their transposes: C' = B' A'
    _call(
        blas, t, t + 1, i, i + 4, i + 8, f, b.ctypes.data, i + 12, a.ctypes.data, i + 16, f + 4, c.ctypes.data, i + 20
    )


@intrinsic
def _call_kernel(typing_context: Any, function: Any, sizes: Any, add: Any, a: Any, b: Any, c: Any) -> Any:
    """Call the function at the address `function` with six sizes, whether to add, and three pointers."""
    signature = numba.types.void(function, sizes, *[numba.types.int64] * 4)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word, pointer = ir.IntType(64), ir.IntType(8).as_pointer()
        target = ir.FunctionType(ir.VoidType(), [word] * 7 + [pointer] * 3 + [word]).as_pointer()
        given = [builder.extract_value(arguments[1], place) for place in range(6)]
        pointers = [builder.inttoptr(argument, pointer) for argument in arguments[3:]]
        # A truth value has a register or a place on the stack to itself, as a word has
        builder.call(builder.inttoptr(arguments[0], target), [*given, arguments[2], *pointers, word(0)])
        return context.get_dummy_value()

    return signature, generate


@numba.njit(nogil=True, cache=True)
def straight(
    how: int, a: Any, lda: int, b: Any, ldb: int, c: Any, ldc: int, m: int, n: int, k: int, beta: float
) -> None:
    """As `multiply`, of two factors that stand as they are.

    `how` is the address of `sgemm`; or minus that of oneDNN's kernels, of which one is made at the first product of a
    size in a thread, in about a tenth of a millisecond, and kept: so many rows are cut into pieces of `ROWS`.
    """
    if how > 0:
        multiply(how, a, lda, NORMAL, b, ldb, NORMAL, c, ldc, m, n, k, beta)
    elif n:
        for first in range(0, m, ROWS):
            sizes = (min(ROWS, m - first), n, k, lda, ldb, ldc)
            above, into = a.ctypes.data + 4 * first * lda, c.ctypes.data + 4 * first * ldc
            _call_kernel(-how, sizes, int(beta), above, b.ctypes.data, into)


@numba.njit(nogil=True, cache=True)
def padded(weight: Any, transposed: bool) -> Any:
    """A copy of `weight` `(K, N)`, or of its transpose, with rows that are 16 numbers longer than they need be.

    Rows a power of two apart fall into the same few lines of a cache; and a transposed second factor costs two to three
    times a straight one.
    """
    rows, columns = weight.shape
    out = np.zeros((columns, rows + 16) if transposed else (rows, columns + 16), dtype=np.float32)
    for i in range(rows):
        for j in range(columns):
            if transposed:
                out[j, i] = weight[i, j]
            else:
                out[i, j] = weight[i, j]
    return out

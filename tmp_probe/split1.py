import sys; sys.path.insert(0,'tmp_probe'); from split import *
src,p=parts(R+'onnx_elementwise.py')
rows=table_entries(src,'ELEMENTWISE')
act_keys={'"Relu6"','"HardTanh"','"HardSigmoid"','"HardSilu"','"Silu"','"Gelu"','"LogSigmoid"','"LeakyRelu"','"Elu"','"Celu"','"Glu"','"SoftShrink"','"HardShrink"','"TanhShrink"','"Threshold"','"Squareplus"','"SparseSigmoid"','"SparsePlus"'}
act_fn=['_silu','_gelu','_hard_sigmoid','_hard_silu','_log_sigmoid','_glu','_threshold','_squareplus','_sparse_sigmoid','_sparse_plus','_tanh_shrink']
def row(k,v): return f"    {k}: {v},\n" if k else f"    **{v},\n"
acts=[r for r in rows if r[0] in act_keys]; rest=[r for r in rows if r[0] not in act_keys]
head='''"""Activations of Keras in ONNX."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from kerasseq.exporters.onnx_writer import Tensor, Value, Writer

__all__ = ["ACTIVATIONS"]

Convert = Callable[..., Any]


def _node(op: str, **attributes: Any) -> Convert:
    return lambda w, out, x: w.node(op, w.get(x, out.kind), **attributes)


def _between(w: Writer, x: Value, low: float, high: float) -> str:
    return w.node("Clip", w.get(x, "float32"), w.number(low, "float32"), w.number(high, "float32"))


'''
b="\n\n".join(p[f].rstrip()+"\n" for f in act_fn)
b=b.replace("_clip(w, out, x, -1.0, 1.0)","_between(w, x, -1.0, 1.0)")
t="".join(row(k,v) for k,v in acts).replace('_between(0.0, 6.0)','lambda w, out, x: _between(w, x, 0.0, 6.0)').replace('_between(-1.0, 1.0)','lambda w, out, x: _between(w, x, -1.0, 1.0)')
t='    **{name: _node(name) for name in "Sigmoid Relu Softplus Softsign Selu".split()},\n'+t
open(R+'onnx_activations.py','w').write(head+b+"\n\nACTIVATIONS: Mapping[str, Convert] = {\n"+t+"}\n")
# arithmetic
keep=[f for f in p if f not in act_fn and f not in ('_between','ELEMENTWISE') and not f.startswith('#')]
head2='''"""Operations of Keras by element in ONNX: arithmetic, comparisons, logic."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kerasseq.exporters.onnx_graph import Inexpressible
from kerasseq.exporters.onnx_writer import Tensor, Value, Writer, common

__all__ = ["ARITHMETIC"]

'''
fns="\n\n".join(p[f].rstrip()+"\n" for f in keep if f not in('__all__','Convert','_ONE_NODE'))
one=p['_ONE_NODE'].replace(" Sigmoid Relu Softplus Softsign Selu","").replace('    **{"Erf": "Erf", "Reciprocal": "Reciprocal", "Sign": "Sign"},\n','    "Erf": "Erf",\n    "Reciprocal": "Reciprocal",\n    "Sign": "Sign",\n')
open(R+'onnx_arithmetic.py','w').write(head2+"Convert = Callable[..., Any]\n\n\n"+fns+"\n\n"+one+"\nARITHMETIC: Mapping[str, Convert] = {\n"+"".join(row(k,v) for k,v in rest)+"}\n")
# reductions
src,p=parts(R+'onnx_reductions.py'); rows=table_entries(src,'REDUCTIONS')
norm_keys={'"Norm"','"Normalize"','"LayerNorm"','"RMSNorm"','"BatchNorm"'}
norm_fn=['norm','_norm','_normalize','_along','_layer_norm','_rms_norm','_batch_norm']
b="\n\n".join(p[f].rstrip()+"\n" for f in norm_fn).replace("_axes(","axes_of(")
head='''"""Norms and normalisations of Keras in ONNX."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kerasseq.exporters.onnx_graph import Inexpressible
from kerasseq.exporters.onnx_reductions import Axes, axes_of, moments, reduce
from kerasseq.exporters.onnx_writer import Tensor, Writer

__all__ = ["NORMS"]

Convert = Callable[..., Any]
EPSILON = 1e-7
"""Keras's smallest number to divide by, where none is given."""


'''
open(R+'onnx_norms.py','w').write(head+b+"\n\nNORMS: Mapping[str, Convert] = {\n"+"".join(row(k,v) for k,v in rows if k in norm_keys)+"}\n")
s=src
for f in norm_fn: s=s.replace(p[f],"")
s=s.replace('''EPSILON = 1e-7
"""Keras's smallest number to divide by, where none is given."""
''','').replace("_axes(","axes_of(").replace("import math\n","").replace("import numpy as np\n","").replace("from kerasseq.exporters.onnx_graph import Inexpressible\n","")
for k in norm_keys: s=re.sub(rf"    {k}: \w+,\n","",s)
s=s.replace('sums and the like, softmax, norms, sorting','sums and the like, softmax, sorting').replace('__all__ = ["REDUCTIONS"]','__all__ = ["REDUCTIONS", "Axes", "axes_of", "moments", "reduce"]')
open(R+'onnx_reductions.py','w').write(s)
# shapes
src,p=parts(R+'onnx_shapes.py'); rows=table_entries(src,'SHAPES')
pick_fn=['_item','_sliced','_slice','_entries','_take','_places','_take_along_axis','_flip','_roll','_diff','_one_hot','_scatter','_scatter_update']
pick_keys={'"Held"','"Item"','"Slice"','"Take"','"TakeAlongAxis"','"Flip"','"Roll"','"Diff"','"OneHot"','"Scatter"','"ScatterUpdate"'}-{'"Held"'}
head='''"""Operations of Keras that pick numbers by their places, in ONNX."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from kerasseq.exporters.onnx_graph import Inexpressible
from kerasseq.exporters.onnx_writer import FIRST, LAST, Tensor, Value, Writer
from kerasseq.exporters.symbolic_operations import Item

__all__ = ["PICKS"]

Convert = Callable[..., Any]


'''
b="\n\n".join(p[f].rstrip()+"\n" for f in pick_fn)
b=b.replace("_own(w,","w.own(").replace("_sliced(","_cut(")
open(R+'onnx_picks.py','w').write(head+b+"\n\nPICKS: Mapping[str, Convert] = {\n"+"".join(row(k,v) for k,v in rows if k in pick_keys)+"}\n")
s=src
for f in pick_fn+['_own']: s=s.replace(p[f],"")
for k in pick_keys: s=re.sub(rf"    {k}: \w+,\n","",s)
s=s.replace("_own(w,","w.own(")
s=s.replace('''FIRST, LAST = -(2**63), 2**63 - 1
"""Ends of any axis, for ONNX."""
''','').replace('from kerasseq.exporters.onnx_writer import Tensor','from kerasseq.exporters.onnx_writer import LAST, Tensor').replace("from kerasseq.exporters.symbolic import Item\n","")
s=s.replace('move, cut, repeat and pick numbers, in ONNX','move, join, cut, repeat and make numbers, in ONNX')
open(R+'onnx_shapes.py','w').write(s)
w=open(R+'onnx_writer.py').read()
w=w.replace('__all__ = ["Tensor"','__all__ = ["FIRST", "LAST", "Tensor"').replace('''_ORDER = (''','''FIRST, LAST = -(2**63), 2**63 - 1
"""Ends of any axis, for a slice."""

_ORDER = (''')
w=w.replace('''    def row(self''','''    def own(self, name: str, axis: int, size: int | None) -> Value:
        """The size of an axis, a number where it is known."""
        if size is not None:
            return size
        found = self.size(name, axis)
        self.sizes[found] = name, axis
        return Tensor(found, "int64", (1,))

    def row(self''')
open(R+'onnx_writer.py','w').write(w)
# products
src,p=parts(R+'onnx_products.py'); rows=table_entries(src,'PRODUCTS')
win_fn=['_windowed','_every','_window','_conv','_depthwise_conv','_sizes','_kernel','_pool']
win_keys={'"Conv"','"DepthwiseConv"','"MaxPool"','"AveragePool"'}
head='''"""Convolutions and pools of Keras in ONNX."""

# C channels, M answers of a channel

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from kerasseq.exporters.onnx_graph import Inexpressible
from kerasseq.exporters.onnx_shapes import permuted
from kerasseq.exporters.onnx_writer import Tensor, Writer

__all__ = ["WINDOWS"]

Convert = Callable[..., Any]


'''
b="\n\n".join(p[f].rstrip()+"\n" for f in win_fn)
open(R+'onnx_windows.py','w').write(head+b+"\n\nWINDOWS: Mapping[str, Convert] = {\n"+"".join(row(k,v) for k,v in rows if k in win_keys)+"}\n")
s=src
for f in win_fn: s=s.replace(p[f],"")
s=re.sub(r'    "(Conv|DepthwiseConv|MaxPool|AveragePool)": .*\n',"",s)
s=s.replace("from kerasseq.exporters.onnx_shapes import permuted\n","").replace(', Sequence\n','\n').replace('"""Products of Keras in ONNX: of matrices, by letters, over windows, and the attention made of them."""','"""Products of Keras in ONNX: of matrices, by letters, and the attention made of them."""\n\n# B batch, T time, S steps of keys, N heads, H features of a head')
open(R+'onnx_products.py','w').write(s)
# operations
o=open(R+'onnx_operations.py').read()
o=o.replace('from kerasseq.exporters.onnx_elementwise import ELEMENTWISE\n','from kerasseq.exporters.onnx_activations import ACTIVATIONS\nfrom kerasseq.exporters.onnx_arithmetic import ARITHMETIC\n').replace('from kerasseq.exporters.onnx_products','from kerasseq.exporters.onnx_norms import NORMS\nfrom kerasseq.exporters.onnx_picks import PICKS\nfrom kerasseq.exporters.onnx_products').replace('from kerasseq.exporters.onnx_writer','from kerasseq.exporters.onnx_windows import WINDOWS\nfrom kerasseq.exporters.onnx_writer')
o=re.sub(r'OPERATIONS: Mapping\[str, Callable\[..., Any\]\] = \{.*?\}\n','''OPERATIONS: Mapping[str, Callable[..., Any]] = {
    **ARITHMETIC,
    **ACTIVATIONS,
    **REDUCTIONS,
    **NORMS,
    **SHAPES,
    **PICKS,
    **PRODUCTS,
    **WINDOWS,
}
''',o,flags=re.S)
open(R+'onnx_operations.py','w').write(o)
# symbolic
src,p=parts(R+'symbolic.py')
ops_fn=['SizeOf','Created','Held','Item','_length']
head='''"""Operations that a layer's code is followed with beside Keras's own: what they make is known by its shape alone."""

from __future__ import annotations

from typing import Any

import keras

__all__ = ["Created", "Held", "Item", "SizeOf"]

Symbol = keras.KerasTensor


'''
open(R+'symbolic_operations.py','w').write(head+"\n\n".join(p[f].rstrip()+"\n" for f in ops_fn))
s=src
for f in ops_fn: s=s.replace(p[f],"")
s=s.replace('__all__ = ["Created", "Held", "Item", "SizeOf", "followed"]','__all__ = ["followed"]').replace('from keras import ops\n','from keras import ops\n\nfrom kerasseq.exporters.symbolic_operations import Created, Held, Item, SizeOf\n',1)
s=s.replace('module.startswith("keras.") or module == __name__','module.startswith("keras.") or module in (__name__, SizeOf.__module__)')
open(R+'symbolic.py','w').write(s)

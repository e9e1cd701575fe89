import os,sys,warnings
import numpy as np, keras
from keras import ops
print(keras.backend.result_type(int), keras.backend.result_type(float), keras.backend.result_type(bool))
import inspect
print(inspect.getsource(keras.src.backend.numpy.repeat) if hasattr(keras,'src') else '')
from kerasseq.exporters.tracing import trace
sys.path.insert(0,'tests/exporters')
import operations
x=keras.Input((None,4)); m=keras.Input((None,),dtype="bool"); i=keras.Input((None,),dtype="int32")
for f in [lambda x,m,i: ops.full((ops.shape(x)[1],),7), lambda x,m,i: ops.top_k(x,2)]:
    t=trace(operations.Of(f),(x,m,i),{})
    for s in t.steps: print(type(s.operation).__name__, s.settings, [o.dtype for o in s.outputs])
try: print(operations.Of(lambda x,m,i: ops.repeat(x[:, :1], ops.shape(x)[1], axis=1))(x,m,i))
except Exception as e: print(str(e)[:300])
print(operations.Of(lambda x,m,i: ops.repeat(x, [1, 0, 2, 1], axis=-1))(x,m,i))

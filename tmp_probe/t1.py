import os,sys
import numpy as np, keras
from keras import ops
from kerasseq.exporters.tracing import trace
class L(keras.layers.Layer):
    def build(self, s):
        self.k=self.add_weight(shape=(s[-1],4),name="k"); self.sc=self.add_weight(shape=(4,),name="sc")
        self.d=keras.layers.Dense(3); self.d.build((None,None,4)); self.g=keras.layers.GRU(5,return_sequences=True); self.g.build((None,None,3))
        self.built=True
    def call(self,x,mask=None):
        B,T=ops.shape(x)[:2]
        y=self.sc*ops.matmul(x,self.k)+np.ones(4,"float32")
        y=ops.reshape(y,(B,T,2,2))
        y=ops.reshape(y,(-1,T,4))
        z=self.g(self.d(y), mask=mask)
        pos=ops.arange(x.shape[1])
        tri=ops.tri(T)
        w=ops.where(pos[None]==ops.expand_dims(ops.sum(ops.cast(mask,"int32"),axis=1)-1,1),1.0,ops.zeros((1,T)))
        z=z[:,1:]
        o=ops.ones((B,T,1))*T
        return ops.sum(w[:,:,None]*o,axis=1)+ops.mean(z,axis=1)[..., :1], ops.sum(tri)
l=L(name="odd"); 
x=keras.Input((None,6)); m=keras.Input((None,),dtype="bool")
y=l(x,mask=m)
t=trace(l,(x,),{"mask":m})
for s in t.steps: print(type(s.operation).__name__, [ (tuple(a._shape),a.dtype) if isinstance(a,keras.KerasTensor) else a for a in s.args if not hasattr(a,'path')], dict(s.kwargs), dict(s.settings), [(o.shape,o.dtype) for o in s.outputs])
print(keras.KerasTensor((2,None)).shape, x==m, len(l.d._inbound_nodes))
class R(keras.layers.Layer):
    def call(self,x,mask=None):
        return sum(x[:,i] for i in range(x.shape[1]))
try: trace(R(name="loop"),(x,),{"mask":m})
except Exception as e: print(type(e),e)

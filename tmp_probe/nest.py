import sys; sys.path.insert(0,'tests/exporters')
import warnings; warnings.simplefilter("ignore")
import numpy as np, keras, torch, onnxruntime as ort
from keras import ops, tree, layers as L
from kerasseq.exporters.onnx_graph import Graph
from kerasseq.exporters.onnx_layers import model_nodes
from kerasseq.exporters.torch_steps import Steps
from kerasseq.exporters.tracing import step_of
from kerasseq.backend.functional import calls
class Nest(L.Layer):
    def __init__(self, fn, parts, **k): super().__init__(**k); self.fn=fn; self.parts=parts
    def call(self,x,valid,ids): return self.fn(self.parts,x,valid,ids)
S=keras.Sequential
CASES={
 "dense":(lambda: [L.Dense(5,activation="gelu"),L.Dense(3,use_bias=False,activation="softmax")], lambda p,x,m,i: p[1](p[0](x))),
 "norms":(lambda: [L.LayerNormalization(),L.BatchNormalization(),L.LayerNormalization(scale=False,center=False),L.UnitNormalization(),L.RMSNormalization(), L.GroupNormalization(2)], lambda p,x,m,i: [q(x) for q in p[:5]]),
 "group":(lambda:[L.GroupNormalization(2)],lambda p,x,m,i:p[0](x)),
 "gru":(lambda: [L.GRU(3),L.GRU(3,return_sequences=True),L.LSTM(2,go_backwards=True),L.LSTM(2,go_backwards=True,return_sequences=True)], lambda p,x,m,i: [q(x) for q in p]),
 "gru mask":(lambda: [L.GRU(3),L.LSTM(3),L.SimpleRNN(3)], lambda p,x,m,i: [q(x,mask=m) for q in p]),
 "gru seq mask":(lambda: [L.GRU(3,return_sequences=True)], lambda p,x,m,i: [q(x,mask=m) for q in p]),
 "lstm back mask":(lambda: [L.LSTM(3,go_backwards=True)], lambda p,x,m,i: [q(x,mask=m) for q in p]),
 "bi":(lambda: [L.Bidirectional(L.LSTM(3)),L.Bidirectional(L.GRU(3,return_sequences=True))], lambda p,x,m,i: [q(x,mask=m) for q in p]),
 "conv":(lambda: [L.Conv1D(5,3,padding="same",activation="relu"),L.Conv1D(5,3,padding="causal"),L.Conv1D(5,2,padding="same",dilation_rate=2),L.DepthwiseConv1D(3,padding="same",depth_multiplier=2),L.SeparableConv1D(5,3,padding="same")], lambda p,x,m,i: [q(x) for q in p[:4]]),
 "sepconv":(lambda: [L.SeparableConv1D(5,3,padding="same")], lambda p,x,m,i: p[0](x)),
 "mha":(lambda: [L.MultiHeadAttention(2,3)], lambda p,x,m,i: p[0](x,x)),
 "mha mask":(lambda: [L.MultiHeadAttention(2,3)], lambda p,x,m,i: p[0](x,x,attention_mask=ops.logical_or(m[:,None,:], ops.arange(ops.shape(x)[1])==0))),
 "mha causal":(lambda: [L.MultiHeadAttention(2,3)], lambda p,x,m,i: p[0](x,x,use_causal_mask=True)),
 "gqa":(lambda: [L.GroupedQueryAttention(4,4,2)], lambda p,x,m,i: p[0](x,x)),
 "attention":(lambda: [L.Attention(),L.AdditiveAttention()], lambda p,x,m,i: [q([x,x]) for q in p]),
 "einsumdense":(lambda: [L.EinsumDense("abc,cd->abd",(None,7),bias_axes="d")], lambda p,x,m,i: p[0](x)),
 "embedding":(lambda: [L.Embedding(10,4,mask_zero=True),L.GRU(3)], lambda p,x,m,i: p[1](p[0](i))),
 "pool":(lambda: [L.GlobalAveragePooling1D(),L.GlobalMaxPooling1D(),L.MaxPooling1D(2,strides=1,padding="same"),L.AveragePooling1D(2,strides=1,padding="same")], lambda p,x,m,i: [q(x) for q in p]),
 "gap mask":(lambda: [L.GlobalAveragePooling1D()], lambda p,x,m,i: p[0](x,mask=ops.logical_or(m, ops.arange(ops.shape(x)[1])==0))),
 "sequential":(lambda: [S([L.Input((None,4)),L.Dense(5,activation="silu"),L.Dropout(0.5),L.LayerNormalization(),L.Dense(2)])], lambda p,x,m,i: p[0](x)),
 "shapes":(lambda: [L.Permute((2,1)),L.RepeatVector(3),L.Reshape((-1,2)),L.Flatten(),L.Activation("swish"),L.Softmax(),L.LeakyReLU(0.1),L.ReLU(max_value=0.5),L.ELU(),L.PReLU(shared_axes=[1])], lambda p,x,m,i: [p[0](x),p[1](x[:,0]),p[2](x),p[3](x[:,0]),*(q(x) for q in p[4:])]),
 "merge":(lambda: [L.Add(),L.Subtract(),L.Multiply(),L.Average(),L.Maximum(),L.Minimum(),L.Concatenate(),L.Dot(axes=(2,2))], lambda p,x,m,i: [q([x,x*2]) for q in p]),
 "time distributed":(lambda: [L.TimeDistributed(L.Dense(3))], lambda p,x,m,i: p[0](x)),
 "noise":(lambda: [L.GaussianNoise(0.3),L.SpatialDropout1D(0.3),L.AlphaDropout(0.2),L.ActivityRegularization(0.1)], lambda p,x,m,i: [q(x) for q in p]),
 "masking":(lambda: [L.Masking(0.0),L.LSTM(3)], lambda p,x,m,i: p[1](p[0](x*ops.cast(m,"float32")[:,:,None]))),
 "cropping":(lambda: [L.ZeroPadding1D(1),L.UpSampling1D(2),L.Cropping1D(1)], lambda p,x,m,i: [p[0](x),p[1](x),p[2](p[0](x))]),
 "lambda":(lambda: [L.Lambda(lambda y: y*2)], lambda p,x,m,i: p[0](x)),
 "rescaling":(lambda: [L.Rescaling(2.0,0.5)], lambda p,x,m,i: p[0](x)),
 "rnn cell":(lambda: [L.RNN(L.GRUCell(3))], lambda p,x,m,i: p[0](x)),
 "convlstm":(lambda: [L.ConvLSTM1D(2,1)], lambda p,x,m,i: p[0](x[:,:,None])),
}
def ex(b,t):
    r=np.random.default_rng(0); x=r.normal(size=(b,t,4)).astype("float32"); m=np.arange(t)<r.integers(0,t+1,(b,1)); i=r.integers(1,10,(b,t)).astype("int32")*m
    return x,m,i
for name in (sys.argv[1:] or CASES):
    mk,fn=CASES[name]
    try:
        keras.utils.set_random_seed(0)
        x=keras.Input((None,4),name="x"); m=keras.Input((None,),dtype="bool",name="mask"); i=keras.Input((None,),dtype="int32",name="ids")
        out=Nest(fn,mk(),name="made")(x,m,i); model=keras.Model([x,m,i],{f"y{n}":o for n,o in enumerate(tree.flatten(out))})
        r=np.random.default_rng(1)
        for v in model.variables:
            if "float" in v.dtype: v.assign(np.abs(r.normal(size=v.shape))*0.3+0.05 if "var" in v.name else r.normal(size=v.shape)*0.4)
    except Exception as e: print(name,"KERAS"," ".join(str(e).split())[:300]); continue
    try:
        g=Graph(); n={"x":g.input("x","float32",["b","t",4]),"mask":g.cast(g.input("mask","int64",["b","t"]),"bool"),"ids":g.input("ids","int64",["b","t"])}
        for k,tn in model_nodes(g,model,n,[]).items(): g.output(k,"float32",[f"{k}{a}" for a in range(len(model.output[k].shape))],tn)
        s=ort.InferenceSession(g.model({}).SerializeToString())
    except Exception as e: s=None; print(name,"ONNX",type(e).__name__," ".join(str(e).split())[:330])
    try: st=Steps([step_of(q) for q in calls(model)],model.inputs,list(model.output.values()))
    except Exception as e: st=None; print(name,"TORCH",type(e).__name__," ".join(str(e).split())[:330])
    for b,t in ((3,4),(1,1),(2,7)):
        a=ex(b,t)
        try: w=[keras.ops.convert_to_numpy(y) for y in model([keras.ops.convert_to_tensor(q) for q in a],training=False).values()]
        except Exception as e: print(name,b,t,"keras run",str(e)[:200]); continue
        if s:
            try:
                got=s.run(list(model.output),{"x":a[0],"mask":a[1].astype("int64"),"ids":a[2].astype("int64")})
                for k,(p,q) in enumerate(zip(w,got)):
                    if p.shape!=q.shape or not np.allclose(p,q,atol=3e-6,rtol=1e-5): print(name,"ONNX DIFF",k,(b,t),p.shape,q.shape,np.abs(p-q).max() if p.shape==q.shape else "")
            except Exception as e: print(name,"ONNX RUN",(b,t)," ".join(str(e).split())[:300])
        if st:
            try:
                got=[np.asarray(z.detach()) for z in st(*map(torch.tensor,a))]
                for k,(p,q) in enumerate(zip(w,got)):
                    if p.shape!=q.shape or not np.allclose(p,q,atol=3e-6,rtol=1e-5): print(name,"TORCH DIFF",k,(b,t),p.shape,q.shape,np.abs(p-q).max() if p.shape==q.shape else "")
            except Exception as e: print(name,"TORCH RUN",(b,t)," ".join(str(e).split())[:300])
print("done")

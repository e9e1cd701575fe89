import sys, time, numpy as np, keras, onnxruntime as ort
from keras import tree
from kerasseq.exporters.onnx_graph import Graph
from kerasseq.exporters.onnx_layers import model_nodes
from kerasseq.poolers.reduce import Mean,Sum,Max
from kerasseq.poolers.last import Last
from kerasseq.poolers.attention import Attention
sys.path.insert(0,'plugins/kerasseq-poolers')
from kerasseq_poolers.concat import Concat
from kerasseq_poolers.gated import Gated
from kerasseq_poolers.last_k import LastK
from kerasseq_poolers.self_attention import SelfAttention
from kerasseq_poolers.top_k_mean import TopKMean
from kerasseq.tasks.regression import Regression
U=256
def sess(layer, specs):
    x=keras.Input((None,U),name="x"); m=keras.Input((None,),dtype="bool",name="mask")
    out=layer(x,mask=m)
    model=keras.Model([x,m],{f"y{i}":o for i,o in enumerate(tree.flatten(out))})
    g=Graph(); xx=g.input("x","float32",["b","t",U]); mm=g.cast(g.input("mask","int64",["b","t"]),"bool")
    for n,t in model_nodes(g,model,{"x":xx,"mask":mm},specs).items(): g.output(n,"float32",[f"{n}{k}" for k in range(len(model.output[n].shape))],t)
    f=g.model({}).SerializeToString()
    o=ort.SessionOptions(); o.intra_op_num_threads=1; o.optimized_model_filepath="/tmp/opt.onnx"; o.log_severity_level=3
    s=ort.InferenceSession(f,o)
    import onnx
    return s,len(g.model({}).graph.node),len(onnx.load("/tmp/opt.onnx").graph.node),len(f)
rng=np.random.default_rng(0)
def feeds(B,T):
    return {"x":rng.normal(size=(B,T,U)).astype("float32"),"mask":(np.arange(T)<rng.integers(1,T+1,(B,1))).astype(np.int64)}
for spec in [Mean(name="mean"),Sum(name="sum"),Max(name="max"),Last(name="last"),Attention(name="attention"),SelfAttention(),Gated(),LastK(),TopKMean(),Concat()]:
    for d in ((1,2) if spec.name in("last","last_k") else (1,)):
        layer=spec.build(d)
        a=sess(layer,[spec]); b=sess(layer,[])
        res=[]
        for B,T in ((64,32),(64,128),(1,20)):
            f=feeds(B,T); ts=[[],[]]
            for r in range(40):
                for k,s in enumerate((a[0],b[0])):
                    t=time.perf_counter(); s.run(None,f); ts[k].append(time.perf_counter()-t)
            res.append("/".join(f"{np.median(t[5:])*1e3:.3f}" for t in ts))
        print(f"{spec.name} {d}: nodes {a[1]}/{b[1]} optimised {a[2]}/{b[2]} bytes {a[3]}/{b[3]}  ms written/followed: {res}")

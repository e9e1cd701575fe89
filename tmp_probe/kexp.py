import sys, numpy as np, keras, torch
from torch.export import Dim, load
sys.path.insert(0,'tests/exporters')
from kerasseq.model import Parts, initialise
from kerasseq.registry import load as L
def spec(kind,name,**o): return L(kind,name)[1](name=name,**o)
for enc in ({"name":"none"},{"name":"gru","units":5,"layers":1},{"name":"lstm","units":5,"layers":1},{"name":"simple_rnn","units":5,"layers":1}):
  for pool in ("mean","attention"):
    v=spec("embedding","learned",dimension=6); e=spec("encoder",**enc)
    task=spec("task","classification").restore({"labels":["a","b","c"]})
    model=task.build_model(Parts(v.build([str(i) for i in range(30)]),e.build(),spec("pooler",pool).build(e.directions),False)); initialise(model,0)
    try:
        model.export("/tmp/k.pt2",format="torch",dynamic_shapes=[([{0:Dim("batch"),1:Dim("time")}],)],verbose=False)
    except Exception as x:
        print(enc["name"],pool,"export fails:"," ".join(str(x).split())[:300]); continue
    m=load("/tmp/k.pt2").module()
    for B,T in ((2,2),(3,4),(5,7),(1,1),(3,50)):
        ids=np.random.default_rng(0).integers(1,30,(B,T)); ids[:, T//2+1:]=0; ids=ids.astype("int32")
        want=model(ids,training=False)["logits"]
        try:
            got=m(torch.tensor(ids)); got=got["logits"]
            print(enc["name"],pool,B,T,float((want-got).abs().max()))
        except Exception as x: print(enc["name"],pool,B,T,"fails:"," ".join(str(x).split())[:150])

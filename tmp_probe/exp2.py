import sys; sys.path.insert(0,'tests/exporters')
import test_torch_operations as t, warnings, time, torch, contextlib
from torch.nn import functional as F
from kerasseq.exporters import torch_network
warnings.simplefilter("ignore")
torch_network._open_sizes=contextlib.nullcontext
B,T=torch.export.Dim("batch"),torch.export.Dim("time")
def ex(f,mod=None):
    class W(torch.nn.Module):
        def __init__(s): super().__init__(); s.steps=t.steps_of(f) if mod is None else mod
        def forward(s,x,mask,ids): return s.steps(x,mask,ids)
    return torch_network.exported(W(),tuple(map(torch.tensor,t.operations.example(3,4))),{n:{0:B,1:T} for n in("x","mask","ids")}).module()
class P(torch.nn.Module):
    def __init__(s,f): super().__init__(); s.steps=t.steps_of(f)
    def forward(s,x,mask,ids): return s.steps(F.pad(x,(0,0,0,3)),F.pad(mask,(0,3)),F.pad(ids,(0,3)))
def tr(name,f):
    for kind,mod in (("plain",None),("padded",P(f))):
        try: ex(f,mod); print(name,kind,"ok")
        except Exception as e: print(name,kind," ".join(str(e).split())[100:420])
from keras import ops
size=t.operations.size
tr("x[:,1:]",lambda x,m,i: x[:,1:])
tr("x[:,:-1]+",lambda x,m,i: x[:,:-1]+x[:,1:])
tr("half",lambda x,m,i: x[:, size(x,1)//2:])
tr("conv steps",t.operations.EVERY["conv in steps"])
tr("maxpool same",lambda x,m,i: ops.max_pool(x, 2, strides=1, padding="same"))
tr("avgpool same",lambda x,m,i: ops.average_pool(x, 3, strides=1, padding="same"))
tr("maxpool 2",lambda x,m,i: ops.max_pool(ops.pad(x, [[0, 0], [0, 1], [0, 0]]), 2))
for n in ("take_along_axis","roll","arange","pools"): tr(n,t.operations.EVERY[n])

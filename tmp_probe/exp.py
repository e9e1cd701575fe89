import sys; sys.path.insert(0,'tests/exporters')
import test_torch_operations as t, warnings, time, torch
from kerasseq.exporters.torch_network import exported
warnings.simplefilter("ignore")
B,T=torch.export.Dim("batch"),torch.export.Dim("time")
def ex(f):
    class W(torch.nn.Module):
        def __init__(s): super().__init__(); s.steps=t.steps_of(f)
        def forward(s,x,mask,ids): return s.steps(x,mask,ids)
    return exported(W(),tuple(map(torch.tensor,t.operations.example(3,4))),{n:{0:B,1:T} for n in("x","mask","ids")}).module()
names=sys.argv[1:]
for n in names:
    for n in (list(getattr(t.operations,n)) if n.isupper() else [n]):
        f=t.operations.EVERY[n]
        try:
            m=ex(f); t.check(f,m)
        except Exception as e: print("EXPORT",n,type(e).__name__," ".join(str(e).split())[:600])
print("done")

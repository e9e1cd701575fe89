import re,ast,sys
R='kerasseq/exporters/'
def parts(path):
    src=open(path).read(); tree=ast.parse(src); lines=src.splitlines(keepends=True)
    out={}
    body=tree.body
    for i,n in enumerate(body):
        start=n.lineno-1
        if getattr(n,'decorator_list',None): start=min(d.lineno for d in n.decorator_list)-1
        end=n.end_lineno
        name=getattr(n,'name',None)
        if name is None and isinstance(n,(ast.Assign,ast.AnnAssign)):
            t=n.targets[0] if isinstance(n,ast.Assign) else n.target
            name=getattr(t,'id',None)
        out[name or f"#{i}"]="".join(lines[start:end])
    return src,out
def table_entries(src,name):
    tree=ast.parse(src)
    for n in tree.body:
        if isinstance(n,ast.AnnAssign) and n.target.id==name:
            d=n.value; lines=src.splitlines(keepends=True)
            res=[]
            for i,(k,v) in enumerate(zip(d.keys,d.values)):
                seg=ast.get_source_segment(src,v)
                key=ast.get_source_segment(src,k) if k else None
                res.append((key,seg))
            return res

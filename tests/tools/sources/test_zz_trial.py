from __future__ import annotations
import asyncio, itertools, random
from pathlib import Path
import pandas as pd
from causemap.settings import load_settings
from causemap.tools.pulling import Wish, pull
from causemap.tools.sources.catalogue import all_sources
from urllib.parse import urlsplit
NAMES = tuple(s.name for s in all_sources(load_settings({})))

def test_trial(case_of, serve, web, answer, fetcher_of, now, tmp_path):
    def go(folder, dead):
        every=[case_of(n) for n in NAMES]
        web.routes.clear()
        serve({p:b for c in every if c.source.name not in dead for p,b in c.good.items()})
        for c in every:
            if c.source.name in dead:
                for p in c.good: web.routes[p]=answer(b"", status=503)
        async def pulled():
            async with fetcher_of() as f:
                return await pull(folder,[c.source for c in every],f,now,Wish(),lambda _:None)
        out={o.source:o for o in asyncio.run(pulled())}
        cols={(p.stem,c):pd.read_parquet(p)[c].dropna().tolist() for p in folder.glob("*.parquet") for c in pd.read_parquet(p).columns if c not in("retrieved",)}
        return out,cols
    (tmp_path/"base").mkdir(); base,bc=go(tmp_path/"base",())
    rng=random.Random(2)
    sets=[(n,) for n in NAMES]+rng.sample(list(itertools.combinations(NAMES,2)),8)
    for k,dead in enumerate(sets):
        folder=tmp_path/str(k); folder.mkdir()
        out,cols=go(folder,dead)
        st={n:o.state for n,o in out.items() if o.state!=base[n].state}
        lost=[c for c in bc if c not in cols]; changed=[c for c in cols if c in bc and cols[c]!=bc[c]]
        print(dead,"states",st,"missing named",sum(len(out[d].missing) for d in dead),"lost",len(lost),"changed",changed[:6],flush=True)

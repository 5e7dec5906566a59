def test_dbg(case_of, serve, read, web):
    """x."""
    c=case_of("yahoo"); serve(c.good); b=read(c.source); print(b.missing, [ (a.page,a.query) for a in web.asked]); assert 0
def test_dbg2(case_of, serve, read, web, answer):
    """x."""
    c=case_of("yahoo"); serve(c.empty); b=read(c.source); print(b.missing, [ (a.page,a.query) for a in web.asked]); assert 0

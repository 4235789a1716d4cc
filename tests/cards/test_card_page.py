def test_smoke(card, visit, ana, kenji):
    page = visit(kenji).get("/c/FLX-1/")
    print(page.html)
    print(page.texts, [f.verb for f in page.forms], len(page.html))
    assert page.status == 200

import pytest
from tests.browser.test_search import talked, open_live
@pytest.mark.parametrize("scheme,size", [("light",(1280,800)),("dark",(390,844))])
def test_shots(table, page_for, scheme, size):
    talked(table)
    p = page_for(table.kenji, color_scheme=scheme, viewport={"width":size[0],"height":size[1]})
    open_live(p, table.url)
    p.screenshot(path=f"/tmp/fb/s3-board-{scheme}.png")
    p.keyboard.press("/"); p.keyboard.type("marmalade"); p.wait_for_selector(".finder mark"); p.wait_for_timeout(300)
    p.screenshot(path=f"/tmp/fb/s3-dialog-{scheme}.png")
    p.goto("/search/?q=marmalade"); p.screenshot(path=f"/tmp/fb/s3-page-{scheme}.png")
def test_start(table, page_for):
    import datetime as dt
    from boards.models import Board, Welcome
    from boards import actions
    from comments.actions import post_comment
    talked(table)
    actions.describe_board(table.board, "We rebuild the checkout.\n\n- Reviews within a day\n- Decide in writing", by=table.ana, seen=None)
    for t in ("a","b","c"): post_comment(table.card(1), t, by=table.ana)
    Welcome.objects.create(user=table.kenji, board=table.board)
    for scheme,size in [("light",(1280,800)),("dark",(390,844))]:
        p = page_for(table.kenji, color_scheme=scheme, viewport={"width":size[0],"height":size[1]})
        open_live(p, table.url); p.screenshot(path=f"/tmp/fb/s3-welcome-{scheme}.png")
        p.goto(table.url+"start/"); p.screenshot(path=f"/tmp/fb/s3-start-{scheme}.png", full_page=True)

"""The page of `wta report`, opened as a file."""

import json

import numpy as np
import pytest
from conftest import bars, report, wta
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

VISIBLE = "return [...document.querySelectorAll('#wall .tile')].filter(t => !t.hidden)"
UNITS = VISIBLE + ".map(t => t.feature.unit)"


@pytest.fixture(scope="session")
def page(work):
    return report(work, "bars").as_uri()


def press(browser, *keys):
    for key in keys:
        ActionChains(browser.driver).send_keys(key).perform()


def opened(browser):
    return browser.run("const d = document.getElementById('feature'); return d.open ? d.querySelector('h2').textContent : null")


def choose(browser, name, value):
    browser.run("const e = document.getElementById(arguments[0]); e.value = arguments[1];"
                "e.dispatchEvent(new Event('input', { bubbles: true })); e.dispatchEvent(new Event('change'))", name, value)


def test_shows_the_run_without_errors_and_without_the_network(browser, page, work):
    browser.show(page)
    assert browser.run("return document.title") == "bars · wta report"
    assert browser.run("return [...document.querySelectorAll('main > section')].filter(s => !s.hidden).map(s => s.id)") == [
        "overview", "training", "features", "reconstructions", "confusions"]
    assert len(browser.run(UNITS)) == 40
    assert "40fc" in browser.run("return document.getElementById('options').textContent")
    assert browser.run("return document.querySelectorAll('#curves svg').length") >= 4
    assert "600 training samples" in browser.run("return document.getElementById('features-note').textContent")
    drawn = "return getComputedStyle(document.querySelector(arguments[0])).backgroundImage.slice(0, 27)"
    for picture in ("#wall .pic", "#pairs .pic"):
        assert browser.run(drawn, picture) == 'url("data:image/png;base64,'
    assert browser.errors() == []
    assert browser.requests() == [page]
    assert (work / "bars" / "report.html").stat().st_size < 300_000


def test_the_error_is_that_of_classify(browser, page, work):
    result = json.loads(wta("classify", "bars", "--json", folder=work).stdout)
    browser.show(page)
    note = browser.run("return document.getElementById('confusions-note').textContent")
    wrong = round(result["test_error_percent"] * 200 / 100)
    assert f"errs on {wrong} of 200 test samples" in note
    counts = browser.run("return report.classification.counts")
    assert np.array(counts).shape == (8, 8)
    assert np.array(counts).sum() - np.trace(counts) == wrong


def test_figures_are_those_of_the_codes(browser, page, work):
    wta("encode", "bars", "--data", "data.npz", "--split", "train", "--out", "codes.npy", folder=work)
    codes, labels = np.load(work / "codes.npy"), np.load(work / "data.npz")["y_train"]
    browser.show(page)
    for feature in browser.run("return report.stages[0].features"):
        code = codes[:, feature["unit"]]
        assert feature["zeros"] == (code == 0).sum()
        assert feature["frequency"] == pytest.approx((code > feature["threshold"]).mean(), abs=2e-3)
        assert sum(feature["histogram"]["counts"]) == (code != 0).sum()
        top = np.argsort(-code, kind="stable")[:12]
        rows = browser.run("return arguments[0].map(([i]) => report.inputs.rows[i])", feature["top"])
        assert rows == top[code[top] > 0].tolist()
        means = [code[labels == c].mean() for c in range(8)]
        assert [mean for _, mean in feature["classes"]] == pytest.approx(means, rel=1e-3)
        assert feature["selectivity"][0] == np.argmax(means)


def test_sorts_filters_and_searches(browser, page):
    browser.show(page)
    usage = "return report.stages[0].features.map(f => [f.unit, f.usage, f.frequency, f.selectivity[1]])"
    features = np.array(browser.run(usage))
    assert browser.run(UNITS) == features[:, 0].tolist()
    assert (np.diff(features[:, 1]) <= 0).all()
    for order, column in (("frequency", 2), ("selectivity", 3)):
        choose(browser, "sort", order)
        values = dict(zip(features[:, 0], features[:, column]))
        assert (np.diff([values[unit] for unit in browser.run(UNITS)]) <= 0).all()
    choose(browser, "sort", "unit")
    assert browser.run(UNITS) == list(range(40))
    choose(browser, "search", "7, 12 30-32")
    assert browser.run(UNITS) == [7, 12, 30, 31, 32]
    assert browser.run("return document.getElementById('count').textContent") == "5 of 40 units"
    choose(browser, "search", "none")
    assert browser.run(UNITS) == []
    choose(browser, "search", "")
    dead = [int(unit) for unit, used in features[:, :2] if used == 0]
    choose(browser, "state", "dead")
    assert browser.run(UNITS) == sorted(dead)
    choose(browser, "state", "alive")
    assert browser.run(UNITS) == sorted(set(range(40)) - set(dead))


def test_a_feature_opens_and_closes_by_mouse(browser, page):
    browser.show(page)
    tile = browser.run(VISIBLE + "[2]")
    unit = browser.run("return arguments[0].feature.unit", tile)
    ActionChains(browser.driver).scroll_to_element(tile).move_to_element(tile).click().perform()
    assert opened(browser) == f"Unit {unit}"
    assert browser.run("return document.querySelectorAll('#feature .top li').length") == 12
    assert browser.run("return document.querySelectorAll('#feature .bars li').length") == 8
    assert browser.run("return document.querySelectorAll('#feature rect.bar').length") > 3
    similar = browser.driver.find_element(By.CSS_SELECTOR, "#feature .similar button")
    other = similar.get_attribute("aria-label").split(",")[0].split()[-1]
    ActionChains(browser.driver).scroll_to_element(similar).click(similar).perform()
    assert opened(browser) == f"Unit {other}"
    browser.driver.find_element(By.ID, "close").click()
    assert opened(browser) is None
    assert browser.errors() == []


def test_the_wall_is_walked_with_the_keyboard(browser, page):
    browser.show(page)
    units = browser.run(UNITS)
    browser.run("document.getElementById('size').focus()")
    press(browser, Keys.TAB)
    focused = "return document.activeElement.feature?.unit"
    assert browser.run(focused) == units[0]
    assert browser.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    press(browser, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert browser.run(focused) == units[2]
    columns = browser.run("const t = [...document.querySelectorAll('#wall .tile')]; return t.findIndex(x => x.offsetTop !== t[0].offsetTop)")
    assert 1 < columns < 40
    press(browser, Keys.ARROW_DOWN)
    assert browser.run(focused) == units[2 + columns]
    press(browser, Keys.ARROW_UP, Keys.ARROW_LEFT)
    assert browser.run(focused) == units[1]
    press(browser, Keys.END)
    assert browser.run(focused) == units[-1]
    press(browser, Keys.ARROW_RIGHT, Keys.HOME)
    assert browser.run(focused) == units[0]
    press(browser, Keys.ENTER)
    assert opened(browser) == f"Unit {units[0]}"
    press(browser, Keys.ARROW_RIGHT)
    assert opened(browser) == f"Unit {units[1]}"
    press(browser, Keys.ESCAPE)
    assert opened(browser) is None
    assert browser.run(focused) == units[1]


def test_search_opens_its_first_hit_and_the_address_opens_a_feature(browser, page):
    browser.show(page)
    field = browser.driver.find_element(By.ID, "search")
    field.send_keys("17", Keys.ENTER)
    assert opened(browser) == "Unit 17"
    assert browser.run("return location.hash") == "#unit-1-17"
    browser.show(page + "#unit-1-5")
    assert opened(browser) == "Unit 5"


def test_light_and_dark_differ_and_both_are_readable(browser, page):
    brightness = "return getComputedStyle(document.body)[arguments[0]].match(/[\\d.]+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0) / 3"
    for scheme in ("light", "dark"):
        browser.show(page, scheme=scheme)
        paper, ink = browser.run(brightness, "backgroundColor"), browser.run(brightness, "color")
        assert (paper > ink) == (scheme == "light")
        assert abs(paper - ink) > 150


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(browser, page, scheme):
    browser.show(page, size="phone", scheme=scheme)
    wide = "const e = document.scrollingElement; return [e.scrollWidth, e.clientWidth]"
    assert browser.run(wide) == [390, 390]
    browser.run(VISIBLE + "[0].click()")
    assert opened(browser)
    body = "const e = document.getElementById('feature-body'); return e.scrollWidth <= e.clientWidth"
    assert browser.run(body)
    assert browser.run(wide) == [390, 390]


HOSTILE = ["<img src=x onerror=alert(1)>", "\u202eright to left", "\"'>&amp;<b>", "</script><script>alert(2)</script>"]


def write_pgm(path, picture):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"P5 8 8 255\n" + (picture * 255).astype(np.uint8).tobytes())


def test_hostile_names_are_text(browser, work):
    """Folders of images give classes their names; a label file may even hold what no folder can."""
    pictures, labels = bars(160, 5)
    for i, (picture, label) in enumerate(zip(pictures, labels % 3)):
        write_pgm(work / "<svg onload=alert(3)>" / HOSTILE[label] / f"<b>{i}</b>.pgm".replace("/", "_"), picture)
    run = "run <script>alert(4)<"
    wta("train", "--data", "<svg onload=alert(3)>", "--arch", "10fc", "--epochs", 2, "--out", run, folder=work)
    wta("classify", run, folder=work)
    browser.show(report(work, run).as_uri())
    assert browser.run("return document.querySelector('h1').textContent") == run
    assert set(browser.run("return report.classes")) == set(HOSTILE[:3])
    browser.run(VISIBLE + "[0].click()")
    assert opened(browser)
    labels = browser.run("return [...document.querySelectorAll('#feature .bars bdi')].map(e => e.textContent)")
    assert set(labels) == set(HOSTILE[:3])
    assert browser.run("return document.querySelectorAll('img, b:not(.top b), svg[onload], script').length") == 2
    assert browser.errors() == []


def test_a_label_file_cannot_end_the_script(browser, work):
    rows = [HOSTILE[3] if i % 2 else "plain" for i in range(600)]
    np.save(work / "x.npy", bars(600, 1)[0])
    (work / "labels.csv").write_text("label\n" + "".join(f'"{row}"\n' for row in rows))
    wta("train", "--data", "x.npy", "--label-file", "labels.csv", "--arch", "8fc", "--epochs", 1, "--out", "named", folder=work)
    browser.show(report(work, "named").as_uri())
    assert set(browser.run("return report.classes")) == {"plain", HOSTILE[3]}
    assert browser.run("return document.scripts.length") == 2
    assert browser.errors() == []


def test_maps_of_a_stack_show_where_they_were_found(browser, work):
    (work / "stack.toml").write_text('epochs = 1\n[[stages]]\narch = "4conv3-4deconv3"\n[[stages]]\narch = "6conv3-6deconv3"\n')
    wta("train", "--recipe", "stack.toml", "--data", "data.npz", "--out", "stack", folder=work)
    browser.show(report(work, "stack").as_uri())
    assert len(browser.run(UNITS)) == 4
    choose(browser, "stage", "1")
    assert len(browser.run(UNITS)) == 6
    browser.run(VISIBLE + "[0].click()")
    assert opened(browser).startswith("Map ")
    assert browser.run("return document.querySelectorAll('#feature .mark').length") > 0
    assert browser.errors() == []


@pytest.mark.parametrize("options", [["--model", "rbm"], ["--model", "pca"], ["--model", "autoencoder", "--k-sparse", "4", "--lifetime", "off"]])
def test_other_models_without_labels(browser, work, options):
    np.savez(work / "unlabelled.npz", x_train=bars(300, 1)[0], x_test=bars(50, 2)[0])
    wta("train", "--data", "unlabelled.npz", "--arch", "12fc", "--epochs", 2, *options, "--overwrite", "--out", "other", folder=work)
    browser.show(report(work, "other").as_uri())
    assert len(browser.run(UNITS)) == 12
    assert browser.run("return document.getElementById('confusions').hidden")
    browser.run(VISIBLE + "[0].click()")
    assert opened(browser)
    assert browser.run("return document.querySelector('#feature .bars')") is None
    assert browser.errors() == []


def test_a_bare_model_of_data_that_is_no_picture(browser, work):
    rows = np.random.default_rng(1).normal(size=(200, 37)).astype(np.float32)
    np.save(work / "rows.npy", rows)
    wta("train", "--data", "rows.npy", "--arch", "9fc", "--epochs", 1, "--out", "rows", folder=work)
    bare = work / "bare" / "model.safetensors"
    bare.parent.mkdir()
    (work / "rows" / "model.safetensors").rename(bare)
    wta("report", bare, "--data", "rows.npy", "--samples", 50, "--out", "bare.html", folder=work)
    browser.show((work / "bare.html").as_uri())
    assert browser.run("return document.getElementById('training').hidden")
    assert "50 of 160" in browser.run("return document.getElementById('features-note').textContent")
    height = "return document.querySelector('#wall .pic').getBoundingClientRect().height"
    assert browser.run(height) >= 14
    browser.run(VISIBLE + "[0].click()")
    assert opened(browser)
    assert browser.errors() == []

"""Row "extreme_numbers": values, sizes and rates at and beyond the edge, for every kind of model and every verb.

Each is refused by name (exit 2, 3 or 6) or handled with finite numbers. No model or checkpoint that is not finite is
ever kept, and no JSON holds NaN or null.
"""

import concurrent.futures
import hashlib
import itertools
import json
import os
import random
import re
import shutil

import numpy as np

from cases import Cases
from kinds import Kind, Size, Workplace, kinds, read_safetensors, toml

REFUSED = {2, 3, 6}
TINY = {"events": "off", "epochs": 2, "batch": 10, "checkpoint_seconds": 0, "threads": 1}
LARGEST = float(np.finfo(np.float32).max)


def pictures(rng, count=30, shape=(8, 8)):
    return rng.random((count, *shape)).astype(np.float32)


def with_value(x, value):
    x = x.astype(np.float64 if abs(value) > LARGEST and np.isfinite(value) else np.float32)
    x.reshape(len(x), -1)[len(x) // 2, 3] = value
    return x


def values():
    """name -> values that stand in otherwise ordinary pictures, or fill them; exit code where it is certain."""
    rng = np.random.default_rng(7)
    x = pictures(rng)
    return {
        "a NaN": (with_value(x, np.nan), {3}),
        "an infinity": (with_value(x, np.inf), {3}),
        "a negative infinity": (with_value(x, -np.inf), {3}),
        "a double beyond float": (with_value(x, 1e300), {3}),
        "one 1e30": (with_value(x, 1e30), None),
        "one -1e38": (with_value(x, -1e38), None),
        "all near 1e18": (x * np.float32(1e18), None),
        "all near 1e30": (x * np.float32(1e30), None),
        "all near 1e38": (x * np.float32(1e38), None),
        "the largest float": (np.full_like(x, LARGEST), None),
        "all of both signs near 1e38": ((x - np.float32(0.5)) * np.float32(3e38), None),
        "denormals": (x * np.float32(1e-39), None),
        "near 1e-20": (x * np.float32(1e-20), None),
        "negative values": (-x, None),
        "zeros": (np.zeros_like(x), None),
        "one constant": (np.full_like(x, 0.5), None),
        "ones": (np.ones_like(x), None),
        "one sample many times": (np.repeat(x[:1], 30, axis=0), None),
    }


def sizes():
    """name -> pictures of few values or few samples, and their labels (None: without)."""
    rng = np.random.default_rng(8)
    return {
        "one sample": (pictures(rng, 1), [0]),
        "one sample without label": (pictures(rng, 1), None),
        "two samples of one class": (pictures(rng, 2), [0, 0]),
        "two samples of two classes": (pictures(rng, 2), [0, 1]),
        "one class": (pictures(rng), [0] * 30),
        "no labels": (pictures(rng), None),
        "one column": (pictures(rng, 30, (8, 1)), [0, 1, 2] * 10),
        "one row": (pictures(rng, 30, (1, 8)), [0, 1, 2] * 10),
        "one pixel": (pictures(rng, 30, (1, 1)), [0, 1, 2] * 10),
        "one value": (pictures(rng, 30, (1,)), [0, 1, 2] * 10),
        "two channels": (pictures(rng, 30, (5, 5, 2)), [0, 1, 2] * 10),
    }


OPTIONS = [
    {"lr": 0}, {"lr": 1e-30}, {"lr": 1e3}, {"lr": 1e30}, {"lr": 1e300}, {"lr": -0.1}, {"lr": "nan"}, {"lr": "inf"},
    {"momentum": 1}, {"init_scale": 10}, {"init_scale": 1e-30}, {"batch": 1}, {"batch": 1000}, {"batch": 31}, {"epochs": -1},
    {"warmup_fraction": 1}, {"final_lr_fraction": 1, "lr": 10}, {"checkpoint_seconds": "nan"}, {"checkpoint_seconds": "inf"},
    {"lifetime": "100%"}, {"lifetime": "0.0001%"}, {"lifetime": "nan"}, {"input_dropout": 0.99}, {"hidden_dropout": 0.99},
    {"weight_decay": 1}, {"kl_weight": 1000, "kl_target": 0.0001}, {"kl_weight": 1000, "lr": 10},
    {"k_sparse": 1}, {"k_sparse": 10}, {"k_sparse": 11}, {"cd_steps": 1000}, {"zca_epsilon": 1e-8}, {"zca_epsilon": 1e6},
    {"hold_out_fraction": 0.9}, {"seed": 2**62}, {"threads": 1024},
]  # fmt: skip


def write_data(path, x, labels):
    parts = {"x_train": x, "x_test": x[: max(1, len(x) // 3)]}
    if labels is not None:
        parts |= {"y_train": np.array(labels), "y_test": np.array(labels[: len(parts["x_test"])])}
    np.savez(path, **parts)
    return path


def require_finite(name, array):
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise AssertionError(f"{name} is not finite")


def require_finite_files(run):
    for file in run.rglob("*.safetensors"):
        for name, tensor in read_safetensors(file)[0].items():
            require_finite(f"{file.name}: {name}", tensor)


def refuse_constant(text):
    raise AssertionError(f"JSON holds {text}")


def require_strict_json(text):
    """Numbers only; what is not defined of atoms without weights is null."""
    json.loads(text, parse_constant=refuse_constant)
    for name in re.findall(r'"(\w+)": *null', text):
        if name not in ("atom_delta_median", "filter_delta_median"):
            raise AssertionError(f"JSON holds null as '{name}':\n{text}")


def require_refusal(done):
    """A message that names what is wrong, in the words of the template."""
    if not re.search(r"wta: error: .+: .+", done.stderr):
        raise AssertionError(f"no reason is given:\n{done.stderr}")


def call(place, *arguments, expect=None):
    """True when the tool did it, False when it refused it."""
    done = place.wta(*arguments, expect=expect or {0, *REFUSED})
    if done.returncode != 0:
        require_refusal(done)
    elif "--json" in arguments:
        require_strict_json(done.stdout)
    return done.returncode == 0


def encode(place, run, data, out):
    if call(place, "encode", run, "--data", data, "--out", out / "codes.npy"):
        require_finite("codes", np.load(out / "codes.npy"))


def reconstruct(place, run, data, out):
    if call(place, "reconstruct", run, "--data", data, "--out", out / "x.npy"):
        require_finite("reconstructions", np.load(out / "x.npy"))


def classify(place, run, data, out):
    if call(place, "classify", run, "--data", data, "--json"):
        require_finite_files(run)
        call(place, "predict", run, "--data", data, "--out", out / "labels.csv")


def report(place, run, data, out):
    if call(place, "report", run, "--data", data, "--out", out / "r.html"):
        if re.search(r"[:,\[]\s*(NaN|-?Infinity|nan|inf)\b", (out / "r.html").read_text()):
            raise AssertionError("the report's data hold NaN")


def pictures_of(place, run, data, out):
    call(place, "filters", run, "--out", out / "filters.png")
    call(place, "reconstruct", run, "--data", data, "--out", out / "x.png")
    call(place, "maps", run, "--data", data, "--out", out / "maps.png")


def export(place, run, data, out):
    for form in ("safetensors", "onnx", "huggingface", "saelens", "sparsify"):
        call(place, "export", run, "--format", form, "--out", out / form)
    for file in out.rglob("*.safetensors"):
        for name, tensor in read_safetensors(file)[0].items():
            require_finite(f"export {file.name}: {name}", tensor)


VERBS = (encode, reconstruct, classify, report, pictures_of, export)


def use(place, run, data, out, verbs):
    """What the tool does with a run, all in the folder `out`."""
    require_finite_files(run)
    call(place, "verify", run, expect={0})
    call(place, "info", run, "--json", expect={0})
    if (run / "metrics.jsonl").exists():
        for line in (run / "metrics.jsonl").read_text().splitlines():
            require_strict_json(line)
    for verb in verbs:
        verb(place, run, data, out)


def train_and_use(place, number, kind, data, options, expect, verbs):
    folder = place.folder / f"case-{number}"
    folder.mkdir()
    recipe = folder / "recipe.toml"
    stages = "".join("[[stages]]\n" + toml(stage) for stage in kind.stages)
    recipe.write_text(toml(TINY | {"data": str(data)} | kind.options | options) + stages)
    run = folder / "run"
    trained = call(place, "train", "--recipe", recipe, "--out", run, expect=expect)
    require_finite_files(run)
    if trained:
        use(place, run, data, folder, verbs)
    elif (run / "model.safetensors").exists():
        call(place, "verify", run, expect={0})
    shutil.rmtree(folder)


def rewrite_model(path, change):
    """Changes tensors of a model file where they lie, and its checksum."""
    content = bytearray(path.read_bytes())
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    before = header["__metadata__"]["data_sha256"].encode()
    for name, entry in header.items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            begin, end = (start + offset for offset in entry["data_offsets"])
            tensor = np.frombuffer(bytes(content[begin:end]), "<f4")
            content[begin:end] = change(name, tensor).astype("<f4").tobytes()
    after = hashlib.sha256(content[start:]).hexdigest().encode()
    path.write_bytes(bytes(content[:start]).replace(before, after) + bytes(content[start:]))


CRAFTED = {
    "all units dead": lambda name, t: np.full_like(t, -1e30) if "encoder" in name and "bias" in name else t,
    "weights of 1e30": lambda name, t: np.sign(t) * 1e30 if "weight" in name else t,
    "weights of 3e38": lambda name, t: np.sign(t) * 3e38 if "weight" in name else t,
    "biases of 3e38": lambda name, t: np.full_like(t, 3e38) if "bias" in name else t,
    "everything denormal": lambda name, t: t * 1e-38,
    "everything zero": lambda name, t: np.zeros_like(t),
}


def use_healthy(place, number, kind, data, files, changes, verbs):
    """A sound model reads strange data; strange models, of the same shapes, read sound data."""
    folder = place.folder / f"case-{number}"
    folder.mkdir()
    recipe = folder / "recipe.toml"
    stages = "".join("[[stages]]\n" + toml(stage) for stage in kind.stages)
    recipe.write_text(toml(TINY | {"data": str(data)} | kind.options) + stages)
    run = folder / "run"
    call(place, "train", "--recipe", recipe, "--out", run, expect={0})
    for file in files:
        for verb in verbs:
            verb(place, run, file, folder)
    sound = (run / "model.safetensors").read_bytes()
    for change in changes:
        (run / "model.safetensors").write_bytes(sound)
        rewrite_model(run / "model.safetensors", CRAFTED[change])
        for verb in verbs:
            verb(place, run, data, folder)
    shutil.rmtree(folder)


def trainings(place, all_kinds):
    """name, kind, data, options and expected exit codes of trainings on data at the edge."""
    for name, (x, expect) in values().items():
        data = write_data(place.folder / f"{name}.npz", x, [0, 1, 2] * 10)
        for kind in all_kinds:
            yield f"{kind.name}: {name}", kind, data, {}, expect
    for name, (x, labels) in sizes().items():
        data = write_data(place.folder / f"{name}.npz", x, labels)
        for kind in all_kinds:
            options = {} if kind.options.get("patches") is None else {"patch_size": 1}
            yield f"{kind.name}: {name}", kind, data, {"batch": 0} | options, None


def absurd_trainings(place, all_kinds):
    """The same of options at the edge, and of networks of one unit."""
    sound = write_data(place.folder / "sound.npz", pictures(np.random.default_rng(9)), [0, 1, 2] * 10)
    for kind, options in itertools.product(all_kinds, OPTIONS):
        yield f"{kind.name}: {options}", kind, sound, options, None
    for kind in kinds(Size(units=1, maps=1)):
        yield f"{kind.name}: one unit", Kind(kind.name, kind.options | one_unit(kind), kind.stages), sound, {}, None


def one_unit(kind):
    k_sparse = {"k_sparse": 1, "k_sparse_start": 0}
    return k_sparse if "k_sparse" in kind.options else {}


def main():
    cases = Cases(__doc__)
    rng = random.Random(cases.seed)
    all_kinds = kinds(Size(units=10, maps=2))
    number = itertools.count()
    with Workplace() as place, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        on_data, absurd = list(trainings(place, all_kinds)), list(absurd_trainings(place, all_kinds))
        chosen = rng.sample(on_data, cases.choose(14, len(on_data), len(on_data)))
        chosen += rng.sample(absurd, cases.choose(10, len(absurd) // 3, len(absurd)))
        verbs = lambda: VERBS if cases.arguments.long else rng.sample(VERBS, 1)  # noqa: E731
        work = [(name, pool.submit(train_and_use, place, next(number), *what, verbs())) for name, *what in chosen]
        files = [place.folder / f"{name}.npz" for name in values()]
        some = cases.choose(2, 4, len(files))
        for kind in rng.sample(all_kinds, cases.choose(2, len(all_kinds), len(all_kinds))):
            if kind.options.get("patches") is None:
                what = (rng.sample(files, some), rng.sample(list(CRAFTED), min(some, len(CRAFTED))), verbs())
                task = pool.submit(use_healthy, place, next(number), kind, place.folder / "sound.npz", *what)
                work.append((f"{kind.name}: strange data, strange models", task))
        for name, task in work:
            with cases.case(name):
                task.result()
    cases.finish()


if __name__ == "__main__":
    main()

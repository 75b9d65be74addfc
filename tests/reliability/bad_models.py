"""Bad model files, checkpoints, classifiers, recipes and models of other programs, at least 20 ideas a format."""

import copy
import json
import struct

import small_files as files


def changed(parts, change):
    """The file of `parts` (header, data) after change(header), which may return other data."""
    header, data = copy.deepcopy(parts[0]), parts[1]
    other = change(header)
    return files.safetensors(header, data if other is None else other)


def without(key):
    return lambda header: header.pop(key) and None


def metadata(**values):
    return lambda header: header["__metadata__"].update(values)


def entry(name, **values):
    return lambda header: header[name].update(values)


def container_ideas(parts, name):
    """What is wrong with a safetensors file, whatever it holds; `name` is one of its tensors."""
    good = files.safetensors(*parts)
    text = good[8:8 + int.from_bytes(good[:8], "little")]
    data = parts[1]
    begin, end = parts[0][name]["data_offsets"]

    def offsets(first, last):
        return changed(parts, entry(name, data_offsets=[first, last]))

    return [
        ("empty file", b"", "8 bytes"),
        ("seven bytes", good[:7], "8 bytes"),
        ("header length beyond the file", struct.pack("<Q", len(good)) + good[8:], "header length", "byte 0"),
        ("header length of 2^63", struct.pack("<Q", 2**63) + good[8:], "header length", "byte 0"),
        ("header length 0", struct.pack("<Q", 0) + good[8:], "byte 8"),
        ("header cut by a byte", struct.pack("<Q", len(text) - 1) + good[8:], "header", "byte 8"),
        ("header that is a list", files.safetensors(b"[1]", data), "byte 8"),
        ("header nested 70 deep", files.safetensors(b'{"a":' + b"[" * 70 + b"]" * 70 + b"}", data), "64 levels"),
        ("header that is not UTF-8", files.safetensors(text.replace(b"F32", b"F\xff2", 1), data), "header", "JSON"),
        ("a tensor twice", files.safetensors(text[:-1] + b"," + json.dumps({name: parts[0][name]}).encode()[1:], data),
         "twice", name),
        ("data cut by a byte", good[:-1], "data"),
        ("a byte behind the data", good + b"x", "end with the file"),
        ("offsets that overlap", offsets(begin - 1 if begin else begin, end - 1), "touch", "data byte")
        if begin else ("offsets that leave a hole", offsets(begin + 1, end), "touch", "data byte"),
        ("offsets beyond the data", offsets(begin, len(data) + 8), "data_offsets", name),
        ("offsets backwards", offsets(end, begin), "data_offsets", name),
        ("offsets of 2^64", offsets(begin, 2**64), "data_offsets", name),
        ("negative offset", offsets(-1, end), "data_offsets", name),
        ("three offsets", changed(parts, entry(name, data_offsets=[begin, end, end])), name, "two data_offsets"),
        ("an unknown dtype", changed(parts, entry(name, dtype="F128")), name, "'F128'"),
        ("a dtype of another size", changed(parts, entry(name, dtype="F64")), name),
        ("a shape of another size", changed(parts, entry(name, shape=[3, 3])), name, "[3,3]"),
        ("a shape that overflows", changed(parts, entry(name, shape=[2**62, 2**62])), name, "63 bits"),
        ("a shape with a fraction", changed(parts, entry(name, shape=[2.0])), name, "shape"),
        ("an entry without shape", changed(parts, lambda header: header[name].pop("shape") and None), name, "shape"),
        ("metadata that is a number", changed(parts, lambda header: header["__metadata__"].update(n=1)), "__metadata__.n"),
        ("a checksum of other data", changed(parts, metadata(data_sha256="0" * 64)), "SHA-256", "data part"),
        ("a checksum of another header", changed(parts, metadata(header_sha256="0" * 64)), "SHA-256", "header"),
        ("a checksum that is lost", changed(parts, metadata(checksums="data_sha256,header_sha256")), "header_sha256"),
    ]


def not_finite(value):
    """Data whose last number, of the last tensor, is `value`."""
    return lambda parts: (parts[0], parts[1][:-4] + struct.pack("<f", value))


def model_ideas():
    parts = files.model_parts()

    def options(**values):
        return changed(parts, metadata(options=json.dumps(files.OPTIONS | values)))

    def dropped(name):
        sizes = [size for size in files.NETWORK if size[0] != name]
        header, data = files.tensors(sizes)
        header["__metadata__"] = parts[0]["__metadata__"]
        return files.safetensors(header, data)

    def reshaped(name, dtype, shape):
        header, data = files.tensors([(name, dtype, shape) if size[0] == name else size for size in files.NETWORK])
        header["__metadata__"] = parts[0]["__metadata__"]
        return files.safetensors(header, data)

    summary = json.dumps(files.SUMMARY)
    return [
        *container_ideas(parts, "stages.0.encoder.0.weight"),
        ("format 2", changed(parts, metadata(format_version="2")), "format", "'2'"),
        ("format that is no number", changed(parts, metadata(format_version="one")), "format", "'one'"),
        ("no metadata", changed(parts, without("__metadata__")), "format_version"),
        ("no encoder", dropped("stages.0.encoder.0.weight"), "stages.0.encoder.0.weight"),
        ("no thresholds", dropped("stages.0.thresholds"), "stages.0.thresholds"),
        ("weights of doubles", reshaped("stages.0.encoder.0.weight", "F64", (2, 2)), "stages.0.encoder.0.weight", "float64"),
        ("weights for three values", reshaped("stages.0.encoder.0.weight", "F32", (2, 3)), "[2,2]", "[2,3]"),
        ("three biases", reshaped("stages.0.encoder.0.bias", "F32", (3,)), "stages.0.encoder.0.bias"),
        ("NaN in the thresholds", files.safetensors(*not_finite(float("nan"))(parts)), "stages.0.thresholds", "element 1"),
        ("infinity in the thresholds", files.safetensors(*not_finite(float("inf"))(parts)), "stages.0.thresholds", "element 1"),
        ("an architecture without layers", changed(parts, metadata(architecture="")), "arch:"),
        ("a billion units", options(arch="1000000000fc"), "architecture"),
        ("options that are no JSON", changed(parts, metadata(options="{")), "options"),
        ("options nested 100 deep", changed(parts, metadata(options="[" * 100 + "]" * 100)), "options", "64 levels"),
        ("options without arch", changed(parts, metadata(options='{"lifetime":"5%"}')), "arch"),
        ("an option of another type", changed(parts, metadata(options='{"arch":2,"lifetime":"5%"}')), "options"),
        ("a lifetime of 200%", options(lifetime="200%"), "lifetime", "200%"),
        ("a pool of nothing", options(pool="0/0"), "pool"),
        ("a sample shape that overflows", changed(parts, metadata(sample_shape="[4611686018427387904,4]")), "sample_shape"),
        ("a sample shape with a fraction", changed(parts, metadata(sample_shape="[2.5]")), "sample_shape", "2.5"),
        ("a negative sample shape", changed(parts, metadata(sample_shape="[-2]")), "sample_shape", "-2"),
        ("no dead units in the summary", changed(parts, metadata(training_summary=summary.replace("dead", "red"))),
         "dead_units"),
        ("1e300 epochs", changed(parts, metadata(training_summary=summary.replace('"epochs": 1', '"epochs": 1e300'))),
         "epochs", "1e+300"),
        ("a second stage without its metadata", files.safetensors(*files.model_parts([("stages.1.thresholds", "F32", (2,))])),
         "stages.1"),
        ("class names that are numbers", changed(parts, metadata(class_names="[1]")), "class_names"),
    ]


def checkpoint_parts():
    return files.model_parts([*files.TRAINING, *files.OPTIMIZER])


def classifier_ideas():
    parts = files.classifier_parts()

    def sized(weight, bias, kind="F32"):
        header, data = files.tensors([("bias", kind, bias), ("weight", kind, weight)])
        header["__metadata__"] = parts[0]["__metadata__"]
        return files.safetensors(header, data)

    return [
        *container_ideas(parts, "weight"),
        ("another program's format", changed(parts, metadata(format="other")), "__metadata__.format", "other"),
        ("no format", changed(parts, lambda header: header["__metadata__"].pop("format") and None), "__metadata__.format"),
        ("version 2", changed(parts, metadata(format_version="2")), "format_version", "2"),
        ("no weights", files.safetensors({"__metadata__": parts[0]["__metadata__"]}), "tensor weight"),
        ("one class", sized((1, 2), (1,)), "two classes"),
        ("no features", sized((2, 0), (2,)), "two classes"),
        ("a bias too few", sized((3, 2), (2,)), "weight and bias", "[3,2]"),
        ("weights of one dimension", sized((4,), (2,)), "weight and bias"),
        ("weights of doubles", sized((2, 2), (2,), "F64"), "tensor weight", "float64"),
        ("weights that are NaN", files.safetensors(*not_finite(float("nan"))(parts)), "tensor weight", "finite"),
        ("a scale of 0", changed(parts, metadata(code_scale="0")), "code_scale", "positive"),
        ("a scale that is a word", changed(parts, metadata(code_scale="large")), "code_scale", "large"),
        ("an infinite C", changed(parts, metadata(C="inf")), "__metadata__.C", "inf"),
        ("three names of two classes", changed(parts, metadata(class_names='["a","b","c"]')), "class_names", "3 names"),
        ("names that are numbers", changed(parts, metadata(class_names="[0,1]")), "class_names"),
        ("names nested 100 deep", changed(parts, metadata(class_names="[" * 100 + "]" * 100)), "class_names"),
        ("stages that are no choice", changed(parts, metadata(stages="some")), "stages", "some"),
        ("features that the codes do not have", sized((2, 5), (2,)), "5"),
    ]


def recipe_ideas():
    """(idea, text, exit code, words): what is no recipe is bad data, what is a bad option is a usage error."""
    def toml(text, *words):
        return (text, 3, *words)

    def option(text, *words):
        return (text, 2, *words)

    ideas = {
        "no value": toml("epochs =\n", "line 1"),
        "text without end": toml('arch = "8fc\nepochs = 1\n', "line 1"),
        "a key twice": toml("epochs = 1\nepochs = 2\n", "line 2"),
        "a table of another name": toml('arch = "8fc"\n[more]\na = 1\n', "'more'", "line 2"),
        "an array as value": toml("epochs = [1, 2]\n", "'epochs'", "line 1"),
        "a date as value": toml("\nepochs = 2020-01-01\n", "'epochs'", "line 2"),
        "stages that are numbers": toml("stages = [1, 2]\n", "'stages'", "line 1"),
        "stages of nothing": toml("stages = []\n", "'stages'", "line 1"),
        "stages that are a table": toml("[stages]\nepochs = 1\n", "'stages'"),
        "a table within a stage": toml("[[stages]]\n[stages.more]\na = 1\n", "'more'"),
        "not UTF-8": toml("arch = \"8fc\u00ff\"\n".encode("latin1"), "line 1"),
        "a zero byte": toml("epochs = 1\0\n", "line 1"),
        "arrays nested 10,000 deep": toml("epochs = " + "[" * 10_000 + "]" * 10_000, "line 1"),
        "a whole number beyond 64 bits": toml("epochs = 99999999999999999999\n", "line 1"),
        "JSON": toml('{"epochs": 1}', "line 1"),
        "a binary file": toml(files.JPEG_GREY, "line 1"),
        "an unknown option": option("epoch = 1\n", "'epoch'", "'epochs'"),
        "an option with dashes": option("image-size = 1\n", "image_size", "'1'"),
        "a number as text": option('epochs = "many"\n', "epochs", "'many'"),
        "a negative number": option("epochs = -1\n", "epochs", ">= 0", "'-1'"),
        "a fraction of an epoch": option("epochs = 1.5\n", "epochs", "'1.5'"),
        "a rate that is not a number": option("lr = nan\n", "lr", "nan"),
        "an infinite rate": option("lr = inf\n", "lr", "inf"),
        "a choice that there is not": option('optimizer = "adagrad"\n', "optimizer", "'adagrad'"),
        "a switch that is a number": option("resume = 1\n", "resume", "'1'"),
        "a percentage without its sign": option("lifetime = 5\n", "'5'", "'5%'"),
        "an architecture without units": option('arch = "0fc"\n', "arch", "'0fc'"),
        "an architecture of a million layers": option('arch = "' + "-".join(["8xx"] * 1_000_000) + '"\n', "arch", "8xx"),
        "a bad architecture in a stage": option('[[stages]]\narch = "8fc"\n[[stages]]\narch = "fc"\n', "stage 2", "'fc'"),
        "an unknown option in a stage": option('[[stages]]\narch = "8fc"\n[[stages]]\nepoch = 1\n', "'epoch'"),
    }
    return [(idea, text.encode() if isinstance(text, str) else text, code, *words) for idea,
        (text, code, *words) in ideas.items()]


def dictionary_ideas():
    """Folders of SAELens: (idea, {file: content}, words)."""
    settings = {"d_in": 2, "d_sae": 3, "architecture": "standard"}
    sizes = [("W_enc", "F32", (2, 3)), ("W_dec", "F32", (3, 2)), ("b_enc", "F32", (3,)), ("b_dec", "F32", (2,))]
    header, data = files.tensors(sizes)
    weights = files.safetensors(header, data)

    def with_settings(*dropped, **values):
        kept = {key: value for key, value in (settings | values).items() if key not in dropped}
        return {"cfg.json": json.dumps(kept).encode(), "sae_weights.safetensors": weights}

    def with_text(text):
        return {"cfg.json": text, "sae_weights.safetensors": weights}

    def with_tensors(more):
        changed_sizes = [more.get(name, (name, dtype, shape)) for name, dtype, shape in sizes]
        return {"cfg.json": json.dumps(settings).encode(),
                "sae_weights.safetensors": files.safetensors(*files.tensors([size for size in changed_sizes if size]))}

    return [
        ("settings that are empty", with_text(b""), "cfg.json", "JSON"),
        ("settings cut short", with_text(b'{"d_in": 2'), "cfg.json", "JSON"),
        ("settings that are a list", with_text(b"[2, 3]"), "cfg.json", "object"),
        ("settings nested 100 deep", with_text(b'{"a":' + b"[" * 100 + b"]" * 100 + b"}"), "cfg.json", "64 levels"),
        ("a setting twice", with_text(b'{"d_in": 2, "d_in": 3}'), "cfg.json", "'d_in' twice"),
        ("text behind the settings", with_text(b"{} x"), "cfg.json", "JSON"),
        ("no inputs", with_settings("d_in"), "cfg.json", "'d_in'"),
        ("inputs of another type", with_settings(d_in="2"), "'d_in'", "whole number"),
        ("negative inputs", with_settings(d_in=-2), "'d_in'", "-2"),
        ("half an input", with_settings(d_in=1.5), "'d_in'", "1.5"),
        ("2^40 units", with_settings(d_sae=2**40), "'d_sae'"),
        ("no units", with_settings(d_sae=0), "'d_sae'"),
        ("units of other weights", with_settings(d_sae=4), "W_enc", "[2,4]"),
        ("an unknown architecture", with_settings(architecture="gated"), "'architecture'", "gated"),
        ("an unknown activation", with_settings(activation_fn="tanh-relu"), "'activation_fn'", "tanh-relu"),
        ("topk without k", with_settings(activation_fn="topk"), "'k'"),
        ("topk of more than all units", with_settings(activation_fn="topk", k=9), "'k'", "9"),
        ("normalised activations", with_settings(normalize_activations="layer_norm"), "'normalize_activations'", "layer_norm"),
        ("a switch that is a word", with_settings(apply_b_dec_to_input="yes"), "'apply_b_dec_to_input'", "yes"),
        ("jumprelu without thresholds", with_settings(architecture="jumprelu"), "threshold"),
        ("no decoder", with_tensors({"W_dec": None}), "sae_weights.safetensors", "'W_dec'"),
        ("a decoder of whole numbers", with_tensors({"W_dec": ("W_dec", "I64", (3, 2))}), "W_dec", "int64"),
        ("a decoder turned round", with_tensors({"W_dec": ("W_dec", "F32", (2, 3))}), "W_dec", "[2,3]"),
        ("weights that are no safetensors file", {"cfg.json": json.dumps(settings).encode(), "sae_weights.safetensors": b"x"},
         "8 bytes"),
        ("weights that are NaN", {"cfg.json": json.dumps(settings).encode(),
                                  "sae_weights.safetensors": files.safetensors(header,
                                      data[:-4] + struct.pack("<f", float("nan")))}, "finite"),
    ]

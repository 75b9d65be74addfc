"""Writes the seeds of the fuzz targets: corpus/NAME/seed-*. What fuzzing found lies beside them and stays.

usage: make_corpus.py
"""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "reliability"))

import small_files as files  # noqa: E402


def lines(header, data):
    """A safetensors file as the targets take it: the header is a line."""
    return json.dumps(header, separators=(",", ":")).encode() + b"\n" + data


def folder(*entries):
    """Files of image_folder_fuzz.cpp: (number of the name, content)."""
    return b"".join(bytes([name, len(content)]) + content for name, content in entries)


def dictionary(config, names, letter=b""):
    header, data = files.tensors(names)
    return letter + json.dumps(config).encode() + b"\n" + lines(header, data)


def arrays():
    six = bytes(range(6))
    pixels = files.npy("|u1", (2, 3), six)
    return {
        "npy": [pixels, files.npy("<f4", (3, 2), bytes(24), fortran=True), files.npy(">u2", (3,), six, version=2),
                files.npy("<f8", (0, 4), b"", version=3), files.npy("<i8", (), bytes(8))],
        "npz": [files.archive([("x.npy", pixels), ("y.npy", files.npy("<i8", (2,), bytes(16)))]),
                files.archive([("x_train.npy", pixels)], method=0)],
        "idx": [files.idx(8, (1, 2, 3), six), files.idx(0x0D, (1,), bytes(4)), files.gz(files.idx(0x0B, (3,), six)),
                files.xz(files.idx(0x0E, (1,), bytes(8)))],
        "cifar": [files.gz(files.cifar([3, 9])), files.xz(files.cifar([0])), files.gz(bytes(3074))],
        "mat": [files.mat_file(files.mat_array(b"X", 9, (1, 2, 3), 2, six)),
                files.mat_file(files.mat_packed(files.mat_array(b"X", 9, (1, 2, 3), 2, six)),
                               files.mat_packed(files.mat_array(b"y", 6, (3, 1), 2, six[:3]))),
                files.mat_file(files.mat_array(b"text", 4, (1, 2), 4, six[:4]),
                               files.mat_array(b"z", 7, (1, 1), 7, bytes(4)))],
        "table": [b"1 2 3\n-4 5e-1 6\n", files.gz(b"7 0.5\n"), b" 1\t\r\n"],
        "labels": [b"label\ncat\ndog\n", b"index,label\n0,3\n4,1\n", b'"a ""b"", c"\nplain\n', b"1\n2\r\n3"],
    }


def pictures():
    grey = files.png(2, 2, 8, 0, b"\0\1\2\0\3\4")
    pgm = b"P5 2 1 255\nab"
    frame = files.JPEG_COLOUR.index(b"\xff\xc0")
    large_jpeg = files.JPEG_COLOUR[:frame + 5] + b"\x40\0\x40\0" + files.JPEG_COLOUR[frame + 9:]
    return {
        "image": [grey, files.png(1, 2, 16, 6, b"\0" + bytes(8) + b"\1" + bytes(8)),
                  files.png(8, 1, 1, 3, b"\0\xa5", more=[(b"PLTE", bytes(range(6)))]),
                  files.png(2, 2, 8, 2, b"\0" + bytes(3) + b"\0" + bytes(3) + b"\0" + bytes(6), interlace=1),
                  files.JPEG_GREY, files.JPEG_COLOUR, files.JPEG_PROGRESSIVE, pgm, b"P6\n# c\n1 1\n65535\n" + bytes(6),
                  files.png(2**14, 2**14, 8, 2, b"\0"), large_jpeg],
        "image_folder": [folder((0, grey), (1, b"P5 2 2 255\nabcd")), folder((3, pgm), (5, pgm)),
                         folder((8, pgm), (9, pgm)), folder((6, pgm), (7, pgm)), folder((10, b"x"), (11, b"x"))],
    }


def texts():
    return {
        "architecture": [b"2000fc", b"1000fc-2000fc", b"64conv5-64conv5-64deconv11"],
        "json": [b'{"a":[1,-2.5e3,true,null,"\\u00e9"],"b":{}}', b"[" * 65 + b"]" * 65, b'{"a":1,"a":2}'],
        "recipe": [b'arch = "20fc"\nlifetime = "5%"\nepochs = 3\nlr = 0.001\ntied = "yes"\n',
                   b'arch = "8conv3-8deconv5"\nspatial = "yes"\npool = "3/2"\nmodel = "autoencoder"\n',
                   b'epochs = 2\n[[stages]]\narch = "20fc"\n[[stages]]\narch = "10fc"\nbatch = 10\n',
                   b'arch = "4fc"\nmodel = "rbm"\nlifetime = "off"\ncd_steps = 2\n'],
        "metrics": [b'{"stage":1,"epoch":1,"step":3,"loss":0.5}\n{"stage":1,"epoch":2,"step":6}\n{"sta'],
        "events": [files.record(b"\x09" + bytes(8) + b"\x1a\x0dbrain.Event:2") +
                   files.record(b"\x09" + bytes(8) + b"\x10\x03\x2a\x02\x0a\x00") +
                   files.record(b"\x09" + bytes(8) + b"\x10\x07\x2d" + bytes(4)),
                   files.record(b"\x13")],
    }


def models():
    classifier, scores = files.classifier_parts()
    saelens = [("W_enc", "F32", (2, 3)), ("W_dec", "F32", (3, 2)), ("b_enc", "F32", (3,)), ("b_dec", "F32", (2,))]
    sparsify = [("encoder.weight", "F32", (3, 2)), ("encoder.bias", "F32", (3,)), ("W_dec", "F32", (3, 2)),
                ("b_dec", "F32", (2,))]
    header, data = files.tensors([("d", "F64", (1,)), ("t", "F32", (2, 1)), ("u", "U8", (0,))])
    conv = files.model_parts(options=files.OPTIONS | {"arch": "1conv1-1deconv1"})
    many_epochs, values = files.model_parts()
    many_epochs["__metadata__"]["training_summary"] = json.dumps(files.SUMMARY | {"epochs": 1e300})
    return {
        "safetensors": [files.safetensors(header, data), files.safetensors({"__metadata__": {"a": "b"}}),
                        files.safetensors({"h": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}, bytes(4))],
        "model": [lines(*files.model_parts()), lines(*conv),
                  lines(*files.model_parts(options=files.OPTIONS | {"activation": "sigmoid", "model": "rbm", "lifetime": "off"})),
                  lines(many_epochs, values)],
        "checkpoint": [lines(*files.model_parts([*files.TRAINING, *files.OPTIMIZER]))],
        "classifier": [lines(classifier, scores)],
        "dictionary": [dictionary({"d_in": 2, "d_sae": 3, "architecture": "standard"}, saelens),
                       dictionary({"d_in": 2, "d_sae": 3, "architecture": "topk", "k": 2, "activation_fn": "topk"}, saelens),
                       dictionary({"d_in": 2, "d_sae": 3, "architecture": "jumprelu", "apply_b_dec_to_input": False},
                                  [*saelens, ("threshold", "F32", (3,))]),
                       dictionary({"activation": "topk", "d_in": 2, "num_latents": 3, "k": 1}, sparsify, b"s")],
    }


def main():
    for name, seeds in (arrays() | pictures() | texts() | models()).items():
        target = HERE / "corpus" / name
        target.mkdir(parents=True, exist_ok=True)
        for old in target.glob("seed-*"):
            old.unlink()
        for number, seed in enumerate(seeds, 1):
            assert len(seed) < 2048, f"{name}: seed {number} has {len(seed)} bytes"
            (target / f"seed-{number}").write_bytes(seed)


if __name__ == "__main__":
    main()

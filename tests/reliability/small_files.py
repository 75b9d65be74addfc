"""Small files of every format that wta reads, built byte by byte, so that each part can be made wrong."""

import base64
import gzip
import io
import json
import lzma
import struct
import warnings
import zipfile
import zlib

# 8 x 8 pictures as libjpeg-turbo writes them: grey, colour, and colour in progressive scans.
JPEG_GREY, JPEG_COLOUR, JPEG_PROGRESSIVE = (zlib.decompress(base64.b85decode(text)) for text in (
    "c-s4a<NpH&0WUXCHwH#V1_nkTWcYuZ!I>ez+{VquD8S9pEh;o1zT!kvMP6RT*Y!Imp7>83IKaTo!2pDejDigRk1)ss4QFKp0|qEyWMXDvWn<^y<l+V@*ebxl"
    "#K_Fd#KO$V%EAJatp&<6un4jWDH=Mm2?r*!D;0_uHBMZ}q3pErplHy=4=Tn<MNOPsV&W2#QmSg|8k$-rre@|AmR8O#u5Rugo?gKrp<&?>kx|JhscGpMnOVgp"
    "rDf$6l~v6xt!?ccon4bAPnkMx`iz;g7A;<~blLJ1D_3pWyk+aQ?K^hvI&}ER(PPI?oIG{u@|COCuHU$M>*1rvPo6$|{^I4UkDoq&`TFhqkDtH(-varMfx(_3"
    "@5=Gh(!%eL|G57DCIE*-nMV",
    "c-s4a<NpH&0WUXCHwH#V1_nkTWcYuZ!I>ez+{VquD8S9pEh;o1zT!kvMP6RT*Y!Imp7>8302;y=8WmNMS@F85>Ggl|zySt94hA4(W>jKe5@ci+Wc+`GK_2K%"
    "Rz@&jfC5G)W)@a9b`DN1ZlHp#0t`%y%*;$I%&e>|EI`>>pgaSMAghp~p(C4cU?RIxp@>oA#DyHnP8$!323`E1Vw_ae#K|QlE+HwUs-~`?sbyknW^Q3=<?Q0>"
    "=I-I?6&w;879J59m7J2AmY$KBRa{b9R$ftA)!fqB*51+CHEHscsne#<m^o|F;w4L$Enl&6)uzo`wr<<LW9P0zhmRaRcKpQ2Q<pAZxq9vTjhnX~K6?D*>9glA"
    "UcUPH>GPMb-@gC&`3vMPMh0d^7{KZ;L7=~wSXh`@*g^hcWGV+K5M*IhG-MNU3}jC%6jm~7<PdS1xNze^PG#eu528s$7rDe#OdhI!1bGeYGvYkfM3&Fs9z*!+"
    "76T76BQWxq1sUvt5xIhyU8bjQ@mi5U2l@Xu0o(K`6#",
    "c-s4a<NpH&0WUXCHwH#V1_nkTWcYuZ!I>ez+{VquD8S9pEh;o1zT!kvMP6RT*Y!Imp7>8302;y=8WmNMS@F85>Ggl|z##@f4hA4(W>jKe5@ci+Wc+`GK?LMT"
    "Q~(lX#1y^7z{AYQz$Cyd0Q4F&NRa?GMI1n_jI2!cAO(Wh6)-b0+B4!)zyw!-(+W0wCj1H*?G@``Zf0NxiVH9kaFPHaCxI160&QesMwVw3G-Oa*2)9<iVS{4t"
    "#7m$5-vj^~9jX)"))

OPTIONS = {"arch": "2fc", "lifetime": "5%", "tied": "yes", "pool": "off", "spatial": "no", "preprocess": "none"}
SUMMARY = {"epochs": 1, "steps": 1, "dead_units": 0, "loss": 0.5, "explained_variance": 0.25, "active_fraction": 0.05}


def npy(descr, shape, data, fortran=False, version=1, header=None):
    """A NumPy array; `header` replaces the whole text."""
    text = header if header is not None else f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n"
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text.encode("latin1") + data


def archive(entries, method=zipfile.ZIP_DEFLATED):
    """A zip of (name, bytes), the same bytes each time."""
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", method) as writer:
        warnings.simplefilter("ignore")  # of a name that stands twice
        for name, content in entries:
            entry = zipfile.ZipInfo(name)
            entry.compress_type = method
            writer.writestr(entry, content)
    return file.getvalue()


def gz(content):
    return gzip.compress(content, mtime=0)


def xz(content):
    return lzma.compress(content)


def idx(kind, shape, data):
    return bytes([0, 0, kind, len(shape)]) + b"".join(struct.pack(">I", extent) for extent in shape) + data


def cifar(labels):
    return b"".join(bytes([label]) + bytes(3072) for label in labels)


def mat_element(kind, data, padded=True):
    return struct.pack("<II", kind, len(data)) + data + (b"\0" * (-len(data) % 8) if padded else b"")


def mat_array(name, kind, shape, stored, data, flags=0):
    """A matrix element: its class, MATLAB's dimensions, and the type and bytes of its values."""
    parts = [mat_element(6, struct.pack("<BBHI", kind, flags, 0, 0)), mat_element(5, struct.pack(f"<{len(shape)}i", *shape)),
             mat_element(1, name), mat_element(stored, data)]
    return mat_element(14, b"".join(parts))


def mat_packed(element):
    return mat_element(15, zlib.compress(element), padded=False)


def mat_file(*elements, head=b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM"):
    return head + b"".join(elements)


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, colour, rows, more=(), interlace=0):
    """A PNG of rows with their filter bytes; `more` are chunks before the pixels."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    chunks = [(b"IHDR", head), *more, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(kind, data) for kind, data in chunks)


def safetensors(header, data=b""):
    """`header` is an object or the text itself."""
    text = (header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode())
    return struct.pack("<Q", len(text)) + text + data


def tensors(sizes):
    """Header entries and zero bytes of (name, dtype, shape), one after the other."""
    width = {"F32": 4, "F64": 8, "I64": 8, "U8": 1}
    header, offset = {}, 0
    for name, dtype, shape in sizes:
        end = offset + width[dtype]
        for extent in shape:
            end = offset + (end - offset) * extent
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [offset, end]}
        offset = end
    return header, bytes(offset)


NETWORK = [("stages.0.usage", "I64", (2,)), ("stages.0.encoder.0.weight", "F32", (2, 2)),
           ("stages.0.encoder.0.bias", "F32", (2,)), ("stages.0.decoder.bias", "F32", (2,)),
           ("stages.0.thresholds", "F32", (2,))]
TRAINING = [("train.position", "I64", (3,)), ("train.sums", "F64", (2,)), ("train.threshold_updates", "I64", (2,)),
            ("train.wins", "I64", (2,))]
OPTIMIZER = [(f"optimizer.{n}.{name}", "F32", shape) for n in (0, 1) for name, shape in
             (("decoder.bias", (1, 2)), ("encoder.0.bias", (1, 2)), ("encoder.0.weight", (2, 2)))]


def model_parts(sizes=(), options=OPTIONS):
    """Header and data of a model of two units on two values, without checksums; `sizes` are more tensors."""
    header, data = tensors([*sizes, *NETWORK])
    header["__metadata__"] = {
        "format_version": "1", "class_names": "[]", "architecture": options.get("arch", "2fc"),
        "options": json.dumps(options), "sample_shape": "[2]", "data_fingerprint": "f",
        "training_summary": json.dumps(SUMMARY)}
    return header, data


def classifier_parts():
    header, data = tensors([("bias", "F32", (2,)), ("weight", "F32", (2, 2))])
    header["__metadata__"] = {"format": "wta-classifier", "format_version": "1", "code_scale": "1", "C": "1", "stages": "top",
                              "class_names": '["0","1"]'}
    return header, data


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def record(data):
    """A record of an event file."""
    def checksum(part):
        crc = crc32c(part)
        return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)

    length = struct.pack("<Q", len(data))
    return length + checksum(length) + data + checksum(data)

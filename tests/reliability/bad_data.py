"""Bad files of data, at least 20 ideas a format: {format: (name of the file, [(idea, content, words of the message)])}.

What takes long to make is made when it is asked for: its content is a function.
"""

import gzip
import lzma
import struct
import zlib

import small_files as files

SIX = bytes(range(6))
FLOATS = bytes(24)
GOOD_NPY = files.npy("<f4", (2, 3), FLOATS)
LARGE = 2**62


def npy_ideas():
    def with_header(text, data=FLOATS):
        return files.npy("", (), data, header=text)

    def with_shape(shape):
        return files.npy("<f4", shape, FLOATS)

    return [
        ("empty file", b"", "magic", "byte 0"),
        ("another magic", b"\x93NUMPX" + GOOD_NPY[6:], "byte 0"),
        ("version 0", GOOD_NPY[:6] + b"\0\0" + GOOD_NPY[8:], "version", "byte 6"),
        ("version 9", GOOD_NPY[:6] + b"\x09\0" + GOOD_NPY[8:], "version", "byte 6"),
        ("header length beyond the file", GOOD_NPY[:8] + b"\xff\x20" + GOOD_NPY[10:], "header", "byte 10"),
        ("header length of version 2 near 4 GiB", b"\x93NUMPY\2\0\xff\xff\xff\xff", "header length", "byte 8"),
        ("header of no bytes", with_header(""), "header"),
        ("data cut short by a byte", GOOD_NPY[:-1], "must take 24 bytes", "[2,3]"),
        ("a byte behind the data", GOOD_NPY + b"x", "must take 24 bytes", "got 25"),
        ("shape product overflows 63 bits", with_shape((2**32, 2**32)), "shape", "overflow"),
        ("shape times item size overflows 63 bits", with_shape((LARGE,)), "shape", "overflow"),
        ("shape of 2^60 values without data", with_shape((2**58, 4)), "must take"),
        ("extent beyond 64 bits", with_shape((2**64, 1)), "extent"),
        ("negative extent", with_shape((-2, 3)), "extent"),
        ("extent with a fraction", with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (2.5,), }"), "expected"),
        ("33 dimensions", with_shape((1,) * 33), "32 dimensions"),
        ("objects, which need pickle", files.npy("|O", (1,), SIX), "pickle"),
        ("complex numbers", files.npy("<c8", (3,), FLOATS), "'<c8'"),
        ("text", files.npy("<U6", (1,), FLOATS), "'<U6'"),
        ("floats of 2 bytes", files.npy("<f2", (12,), FLOATS), "'<f2'"),
        ("a type without byte order", files.npy("f4", (6,), FLOATS), "'f4'"),
        ("structured type", with_header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,), }"), "structured"),
        ("no shape", with_header("{'descr': '<f4', 'fortran_order': False, }"), "shape are all needed"),
        ("shape twice", with_header("{'descr': '<f4', 'shape': (6,), 'shape': (6,), 'fortran_order': False}"),
         "unexpected key 'shape'"),
        ("order neither True nor False", with_header("{'descr': '<f4', 'fortran_order': 1, 'shape': (6,), }"), "True or False"),
        ("a call instead of a literal", with_header("__import__('os').system('id')"), "expected '{'"),
        ("text behind the header", with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (6,), } x"), "behind"),
        ("quote without end", with_header("{'descr': '<f4"), "unfinished"),
        ("no samples", files.npy("<f4", (0, 3), b""), "sample"),
        ("samples of no values", files.npy("<f4", (3, 0), b""), "[3,0]"),
        ("a scalar", files.npy("<f4", (), bytes(4)), "[]"),
        ("NaN", files.npy("<f4", (2, 3), struct.pack("<6f", 0, 0, 0, 0, float("nan"), 0)), "finite"),
        ("infinity in Fortran order", files.npy("<f8", (2, 3), struct.pack("<6d", 0, 0, 0, float("inf"), 0, 0), fortran=True),
         "finite"),
    ]


def npz_ideas():
    x = ("x.npy", GOOD_NPY)
    good = files.archive([x])
    stored = files.archive([x], method=0)
    central = good.index(b"PK\1\2")
    last = stored.index(b"PK\1\2") - 1

    def patched(content, offset, value, form="<I"):
        return content[:offset] + struct.pack(form, value) + content[offset + struct.calcsize(form):]

    def inner(content):
        return files.archive([("x.npy", content)])

    bomb = files.npy("<f4", (2**28,), b"")
    return [
        ("empty file", b"", "no array"),
        ("not a zip", b"PK" + bytes(100), "zip"),
        ("cut in the middle", good[:len(good) // 2], "zip"),
        ("without its end record", good[:-22], "zip"),
        ("a byte before the archive", b"x" + good, "zip"),
        ("no entries", files.archive([]), "no array"),
        ("an entry that is no array", files.archive([x, ("notes.txt", b"x")]), "notes.txt"),
        ("entry that is empty", inner(b""), "x", "magic"),
        ("array cut short", inner(GOOD_NPY[:-1]), "x", "128 bytes" if len(GOOD_NPY) == 128 else "bytes"),
        ("array with a byte too many", inner(GOOD_NPY + b"x"), "x", "bytes"),
        ("array of objects", inner(files.npy("|O", (1,), SIX)), "pickle"),
        ("shape product overflows", inner(files.npy("<f4", (2**40, 2**40), b"")), "overflow"),
        ("shape of a gibibyte, no data", inner(bomb), "must unpack"),
        ("size in the directory says 4 GiB", patched(patched(good, central + 24, 0xFFFFFFF0), 22, 0xFFFFFFF0), "unpack"),
        ("directory and header disagree about the size", patched(good, central + 24, 7), "zip"),
        ("checksum is wrong", patched(patched(good, central + 16, 1), 14, 1), "entry"),
        ("a bit of the stored data", stored[:last] + bytes([stored[last] ^ 1]) + stored[last + 1:], "entry"),
        ("directory offset beyond the file", patched(good, len(good) - 6, 0x7FFFFFFF), "zip"),
        ("one entry more than there are", patched(patched(good, len(good) - 14, 2, "<H"), len(good) - 12, 2, "<H"), "zip"),
        ("encrypted", patched(patched(good, central + 8, 1, "<H"), 6, 1, "<H"), "x", "opened"),
        ("packed by an unknown method", patched(patched(good, central + 10, 77, "<H"), 8, 77, "<H"), "method"),
        ("packed by bzip2", files.archive([x], method=12), "method"),
        ("two entries of one name", files.archive([x, x]), "already exists"),
        ("neither x nor x_train", files.archive([("z.npy", GOOD_NPY)]), "x_train", "z"),
        ("x_test of another shape", files.archive([("x_train.npy", GOOD_NPY),
         ("x_test.npy", files.npy("<f4", (2, 2), bytes(16)))]), "[2]"),
        ("fewer labels than samples", files.archive([x, ("y.npy", files.npy("<i8", (1,), bytes(8)))]), "label"),
        ("labels with two columns", files.archive([x, ("y.npy", files.npy("<i8", (2, 2), bytes(32)))]), "y", "labels"),
        ("labels with fractions", files.archive([x, ("y.npy", files.npy("<f4", (2,), struct.pack("<2f", 0.5, 1)))]), "y",
         "integer"),
    ]


def idx_ideas():
    good = files.idx(8, (1, 2, 3), SIX)

    def dims(*extents):
        return files.idx(8, extents, SIX)

    packed = files.gz(good)
    return [
        ("empty file", b"", "magic", "byte 0"),
        ("three bytes", good[:3], "magic", "byte 0"),
        ("first byte not zero", b"\1" + good[1:], "byte 0"),
        ("element type 0", good[:2] + b"\0" + good[3:], "byte 2"),
        ("element type 0A", good[:2] + b"\x0a" + good[3:], "byte 2"),
        ("a dimension is cut", good[:10], "dimension", "byte 8"),
        ("255 dimensions in a file of three", good[:3] + b"\xff" + good[4:], "dimension"),
        ("dimensions overflow 63 bits", dims(2**31, 2**31, 2**31), "overflow"),
        ("item size overflows 63 bits", files.idx(0x0E, (2**31, 2**30, 1), SIX), "overflow"),
        ("4 GiB promised, 6 bytes there", dims(2**16, 2**16, 1), "must take 4294967296 bytes"),
        ("a dimension is zero, data is there", dims(0, 2, 3), "must take 0 bytes"),
        ("no data, no samples", files.idx(8, (0, 2, 3), b""), "sample"),
        ("data cut by a byte", good[:-1], "must take 6 bytes", "byte 16"),
        ("a byte behind the data", good + b"x", "must take 6 bytes", "7"),
        ("no dimension", files.idx(8, (), b"\1"), "[]"),
        ("floats that are NaN", files.idx(0x0D, (1, 2), struct.pack(">2f", 0, float("nan"))), "finite"),
        ("floats of 8 bytes that are infinite", files.idx(0x0E, (1, 2), struct.pack(">2d", 0, float("-inf"))), "finite"),
        ("gzip cut in the middle", packed[:-9], "gzip", "byte"),
        ("gzip with a wrong checksum", packed[:-8] + bytes([packed[-8] ^ 1]) + packed[-7:], "gzip", "byte"),
        ("gzip with bytes behind its end", packed + b"x", "gzip", "byte"),
        ("gzip of another method", b"\x1f\x8b\7" + packed[3:], "gzip", "byte"),
        ("gzip bomb behind six bytes", files.gz(good + bytes(20_000_000)), "at least 7"),
        ("gzip that promises 4 GiB", files.gz(dims(2**16, 2**16, 1)), "must take"),
        ("gzip of nothing", files.gz(b""), "magic"),
        ("gzip in gzip", files.gz(packed), "byte 0"),
        ("xz cut in the middle", files.xz(good)[:-9], "xz", "byte"),
        ("xz with a flipped check", files.xz(good)[:-30] + bytes([files.xz(good)[-30] ^ 1]) + files.xz(good)[-29:], "xz",
         "byte"),
        ("xz that needs 4 GiB of dictionary", lzma.compress(good, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 2**28}])[:12]
         + b"\0" * 20, "xz", "byte"),
        ("xz bomb behind six bytes", files.xz(good + bytes(20_000_000)), "at least 7"),
    ]


def cifar_ideas():
    good = files.cifar([1, 2])
    packed = files.gz(good)

    def labelled(label, record=0):
        at = record * 3073
        return good[:at] + bytes([label]) + good[at + 1:]

    return [
        ("empty file", b"", "3073 bytes", "got 0"),
        ("one byte", b"\1", "3073 bytes"),
        ("a record cut by a byte", good[:-1], "3073 bytes", "3072 bytes"),
        ("half a record", good[:1500], "3073 bytes"),
        ("a byte too many", good + b"x", "2 records and 1 bytes"),
        ("label 10", labelled(10), "label", "byte 0"),
        ("label 255", labelled(255), "label", "byte 0", "255"),
        ("label 10 in the second record", labelled(10, 1), "label", "byte 3073"),
        ("CIFAR-100, one record", bytes(3074), "CIFAR-100"),
        ("CIFAR-100, five records", bytes(5 * 3074), "5 records", "CIFAR-100"),
        ("text", b"airplane\n" * 100, "3073 bytes"),
        ("an image file", files.png(1, 1, 8, 0, b"\0\0"), "3073 bytes"),
        ("an array file", GOOD_NPY, "3073 bytes"),
        ("gzip cut in the middle", packed[:-9], "gzip", "byte"),
        ("gzip with a wrong checksum", packed[:-8] + bytes([packed[-8] ^ 1]) + packed[-7:], "gzip", "byte"),
        ("gzip with bytes behind its end", packed + b"x", "gzip", "byte"),
        ("gzip of nothing", files.gz(b""), "3073 bytes"),
        ("gzip of half a record", files.gz(good[:1500]), "3073 bytes"),
        ("gzip of label 11", files.gz(labelled(11)), "label", "byte 0"),
        ("gzip in gzip", files.gz(packed), "3073 bytes"),
        ("gzip bomb of 300 MB", lambda: gzip.compress(bytes(300_000_000), mtime=0), "134217727 bytes"),
        ("xz cut in the middle", files.xz(good)[:-9], "xz", "byte"),
        ("xz bomb of 300 MB", lambda: lzma.compress(bytes(300_000_000), preset=0), "134217727 bytes"),
        ("xz magic alone", b"\xfd7zXZ\0", "xz", "byte"),
    ]


def mat_ideas():
    pixels = bytes(3 * 32 * 32)
    array = files.mat_array(b"X", 9, (32, 32, 3, 1), 2, pixels)
    good = files.mat_file(array)

    def parts(flags=files.mat_element(6, struct.pack("<BBHI", 9, 0, 0, 0)), shape=struct.pack("<4i", 32, 32, 3, 1),
        shape_kind=5,
              name=b"X", name_kind=1, kind=2, data=pixels):
        return files.mat_file(files.mat_element(14, flags + files.mat_element(shape_kind, shape) +
                                                files.mat_element(name_kind, name) + files.mat_element(kind, data)))

    packed = files.mat_packed(array)
    return [
        ("empty file", b"", "128 bytes"),
        ("header cut by a byte", good[:127], "128 bytes"),
        ("version 7.3, which is HDF5", files.mat_file(array, head=b"MATLAB 7.3 MAT-file".ljust(124) + b"\0\2IM"), "MATLAB v5",
         "byte 124"),
        ("big-endian", files.mat_file(array, head=b"MATLAB 5.0 MAT-file".ljust(124) + b"\1\0MI"), "little-endian", "byte 124"),
        ("text", b"not a MATLAB file " * 20, "MATLAB v5"),
        ("header alone", files.mat_file(), "no numeric array"),
        ("an element cut by a byte", good[:-1], "element", "byte 128"),
        ("an element's tag cut", good + b"\x0e\0\0", "element type", f"byte {len(good)}"),
        ("an element of 4 GiB", files.mat_file(struct.pack("<II", 14, 0xFFFFFFFF)), "element", "byte 128"),
        ("array flags of another type", parts(flags=files.mat_element(5, bytes(8))), "array flags", "byte 128"),
        ("array flags of four bytes", parts(flags=files.mat_element(6, bytes(4))), "array flags"),
        ("dimensions of another type", parts(shape_kind=6), "dimensions"),
        ("one dimension", parts(shape=struct.pack("<i", 3072)), "dimensions"),
        ("33 dimensions", parts(shape=struct.pack("<33i", *[1] * 33)), "dimensions"),
        ("negative dimension", parts(shape=struct.pack("<4i", -32, 32, 3, 1)), "dimension", "-32"),
        ("dimensions overflow 63 bits", parts(shape=struct.pack("<4i", *[2**31 - 1] * 4)), "dimensions", "overflow"),
        ("8 GiB promised, 3 KB there", parts(shape=struct.pack("<4i", 32, 32, 3, 2**21)), "values", "must take"),
        ("a value too few", parts(data=pixels[:-1]), "values", "must take 3072 bytes"),
        ("name that is no text", parts(name_kind=9, name=bytes(8)), "name"),
        ("values of an unknown type", parts(kind=99), "values", "type 99"),
        ("whole numbers stored as double", parts(kind=9, data=bytes(8 * 3072)), "values", "type 9"),
        ("values beyond their class", parts(kind=4, data=b"\0\1" * 3072), "value", "256"),
        ("short element with five bytes", files.mat_file(files.mat_element(14, struct.pack("<I", 6 | 5 << 16) + bytes(12))),
         "array flags"),
        ("packed element cut in the middle", files.mat_file(files.mat_element(15, packed[8:-20], padded=False)), "zlib",
         "byte 128"),
        ("packed with a wrong checksum", files.mat_file(packed[:-1] + bytes([packed[-1] ^ 1])), "zlib", "byte 128"),
        ("packed element that is no array", files.mat_file(files.mat_packed(files.mat_element(9, bytes(8)))), "array",
         "type 9"),
        ("packed bomb behind an array", files.mat_file(files.mat_element(15, zlib.compress(array + bytes(50_000_000)),
         padded=False)), "size"),
        ("packed element that says 4 GiB",
         files.mat_file(files.mat_element(15, zlib.compress(struct.pack("<II", 14, 2**32 - 1)), padded=False)), "size"),
        ("only text", files.mat_file(files.mat_array(b"s", 4, (1, 2), 4, SIX[:4])), "no numeric array"),
        ("one name twice", files.mat_file(array, array), "'X' twice"),
        ("no X", files.mat_file(files.mat_array(b"Z", 9, (32, 32, 3, 1), 2, pixels)), "X"),
        ("X of two dimensions", files.mat_file(files.mat_array(b"X", 9, (32, 96), 2, pixels)), "X"),
        ("labels that do not match", files.mat_file(array, files.mat_array(b"y", 9, (2, 1), 2, b"\1\2")),
         "one label per sample", "2 labels"),
    ]


def png_ideas():
    rows = b"\0\1\2\0\3\4"
    good = files.png(2, 2, 8, 0, rows)

    def chunks(*listed):
        return b"\x89PNG\r\n\x1a\n" + b"".join(files.png_chunk(kind, data) for kind, data in listed)

    head = (b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0))
    pixels = (b"IDAT", zlib.compress(rows))
    end = (b"IEND", b"")
    return [
        ("empty file", b"", "image"),
        ("magic alone", good[:8], "PNG"),
        ("header chunk cut", good[:20], "PNG"),
        ("no header chunk", chunks(pixels, end), "PNG"),
        ("header checksum wrong", good[:29] + bytes([good[29] ^ 1]) + good[30:], "PNG"),
        ("pixel checksum wrong", good[:-16] + bytes([good[-16] ^ 1]) + good[-15:], "PNG"),
        ("no pixels", chunks(head, end), "PNG"),
        ("no end", good[:-12], "cut short"),
        ("pixels cut short", chunks(head, (b"IDAT", pixels[1][:5]), end), "PNG"),
        ("pixels of a row too few", chunks(head, (b"IDAT", zlib.compress(rows[:3])), end), "PNG"),
        ("width 0", files.png(0, 2, 8, 0, rows), "PNG"),
        ("height 0", files.png(2, 0, 8, 0, rows), "PNG"),
        ("2^31 pixels wide", files.png(2**31 - 1, 2, 8, 0, rows), "PNG"),
        ("100,000 pixels wide", files.png(100_000, 2, 8, 0, rows), "65536", "100000"),
        ("2^30 pixels", files.png(2**15, 2**15, 8, 0, rows), "2^28"),
        ("2^28 pixels of 6 bytes", files.png(2**14, 2**14, 8, 0, rows), "header says", "16384"),
        ("2^28 pixels of a bit each", files.png(2**14, 2**14, 1, 0, rows), "header says", "16384"),
        ("depth 3", files.png(2, 2, 3, 0, rows), "PNG"),
        ("colour type 5", files.png(2, 2, 8, 5, rows), "PNG"),
        ("colour of 2 bits", files.png(2, 2, 2, 2, rows), "PNG"),
        ("palette picture without palette", files.png(2, 2, 8, 3, rows), "PNG"),
        ("compression method 1", chunks((b"IHDR", head[1][:10] + b"\1\0\0"), pixels, end), "PNG"),
        ("interlace method 9", files.png(2, 2, 8, 0, rows, interlace=9), "PNG"),
        ("an unknown critical chunk", chunks(head, (b"ABCD", b"x"), pixels, end), "PNG"),
        ("chunk of 2 GiB", good[:33] + b"\x7f\xff\xff\xffIDAT" + good[41:], "PNG"),
        ("PNG magic before text", b"\x89PNGtext", "PNG"),
    ]


def jpeg_ideas():
    grey = files.JPEG_GREY
    frame = grey.index(b"\xff\xc0")
    scan = grey.index(b"\xff\xda")
    table = grey.index(b"\xff\xc4")

    def sized(height, width, content=grey):
        at = content.index(b"\xff\xc0")
        return content[:at + 5] + struct.pack(">HH", height, width) + content[at + 9:]

    def flipped(at, value):
        return grey[:at] + bytes([value]) + grey[at + 1:]

    return [
        ("magic alone", grey[:3], "JPEG"),
        ("cut before the frame", grey[:frame], "JPEG"),
        ("cut in the frame", grey[:frame + 6], "JPEG"),
        ("cut before the scan", grey[:scan], "JPEG"),
        ("cut in the scan's header", grey[:scan + 4], "JPEG"),
        ("cut before the pixels", grey[:scan + 10], "JPEG"),
        ("without its end", grey[:-2], "JPEG"),
        ("height 0", sized(0, 8), "JPEG"),
        ("width 0", sized(8, 0), "JPEG"),
        ("65,500 x 65,500", sized(65500, 65500), "2^28"),
        ("16,384 x 16,384", sized(16384, 16384), "header says", "16384"),
        ("16,384 x 16,384 in colour", sized(16384, 16384, files.JPEG_COLOUR), "header says"),
        ("1,000 x 1,000", sized(1000, 1000), "header says", "1000"),
        ("200 rows more than there are", sized(208, 8), "JPEG"),
        ("12 bits a value", flipped(frame + 4, 12), "JPEG"),
        ("no component", flipped(frame + 9, 0), "JPEG"),
        ("five components", flipped(frame + 9, 5), "JPEG"),
        ("sampling factor 0", flipped(frame + 11, 0), "JPEG"),
        ("quantisation table that is not there", flipped(frame + 12, 3), "JPEG"),
        ("Huffman table with too many codes", flipped(table + 5, 255), "JPEG"),
        ("a scan of a component that is not there", flipped(scan + 5, 9), "JPEG"),
        ("lossless frame", flipped(frame + 1, 0xC3), "JPEG"),
        ("two frames", grey[:scan] + grey[frame:scan] + grey[scan:], "JPEG"),
        ("a marker's length of 0", flipped(frame + 3, 0), "JPEG"),
        ("progressive, cut in its second scan", files.JPEG_PROGRESSIVE[:-40], "JPEG"),
    ]


def pnm_ideas():
    good = b"P5 2 3 255\n" + SIX
    return [
        ("magic alone", b"P5", "width", "byte 2"),
        ("text form", b"P2 2 3 255\n1 2 3 4 5 6", "image"),
        ("bitmap", b"P4 8 1\n\1", "image"),
        ("no height", b"P5 2", "byte 4"),
        ("width is a word", b"P5 two 3 255\n" + SIX, "width", "byte"),
        ("width is negative", b"P5 -2 3 255\n" + SIX, "width", "byte"),
        ("width 0", b"P5 0 3 255\n" + SIX, "0"),
        ("height 0", b"P5 2 0 255\n" + SIX, "0"),
        ("width beyond 2^16", b"P5 70000 3 255\n" + SIX, "65536"),
        ("width of 30 digits", b"P5 " + b"9" * 30 + b" 3 255\n" + SIX, "width"),
        ("2^32 pixels", b"P5 65536 65536 255\n" + SIX, "2^28"),
        ("2^28 pixels, 6 bytes", b"P5 16384 16384 255\n" + SIX, "268435456 bytes"),
        ("comment without end", b"P5 # a comment", "byte"),
        ("comment behind the last number", b"P5 2 3 255# x\n" + SIX, "largest value", "byte"),
        ("largest value 0", b"P5 2 3 0\n" + SIX, "largest value"),
        ("largest value 65,536", b"P5 2 3 65536\n" + SIX, "65535", "65536"),
        ("a pixel above the largest value", b"P5 2 3 4\n" + SIX, "pixel", "5"),
        ("16 bits, half the bytes", b"P5 2 3 256\n" + SIX, "must take 12 bytes"),
        ("pixels cut by a byte", good[:-1], "pixels", "byte 11", "must take 6 bytes"),
        ("a byte behind the pixels", good + b"x", "pixels", "got 7"),
        ("colour with grey's bytes", b"P6 2 3 255\n" + SIX, "must take 18 bytes"),
        ("a letter among the digits", b"P5 2x 3 255\n" + SIX, "width", "byte"),
        ("no pixels at all", b"P5 2 3 255\n", "pixels", "got 0"),
    ]


def labels_ideas():
    many = b"".join(b"%d\n" % (n % 2) for n in range(20))
    return [
        ("empty file", b"", "label", "none"),
        ("heading alone", b"label\n", "label", "none"),
        ("blank lines alone", b"\n\n\n", "label", "none"),
        ("a blank line in the middle", b"a\n\nb\n", "line 3", "blank line 2"),
        ("a blank first line", b"\na\n", "line 2", "blank line 1"),
        ("an empty label", b'a\n""\n', "line 2", "empty"),
        ("an index without label", b"0,1\n1,\n", "line 2", "empty"),
        ("indices, then none", b"0,a\nb\n", "line 2", "index,label"),
        ("none, then indices", b"a\n1,b\n", "line 2", "index,label"),
        ("an index twice", b"0,a\n3,b\n0,c\n", "index 0 twice"),
        ("an index that is a word", b"0,a\none,b\n", "line 2", "'one'"),
        ("a negative index", b"0,a\n-1,b\n", "line 2", "'-1'"),
        ("an index beyond 64 bits", b"0,a\n99999999999999999999,b\n", "line 2", "99999999999999999999"),
        ("an index with a fraction", b"0,a\n1.5,b\n", "line 2", "1.5"),
        ("an index beyond the samples", b"0,a\n20,b\n", "20"),
        ("a line of 5,000 bytes", b"a\n" + b"x" * 5000 + b"\n", "line 2", "4096"),
        ("100 KB without a line's end", b"x" * 100_000, "line 1", "4096"),
        ("a label too few", many[:-2], "19"),
        ("a label too many", many + b"1\n", "21"),
        ("one class alone", b"a\n" * 20, "class"),
        ("three columns", b"0,a,b\n" + many, "line 2", "index,label"),
        ("a semicolon as separator", b"index;label\n" + b"".join(b"%d;%d\n" % (n, n % 2) for n in range(21)), "22 labels"),
    ]


def data_ideas():
    return {
        "npy": ("bad.npy", npy_ideas()), "npz": ("bad.npz", npz_ideas()), "idx": ("bad-idx3-ubyte", idx_ideas()),
        "cifar": ("bad.bin", cifar_ideas()), "mat": ("bad.mat", mat_ideas()), "png": ("bad.png", png_ideas()),
        "jpeg": ("bad.jpg", jpeg_ideas()), "pnm": ("bad.pgm", pnm_ideas()), "labels": ("bad.csv", labels_ideas()),
    }

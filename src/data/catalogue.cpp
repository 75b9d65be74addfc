#include "data/layouts.h"
#include "data/registry.h"

namespace wta {
namespace {

RegisteredDataset digits_entry() {
  return {
      .name = "digits",
      .description = "digits drawn by the program itself, nothing to download",
      .train_count = 60000,
      .test_count = 10000,
      .sample_shape = {28, 28},
      .class_names = number_names(10),
      .files = {},
      .mirrors = {},
      .how_to_get = {},
      .read = {},
      .licence = "MIT",
      .citation = "",
      .home = "",
  };
}

RegisteredDataset mnist_entry() {
  return {
      .name = "mnist",
      .description = "handwritten digits",
      .train_count = 60000,
      .test_count = 10000,
      .sample_shape = {28, 28},
      .class_names = number_names(10),
      .files = {{"train-images-idx3-ubyte.gz", 9912422,
                 "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
                {"train-labels-idx1-ubyte.gz", 28881,
                 "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
                {"t10k-images-idx3-ubyte.gz", 1648877,
                 "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
                {"t10k-labels-idx1-ubyte.gz", 4542,
                 "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"}},
      .mirrors = {"https://ossci-datasets.s3.amazonaws.com/mnist/",
                  "https://storage.googleapis.com/cvdf-datasets/mnist/"},
      .how_to_get = {},
      .read = read_mnist_layout,
      .licence = "commonly given as CC BY-SA 3.0",
      .citation =
          "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-based learning applied to document "
          "recognition, 1998",
      .home = "http://yann.lecun.com/exdb/mnist/",
  };
}

RegisteredDataset fashion_mnist_entry() {
  return {
      .name = "fashion-mnist",
      .description = "pictures of clothes, shoes and bags",
      .train_count = 60000,
      .test_count = 10000,
      .sample_shape = {28, 28},
      .class_names = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker",
                      "Bag", "Ankle boot"},
      .files = {{"train-images-idx3-ubyte.gz", 26421880,
                 "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"},
                {"train-labels-idx1-ubyte.gz", 29515,
                 "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"},
                {"t10k-images-idx3-ubyte.gz", 4422102,
                 "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"},
                {"t10k-labels-idx1-ubyte.gz", 5148,
                 "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"}},
      .mirrors = {"https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
                  "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"},
      .how_to_get = {},
      .read = read_mnist_layout,
      .licence = "MIT, copyright 2017 Zalando SE",
      .citation =
          "H. Xiao, K. Rasul, R. Vollgraf, Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine "
          "Learning Algorithms, 2017",
      .home = "https://github.com/zalandoresearch/fashion-mnist",
  };
}

RegisteredDataset cifar10_entry() {
  return {
      .name = "cifar10",
      .description = "tiny colour photographs of ten kinds of things",
      .train_count = 50000,
      .test_count = 10000,
      .sample_shape = {32, 32, 3},
      .class_names = cifar10_class_names(),
      .files =
          {{"data_batch_1.bin", 30730000, "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"},
           {"data_batch_2.bin", 30730000, "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"},
           {"data_batch_3.bin", 30730000, "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"},
           {"data_batch_4.bin", 30730000, "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"},
           {"data_batch_5.bin", 30730000, "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"},
           {"test_batch.bin", 30730000, "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"}},
      .mirrors = {},
      .how_to_get =
          "unpack https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz (170,052,171 bytes, md5 "
          "c32a1d4ab5d03f1284b67883e8d87530) and put its .bin files, packed or not, into $WTA_DATA/cifar10",
      .read = read_cifar10_layout,
      .licence = "none is stated; the page asks for the citation",
      .citation = "A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009",
      .home = "https://www.cs.toronto.edu/~kriz/cifar.html",
  };
}

RegisteredDataset svhn_entry() {
  return {
      .name = "svhn",
      .description = "house numbers in photographs, cropped to single digits",
      .train_count = 73257,
      .test_count = 26032,
      .sample_shape = {32, 32, 3},
      .class_names = number_names(10),
      .files = {{"train_32x32.mat", 182040794, ""}, {"test_32x32.mat", 64275384, ""}},
      .mirrors = {},
      .how_to_get =
          "put train_32x32.mat (182,040,794 bytes, md5 e26dedcc434d2e4c54c9b2d4a06d8373) and test_32x32.mat "
          "(64,275,384 bytes, md5 eb5a983be6a315427106f1b164d9cef3) of "
          "http://ufldl.stanford.edu/housenumbers/ into $WTA_DATA/svhn",
      .read = read_svhn_layout,
      .licence = "non-commercial use only",
      .citation =
          "Y. Netzer, T. Wang, A. Coates, A. Bissacco, B. Wu, A. Ng, Reading Digits in Natural Images with "
          "Unsupervised Feature Learning, 2011",
      .home = "http://ufldl.stanford.edu/housenumbers/",
  };
}

RegisteredDataset usps_entry() {
  return {
      .name = "usps",
      .description = "handwritten digits from envelopes",
      .train_count = 7291,
      .test_count = 2007,
      .sample_shape = {16, 16},
      .class_names = number_names(10),
      .files = {{"zip.train", 14512253, "abc9f5c75b997cabe66b5d01727d5a681c69298e1641a8d37b55433a52129dc0"},
                {"zip.test", 2029542, "6bde17b4f1cd68e0630cd2751d6495b5795d9165ab2dc4a0be8b7002b732f4cc"}},
      .mirrors = {},
      .how_to_get =
          "put zip.train.gz and zip.test.gz ('ZIP code' of "
          "https://hastie.su.domains/ElemStatLearn/data.html) "
          "into $WTA_DATA/usps",
      .read = read_usps_layout,
      .licence = "none is stated",
      .citation = "Y. LeCun et al., Handwritten Digit Recognition with a Back-Propagation Network, 1990",
      .home = "https://hastie.su.domains/ElemStatLearn/data.html",
  };
}

RegisteredDataset olivetti_entry() {
  return {
      .name = "olivetti",
      .description = "faces of 40 persons, ten pictures each",
      .train_count = 400,
      .test_count = 0,
      .sample_shape = {64, 64},
      .class_names = number_names(40),
      .files = {{"olivetti-images-idx3-ubyte", 1638416,
                 "139db5ade073e030ff543fe74df478b29cff6e9da9a50bf1e0c9a29f0d2f114d"},
                {"olivetti-labels-idx1-ubyte", 408,
                 "87b0dbf71b8091a9cef50af2767e98a87f3b0bde56f1eda7bb591d156e542390"}},
      .mirrors = {},
      .how_to_get =
          "save the pictures of olivettifaces.mat (https://cs.nyu.edu/~roweis/data.html) as idx, u8 "
          "[400,64,64] in olivetti-images-idx3-ubyte and the persons 0..39, u8 [400], in "
          "olivetti-labels-idx1-ubyte, into $WTA_DATA/olivetti",
      .read = read_olivetti_layout,
      .licence = "credit AT&T Laboratories Cambridge",
      .citation =
          "F. Samaria, A. Harter, Parameterisation of a Stochastic Model for Human Face Identification, 1994",
      .home = "https://cam-orl.co.uk/facedatabase.html",
  };
}

RegisteredDataset frey_entry() {
  return {
      .name = "frey",
      .description = "frames of a video of one face",
      .train_count = 1965,
      .test_count = 0,
      .sample_shape = {28, 20},
      .class_names = {},
      .files = {{"frey-images-idx3-ubyte", 1100416,
                 "c943677a3bcb83ed2de1207d4355c360cabfee597a538f9735ec3254886c365f"}},
      .mirrors = {},
      .how_to_get =
          "save the frames of frey_rawface.mat (https://cs.nyu.edu/~roweis/data.html) as idx, u8 "
          "[1965,28,20], in $WTA_DATA/frey/frey-images-idx3-ubyte",
      .read = read_frey_layout,
      .licence = "none is stated",
      .citation = "B. Frey, S. Roweis, frey_rawface.mat",
      .home = "https://cs.nyu.edu/~roweis/data.html",
  };
}

RegisteredDataset bsds300_entry() {
  return {
      .name = "bsds300",
      .description = "natural images, grey; cut them with --patches",
      .train_count = 200,
      .test_count = 100,
      .sample_shape = {321, 481},
      .class_names = {},
      .files = {{"bsds300-train-gray-idx3-ubyte", 30880216,
                 "fef0f6071a70405bfdcae8905d115fb21c4ce27b45104330e53fd765cc2057df"},
                {"bsds300-val-gray-idx3-ubyte", 15440116,
                 "6f1706d60215abe738870ed214cdc938fcf5c40285859160a1d05a805b66338b"}},
      .mirrors = {},
      .how_to_get =
          "save the photographs of BSDS300-images.tgz "
          "(https://www2.eecs.berkeley.edu/Research/Projects/CS/vision/bsds/) grey and landscape as idx, u8 "
          "[200,321,481] and [100,321,481], in $WTA_DATA/bsds300/bsds300-train-gray-idx3-ubyte and "
          "bsds300-val-gray-idx3-ubyte; or give --data their folder, which is read as it is",
      .read = read_bsds300_layout,
      .licence = "non-commercial research and educational use",
      .citation =
          "D. Martin, C. Fowlkes, D. Tal, J. Malik, A Database of Human Segmented Natural Images, 2001",
      .home = "https://www2.eecs.berkeley.edu/Research/Projects/CS/vision/bsds/",
  };
}

}  // namespace

const std::vector<RegisteredDataset>& registered_datasets() {
  static const std::vector<RegisteredDataset> kEntries = {
      digits_entry(), mnist_entry(),    fashion_mnist_entry(), cifar10_entry(), svhn_entry(),
      usps_entry(),   olivetti_entry(), frey_entry(),          bsds300_entry()};
  return kEntries;
}

}  // namespace wta

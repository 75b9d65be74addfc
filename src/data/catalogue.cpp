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

}  // namespace

const std::vector<RegisteredDataset>& registered_datasets() {
  static const std::vector<RegisteredDataset> kEntries = {digits_entry(), mnist_entry(),
                                                          fashion_mnist_entry(), cifar10_entry()};
  return kEntries;
}

}  // namespace wta

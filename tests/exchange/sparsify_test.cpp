#include "exchange/sparsify.h"

#include <gmock/gmock.h>

#include "dictionaries.h"
#include "io/safetensors.h"
#include "support/files.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing_support::edit_config;
using testing_support::expect_near;
using testing_support::message_of;
using testing_support::random_dictionary;
using testing_support::read_json;
using testing_support::TemporaryFolder;

class Sparsify : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path folder() const { return temporary_.path() / "layers.3"; }

  template <class Change>
  [[nodiscard]] std::string message_after(const Change& change) const {
    write_sparsify(folder(), random_dictionary(), 2);
    edit_config(folder(), change);
    return message_of<DataError>([&] { (void)read_sparsify(folder()); });
  }

 private:
  TemporaryFolder temporary_;
};

TEST_F(Sparsify, GivesADictionaryBack) {
  const SparseAutoencoder written = random_dictionary();
  write_sparsify(folder(), written, 2);
  const SparseAutoencoder read = read_sparsify(folder());
  expect_near(read.encoder, written.encoder, 0);
  expect_near(read.encoder_bias, written.encoder_bias, 1e-6);
  expect_near(read.decoder, written.decoder, 0);
  expect_near(read.decoder_bias, written.decoder_bias, 0);
  EXPECT_EQ(read.k, 2);
  EXPECT_TRUE(read.thresholds.empty());
}

// sparsify takes b_dec from its input before the encoder.
TEST_F(Sparsify, StoresTheBiasOfACentredInput) {
  const SparseAutoencoder dictionary = random_dictionary();
  write_sparsify(folder(), dictionary, 2);
  const TensorFile file = read_safetensors(folder() / "sae.safetensors");
  expect_near(std::get<Tensor<float>>(file.tensors.at("encoder.bias")), bias_of_centred_input(dictionary), 0);
}

TEST_F(Sparsify, OfATranscoderReadsTheInputAsItIs) {
  write_sparsify(folder(), random_dictionary(), 2);
  edit_config(folder(), [](json& config) { config["transcode"] = true; });
  expect_near(read_sparsify(folder()).encoder_bias, bias_of_centred_input(random_dictionary()), 0);
}

TEST_F(Sparsify, WithoutANumberOfUnitsHasTheExpansionOfItsInputs) {
  SparseAutoencoder dictionary = random_dictionary();
  dictionary.encoder = Tensor<float>({8, 4});
  dictionary.encoder_bias = Tensor<float>({8});
  dictionary.decoder = Tensor<float>({8, 4});
  write_sparsify(folder(), dictionary, 2);
  EXPECT_EQ(read_json(folder() / "cfg.json")["expansion_factor"], 2);
  edit_config(folder(), [](json& config) { config["num_latents"] = 0; });
  EXPECT_EQ(read_sparsify(folder()).units(), 8);
}

TEST_F(Sparsify, RefusesByNameWhatItCannotSay) {
  EXPECT_THAT(message_after([](json& config) { config["activation"] = "groupmax"; }),
              HasSubstr("cfg.json: 'activation' must be topk; got \"groupmax\""));
  EXPECT_THAT(message_after([](json& config) { config["skip_connection"] = true; }),
              HasSubstr("'skip_connection' must be false"));
  EXPECT_THAT(message_after([](json& config) { config["k"] = 0; }),
              HasSubstr("'k' must be from 1 to 6 units"));
  EXPECT_THAT(message_after([](json& config) { config["k"] = 7; }),
              HasSubstr("'k' must be from 1 to 6 units"));
  EXPECT_THAT(message_after([](json& config) { config["num_latents"] = 5; }),
              HasSubstr("tensor 'encoder.weight' must have shape [5,4]"));
  EXPECT_THAT(message_after([](json& config) { config["num_latents"] = 1e18; }),
              HasSubstr("'num_latents' must be a whole number from 0 to"));
}

}  // namespace
}  // namespace wta

#include "exchange/saelens.h"

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
using testing_support::codes_of;
using testing_support::edit_config;
using testing_support::expect_near;
using testing_support::message_of;
using testing_support::random_dictionary;
using testing_support::random_tensor;
using testing_support::read_json;
using testing_support::TemporaryFolder;

class Saelens : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path folder() const { return temporary_.path() / "sae"; }

  // What reading says of a folder whose cfg.json was changed.
  template <class Change>
  [[nodiscard]] std::string message_after(const Change& change) const {
    write_saelens(folder(), random_dictionary());
    edit_config(folder(), change);
    return message_of<DataError>([&] { (void)read_saelens(folder()); });
  }

 private:
  TemporaryFolder temporary_;
};

TEST_F(Saelens, GivesADictionaryBack) {
  SparseAutoencoder written = random_dictionary();
  written.thresholds = random_tensor({6}, 6);
  write_saelens(folder(), written);
  const SparseAutoencoder read = read_saelens(folder());
  expect_near(read.encoder, written.encoder, 0);
  expect_near(read.encoder_bias, written.encoder_bias, 0);
  expect_near(read.decoder, written.decoder, 0);
  expect_near(read.decoder_bias, written.decoder_bias, 0);
  expect_near(read.thresholds, written.thresholds, 0);
  EXPECT_EQ(read.k, 0);
}

TEST_F(Saelens, NamesTheArchitectureByWhatDecidesTheCode) {
  SparseAutoencoder dictionary = random_dictionary();
  write_saelens(folder(), dictionary);
  EXPECT_EQ(read_json(folder() / "cfg.json")["architecture"], "standard");
  dictionary.k = 3;
  write_saelens(folder(), dictionary);
  EXPECT_EQ(read_json(folder() / "cfg.json")["architecture"], "topk");
  EXPECT_EQ(read_saelens(folder()).k, 3);
  dictionary.thresholds = Tensor<float>({6});
  write_saelens(folder(), dictionary);
  EXPECT_EQ(read_json(folder() / "cfg.json")["architecture"], "jumprelu");
}

TEST_F(Saelens, StoresTheEncoderInputByUnit) {
  const SparseAutoencoder dictionary = random_dictionary();
  write_saelens(folder(), dictionary);
  const TensorFile file = read_safetensors(folder() / "sae_weights.safetensors");
  const auto& encoder = std::get<Tensor<float>>(file.tensors.at("W_enc"));
  EXPECT_EQ(encoder.shape(), (Shape{4, 6}));
  EXPECT_EQ(encoder.matrix()(3, 1), dictionary.encoder.matrix()(1, 3));
}

TEST_F(Saelens, ReadsTheInputCentredWhereItIs) {
  const SparseAutoencoder dictionary = random_dictionary();
  write_saelens(folder(), dictionary);
  edit_config(folder(), [](json& config) { config["apply_b_dec_to_input"] = true; });
  SparseAutoencoder expected = dictionary;
  subtract_decoder_bias(expected);
  expect_near(read_saelens(folder()).encoder_bias, expected.encoder_bias, 0);
}

// Files of SAELens 5: no architecture, the activation function by name, b_dec taken from the input unless
// they say no.
TEST_F(Saelens, ReadsTheFilesOfEarlierVersions) {
  const SparseAutoencoder dictionary = random_dictionary();
  write_saelens(folder(), dictionary);
  edit_config(folder(), [](json& config) {
    config = {{"d_in", 4},
              {"d_sae", 6},
              {"activation_fn_str", "topk"},
              {"activation_fn_kwargs", {{"k", 2}}},
              {"hook_name", "blocks.0.hook_resid_pre"}};
  });
  SparseAutoencoder expected = dictionary;
  subtract_decoder_bias(expected);
  const SparseAutoencoder read = read_saelens(folder());
  EXPECT_EQ(read.k, 2);
  expect_near(read.encoder_bias, expected.encoder_bias, 0);
}

// The choice is by activation times the norm of the atom; the reconstruction does not change.
TEST_F(Saelens, MovesTheNormsOfAtomsIntoTheEncoder) {
  SparseAutoencoder dictionary = random_dictionary();
  dictionary.k = 6;
  write_saelens(folder(), dictionary);
  edit_config(folder(), [](json& config) { config["rescale_acts_by_decoder_norm"] = true; });
  const SparseAutoencoder read = read_saelens(folder());
  const Tensor<float> x = random_tensor({20, 4}, 5);
  const Tensor<float> plain = codes_of(to_model(dictionary, "test"), x);
  const Tensor<float> scaled = codes_of(to_model(read, "test"), x);
  for (std::int64_t u = 0; u < 6; ++u) {
    double norm = 0;
    for (const float v : dictionary.decoder.matrix().row_span(u)) norm += static_cast<double>(v * v);
    norm = std::sqrt(norm);
    for (std::int64_t n = 0; n < 20; ++n) {
      EXPECT_NEAR(scaled.matrix()(n, u), norm * static_cast<double>(plain.matrix()(n, u)), 1e-5);
      EXPECT_NEAR(scaled.matrix()(n, u) * read.decoder.matrix()(u, 2),
                  plain.matrix()(n, u) * dictionary.decoder.matrix()(u, 2), 1e-5);
    }
  }
}

TEST_F(Saelens, MovesNoNormOfAnAtomOfZeros) {
  SparseAutoencoder dictionary = random_dictionary();
  dictionary.k = 6;
  for (float& v : dictionary.decoder.matrix().row_span(1)) v = 0;
  write_saelens(folder(), dictionary);
  edit_config(folder(), [](json& config) { config["rescale_acts_by_decoder_norm"] = true; });
  const SparseAutoencoder read = read_saelens(folder());
  EXPECT_THAT(read.decoder.matrix().row_span(1), testing::Each(0.0F));
  EXPECT_THAT(read.encoder.matrix().row_span(1), testing::Each(0.0F));
  EXPECT_EQ(read.encoder_bias[1], 0.0F);
}

TEST_F(Saelens, TakesANullForAMissingField) {
  write_saelens(folder(), random_dictionary());
  edit_config(folder(), [](json& config) { config["normalize_activations"] = nullptr; });
  EXPECT_EQ(read_saelens(folder()).units(), 6);
  EXPECT_THAT(message_after([](json& config) { config["d_sae"] = nullptr; }),
              HasSubstr("'d_sae' must be there and at least 1; got nothing"));
}

// What reading says, or reads, of W_enc once it has numbers of another type.
TEST_F(Saelens, NarrowsWideNumbersAndRefusesIntegers) {
  const SparseAutoencoder dictionary = random_dictionary();
  write_saelens(folder(), dictionary);
  const std::filesystem::path path = folder() / "sae_weights.safetensors";
  TensorFile file = read_safetensors(path);
  const auto& single = std::get<Tensor<float>>(file.tensors.at("W_enc"));
  file.tensors["W_enc"] = Tensor<double>({4, 6}, std::vector<double>(single.data(), single.data() + 24));
  write_safetensors(path, file);
  expect_near(read_saelens(folder()).encoder, dictionary.encoder, 0);
  file.tensors["W_enc"] = Tensor<std::int32_t>({4, 6});
  write_safetensors(path, file);
  EXPECT_EQ(
      message_of<DataError>([&] { (void)read_saelens(folder()); }),
      path.string() + ": tensor 'W_enc' must hold floating-point numbers; got int32. Try: another model.");
}

TEST_F(Saelens, RefusesByNameWhatItCannotSay) {
  EXPECT_THAT(message_after([](json& config) { config["architecture"] = "gated"; }),
              HasSubstr("cfg.json: 'architecture' must be standard, jumprelu or topk; got \"gated\""));
  EXPECT_THAT(message_after([](json& config) { config["normalize_activations"] = "layer_norm"; }),
              HasSubstr("'normalize_activations' must be none"));
  EXPECT_THAT(message_after([](json& config) { config["reshape_activations"] = "hook_z"; }),
              HasSubstr("'reshape_activations' must be none"));
  EXPECT_THAT(message_after([](json& config) { config["activation_fn"] = "tanh-relu"; }),
              HasSubstr("'activation_fn' must be relu or topk"));
  EXPECT_THAT(message_after([](json& config) { config["activation_fn_str"] = std::string(100, 't'); }),
              HasSubstr("'activation_fn_str' must be relu or topk; got \"" + std::string(59, 't') + "..."));
}

TEST_F(Saelens, RefusesADamagedConfiguration) {
  EXPECT_THAT(message_after([](json& config) { config["d_in"] = "four"; }),
              HasSubstr("'d_in' must be a whole number"));
  EXPECT_THAT(message_after([](json& config) { config["d_sae"] = -6; }),
              HasSubstr("'d_sae' must be a whole number"));
  EXPECT_THAT(message_after([](json& config) { config["d_in"] = (std::int64_t{1} << 31) + 1; }),
              HasSubstr("'d_in' must be a whole number from 0 to 2147483648; got 2147483649"));
  EXPECT_THAT(message_after([](json& config) { config["architecture"] = 3; }),
              HasSubstr("'architecture' must be a text; got 3"));
  EXPECT_THAT(message_after([](json& config) { config["activation_fn"] = "topk"; }),
              HasSubstr("cfg.json: activation_fn_kwargs: 'k' must be there and at least 1; got nothing"));
  EXPECT_THAT(message_after([](json& config) {
                config["activation_fn"] = "topk";
                config["activation_fn_kwargs"] = 3;
              }),
              HasSubstr("'activation_fn_kwargs' must be an object; got 3"));
  EXPECT_THAT(message_after([](json& config) { config.erase("d_sae"); }),
              HasSubstr("'d_sae' must be there and at least 1; got nothing"));
  EXPECT_THAT(message_after([](json& config) { config["d_in"] = 5; }),
              HasSubstr("tensor 'W_enc' must have shape [5,6], as cfg.json says; got [4,6]"));
  EXPECT_THAT(message_after([](json& config) { config["apply_b_dec_to_input"] = 1; }),
              HasSubstr("must be true or false"));
  EXPECT_THAT(message_after([](json& config) { config = json::array({1}); }),
              HasSubstr("one object of settings"));
  EXPECT_THAT(message_after([](json& config) { config["architecture"] = "jumprelu"; }),
              HasSubstr("must hold the tensor 'threshold'"));
  EXPECT_THAT(message_after([](json& config) {
                config["architecture"] = "topk";
                config["k"] = 7;
              }),
              HasSubstr("'k' must be at most d_sae = 6; got 7"));
}

TEST_F(Saelens, RefusesAMissingFolder) {
  EXPECT_THAT(message_of<IoError>([&] { (void)read_saelens(folder()); }), HasSubstr("cfg.json"));
}

}  // namespace
}  // namespace wta

/// The folders of SAELens and sparsify: a line of settings, then weights as in safetensors_of. An 's' in
/// front makes it sparsify's.
#include "exchange/saelens.h"
#include "exchange/sparsify.h"
#include "fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wta;
  static const fuzz::InputFolder folder;
  const bool sparsify = size > 0 && data[0] == 's';
  const auto [settings, weights] = fuzz::cut_line(fuzz::bytes_of(data, size).subspan(sparsify ? 1 : 0));
  folder.write("cfg.json", settings);
  folder.write(sparsify ? "sae.safetensors" : "sae_weights.safetensors", fuzz::safetensors_of(weights));
  return fuzz::may_refuse<DataError>(folder.path().string(), [&] {
    const SparseAutoencoder dictionary =
        sparsify ? read_sparsify(folder.path()) : read_saelens(folder.path());
    (void)to_model(dictionary, folder.path().string());
  });
}

#include "model/training_size.h"

#include "model/shapes.h"

namespace wta {

TrainingSize training_size(const ModelOptions& options, const Shape& sample_shape) {
  const Architecture arch = parse_architecture(options.arch);
  const Shape input = network_input(sample_shape, arch.convolutional());
  const std::int64_t positions = arch.convolutional() ? input[0] * input[1] : 1;
  const bool competing = options.spatial == "yes" || !arch.convolutional();
  TrainingSize size;
  size.per_sample = 2 * element_count(input);  // the sample and its residual
  std::int64_t below = input.back();
  for (const LayerSpec& spec : arch.encoder) {
    size.parameters += element_count(weight_shape(spec, below)) + spec.units;
    const bool top = &spec == &arch.encoder.back();
    if (!top) size.per_sample += 2 * positions * spec.units;
    if (top) size.per_sample += (competing ? 2 : 2 * positions) * spec.units;
    below = spec.units;
  }
  const std::int64_t channels = input.back();
  if (options.tied == "no") size.parameters += element_count(weight_shape(decoder_spec(arch), channels));
  size.parameters += channels;
  return size;
}

}  // namespace wta

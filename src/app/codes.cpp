#include "app/codes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "app/pictures.h"
#include "app/train.h"
#include "io/npy.h"
#include "wta/error.h"

namespace wta {
namespace {

// Samples at a time: as many as their codes fill kBlockFloats, and no more than kBlock.
constexpr std::int64_t kBlock = 4096;
constexpr std::int64_t kBlockFloats = std::int64_t{32} << 20;

std::int64_t block_samples(const Model& model) {
  std::int64_t largest = 1;
  for (const Stage& stage : model.stages) largest = std::max(largest, element_count(stage.code_shape()));
  return std::clamp<std::int64_t>(kBlockFloats / largest, 16, kBlock);
}

void require_suffix(const std::filesystem::path& out, const std::string& first, const std::string& second) {
  if (out.extension() == first || out.extension() == second) return;
  throw InvalidArgument(fmt::format("out: the file must end in {} or {}; got '{}'. Try: --out codes{}.",
                                    first, second, out.string(), first));
}

// Values far beyond those that the model was trained on end beyond float32.
void require_finite(const std::string& what, std::int64_t first, ConstMatrixView<float> rows) {
  for (std::int64_t n = 0; n < rows.rows; ++n) {
    const auto bad =
        std::ranges::find_if(rows.row_span(n), [](float value) { return !std::isfinite(value); });
    if (bad == rows.row_span(n).end()) continue;
    throw DataError(
        fmt::format("{}: every value must be finite; got {} for sample {}. Try: samples in the range of "
                    "those that the model was trained on, or another model.",
                    what, *bad, first + n));
  }
}

// Explained variance of reconstructions, and each block of them to `block`.
double for_each_reconstruction(const Context& context, const Model& model, const Samples& samples,
                               const std::function<void(ConstMatrixView<float>)>& block) {
  const std::int64_t size = samples.sample_size();
  std::vector<double> sums(static_cast<std::size_t>(size));
  double squares = 0;
  double errors = 0;
  Tensor<float> x({kBlock, size});
  Tensor<float> out({kBlock, size});
  for (std::int64_t begin = 0; begin < samples.count(); begin += kBlock) {
    const std::int64_t rows = std::min(kBlock, samples.count() - begin);
    samples.read(begin, x.matrix().row_range(0, rows));
    reconstruct(context, model, std::as_const(x).matrix().row_range(0, rows),
                out.matrix().row_range(0, rows));
    require_finite("reconstructions", begin, std::as_const(out).matrix().row_range(0, rows));
    prepare(context, model, x.matrix().row_range(0, rows), x.matrix().row_range(0, rows));
    for (std::int64_t i = 0; i < rows * size; ++i) {
      const double error = static_cast<double>(out[i]) - x[i];
      sums[static_cast<std::size_t>(i % size)] += x[i];
      squares += static_cast<double>(x[i]) * x[i];
      errors += error * error;
    }
    block(std::as_const(out).matrix().row_range(0, rows));
  }
  for (const double sum : sums) squares -= sum * sum / static_cast<double>(samples.count());
  return squares > 0 ? 1 - errors / squares : 0;
}

}  // namespace

LoadedSplit load_split(DataOptions data, const std::string& split, SplitChoice preferred,
                       const Context& context) {
  data.hold_out_fraction = 0;
  Dataset dataset = load_dataset(data, context);
  const bool has_test = dataset.test.samples.count() > 0;
  if (split == "test" && !has_test) {
    throw InvalidArgument(
        fmt::format("split: '{}' has no test split of its own. Try: without --split.", data.data));
  }
  const bool test = split.empty() ? preferred == SplitChoice::test && has_test : split == "test";
  return {.split = test ? std::move(dataset.test) : std::move(dataset.train),
          .class_names = std::move(dataset.class_names)};
}

void for_each_code_block(const Context& context, const Model& model, const Samples& samples,
                         const StageChoice& stages,
                         const std::function<void(std::int64_t, ConstMatrixView<float>)>& block) {
  const std::int64_t most = block_samples(model);
  Tensor<float> x({most, samples.sample_size()});
  Tensor<float> codes({most, code_size(model, stages)});
  for (std::int64_t begin = 0; begin < samples.count(); begin += most) {
    const std::int64_t rows = std::min(most, samples.count() - begin);
    samples.read(begin, x.matrix().row_range(0, rows));
    encode(context, model, std::as_const(x).matrix().row_range(0, rows), codes.matrix().row_range(0, rows),
           stages);
    require_finite("codes", begin, std::as_const(codes).matrix().row_range(0, rows));
    block(begin, std::as_const(codes).matrix().row_range(0, rows));
  }
}

Tensor<float> encode_all(const Context& context, const Model& model, const Samples& samples,
                         const StageChoice& stages, const TableRoom& room) {
  const std::int64_t size = code_size(model, stages);
  Tensor<float> codes = make_table(room, samples.count(), size, "encode",
                                   "fewer samples (a --label-file with fewer labels), or a run with a larger "
                                   "pooling stride or fewer maps");
  for_each_code_block(context, model, samples, stages, [&](std::int64_t first, ConstMatrixView<float> block) {
    std::copy_n(block.data, block.rows * size, codes.matrix().row(first));
  });
  return codes;
}

EncodeReport run_encode(const EncodeVerb& verb) {
  require_suffix(verb.out, ".npy", ".npz");
  const Model model = load_model(verb.run);
  const Context context{.threads = resolve_threads(verb.threads), .stop = verb.stop};
  const Split split = load_split(verb.data, verb.split, SplitChoice::train, context).split;
  const StageChoice stages = parse_stage_choice(verb.stages);
  const std::int64_t units = code_size(model, stages);
  std::optional<NpyMatrixWriter> dense;
  std::optional<CsrMatrixWriter> sparse;
  if (verb.out.extension() == ".npy") {
    dense.emplace(verb.out, split.samples.count(), units);
  } else {
    sparse.emplace(verb.out, units);
  }
  std::int64_t active = 0;
  for_each_code_block(context, model, split.samples, stages, [&](std::int64_t, ConstMatrixView<float> block) {
    active += block.rows * units - std::count(block.data, block.data + block.rows * units, 0.0F);
    if (dense) dense->append(block);
    if (sparse) sparse->append(block);
  });
  if (dense) dense->commit();
  if (sparse) sparse->commit();
  const double entries = static_cast<double>(split.samples.count()) * static_cast<double>(units);
  return {.samples = split.samples.count(),
          .features = units,
          .active_fraction = entries > 0 ? static_cast<double>(active) / entries : 0};
}

ReconstructReport run_reconstruct(const ReconstructVerb& verb) {
  require_suffix(verb.out, ".png", ".npy");
  const Model model = load_model(verb.run);
  const Context context{.threads = resolve_threads(verb.threads), .stop = verb.stop};
  const Split split = load_split(verb.data, verb.split, SplitChoice::test, context).split;
  std::optional<NpyMatrixWriter> writer;
  if (verb.out.extension() == ".npy")
    writer.emplace(verb.out, split.samples.count(), split.samples.sample_size());
  const double explained =
      for_each_reconstruction(context, model, split.samples, [&](ConstMatrixView<float> block) {
        if (writer) writer->append(block);
      });
  if (writer) {
    writer->commit();
  } else {
    draw_first_reconstructions(context, verb.out, model, split.samples);
  }
  return {.samples = split.samples.count(), .explained_variance = explained};
}

}  // namespace wta

#include "model/rbm_training_step.h"

#include <algorithm>
#include <numeric>

#include "core/parallel.h"
#include "kernels/accumulate_atoms.h"
#include "kernels/gemm_onednn.h"
#include "kernels/linear_relu.h"
#include "kernels/sigmoid.h"
#include "model/parameters.h"

namespace wta {

using cpu::Transpose;

RbmTrainingStep::RbmTrainingStep(const Context& context, Autoencoder& network)
    : context_(context),
      network_(network),
      hidden_draws_(context.seed, Purpose::hidden_sample),
      visible_draws_(context.seed, Purpose::visible_sample),
      grad_bias_({network.units()}),
      grad_visible_bias_({network.inputs()}) {
  activity_.wins.resize(static_cast<std::size_t>(network.units()));
  activity_.smallest.resize(static_cast<std::size_t>(network.units()));
}

void RbmTrainingStep::resize(std::int64_t samples) {
  if (samples == samples_) return;
  samples_ = samples;
  if (network_.kind == NetworkKind::wta_rbm) {
    slots_.resize(network_.units(), winners_per_unit(network_.lifetime.fraction, samples));
  }
  positive_ = Tensor<float>({network_.units(), samples});
  hidden_ = Tensor<float>({network_.units(), samples});
  chain_ = Tensor<float>({samples, network_.inputs()});
  chain_weight_.assign(static_cast<std::size_t>(samples), 1.0F / static_cast<float>(samples));
  sample_squares_.resize(static_cast<std::size_t>(samples));
}

StepResult RbmTrainingStep::forward(const Batch& batch) {
  resize(batch.input.rows);
  const ContrastiveDivergence& divergence = network_.divergence;
  const std::int64_t draws = divergence.steps + (divergence.persistent ? 1 : 0);
  const auto first_draw = static_cast<std::uint64_t>(batch.step * draws);
  run_positive_phase(batch.input, first_draw);
  reconstruct();
  const double squares = squared_error(batch.target);
  if (divergence.persistent) {
    move_on(batch.chains.row_range(0, samples_), batch.step);
  } else {
    for (std::int64_t s = 1; s < divergence.steps; ++s) {
      sample_hidden_of_chain(first_draw + static_cast<std::uint64_t>(s));
      reconstruct();
    }
  }
  return {.loss = 0.5 * squares / static_cast<double>(samples_),
          .squared_error = squares,
          .winners = std::accumulate(activity_.wins.begin(), activity_.wins.end(), std::int64_t{0})};
}

// A small last batch moves the first chains alone.
void RbmTrainingStep::move_on(MatrixView<float> chains, std::int64_t step) {
  const std::int64_t steps = network_.divergence.steps;
  const MatrixView<float> chain = chain_.matrix();
  for (std::int64_t n = 0; n < samples_; ++n) std::ranges::copy(chains.row_span(n), chain.row(n));
  for (std::int64_t s = 0; s < steps; ++s) {
    sample_hidden_of_chain(static_cast<std::uint64_t>(step * (steps + 1) + s + 1));
    reconstruct();
    sample_visible_of_chain(static_cast<std::uint64_t>(step * steps + s));
  }
  for (std::int64_t n = 0; n < samples_; ++n) std::ranges::copy(chain.row_span(n), chains.row(n));
}

// P(h|v) of the units [begin, end): h [end - begin, visible.rows].
void RbmTrainingStep::probabilities(ConstMatrixView<float> visible, std::int64_t begin, std::int64_t end,
                                    MatrixView<float> h) const {
  const EncoderLayer& layer = network_.encoder.front();
  const auto tile = static_cast<std::size_t>(end - begin);
  cpu::linear_by_unit(layer.weight.matrix().row_range(begin, end),
                      layer.bias.span().subspan(static_cast<std::size_t>(begin), tile), visible, h);
  cpu::sigmoid({h.data, static_cast<std::size_t>(h.rows * h.cols)});
}

void RbmTrainingStep::run_positive_phase(ConstMatrixView<float> x, std::uint64_t draw) {
  parallel_for_tiles(context_, network_.units(), kUnitTile, [&](std::int64_t begin, std::int64_t end) {
    const MatrixView<float> p = positive_.matrix().row_range(begin, end);
    probabilities(x, begin, end, p);
    if (network_.kind == NetworkKind::wta_rbm) {
      slots_.select(p, begin, end);
      slots_.clear_losers(p, begin, end);
    }
    const auto size = static_cast<std::size_t>(p.rows * p.cols);
    hidden_draws_.draw(draw, begin * samples_, {p.data, size}, {hidden_.matrix().row(begin), size});
    note_activity(begin, end);
  });
}

// A unit wins where it was drawn as 1. Its smallest winner is that of the competition: without one every
// probability counts.
void RbmTrainingStep::note_activity(std::int64_t begin, std::int64_t end) {
  for (std::int64_t u = begin; u < end; ++u) {
    const auto unit = static_cast<std::size_t>(u);
    activity_.wins[unit] = std::ranges::count(hidden_.matrix().row_span(u), 1.0F);
    activity_.smallest[unit] = network_.kind == NetworkKind::wta_rbm ? slots_.smallest(u) : 0.0F;
  }
}

void RbmTrainingStep::prepare_competition_of_chain(std::int64_t vectors) {
  if (!network_.divergence.competing) return;
  chain_slots_.resize(network_.units(), winners_per_unit(network_.lifetime.fraction, vectors));
}

// P(h|v') of the units [begin, end), after the competition if it has one.
void RbmTrainingStep::chain_probabilities(ConstMatrixView<float> visible, std::int64_t begin,
                                          std::int64_t end, MatrixView<float> h) {
  probabilities(visible, begin, end, h);
  if (!network_.divergence.competing) return;
  chain_slots_.select(h, begin, end);
  chain_slots_.clear_losers(h, begin, end);
}

void RbmTrainingStep::sample_hidden_of_chain(std::uint64_t draw) {
  prepare_competition_of_chain(samples_);
  parallel_for_tiles(context_, network_.units(), kUnitTile, [&](std::int64_t begin, std::int64_t end) {
    ScratchPool::Lease scratch = scratch_.borrow(kUnitTile * samples_);
    const MatrixView<float> p(scratch.data(), end - begin, samples_);
    chain_probabilities(chain_.matrix(), begin, end, p);
    const auto size = static_cast<std::size_t>(p.rows * p.cols);
    hidden_draws_.draw(draw, begin * samples_, {p.data, size}, {hidden_.matrix().row(begin), size});
  });
}

void RbmTrainingStep::sample_visible_of_chain(std::uint64_t draw) {
  const std::int64_t inputs = network_.inputs();
  parallel_for_tiles(context_, samples_, kSampleTile, [&](std::int64_t begin, std::int64_t end) {
    const std::span<float> v(chain_.matrix().row(begin), static_cast<std::size_t>((end - begin) * inputs));
    visible_draws_.draw(draw, begin * inputs, v, v);
  });
}

// chain = P(v|h) of the sample. Pixels stay probabilities: nothing is drawn.
void RbmTrainingStep::reconstruct() {
  const MatrixView<float> chain = chain_.matrix();
  const ConstMatrixView<float> weight = network_.atoms();
  parallel_for_tiles(context_, chain.cols, kColumnTile, [&](std::int64_t begin, std::int64_t end) {
    const MatrixView<float> out(chain.data + begin, chain.rows, end - begin, chain.stride);
    const ConstMatrixView<float> columns(weight.data + begin, weight.rows, end - begin, weight.stride);
    cpu::gemm(Transpose::yes, hidden_.matrix(), Transpose::no, columns, out);
    for (std::int64_t n = 0; n < out.rows; ++n) {
      for (std::int64_t d = begin; d < end; ++d) chain(n, d) += network_.decoder_bias[d];
      cpu::sigmoid(out.row_span(n));
    }
  });
}

double RbmTrainingStep::squared_error(ConstMatrixView<float> target) {
  parallel_for_tiles(context_, samples_, kSampleTile, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = begin; n < end; ++n) {
      double sum = 0;
      for (std::int64_t d = 0; d < target.cols; ++d) {
        const double difference = std::as_const(chain_).matrix()(n, d) - target(n, d);
        sum += difference * difference;
      }
      sample_squares_[static_cast<std::size_t>(n)] = sum;
    }
  });
  return std::accumulate(sample_squares_.begin(), sample_squares_.end(), 0.0);
}

void RbmTrainingStep::backward(ConstMatrixView<float> x, RowSink<float>& sink) {
  backward_against(x, {std::as_const(chain_).matrix(), chain_weight_}, sink);
}

// A unit's P(h|v') needs its own row alone, so the sink may change the row as soon as it is finished.
void RbmTrainingStep::backward_against(ConstMatrixView<float> x, const NegativePhase& negative,
                                       RowSink<float>& sink) {
  prepare_competition_of_chain(negative.visible.rows);
  parallel_for_tiles(context_, network_.units(), kUnitTile,
                     [&](std::int64_t begin, std::int64_t end) { send_rows(x, negative, begin, end, sink); });
  sink.take_row(bias_parameter(0), 0, grad_bias_.span());
  send_visible_bias(x, negative, sink);
}

void RbmTrainingStep::send_rows(ConstMatrixView<float> x, const NegativePhase& negative, std::int64_t begin,
                                std::int64_t end, RowSink<float>& sink) {
  const std::int64_t units = end - begin;
  const std::int64_t vectors = negative.visible.rows;
  ScratchPool::Lease scratch = scratch_.borrow(kUnitTile * (samples_ + vectors + x.cols));
  const MatrixView<float> data(scratch.data(), units, samples_);
  const MatrixView<float> model(data.data + units * samples_, units, vectors);
  const MatrixView<float> rows(model.data + units * vectors, units, x.cols);
  chain_probabilities(negative.visible, begin, end, model);
  const float share = 1.0F / static_cast<float>(samples_);
  for (std::int64_t u = 0; u < units; ++u) {
    const auto scaled = [&](float p) { return -share * p; };
    std::ranges::transform(positive_.matrix().row_span(begin + u), data.row(u), scaled);
    std::ranges::transform(model.row_span(u), negative.weight, model.row(u), std::multiplies<>());
    const auto of_model = model.row_span(u);
    const auto of_data = data.row_span(u);
    grad_bias_[begin + u] = std::accumulate(of_model.begin(), of_model.end(), 0.0F) +
                            std::accumulate(of_data.begin(), of_data.end(), 0.0F);
  }
  cpu::gemm(Transpose::no, data, Transpose::no, x, rows);
  cpu::gemm_add(Transpose::no, model, Transpose::no, negative.visible, rows);
  const auto decay = static_cast<float>(network_.divergence.weight_decay);
  for (std::int64_t u = 0; u < units; ++u) {
    const float* weight = network_.atoms().row(begin + u);
    for (std::int64_t d = 0; d < rows.cols; ++d) rows(u, d) += decay * weight[d];
    sink.take_row(weight_parameter(0), begin + u, rows.row_span(u));
  }
}

void RbmTrainingStep::send_visible_bias(ConstMatrixView<float> x, const NegativePhase& negative,
                                        RowSink<float>& sink) {
  const float share = 1.0F / static_cast<float>(samples_);
  parallel_for_tiles(context_, x.cols, kColumnTile, [&](std::int64_t begin, std::int64_t end) {
    float* sums = grad_visible_bias_.data();
    std::fill(sums + begin, sums + end, 0.0F);
    for (std::int64_t n = 0; n < negative.visible.rows; ++n) {
      const float weight = negative.weight[static_cast<std::size_t>(n)];
      for (std::int64_t d = begin; d < end; ++d) sums[d] += weight * negative.visible(n, d);
    }
    for (std::int64_t n = 0; n < x.rows; ++n) {
      for (std::int64_t d = begin; d < end; ++d) sums[d] -= share * x(n, d);
    }
  });
  sink.take_row(decoder_bias_parameter(network_), 0, grad_visible_bias_.span());
}

}  // namespace wta

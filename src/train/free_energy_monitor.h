#pragma once
#include "wta/context.h"
#include "wta/dataset.h"
#include "wta/network.h"
#include "wta/trainer.h"

namespace wta {

/// Watches an RBM for overfitting: the mean free energy of the first 1,000 training samples and of the first
/// 1,000 that it does not learn from. A growing gap between the two says that it learns its samples by heart.
/// Source: Hinton 2010, section 6.
class FreeEnergyMonitor {
 public:
  /// held_out may be null or empty.
  FreeEnergyMonitor(const Samples& training, const Samples* held_out);
  /// Sets free_energy and, where there are such samples, held_out_free_energy.
  void measure(const Context& context, const Autoencoder& network, EpochMetrics& metrics) const;

 private:
  Tensor<float> training_;
  Tensor<float> held_out_;
};

}  // namespace wta

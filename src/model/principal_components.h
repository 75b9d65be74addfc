#pragma once
#include "wta/context.h"
#include "wta/network.h"
#include "wta/preprocessing.h"

namespace wta {

/// How much of the samples' variance there is, and how much of it the components hold.
struct ComponentVariance {
  double all = 0;   ///< sum over inputs
  double kept = 0;  ///< sum over components
};

/// Sets the network's M units to the M directions of largest variance, largest first: weight = eigenvectors
/// of the covariance matrix (each with its largest entry positive), bias = -W mean, decoder bias = mean.
/// Codes are W (x - mean). `samples` [count, D], M <= D.
ComponentVariance find_principal_components(const Context& context, const SampleReader& samples,
                                            Autoencoder& network);

}  // namespace wta

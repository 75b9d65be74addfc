#include "model/activation.h"

#include <algorithm>
#include <cstddef>

#include "kernels/sigmoid.h"

namespace wta {

void activate(Activation activation, std::span<float> values) {
  switch (activation) {
    case Activation::relu:
      for (float& value : values) value = std::max(0.0F, value);
      return;
    case Activation::sigmoid:
      cpu::sigmoid(values);
      return;
    case Activation::identity:
      return;
  }
}

void through_activation(Activation activation, std::span<const float> h, std::span<float> gradient) {
  switch (activation) {
    case Activation::relu:
      for (std::size_t i = 0; i < h.size(); ++i) gradient[i] = h[i] > 0 ? gradient[i] : 0.0F;
      return;
    case Activation::sigmoid:
      for (std::size_t i = 0; i < h.size(); ++i) gradient[i] *= h[i] * (1 - h[i]);
      return;
    case Activation::identity:
      return;
  }
}

}  // namespace wta

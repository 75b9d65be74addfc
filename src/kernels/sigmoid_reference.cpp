#include <cmath>

#include "kernels/sigmoid.h"

namespace wta::reference {

template <class T>
void sigmoid(std::span<T> x) {
  for (T& value : x) value = T{1} / (T{1} + std::exp(-value));
}

template void sigmoid(std::span<float>);
template void sigmoid(std::span<double>);

}  // namespace wta::reference

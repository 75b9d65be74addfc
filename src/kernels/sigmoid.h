#pragma once
#include <span>

namespace wta {

/// The logistic function, in place.
/// Math: x[i] = 1 / (1 + exp(-x[i]))
/// in, out  x  finite; the result lies in [0, 1]; float results below exp(-87) are exp(-87)
/// Same bits for a value wherever it stands. Cost: one exponential per value. Single-threaded.
/// Error of the float version: relative 1e-6.
namespace reference {
template <class T>
void sigmoid(std::span<T> x);
}  // namespace reference

namespace cpu {
void sigmoid(std::span<float> x);
}  // namespace cpu

}  // namespace wta

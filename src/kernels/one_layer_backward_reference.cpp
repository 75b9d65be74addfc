#include "kernels/one_layer_backward.h"
#include "kernels/winner_gradient.h"

namespace wta::reference {

template <class T>
void one_layer_backward(const Winners<T>& winners, const OneLayerTerms<T>& terms, std::int64_t begin,
                        std::int64_t end, std::span<T> gradient, const WinnerWeightRows& rows,
                        RowSink<T>& sink, std::span<T> bias_gradient) {
  gradient_at_winners(winners, terms.atoms, terms.residual, terms.gradient_scale, begin, end, gradient);
  winner_weight_gradients<T>(winners, gradient, terms.input, terms.residual, terms.weight_scale, begin, end,
                             rows, sink, bias_gradient);
}

template void one_layer_backward(const Winners<float>&, const OneLayerTerms<float>&, std::int64_t,
                                 std::int64_t, std::span<float>, const WinnerWeightRows&, RowSink<float>&,
                                 std::span<float>);
template void one_layer_backward(const Winners<double>&, const OneLayerTerms<double>&, std::int64_t,
                                 std::int64_t, std::span<double>, const WinnerWeightRows&, RowSink<double>&,
                                 std::span<double>);

}  // namespace wta::reference

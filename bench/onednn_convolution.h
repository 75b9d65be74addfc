#pragma once
/// What our convolution is compared with.

#include <algorithm>
#include <cstdint>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <unordered_map>

#include "kernels/conv_filters.h"
#include "random_values.h"

namespace bench {

/// oneDNN's convolution with bias and rectifier on channels-last maps, filters in the order it likes.
class OnednnConvolution {
  using Memory = dnnl::memory;

 public:
  OnednnConvolution(const wta::cpu::ConvShape& shape, std::int64_t samples, dnnl::algorithm algorithm)
      : engine_(dnnl::engine::kind::cpu, 0), stream_(engine_) {
    const auto in = maps(samples, shape.in, shape);
    const auto out = maps(samples, shape.out, shape);
    const Memory::desc weights({shape.out, shape.in, shape.kernel, shape.kernel}, Memory::data_type::f32,
                               Memory::format_tag::any);
    const Memory::desc bias({shape.out}, Memory::data_type::f32, Memory::format_tag::x);
    dnnl::post_ops relu;
    relu.append_eltwise(1, dnnl::algorithm::eltwise_relu, 0, 0);
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(relu);
    const Memory::dims ones = {1, 1};
    const Memory::dims radius = {shape.kernel / 2, shape.kernel / 2};
    const dnnl::convolution_forward::primitive_desc primitive(
        {dnnl::prop_kind::forward_inference, algorithm, in, weights, bias, out, ones, radius, radius},
        attributes, engine_);
    implementation_ = primitive.impl_info_str();
    convolution_ = dnnl::convolution_forward(primitive);
    arguments_ = {{DNNL_ARG_SRC, filled(in)},
                  {DNNL_ARG_WEIGHTS, filled(primitive.weights_desc())},
                  {DNNL_ARG_BIAS, filled(bias)},
                  {DNNL_ARG_DST, filled(out)}};
  }

  /// Reads what the layer below writes, from now on.
  void read_from(const OnednnConvolution& below) {
    arguments_[DNNL_ARG_SRC] = below.arguments_.at(DNNL_ARG_DST);
  }
  void call() {
    convolution_.execute(stream_, arguments_);
    stream_.wait();
  }
  [[nodiscard]] const std::string& implementation() const { return implementation_; }

 private:
  static Memory::desc maps(std::int64_t samples, std::int64_t channels, const wta::cpu::ConvShape& shape) {
    return {{samples, channels, shape.height, shape.width}, Memory::data_type::f32, Memory::format_tag::nhwc};
  }

  [[nodiscard]] Memory filled(const Memory::desc& desc) const {
    Memory memory(desc, engine_);
    const auto size = static_cast<std::int64_t>(desc.get_size() / sizeof(float));
    const wta::Tensor<float> values = random_tensor({size}, -1, 3);
    std::ranges::copy(values.span(), static_cast<float*>(memory.get_data_handle()));
    return memory;
  }

  dnnl::engine engine_;
  dnnl::stream stream_;
  std::string implementation_;
  dnnl::convolution_forward convolution_;
  std::unordered_map<int, Memory> arguments_;
};

}  // namespace bench

#include "wta/architecture.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <optional>
#include <string_view>

#include "wta/error.h"

namespace wta {
namespace {

constexpr std::int64_t kMostUnits = 1'000'000'000;
constexpr std::int64_t kLargestKernel = 1001;
constexpr const char* kExamples = "2000fc, 1000fc-2000fc or 64conv5-64conv5-64deconv11";

// One part of the text, "128deconv11": number, kind, number.
struct Part {
  std::int64_t units = 0;
  std::string_view kind;
  std::int64_t kernel = 0;
  bool has_kernel = false;
};

class Parser {
 public:
  explicit Parser(const std::string& text) : text_(text) {}

  Architecture parse() {
    if (text_.empty()) refuse(text_, "the encoder has at least one layer", kExamples);
    std::string_view rest = text_;
    while (true) {
      const std::size_t dash = rest.find('-');
      take(rest.substr(0, dash));
      if (dash == std::string_view::npos) break;
      rest.remove_prefix(dash + 1);
    }
    if (result_.convolutional() && result_.decoder_kernel == 0) {
      refuse(text_, "a convolutional encoder ends in one deconvolution",
             fmt::format("{}-{}deconv11", text_, result_.encoder.back().units));
    }
    return std::move(result_);
  }

 private:
  [[noreturn]] void refuse(std::string_view part, std::string_view rule, std::string_view suggestion) const {
    throw InvalidArgument(fmt::format("arch: {}; got '{}' in '{}'. Try: {}.", rule, part, text_, suggestion));
  }

  static std::optional<std::int64_t> number(std::string_view& text) {
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    const auto length = static_cast<std::size_t>(end - text.data());
    text.remove_prefix(length);
    if (code == std::errc::result_out_of_range) return std::numeric_limits<std::int64_t>::max();
    if (code != std::errc{} || length == 0) return std::nullopt;
    return value;
  }

  Part split(std::string_view part) const {
    Part result;
    std::string_view rest = part;
    const auto units = number(rest);
    const std::size_t letters = rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz");
    result.kind = rest.substr(0, letters);
    if (!units || (result.kind != "fc" && result.kind != "conv" && result.kind != "deconv")) {
      refuse(part, "a layer is a number of units or maps followed by its kind", kExamples);
    }
    result.units = *units;
    rest.remove_prefix(result.kind.size());
    const auto kernel = number(rest);
    result.has_kernel = kernel.has_value();
    result.kernel = kernel.value_or(0);
    if (!rest.empty()) refuse(part, "a layer is a number of units or maps followed by its kind", kExamples);
    if (result.units < 1) refuse(part, "a layer has at least one unit", kExamples);
    if (result.units > kMostUnits) {
      refuse(part, fmt::format("a layer has at most {} units", kMostUnits), kExamples);
    }
    return result;
  }

  void take(std::string_view text) {
    const Part part = split(text);
    if (result_.decoder_kernel > 0) refuse(text, "the deconvolution is the last layer", kExamples);
    if (part.kind == "fc") return take_fc(text, part);
    require_kernel(text, part);
    if (part.kind == "conv") return take_conv(text, part);
    take_deconv(text, part);
  }

  void take_fc(std::string_view text, const Part& part) {
    if (part.has_kernel) refuse(text, "a fully connected layer has no filter size", "2000fc");
    if (!result_.encoder.empty() && result_.convolutional()) {
      refuse(text, "conv and fc layers do not mix in one encoder",
             "a second stage for the fc layer, trained on the codes of the first");
    }
    result_.encoder.push_back({.kind = LayerKind::fc, .units = part.units});
  }

  void take_conv(std::string_view text, const Part& part) {
    if (!result_.encoder.empty() && !result_.convolutional()) {
      refuse(text, "conv and fc layers do not mix in one encoder", "64conv5-64deconv11 or 2000fc");
    }
    result_.encoder.push_back({.kind = LayerKind::conv, .units = part.units, .kernel = part.kernel});
  }

  void take_deconv(std::string_view text, const Part& part) {
    if (result_.encoder.empty()) refuse(text, "a deconvolution decodes conv layers", kExamples);
    if (!result_.convolutional()) {
      refuse(text, "a fully connected encoder has a linear decoder of its own, which is implied",
             "leave the decoder out, as in 2000fc");
    }
    const std::int64_t maps = result_.encoder.back().units;
    if (part.units != maps) {
      refuse(text, fmt::format("the deconvolution has the {} maps of the last conv layer", maps),
             fmt::format("{}deconv{}", maps, part.kernel));
    }
    result_.decoder_kernel = part.kernel;
  }

  void require_kernel(std::string_view text, const Part& part) const {
    if (!part.has_kernel) {
      refuse(text, "a layer of filters states their size", fmt::format("{}{}5", part.units, part.kind));
    }
    if (part.kernel < 1 || part.kernel > kLargestKernel || part.kernel % 2 == 0) {
      refuse(text, fmt::format("a filter's side is an odd number from 1 to {}", kLargestKernel),
             fmt::format("{}{}{}", part.units, part.kind, part.kernel % 2 == 0 ? part.kernel + 1 : 5));
    }
  }

  const std::string& text_;
  Architecture result_;
};

}  // namespace

Architecture parse_architecture(const std::string& text) {
  return Parser(text).parse();
}

}  // namespace wta

#include <fmt/format.h>

#include <charconv>
#include <string_view>

#include "wta/error.h"
#include "wta/model.h"

namespace wta {
namespace {

constexpr std::int64_t kMostUnits = 1'000'000'000;

[[noreturn]] void refuse(const std::string& text, std::string_view part, std::string_view rule,
                         std::string_view suggestion) {
  throw InvalidArgument(fmt::format("arch: {}; got '{}' in '{}'. Try: {}.", rule, part, text, suggestion));
}

std::int64_t parse_layer(const std::string& text, std::string_view part) {
  std::int64_t units = 0;
  const auto [end, code] = std::from_chars(part.data(), part.data() + part.size(), units);
  const std::string_view kind = part.substr(static_cast<std::size_t>(end - part.data()));
  if (code == std::errc::result_out_of_range || units > kMostUnits) {
    refuse(text, part, fmt::format("a layer has at most {} units", kMostUnits), "2000fc");
  }
  if (kind.find("deconv") != std::string_view::npos) {
    refuse(text, part, "a fully connected encoder has a linear decoder of its own, which is implied",
           "leave the decoder out, as in 2000fc");
  }
  if (kind.starts_with("conv")) {
    refuse(text, part, "this version trains fully connected layers only", "2000fc");
  }
  if (code != std::errc{} || kind != "fc") {
    refuse(text, part, "a layer is a number of units followed by its kind", "2000fc or 1000fc-2000fc");
  }
  if (units < 1) refuse(text, part, "a layer has at least one unit", "2000fc");
  return units;
}

}  // namespace

std::vector<std::int64_t> parse_architecture(const std::string& text) {
  if (text.empty()) refuse(text, text, "the encoder has at least one layer", "2000fc");
  std::vector<std::int64_t> layers;
  std::string_view rest = text;
  while (true) {
    const std::size_t dash = rest.find('-');
    layers.push_back(parse_layer(text, rest.substr(0, dash)));
    if (dash == std::string_view::npos) return layers;
    rest.remove_prefix(dash + 1);
  }
}

}  // namespace wta

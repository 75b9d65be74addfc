#include "io/json_strict.h"

#include <fmt/format.h>

#include <set>
#include <vector>

#include "wta/error.h"

namespace wta {

nlohmann::json parse_json(std::string_view text, const std::string& where) {
  // The parser takes one for the end of the text, whatever is behind it.
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    throw DataError(fmt::format("{}: damaged JSON: a zero byte (byte {} of it).", where, zero));
  }
  constexpr int kDeepest = 64;
  std::vector<std::set<std::string>> keys;  // of the open objects
  const auto check = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    using Event = nlohmann::json::parse_event_t;
    if (depth > kDeepest) {
      throw DataError(fmt::format("{}: JSON may be nested at most {} levels deep.", where, kDeepest));
    }
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key && !keys.back().insert(value.get<std::string>()).second) {
      throw DataError(
          fmt::format("{}: a JSON key may stand once; got '{}' twice.", where, value.get<std::string>()));
    }
    return true;
  };
  try {
    return nlohmann::json::parse(text, check);
  } catch (const nlohmann::json::exception& error) {
    throw DataError(fmt::format("{}: damaged JSON: {}.", where, error.what()));
  }
}

}  // namespace wta

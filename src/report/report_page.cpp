#include "report/report_page.h"

#include <fmt/format.h>

#include <cstddef>
#include <map>

#include "io/base64.h"
#include "io/sha256.h"
#include "report/web_assets.h"
#include "wta/error.h"

namespace wta {
namespace {

// 'sha256-...' of the text of a script or style element.
std::string source_hash(std::string_view text) {
  Sha256 sum;
  sum.update(std::as_bytes(std::span(text)));
  const std::string hex = sum.hex();
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    bytes.push_back(static_cast<std::byte>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return fmt::format("'sha256-{}'", base64(bytes));
}

// A rule per sheet, so that a tile names its sheet by its class.
std::string sheet_rules(const std::vector<NamedSprites>& sheets) {
  std::string rules;
  for (const auto& [name, sprites] : sheets) {
    for (std::size_t i = 0; i < sprites.sheets.size(); ++i)
      rules += fmt::format(".sheet-{}-{}{{background-image:url(\"{}\")}}\n", name, i, sprites.sheets[i]);
  }
  return rules;
}

// Every {{NAME}} of the template once; what is filled in is not looked at again.
std::string filled(std::string_view text, const std::map<std::string, std::string, std::less<>>& parts) {
  std::string page;
  while (true) {
    const std::size_t begin = text.find("{{");
    page += text.substr(0, begin);
    if (begin == std::string_view::npos) return page;
    const std::size_t end = text.find("}}", begin);
    const auto part = parts.find(text.substr(begin + 2, end - begin - 2));
    if (end == std::string_view::npos || part == parts.end())
      throw InternalError("report: the template names an unknown part; please report it.");
    page += part->second;
    text.remove_prefix(end + 2);
  }
}

}  // namespace

std::string content_security_policy(std::string_view script, std::string_view style, bool live) {
  return fmt::format(
      "default-src 'none'; script-src {}; style-src {}; img-src data:; {}base-uri 'none'; form-action 'none'",
      source_hash(script), source_hash(style), live ? "connect-src 'self'; " : "");
}

std::string report_page(const ReportContent& content) {
  const ReportData data = report_data(content);
  const std::string style = std::string(report_style()) + sheet_rules(data.sheets);
  const std::string script(report_script());
  return filled(report_template(),
                {{"POLICY", content_security_policy(script, style, content.live.has_value())},
                 {"STYLE", style},
                 {"DATA", data.json},
                 {"SCRIPT", script}});
}

}  // namespace wta

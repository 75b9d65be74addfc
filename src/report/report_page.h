#pragma once
#include <string>
#include <string_view>

#include "report/report_data.h"

namespace wta {

/// The whole report as one HTML text that loads nothing. What comes from files and names is in its data
/// alone, which the script shows as text; a Content-Security-Policy lets no other script run.
[[nodiscard]] std::string report_page(const ReportContent& content);

/// The policy that the page carries; `live`: it may ask the server that it came from.
[[nodiscard]] std::string content_security_policy(std::string_view script, std::string_view style, bool live);

}  // namespace wta

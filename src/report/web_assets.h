#pragma once
/// The files of src/report/web, built into the program (made by CMake).

#include <string_view>

namespace wta {

[[nodiscard]] std::string_view report_template();
[[nodiscard]] std::string_view report_style();
/// charts.js, then report.js.
[[nodiscard]] std::string_view report_script();

}  // namespace wta

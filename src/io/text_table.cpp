#include "io/text_table.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <string_view>
#include <vector>

#include "io/compressed.h"
#include "wta/error.h"

namespace wta {
namespace {

constexpr std::size_t kMostTableBytes = std::size_t{1} << 30;
constexpr std::string_view kBlanks = " \t\r";

// What is known of the table while its lines are read.
struct Table {
  std::string where;
  std::int64_t lines = 0;
  std::vector<float> values;

  [[noreturn]] void fail(const std::string& problem) const {
    throw DataError(
        fmt::format("{}: line {}: {}. Try: another copy of the file.", where, lines + 1, problem));
  }
};

void add_number(Table& table, std::string_view word) {
  float value = 0;
  const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (code != std::errc{} || end != word.data() + word.size() || !std::isfinite(value))
    table.fail(fmt::format("a finite number must stand here; got '{}'", word.substr(0, 80)));
  table.values.push_back(value);
}

void add_line(Table& table, std::string_view line) {
  const std::size_t before = table.values.size();
  while (true) {
    const std::size_t first = line.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) break;
    line.remove_prefix(first);
    const std::size_t length = std::min(line.size(), line.find_first_of(kBlanks));
    add_number(table, line.substr(0, length));
    line.remove_prefix(length);
  }
  const std::size_t count = table.values.size() - before;
  const std::size_t expected = table.lines == 0 ? count : before / static_cast<std::size_t>(table.lines);
  if (count == 0 || count != expected)
    table.fail(fmt::format("lines must hold equally many numbers, at least one; got {}, expected {}", count,
                           expected));
  ++table.lines;
}

}  // namespace

Tensor<float> read_text_table(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = read_unpacked(path, kMostTableBytes);
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  Table table{.where = path.string(), .lines = 0, .values = {}};
  while (!text.empty()) {
    const std::size_t length = std::min(text.size(), text.find('\n'));
    add_line(table, text.substr(0, length));
    text.remove_prefix(std::min(text.size(), length + 1));
  }
  if (table.lines == 0) table.fail("the file must hold numbers; it is empty");
  return Tensor<float>({table.lines, static_cast<std::int64_t>(table.values.size()) / table.lines},
                       table.values);
}

}  // namespace wta

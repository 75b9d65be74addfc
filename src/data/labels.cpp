#include "data/labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <optional>

#include "io/descriptor.h"
#include "io/idx.h"
#include "io/npy.h"
#include "wta/error.h"

namespace wta {
namespace {

constexpr std::size_t kMaxLineBytes = 4096;

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// A field without its quotes: "a ""b""" is a "b".
std::string unquoted(std::string_view field) {
  field = trimmed(field);
  if (field.size() < 2 || field.front() != '"' || field.back() != '"') return std::string(field);
  std::string text;
  for (std::size_t i = 1; i + 1 < field.size(); ++i) {
    text += field[i];
    if (field[i] == '"' && field[i + 1] == '"' && i + 2 < field.size()) ++i;
  }
  return text;
}

// Reads the lines of one label file into a column.
class LabelFileReader {
 public:
  explicit LabelFileReader(const std::filesystem::path& path) : path_(path) {}

  LabelFile read() {
    std::ifstream file(path_);
    if (!file) fail_reading();
    std::string line;
    while (std::getline(file, line)) {
      ++line_;
      if (line.size() > kMaxLineBytes) refuse("a line must be at most 4096 bytes", "a longer one");
      add_line(trimmed(line));
    }
    if (file.bad()) fail_reading();
    if (labels_.empty()) refuse("there must be at least one label", "none");
    require_once();
    return {.labels = to_column(), .samples = std::move(indices_)};
  }

 private:
  [[noreturn]] void fail_reading() const {
    const std::string reason = system_reason();
    throw IoError(fmt::format("{}: the label file cannot be read: {}. Try: check --label-file.",
                              path_.string(), reason));
  }

  void add_line(std::string_view line) {
    if (line.empty()) {
      if (blank_line_ == 0) blank_line_ = line_;
      return;
    }
    if (blank_line_ != 0) refuse("lines must not be blank", fmt::format("a blank line {}", blank_line_));
    const bool quoted = line.front() == '"';
    const std::size_t comma = quoted ? std::string_view::npos : line.find(',');
    const bool has_index = comma != std::string_view::npos;
    if (line_ == 1 && (line == "label" || line == "index,label")) return;
    if (labels_.empty()) indexed_ = has_index;
    if (has_index != indexed_) refuse("all lines must be 'label' or all 'index,label'", quote(line));
    std::string_view field = line;
    if (has_index) {
      add_index(line.substr(0, comma));
      field.remove_prefix(comma + 1);
    }
    std::string label = unquoted(field);
    if (label.empty()) refuse("a label must not be empty", quote(line));
    labels_.push_back(std::move(label));
  }

  void add_index(std::string_view text) {
    const auto index = parse_integer(trimmed(text));
    if (!index || *index < 0) refuse("an index must be an integer, 0 or more", quote(text));
    indices_.push_back(*index);
  }

  void require_once() const {
    std::vector<std::int64_t> sorted = indices_;
    std::sort(sorted.begin(), sorted.end());
    const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
    if (twice == sorted.end()) return;
    throw DataError(
        fmt::format("{}: a sample may be labelled once; got index {} twice.", path_.string(), *twice));
  }

  LabelColumn to_column() {
    std::vector<std::int64_t> numbers;
    for (const std::string& label : labels_) {
      const auto number = parse_integer(label);
      if (!number) return std::move(labels_);
      numbers.push_back(*number);
    }
    return numbers;
  }

  static std::string quote(std::string_view text) { return fmt::format("'{}'", text.substr(0, 80)); }

  [[noreturn]] void refuse(std::string_view rule, std::string_view got) const {
    throw DataError(fmt::format("{}: line {}: {}; got {}.", path_.string(), line_, rule, got));
  }

  std::filesystem::path path_;
  std::int64_t line_ = 0;
  std::int64_t blank_line_ = 0;
  bool indexed_ = false;
  std::vector<std::string> labels_;
  std::vector<std::int64_t> indices_;
};

template <class T>
std::int64_t integer_of(T value, std::int64_t position, std::string_view where) {
  bool whole = true;
  if constexpr (std::is_floating_point_v<T>) {
    whole = std::abs(value) < T{0x1p53} && value == std::floor(value);
  } else if constexpr (std::is_same_v<T, std::uint64_t>) {
    whole = value <= static_cast<std::uint64_t>(INT64_MAX);
  }
  if (!whole)
    throw DataError(
        fmt::format("{}: a label must be an integer; got {} for sample {}.", where, value, position));
  return static_cast<std::int64_t>(value);
}

struct ToLabels {
  std::string_view where;
  template <class T>
  LabelColumn operator()(const Tensor<T>& values) const {
    std::vector<std::int64_t> labels;
    labels.reserve(static_cast<std::size_t>(values.size()));
    for (std::int64_t i = 0; i < values.size(); ++i) labels.push_back(integer_of(values[i], i, where));
    return labels;
  }
};

template <class Label>
std::vector<std::string> number_column_classes(const std::vector<const LabelColumn*>& columns,
                                               std::vector<std::vector<std::int32_t>>& numbers) {
  std::vector<Label> classes;
  for (const LabelColumn* column : columns) {
    const auto& labels = std::get<std::vector<Label>>(*column);
    classes.insert(classes.end(), labels.begin(), labels.end());
  }
  std::sort(classes.begin(), classes.end());
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  numbers.clear();
  for (const LabelColumn* column : columns) {
    std::vector<std::int32_t>& own = numbers.emplace_back();
    for (const Label& label : std::get<std::vector<Label>>(*column))
      own.push_back(static_cast<std::int32_t>(std::lower_bound(classes.begin(), classes.end(), label) -
                                              classes.begin()));
  }
  std::vector<std::string> names;
  names.reserve(classes.size());
  for (const Label& label : classes) names.push_back(fmt::format("{}", label));
  return names;
}

}  // namespace

std::int64_t label_count(const LabelColumn& labels) {
  return std::visit([](const auto& column) { return static_cast<std::int64_t>(column.size()); }, labels);
}

LabelColumn labels_of_tensor(const AnyTensor& tensor, std::string_view where) {
  const Shape& shape = shape_of(tensor);
  const bool column = shape.size() == 1 || (shape.size() == 2 && shape[1] == 1);
  if (!column)
    throw DataError(fmt::format("{}: labels must have shape [N]; got {} {}.", where, type_name(tensor),
                                to_string(shape)));
  return std::visit(ToLabels{where}, tensor);
}

LabelFile read_label_file(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  if (name.ends_with(".npy"))
    return {.labels = labels_of_tensor(read_npy(path), path.string()), .samples = {}};
  if (name.find("idx1") != std::string::npos) {
    return {.labels = labels_of_tensor(read_idx(path), path.string()), .samples = {}};
  }
  return LabelFileReader(path).read();
}

std::vector<std::string> number_classes(const std::vector<const LabelColumn*>& columns,
                                        std::vector<std::vector<std::int32_t>>& numbers) {
  const bool text = std::holds_alternative<std::vector<std::string>>(*columns.front());
  for (const LabelColumn* column : columns) {
    if (std::holds_alternative<std::vector<std::string>>(*column) != text)
      throw DataError(
          "labels: training and test labels must both be numbers or both be names; got one of each.");
  }
  return text ? number_column_classes<std::string>(columns, numbers)
              : number_column_classes<std::int64_t>(columns, numbers);
}

}  // namespace wta

#include "wta/options.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <string>

#include "core/nearest.h"
#include "wta/error.h"

namespace wta {
namespace {

[[noreturn]] void refuse(const OptionInfo& info, std::string_view rule, std::string_view value) {
  throw InvalidArgument(fmt::format("{}: must be {}{}{}; got '{}'.", info.name, rule,
                                    info.range.empty() ? "" : " ", info.range, value));
}

template <class Number>
Number parse_number(const OptionInfo& info, std::string_view rule, std::string_view text) {
  Number number{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc{} || end != text.data() + text.size()) refuse(info, rule, text);
  const auto as_double = static_cast<double>(number);
  if (!std::isfinite(as_double) || as_double < info.minimum || as_double > info.maximum)
    refuse(info, rule, text);
  return number;
}

// Collects every option as text.
class Describer final : public OptionVisitor {
 public:
  std::vector<OptionText> result;
  void visit(const OptionInfo& info, std::int64_t& value) override {
    add(info, "integer", fmt::format("{}", value));
  }
  void visit(const OptionInfo& info, double& value) override {
    add(info, "number", fmt::format("{}", value));
  }
  void visit(const OptionInfo& info, bool& value) override { add(info, "switch", value ? "true" : "false"); }
  void visit(const OptionInfo& info, std::string& value) override { add(info, "text", value); }
  void visit(const OptionInfo& info, Rate& value) override { add(info, "rate", to_string(value)); }

 private:
  void add(const OptionInfo& info, std::string_view type, std::string value) {
    result.push_back({info, std::string(type), std::move(value)});
  }
};

// Sets the one option whose name matches.
class Setter final : public OptionVisitor {
 public:
  Setter(std::string_view name, std::string_view value) : name_(name), value_(value) {}
  void visit(const OptionInfo& info, std::int64_t& value) override {
    if (matches(info)) value = parse_number<std::int64_t>(info, "an integer", value_);
  }
  void visit(const OptionInfo& info, double& value) override {
    if (matches(info)) value = parse_number<double>(info, "a finite number", value_);
  }
  void visit(const OptionInfo& info, bool& value) override {
    if (!matches(info)) return;
    if (value_ != "true" && value_ != "false") refuse(info, "true or false", value_);
    value = value_ == "true";
  }
  void visit(const OptionInfo& info, std::string& value) override {
    if (!matches(info)) return;
    bool allowed = info.choices.empty();
    for (const std::string_view choice : info.choices) allowed |= choice == value_;
    if (!allowed) refuse(info, "one of", value_);
    value = value_;
  }
  void visit(const OptionInfo& info, Rate& value) override {
    if (matches(info)) value = parse_rate(info.name, value_);
  }

  void require_found() const {
    if (found_) return;
    throw InvalidArgument(
        fmt::format("options: unknown option '{}'. Try: '{}'.", name_, nearest(name_, known_)));
  }

 private:
  bool matches(const OptionInfo& info) {
    known_.emplace_back(info.name);
    found_ |= info.name == name_;
    return info.name == name_;
  }
  std::string_view name_;
  std::string_view value_;
  std::vector<std::string> known_;
  bool found_ = false;
};

// What to write instead of a text that is no rate: a bare 5 means 5%.
std::string better_rate(std::string_view digits, bool bare_percentage) {
  if (bare_percentage) return fmt::format("'{}%'", digits);
  return "'5%', '0.05' or 'off'";
}

}  // namespace

Rate parse_rate(std::string_view option, std::string_view text) {
  if (text == "off") return {.fraction = 1.0, .off = true};
  if (text == "auto") return {.automatic = true};
  const bool percent = text.ends_with('%');
  const std::string_view digits = percent ? text.substr(0, text.size() - 1) : text;
  double number = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool parsed = code == std::errc{} && end == digits.data() + digits.size() && std::isfinite(number);
  const double fraction = percent ? number / 100 : number;
  if (!parsed || fraction <= 0 || fraction > 1) {
    const bool bare = parsed && !percent && number > 1 && number <= 100;
    throw InvalidArgument(fmt::format("{}: a rate must lie above 0% and at most at 100%; got '{}'. Try: {}.",
                                      option, text, better_rate(digits, bare)));
  }
  return {.fraction = fraction, .off = false};
}

std::string to_string(const Rate& rate) {
  if (rate.off) return "off";
  if (rate.automatic) return "auto";
  // The percentage when it reads back as the same number, else the fraction itself.
  const std::string percent = fmt::format("{}%", rate.fraction * 100);
  return parse_rate("rate", percent).fraction == rate.fraction ? percent : fmt::format("{}", rate.fraction);
}

std::string toml_value(const OptionText& option) {
  if (option.type != "text" && option.type != "rate") return option.value;
  std::string quoted = "\"";
  for (const char c : option.value) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (code < 0x20 || code == 0x7f) {
      quoted += fmt::format("\\u{:04x}", code);
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

namespace detail {

std::vector<OptionText> describe(void* options, VisitFunction visit) {
  Describer describer;
  visit(options, describer);
  return std::move(describer.result);
}

void set_option(void* options, VisitFunction visit, std::string_view name, std::string_view value) {
  std::string canonical(name);
  for (char& c : canonical) c = c == '-' ? '_' : c;
  Setter setter(canonical, value);
  visit(options, setter);
  setter.require_found();
}

}  // namespace detail
}  // namespace wta

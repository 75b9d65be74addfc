#pragma once
/// Options are declared once. A struct of options has one function
///
///   void visit_options(OptionVisitor& visitor) { visitor.visit(EPOCHS_INFO, epochs); ... }
///
/// and everything else (command line, recipe, saved configuration, help, documentation) is a visitor.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace wta {

/// `result` options decide the numbers and are stored in the model; `run` options do not.
enum class Effect { result, run };

/// What there is to know of one option, beside its current value.
struct OptionInfo {
  std::string_view name = {};    ///< as in config.toml and `--set`; `_` becomes `-` in a flag
  std::string_view help = {};    ///< one sentence
  std::string_view unit = {};    ///< e.g. "epochs", "fraction 0..1"; may be empty
  std::string_view range = {};   ///< e.g. ">= 1", "sgd|adam"; shown in help and messages
  std::string_view source = {};  ///< where the default comes from; may be empty
  Effect effect = Effect::result;
  double minimum = -1e300;  ///< inclusive bounds of a number
  double maximum = 1e300;
  std::vector<std::string_view> choices = {};  ///< of a text; empty: any text
};

/// A sparsity rate: the fraction that survives, in (0, 1]; `off` means no competition; `automatic` leaves the
/// choice to what it belongs to.
/// Text form: "5%", "0.05", "off" or "auto"; a bare number above 1 is refused ("5" suggests "5%").
struct Rate {
  double fraction = 0.05;
  bool off = false;
  bool automatic = false;
};

/// Throws InvalidArgument that names `option` when the text is not a rate.
[[nodiscard]] Rate parse_rate(std::string_view option, std::string_view text);
/// "5%", "off" or "auto"; parse_rate gives the same value back.
[[nodiscard]] std::string to_string(const Rate& rate);

/// Sees every option of a struct in the order of declaration; may change the value.
class OptionVisitor {
 public:
  virtual ~OptionVisitor() = default;
  virtual void visit(const OptionInfo& info, std::int64_t& value) = 0;
  virtual void visit(const OptionInfo& info, double& value) = 0;
  virtual void visit(const OptionInfo& info, bool& value) = 0;
  virtual void visit(const OptionInfo& info, std::string& value) = 0;
  virtual void visit(const OptionInfo& info, Rate& value) = 0;
};

/// One option as text.
struct OptionText {
  OptionInfo info;
  std::string type;   ///< "integer", "number", "switch", "text" or "rate"
  std::string value;  ///< plain text that set_option reads back: true, 0.05, adam
};

/// The value as TOML shows it: text and rates in quotes.
[[nodiscard]] std::string toml_value(const OptionText& option);

/// All options of `options` with their current values.
template <class Options>
[[nodiscard]] std::vector<OptionText> describe(Options options);

/// name -> plain value of the options with that effect.
template <class Options>
[[nodiscard]] std::map<std::string, std::string> values_of(const Options& options, Effect effect) {
  std::map<std::string, std::string> values;
  for (const OptionText& option : describe(options)) {
    if (option.info.effect == effect) values[std::string(option.info.name)] = option.value;
  }
  return values;
}

/// Sets the option `name` from text, checked against its range. Throws InvalidArgument; an unknown
/// name is answered with the nearest one.
template <class Options>
void set_option(Options& options, std::string_view name, std::string_view value);

namespace detail {
using VisitFunction = void (*)(void* options, OptionVisitor& visitor);
[[nodiscard]] std::vector<OptionText> describe(void* options, VisitFunction visit);
void set_option(void* options, VisitFunction visit, std::string_view name, std::string_view value);
template <class Options>
void visit(void* options, OptionVisitor& visitor) {
  static_cast<Options*>(options)->visit_options(visitor);
}
}  // namespace detail

template <class Options>
std::vector<OptionText> describe(Options options) {
  return detail::describe(&options, &detail::visit<Options>);
}

template <class Options>
void set_option(Options& options, std::string_view name, std::string_view value) {
  detail::set_option(&options, &detail::visit<Options>, name, value);
}

}  // namespace wta

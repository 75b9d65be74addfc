#include <nanobind/nanobind.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "app/fit.h"
#include "arrays.h"
#include "bindings.h"
#include "hooks.h"

namespace wta::python {
namespace {

FitOptions fit_options(const OptionValues& common, const std::vector<OptionValues>& stages,
                       std::int64_t threads) {
  FitOptions options{.stages = stages, .threads = threads};
  for (const auto& [name, value] : common) set_option(options.common, name, value);
  return options;
}

Model fit_array(const AnyArray& array, const OptionValues& common, const std::vector<OptionValues>& stages,
                std::int64_t threads, nb::object on_step, nb::object on_epoch, nb::object on_warning) {
  const Samples samples = samples_of(array);
  const FitOptions options = fit_options(common, stages, threads);
  const Watchers watchers{std::move(on_step), std::move(on_epoch), std::move(on_warning)};
  const nb::gil_scoped_release no_gil;
  return fit(options, samples, hooks_of(watchers)).model;
}

std::vector<std::vector<std::byte>> bytes_of(const std::vector<nb::bytes>& parts) {
  std::vector<std::vector<std::byte>> result;
  for (const nb::bytes& part : parts) {
    const auto* begin = static_cast<const std::byte*>(part.data());
    result.emplace_back(begin, begin + part.size());
  }
  return result;
}

nb::list option_table() {
  nb::list table;
  for (const OptionText& option : describe(StageOptions{})) {
    nb::dict row;
    row["name"] = std::string(option.info.name);
    row["type"] = option.type;
    row["default"] = option.value;
    row["help"] = std::string(option.info.help);
    row["unit"] = std::string(option.info.unit);
    row["range"] = std::string(option.info.range);
    row["decides_result"] = option.info.effect == Effect::result;
    table.append(row);
  }
  return table;
}

void learn(PartialFit& trainer, const AnyArray& array, nb::object on_step, nb::object on_epoch,
           nb::object on_warning) {
  const Samples samples = samples_of(array);
  const Watchers watchers{std::move(on_step), std::move(on_epoch), std::move(on_warning)};
  const nb::gil_scoped_release no_gil;
  trainer.learn(samples, hooks_of(watchers));
}

nb::list to_bytes(const PartialFit& trainer) {
  nb::list stages;
  for (const std::vector<std::byte>& stage : trainer.to_bytes()) {
    stages.append(nb::bytes(stage.data(), stage.size()));
  }
  return stages;
}

}  // namespace

void bind_training(nb::module_& module) {
  module.def("option_table", &option_table, "Every option of a stage, in the order of declaration.");
  module.def("fit", &fit_array, nb::arg("samples"), nb::arg("options"), nb::arg("stages"), nb::arg("threads"),
             nb::arg("on_step").none(), nb::arg("on_epoch").none(), nb::arg("on_warning").none(),
             "Trains a model on samples [N, ...], float32 or uint8, without a copy of them.");
  nb::class_<PartialFit>(module, "PartialFit")
      .def(
          "__init__",
          [](PartialFit* self, const OptionValues& common, const std::vector<OptionValues>& stages,
             std::int64_t threads) { new (self) PartialFit(fit_options(common, stages, threads)); },
          nb::arg("options"), nb::arg("stages"), nb::arg("threads"))
      .def_static(
          "from_bytes",
          [](const OptionValues& common, const std::vector<OptionValues>& stages, std::int64_t threads,
             const std::vector<nb::bytes>& parts) {
            return PartialFit(fit_options(common, stages, threads), bytes_of(parts));
          },
          nb::arg("options"), nb::arg("stages"), nb::arg("threads"), nb::arg("parts"))
      .def_static(
          "continue_from",
          [](const OptionValues& common, const std::vector<OptionValues>& stages, std::int64_t threads,
             const Model& model) { return PartialFit(fit_options(common, stages, threads), model); },
          nb::arg("options"), nb::arg("stages"), nb::arg("threads"), nb::arg("model"))
      .def("learn", &learn, nb::arg("samples"), nb::arg("on_step").none(), nb::arg("on_epoch").none(),
           nb::arg("on_warning").none())
      .def("model", &PartialFit::model)
      .def("to_bytes", &to_bytes);
}

}  // namespace wta::python

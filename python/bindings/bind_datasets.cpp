#include <nanobind/nanobind.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <map>

#include "arrays.h"
#include "bindings.h"
#include "wta/dataset.h"

namespace wta::python {
namespace {

nb::object values_of(const Samples& samples) {
  return std::visit([](const auto& values) -> nb::object { return nb::cast(to_numpy(values)); },
                    samples.values());
}

nb::object labels_of(const Split& split) {
  if (split.labels.empty()) return nb::none();
  const auto count = static_cast<std::int64_t>(split.labels.size());
  return nb::cast(to_numpy(Tensor<std::int32_t>({count}, split.labels)));
}

nb::dict load(const std::map<std::string, std::string>& options, std::uint64_t seed, std::int64_t threads) {
  DataOptions data;
  for (const auto& [name, value] : options) set_option(data, name, value);
  Dataset dataset;
  {
    const nb::gil_scoped_release no_gil;
    dataset = load_dataset(data, {.threads = static_cast<int>(threads), .seed = seed});
  }
  nb::dict result;
  result["name"] = dataset.name;
  result["x_train"] = values_of(dataset.train.samples);
  result["y_train"] = labels_of(dataset.train);
  const bool held_out = dataset.test.samples.count() > 0;
  result["x_test"] = held_out ? values_of(dataset.test.samples) : nb::none();
  result["y_test"] = held_out ? labels_of(dataset.test) : nb::none();
  result["class_names"] = dataset.class_names;
  return result;
}

nb::list known() {
  nb::list names;
  for (const DatasetInfo& info : known_datasets()) {
    nb::dict row;
    row["name"] = info.name;
    row["description"] = info.description;
    row["available"] = info.available;
    row["how_to_get"] = info.how_to_get;
    names.append(row);
  }
  return names;
}

}  // namespace

void bind_datasets(nb::module_& module) {
  module.def("load_dataset", &load, nb::arg("options"), nb::arg("seed"), nb::arg("threads"));
  module.def("known_datasets", &known);
}

}  // namespace wta::python

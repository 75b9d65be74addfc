#pragma once
#include <nanobind/nanobind.h>

namespace wta::python {

void bind_model(nanobind::module_& module);
void bind_training(nanobind::module_& module);
void bind_datasets(nanobind::module_& module);

}  // namespace wta::python

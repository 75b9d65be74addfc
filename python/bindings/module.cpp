#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include "bindings.h"
#include "wta/context.h"
#include "wta/error.h"

namespace nb = nanobind;

namespace {

// The last one that is registered is asked first: the most special comes last.
void bind_errors(nb::module_& module) {
  nb::exception<wta::Error>(module, "Error", PyExc_RuntimeError);
  nb::exception<wta::InvalidArgument>(module, "InvalidArgument", PyExc_ValueError);
  nb::exception<wta::DataError>(module, "DataError", PyExc_ValueError);
  nb::exception<wta::IoError>(module, "IoError", PyExc_OSError);
  nb::exception<wta::MemoryError>(module, "OutOfMemory", PyExc_MemoryError);
  nb::exception<wta::DivergedError>(module, "DivergedError", PyExc_ArithmeticError);
}

}  // namespace

NB_MODULE(_core, module) {
  module.attr("__version__") = WTA_VERSION;
  module.def("available_threads", &wta::available_threads);
  bind_errors(module);
  wta::python::bind_model(module);
  wta::python::bind_training(module);
  wta::python::bind_datasets(module);
}

#include <nanobind/nanobind.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "app/exchange.h"
#include "app/stages.h"
#include "arrays.h"
#include "bindings.h"
#include "wta/error.h"
#include "wta/model.h"
#include "wta/report.h"

namespace wta::python {
namespace {

Context context_of(std::int64_t threads) {
  return {.threads = resolve_threads(threads)};
}

NumpyArray encode_rows(const Model& model, const Rows& rows, const std::string& stages,
                       std::int64_t threads) {
  const StageChoice choice = parse_stage_choice(stages);
  const ConstMatrixView<float> x = matrix_of(rows);
  Tensor<float> codes({x.rows, code_size(model, choice)});
  {
    const nb::gil_scoped_release no_gil;
    encode(context_of(threads), model, x, codes.matrix(), choice);
  }
  return to_numpy(std::move(codes));
}

NumpyArray decode_rows(const Model& model, const Rows& rows, std::int64_t threads) {
  const ConstMatrixView<float> codes = matrix_of(rows);
  Tensor<float> out({codes.rows, model.stages.front().network.inputs()});
  {
    const nb::gil_scoped_release no_gil;
    decode(context_of(threads), model, codes, out.matrix());
  }
  return to_numpy(std::move(out));
}

// What the first layer reads, or its reconstruction.
template <class Function>
NumpyArray map_rows(const Model& model, const Rows& rows, std::int64_t threads, const Function& function) {
  const ConstMatrixView<float> x = matrix_of(rows);
  Tensor<float> out({x.rows, x.cols});
  {
    const nb::gil_scoped_release no_gil;
    function(context_of(threads), model, x, out.matrix());
  }
  return to_numpy(std::move(out));
}

NumpyArray atoms_of(const Model& model, std::int64_t stage) {
  AtomPictures pictures = project_atoms(model, stage);
  const std::int64_t units = pictures.atoms.row_count();
  const TileShape& tile = pictures.tile;
  return to_numpy(std::move(pictures.atoms).reshaped({units, tile.height, tile.width, tile.channels}));
}

const Stage& stage_of(const Model& model, std::int64_t stage) {
  if (stage >= 0 && stage < static_cast<std::int64_t>(model.stages.size())) {
    return model.stages[static_cast<std::size_t>(stage)];
  }
  throw InvalidArgument("stage: the model has no such stage. Try: 0.");
}

nb::dict summary_of(const Model& model, std::int64_t stage) {
  const TrainingSummary& summary = stage_of(model, stage).summary;
  nb::dict dict;
  dict["epochs"] = summary.epochs;
  dict["steps"] = summary.steps;
  dict["dead_units"] = summary.dead_units;
  dict["loss"] = summary.loss;
  dict["explained_variance"] = summary.explained_variance;
  dict["active_fraction"] = summary.active_fraction;
  return dict;
}

nb::bytes to_bytes(const Model& model) {
  const std::vector<std::byte> bytes = model_to_bytes(model);
  return nb::bytes(bytes.data(), bytes.size());
}

Model from_bytes(const nb::bytes& bytes) {
  const auto* begin = static_cast<const std::byte*>(bytes.data());
  return model_from_bytes({begin, bytes.size()}, "model bytes");
}

std::string export_to(const Model& model, const std::filesystem::path& path, const std::string& format,
                      const std::string& stages, const std::string& licence) {
  const ExportVerb verb{.run = path, .out = path, .format = format, .stages = stages, .licence = licence};
  return export_model(model, verb).note;
}

}  // namespace

void bind_model(nb::module_& module) {
  nb::class_<Model>(module, "Model", "A trained model: its stages, and what they can do.")
      .def_static("load", &load_model, nb::arg("path"))
      .def(
          "save", [](const Model& model, const std::filesystem::path& path) { save_model(path, model); },
          nb::arg("path"))
      .def_static("from_bytes", &from_bytes, nb::arg("data"))
      .def("to_bytes", &to_bytes)
      .def("export", &export_to, nb::arg("path"), nb::arg("format"), nb::arg("stages"), nb::arg("licence"))
      .def_static("import_from", &import_model, nb::arg("path"), nb::arg("format"))
      .def("__getstate__", &to_bytes)
      .def("__setstate__", [](Model& self, const nb::bytes& bytes) { new (&self) Model(from_bytes(bytes)); })
      .def("encode", &encode_rows, nb::arg("rows"), nb::arg("stages"), nb::arg("threads"))
      .def("decode", &decode_rows, nb::arg("codes"), nb::arg("threads"))
      .def(
          "prepare",
          [](const Model& model, const Rows& rows, std::int64_t threads) {
            return map_rows(model, rows, threads, &prepare);
          },
          nb::arg("rows"), nb::arg("threads"))
      .def(
          "reconstruct",
          [](const Model& model, const Rows& rows, std::int64_t threads) {
            return map_rows(model, rows, threads, &reconstruct);
          },
          nb::arg("rows"), nb::arg("threads"))
      .def("atoms", &atoms_of, nb::arg("stage"))
      .def(
          "units_by_usage",
          [](const Model& model, std::int64_t stage) { return units_by_usage(stage_of(model, stage)); },
          nb::arg("stage"))
      .def(
          "options", [](const Model& model, std::int64_t stage) { return stage_of(model, stage).options; },
          nb::arg("stage"))
      .def("summary", &summary_of, nb::arg("stage"))
      .def(
          "code_size",
          [](const Model& model, const std::string& stages) {
            return code_size(model, parse_stage_choice(stages));
          },
          nb::arg("stages"))
      .def_prop_ro("stages", [](const Model& model) { return model.stages.size(); })
      .def_prop_ro("sample_shape", [](const Model& model) { return model.stages.front().sample_shape; })
      .def_prop_ro("class_names", [](const Model& model) { return model.class_names; });
}

}  // namespace wta::python

#include "hooks.h"

#include <nanobind/stl/string.h>

#include <memory>

namespace wta::python {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kInterval{100};

nb::dict to_dict(const TrainProgress& progress) {
  nb::dict dict;
  dict["epoch"] = progress.epoch;
  dict["epochs"] = progress.epochs;
  dict["step"] = progress.step;
  dict["steps"] = progress.steps;
  dict["loss"] = progress.loss;
  dict["samples_per_second"] = progress.samples_per_second;
  dict["remaining_seconds"] = progress.remaining_seconds;
  return dict;
}

nb::dict to_dict(const EpochMetrics& metrics) {
  nb::dict dict;
  dict["stage"] = metrics.stage;
  dict["epoch"] = metrics.epoch;
  dict["step"] = metrics.step;
  dict["learning_rate"] = metrics.learning_rate;
  dict["loss"] = metrics.loss;
  dict["explained_variance"] = metrics.explained_variance;
  dict["active_fraction"] = metrics.active_fraction;
  dict["dead_units"] = metrics.dead_units;
  dict["samples_per_second"] = metrics.samples_per_second;
  if (metrics.free_energy) dict["free_energy"] = *metrics.free_energy;
  return dict;
}

// Ctrl-C is noticed, and progress shown, without slowing down short steps.
void on_step(const Watchers& watchers, Clock::time_point& last, const TrainProgress& progress) {
  const Clock::time_point now = Clock::now();
  if (now - last < kInterval && progress.step < progress.steps) return;
  last = now;
  const nb::gil_scoped_acquire gil;
  if (PyErr_CheckSignals() != 0) throw nb::python_error();
  if (!watchers.on_step.is_none()) watchers.on_step(to_dict(progress));
}

}  // namespace

TrainHooks hooks_of(const Watchers& watchers) {
  TrainHooks hooks;
  hooks.on_step = [&watchers, last = std::make_shared<Clock::time_point>()](const TrainProgress& progress) {
    on_step(watchers, *last, progress);
  };
  if (!watchers.on_epoch.is_none()) {
    hooks.on_epoch = [&watchers](const EpochMetrics& metrics) {
      const nb::gil_scoped_acquire gil;
      watchers.on_epoch(to_dict(metrics));
    };
  }
  if (!watchers.on_warning.is_none()) {
    hooks.on_warning = [&watchers](const std::string& message) {
      const nb::gil_scoped_acquire gil;
      watchers.on_warning(message);
    };
  }
  return hooks;
}

}  // namespace wta::python

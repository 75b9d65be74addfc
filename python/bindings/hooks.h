#pragma once
/// Python functions that watch a training.

#include <nanobind/nanobind.h>

#include <chrono>

#include "wta/trainer.h"

namespace wta::python {

namespace nb = nanobind;

/// Functions to call, or None: on_step(dict), at most ten times a second; on_epoch(dict); on_warning(str).
/// What they raise ends the training. Ctrl-C does so too, as KeyboardInterrupt.
struct Watchers {
  nb::object on_step;
  nb::object on_epoch;
  nb::object on_warning;
};

/// Hooks for a training that runs without the GIL. `watchers` must outlive them.
[[nodiscard]] TrainHooks hooks_of(const Watchers& watchers);

}  // namespace wta::python

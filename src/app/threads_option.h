#pragma once
#include <cstdint>

#include "wta/options.h"

namespace wta {

/// The option that every verb with work for several threads has.
inline void visit_threads(OptionVisitor& visitor, std::int64_t& threads) {
  visitor.visit({.name = "threads",
                 .help = "Worker threads; 0 means all processors. The numbers are the same for every value.",
                 .range = "0..1024",
                 .effect = Effect::run,
                 .minimum = 0,
                 .maximum = 1024},
                threads);
}

}  // namespace wta

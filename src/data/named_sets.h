#pragma once
#include "data/registry.h"
#include "wta/context.h"

namespace wta {

/// Loads a set by its registered name, from the first folder that holds its files. Throws IoError (missing;
/// says how to get it), DataError (damaged, or of other sizes than registered).
[[nodiscard]] Dataset load_named(const RegisteredDataset& entry, double hold_out_fraction,
                                 const Context& context);

}  // namespace wta

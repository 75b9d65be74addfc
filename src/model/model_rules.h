#pragma once
/// Which options do not go together. Each rule throws InvalidArgument with what it was given and what to try.

#include <string>
#include <string_view>

#include "wta/architecture.h"
#include "wta/model_options.h"
#include "wta/tensor.h"

namespace wta {

[[noreturn]] void refuse_option(std::string_view option, const std::string& rule,
                                const std::string& suggestion);

/// The network fits in the samples: images large enough for its filters.
void require_maps(const Architecture& arch, const ModelOptions& options, const Shape& sample_shape);
/// Options of one kind of model stand beside that kind alone.
void require_kind(const ModelOptions& options, const Architecture& arch, const Shape& sample_shape);
/// What sigmoid and linear units can have. The activation is resolved.
void require_plain_layer(const ModelOptions& options, const Architecture& arch);
/// Thresholds are those of rectified units. The activation is resolved.
void require_thresholds(const ModelOptions& options);
void require_k_sparse(const ModelOptions& options, const Architecture& arch);
/// Dropout of hidden units or a competition between them. The competition is resolved.
void require_no_dropped_competitors(const ModelOptions& options);

}  // namespace wta

#pragma once
/// Which instruction set the CPU kernels and oneDNN use.

#include <string_view>

namespace wta {

/// Whether this processor has the instruction set "avx2" or "avx512". Throws InvalidArgument for another
/// name.
[[nodiscard]] bool has_isa(std::string_view name);

/// Limits our own kernels (Highway) and oneDNN together: "avx2" or "avx512". To be called before the
/// first kernel runs; results are reproducible per instruction set, not across them.
/// Throws InvalidArgument for another name, or for a set that this processor lacks.
void limit_isa(std::string_view name);

/// The instruction set in use: "avx2", "avx512" or another of Highway's names on other processors.
[[nodiscard]] std::string_view active_isa();

}  // namespace wta

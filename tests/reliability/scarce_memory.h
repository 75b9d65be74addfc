#pragma once
#include <cstdint>

namespace wta::testing_support {

/// Allocations of this program, of which one can be made to fail. Linking scarce_memory.cpp replaces every
/// operator new.
enum class Shortage { once, for_good };

/// From now on the allocation `number` (from 1) fails, alone or with all that follow; 0: none does.
void fail_allocation(std::int64_t number, Shortage shortage = Shortage::once);
/// Allocations since fail_allocation().
[[nodiscard]] std::int64_t allocations();
/// Allocations that have not been freed.
[[nodiscard]] std::int64_t live_allocations();

}  // namespace wta::testing_support

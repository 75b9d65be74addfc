#pragma once
#include <cstdint>
#include <string>

namespace wta {

/// Bytes that this machine could still give to a process; 0 when it does not say.
[[nodiscard]] std::int64_t available_memory_bytes();

/// Throws MemoryError when `rows` x `cols` float32 values do not fit beside a reserve. `where` begins the
/// message, `suggestion` ends it.
void require_memory(std::int64_t rows, std::int64_t cols, const std::string& where,
                    const std::string& suggestion);

}  // namespace wta

#pragma once
#include <cstdint>
#include <string>

namespace wta {

/// Bytes that this machine could still give to a process, at most what its control groups (a container's)
/// leave it, and WTA_MEMORY_GIB (environment) where that is set; 0 when nothing says.
[[nodiscard]] std::int64_t available_memory_bytes();

/// True when so many bytes fit in memory beside a reserve, or nothing says that they do not.
[[nodiscard]] bool bytes_fit_in_memory(double bytes);
/// "1.5 GiB", "20.0 MiB" or "3.1 KiB".
[[nodiscard]] std::string bytes_text(double bytes);

/// True when `rows` x `cols` float32 values fit in memory beside a reserve, or nothing says that they do not.
[[nodiscard]] bool fits_in_memory(std::int64_t rows, std::int64_t cols);

/// What a table takes and what there is: "R x C float32 values take X GiB (and 1 GiB for the rest), Y GiB of
/// memory are free".
[[nodiscard]] std::string describe_need(std::int64_t rows, std::int64_t cols);

}  // namespace wta

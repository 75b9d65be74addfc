#pragma once
/// Work in fixed tasks. The tasks never depend on the number of threads, and each is computed by one
/// thread, so results are the same bits for any number of threads.

#include <cstdint>
#include <functional>

#include "wta/context.h"

namespace wta {

/// Throws Interrupted once context.stop asks for it.
void require_not_stopped(const Context& context);

/// Calls task(i) once for each i in [0, tasks), on context.threads threads, in no fixed order.
/// Returns when all are done. The first exception that a task throws is thrown here, after all ended; so is
/// Interrupted, when context.stop asks for it.
void parallel_for(const Context& context, std::int64_t tasks, const std::function<void(std::int64_t)>& task);

/// Calls task(begin, end) for consecutive tiles of `tile` items that cover [0, count).
void parallel_for_tiles(const Context& context, std::int64_t count, std::int64_t tile,
                        const std::function<void(std::int64_t begin, std::int64_t end)>& task);

}  // namespace wta

#include "core/parallel.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>

#include "core/worker_pool.h"
#include "wta/error.h"

namespace wta {

int available_threads() {
  cpu_set_t usable;
  CPU_ZERO(&usable);
  if (sched_getaffinity(0, sizeof usable, &usable) != 0) return 1;
  return std::max(1, CPU_COUNT(&usable));
}

void require_not_stopped(const Context& context) {
  if (context.stop != nullptr && context.stop->load(std::memory_order_relaxed) != 0) {
    throw Interrupted("stopped before the end");
  }
}

void parallel_for(const Context& context, std::int64_t tasks, const std::function<void(std::int64_t)>& task) {
  std::exception_ptr failure;
  std::mutex guard;
  std::atomic<std::int64_t> next = 0;
  const auto threads = static_cast<int>(std::min<std::int64_t>(context.threads, tasks));
  WorkerPool::shared().run(threads - 1, [&] {
    for (std::int64_t i = next++; i < tasks; i = next++) {
      try {
        require_not_stopped(context);
        task(i);
      } catch (...) {
        const std::lock_guard lock(guard);
        if (!failure) failure = std::current_exception();
      }
    }
  });
  if (failure) std::rethrow_exception(failure);
}

void parallel_for_tiles(const Context& context, std::int64_t count, std::int64_t tile,
                        const std::function<void(std::int64_t, std::int64_t)>& task) {
  parallel_for(context, (count + tile - 1) / tile,
               [&](std::int64_t i) { task(i * tile, std::min(count, (i + 1) * tile)); });
}

}  // namespace wta

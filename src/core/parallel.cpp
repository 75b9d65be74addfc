#include "core/parallel.h"

#include <omp.h>

#include <algorithm>
#include <exception>
#include <mutex>

namespace wta {

int available_threads() {
  return std::max(1, omp_get_num_procs());
}

void parallel_for(const Context& context, std::int64_t tasks, const std::function<void(std::int64_t)>& task) {
  std::exception_ptr failure;
  std::mutex guard;
  const int threads = static_cast<int>(std::min<std::int64_t>(std::max(1, context.threads), tasks));
#pragma omp parallel num_threads(std::max(1, threads))
  {
    // A team of one is not "in parallel" for the libraries below: without this they would thread again.
    omp_set_num_threads(1);
#pragma omp for schedule(dynamic, 1)
    for (std::int64_t i = 0; i < tasks; ++i) {
      try {
        task(i);
      } catch (...) {
        const std::lock_guard lock(guard);
        if (!failure) failure = std::current_exception();
      }
    }
  }
  if (failure) std::rethrow_exception(failure);
}

void parallel_for_tiles(const Context& context, std::int64_t count, std::int64_t tile,
                        const std::function<void(std::int64_t, std::int64_t)>& task) {
  parallel_for(context, (count + tile - 1) / tile,
               [&](std::int64_t i) { task(i * tile, std::min(count, (i + 1) * tile)); });
}

}  // namespace wta

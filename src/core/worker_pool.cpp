#include "core/worker_pool.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <system_error>

namespace wta {
namespace {

/// Longer than the serial work between two jobs of a training step, shorter than a time slice.
constexpr auto kLookFor = std::chrono::microseconds(100);
constexpr int kLooksPerClockRead = 32;

/// True on a thread that is inside work().
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): each thread has its own
thread_local bool inside_work = false;

void pause_briefly() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

/// Returns when value differs from `old`: looks for a while, then sleeps.
template <class T>
void wait_while_equal(const std::atomic<T>& value, T old) {
  const auto end = std::chrono::steady_clock::now() + kLookFor;
  do {
    for (int i = 0; i < kLooksPerClockRead; ++i) {
      if (value.load(std::memory_order_acquire) != old) return;
      pause_briefly();
    }
  } while (std::chrono::steady_clock::now() < end);
  value.wait(old, std::memory_order_acquire);
}

}  // namespace

WorkerPool& WorkerPool::shared() {
  static std::mutex guard;
  static std::unique_ptr<WorkerPool> pool;
  static pid_t owner = 0;
  const std::lock_guard lock(guard);
  if (owner != getpid()) {
    // After a fork the threads of the parent's pool do not exist here: they can be neither used nor joined.
    (void)pool.release();
    pool = std::make_unique<WorkerPool>();
    owner = getpid();
  }
  return *pool;
}

WorkerPool::~WorkerPool() {
  closing_ = true;
  ++job_;
  job_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WorkerPool::run(int helpers, const std::function<void()>& work) {
  std::unique_lock<std::mutex> job;
  if (helpers > 0 && !inside_work) job = std::unique_lock(owner_, std::try_to_lock);
  if (!job.owns_lock()) {
    work();
    return;
  }
  grow(helpers);
  helpers = std::min(helpers, static_cast<int>(threads_.size()));
  work_ = &work;
  finished_.store(0, std::memory_order_relaxed);
  tickets_.store(helpers, std::memory_order_release);
  job_.fetch_add(1, std::memory_order_release);
  job_.notify_all();
  inside_work = true;
  work();
  inside_work = false;
  const std::int32_t begun = helpers - tickets_.exchange(0, std::memory_order_acq_rel);
  for (std::int32_t done = 0; (done = finished_.load(std::memory_order_acquire)) != begun;) {
    wait_while_equal(finished_, done);
  }
}

/// Where the system gives no more threads, fewer will do.
void WorkerPool::grow(int helpers) {
  try {
    while (static_cast<int>(threads_.size()) < helpers) threads_.emplace_back([this] { wait_for_jobs(); });
  } catch (const std::system_error&) {
    return;
  }
}

void WorkerPool::wait_for_jobs() {
  inside_work = true;
  std::uint32_t seen = 0;
  while (true) {
    wait_while_equal(job_, seen);
    seen = job_.load(std::memory_order_acquire);
    if (closing_) return;
    if (!take_ticket()) continue;
    (*work_)();
    finished_.fetch_add(1, std::memory_order_release);
    finished_.notify_all();
  }
}

bool WorkerPool::take_ticket() {
  std::int32_t left = tickets_.load(std::memory_order_acquire);
  while (left > 0) {
    if (tickets_.compare_exchange_weak(left, left - 1, std::memory_order_acq_rel)) return true;
  }
  return false;
}

}  // namespace wta

#pragma once
/// Threads that wait for work (why our own: docs/decisions/0006).

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace wta {

/// Waiting threads look for work for some microseconds, then sleep; and a job never waits for a thread that
/// has not begun. So a busy machine costs its share of the processors, not a time slice per job.
class WorkerPool {
 public:
  /// The pool of this process; a fork gets one of its own.
  static WorkerPool& shared();

  WorkerPool() = default;
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Calls work() here and on at most `helpers` other threads; returns when every call that began has
  /// returned. work() must not throw and must end once nothing is left to do: late helpers do not begin.
  /// Runs here alone when called from inside work(), or while another thread's call is under way.
  void run(int helpers, const std::function<void()>& work);

 private:
  void grow(int helpers);
  void wait_for_jobs();
  [[nodiscard]] bool take_ticket();

  std::mutex owner_;  // of the job under way
  std::vector<std::thread> threads_;
  const std::function<void()>* work_ = nullptr;
  std::atomic<std::uint32_t> job_ = 0;      // counts jobs; a change wakes the threads
  std::atomic<std::int32_t> tickets_ = 0;   // helpers that may still begin
  std::atomic<std::int32_t> finished_ = 0;  // helpers that have returned from this job
  std::atomic<bool> closing_ = false;
};

}  // namespace wta

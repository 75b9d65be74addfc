#pragma once
/// Where and how a computation runs. Passed explicitly; nothing here changes a result.

#include <atomic>
#include <cstdint>
#include <span>

namespace wta {

enum class Device { cpu };

/// Sums and positions across the processes of one job. One implementation so far: a single process.
class Communicator {
 public:
  virtual ~Communicator() = default;
  [[nodiscard]] virtual int rank() const = 0;
  [[nodiscard]] virtual int size() const = 0;
  /// Replaces `values` by their sum over all ranks, the same bits on each.
  virtual void all_reduce_sum(std::span<float> values) = 0;
};

/// The communicator of a process that works alone.
class LocalCommunicator final : public Communicator {
 public:
  [[nodiscard]] int rank() const override { return 0; }
  [[nodiscard]] int size() const override { return 1; }
  void all_reduce_sum(std::span<float>) override {}
};

struct Context {
  Device device = Device::cpu;
  /// Worker threads, >= 1. The same numbers come out for every value.
  int threads = 1;
  /// Key of every random draw (core/rng.h).
  std::uint64_t seed = 1;
  /// Not owned; null means a process that works alone.
  Communicator* communicator = nullptr;
  /// Not owned, may be null. Once it is not 0, work that has nothing worth keeping ends with Interrupted;
  /// training has a hook of its own (TrainHooks), which saves first.
  const std::atomic<int>* stop = nullptr;
};

/// Processors that this process may use, >= 1.
[[nodiscard]] int available_threads();

}  // namespace wta

#pragma once
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "wta/tensor.h"

namespace wta {

/// Uninitialised float buffers that tasks borrow; as many exist as tasks ever ran at once.
class ScratchPool {
 public:
  /// Gives its buffer back when it goes out of scope.
  class Lease {
   public:
    Lease(ScratchPool& pool, AlignedVector<float> buffer) : pool_(pool), buffer_(std::move(buffer)) {}
    ~Lease() { pool_.give_back(std::move(buffer_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    [[nodiscard]] float* data() { return buffer_.data(); }

   private:
    ScratchPool& pool_;
    AlignedVector<float> buffer_;
  };

  [[nodiscard]] Lease borrow(std::int64_t size) {
    AlignedVector<float> buffer;
    {
      const std::lock_guard lock(guard_);
      if (!free_.empty()) {
        buffer = std::move(free_.back());
        free_.pop_back();
      } else {
        free_.reserve(++made_);
      }
    }
    if (static_cast<std::int64_t>(buffer.size()) < size) buffer.resize(static_cast<std::size_t>(size));
    return {*this, std::move(buffer)};
  }

 private:
  // There is room for every buffer by then, so that nothing can fail.
  void give_back(AlignedVector<float> buffer) noexcept {
    const std::lock_guard lock(guard_);
    free_.push_back(std::move(buffer));
  }
  std::mutex guard_;
  std::size_t made_ = 0;
  std::vector<AlignedVector<float>> free_;
};

}  // namespace wta

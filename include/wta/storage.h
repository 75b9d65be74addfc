#pragma once
/// Where the elements of a Tensor lie.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace wta {

/// Allocator of 64-byte aligned memory.
template <class T>
struct AlignedAllocator {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{64};
  AlignedAllocator() = default;
  template <class U>
  // NOLINTNEXTLINE(google-explicit-constructor): what the standard asks of an allocator
  AlignedAllocator(const AlignedAllocator<U>&) {}
  T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), kAlignment)); }
  void deallocate(T* p, std::size_t) noexcept { ::operator delete(p, kAlignment); }
  template <class U>
  bool operator==(const AlignedAllocator<U>&) const {
    return true;
  }
};

template <class T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

/// The elements of a Tensor: its own, or borrowed memory that lives as long as they (a mapped file's, say).
/// A copy always owns what it holds.
template <class T>
class Storage {
 public:
  Storage() = default;
  explicit Storage(std::int64_t size)
      : own_(static_cast<std::size_t>(size), T{}), data_(own_.data()), size_(size) {}
  Storage(std::shared_ptr<T> memory, std::int64_t size)
      : borrowed_(std::move(memory)), data_(borrowed_.get()), size_(size) {}
  Storage(const Storage& other)
      : own_(other.data_, other.data_ + other.size_), data_(own_.data()), size_(other.size_) {}
  Storage(Storage&& other) noexcept { swap(other); }
  Storage& operator=(Storage other) noexcept {
    swap(other);
    return *this;
  }
  ~Storage() = default;

  void swap(Storage& other) noexcept {
    own_.swap(other.own_);
    borrowed_.swap(other.borrowed_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }
  [[nodiscard]] T* data() const { return data_; }
  [[nodiscard]] std::int64_t size() const { return size_; }

 private:
  AlignedVector<T> own_;
  std::shared_ptr<T> borrowed_;
  T* data_ = nullptr;
  std::int64_t size_ = 0;
};

}  // namespace wta

#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace wta {

/// Objects that tasks borrow, made when none is free; as many exist as tasks ever ran at once. What a task
/// leaves in one, the next finds there.
template <class T>
class ObjectPool {
 public:
  explicit ObjectPool(std::function<std::unique_ptr<T>()> make) : make_(std::move(make)) {}

  /// Gives its object back when it goes out of scope.
  class Lease {
   public:
    Lease(ObjectPool& pool, std::unique_ptr<T> object) : pool_(pool), object_(std::move(object)) {}
    ~Lease() { pool_.give_back(std::move(object_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    [[nodiscard]] T& operator*() { return *object_; }
    [[nodiscard]] T* operator->() { return object_.get(); }

   private:
    ObjectPool& pool_;
    std::unique_ptr<T> object_;
  };

  [[nodiscard]] Lease borrow() {
    {
      const std::lock_guard lock(guard_);
      if (!free_.empty()) {
        std::unique_ptr<T> object = std::move(free_.back());
        free_.pop_back();
        return {*this, std::move(object)};
      }
      free_.reserve(++made_);
    }
    return {*this, make_()};
  }

 private:
  // There is room for every object by then, so that nothing can fail.
  void give_back(std::unique_ptr<T> object) noexcept {
    const std::lock_guard lock(guard_);
    free_.push_back(std::move(object));
  }
  std::function<std::unique_ptr<T>()> make_;
  std::mutex guard_;
  std::size_t made_ = 0;
  std::vector<std::unique_ptr<T>> free_;
};

}  // namespace wta

#include "reliability/scarce_memory.h"

#include <execinfo.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <string_view>

namespace wta::testing_support {
namespace {

// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables): operator new reaches nothing else
std::atomic<std::int64_t> made = 0;
std::atomic<std::int64_t> live = 0;
std::atomic<std::int64_t> failing = 0;
std::atomic<bool> for_good = false;
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)

// nlohmann::json and toml++ do not survive lack of memory: destructors that allocate, functions that must not
// throw and do, constructors that throw and leak. Their own allocations never fail here; the tool keeps a
// reserve for them (cli/console.h).
bool is_of_parser() {
  constexpr int kNearest = 8;
  static constexpr std::array<std::string_view, 3> kParsers = {"8nlohmann", "4toml2v3", "libtomlplusplus"};
  std::array<void*, kNearest> frames{};
  const int count = backtrace(frames.data(), kNearest);
  char** names = backtrace_symbols(frames.data(), count);
  const bool found = std::any_of(names, names + count, [](const std::string_view name) {
    return std::ranges::any_of(kParsers,
                               [&](std::string_view parser) { return name.find(parser) != name.npos; });
  });
  std::free(names);
  return found;
}

bool fails() {
  const std::int64_t number = ++made;
  const std::int64_t first = failing;
  return first > 0 && (for_good ? number >= first : number == first) && !is_of_parser();
}

void* allocate(std::size_t size, std::size_t alignment) {
  if (fails()) return nullptr;
  // aligned_alloc wants a multiple of the alignment.
  const std::size_t bytes = (std::max<std::size_t>(size, 1) + alignment - 1) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, bytes);
  if (memory != nullptr) ++live;
  return memory;
}

void* require(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void release(void* memory) noexcept {
  if (memory != nullptr) --live;
  std::free(memory);
}

}  // namespace

void fail_allocation(std::int64_t number, Shortage shortage) {
  failing = 0;
  for_good = shortage == Shortage::for_good;
  made = 0;
  failing = number;
}

std::int64_t allocations() {
  return made;
}

std::int64_t live_allocations() {
  return live;
}

}  // namespace wta::testing_support

namespace {
constexpr std::size_t kUsual = alignof(std::max_align_t);
}

using wta::testing_support::allocate;
using wta::testing_support::release;
using wta::testing_support::require;

void* operator new(std::size_t size) {
  return require(allocate(size, kUsual));
}
void* operator new[](std::size_t size) {
  return require(allocate(size, kUsual));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return require(allocate(size, static_cast<std::size_t>(alignment)));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return require(allocate(size, static_cast<std::size_t>(alignment)));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size, kUsual);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size, kUsual);
}
void operator delete(void* memory) noexcept {
  release(memory);
}
void operator delete[](void* memory) noexcept {
  release(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  release(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  release(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  release(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  release(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  release(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
  release(memory);
}

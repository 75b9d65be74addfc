#include "cli/console.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <span>

#include "io/descriptor.h"
#include "wta/error.h"

namespace wta::cli {
namespace {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): a signal handler reaches nothing else
std::atomic<int> signal_received{0};
static_assert(std::atomic<int>::is_always_lock_free);

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): nor does a handler of lack of memory
std::atomic<void*> reserve{nullptr};

[[noreturn]] void on_no_memory() {
  std::free(reserve.exchange(nullptr));
  throw std::bad_alloc();
}

void on_signal(int number) {
  if (signal_received.exchange(number) != 0) _exit(128 + number);
}

int code_of(const std::exception& error) {
  if (dynamic_cast<const InvalidArgument*>(&error) != nullptr) return kUsage;
  if (dynamic_cast<const DataError*>(&error) != nullptr) return kBadData;
  if (dynamic_cast<const IoError*>(&error) != nullptr) return kIo;
  if (dynamic_cast<const std::filesystem::filesystem_error*>(&error) != nullptr) return kIo;
  if (dynamic_cast<const MemoryError*>(&error) != nullptr) return kMemory;
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return kMemory;
  if (dynamic_cast<const DivergedError*>(&error) != nullptr) return kDiverged;
  return kInternal;
}

// Takes no memory, as there is none.
void report_no_memory() {
  std::fputs(
      "wta: error: memory: the work must fit in memory; the system gave no more of it. Try: a smaller "
      "--batch, fewer units in --arch, or fewer samples.\n",
      stderr);
}

}  // namespace

void reserve_memory_for_errors() {
  constexpr std::size_t kBytes = 1 << 16;  // small enough for malloc to give it to others
  reserve = std::malloc(kBytes);
  std::set_new_handler(on_no_memory);
}

void print_result(const std::string& line) {
  const std::string text = line + '\n';
  if (write_all(STDOUT_FILENO, std::as_bytes(std::span(text)))) return;
  const std::string reason = system_reason();
  throw IoError(fmt::format("stdout: the result could not be written: {}. Try: free disk space.", reason));
}

void print_message(const std::string& line) {
  std::fputs((line + '\n').c_str(), stderr);
}

void print_warning(const std::string& text) {
  print_message("wta: warning: " + text);
}

bool messages_on_terminal() {
  return isatty(STDERR_FILENO) == 1;
}

int report_error(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
    report_no_memory();
  } else {
    print_message(fmt::format("wta: error: {}", error.what()));
  }
  return code_of(error);
}

const std::atomic<int>& stop_signal() {
  return signal_received;
}

int exit_code_of_stop() {
  constexpr int kOfSignals = 128;
  return kOfSignals + signal_received.load();
}

void catch_stop_signals() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

}  // namespace wta::cli

#include "cli/console.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <new>

#include "wta/error.h"

namespace wta::cli {
namespace {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): a signal handler reaches nothing else
std::atomic<int> signal_received{0};
static_assert(std::atomic<int>::is_always_lock_free);

void on_signal(int number) {
  if (signal_received.exchange(number) != 0) _exit(128 + number);
}

void write_line(std::FILE* stream, const std::string& line) {
  const std::string text = line + '\n';
  const bool written = std::fwrite(text.data(), 1, text.size(), stream) == text.size();
  if (!written || std::fflush(stream) != 0)
    throw IoError("stdout: the result could not be written. Try: free disk space.");
}

}  // namespace

void print_result(const std::string& line) {
  write_line(stdout, line);
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
  print_message(fmt::format("wta: error: {}", error.what()));
  if (dynamic_cast<const InvalidArgument*>(&error) != nullptr) return kUsage;
  if (dynamic_cast<const DataError*>(&error) != nullptr) return kBadData;
  if (dynamic_cast<const IoError*>(&error) != nullptr) return kIo;
  if (dynamic_cast<const MemoryError*>(&error) != nullptr) return kMemory;
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return kMemory;
  if (dynamic_cast<const DivergedError*>(&error) != nullptr) return kDiverged;
  return kInternal;
}

const std::atomic<int>& stop_signal() {
  return signal_received;
}

void catch_stop_signals() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

}  // namespace wta::cli

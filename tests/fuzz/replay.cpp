/// Hands every file of a corpus to its target: fuzz_corpus FOLDER. The last line counts them.

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>

#include "fuzz/targets.h"
#include "io/read_file.h"

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

// The most memory that the process had at a time.
long peak_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// True unless something but a refusal escapes, or the input takes more than a second or 256 MiB.
bool passes(const wta::fuzz::Target& target, const fs::path& file) {
  constexpr std::chrono::seconds kMost{1};
  constexpr long kMostKib = 256 * 1024;
  const std::vector<std::byte> input = wta::read_file(file);
  const long before = peak_kib();
  const auto begin = std::chrono::steady_clock::now();
  try {
    (void)target.run(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", file.c_str(), error.what());
    return false;
  }
  const bool in_time = std::chrono::steady_clock::now() - begin <= kMost;
  if (in_time && peak_kib() - before <= kMostKib) return true;
  std::fprintf(stderr, "%s: more than %s\n", file.c_str(), in_time ? "256 MiB" : "a second");
  return false;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: fuzz_corpus FOLDER\n", stderr);
    return 2;
  }
  long inputs = 0;
  long failures = 0;
  for (const wta::fuzz::Target& target : wta::fuzz::targets()) {
    for (const fs::path& file : files_in(fs::path(arguments[1]) / target.name)) {
      ++inputs;
      if (!passes(target, file)) ++failures;
    }
  }
  std::printf("%ld cases, %ld failures\n", inputs, failures);
  return failures == 0 && inputs > 0 ? 0 : 1;
}

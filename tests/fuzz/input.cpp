#include "fuzz/input.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace wta::fuzz {
namespace {

namespace fs = std::filesystem;

void require(bool worked, const char* what) {
  if (worked) return;
  std::perror(what);
  std::abort();
}

fs::path folder_in_memory() {
  const fs::path shared = "/dev/shm";
  std::error_code none;
  return fs::is_directory(shared, none) ? shared : fs::temp_directory_path();
}

}  // namespace

void require_named(const Error& refusal, std::string_view where) {
  if (std::string_view(refusal.what()).starts_with(where)) return;
  std::fprintf(stderr, "a refusal must begin with '%s'; got: %s\n", std::string(where).c_str(),
               refusal.what());
  std::abort();
}

InputFolder::InputFolder() {
  std::string name = (folder_in_memory() / "wta-fuzz-XXXXXX").string();
  require(mkdtemp(name.data()) != nullptr, "mkdtemp");
  path_ = name;
}

InputFolder::~InputFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void InputFolder::write(const std::string& name, std::span<const std::byte> bytes) const {
  const fs::path file = path_ / name;
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

Parts cut_line(std::span<const std::byte> bytes) {
  const auto end = std::ranges::find(bytes, std::byte{'\n'});
  const auto length = static_cast<std::size_t>(end - bytes.begin());
  return {.first = bytes.first(length), .rest = bytes.subspan(std::min(bytes.size(), length + 1))};
}

std::vector<std::byte> safetensors_of(std::span<const std::byte> bytes) {
  const auto [header, data] = cut_line(bytes);
  const std::uint64_t length = header.size();
  std::vector<std::byte> file(sizeof(length) + header.size() + data.size());
  std::memcpy(file.data(), &length, sizeof(length));
  const auto behind = std::ranges::copy(header, file.begin() + sizeof(length)).out;
  std::ranges::copy(data, behind);
  return file;
}

}  // namespace wta::fuzz
